//! One threat with everything that is said of it, as its page has it.

use axum::{
    extract::{Path, State},
    response::Response,
};
use data_encoding::HEXLOWER;
use db::{DbError, Snapshot};
use formats::Tlp;
use http::HeaderMap;
use jiff::Timestamp;
use platform::{
    App,
    web::{Error, etag},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{billionths, link, tenths};
use crate::{
    activity::{self, Basis, Confidence, store::State as Entry},
    source::Source,
    threat::{
        Kind, ProductStatus, Scored, Scorer, Status, ThreatId, headline,
        store::{self, Scores, Statement, Threat},
    },
    triage::{Decision, Panel, store::Change},
};

/// Products of one statement that are told; the document has them all.
const PRODUCTS: usize = 50;

/// A threat, whole.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CertThreat {
    /// Its id.
    #[schema(example = "0197290b-7000-7000-8000-000000000001")]
    id: String,
    /// What kind.
    kind: Kind,
    /// Where it stands.
    status: Status,
    /// What is decided about it by SSVC; absent where there is nothing to decide.
    decision: Option<Decision>,
    /// The day of the newest statement.
    #[schema(example = "2026-06-01")]
    dated: String,
    /// When anything of it last changed.
    changed_at: String,
    /// Where people read it.
    link: String,
    /// What is said of it; absent where something of that is TLP:RED, which is for people alone.
    said: Option<CertThreatSaid>,
}

/// What is said of a threat, and what follows from that.
#[derive(Debug, Serialize, ToSchema)]
struct CertThreatSaid {
    /// Its name.
    #[schema(example = "Microsoft SMBv1 Remote Code Execution Vulnerability")]
    title: String,
    /// What it is, in plain text.
    summary: String,
    /// The vulnerabilities that it is about.
    #[schema(example = json!(["CVE-2017-0144"]))]
    cves: Vec<String>,
    /// Whether it is known to be exploited.
    known_exploited: bool,
    /// Whether ransomware is known to use it.
    ransomware: bool,
    /// Whether it concerns a medical device.
    medical: bool,
    /// Why it was dismissed.
    dismissed_reason: Option<String>,
    /// CVSS scores by each who gives one: the one that stands for all first.
    scores: Vec<CertScore>,
    /// The rule by which that one was chosen.
    headline_rule: Option<String>,
    /// How likely each of its vulnerabilities is to be exploited within 30 days.
    epss: Vec<CertEpss>,
    /// Why this is decided about it.
    ssvc: Option<CertSsvc>,
    /// What moved it in the list, the newest 20 first.
    changes: Vec<CertChange>,
    /// What sources ever said, the newest first.
    statements: Vec<CertStatement>,
    /// Where it is active, by what the CERT entered, the newest entry first.
    activity: Vec<CertActivity>,
}

/// A CVSS score.
#[derive(Debug, Serialize, ToSchema)]
struct CertScore {
    /// The base score; that of its vector, where there is one.
    #[schema(example = 9.8)]
    score: f64,
    /// What was published instead, where its vector contradicts that.
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<f64>,
    /// By which version of CVSS.
    #[schema(example = "3.1")]
    version: String,
    /// Its vector, where there is one that can be read.
    vector: Option<String>,
    /// Who gave it.
    #[schema(example = "microsoft")]
    by: String,
    /// As what: `assigner`, `publisher`, `enricher`, or `list` where it is not told whose it is
    #[schema(example = "assigner")]
    scorer: &'static str,
    /// On which day.
    dated: Option<String>,
}

/// An exploit prediction.
#[derive(Debug, Serialize, ToSchema)]
struct CertEpss {
    /// Of which vulnerability.
    #[schema(example = "CVE-2017-0144")]
    cve: String,
    /// How likely, from 0 to 1.
    #[schema(example = 0.943)]
    probability: f64,
    /// The share of vulnerabilities that are less likely, from 0 to 1.
    #[schema(example = 0.999)]
    percentile: f64,
    /// Of which day; empty where that is not told.
    dated: String,
    /// The version of the model; empty where that is not told.
    model: String,
}

/// A decision by SSVC, and why.
#[derive(Debug, Serialize, ToSchema)]
struct CertSsvc {
    /// The outcomes between which it lies, in words; absent where it is decided.
    #[schema(example = "Track and Act")]
    between: Option<String>,
    /// The whole as a vector; empty where nothing is decided any more.
    vector: String,
    /// The decision points.
    points: Vec<CertPoint>,
}

/// A decision point.
#[derive(Debug, Serialize, ToSchema)]
struct CertPoint {
    /// `exploitation`, `automatable`, `technical_impact`, `mission_prevalence` or `public_well_being`
    #[schema(example = "exploitation")]
    point: &'static str,
    /// Its value; absent where it is unknown.
    #[schema(example = "active")]
    value: Option<&'static str>,
    /// Who or what it is from; an analyst without their name.
    from: String,
    /// Why.
    reason: String,
}

/// What moved a threat in the list.
#[derive(Debug, Serialize, ToSchema)]
struct CertChange {
    /// When.
    at: String,
    /// A source, `analyst` or `policy`
    #[schema(example = "kev")]
    cause: &'static str,
    /// What was decided about it before.
    was: Option<Decision>,
    /// What was decided then.
    is_now: Option<Decision>,
    /// Whether it rose.
    rose: bool,
}

/// What one source says, or said, of a threat.
#[derive(Debug, Serialize, ToSchema)]
struct CertStatement {
    /// Its id.
    id: String,
    /// Which source.
    source: Source,
    /// Who says it, where the source has several publishers.
    by: String,
    /// What they call it.
    number: String,
    /// The marking that it came with: `clear`, `green`, `amber` or `amber+strict`
    tlp: Option<&'static str>,
    /// Its name.
    title: String,
    /// What it is.
    summary: String,
    /// The day that the source dates it.
    dated: String,
    /// What the source asks for.
    required_action: String,
    /// By when.
    due: Option<String>,
    /// What helps until it is remedied.
    mitigations: Vec<String>,
    /// Weaknesses, such as CWE-59.
    weaknesses: Vec<String>,
    /// Pages that say more.
    links: Vec<String>,
    /// The first 50 products that it concerns.
    products: Vec<CertProduct>,
    /// How many it names.
    product_count: usize,
    /// The name of the document that it stood in.
    document: Option<String>,
    /// The SHA-256 of it, word for word.
    hash: String,
    /// When it was taken in.
    recorded_at: String,
    /// When the source said something else; absent while it stands.
    superseded_at: Option<String>,
}

/// A product, and whether it is affected.
#[derive(Debug, Serialize, ToSchema)]
struct CertProduct {
    /// Its name, with vendor and version as the source writes them.
    name: String,
    /// How it is affected; silence is unknown.
    status: ProductStatus,
}

/// That a threat is active in an area.
#[derive(Debug, Serialize, ToSchema)]
struct CertActivity {
    /// The code of the region, or `everywhere`.
    #[schema(example = "Y63")]
    area: &'static str,
    /// Its name.
    #[schema(example = "North East and Yorkshire")]
    name: &'static str,
    /// Against which types of organisations; empty where that is not known.
    kinds: Vec<&'static str>,
    /// The first day.
    from: String,
    /// The last day; absent while it goes on.
    until: Option<String>,
    /// Where it is known from.
    basis: Basis,
    /// How sure that is.
    confidence: Confidence,
    /// What else is to be known of it.
    note: String,
}

/// One threat: its statements with their provenance, scores by source and date, the decision with its
/// reasons, what moved it in the list, and where it is active.
#[utoipa::path(
    get, path = "/api/v1/cert/threats/{id}", tag = "cert: threats", operation_id = "cert_show_threat",
    params(("id" = String, Path, description = "Its id"),
           ("If-None-Match" = Option<String>, Header, description = "The ETag of what you hold")),
    responses((status = 200, description = "The threat", body = CertThreat, headers(("ETag" = String))),
              (status = 304, description = "It is as you hold it"),
              (status = 404, description = "There is no such threat"))
)]
pub(super) async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let id: ThreatId = id.parse().map_err(|()| Error::NotFound)?;
    let now = app.env.now();
    let mut snapshot = app.read().await?;
    let threat = store::threat(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let statements = store::statements(&mut snapshot, id).await?;
    let standing: Vec<_> = statements.iter().filter(|each| each.superseded_at.is_none()).collect();
    let panel = Panel::of(&mut snapshot, &threat, &standing, now).await?;
    let decision = panel.as_ref().and_then(|panel| panel.decision);
    let said = if standing.iter().any(|each| is_in_person(each)) {
        None
    } else {
        Some(CertThreatSaid::of(&mut snapshot, &threat, &standing, panel).await?)
    };
    drop(snapshot);
    let said = said.map(|said| CertThreatSaid {
        statements: statements.into_iter().filter(|each| !is_in_person(each)).map(Into::into).collect(),
        ..said
    });
    let told = CertThreat {
        id: id.to_string(),
        kind: threat.kind,
        status: threat.status,
        decision,
        dated: threat.dated,
        changed_at: threat.changed_at.to_string(),
        link: link(&app, id),
        said,
    };
    etag::tagged(&headers, &told)
}

fn is_in_person(statement: &Statement) -> bool {
    statement.said.marking == Some(Tlp::Red)
}

impl CertThreatSaid {
    /// All but the statements themselves.
    async fn of(
        snapshot: &mut Snapshot,
        threat: &Threat,
        standing: &[&Statement],
        panel: Option<Panel>,
    ) -> Result<Self, DbError> {
        let cves = store::cves(snapshot, threat.id).await?;
        let mut epss: Vec<_> = store::scores_of(snapshot, &cves).await?.into_iter().collect();
        epss.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let entries = if threat.kind.is_active_somewhere() {
            activity::store::of_threat(snapshot, threat.id).await?
        } else {
            Vec::new()
        };
        let listed: Vec<Scored> = epss.iter().filter_map(|(_, scores)| scores.cvss()).collect();
        let given = standing.iter().flat_map(|each| &each.said.scores);
        let mut scores: Vec<&Scored> = given.chain(&listed).collect();
        scores.sort_by_key(|scored| crate::threat::by_nearness(scored));
        let (ssvc, changes) = panel.map(judged).unwrap_or_default();
        Ok(Self {
            title: threat.title.clone(),
            summary: threat.summary.clone(),
            cves,
            known_exploited: threat.known_exploited,
            ransomware: threat.ransomware,
            medical: threat.medical,
            dismissed_reason: threat.dismissed_reason.clone(),
            headline_rule: headline(scores.iter().copied()).map(Scored::rule),
            scores: scores.into_iter().map(Into::into).collect(),
            epss: epss.into_iter().map(Into::into).collect(),
            ssvc,
            changes,
            statements: Vec::new(),
            activity: entries.into_iter().map(Into::into).collect(),
        })
    }
}

/// The decision with its reasons, where one is made, and what moved the threat.
fn judged(panel: Panel) -> (Option<CertSsvc>, Vec<CertChange>) {
    let point = |judged: &crate::triage::judge::Judged| CertPoint {
        point: judged.point.code(),
        value: judged.value.map(|value| value.code),
        from: match panel.set_of(judged) {
            Some(_) => "An analyst".to_owned(),
            None => judged.from.clone(),
        },
        reason: judged.reason.clone(),
    };
    let ssvc = panel.decision.map(|_| CertSsvc {
        between: panel.between.clone(),
        vector: panel.vector.clone(),
        points: panel.points.iter().map(point).collect(),
    });
    (ssvc, panel.changes.into_iter().map(Into::into).collect())
}

impl From<&Scored> for CertScore {
    fn from(scored: &Scored) -> Self {
        Self {
            score: tenths(scored.counts().tenths().into()),
            published: scored.contradicted().map(|score| tenths(score.tenths().into())),
            version: scored.version_told().to_owned(),
            vector: scored.vector.as_ref().map(|vector| vector.vector().to_owned()),
            by: scored.by.clone(),
            scorer: match scored.scorer {
                Scorer::Assigner => "assigner",
                Scorer::Publisher => "publisher",
                Scorer::Enricher => "enricher",
                Scorer::List => "list",
            },
            dated: scored.on.map(|day| day.to_string()),
        }
    }
}

impl From<(String, Scores)> for CertEpss {
    fn from((cve, scores): (String, Scores)) -> Self {
        Self {
            cve,
            probability: billionths(scores.score),
            percentile: billionths(scores.percentile),
            dated: scores.dated,
            model: scores.model,
        }
    }
}

impl From<Change> for CertChange {
    fn from(change: Change) -> Self {
        Self {
            at: change.at.to_string(),
            cause: change.cause.code(),
            was: change.was.decision(),
            is_now: change.is_now.decision(),
            rose: change.rose,
        }
    }
}

impl From<Statement> for CertStatement {
    fn from(statement: Statement) -> Self {
        let said = statement.said;
        let product_count = said.products_named();
        let products = said.products.into_iter().take(PRODUCTS);
        Self {
            id: statement.id.to_string(),
            source: statement.source,
            by: said.by,
            number: said.number,
            tlp: said.marking.map(Tlp::code),
            title: said.title,
            summary: said.summary,
            dated: said.dated.to_string(),
            required_action: said.required_action,
            due: said.due.map(|day| day.to_string()),
            mitigations: said.mitigations,
            weaknesses: said.weaknesses,
            links: said.links,
            products: products.map(|each| CertProduct { name: each.name, status: each.status }).collect(),
            product_count,
            document: statement.document_name,
            hash: HEXLOWER.encode(&statement.hash),
            recorded_at: statement.recorded_at.to_string(),
            superseded_at: statement.superseded_at.map(|at: Timestamp| at.to_string()),
        }
    }
}

impl From<Entry> for CertActivity {
    fn from(entry: Entry) -> Self {
        let facts = entry.facts;
        Self {
            area: entry.area.code(),
            name: entry.area.name(),
            kinds: facts.kinds.iter().map(|kind| kind.code()).collect(),
            from: facts.from.to_string(),
            until: facts.until.map(|day| day.to_string()),
            basis: facts.basis,
            confidence: facts.confidence,
            note: facts.note,
        }
    }
}
