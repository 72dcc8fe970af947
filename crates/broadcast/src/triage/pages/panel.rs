//! A threat's panel: the decision, its points with who tells them and why, what was set before, and what
//! moved it in the list.

use db::{DbError, Snapshot};
use formats::ssvc::MissionAndWellBeing;
use jiff::Timestamp;

use crate::{
    threat::{
        Kind,
        store::{Statement, Threat},
    },
    triage::{
        Beside, Decision, Facts, Override, Policy, completed,
        judge::{self, Judged},
        store::{self, Change},
    },
};

/// What the panel shows.
#[derive(Debug, Default)]
pub(crate) struct Panel {
    /// None where there is nothing to decide: it is knowledge to look up, or nobody says anything any more.
    pub decision: Option<Decision>,
    /// The outcomes between which it is not decided, such as "Track and Act"; none where it is.
    pub between: Option<String>,
    pub points: Vec<Judged>,
    /// What kind of threat it is of, in whose words the points are.
    pub kind: Option<Kind>,
    /// What mission prevalence and public well-being make together.
    pub impact: String,
    /// The whole in one line, for other tools.
    pub vector: String,
    pub set: Vec<Override>,
    pub ended: Vec<Override>,
    pub changes: Vec<Change>,
}

impl Panel {
    /// The panel of a threat of which `statements` are what is said now; none where there is nothing to
    /// decide, and never was.
    pub(crate) async fn of(
        snapshot: &mut Snapshot,
        threat: &Threat,
        statements: &[&Statement],
        now: Timestamp,
    ) -> Result<Option<Self>, DbError> {
        let points = store::points(snapshot, threat.id).await?;
        let all = store::overrides(snapshot, threat.id).await?;
        let changes = store::changes(snapshot, threat.id).await?;
        let (set, ended): (Vec<_>, Vec<_>) = all.into_iter().partition(|each| each.until.is_none());
        let Some((points, epss)) = points else {
            let was = !changes.is_empty() || !ended.is_empty();
            return Ok(was.then(|| Self { ended, changes, ..Self::default() }));
        };
        let said: Vec<_> = statements.iter().map(|each| (each.source, &each.said)).collect();
        let seen = store::seen_of(snapshot, &[threat.id]).await?.remove(&threat.id).unwrap_or_default();
        let beside = Beside { overrides: set, seen };
        let facts = Facts { kind: threat.kind, said: &said, beside: &beside };
        let points = completed(points, epss);
        let outcomes = points.outcomes();
        let impact = points.mission_prevalence.zip(points.public_well_being);
        Ok(Some(Self {
            kind: Some(threat.kind),
            decision: Some(Decision::of(outcomes)),
            between: outcomes
                .decided()
                .is_none()
                .then(|| format!("{} and {}", outcomes.lowest.label(), outcomes.highest.label())),
            points: judge::judged(facts, epss, Policy::current(now)),
            impact: impact
                .map(|(prevalence, harm)| MissionAndWellBeing::of(prevalence, harm).label().to_owned())
                .unwrap_or_default(),
            vector: Some(points)
                .filter(|_| threat.kind == Kind::Vulnerability)
                .and_then(|points| {
                    points.vector(&threat.changed_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
                })
                .unwrap_or_default(),
            set: beside.overrides,
            ended,
            changes,
        }))
    }

    /// The words for what was set.
    pub(crate) fn label<'a>(&self, set: &'a Override) -> &'a str {
        let value = self.kind.and_then(|kind| kind.value(set.point, &set.value));
        value.map_or_else(|| set.label(), |value| value.label)
    }

    /// What a point is called.
    pub(crate) fn name(&self, set: &Override) -> &'static str {
        self.kind.map_or_else(|| set.point.label(), |kind| kind.point_name(set.point))
    }

    /// What an analyst set of this point.
    pub(crate) fn set_of(&self, judged: &Judged) -> Option<&Override> {
        self.set.iter().find(|set| set.point == judged.point)
    }
}

impl Override {
    /// The words for its value.
    pub(crate) fn label(&self) -> &str {
        self.point.value(&self.value).map_or(&self.value, |value| value.label)
    }

    /// Who set it.
    pub(crate) fn by(&self) -> &str {
        self.by.as_deref().unwrap_or("Somebody who has left")
    }
}
