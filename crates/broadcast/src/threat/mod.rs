//! A threat: a weakness or an attack that may concern the sector, made of what sources say about it.

db::id! {
    /// Names a threat.
    pub ThreatId
}
