//! Finds what a person would point at: a field by its label, a button or a link by its text.

use anyhow::bail;
use serde_json::{Value, json};
use thirtyfour::{WebDriver, WebElement};

const FIND: &str = concat!(include_str!("names.js"), include_str!("find.js"));

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A text field, list, radio button or tick box.
    Field,
    /// One entry of a list.
    Option,
    /// A button, or a line that unfolds what is below it.
    Button,
    /// A link.
    Link,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Field => "field",
            Self::Option => "option",
            Self::Button => "button",
            Self::Link => "link",
        }
    }
}

/// The thing of this kind and name, on the page or within one element of it.
///
/// The sentence of a failure lists what there is instead.
pub(super) async fn find(
    driver: &WebDriver,
    kind: Kind,
    name: &str,
    within: Option<&WebElement>,
) -> anyhow::Result<WebElement> {
    let within = within.map_or(Ok(Value::Null), WebElement::to_json)?;
    let found = driver.execute(FIND, vec![json!(kind.word()), json!(name), within]).await?;
    if let Value::Array(names) = found.json() {
        let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
        let (word, page) = (kind.word(), driver.current_url().await?);
        bail!("There is no {word} {name:?} on {page}. There are: {names:?}.");
    }
    Ok(found.element()?)
}
