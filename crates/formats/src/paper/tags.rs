//! What each line of a document is a part of: a heading, a paragraph, a cell. For those who have it read to them.

use std::num::NonZeroU16;

use krilla::tagging::{Identifier, ListNumbering, Node, TableHeaderScope, Tag, TagGroup, TagTree};

/// What a part of a document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Heading(u16, String),
    Paragraph,
    List,
    Item,
    Body,
    Table(String),
    Caption,
    Head,
    Rows,
    Row,
    ColumnName,
    RowName,
    Cell,
}

/// A part, within another one or in the document itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub role: Role,
    pub within: Option<usize>,
}

/// The tree of these parts; `leaves` are the lines of each. A part stands behind the one that it is in.
pub(super) fn tree(parts: &[Part], leaves: Vec<Vec<Identifier>>) -> TagTree {
    let mut groups: Vec<Option<TagGroup>> = parts.iter().map(|part| Some(group(&part.role))).collect();
    for (group, leaves) in groups.iter_mut().zip(leaves) {
        let Some(group) = group else { continue };
        for leaf in leaves {
            group.push(leaf);
        }
    }
    let mut roots = Vec::new();
    // From behind, so that each part is whole before it goes into the one that it is in.
    for (place, part) in parts.iter().enumerate().rev() {
        let Some(mut group) = groups[place].take().filter(|group| !group.children.is_empty()) else {
            continue;
        };
        if matches!(group.children.first(), Some(Node::Group(_))) {
            group.children.reverse();
        }
        match part.within.and_then(|within| groups.get_mut(within)).and_then(Option::as_mut) {
            Some(around) => around.push(group),
            None => roots.push(group),
        }
    }
    let mut tree = TagTree::new();
    roots.into_iter().rev().for_each(|group| tree.push(group));
    tree
}

fn group(role: &Role) -> TagGroup {
    match role {
        Role::Heading(level, title) => {
            let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
            TagGroup::new(Tag::Hn(level, Some(title.clone())))
        }
        Role::Paragraph => TagGroup::new(Tag::P),
        Role::List => TagGroup::new(Tag::L(ListNumbering::Disc)),
        Role::Item => TagGroup::new(Tag::LI),
        Role::Body => TagGroup::new(Tag::LBody),
        Role::Table(caption) => TagGroup::new(Tag::Table.with_summary(Some(caption.clone()))),
        Role::Caption => TagGroup::new(Tag::Caption),
        Role::Head => TagGroup::new(Tag::THead),
        Role::Rows => TagGroup::new(Tag::TBody),
        Role::Row => TagGroup::new(Tag::TR),
        Role::ColumnName => TagGroup::new(Tag::TH(TableHeaderScope::Column)),
        Role::RowName => TagGroup::new(Tag::TH(TableHeaderScope::Row)),
        Role::Cell => TagGroup::new(Tag::TD),
    }
}
