//! The bodies of the sector: what each is, where it stands, who is reached there, who answers for it.

db::id! {
    /// Names an organisation.
    pub OrganisationId
}
