//! The SQL of an import: few statements for many rows, of a fixed size, so that both engines
//! prepare each of them once.

use std::collections::HashMap;

use db::{DbError, Value, params, sql};

use super::told::Told;
use crate::{
    Tx,
    organisation::{Field, OrganisationId, Status},
};

/// Rows that one statement looks up.
pub(super) const GROUP: usize = 50;
/// Words that one statement inserts.
const WORDS: usize = 40;

db::record! {
    /// What is known of an organisation that a file names.
    pub(super) struct Known {
        pub id: OrganisationId,
        pub code: String,
        pub name: String,
        pub status: Status,
        pub region: Option<String>,
        pub parent_code: Option<String>,
        pub icb_code: Option<String>,
        pub postcode: Option<String>,
        pub source_hash: Vec<u8>,
    }
}

/// What is known of a group. Index: the unique code.
pub(super) async fn known(tx: &mut Tx, group: &[Told]) -> Result<HashMap<String, Known>, DbError> {
    let statement = sql!(
        "SELECT id, code, name, status, region, parent_code, icb_code, postcode, source_hash
         FROM organisation WHERE code IN (
             ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
             ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38,
             ?39, ?40, ?41, ?42, ?43, ?44, ?45, ?46, ?47, ?48, ?49, ?50)"
    );
    let mut codes: Vec<Value> = group.iter().map(|told| Value::from(&told.code)).collect();
    // No code is empty: the places that are left find nothing.
    codes.resize(GROUP, Value::from(""));
    let found: Vec<Known> = tx.all(statement, codes).await?;
    Ok(found.into_iter().map(|known| (known.code.clone(), known)).collect())
}

/// Lets the engine look again at how large the tables of an import are.
pub(super) async fn look_again(tx: &mut Tx) -> Result<(), DbError> {
    for statement in [
        sql!("ANALYZE organisation"),
        sql!("ANALYZE organisation_word"),
        sql!("ANALYZE answers_for"),
        sql!("ANALYZE contact"),
    ] {
        tx.run(statement, params![]).await?;
    }
    Ok(())
}

pub(super) async fn insert(tx: &mut Tx, told: &Told) -> Result<OrganisationId, DbError> {
    let statement = sql!(
        "INSERT INTO organisation (id, code, name, kind, status, region, geography, parent_code, icb_code, address,
                                   postcode, telephone, opened_on, closed_on, source_hash, changed_at, source, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, 1)"
    );
    let id = tx.id::<OrganisationId>();
    let values = values(tx, id, told);
    tx.run_later(statement, values).await?;
    if let Some((region, until)) = &told.abolished {
        let statement = sql!(
            "INSERT INTO organisation_fact (organisation_id, field, until_at, value) VALUES (?1, 'region', ?2, ?3)"
        );
        tx.run_later(statement, params![id, *until, region]).await?;
    }
    Ok(id)
}

/// Changes what is known to what the file tells; what has a history keeps it.
pub(super) async fn update(tx: &mut Tx, known: &Known, told: &Told) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE organisation SET code = ?2, name = ?3, kind = ?4, status = ?5, region = ?6, geography = ?7,
                parent_code = ?8, icb_code = ?9, address = ?10, postcode = ?11, telephone = ?12, opened_on = ?13,
                closed_on = ?14, source_hash = ?15, changed_at = ?16, source = ?17, version = version + 1
         WHERE id = ?1"
    );
    let values = values(tx, known.id, told);
    tx.run_later(statement, values).await?;
    let status = |status: Status| Some(status.code().to_owned());
    for (field, before, after) in [
        (Field::Name, Some(known.name.clone()), Some(told.name.clone())),
        (Field::Region, known.region.clone(), told.region.clone()),
        (Field::Parent, known.parent_code.clone(), told.parent.clone()),
        (Field::Icb, known.icb_code.clone(), told.icb.clone()),
        (Field::Status, status(known.status), status(told.status)),
    ] {
        if before != after {
            was_until_now(tx, known.id, field, before).await?;
        }
    }
    Ok(())
}

fn values(tx: &Tx, id: OrganisationId, told: &Told) -> Vec<Value> {
    params![
        id,
        &told.code,
        &told.name,
        told.kind,
        told.status,
        told.region.clone(),
        told.geography.clone(),
        told.parent.clone(),
        told.icb.clone(),
        &told.address,
        told.postcode.clone(),
        told.telephone.clone(),
        told.opened.clone(),
        told.closed.clone(),
        told.hash,
        tx.now,
        &told.source
    ]
}

/// Keeps what was true until now, from when the value before it ended.
async fn was_until_now(
    tx: &mut Tx,
    id: OrganisationId,
    field: Field,
    value: Option<String>,
) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO organisation_fact (organisation_id, field, from_at, until_at, value)
         VALUES (?1, ?2, (SELECT max(f.until_at) FROM organisation_fact f
                          WHERE f.organisation_id = ?1 AND f.field = ?2), ?3, ?4)
         ON CONFLICT (organisation_id, field, until_at) DO NOTHING"
    );
    let now = tx.now;
    tx.run_later(statement, params![id, field, now, value]).await
}

/// Index: `organisation_word_has`.
pub(super) async fn forget_words(tx: &mut Tx, id: OrganisationId) -> Result<(), DbError> {
    tx.run_later(sql!("DELETE FROM organisation_word WHERE organisation_id = ?1"), params![id]).await
}

pub(super) async fn insert_words(tx: &mut Tx, words: &[(String, OrganisationId)]) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO organisation_word (word, organisation_id) VALUES
             (?1, ?2), (?3, ?4), (?5, ?6), (?7, ?8), (?9, ?10), (?11, ?12), (?13, ?14), (?15, ?16),
             (?17, ?18), (?19, ?20), (?21, ?22), (?23, ?24), (?25, ?26), (?27, ?28), (?29, ?30), (?31, ?32),
             (?33, ?34), (?35, ?36), (?37, ?38), (?39, ?40), (?41, ?42), (?43, ?44), (?45, ?46), (?47, ?48),
             (?49, ?50), (?51, ?52), (?53, ?54), (?55, ?56), (?57, ?58), (?59, ?60), (?61, ?62), (?63, ?64),
             (?65, ?66), (?67, ?68), (?69, ?70), (?71, ?72), (?73, ?74), (?75, ?76), (?77, ?78), (?79, ?80)
         ON CONFLICT (word, organisation_id) DO NOTHING"
    );
    for chunk in words.chunks(WORDS) {
        // The last chunk is filled up with its last pair, which is there already.
        let filler = chunk.last().into_iter().cycle();
        let values = chunk
            .iter()
            .chain(filler)
            .take(WORDS)
            .flat_map(|(word, id)| [Value::from(word), Value::from(*id)])
            .collect();
        tx.run_later(statement, values).await?;
    }
    Ok(())
}
