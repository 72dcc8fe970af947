//! The product tree (CSAF 2.0, 3.2.2), flattened: every product, wherever in the tree it stands.
//!
//! A product knows the branch on which it hangs, and a branch the one above, so that a vendor's name
//! is kept once however many products bear it.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::identity::{Identity, identity};
use super::lenient::{Fields, Node, Object, counted};
use super::remark::RemarkKind;
use super::words::{BranchCategory, RelationshipCategory};

/// The most branches above one another: real documents have three to six.
pub const MOST_LEVELS: usize = 30;
/// The most relationships that are followed from one product to what it is made of.
const MOST_STEPS: usize = 16;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident,)+) => { $(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(super) Arc<str>);

        impl $name {
            /// As it stood in the document.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    )+ };
}

ids! {
    /// By what a document refers to a product; it means something within the document alone.
    ProductId,
    /// By what a document refers to a group of products.
    GroupId,
}

/// A branch of the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Branch {
    /// What it stands for.
    pub category: Option<BranchCategory>,
    /// Its name, as it stood there.
    pub name: Option<String>,
    /// The branch above, by its place in [`ProductTree::branches`].
    pub above: Option<usize>,
}

/// A product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Product {
    /// By what the document refers to it.
    pub id: ProductId,
    /// Its full name.
    pub name: Option<String>,
    /// By what it is known elsewhere.
    pub identity: Option<Box<Identity>>,
    /// The branch on which it hangs, by its place in [`ProductTree::branches`].
    pub branch: Option<usize>,
    /// Of which products it is made, where it is made of two.
    pub combination: Option<Combination>,
}

/// Two products taken as one (3.2.2.4), such as an app on a telephone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Combination {
    /// How the first stands to the second.
    pub category: Option<RelationshipCategory>,
    /// The first.
    pub part: Option<ProductId>,
    /// The second.
    pub whole: Option<ProductId>,
}

/// Products that are spoken of together (3.2.2.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProductGroup {
    /// By what the document refers to it.
    pub id: GroupId,
    /// Its products.
    pub products: Vec<ProductId>,
    /// What they have in common.
    pub summary: Option<String>,
}

/// Every product of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProductTree {
    /// The branches, each after the one above it.
    pub branches: Vec<Branch>,
    /// The products, in the order branches, full names, relationships.
    pub products: Vec<Product>,
    /// The groups.
    pub groups: Vec<ProductGroup>,
    #[serde(skip)]
    places: HashMap<ProductId, usize>,
    #[serde(skip)]
    memberships: HashMap<ProductId, Vec<usize>>,
    #[serde(skip)]
    group_ids: HashSet<GroupId>,
}

/// What the branches above a product say of it. Of two branches that stand for the same, the nearer
/// one counts. For two products taken as one it is what is said of the first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Described<'a> {
    /// Who makes it.
    pub vendor: Option<&'a str>,
    /// Its family.
    pub family: Option<&'a str>,
    /// The product, for a device its model.
    pub product: Option<&'a str>,
    /// Its version, in the publisher's words, such as "1.1.3 MR Build 11".
    pub version: Option<&'a str>,
    /// The range of its versions, in the publisher's words, such as "<= 2.0" or "vers:all/*".
    pub version_range: Option<&'a str>,
    /// The kind of processor.
    pub architecture: Option<&'a str>,
    /// Its language.
    pub language: Option<&'a str>,
    /// The name of the machine.
    pub host_name: Option<&'a str>,
    /// The level of its patches.
    pub patch_level: Option<&'a str>,
    /// Its service pack.
    pub service_pack: Option<&'a str>,
    /// The specification that it follows.
    pub specification: Option<&'a str>,
    /// What older formats had.
    pub legacy: Option<&'a str>,
    /// What it is a part of, or runs on.
    pub within: Option<&'a Product>,
}

const TREE: Fields = Fields {
    required: &[],
    optional: &["branches", "full_product_names", "product_groups", "relationships"],
};
const BRANCH: Fields = Fields { required: &["category", "name"], optional: &["branches", "product"] };
const FULL_NAME: Fields =
    Fields { required: &["name", "product_id"], optional: &["product_identification_helper"] };
const GROUP: Fields = Fields { required: &["group_id", "product_ids"], optional: &["summary"] };
const RELATIONSHIP: Fields = Fields {
    required: &["category", "full_product_name", "product_reference", "relates_to_product_reference"],
    optional: &[],
};

/// The tree of a document; an empty one where it has none.
pub(super) fn tree(document: &Object<'_>) -> ProductTree {
    let mut tree = ProductTree::default();
    let Some(object) = document.get("product_tree").and_then(|node| node.object(TREE)) else {
        return tree;
    };
    tree.read_branches(&object, None, 1);
    object.list("full_product_names", |node| tree.read_product(node, None));
    object.list("relationships", |node| tree.read_relationship(node));
    object.list("product_groups", |node| tree.read_group(node));
    tree.check_references(&object);
    tree
}

/// The ids of products, or of groups, in a list.
pub(super) fn product_ids(object: &Object<'_>, name: &'static str) -> Vec<ProductId> {
    object.list(name, |node| node.id().map(ProductId))
}

/// The ids of groups in a list.
pub(super) fn group_ids(object: &Object<'_>, name: &'static str) -> Vec<GroupId> {
    object.list(name, |node| node.id().map(GroupId))
}

impl ProductTree {
    fn read_branches(&mut self, object: &Object<'_>, above: Option<usize>, level: usize) {
        object.list::<()>("branches", |node| {
            if level > MOST_LEVELS {
                node.remark(RemarkKind::Lost, || {
                    format!("Branches are read {MOST_LEVELS} levels deep; this is one too many.")
                });
                return None;
            }
            let branch = node.object(BRANCH)?;
            let place = self.branches.len();
            self.branches.push(Branch {
                category: branch.word("category"),
                name: branch.text("name"),
                above,
            });
            let leads_on = branch.get("branches").is_some();
            let product = branch.get("product");
            if leads_on == product.is_some() {
                node.remark(RemarkKind::Odd, || {
                    let what = if leads_on { "both a product and" } else { "neither a product nor" };
                    format!("This branch has {what} further branches.")
                });
            }
            if let Some(product) = product {
                self.read_product(product, Some(place));
            }
            self.read_branches(&branch, Some(place), level + 1);
            None
        });
    }

    fn read_product(&mut self, node: Node<'_>, branch: Option<usize>) -> Option<()> {
        let full_name = node.object(FULL_NAME)?;
        let Some(id) = full_name.id("product_id") else {
            node.remark(RemarkKind::Lost, || {
                "This product has no id that can be read, so nothing can be said of it.".to_owned()
            });
            return None;
        };
        let product = Product {
            id: ProductId(id),
            name: full_name.text("name"),
            identity: full_name.part("product_identification_helper", identity),
            branch,
            combination: None,
        };
        self.add(node, product);
        Some(())
    }

    fn add(&mut self, node: Node<'_>, product: Product) {
        if self.places.contains_key(&product.id) {
            node.remark(RemarkKind::Odd, || {
                format!("The product id {} is given out twice; it stands for the first.", product.id)
            });
        } else {
            self.places.insert(product.id.clone(), self.products.len());
        }
        self.products.push(product);
    }

    fn read_relationship(&mut self, node: Node<'_>) -> Option<()> {
        let relationship = node.object(RELATIONSHIP)?;
        let before = self.products.len();
        relationship.part("full_product_name", |node| self.read_product(node, None))?;
        let combination = Combination {
            category: relationship.word("category"),
            part: relationship.id("product_reference").map(ProductId),
            whole: relationship.id("relates_to_product_reference").map(ProductId),
        };
        self.products.get_mut(before)?.combination = Some(combination);
        Some(())
    }

    fn read_group(&mut self, node: Node<'_>) -> Option<()> {
        let group = node.object(GROUP)?;
        let id = GroupId(group.id("group_id")?);
        if !self.group_ids.insert(id.clone()) {
            node.remark(RemarkKind::Odd, || {
                format!("The group id {id} is given out twice; it stands for both together.")
            });
        }
        let products = product_ids(&group, "product_ids");
        let place = self.groups.len();
        for product in &products {
            self.memberships.entry(product.clone()).or_default().push(place);
        }
        self.groups.push(ProductGroup { id, products, summary: group.text("summary") });
        Some(())
    }

    /// Tells of groups and combinations that name products which are not in the tree.
    fn check_references(&self, object: &Object<'_>) {
        let parts = self.products.iter().filter_map(|product| product.combination.as_ref());
        let parts = parts.flat_map(|combination| [&combination.part, &combination.whole]).flatten();
        let strangers = parts.chain(self.memberships.keys()).filter(|id| !self.places.contains_key(*id));
        let count = strangers.count();
        if count > 0 {
            object.node().remark(RemarkKind::Odd, || {
                let named = counted(count, "product");
                format!("Groups and combinations name {named} that the tree does not have.")
            });
        }
    }

    /// The product of that id.
    pub fn product(&self, id: &str) -> Option<&Product> {
        self.places.get(id).map(|place| &self.products[*place])
    }

    /// The groups of which a product is a member.
    pub fn groups_of(&self, id: &str) -> impl Iterator<Item = &ProductGroup> {
        self.memberships.get(id).into_iter().flatten().map(|place| &self.groups[*place])
    }

    /// The products that are made of this one and another.
    pub fn combinations_of(&self, id: &str) -> impl Iterator<Item = &Product> {
        self.products.iter().filter(move |product| {
            let combination = product.combination.as_ref();
            combination
                .is_some_and(|it| [&it.part, &it.whole].into_iter().flatten().any(|of| of.as_str() == id))
        })
    }

    /// The branches above a product, the nearest first.
    pub fn branches_above(&self, product: &Product) -> impl Iterator<Item = &Branch> {
        std::iter::successors(product.branch, |place| self.branches[*place].above)
            .map(|place| &self.branches[place])
    }

    /// What the tree says of a product.
    pub fn describe<'a>(&'a self, product: &'a Product) -> Described<'a> {
        let mut described = Described::default();
        for branch in self.branches_above(self.first_part(product)) {
            let slot = match branch.category.as_ref() {
                Some(BranchCategory::Vendor) => &mut described.vendor,
                Some(BranchCategory::ProductFamily) => &mut described.family,
                Some(BranchCategory::ProductName) => &mut described.product,
                Some(BranchCategory::ProductVersion) => &mut described.version,
                Some(BranchCategory::ProductVersionRange) => &mut described.version_range,
                Some(BranchCategory::Architecture) => &mut described.architecture,
                Some(BranchCategory::Language) => &mut described.language,
                Some(BranchCategory::HostName) => &mut described.host_name,
                Some(BranchCategory::PatchLevel) => &mut described.patch_level,
                Some(BranchCategory::ServicePack) => &mut described.service_pack,
                Some(BranchCategory::Specification) => &mut described.specification,
                Some(BranchCategory::Legacy) => &mut described.legacy,
                Some(BranchCategory::Other(_)) | None => continue,
            };
            *slot = slot.or(branch.name.as_deref());
        }
        let whole = product.combination.as_ref().and_then(|combination| combination.whole.as_ref());
        described.within = whole.and_then(|id| self.product(id.as_str()));
        described
    }

    /// The product itself, or what its first part comes down to. A circle is left after some steps.
    fn first_part<'a>(&'a self, product: &'a Product) -> &'a Product {
        let part_of = |product: &'a Product| {
            let part = product.combination.as_ref()?.part.as_ref()?;
            self.product(part.as_str())
        };
        let chain = std::iter::successors(Some(product), |product| part_of(product));
        chain.take(MOST_STEPS).last().unwrap_or(product)
    }

    /// Whether the tree has a product of that id.
    pub(super) fn has(&self, id: &ProductId) -> bool {
        self.places.contains_key(id)
    }

    /// Whether the tree has a group of that id.
    pub(super) fn has_group(&self, id: &GroupId) -> bool {
        self.group_ids.contains(id)
    }
}
