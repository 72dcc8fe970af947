//! The offline form's choices in Welsh, as far as its template does not say them itself.
//!
//! Every text is a draft, and the form says so, until a translator has passed it. What is sent is the same in either
//! language: codes, and what somebody typed.

use crate::report::{Care, Seen};

/// What is seen.
pub(super) const fn seen(seen: Seen) -> &'static str {
    match seen {
        Seen::FilesLocked => "Mae ffeiliau wedi'u cloi, neu mae pridwerth yn cael ei hawlio",
        Seen::MailOpened => "Agorwyd e-bost, dolen neu atodiad amheus",
        Seen::DataGone => "Cymerwyd data, mae'n cael ei gynnig yn rhywle arall, neu mae wedi mynd",
        Seen::SystemDown => "Mae un o'n systemau i lawr",
        Seen::SupplierDown => "Mae gwasanaeth cyflenwr i lawr, neu ymosodwyd ar y cyflenwr",
        Seen::DeviceMisbehaves => "Mae dyfais feddygol neu ddyfais arall yn camymddwyn",
        Seen::DeviceLost => "Mae dyfais wedi'i cholli neu ei dwyn",
        Seen::SomethingElse => "Rhywbeth arall",
    }
}

/// What care is affected.
pub(super) const fn care(care: Care) -> &'static str {
    match care {
        Care::Emergency => "Gofal brys",
        Care::Theatres => "Llawdriniaethau a theatrau",
        Care::Wards => "Wardiau a gofal dwys",
        Care::Maternity => "Mamolaeth",
        Care::Outpatients => "Cleifion allanol a chlinigau",
        Care::Diagnostics => "Labordai a delweddu",
        Care::Medicines => "Rhagnodi a meddyginiaethau",
        Care::Appointments => "Apwyntiadau ac atgyfeiriadau",
        Care::Community => "Gofal gartref, mewn cartrefi gofal neu yn y gymuned",
        Care::NotYet => "Dim hyd yn hyn",
    }
}

/// What comes before everything else, as [`crate::report::first_steps::ALWAYS`].
pub(super) const ALWAYS: &[&str] = &[
    "Cleifion sy'n dod yn gyntaf. Os yw gofal mewn perygl, dilynwch eich gweithdrefnau amser segur nawr a dywedwch wrth y person sydd â gofal y safle.",
    "Peidiwch â siarad amdano drwy e-bost neu sgwrs a allai fod dan ymosodiad hefyd. Ffoniwch bobl, ar rifau sydd gennych yn barod.",
];
