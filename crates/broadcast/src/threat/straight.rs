//! What sources say without characters that turn the direction of writing: with them a name in a list looks
//! like another's. The words of the source stay as they came.

use std::borrow::Cow;

use formats::direction;

use super::Said;

/// The same statement with every text that people read written straight on.
pub(super) fn straight(said: &Said) -> Said {
    let mut said = said.clone();
    let Said { title, summary, by, number, vendor, product, required_action, notes, .. } = &mut said;
    for text in [title, summary, by, number, vendor, product, required_action, notes] {
        straighten(text);
    }
    let lists = [&mut said.aliases, &mut said.tactics, &mut said.weaknesses, &mut said.mitigations];
    lists.into_iter().flatten().for_each(straighten);
    said.products.iter_mut().for_each(|product| straighten(&mut product.name));
    said.scores.iter_mut().for_each(|scored| straighten(&mut scored.by));
    said.assessed.iter_mut().for_each(|assessed| straighten(&mut assessed.by));
    if let Some(device) = &mut said.device {
        [&mut device.vendor, &mut device.model, &mut device.because].into_iter().for_each(straighten);
    }
    said
}

fn straighten(text: &mut String) {
    if let Cow::Owned(straight) = direction::straight(text) {
        *text = straight;
    }
}
