//! What the network says became of a text: the gateway posts it here, with the token that was agreed.
//!
//! Only of a text that we sent to that very number is anything noted, and only once that it arrived.

use axum::{Json, extract::State, http::StatusCode};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

use super::{MessageId, store};
use crate::{
    App,
    access::Rule,
    organisation::contact::Mobile,
    web::{Error, Route},
};

/// The rows of what gateways tell.
pub(crate) fn routes() -> Vec<Route> {
    let sample = r#"{"id":"740e5834-3a29-46b4-9a6f-16142fde533a","reference":"019e0000-0000-7000-8000-000000000000","to":"07700900123","status":"delivered","notification_type":"sms"}"#;
    vec![Route::post("/callbacks/notify", Rule::Gateway, notify).json(sample)]
}

/// Whether `token` is the one that was agreed with the gateway; in constant time.
pub(crate) fn is_gateway(app: &App, token: &str) -> bool {
    let agreed = app.settings.sms.as_ref().and_then(|sms| sms.callback_token.as_deref());
    let mac = |text: &str| {
        let mac = Hmac::<Sha256>::new_from_slice(b"callback").expect("HMAC takes a key of any length");
        mac.chain_update(text.as_bytes())
    };
    agreed.is_some_and(|agreed| mac(token).verify(&mac(agreed).finalize().into_bytes()).is_ok())
}

/// What the gateway tells; whatever else stands in it is passed over.
#[derive(Debug, Deserialize)]
struct Receipt {
    /// Our own id, where the text was ours.
    #[serde(default)]
    reference: Option<String>,
    /// The number.
    to: String,
    status: String,
}

/// `POST /callbacks/notify`
async fn notify(State(app): State<App>, Json(receipt): Json<Receipt>) -> Result<StatusCode, Error> {
    let failed = match receipt.status.as_str() {
        "delivered" => None,
        "permanent-failure" => Some("The network says that the number does not exist or takes no texts."),
        "temporary-failure" => {
            Some("The network could not reach the mobile: it may be switched off or full.")
        }
        "technical-failure" => Some("The gateway or the network failed."),
        // What we do not know says nothing, and is told no better by being sent again.
        _ => return Ok(StatusCode::NO_CONTENT),
    };
    let id: Option<uuid::Uuid> = receipt.reference.as_deref().and_then(|reference| reference.parse().ok());
    if let (Some(id), Some(mobile)) = (id, Mobile::read(&receipt.to)) {
        let mut tx = app.write().await?;
        store::receipt(&mut tx, MessageId(id), mobile.as_str(), failed).await?;
        tx.commit().await?;
    }
    // Also where it is of none of ours: another service may share the gateway.
    Ok(StatusCode::NO_CONTENT)
}
