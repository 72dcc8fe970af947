//! The program's own playbooks as they stand here: each as it comes with the program, or as the CERT has published
//! it, which then stands in front. Whoever reads one, follows one or is told the first steps of one asks here.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use db::{DbError, Snapshot};
use formats::cacao::Playbook;

use super::{
    PlaybookId, built_ins,
    guidance::{self, Guidance},
    review::{self, Kind, Review},
    store::{self, InFront},
};

/// How many that were read are held, so that they need not be read again.
const MOST_HELD: usize = 64;

/// What was read, by what names the version.
static HELD: LazyLock<Mutex<HashMap<Vec<u8>, Arc<Playbook>>>> = LazyLock::new(Mutex::default);

/// One of the program's own, as it stands.
#[derive(Clone, Debug)]
pub struct Ours {
    /// The name in its address.
    pub slug: &'static str,
    /// What it says.
    pub playbook: Arc<Playbook>,
    /// What it says of itself.
    pub guidance: Guidance,
    /// What the CERT has published in front of it.
    pub in_front: Option<PlaybookId>,
    /// Who has reviewed what it says, where that still holds.
    pub reviews: Vec<Review>,
}

impl Ours {
    /// The translator who has passed its Welsh.
    pub fn translator(&self) -> Option<&Review> {
        self.reviews.iter().find(|review| review.kind == Kind::Welsh)
    }
}

/// All of them.
#[derive(Clone, Debug)]
pub struct Shelf(Vec<Ours>);

impl Shelf {
    /// As they stand now: two statements, whatever there is.
    pub async fn read(snapshot: &mut Snapshot) -> Result<Self, DbError> {
        let in_front = store::in_front(snapshot).await?;
        let reviews = review::store::standing(snapshot).await?;
        let mut all = Self::as_they_come();
        for each in in_front {
            let Some(ours) = all.0.iter_mut().find(|ours| ours.slug == each.in_front_of) else { continue };
            let Some(playbook) = read(&each) else { continue };
            if let Some(said) = guidance::of_playbook(&playbook.extensions) {
                ours.guidance = said;
            }
            ours.in_front = Some(each.id);
            ours.playbook = playbook;
        }
        for ours in &mut all.0 {
            ours.reviews = review::holding(&reviews, &ours.playbook);
        }
        Ok(all)
    }

    /// As they come with the program.
    pub fn as_they_come() -> Self {
        let ours = |each: &'static super::BuiltIn| Ours {
            slug: each.slug,
            playbook: Arc::clone(&each.playbook),
            guidance: each.guidance.clone(),
            in_front: None,
            reviews: Vec::new(),
        };
        Self(built_ins().iter().map(ours).collect())
    }

    /// All of them, in the order in which people are offered them.
    pub fn all(&self) -> &[Ours] {
        &self.0
    }

    /// The one that is called so in its address.
    pub fn called(&self, slug: &str) -> Option<&Ours> {
        self.0.iter().find(|ours| ours.slug == slug)
    }
}

/// Reads what stands in front; nothing where this program cannot, and its own is read then.
fn read(each: &InFront) -> Option<Arc<Playbook>> {
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = held.get(&each.hash) {
        return Some(Arc::clone(known));
    }
    match Playbook::read(&each.document) {
        Ok(playbook) => {
            if held.len() >= MOST_HELD {
                held.clear();
            }
            let playbook = Arc::new(playbook);
            held.insert(each.hash.clone(), Arc::clone(&playbook));
            Some(playbook)
        }
        Err(findings) => {
            tracing::error!(playbook = %each.id, finding = ?findings.first(), "what stands in front cannot be read");
            None
        }
    }
}
