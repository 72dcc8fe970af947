//! Playbooks that chance makes, followed in an order that chance chooses: each comes to its end, and every step
//! comes as often as the playbook, read as a tree, says.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    super::{Answer, Event, Opens},
    Following, id, playbook,
};

/// What comes one after the other.
type Sequence = Vec<Node>;

#[derive(Clone, Debug)]
enum Node {
    Action,
    /// Its branches, which one is answered, whether they share a last step, and whether they lead straight to what
    /// comes after.
    If {
        yes: Sequence,
        no: Option<Sequence>,
        answer: bool,
        close: Close,
    },
    While {
        body: Sequence,
        rounds: u32,
        back: bool,
    },
    Parallel {
        branches: Vec<Sequence>,
        close: Close,
    },
    Switch {
        cases: Vec<Sequence>,
        chosen: usize,
        close: Close,
    },
}

/// How the branches of a step end.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Close {
    /// Each with an end of its own.
    Ends,
    /// With a step that they share.
    Shared,
    /// They lead to what comes after the step that opened them.
    Straight,
}

fn sequence() -> impl Strategy<Value = Sequence> {
    let close = || prop_oneof![Just(Close::Ends), Just(Close::Shared), Just(Close::Straight)];
    let leaf = Just(vec![Node::Action]).boxed();
    leaf.prop_recursive(4, 40, 4, move |inner| {
        let node = prop_oneof![
            2 => Just(Node::Action),
            1 => (inner.clone(), proptest::option::of(inner.clone()), any::<bool>(), close())
                .prop_map(|(yes, no, answer, close)| Node::If { yes, no, answer, close }),
            1 => (inner.clone(), 0_u32..3, any::<bool>()).prop_map(|(body, rounds, back)| Node::While { body, rounds, back }),
            1 => (proptest::collection::vec(inner.clone(), 2..4), close())
                .prop_map(|(branches, close)| Node::Parallel { branches, close }),
            1 => (proptest::collection::vec(inner, 1..4), 0_usize..4, close())
                .prop_map(|(cases, chosen, close)| Node::Switch { cases, chosen, close }),
        ];
        proptest::collection::vec(node, 1..4)
    })
}

/// The steps of a tree, and how often each task comes.
#[derive(Default)]
struct Written {
    steps: BTreeMap<String, Value>,
    /// How often a task of this name comes.
    expected: BTreeMap<String, usize>,
    /// What is answered to the question of this name; of a `while`, how many rounds.
    answers: BTreeMap<String, usize>,
}

impl Written {
    fn step(&mut self, kind: &str, mut step: Value) -> String {
        let id = id(kind, self.steps.len() + 1);
        step["name"] = json!(id);
        self.steps.insert(id.clone(), step);
        id
    }

    fn end(&mut self) -> String {
        self.step("end", json!({}))
    }

    /// A task that comes so often, and what comes after it.
    fn action(&mut self, after: &str, times: usize) -> String {
        let id = self.step("action", json!({"on_completion": after}));
        *self.expected.entry(id.clone()).or_default() += times;
        id
    }

    /// Writes a sequence that comes so often and is followed by `after`; where it begins.
    fn sequence(&mut self, nodes: &[Node], after: &str, times: usize) -> String {
        nodes.iter().rev().fold(after.to_owned(), |after, node| self.node(node, &after, times))
    }

    /// Where the branches of a step lead that is followed by `after`; the shared step comes `times` in all.
    fn branches(&mut self, close: Close, after: &str, times: usize) -> Option<String> {
        match close {
            Close::Ends => None,
            Close::Straight => Some(after.to_owned()),
            Close::Shared => {
                let end = self.end();
                Some(self.action(&end, times))
            }
        }
    }

    fn branch(&mut self, nodes: &[Node], leads: Option<&String>, times: usize) -> String {
        let to = leads.cloned().unwrap_or_else(|| self.end());
        self.sequence(nodes, &to, times)
    }

    fn node(&mut self, node: &Node, after: &str, times: usize) -> String {
        match node {
            Node::Action => self.action(after, times),
            Node::If { yes, no, answer, close } => {
                let taken = usize::from(*answer || no.is_some()) * times;
                let leads = self.branches(*close, after, taken);
                let on_true = self.branch(yes, leads.as_ref(), times * usize::from(*answer));
                let mut step =
                    json!({"condition": "__x__:value = 'yes'", "on_true": on_true, "on_completion": after});
                if let Some(no) = no {
                    step["on_false"] = json!(self.branch(no, leads.as_ref(), times * usize::from(!answer)));
                }
                self.question("if-condition", step, usize::from(*answer))
            }
            Node::While { body, rounds, back } => {
                // The step that repeats is named before it is there.
                let own = self.question("while-condition", json!({}), *rounds as usize);
                let to = if *back { own.clone() } else { self.end() };
                let on_true = self.sequence(body, &to, times * *rounds as usize);
                let step = json!({"name": own, "condition": "__x__:value = 'yes'", "on_true": on_true, "on_completion": after});
                self.steps.insert(own.clone(), step);
                own
            }
            Node::Parallel { branches, close } => {
                let leads = self.branches(*close, after, times * branches.len());
                let next: Vec<String> =
                    branches.iter().map(|branch| self.branch(branch, leads.as_ref(), times)).collect();
                self.step("parallel", json!({"next_steps": next, "on_completion": after}))
            }
            Node::Switch { cases, chosen, close } => {
                let chosen = (*chosen < cases.len()).then_some(*chosen);
                let leads = self.branches(*close, after, if chosen.is_some() { times } else { 0 });
                let mut step = json!({"switch": "__x__:value", "cases": {}, "on_completion": after});
                for (place, case) in cases.iter().enumerate() {
                    let times = if chosen == Some(place) { times } else { 0 };
                    step["cases"][format!("case-{place}")] = json!(self.branch(case, leads.as_ref(), times));
                }
                self.question("switch-condition", step, chosen.unwrap_or(usize::MAX))
            }
        }
    }

    fn question(&mut self, kind: &str, step: Value, answer: usize) -> String {
        let id = self.step(kind, step);
        self.answers.insert(id.clone(), answer);
        id
    }
}

/// Follows it to its end: what is open is dealt with in an order that `order` chooses. Says how often each task came.
fn follow(mut run: Following, answers: &BTreeMap<String, usize>, order: &[u8]) -> BTreeMap<String, usize> {
    let mut order = order.iter().cycle();
    let mut not_known = std::collections::BTreeSet::new();
    for _ in 0..100_000 {
        if run.is_at_its_end() {
            let mut came = BTreeMap::new();
            for task in run.tasks {
                *came.entry(task).or_default() += 1;
            }
            return came;
        }
        let place = usize::from(*order.next().unwrap());
        let (visit, (name, opens, _)) = run.open.iter().nth(place % run.open.len()).unwrap();
        let (visit, answer) = (*visit, answers.get(name).copied().unwrap_or_default());
        let event = match opens {
            Opens::Task => {
                [Event::Done(visit), Event::Skipped(visit), Event::Cannot(visit)][place % 3].clone()
            }
            Opens::Fact { .. } => Event::Found(visit),
            // Nobody knows at first; found out, they do.
            Opens::Question { .. } if place % 5 == 0 && not_known.insert(visit) => {
                Event::Answered(visit, Answer::NotYet)
            }
            Opens::Question { rounds } => {
                // Asked again, it says no more how many rounds there were: the token does.
                let token = run.state.tokens().iter().find(|token| token.visit == visit).unwrap();
                let rounds = match token.place {
                    super::super::Place::Question { rounds } => rounds,
                    _ => *rounds,
                } as usize;
                let answer = match (name.split("--").next().unwrap(), answer) {
                    ("if-condition", 1) => Answer::Yes,
                    ("while-condition", most) if rounds < most => Answer::Yes,
                    ("switch-condition", usize::MAX) => Answer::Neither,
                    ("switch-condition", case) => Answer::Case(format!("case-{case}")),
                    _ => Answer::No,
                };
                Event::Answered(visit, answer)
            }
        };
        run.tell(event).unwrap();
    }
    panic!("it does not end: {:?}", run.state);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_playbook_ends_and_every_step_comes_as_often_as_it_should(tree in sequence(), order in proptest::collection::vec(any::<u8>(), 1..40)) {
        let mut written = Written::default();
        let end = written.end();
        let first = written.sequence(&tree, &end, 1);
        prop_assume!(written.steps.len() < 300 && written.expected.values().sum::<usize>() < 300);
        // A step that only leads where nothing comes is no step of a playbook: its own end is not reached.
        let reached = reached(&first, &written.steps);
        written.steps.retain(|id, _| reached.contains(id));
        let variables = json!({"__x__": {"type": "string", "constant": false}});
        let run = Following::begin(playbook(&first, written.steps, &variables, None));
        let came = follow(run, &written.answers, &order);
        let expected: BTreeMap<String, usize> = written.expected.into_iter().filter(|(_, times)| *times > 0).collect();
        prop_assert_eq!(came, expected);
    }
}

fn reached(first: &str, steps: &BTreeMap<String, Value>) -> std::collections::BTreeSet<String> {
    let mut reached = std::collections::BTreeSet::new();
    let mut waiting = vec![first.to_owned()];
    while let Some(id) = waiting.pop() {
        let Some(step) = steps.get(&id).filter(|_| !reached.contains(&id)) else { continue };
        for value in step.as_object().unwrap().values() {
            match value {
                Value::String(id) => waiting.push(id.clone()),
                Value::Array(all) => {
                    waiting.extend(all.iter().filter_map(|id| Some(id.as_str()?.to_owned())));
                }
                Value::Object(all) => {
                    waiting.extend(all.values().filter_map(|id| Some(id.as_str()?.to_owned())));
                }
                _ => {}
            }
        }
        reached.insert(id);
    }
    reached
}
