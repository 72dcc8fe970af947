//! Each construct, and what lies in each other.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    super::{Answer::*, Effect, Event, MOST_ROUNDS, Opens, Refused, Standing, Within},
    Following, id, playbook,
};

/// Steps by their names: `kind number name`, what it has, where each property that names steps leads by number.
#[derive(Default)]
struct Steps(BTreeMap<String, Value>);

const KINDS: &[(char, &str)] = &[
    ('a', "action"),
    ('e', "end"),
    ('p', "parallel"),
    ('i', "if-condition"),
    ('w', "while-condition"),
    ('s', "switch-condition"),
    ('b', "playbook-action"),
];

/// The id of what is called so: `a1` is the action 1.
fn of(name: &str) -> String {
    let (kind, number) = name.split_at(1);
    let kind = KINDS.iter().find(|(sign, _)| kind.starts_with(*sign)).unwrap().1;
    id(kind, number.parse().unwrap())
}

impl Steps {
    /// A step, and where its properties lead: `"on_true a2"`.
    fn with(mut self, name: &str, leads: &[&str]) -> Self {
        let mut step = json!({"name": name});
        if name.starts_with(['i', 'w']) {
            step["condition"] = json!("__x__:value = 'yes'");
        }
        if name.starts_with('s') {
            step["switch"] = json!("__x__:value");
        }
        if name.starts_with('b') {
            step["playbook_id"] = json!(id("playbook", 77));
        }
        for lead in leads {
            let (property, to) = lead.split_once(' ').unwrap();
            match property.split_once('.') {
                Some((outer, inner)) => step[outer][inner] = json!(of(to)),
                None if property == "next_steps" => {
                    step[property] = to.split(' ').map(of).collect();
                }
                None => step[property] = json!(of(to)),
            }
        }
        self.0.insert(of(name), step);
        self
    }

    fn ends(mut self, numbers: &[usize]) -> Self {
        for number in numbers {
            self.0.insert(id("end", *number), json!({}));
        }
        self
    }

    fn set(mut self, name: &str, property: &str, value: Value) -> Self {
        self.0.get_mut(&of(name)).unwrap()[property] = value;
        self
    }

    fn follow(self, first: &str) -> Following {
        self.follow_with(first, &json!({"__x__": {"type": "string", "constant": false}}), None)
    }

    fn follow_with(self, first: &str, variables: &Value, exception: Option<&str>) -> Following {
        let exception = exception.map(of);
        Following::begin(playbook(&of(first), self.0, variables, exception.as_deref()))
    }
}

#[test]
fn one_step_comes_after_the_other() {
    let steps =
        Steps::default().with("a1", &["on_completion b2"]).with("b2", &["on_completion e9"]).ends(&[9]);
    let mut run = steps.follow("a1");
    assert_eq!(run.now(), ["a1"]);
    run.done("a1");
    assert_eq!(run.now(), ["b2"], "another playbook is a task of somebody");
    run.tell(Event::Skipped(run.visit("b2"))).unwrap();
    assert!(run.is_at_its_end());
    assert_eq!(run.effects, [Effect::Ended]);
    assert_eq!(run.tell(Event::Done(1)), Err(Refused::Over));
}

#[test]
fn what_is_told_twice_or_of_something_else_is_refused() {
    let steps = Steps::default()
        .with("a1", &["on_completion i2"])
        .with("i2", &["on_true a3", "on_completion e9"])
        .with("a3", &["on_completion e8"])
        .ends(&[8, 9]);
    let mut run = steps.follow("a1");
    assert_eq!(run.tell(Event::Begin), Err(Refused::Begun));
    assert_eq!(run.tell(Event::Done(7)), Err(Refused::NotOpen));
    assert_eq!(run.tell(Event::Answered(1, Yes)), Err(Refused::NotOpen));
    run.done("a1");
    assert_eq!(run.tell(Event::Done(1)), Err(Refused::NotOpen), "it was done");
    let question = run.visit("i2");
    assert_eq!(run.tell(Event::Done(question)), Err(Refused::NotOpen), "a question is answered");
    assert_eq!(run.tell(Event::Answered(question, Case("a".into()))), Err(Refused::NoSuchAnswer));
    run.tell(Event::Stop).unwrap();
    assert_eq!(run.state.standing(), Standing::Stopped);
    assert!(run.state.tokens().is_empty());
    assert_eq!(super::State::default().apply(&run.playbook, Event::Stop).unwrap_err(), Refused::NotOpen);
}

#[test]
fn all_branches_have_to_end_before_it_goes_on() {
    let steps = Steps::default()
        .with("p1", &["next_steps a2 a3 a4", "on_completion a5"])
        .with("a2", &["on_completion a6"])
        .with("a6", &["on_completion e7"])
        .with("a3", &["on_completion e8"])
        .with("a4", &["on_completion e9"])
        .with("a5", &["on_completion e10"])
        .ends(&[7, 8, 9, 10]);
    let mut run = steps.follow("p1");
    assert_eq!(run.now(), ["a2", "a3", "a4"]);
    assert_eq!(run.open[&run.visit("a3")].2[0].within, Within::Fork { branch: 2, of: 3 });
    for name in ["a3", "a2", "a4"] {
        run.done(name);
        assert!(!run.now().contains(&"a5"));
    }
    run.done("a6");
    assert_eq!(run.now(), ["a5"]);
    run.done("a5");
    assert!(run.is_at_its_end());
}

#[test]
fn a_step_that_branches_share_comes_once_in_each() {
    let steps = Steps::default()
        .with("p1", &["next_steps a2 a3", "on_completion a5"])
        .with("a2", &["on_completion a4"])
        .with("a3", &["on_completion a4"])
        .with("a4", &["on_completion e8"])
        .with("a5", &["on_completion e9"])
        .ends(&[8, 9]);
    let mut run = steps.follow("p1");
    run.done("a2");
    run.done("a3");
    assert_eq!(run.now(), ["a4", "a4"]);
    run.done("a4");
    run.done("a4");
    assert_eq!(run.now(), ["a5"]);
}

#[test]
fn a_branch_that_leads_to_what_comes_after_ends_there() {
    // Both branches name the step that comes after the parallel, and neither an end.
    let steps = Steps::default()
        .with("p1", &["next_steps a2 a3", "on_completion a4"])
        .with("a2", &["on_completion a4"])
        .with("a3", &["on_completion a4"])
        .with("a4", &["on_completion e9"])
        .ends(&[9]);
    let mut run = steps.follow("p1");
    run.done("a2");
    assert_eq!(run.now(), ["a3"]);
    run.done("a3");
    assert_eq!(run.now(), ["a4"], "once, when both have ended");
    // From within an if in a branch, out of both.
    let steps = Steps::default()
        .with("p1", &["next_steps i2 a3", "on_completion a4"])
        .with("i2", &["on_true a5", "on_completion a6"])
        .with("a5", &["on_completion a4"])
        .with("a6", &["on_completion e8"])
        .with("a3", &["on_completion e7"])
        .with("a4", &["on_completion e9"])
        .ends(&[7, 8, 9]);
    let mut run = steps.follow("p1");
    run.answer("i2", Yes);
    run.done("a5");
    assert_eq!(run.now(), ["a3"], "what comes after the question is left out, since the branch says so");
    run.done("a3");
    assert_eq!(run.now(), ["a4"]);
}

#[test]
fn a_question_leads_by_its_answer() {
    let steps = || {
        Steps::default()
            .with("i1", &["on_true a2", "on_false a3", "on_completion a4"])
            .with("a2", &["on_completion a5"])
            .with("a3", &["on_completion a5"])
            .with("a5", &["on_completion e8"])
            .with("a4", &["on_completion e9"])
            .ends(&[8, 9])
    };
    for (answer, first) in [(Yes, "a2"), (No, "a3")] {
        let mut run = steps().follow("i1");
        assert_eq!(run.open[&1].1, Opens::Question { rounds: 0 });
        run.answer("i1", answer);
        for name in [first, "a5", "a4"] {
            assert_eq!(run.now(), [name]);
            run.done(name);
        }
        assert!(run.is_at_its_end());
    }
}

#[test]
fn who_does_not_know_yet_finds_out_and_is_asked_again() {
    let steps = Steps::default()
        .with("i1", &["on_true a2", "on_completion e9"])
        .with("a2", &["on_completion e8"])
        .ends(&[8, 9]);
    let mut run = steps.follow("i1");
    run.answer("i1", NotYet);
    assert_eq!(run.open.len(), 1);
    assert_eq!(run.open[&2].1, Opens::Fact { question: 1 });
    assert_eq!(run.tell(Event::Answered(1, Yes)), Err(Refused::NotOpen), "first the fact");
    run.tell(Event::Found(2)).unwrap();
    assert_eq!(run.effects, [Effect::AskedAgain(1)]);
    run.answer("i1", NotYet);
    run.tell(Event::Found(3)).unwrap();
    run.answer("i1", No);
    assert!(run.is_at_its_end());
}

#[test]
fn a_while_is_asked_after_each_round_and_has_a_limit() {
    let steps = Steps::default()
        .with("w1", &["on_true a2", "on_completion a3"])
        // Back to the while, or to an end: both end the round.
        .with("a2", &["on_completion w1"])
        .with("a3", &["on_completion e9"])
        .ends(&[9]);
    let mut run = steps.follow("w1");
    for round in 0..MOST_ROUNDS {
        assert_eq!(run.open.values().next().unwrap().1, Opens::Question { rounds: round });
        run.answer("w1", Yes);
        assert_eq!(run.open[&run.visit("a2")].2[0].within, Within::Round(round + 1));
        run.done("a2");
    }
    assert_eq!(run.tell(Event::Answered(run.visit("w1"), Yes)), Err(Refused::Rounds));
    run.answer("w1", No);
    run.done("a3");
    assert!(run.is_at_its_end());
}

#[test]
fn a_switch_leads_by_its_case() {
    let steps = |default: bool| {
        let with = if default { vec!["cases.default a4"] } else { vec![] };
        let leads: Vec<&str> =
            ["cases.red a2", "cases.blue a3"].into_iter().chain(with).chain(["on_completion e9"]).collect();
        let steps = Steps::default().with("s1", &leads).with("a2", &["on_completion e8"]);
        let steps = steps.with("a3", &["on_completion e8"]).ends(&[8, 9]);
        if default { steps.with("a4", &["on_completion e8"]) } else { steps }
    };
    let mut run = steps(true).follow("s1");
    assert_eq!(run.tell(Event::Answered(1, Yes)), Err(Refused::NoSuchAnswer));
    assert_eq!(run.tell(Event::Answered(1, Case("green".into()))), Err(Refused::NoSuchAnswer));
    run.answer("s1", Case("blue".into()));
    assert_eq!(run.now(), ["a3"]);
    let mut run = steps(true).follow("s1");
    run.answer("s1", Neither);
    assert_eq!(run.now(), ["a4"]);
    let mut run = steps(false).follow("s1");
    run.answer("s1", Neither);
    assert!(run.is_at_its_end());
    let known = json!({"__x__": {"type": "string", "value": "blue", "constant": true}});
    assert_eq!(steps(true).follow_with("s1", &known, None).now(), ["a3"]);
    let known = json!({"__x__": {"type": "string", "value": "grey"}});
    assert_eq!(steps(true).follow_with("s1", &known, None).now(), ["a4"]);
}

#[test]
fn what_cannot_be_done_leads_where_the_playbook_says() {
    let steps = |exception: bool| {
        let steps = Steps::default()
            .with("a1", &["on_success a2", "on_failure a3"])
            .with("a2", &["on_completion a4"])
            .with("a3", &["on_completion a4"])
            .with("a4", &["on_completion a5"])
            .with("a5", &["on_success e9"])
            .ends(&[9]);
        if exception { steps.with("a6", &["on_completion e9"]) } else { steps }
    };
    let follow =
        |exception: Option<&str>| steps(exception.is_some()).follow_with("a1", &json!({}), exception);
    let mut run = follow(None);
    run.cannot("a1");
    assert_eq!(run.now(), ["a3"], "on_failure");
    run.cannot("a3");
    assert_eq!(run.now(), ["a4"], "on_completion is in any case");
    run.done("a4");
    run.cannot("a5");
    assert!(run.is_at_its_end(), "it ends, and is not stuck");
    let mut run = follow(Some("a6"));
    run.done("a1");
    run.done("a2");
    run.done("a4");
    run.cannot("a5");
    assert_eq!((run.now(), run.effects.contains(&Effect::Exception)), (vec!["a6"], true));
    run.cannot("a6");
    assert!(run.is_at_its_end());
}

#[test]
fn a_branch_that_fails_waits_for_those_beside_it_and_fails_what_it_is_in() {
    let steps = Steps::default()
        .with("p1", &["next_steps a2 a3", "on_success a4", "on_failure a5"])
        .with("a2", &["on_success e7"])
        .with("a3", &["on_completion e7"])
        .with("a4", &["on_completion e8"])
        .with("a5", &["on_completion e9"])
        .ends(&[7, 8, 9]);
    let mut run = steps.follow_with("p1", &json!({}), None);
    run.cannot("a2");
    assert_eq!(run.now(), ["a3"]);
    run.done("a3");
    assert_eq!(run.now(), ["a5"]);
}

/// An `if`, within it a `while`, within it a `parallel`, within it another; the innermost branches share steps.
#[test]
fn parallel_within_parallel_within_while_within_if_closes_in_its_order() {
    let steps = Steps::default()
        .with("i1", &["on_true w2", "on_false a20", "on_completion a21"])
        .with("w2", &["on_true p3", "on_completion a15"])
        .with("p3", &["next_steps p4 a8", "on_completion a10"])
        .with("p4", &["next_steps a5 a6", "on_completion a7"])
        .with("a5", &["on_completion a9"])
        .with("a6", &["on_completion a9"])
        .with("a7", &["on_completion a9"])
        .with("a8", &["on_completion a9"])
        .with("a9", &["on_completion e30"])
        .with("a10", &["on_completion e31"])
        .with("a15", &["on_completion e32"])
        .with("a20", &["on_completion e33"])
        .with("a21", &["on_completion e34"])
        .ends(&[30, 31, 32, 33, 34]);
    let mut run = steps.follow("i1");
    run.answer("i1", Yes);
    for _ in 0..2 {
        run.answer("w2", Yes);
        assert_eq!(run.now(), ["a5", "a6", "a8"]);
        run.done("a5");
        run.done("a8");
        assert_eq!(run.now(), ["a6", "a9", "a9"]);
        run.done("a9");
        run.done("a9");
        run.done("a6");
        run.done("a9");
        assert_eq!(run.now(), ["a7"], "the inner fork has joined, the outer waits");
        run.done("a7");
        run.done("a9");
        assert_eq!(run.now(), ["a10"]);
        run.done("a10");
        assert_eq!(run.now(), ["w2"]);
    }
    run.answer("w2", No);
    run.done("a15");
    run.done("a21");
    assert!(run.is_at_its_end());
    assert_eq!(run.tasks.iter().filter(|name| *name == "a9").count(), 8, "four a round: {:?}", run.tasks);
}

#[test]
fn what_is_known_is_computed_and_everything_else_is_asked() {
    let variables = json!({
        "__x__": {"type": "string", "value": "yes", "constant": false},
        "__known__": {"type": "string", "value": "yes"},
        "__number__": {"type": "integer", "value": "5", "constant": true},
        "__given__": {"type": "string", "value": "yes", "external": true},
        "__empty__": {"type": "string"},
    });
    let cases = [
        ("__known__:value = 'yes'", Some(true)),
        ("__known__:value == \"no\"", Some(false)),
        ("__known__ != 'no'", Some(true)),
        ("[__known__:value = 'yes']", Some(true)),
        ("NOT __known__:value = 'yes'", Some(false)),
        ("__number__:value > 4", Some(true)),
        ("__number__:value >= 5.0 AND __number__:value < 6", Some(true)),
        ("__number__:value = 05", Some(true)),
        ("__known__:value IN ('no', 'yes')", Some(true)),
        ("__known__:value NOT IN ('no')", Some(true)),
        ("(__known__:value = 'no' OR __number__:value = 5) AND __known__:value = 'yes'", Some(true)),
        ("__x__:value = 'yes'", None),
        ("__given__:value = 'yes'", None),
        ("__empty__:value = 'yes'", None),
        ("__x__:value = 'yes' AND __known__:value = 'no'", Some(false)),
        ("__x__:value = 'yes' OR __known__:value = 'no'", None),
        ("__x__:value = 'yes' OR __known__:value = 'yes'", Some(true)),
        ("__known__:value > 'a'", None),
        ("__known__:value = 'y\\'es'", None),
        ("__known__:value MATCHES '^y'", None),
        ("[file:size = 1]", None),
        ("__known__:value = 'yes' and then some", None),
        ("Is it bad?", None),
    ];
    for (condition, expected) in cases {
        let steps = Steps::default()
            .with("i1", &["on_true a2", "on_false a3", "on_completion e9"])
            .set("i1", "condition", json!(condition))
            .with("a2", &["on_completion e8"])
            .with("a3", &["on_completion e8"])
            .ends(&[8, 9]);
        let run = steps.follow_with("i1", &variables, None);
        let now = match expected {
            Some(true) => "a2",
            Some(false) => "a3",
            None => "i1",
        };
        assert_eq!(run.now(), [now], "{condition}");
        assert_eq!(
            run.effects.iter().any(|effect| matches!(effect, Effect::Computed { .. })),
            expected.is_some()
        );
    }
    let deep = format!("{}__known__ = 'yes'{}", "(".repeat(200), ")".repeat(200));
    let steps =
        Steps::default().with("i1", &["on_true e9", "on_completion e9"]).set("i1", "condition", json!(deep));
    assert_eq!(steps.ends(&[9]).follow_with("i1", &variables, None).now(), ["i1"]);
}

#[test]
fn a_while_that_always_holds_does_not_spin() {
    let known = json!({"__x__": {"type": "string", "value": "yes"}});
    // Nothing in it is for people: it is gone through once, then somebody is asked.
    let steps = Steps::default()
        .with("w1", &["on_true i2", "on_completion e9"])
        .with("i2", &["on_true e8", "on_completion e8"]);
    let mut run = steps.ends(&[8, 9]).follow_with("w1", &known, None);
    assert_eq!(run.now(), ["w1"]);
    assert_eq!(run.open[&1].1, Opens::Question { rounds: 1 });
    run.answer("w1", No);
    assert!(run.is_at_its_end());
    let never = json!({"__x__": {"type": "string", "value": "no"}});
    let steps = Steps::default().with("w1", &["on_true e8", "on_completion e9"]).ends(&[8, 9]);
    assert!(steps.follow_with("w1", &never, None).is_at_its_end());
}

#[test]
fn what_opens_more_than_people_can_follow_is_refused() {
    // Each doubles what the next opens; no leaf has anything to do.
    let mut steps = Steps::default().ends(&[90]);
    for number in 1..=40 {
        let next = if number == 40 { "e90".to_owned() } else { format!("p{}", number + 1) };
        let branches = format!("next_steps {next} {next}");
        steps = steps.with(&format!("p{number}"), &[&branches, "on_completion e90"]);
    }
    let whole = playbook(&of("p1"), steps.0, &json!({}), None);
    assert_eq!(super::State::default().apply(&whole, Event::Begin).unwrap_err(), Refused::TooMuch);
}
