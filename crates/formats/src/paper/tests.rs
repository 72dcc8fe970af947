//! What is written reads back: with another library, as text and as structure.

use lopdf::{Dictionary, Document, Object};

use super::{Block, MOST_SHEETS, Paper, Table, face, layout::LEFT_OUT, write};

fn paper(blocks: Vec<Block>) -> Paper {
    Paper {
        title: "After I-7K3Q-X2MB".to_owned(),
        about: vec!["Of Eastfield Hospital".to_owned()],
        marking: "TLP:AMBER+STRICT".to_owned(),
        made_at: "2026-06-03T09:00:00Z".parse().unwrap(),
        blocks,
    }
}

/// What the reader's library does not know of the tables of letters, though the standard has it, is left out of them.
fn plain_tables(document: &mut Document) {
    for object in document.objects.values_mut() {
        let Ok(stream) = object.as_stream_mut() else { continue };
        let Ok(table) = stream.decompressed_content() else { continue };
        let table = String::from_utf8_lossy(&table);
        if table.contains("begincmap") {
            let kept =
                table.lines().filter(|line| !line.starts_with("/WMode") && !line.starts_with("/CMapVersion"));
            stream.set_plain_content(
                kept.fold(Vec::new(), |kept, line| [&kept, line.as_bytes(), b"\n"].concat()),
            );
        }
    }
}

/// The text of all sheets.
fn text_of(bytes: &[u8]) -> String {
    let mut document = Document::load_mem(bytes).expect("a PDF file");
    plain_tables(&mut document);
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    document.extract_text(&pages).expect("its text")
}

fn sheets(bytes: &[u8]) -> usize {
    Document::load_mem(bytes).expect("a PDF file").get_pages().len()
}

/// The kinds of all parts of the structure.
fn kinds(document: &Document) -> Vec<String> {
    let kind = |part: &Dictionary| part.get(b"S").and_then(Object::as_name).ok().map(<[u8]>::to_vec);
    let parts = document.objects.values().filter_map(|object| object.as_dict().ok());
    let parts = parts.filter(|part| part.has(b"P") && part.has(b"K"));
    parts.filter_map(kind).map(|name| String::from_utf8(name).unwrap()).collect()
}

#[test]
fn both_faces_are_read_and_have_the_letters_of_our_languages_and_the_box() {
    for letter in "aZ09 ŵŷâêîôûïäëöüŴŶéß£€–—’“”•αΩЖї\u{25A1}".chars() {
        assert!(face::has(letter), "{letter}");
    }
}

#[test]
fn what_is_written_reads_back_in_order_marked_on_every_sheet() {
    let table = Table {
        caption: "What happened".to_owned(),
        head: vec![("When".to_owned(), 1), ("What".to_owned(), 3)],
        rows: (0..120).map(|row| vec![format!("Hour {row}"), format!("Step {row} of the night")]).collect(),
    };
    let bytes = write(&paper(vec![
        Block::Heading("Lessons".to_owned()),
        Block::Text("Paper folders helped.".to_owned()),
        Block::Facts(vec![("Priority".to_owned(), "P1".to_owned())]),
        Block::List(vec!["Ring the ward".to_owned()]),
        Block::Table(table),
    ]))
    .unwrap();
    assert!(bytes.starts_with(b"%PDF-1."));
    let text = text_of(&bytes);
    let order = ["Lessons", "Paper folders helped.", "Priority", "P1", "Ring the ward", "Hour 0", "Step 119"];
    let place = |each: &str| text.find(each).unwrap_or_else(|| panic!("{each}: {text}"));
    assert!(order.map(place).is_sorted(), "{text}");
    let count = sheets(&bytes);
    assert!(count >= 3, "{count} sheets");
    assert_eq!(text.matches("TLP:AMBER+STRICT").count(), 2 * count);
    assert!(text.contains(&format!("Page {count} of {count}")));
    // Its head stands on each sheet that has rows of it.
    assert!(text.matches("When").count() >= 3, "{text}");
}

#[test]
fn it_is_tagged_for_those_who_have_it_read_to_them() {
    let bytes = write(&paper(vec![
        Block::Heading("Lessons".to_owned()),
        Block::List(vec!["One".to_owned()]),
        Block::Facts(vec![("Priority".to_owned(), String::new())]),
    ]))
    .unwrap();
    let document = Document::load_mem(&bytes).expect("a PDF file");
    let kinds = kinds(&document);
    for kind in ["H1", "H2", "P", "L", "LI", "LBody", "Table", "TR", "TH", "TD"] {
        assert!(kinds.iter().any(|each| each == kind), "{kind}: {kinds:?}");
    }
    let catalog = document.catalog().unwrap();
    assert_eq!(catalog.get(b"Lang").and_then(Object::as_str).unwrap(), b"en-GB");
    assert!(catalog.has(b"StructTreeRoot") && catalog.has(b"Outlines"));
    // It keeps the standard for accessible files, and says so.
    let xmp = bytes.windows(12).any(|part| part == b"pdfuaid:part");
    assert!(xmp, "it does not say that it is PDF/UA");
}

#[test]
fn whatever_the_text_is_a_file_comes_out() {
    let long = "x".repeat(5_000);
    let hostile = [
        "",
        " ",
        "\n\n\n",
        "漢字 हैलो مرحبا 🙂🇬🇧",
        "\u{0}\u{7}\u{1b}[31m\u{202e}drow\u{feff}\u{fffe}\u{e000}\u{10ffff}",
        "%PDF-1.4 endstream endobj << /S /JavaScript /JS (app.alert\\(1\\)) >>",
        "e\u{301}\u{301}\u{301}\u{301}",
        &long,
    ];
    for text in hostile {
        let row = vec![text.to_owned(), text.to_owned()];
        let table = Table {
            caption: text.to_owned(),
            head: vec![(text.to_owned(), 0), (text.to_owned(), 255)],
            rows: vec![row.clone(), row],
        };
        let hostile = Paper {
            title: text.to_owned(),
            marking: text.to_owned(),
            ..paper(vec![
                Block::Heading(text.to_owned()),
                Block::Subheading(text.to_owned()),
                Block::Text(text.to_owned()),
                Block::List(vec![text.to_owned()]),
                Block::Facts(vec![(text.to_owned(), text.to_owned())]),
                Block::Table(table),
                Block::Text("The end".to_owned()),
            ])
        };
        let bytes = write(&hostile).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        // What is longer than a document may be ends with a line that says so.
        let said = text_of(&bytes);
        assert!(said.contains("The end") || said.contains(LEFT_OUT), "{text:?}");
        let document = Document::load_mem(&bytes).unwrap();
        let runs = |part: &Dictionary| part.has(b"JS") || part.has(b"OpenAction") || part.has(b"AA");
        assert!(!document.objects.values().any(|object| object.as_dict().is_ok_and(runs)), "{text:?}");
    }
}

#[test]
fn a_document_has_an_end_and_says_that_there_was_more() {
    let line = "A long night, told line by line.\n".repeat(100);
    let bytes = write(&paper(vec![Block::Text(line); 200])).unwrap();
    assert_eq!(sheets(&bytes), MOST_SHEETS);
    assert!(text_of(&bytes).contains(LEFT_OUT));
    assert!(bytes.len() < 4 << 20, "{} bytes", bytes.len());
    let endless = vec!["Hour".to_owned(), "x ".repeat(2_000)];
    let table = Table {
        caption: "All".to_owned(),
        head: vec![("When".to_owned(), 1), ("What".to_owned(), 1)],
        rows: vec![endless; 500],
    };
    let bytes = write(&paper(vec![Block::Table(table)])).unwrap();
    assert_eq!(sheets(&bytes), MOST_SHEETS);
    assert!(text_of(&bytes).contains(LEFT_OUT));
}
