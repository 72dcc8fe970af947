//! The pages in which a playbook is written: they work without scripts, one thing on each.

mod about;
mod add;
mod decide;
mod differs;
mod list;
mod show;
mod step;

use platform::{access::Rule, web::Route};

use crate::{
    access::READ_INCIDENTS,
    playbook::{APPROVE_PLAYBOOKS, KEEP_PLAYBOOKS},
};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, keep) = (Rule::Roles(READ_INCIDENTS), Rule::Roles(KEEP_PLAYBOOKS));
    let approve = Rule::Roles(APPROVE_PLAYBOOKS);
    vec![
        Route::get("/playbooks/drafts", read, list::list),
        Route::post("/playbooks/drafts", keep, list::begin).form("name=Wombats+in+the+cellar"),
        Route::post("/playbooks/{playbook}/change", keep, list::change).sample("/playbooks/phishing/change"),
        Route::post("/playbooks/{playbook}/copy", keep, list::copy).sample("/playbooks/phishing/copy"),
        Route::get("/playbooks/drafts/{draft}", read, show::show)
            .sample("/playbooks/drafts/{playbook_draft}"),
        Route::get("/playbooks/drafts/{draft}/file", read, show::download)
            .sample("/playbooks/drafts/{playbook_draft}/file"),
        Route::get("/playbooks/drafts/{draft}/about", keep, about::ask)
            .sample("/playbooks/drafts/{playbook_draft}/about"),
        Route::post("/playbooks/drafts/{draft}/about", keep, about::save)
            .sample("/playbooks/drafts/{playbook_draft}/about")
            .form("name=Wombats&labels=wombat&use_when=They+dig&tlp=clear&seen={playbook_draft_seen}"),
        Route::get("/playbooks/drafts/{draft}/add", keep, add::ask)
            .sample("/playbooks/drafts/{playbook_draft}/add?after={playbook_draft_step}"),
        Route::post("/playbooks/drafts/{draft}/add", keep, add::add)
            .sample("/playbooks/drafts/{playbook_draft}/add")
            .form("after={playbook_draft_step}&kind=question&name=Do+they+dig%3F"),
        Route::get("/playbooks/drafts/{draft}/steps/{step}", keep, step::ask)
            .sample("/playbooks/drafts/{playbook_draft}/steps/{playbook_draft_step}"),
        Route::post("/playbooks/drafts/{draft}/steps/{step}", keep, step::save)
            .sample("/playbooks/drafts/{playbook_draft}/steps/{playbook_draft_step}")
            .form("name=Close+the+cellar&owner=The+porter&how=Turn+the+key&seen={playbook_draft_step_seen}"),
        Route::post("/playbooks/drafts/{draft}/steps/{step}/move", keep, add::shift)
            .sample("/playbooks/drafts/{playbook_draft}/steps/{playbook_draft_step}/move")
            .form("go=down"),
        Route::post("/playbooks/drafts/{draft}/steps/{step}/branch", keep, add::branch)
            .sample("/playbooks/drafts/{playbook_draft}/steps/{playbook_draft_choice}/branch")
            .form("answer=Perhaps"),
        Route::get("/playbooks/drafts/{draft}/steps/{step}/remove", keep, add::ask_to_remove)
            .sample("/playbooks/drafts/{playbook_draft}/steps/{playbook_draft_step}/remove"),
        Route::post("/playbooks/drafts/{draft}/steps/{step}/remove", keep, add::remove)
            .sample("/playbooks/drafts/{playbook_draft}/steps/{playbook_draft_step}/remove"),
        Route::post("/playbooks/drafts/{draft}/submit", keep, decide::submit)
            .sample("/playbooks/drafts/{playbook_draft}/submit")
            .form("edition={playbook_draft_edition}"),
        Route::post("/playbooks/drafts/{draft}/drop", keep, decide::drop_it)
            .sample("/playbooks/drafts/{playbook_draft}/drop")
            .form("edition={playbook_draft_edition}"),
        Route::post("/playbooks/drafts/{draft}/send-back", approve, decide::send_back)
            .sample("/playbooks/drafts/{submitted_draft}/send-back")
            .form("edition={submitted_draft_edition}&reason=Say+where+the+key+is"),
        Route::post("/playbooks/drafts/{draft}/publish", approve, decide::publish)
            .sample("/playbooks/drafts/{submitted_draft}/publish")
            .form("edition={submitted_draft_edition}"),
    ]
}
