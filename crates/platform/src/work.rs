//! Everything that is due, done once: for tests and demonstrations, which move their own clock.

use db::DbError;

use crate::{
    App, bounce, clock,
    job::{self, Lane},
    log, message,
    webhook::{self, Health},
};

/// Rings clocks, runs jobs, sends messages and tells webhooks until nothing is due, then seals the log.
pub async fn all_due(app: &App) -> Result<(), DbError> {
    loop {
        let mut done = clock::sweep(app).await?;
        for lane in Lane::ALL {
            done += job::run_due(app, lane, 50).await?.taken;
        }
        done += bounce::read_due(app).await?;
        done += message::gather_due(app).await?;
        for lane in message::LANES {
            done += message::deliver_due(app, lane).await?.taken;
        }
        for health in [Health::Well, Health::Failing] {
            done += webhook::deliver_due(app, health).await?;
        }
        if done == 0 {
            break;
        }
    }
    log::seal(app).await?;
    Ok(())
}
