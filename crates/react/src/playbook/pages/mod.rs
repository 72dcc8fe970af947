//! Playbooks as people read them, and as the CERT keeps them.

mod keep;
mod list;
mod show;

use platform::{access::Rule, web::Route};

use super::KEEP_PLAYBOOKS;
pub(super) use show::{find, marked};

/// The largest form of an import: a playbook, each of whose letters may be written as three.
const MOST: usize = 4 * 1024 * 1024;

/// This noun's rows of the route table. Whoever reads one that was imported is asked for again by its query.
pub(crate) fn routes() -> Vec<Route> {
    let (anyone, keep) = (Rule::Anyone, Rule::Roles(KEEP_PLAYBOOKS));
    vec![
        Route::get("/playbooks", anyone, list::list).sample("/playbooks?q=locked"),
        Route::get("/playbooks/import", keep, keep::ask),
        Route::post("/playbooks/import/file", keep, keep::import_file).file("{playbook_file}"),
        Route::post("/playbooks/import", keep, keep::import).form("document={playbook_document}").up_to(MOST),
        Route::get("/playbooks/{playbook}", anyone, show::show).sample("/playbooks/ransomware?lang=cy"),
        Route::get("/playbooks/{playbook}/file", anyone, show::download).sample("/playbooks/ransomware/file"),
        Route::post("/playbooks/{playbook}/withdraw", keep, keep::withdraw)
            .sample("/playbooks/{imported_playbook}/withdraw")
            .form("version=1&reason=There+is+a+better+one"),
    ]
}
