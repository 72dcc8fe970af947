//! What follows from an event, step after step, until somebody has to do or say something.

use super::{
    super::{Next, Playbook, Step, StepKind},
    Answer, Effect, Event, Frame, MOST_MOVES, MOST_ROUNDS, MOST_TOKENS, Opens, Place, Refused, Standing,
    State, Token, Within, condition,
};

/// A move that is still to be made.
enum Move {
    /// A step is reached.
    Enter { step: String, scope: Vec<Frame> },
    /// A step is behind one, well or not.
    Leave { step: String, scope: Vec<Frame>, failed: bool },
    /// The innermost part ends.
    Close { scope: Vec<Frame>, failed: bool },
}

/// The state after `event`, and what follows.
pub(super) fn after(
    state: State,
    playbook: &Playbook,
    event: Event,
) -> Result<(State, Vec<Effect>), Refused> {
    let mut moving = Moving { playbook, state, effects: Vec::new(), to_make: Vec::new() };
    match event {
        Event::Begin => {
            moving.state.standing = Standing::Running;
            moving.to_make.push(Move::Enter { step: playbook.start.clone(), scope: Vec::new() });
        }
        Event::Stop => {
            moving.state.tokens.clear();
            moving.state.standing = Standing::Stopped;
            moving.effects.push(Effect::Ended);
        }
        Event::Done(visit) | Event::Skipped(visit) => moving.task(visit, false)?,
        Event::Cannot(visit) => moving.task(visit, true)?,
        Event::Answered(visit, answer) => moving.answered(visit, &answer)?,
        Event::Found(visit) => moving.found(visit)?,
    }
    moving.make()?;
    Ok((moving.state, moving.effects))
}

struct Moving<'a> {
    playbook: &'a Playbook,
    state: State,
    effects: Vec<Effect>,
    /// The next one last: one branch is followed as far as it goes before the next begins.
    to_make: Vec<Move>,
}

impl<'a> Moving<'a> {
    fn make(&mut self) -> Result<(), Refused> {
        let mut made = 0;
        while let Some(next) = self.to_make.pop() {
            made += 1;
            if made > MOST_MOVES || self.state.tokens.len() + self.to_make.len() > MOST_TOKENS {
                return Err(Refused::TooMuch);
            }
            match next {
                Move::Enter { step, scope } => self.enter(&step, scope)?,
                Move::Leave { step, scope, failed } => self.leave(&step, scope, failed)?,
                Move::Close { scope, failed } => self.close(scope, failed)?,
            }
        }
        Ok(())
    }

    fn step(&self, id: &str) -> Result<&'a Step, Refused> {
        // Every step that is named is there: the playbook was checked when it was read.
        self.playbook.steps.get(id).ok_or(Refused::NotOpen)
    }

    /// Takes the token away that waits so.
    fn take(&mut self, waits: impl Fn(&Token) -> bool) -> Result<Token, Refused> {
        let place = self.state.tokens.iter().position(waits).ok_or(Refused::NotOpen)?;
        Ok(self.state.tokens.remove(place))
    }

    fn task(&mut self, visit: u64, failed: bool) -> Result<(), Refused> {
        let token = self.take(|token| token.visit == visit && token.place == Place::Task)?;
        self.to_make.push(Move::Leave { step: token.step, scope: token.scope, failed });
        Ok(())
    }

    fn answered(&mut self, visit: u64, answer: &Answer) -> Result<(), Refused> {
        let asked = |token: &Token| token.visit == visit && matches!(token.place, Place::Question { .. });
        let token = self.take(asked)?;
        let Place::Question { rounds } = token.place else { return Err(Refused::NotOpen) };
        if *answer == Answer::NotYet {
            self.state.visits += 1;
            let fact = self.state.visits;
            self.effects.push(Effect::Opened {
                visit: fact,
                step: token.step.clone(),
                scope: token.scope.clone(),
                opens: Opens::Fact { question: visit },
            });
            self.state.tokens.push(Token { place: Place::Fact { visit: fact, rounds }, ..token });
            return Ok(());
        }
        self.decide(&token.step, token.scope, rounds, answer)
    }

    fn found(&mut self, fact: u64) -> Result<(), Refused> {
        let waits = |token: &Token| matches!(token.place, Place::Fact { visit, .. } if visit == fact);
        let token = self.take(waits)?;
        let Place::Fact { rounds, .. } = token.place else { return Err(Refused::NotOpen) };
        self.effects.push(Effect::AskedAgain(token.visit));
        self.state.tokens.push(Token { place: Place::Question { rounds }, ..token });
        Ok(())
    }

    /// Goes where an answer leads, whoever gave it.
    fn decide(&mut self, id: &str, scope: Vec<Frame>, rounds: u32, answer: &Answer) -> Result<(), Refused> {
        let step = self.step(id)?;
        let (to, within) = match (&step.kind, answer) {
            (StepKind::If { on_true, .. }, Answer::Yes) => (Some(on_true), Within::Choice),
            (StepKind::If { on_false, .. }, Answer::No) => (on_false.as_ref(), Within::Choice),
            (StepKind::While { .. }, Answer::Yes) if rounds >= MOST_ROUNDS => return Err(Refused::Rounds),
            (StepKind::While { on_true, .. }, Answer::Yes) => (Some(on_true), Within::Round(rounds + 1)),
            (StepKind::While { .. }, Answer::No) => (None, Within::Choice),
            (StepKind::Switch { cases, .. }, Answer::Case(case)) => {
                (Some(cases.get(case).ok_or(Refused::NoSuchAnswer)?), Within::Choice)
            }
            (StepKind::Switch { cases, .. }, Answer::Neither) => (cases.get("default"), Within::Choice),
            _ => return Err(Refused::NoSuchAnswer),
        };
        let Some(to) = to else {
            self.to_make.push(Move::Leave { step: id.to_owned(), scope, failed: false });
            return Ok(());
        };
        if let Within::Round(round) = within {
            self.effects.push(Effect::Round { step: id.to_owned(), round });
        }
        self.to_make.push(Move::Enter { step: to.clone(), scope: deeper(scope, id, within) });
        Ok(())
    }

    fn enter(&mut self, id: &str, mut scope: Vec<Frame>) -> Result<(), Refused> {
        if let Some(depth) = self.closed_by(id, &scope) {
            scope.truncate(depth);
            self.to_make.push(Move::Close { scope, failed: false });
            return Ok(());
        }
        let step = self.step(id)?;
        match &step.kind {
            StepKind::Start => self.leave(id, scope, false),
            StepKind::End => {
                self.to_make.push(Move::Close { scope, failed: false });
                Ok(())
            }
            StepKind::Action { .. } | StepKind::Playbook { .. } => {
                self.open(id, scope, Place::Task);
                Ok(())
            }
            StepKind::Parallel { branches } => {
                if branches.is_empty() {
                    return self.leave(id, scope, false);
                }
                let of = u32::try_from(branches.len()).map_err(|_| Refused::TooMuch)?;
                self.effects.push(Effect::Forked { step: id.to_owned(), of });
                let begun = branches.iter().zip(1_u32..).map(|(begins, branch)| Move::Enter {
                    step: begins.clone(),
                    scope: deeper(scope.clone(), id, Within::Fork { branch, of }),
                });
                let mut begun: Vec<Move> = begun.collect();
                // The last is made first.
                begun.reverse();
                self.to_make.extend(begun);
                Ok(())
            }
            StepKind::If { .. } | StepKind::While { .. } | StepKind::Switch { .. } => {
                self.ask(step, scope, 0)
            }
        }
    }

    /// Asks what a step asks, of whoever knows, unless it can be computed.
    ///
    /// That a `while` goes on is computed once at most: what always holds would go on for ever.
    fn ask(&mut self, step: &Step, scope: Vec<Frame>, rounds: u32) -> Result<(), Refused> {
        let answer = if let StepKind::Switch { switch, cases } = &step.kind {
            let value = condition::value(self.playbook, step, switch);
            let of = |value: &str| {
                if cases.contains_key(value) { Answer::Case(value.to_owned()) } else { Answer::Neither }
            };
            value.map(of)
        } else {
            let holds = condition::holds(self.playbook, step, step.condition().unwrap_or_default());
            holds.map(|holds| if holds { Answer::Yes } else { Answer::No })
        };
        match answer {
            Some(answer) if rounds == 0 || answer != Answer::Yes => {
                self.effects.push(Effect::Computed { step: step.id.clone(), answer: answer.clone() });
                self.decide(&step.id, scope, rounds, &answer)
            }
            _ => {
                self.open(&step.id, scope, Place::Question { rounds });
                Ok(())
            }
        }
    }

    fn open(&mut self, id: &str, scope: Vec<Frame>, place: Place) {
        self.state.visits += 1;
        let visit = self.state.visits;
        let opens = match place {
            Place::Question { rounds } => Opens::Question { rounds },
            _ => Opens::Task,
        };
        let (step, of) = (id.to_owned(), scope.clone());
        self.effects.push(Effect::Opened { visit, step, scope: of, opens });
        self.state.tokens.push(Token { visit, step: id.to_owned(), scope, place });
    }

    /// What ends where this step is reached: how much of the scope is left, with the part that ends last.
    ///
    /// A branch may lead straight to what comes after the step that opened it, or back to the `while` that repeats
    /// it, instead of to an end. What comes then comes once, when the branches beside it have ended too.
    fn closed_by(&self, id: &str, scope: &[Frame]) -> Option<usize> {
        let leads = |frame: &Frame| {
            let repeats = matches!(frame.within, Within::Round(_)) && frame.step == id;
            let after = || self.playbook.steps.get(&frame.step).and_then(|step| on(&step.next, false));
            repeats || (frame.within != Within::Exception && after().is_some_and(|next| next == id))
        };
        let closes = scope.iter().rposition(leads)?;
        let is_fork = |frame: &Frame| matches!(frame.within, Within::Fork { .. });
        let waits = scope.iter().rposition(is_fork).filter(|fork| *fork > closes);
        Some(waits.unwrap_or(closes) + 1)
    }

    fn leave(&mut self, id: &str, scope: Vec<Frame>, failed: bool) -> Result<(), Refused> {
        let next = on(&self.step(id)?.next, failed);
        self.to_make.push(match next {
            Some(next) => Move::Enter { step: next.to_owned(), scope },
            None => Move::Close { scope, failed },
        });
        Ok(())
    }

    fn close(&mut self, mut scope: Vec<Frame>, failed: bool) -> Result<(), Refused> {
        let Some(frame) = scope.pop() else {
            self.finish(failed);
            return Ok(());
        };
        match frame.within {
            Within::Exception => {
                self.finish(false);
                Ok(())
            }
            Within::Choice => self.leave(&frame.step, scope, failed),
            Within::Round(_) if failed => self.leave(&frame.step, scope, true),
            Within::Round(rounds) => {
                let step = self.step(&frame.step)?;
                self.ask(step, scope, rounds)
            }
            Within::Fork { of, .. } => {
                let step = frame.step.clone();
                scope.push(frame);
                self.join(&step, scope, of, failed)
            }
        }
    }

    /// A branch has ended beside others: goes on when it was the last.
    fn join(&mut self, id: &str, mut scope: Vec<Frame>, of: u32, failed: bool) -> Result<(), Refused> {
        let outside = scope.len() - 1;
        let beside = |token: &Token| {
            matches!(token.place, Place::Joined { .. })
                && token.step == id
                && token.scope.len() == outside + 1
                && token.scope[..outside] == scope[..outside]
        };
        let ended: Vec<Token> = self.state.tokens.iter().filter(|token| beside(token)).cloned().collect();
        if ended.len() + 1 < usize::try_from(of).unwrap_or(usize::MAX) {
            let token = Token { visit: 0, step: id.to_owned(), scope, place: Place::Joined { failed } };
            self.state.tokens.push(token);
            return Ok(());
        }
        let failed = failed || ended.iter().any(|token| token.place == Place::Joined { failed: true });
        self.state.tokens.retain(|token| !beside(token));
        self.effects.push(Effect::Joined(id.to_owned()));
        scope.truncate(outside);
        self.leave(id, scope, failed)
    }

    /// The whole has ended, or what is done when something failed begins.
    fn finish(&mut self, failed: bool) {
        if let Some(exception) = self.playbook.exception.as_ref().filter(|_| failed) {
            self.effects.push(Effect::Exception);
            let scope = deeper(Vec::new(), exception, Within::Exception);
            self.to_make.push(Move::Enter { step: exception.clone(), scope });
            return;
        }
        self.state.standing = Standing::Ended;
        self.effects.push(Effect::Ended);
    }
}

/// Where a step leads that went well, or did not.
fn on(next: &Next, failed: bool) -> Option<&str> {
    let by_itself = if failed { &next.failure } else { &next.success };
    by_itself.as_deref().or(next.completion.as_deref())
}

fn deeper(mut scope: Vec<Frame>, step: &str, within: Within) -> Vec<Frame> {
    scope.push(Frame { step: step.to_owned(), within });
    scope
}
