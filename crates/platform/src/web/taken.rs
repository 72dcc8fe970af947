//! What becomes of a form: it is taken, or it is shown again with the sentence that says why not, so that nobody types
//! anything twice.

use std::fmt::Display;

use super::{Error, form::Problems};
use crate::Tx;

/// Why something was not done that a form asked for.
pub trait Refusal: Display + Into<Error> {
    /// Beside which field its sentence stands in the form, for somebody to mend it or to decide: `about`, with which
    /// the form has to do, unless it knows better. Whoever meets one of no field meets it on a page of its own.
    fn field(&self, about: &'static str) -> Option<&'static str>;
}

/// What was done, which stands from now on; or none, where it was refused: why stands beside its field among the problems
/// with which the form is to be shown again.
pub async fn taken<T, R: Refusal>(
    tx: Tx,
    done: Result<T, R>,
    (problems, about): (&mut Problems, &'static str),
) -> Result<Option<T>, Error> {
    match done {
        Ok(done) => {
            tx.commit().await?;
            Ok(Some(done))
        }
        Err(refusal) => {
            let Some(field) = refusal.field(about) else { return Err(refusal.into()) };
            problems.push(field, refusal.to_string());
            Ok(None)
        }
    }
}
