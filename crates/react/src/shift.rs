//! What of this service a shift at the CERT hands over: incidents, whoever has taken them on, and suppliers that are
//! down.

use db::{DbError, Snapshot};
use jiff::Timestamp;
use platform::waiting::{Shift, Urgency, Waiting};
use uuid::Uuid;

use crate::{
    correlation, incident,
    outage::{self, OutageId, State},
};

/// Incidents.
pub const INCIDENTS: Shift =
    Shift { heading: "Incidents", read: |snapshot, _| Box::pin(incidents(snapshot)) };
/// Supplier outages.
pub const OUTAGES: Shift =
    Shift { heading: "Supplier outages", read: |snapshot, _| Box::pin(outages(snapshot)) };

/// How many outages are named one by one.
const SHOWN: usize = 5;

async fn incidents(snapshot: &mut Snapshot) -> Result<Vec<Waiting>, DbError> {
    let mut lines = incident::to_hand_over(snapshot).await?;
    lines.extend(correlation::waiting(snapshot).await?);
    Ok(lines)
}

/// Those of the last 50 that are still down.
async fn outages(snapshot: &mut Snapshot) -> Result<Vec<Waiting>, DbError> {
    let latest = (Timestamp::MAX, OutageId(Uuid::max()));
    let all = outage::store::all(snapshot, latest).await?;
    let down = all.iter().filter(|outage| outage.state == State::Declared);
    let mut lines: Vec<_> = down.map(down_still).collect();
    if lines.len() > SHOWN {
        lines.truncate(SHOWN);
        lines.push(Waiting::new(Urgency::Soon, "More suppliers are down".to_owned(), "/outages"));
    }
    Ok(lines)
}

fn down_still(outage: &outage::store::Listed) -> Waiting {
    let (words, href) = (format!("{} is down", outage.called()), format!("/outages/{}", outage.id));
    let hint = format!(
        "{}, {} affected, {} of {} have not answered",
        outage.receipt, outage.affected, outage.waiting, outage.organisations
    );
    Waiting { hint, ..Waiting::new(Urgency::Now, words, href) }
}
