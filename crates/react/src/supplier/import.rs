//! A list of what organisations use, as CSV: `organisation,supplier,system` and, where it is known, `clinical,downtime`.
//!
//! Each row is taken in or refused by itself. Whoever imports may say it of those for whom they answer, no others.

use std::io::Read;

use db::DbError;
use formats::Refusal;
use platform::{
    Actor, App, Tx,
    import::{Incoming, Report, TURN, Taken},
    log::{self, Entry},
    organisation::import::{
        Growth,
        header::{Header, Line},
    },
    web::Refusal as _,
};
use serde_json::json;

use super::{LONGEST, LONGEST_NAME, Said, SupplierError, actions};

/// The columns, which may stand in any order.
const HEADER: Header =
    Header { required: &["organisation", "supplier", "system"], optional: &["clinical", "downtime"] };

/// Takes in a list; one entry of the log tells of all of it.
pub async fn take_in(
    app: &App,
    actor: &Actor,
    input: impl Read + Send + 'static,
    file: &str,
    on_progress: &(dyn Fn(u64) + Sync),
) -> Result<Report, DbError> {
    let mut report = Report::of("suppliers");
    let mut growth = Growth::default();
    let mut incoming = Incoming::read(input, move |input| HEADER.lines(input));
    while let Some(batch) = incoming.next().await {
        let mut rest = batch.rows.into_iter().peekable();
        while rest.peek().is_some() {
            let mut tx = app.write().await?;
            while app.env.now().duration_since(tx.now) <= TURN {
                match rest.next() {
                    None => break,
                    Some(Err(refusal)) => report.refuse(file, refusal),
                    Some(Ok(line)) => match take(&mut tx, actor, &line).await? {
                        Ok(taken) => report.count(taken),
                        Err(refusal) => report.refuse(file, refusal),
                    },
                }
            }
            tx.commit().await?;
        }
        growth.note(app, &report).await?;
        on_progress(batch.bytes);
    }
    let hash = data_encoding::HEXLOWER.encode(&incoming.hash().await);
    let mut tx = app.write().await?;
    let payload = json!({"file": file, "sha256": hash, "new": report.new, "changed": report.changed,
                         "same": report.same, "refused": report.refused});
    log::write(&mut tx, actor, Entry::new("supplier.imported").with(payload)).await?;
    tx.commit().await?;
    Ok(report)
}

/// Takes a row in, or says what to mend.
async fn take(tx: &mut Tx, actor: &Actor, line: &Line) -> Result<Result<Taken, Refusal>, DbError> {
    let said = match said(line) {
        Ok(said) => said,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let organisation = match actions::writes_for(tx, actor, line.get("organisation")).await {
        Ok(organisation) => organisation,
        Err(SupplierError::Database(error)) => return Err(error),
        Err(_) => {
            let reason = "No organisation has this code, or you do not answer for it.";
            return Ok(Err(line.refuse("organisation", reason)));
        }
    };
    match actions::take(tx, organisation, &said).await {
        Ok(taken) => Ok(Ok(taken)),
        Err(SupplierError::Database(error)) => Err(error),
        Err(error) => Ok(Err(line.refuse(error.field("").unwrap_or("supplier"), error.to_string()))),
    }
}

fn said(line: &Line) -> Result<Said, Refusal> {
    for (column, most) in [("supplier", LONGEST_NAME), ("system", LONGEST_NAME), ("downtime", LONGEST)] {
        if line.get(column).chars().count() > most || line.get(column).contains('\0') {
            return Err(line.refuse(column, format!("The {column} has more than {most} characters.")));
        }
    }
    let clinical = match line.get("clinical").trim().to_lowercase().as_str() {
        "yes" | "true" | "1" => true,
        "" | "no" | "false" | "0" => false,
        _ => return Err(line.refuse("clinical", "The column clinical says neither yes nor no.")),
    };
    let of = |column: &str| line.get(column).to_owned();
    Ok(Said { supplier: of("supplier"), system: of("system"), clinical, downtime: of("downtime") })
}
