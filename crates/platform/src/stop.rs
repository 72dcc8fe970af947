//! Stopping without losing anything: first no new work is taken, then what still runs is returned.

use std::sync::Arc;

use tokio::sync::watch;

/// How far a shutdown has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Running,
    Finishing,
    Over,
}

/// Says when to stop; cheap to clone, clones hear the same.
#[derive(Clone, Debug)]
pub struct Stop(Arc<watch::Sender<Phase>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Phase::Running)))
    }
}

impl Stop {
    /// Asks everybody to take nothing new and to finish what they have.
    pub fn finish(&self) {
        self.0.send_if_modified(|phase| {
            std::mem::replace(phase, Phase::Finishing.max(*phase)) < Phase::Finishing
        });
    }

    /// Asks everybody to return what they have not finished.
    pub fn end(&self) {
        self.0.send_replace(Phase::Over);
    }

    /// Whether nothing new should be taken.
    pub fn is_finishing(&self) -> bool {
        *self.0.borrow() >= Phase::Finishing
    }

    /// Waits until nothing new should be taken.
    pub async fn finishing(&self) {
        self.reached(Phase::Finishing).await;
    }

    /// Waits until what runs should be returned.
    pub async fn over(&self) {
        self.reached(Phase::Over).await;
    }

    async fn reached(&self, wanted: Phase) {
        let mut phases = self.0.subscribe();
        // The sender lives as long as `self`, so that waiting cannot fail.
        let _ = phases.wait_for(|phase| *phase >= wanted).await;
    }
}
