//! The mail that asks the owner of an address to confirm it.
//!
//! The link is made while the mail is written, so that no table ever holds it; only its hash is
//! kept. A retry makes another one, and confirming ends them all.

use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use super::{ContactId, store};
use crate::{
    App,
    access::resolve,
    job::Lane,
    message::{Draft, Kind, Letter, NoLetter, Rendering, ToRender},
    organisation::{self, OrganisationId},
};

/// This message's row of the table.
pub const VERIFY: Kind = Kind { name: "verify_contact", render };

pub(super) fn draft(
    id: ContactId,
    organisation: OrganisationId,
    address: &str,
    lane: Lane,
    key: String,
) -> Draft {
    Draft {
        kind: VERIFY.name,
        lane,
        address: address.to_owned(),
        person: None,
        // Not the contact's own message: that it left proves nothing, only the answer does.
        contact: None,
        organisation: Some(organisation),
        about: ("contact", Some(id.0)),
        fields: serde_json::Value::Null,
        not_before: None,
        key,
    }
}

fn render(app: App, message: ToRender) -> Rendering {
    Box::pin(async move {
        let contact = message.about.ok_or("it is about no contact")?;
        write(&app, contact, &message.address).await
    })
}

async fn write(app: &App, contact: Uuid, address: &str) -> Result<Letter, NoLetter> {
    let failed = |error: db::DbError| error.to_string();
    let mut tx = app.write().await.map_err(failed)?;
    let now = tx.now;
    let contact = store::find(&mut tx, ContactId(contact), now).await.map_err(failed)?;
    let contact = contact.filter(|contact| contact.email.as_deref() == Some(address));
    let contact = contact.ok_or_else(|| NoLetter::moot("The contact has ended or has another address."))?;
    let organisation = organisation::store::find(&mut tx, contact.organisation_id).await.map_err(failed)?;
    let organisation = organisation.ok_or("its organisation is gone")?;
    let token = BASE64URL_NOPAD.encode(&tx.bytes::<32>());
    store::insert_link(&mut tx, resolve::hash(&token), contact.id).await.map_err(failed)?;
    tx.commit().await.map_err(failed)?;
    let cert = &app.settings.cert;
    let text = format!(
        "{cert} warns organisations in health and care about cyber threats.\n\
         \n\
         This address was named as a contact of {name} ({code}): {role}.\n\
         To receive its alerts, confirm it within 7 days:\n\
         \n\
         {link}\n\
         \n\
         If this is a mistake, do nothing: nothing more will be sent here until it is confirmed.\n\
         Questions? Ring {cert} on {telephone}.\n",
        cert = cert.name,
        name = organisation.name,
        code = organisation.code,
        role = contact.role.label(),
        link = app.link(&format!("/confirm-address/{token}")),
        telephone = cert.telephone,
    );
    Ok(Letter {
        subject: format!("Confirm that you receive cyber alerts for {}", organisation.name),
        text,
        html: None,
    })
}
