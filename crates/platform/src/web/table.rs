//! Tables on a telephone: there each row is a block, and each cell says which column it is of.
//!
//! The names of the columns are written once, in the head; this pass over the finished table puts
//! them on the cells, so that no page says them twice or forgets one. The style sheet does the
//! rest. The roles keep it a table for screen readers, whatever it looks like.

/// What the markup of a table is cut at.
const TAGS: [&str; 5] = ["<thead", "<tbody", "<tr", "<th", "<td"];

/// The head and body of a table, as `components.html` makes it, with the names of its columns on
/// every cell.
pub(super) fn labelled(table: &str) -> String {
    let columns = columns(table);
    let mut whole = String::with_capacity(table.len() * 5 / 4);
    let (mut rest, mut column) = (table, 0);
    while let Some(start) = next_tag(rest) {
        let (before, tag) = rest.split_at(start);
        let (name, behind) = tag.split_at(tag.find([' ', '>']).unwrap_or(tag.len()));
        let attributes = &behind[..behind.find('>').unwrap_or(behind.len())];
        whole.push_str(before);
        whole.push_str(name);
        match name {
            "<thead" | "<tbody" => whole.push_str(r#" role="rowgroup""#),
            "<tr" => {
                whole.push_str(r#" role="row""#);
                column = 0;
            }
            "<th" if attributes.contains(r#"scope="col""#) => whole.push_str(r#" role="columnheader""#),
            _ => {
                let role = if name == "<th" { "rowheader" } else { "cell" };
                let label = columns.get(column).map_or("", String::as_str);
                whole.extend([r#" role=""#, role, r#"" data-label=""#, label, r#"""#]);
                column += 1;
            }
        }
        rest = behind;
    }
    whole + rest
}

/// Where the next tag begins that gets something.
fn next_tag(html: &str) -> Option<usize> {
    html.match_indices('<').map(|(place, _)| place).find(|place| {
        let tag = &html[*place..];
        let ends = |name: &str| tag[name.len()..].starts_with([' ', '>']);
        TAGS.iter().any(|name| tag.starts_with(name) && ends(name))
    })
}

/// The names of the columns, in their order, as text that an attribute can hold.
fn columns(table: &str) -> Vec<String> {
    let head = table.split("</thead>").next().unwrap_or_default();
    head.split("<th ").skip(1).filter_map(|cell| Some(plain(cell.split_once('>')?.1))).collect()
}

/// The text up to the end of the cell, without what it is wrapped in. It is escaped already.
fn plain(cell: &str) -> String {
    let cell = cell.split("</th>").next().unwrap_or_default();
    let mut depth = 0_usize;
    let text = cell.chars().filter(|letter| match letter {
        '<' => {
            depth += 1;
            false
        }
        '>' => {
            depth = depth.saturating_sub(1);
            false
        }
        _ => depth == 0,
    });
    text.collect::<String>().trim().replace('"', "&#34;")
}

#[cfg(test)]
mod tests {
    use super::labelled;

    #[test]
    fn every_cell_says_which_column_it_is_of() {
        let table = r#"<thead class="h"><tr><th class="x" scope="col">Name</th><th scope="col" data-sort><a href="/?a=1">Due &#38; done</a></th></tr></thead>
<tbody><tr class="r"><th scope="row"><a href="/1">One</a></th><td class="c">Today<br><track></td></tr>
<tr><th scope="row">Two</th><td>Later</td></tr></tbody>"#;
        let expected = r#"<thead role="rowgroup" class="h"><tr role="row"><th role="columnheader" class="x" scope="col">Name</th><th role="columnheader" scope="col" data-sort><a href="/?a=1">Due &#38; done</a></th></tr></thead>
<tbody role="rowgroup"><tr role="row" class="r"><th role="rowheader" data-label="Name" scope="row"><a href="/1">One</a></th><td role="cell" data-label="Due &#38; done" class="c">Today<br><track></td></tr>
<tr role="row"><th role="rowheader" data-label="Name" scope="row">Two</th><td role="cell" data-label="Due &#38; done">Later</td></tr></tbody>"#;
        assert_eq!(labelled(table), expected);
    }

    #[test]
    fn what_is_no_table_is_left_as_it_is() {
        for text in ["", "<p>Less < than</p>", "<th", "é<"] {
            assert_eq!(labelled(text), text);
        }
    }
}
