//! Whether everybody can use the page: axe-core's rules for WCAG 2.2 AA, and reflow at 400 %.

use anyhow::Context as _;
use serde::Deserialize;

use super::{Browser, Size};

/// Runs axe over the page. The tags add up: each version of WCAG names only what it added.
const RUN: &str = r"
const done = arguments[arguments.length - 1];
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] })
  .then(result => done({ violations: result.violations }), error => done({ error: String(error) }));
";

/// What sticks out to the right, leaving out what may scroll by itself, such as a wide table.
const TOO_WIDE: &str = r"
const room = document.documentElement.clientWidth;
if (document.scrollingElement.scrollWidth <= room) return [];
const scrolls = thing => ['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(thing).overflowX);
const kept = thing => thing.parentElement && thing.parentElement !== document.body &&
  (scrolls(thing.parentElement) || kept(thing.parentElement));
const wide = [...document.body.querySelectorAll('*')]
  .filter(thing => thing.getBoundingClientRect().right > room + 1 && !kept(thing))
  .map(thing => thing.outerHTML.slice(0, 120));
return wide.length ? wide : ['the page, which is ' + document.scrollingElement.scrollWidth + ' wide'];
";

#[derive(Deserialize)]
struct Verdict {
    #[serde(default)]
    violations: Vec<Violation>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Violation {
    id: String,
    help: String,
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    html: String,
    failure_summary: Option<String>,
}

impl Browser {
    /// Fails with every breach of WCAG 2.2 AA that axe-core finds on the page.
    pub async fn assert_accessible(&self) -> anyhow::Result<()> {
        // A script that WebDriver brings is not the page's, so the strictest CSP lets it in.
        self.driver.execute(axe()?, Vec::new()).await.context("axe-core did not load.")?;
        let verdict: Verdict = self.driver.execute_async(RUN, Vec::new()).await?.convert()?;
        if let Some(error) = verdict.error {
            anyhow::bail!("axe-core did not finish: {error}");
        }
        let told: String = verdict.violations.iter().map(Violation::tell).collect();
        let url = self.url().await?;
        anyhow::ensure!(told.is_empty(), "{url} is not accessible to all:{told}");
        Ok(())
    }

    /// Makes the page as narrow as a desk's screen zoomed to 400 %.
    pub async fn zoom_400(&self) -> anyhow::Result<()> {
        self.resize(Size::Zoomed).await
    }

    /// Fails when reading the page needs scrolling sideways, naming what sticks out.
    pub async fn assert_no_sideways_scroll(&self) -> anyhow::Result<()> {
        let wide: Vec<String> = self.ask(TOO_WIDE).await?;
        let url = self.url().await?;
        anyhow::ensure!(wide.is_empty(), "{url} is wider than its window: {wide:#?}");
        Ok(())
    }
}

impl Violation {
    fn tell(&self) -> String {
        let places = self.nodes.iter().map(|node| {
            let summary = node.failure_summary.as_deref().unwrap_or_default();
            format!("\n    {}\n      {}", node.html, summary.replace('\n', "\n      "))
        });
        format!("\n  {}: {}{}", self.id, self.help, places.collect::<String>())
    }
}

/// The source of axe-core, as it is vendored.
fn axe() -> anyhow::Result<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vendor/axe-core/axe.min.js");
    std::fs::read_to_string(path).context("vendor/axe-core/axe.min.js cannot be read.")
}
