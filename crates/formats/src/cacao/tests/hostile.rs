//! Documents of people who mean harm, or of programs that went wrong.

use serde_json::json;

use super::{Playbook, id, read, whole};
use crate::cacao::{DEEPEST, LARGEST, MOST_STEPS};

fn refused(bytes: &[u8]) -> String {
    Playbook::read(bytes).expect_err("it is refused")[0].reason.clone()
}

#[test]
fn what_is_no_json_is_refused_on_its_line() {
    let found = Playbook::read(b"{\n\"type\": \"playbook\",\n oh").unwrap_err();
    assert_eq!(found[0].line, 3);
    assert!(found[0].reason.starts_with("This is not the JSON of a playbook: "), "{found:?}");
    assert!(!found[0].reason.contains("at line"), "{found:?}");
    assert!(refused(b"").starts_with("This is not the JSON"));
    assert!(refused(b"\xff\xfe").contains("UTF-8"));
    assert!(refused(b"[]").contains("has to be of type object"));
    assert!(refused(b"{} {}").starts_with("This is not the JSON"));
}

#[test]
fn a_name_that_stands_twice_and_a_nul_are_refused() {
    let text = serde_json::to_string_pretty(&whole()).unwrap();
    let nul = text.replacen("\"name\": \"Ring\"", "\"name\": \"Ri\\u0000ng\"", 1);
    assert!(refused(nul.as_bytes()).contains("a text has a NUL in it"));
    let twice = text.replacen("\"name\": \"Ring\"", "\"name\": \"Ring\",\n\"n\\u0061me\": \"Run\"", 1);
    assert!(refused(twice.as_bytes()).contains("“name” stands twice"));
}

#[test]
fn size_depth_and_number_of_steps_are_bounded() {
    assert!(refused(&vec![b' '; LARGEST + 1]).contains("larger than 1 MiB"));
    let deep = "[".repeat(DEEPEST + 2) + &"]".repeat(DEEPEST + 2);
    assert!(refused(deep.as_bytes()).contains("nested too deeply"));
    assert!(refused("[".repeat(LARGEST).as_bytes()).starts_with("This is not the JSON"));
    let mut playbook = whole();
    for number in 0..MOST_STEPS {
        playbook["workflow"][id("end", 1_000 + u32::try_from(number).unwrap())] = json!({"type": "end"});
    }
    assert!(read(&playbook).unwrap_err()[0].reason.contains("more than 500 steps"));
}

#[test]
fn branches_within_branches_are_followed_to_the_last() {
    let (end, deep) = (id("end", 3), 480);
    let mut steps = serde_json::Map::new();
    steps.insert(id("start", 1), json!({"type": "start", "on_completion": id("if-condition", 1_000)}));
    steps.insert(end.clone(), json!({"type": "end"}));
    for number in 1_000..1_000 + deep {
        let within = if number + 1 == 1_000 + deep { end.clone() } else { id("if-condition", number + 1) };
        let condition = "__bad__:value = 'yes'";
        let step =
            json!({"type": "if-condition", "condition": condition, "on_true": within, "on_completion": end});
        steps.insert(id("if-condition", number), step);
    }
    let mut playbook = whole();
    playbook["workflow"] = steps.into();
    let playbook = read(&playbook).unwrap();
    let (mut depth, mut blocks) = (0, playbook.flow());
    while let Some(block) = blocks.into_iter().next() {
        depth += 1;
        blocks = block.branches.into_iter().next().map(|branch| branch.blocks).unwrap_or_default();
    }
    assert_eq!(depth, deep);
}
