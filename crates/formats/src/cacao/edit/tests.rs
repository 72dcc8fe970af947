//! Whatever is changed in a real playbook, it can still be followed to its end, and what was not changed is as it was.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{
    At, Direction, Kind, Refused, Way, add, add_branch, begin, doomed, remove, remove_branch, shift, ways,
};
use crate::cacao::Playbook;

/// Our own playbooks: every kind of step but a choice, four deep.
fn ours() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/playbooks");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let texts = files.filter(|path| path.is_file()).map(|path| fs::read_to_string(path).unwrap());
    texts.map(|text| serde_json::from_str(&text).unwrap()).collect()
}

/// Makes ids that are all different.
fn ids() -> impl FnMut(&str) -> String + Send {
    let mut count = 0_u32;
    move |kind| {
        count += 1;
        format!("{kind}--00000000-0000-4000-8000-{count:012x}")
    }
}

/// What keeps it from being followed.
fn wrong(document: &Value) -> Vec<String> {
    let (_, findings) = Playbook::examine(&document.to_string());
    findings.iter().map(ToString::to_string).collect()
}

fn ids_of(document: &Value) -> Vec<String> {
    document["workflow"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn any_step_can_be_taken_out_and_what_is_left_can_be_followed() {
    for document in ours() {
        for id in ids_of(&document) {
            let mut changed = document.clone();
            match remove(&mut changed, &id, &mut ids()) {
                Ok(gone) => {
                    assert_eq!(gone[0], id);
                    assert_eq!(doomed(&document, &id).unwrap(), gone);
                    assert_eq!(wrong(&changed), Vec::<String>::new(), "{id}");
                    for (kept, step) in changed["workflow"].as_object().unwrap() {
                        let was = &document["workflow"][kept];
                        assert!(was.is_null() || step["name"] == was["name"], "{kept}");
                    }
                }
                Err(refused) => assert!(refused == Refused::Fixed && !id.starts_with("action"), "{id}"),
            }
        }
    }
}

#[test]
fn any_step_can_be_moved_down_and_is_moved_up_to_where_it_was() {
    let mut moved = 0;
    for document in ours() {
        for id in ids_of(&document) {
            let mut changed = document.clone();
            match shift(&mut changed, &id, Direction::Down, &mut ids()) {
                Ok(()) => {
                    moved += 1;
                    assert_ne!(changed, document, "{id}");
                    assert_eq!(wrong(&changed), Vec::<String>::new(), "{id}");
                    shift(&mut changed, &id, Direction::Up, &mut ids()).unwrap();
                    assert_eq!(changed["workflow_start"], document["workflow_start"]);
                    let names = |document: &Value| -> Vec<String> {
                        let playbook = Playbook::read(document.to_string().as_bytes()).unwrap();
                        playbook.flow().iter().map(|block| block.step.id.clone()).collect()
                    };
                    assert_eq!(names(&changed), names(&document), "{id}");
                }
                Err(refused) => assert!(matches!(refused, Refused::Last | Refused::Fixed | Refused::Joined)),
            }
        }
    }
    assert!(moved > 100, "{moved}");
}

#[test]
fn a_step_is_added_behind_any_other_and_at_the_beginning_of_any_branch() {
    for document in ours() {
        for id in ids_of(&document).iter().filter(|id| !id.starts_with("end--")) {
            let mut places = vec![At::After(id.clone())];
            let out = ways(&document["workflow"][id]);
            places.extend(out.into_iter().map(|(way, _)| At::Within(id.clone(), way)));
            for at in places {
                for kind in [Kind::Action, Kind::Question, Kind::Repeat, Kind::Parallel, Kind::Choice] {
                    let (mut changed, mut new_id) = (document.clone(), ids());
                    let added = add(&mut changed, &at, (kind, "New"), &mut new_id).unwrap();
                    if kind == Kind::Choice {
                        add_branch(&mut changed, &added, "One", &mut new_id).unwrap();
                        assert_eq!(add_branch(&mut changed, &added, "One", &mut new_id), Err(Refused::Twice));
                    }
                    let said = wrong(&changed);
                    let only_empty = said.iter().all(|each| each.contains("A manual command says nothing"));
                    assert!(
                        only_empty && said.len() == usize::from(kind == Kind::Action),
                        "{at:?}: {said:?}"
                    );
                    // Taken out again, nothing is left of it but an end where there was none.
                    remove(&mut changed, &added, &mut new_id).unwrap();
                    assert_eq!(changed["playbook_variables"], document["playbook_variables"]);
                    assert_eq!(wrong(&changed), Vec::<String>::new());
                }
            }
        }
    }
}

#[test]
fn branches_come_and_go_and_two_stay() {
    let mut new_id = ids();
    let mut document = ours().remove(0);
    let start = document["workflow_start"].as_str().unwrap().to_owned();
    let fork = add(&mut document, &At::After(start), (Kind::Parallel, "Both"), &mut new_id).unwrap();
    assert_eq!(remove_branch(&mut document, &fork, &Way::Branch(0)), Err(Refused::TwoAtLeast));
    add_branch(&mut document, &fork, "", &mut new_id).unwrap();
    let within = At::Within(fork.clone(), Way::Branch(2));
    let third = add(&mut document, &within, (Kind::Question, "Third?"), &mut new_id).unwrap();
    let gone = remove_branch(&mut document, &fork, &Way::Branch(2)).unwrap();
    assert!(gone.contains(&third) && wrong(&document).is_empty(), "{gone:?}");
    let asked = document["playbook_variables"].to_string();
    assert!(!asked.contains("Third?"), "what only it asked about is gone: {asked}");
    assert_eq!(remove_branch(&mut document, &fork, &Way::Yes), Err(Refused::NoWay));

    let question = add(&mut document, &At::After(fork), (Kind::Question, "Is it?"), &mut new_id).unwrap();
    let no = At::Within(question.clone(), Way::No);
    let added = add(&mut document, &no, (Kind::Parallel, "Else"), &mut new_id).unwrap();
    assert_eq!(document["workflow"][&question]["on_false"], json!(added));
    assert_eq!(remove_branch(&mut document, &question, &Way::Yes), Err(Refused::Needed));
    assert!(remove_branch(&mut document, &question, &Way::No).unwrap().contains(&added));
    assert!(wrong(&document).is_empty());
}

#[test]
fn the_only_step_stays_and_a_new_playbook_can_be_begun() {
    let mut document = json!({});
    let mut new_id = ids();
    begin(&mut document, &mut new_id).unwrap();
    let start = document["workflow_start"].as_str().unwrap().to_owned();
    let first = add(&mut document, &At::After(start), (Kind::Action, "Ring"), &mut new_id).unwrap();
    assert_eq!(remove(&mut document, &first, &mut new_id), Err(Refused::Only));
    assert_eq!(shift(&mut document, &first, Direction::Up, &mut new_id), Err(Refused::First));
    assert_eq!(shift(&mut document, &first, Direction::Down, &mut new_id), Err(Refused::Last));
    assert_eq!(remove(&mut json!([]), &first, &mut new_id), Err(Refused::NoPlaybook));
}

#[test]
fn a_branch_that_leads_straight_on_leads_to_what_comes_next() {
    let id = |kind: &str, number: u32| format!("{kind}--10000000-0000-4000-8000-{number:012x}");
    let mut document = json!({"workflow_start": id("start", 1), "workflow": {
        id("start", 1): {"type": "start", "on_completion": id("if-condition", 2)},
        id("if-condition", 2): {"type": "if-condition", "on_true": id("action", 3), "on_completion": id("action", 4)},
        id("action", 3): {"type": "action", "on_completion": id("action", 4)},
        id("action", 4): {"type": "action", "on_completion": id("action", 5)},
        id("action", 5): {"type": "action", "on_completion": id("end", 6)},
        id("end", 6): {"type": "end"},
    }});
    let next =
        |document: &Value, of: &str| document["workflow"][of]["on_completion"].as_str().unwrap().to_owned();
    let mut added = document.clone();
    let at = At::After(id("if-condition", 2));
    let new = add(&mut added, &at, (Kind::Action, "New"), &mut ids()).unwrap();
    assert_eq!([next(&added, &id("action", 3)), next(&added, &id("if-condition", 2))], [new.clone(), new]);
    shift(&mut document, &id("if-condition", 2), Direction::Down, &mut ids()).unwrap();
    let order = [id("start", 1), id("action", 4), id("if-condition", 2), id("action", 3)];
    let then = [id("action", 4), id("if-condition", 2), id("action", 5), id("action", 5)];
    assert_eq!(order.map(|each| next(&document, &each)), then);
}
