//! The page with the keyboard alone: what Tab reaches, in which order, and whether it shows.

use serde::Deserialize;
use thirtyfour::Key;

use super::Browser;

const BEGIN: &str = concat!(include_str!("look.js"), include_str!("walk_begin.js"));
const MISSED: &str = concat!(include_str!("names.js"), include_str!("walk_missed.js"));
const STEP: &str = concat!(include_str!("names.js"), include_str!("look.js"), include_str!("walk_step.js"));

/// More steps than any page of ours has things to reach: beyond it, the walk is going in circles.
const FARTHEST: usize = 500;

/// Where one press of Tab led.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase", tag = "at")]
enum Step {
    /// Out of the page, or round to its first thing again.
    End,
    /// Back to something in the middle: a trap.
    Trap { name: String },
    /// To something new.
    Thing { name: String, shows: bool },
}

impl Browser {
    /// Walks the page from its top with Tab and returns the name of each thing reached, in order.
    ///
    /// Fails when the focus cannot be seen on one of them (WCAG 2.2, 2.4.7), when one has no name
    /// (4.1.2), or when Tab cannot leave a part of the page (2.1.2).
    pub async fn tab_order(&self) -> anyhow::Result<Vec<String>> {
        self.driver.execute(BEGIN, Vec::new()).await?;
        let (mut reached, mut hidden) = (Vec::new(), Vec::new());
        while reached.len() < FARTHEST {
            self.driver.action_chain().send_keys(Key::Tab).perform().await?;
            match self.ask(STEP).await? {
                Step::End => {
                    anyhow::ensure!(hidden.is_empty(), "The focus cannot be seen on {hidden:?}.");
                    return Ok(reached);
                }
                Step::Trap { name } => anyhow::bail!("Tab leads back to {name:?} for ever."),
                Step::Thing { name, .. } if name.is_empty() => {
                    anyhow::bail!("What Tab reaches after {:?} has no name.", reached.last());
                }
                Step::Thing { name, shows } => {
                    if !shows {
                        hidden.push(name.clone());
                    }
                    reached.push(name);
                }
            }
        }
        anyhow::bail!("Tab finds no end on this page.")
    }

    /// Walks the page as [`Browser::tab_order`] does, and also fails when something that can be
    /// seen and used was not reached (WCAG 2.2, 2.1.1).
    pub async fn assert_usable_by_keyboard(&self) -> anyhow::Result<()> {
        let reached = self.tab_order().await?;
        anyhow::ensure!(!reached.is_empty(), "Tab reaches nothing on this page.");
        let missed: Vec<String> = self.ask(MISSED).await?;
        anyhow::ensure!(missed.is_empty(), "Tab does not reach {missed:?}.");
        Ok(())
    }
}
