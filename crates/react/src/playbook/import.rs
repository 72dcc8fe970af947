//! `carecert import playbooks FILE…`: one playbook a file, taken in whole or refused with what to mend.

use std::io::{self, Read};

use formats::{
    Refusal,
    cacao::{LARGEST, Playbook},
};
use platform::{
    Actor, App,
    import::{ImportRemark, Report},
};

use super::{PlaybookError, actions};

/// Takes a file in.
pub async fn take_in(app: &App, actor: &Actor, input: impl Read, name: &str) -> Result<Report, ImportError> {
    let mut document = Vec::new();
    input.take(LARGEST as u64 + 1).read_to_end(&mut document)?;
    let mut report = Report::of("playbooks");
    let playbook = match Playbook::read(&document) {
        Ok(playbook) => playbook,
        Err(findings) => {
            report.refuse_whole(name, findings.into_iter().map(Refusal::from));
            return Ok(report);
        }
    };
    let mut tx = app.write().await?;
    match actions::import(&mut tx, actor, &playbook, &document).await {
        Ok((_, taken)) => {
            tx.commit().await?;
            report.count(taken);
        }
        Err(PlaybookError::Database(error)) => return Err(error.into()),
        Err(error) => {
            report.refuse(name, Refusal::at(1, error.to_string()));
            return Ok(report);
        }
    }
    for remark in &playbook.remarks {
        let path = remark.step.as_ref().map(|step| format!("/workflow/{}", step.id));
        let reason = remark.to_string();
        report.remark(ImportRemark { file: name.to_owned(), line: Some(remark.line), path, reason });
    }
    if !playbook.is_manual() {
        let reason = "It has commands for machines. They are shown, and never executed here.".to_owned();
        report.remark(ImportRemark { file: name.to_owned(), line: None, path: None, reason });
    }
    Ok(report)
}

/// Why a file could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] io::Error),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}
