//! Time stamps: where an authority is named in the settings, it is asked when a piece has been kept, and its token is
//! kept once everything about it holds. The authority learns a hash and nothing else.

use std::time::Duration;

use data_encoding::HEXLOWER;
use formats::time_stamp::{self, Trusted};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use platform::{
    Actor, App, Tx,
    job::{self, Failure, Job, Lane, When},
    log::{self, Entry},
    net::{Reach, Request},
    settings::TimeStamps,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Deed, EvidenceError, EvidenceId,
    store::{self, Done, ToStamp},
};

/// How long the authority may take.
const WITHIN: Duration = Duration::from_secs(20);
/// How far the authority's clock may be from ours: beyond that one of the two proves nothing.
const APART: SignedDuration = SignedDuration::from_mins(10);

/// Asks the authority for a time stamp of a piece.
#[derive(Debug, Serialize, Deserialize)]
pub struct AskFor {
    evidence: EvidenceId,
    /// Drawn by lot when it was queued, so that a second try is the same query.
    nonce: String,
}

/// Queues the question with the piece, where there is an authority.
pub(super) async fn ask_for(app: &App, tx: &mut Tx, id: EvidenceId) -> Result<(), EvidenceError> {
    if app.settings.evidence.time_stamps.is_some() {
        let job = AskFor { evidence: id, nonce: HEXLOWER.encode(&tx.bytes::<8>()) };
        job::enqueue(tx, &job, When::default()).await?;
    }
    Ok(())
}

impl Job for AskFor {
    const NAME: &'static str = "evidence_time_stamp";
    const LANE: Lane = Lane::Elsewhere;

    async fn run(self, app: App) -> Result<(), Failure> {
        let Some(authority) = &app.settings.evidence.time_stamps else { return Ok(()) };
        let Some(piece) = store::to_stamp(&mut app.read().await?, self.evidence).await? else {
            return Ok(());
        };
        let broken = || Failure("its payload cannot be read".to_owned());
        let nonce = HEXLOWER.decode(self.nonce.as_bytes()).ok().and_then(|nonce| nonce.try_into().ok());
        let nonce: [u8; 8] = nonce.ok_or_else(broken)?;
        let hash: [u8; 32] = piece.hash.as_slice().try_into().map_err(|_| broken())?;
        let (token, at) = asked(&app, authority, &hash, nonce).await?;
        if at.duration_since(app.env.now()).abs() > APART {
            return Err(Failure(format!("the authority's clock, or ours, is wrong: it says {at}")));
        }
        let mut tx = app.write().await?;
        keep(&mut tx, self.evidence, &piece, at, &token).await?;
        Ok(tx.commit().await?)
    }
}

/// What the authority answers, once it is proven.
async fn asked(
    app: &App,
    authority: &TimeStamps,
    hash: &[u8; 32],
    nonce: [u8; 8],
) -> Result<(Vec<u8>, Timestamp), Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure(error.to_string());
    let file = &authority.certificate_file;
    let pem = tokio::fs::read_to_string(file).await;
    let pem = pem.map_err(|error| Failure(format!("{} cannot be read: {error}", file.display())))?;
    let trusted = Trusted::from_pem(&pem).map_err(|error| failed(&error))?;
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(time_stamp::QUERY))]);
    let request = Request {
        method: Method::POST,
        url: authority.url.parse().map_err(|_| Failure("timestamp.url is no address".to_owned()))?,
        headers,
        body: time_stamp::query(hash, nonce),
        most: time_stamp::LARGEST,
        within: WITHIN,
        reach: Reach::Allowed,
    };
    let answer = app.net.send(request).await.map_err(|error| failed(&error))?;
    if answer.status != StatusCode::OK {
        return Err(Failure(format!("the authority answered with {}", answer.status)));
    }
    time_stamp::answered(&answer.body, hash, nonce, &trusted).map_err(|error| failed(&error))
}

async fn keep(
    tx: &mut Tx,
    id: EvidenceId,
    piece: &ToStamp,
    at: Timestamp,
    token: &[u8],
) -> Result<(), Failure> {
    if !store::insert_stamp(tx, id, at, token).await? {
        return Ok(());
    }
    store::enter(tx, id, (None, None), Done::because(Deed::Stamped, "")).await?;
    let mut entry = Entry::new("evidence.stamped").about_a("incident", piece.incident_id.0);
    if let Some(organisation) = piece.organisation_id {
        entry = entry.organisation(organisation);
    }
    let payload = json!({"evidence": id, "zone": piece.zone.code()});
    log::write(tx, &Actor::Job(AskFor::NAME), entry.with(payload)).await?;
    Ok(())
}
