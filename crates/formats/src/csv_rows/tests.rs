//! Real, broken and hostile rows.

use super::*;
use crate::{refusal::Column, testing::Flood};

fn read(text: &[u8]) -> Vec<Result<Row, Refusal>> {
    CsvRows::new(text).collect()
}

fn fields(row: &Result<Row, Refusal>) -> Vec<&str> {
    row.as_ref().unwrap().iter().collect()
}

#[test]
fn rows_know_their_line() {
    let rows = read(b"\xEF\xBB\xBF\"a\",b\r\n\r\n\"c\n\"\"d\"\"\", e \n\nf,g");
    assert_eq!(fields(&rows[0]), ["a", "b"]);
    assert_eq!(fields(&rows[1]), ["c\n\"d\"", "e"]);
    assert_eq!(fields(&rows[2]), ["f", "g"]);
    let lines: Vec<_> = rows.iter().map(|row| row.as_ref().unwrap().line).collect();
    assert_eq!(lines, [1, 3, 6]);
}

#[test]
fn an_empty_document_is_refused_once() {
    for empty in [&b""[..], b"\xEF\xBB\xBF", b"\n\r\n\n"] {
        assert_eq!(read(empty), [Err(Refusal::at(1, "The file is empty."))]);
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_read_as_windows_1252() {
    let rows = read(b"ok,\xC3\xA9\nSt Mary\x92s,\xE9\nbad,\x81\n");
    assert_eq!(fields(&rows[0]), ["ok", "é"]);
    let row = rows[1].as_ref().unwrap();
    assert_eq!((row.get(0), row.get(1), row.encoding), ("St Mary’s", "é", Encoding::Windows1252));
    assert_eq!(rows[2].as_ref().unwrap_err().line, 3);
}

#[test]
fn a_stray_quotation_mark_costs_one_row() {
    let mut text = b"a,\"b\n".to_vec();
    for _ in 0..1000 {
        text.extend_from_slice(b"c,d\n");
    }
    let rows = read(&text);
    assert_eq!(rows.len(), 1001);
    assert_eq!(rows[0].as_ref().unwrap_err().line, 1);
    assert!(rows[1..].iter().all(Result::is_ok));
}

#[test]
fn a_stray_quotation_mark_in_the_last_rows_costs_one_row() {
    let rows = read(b"a,b\nc,\"d\ne,f\n");
    assert_eq!(fields(&rows[0]), ["a", "b"]);
    assert_eq!(rows[1].as_ref().unwrap_err().line, 2);
    assert_eq!(fields(&rows[2]), ["e", "f"]);
    assert_eq!(rows.len(), 3);
}

#[test]
fn a_field_of_120_megabytes_is_refused_and_the_next_row_read() {
    let input = (&b"a,b\n\""[..]).chain(Flood::of(b'x', 120_000_000)).chain(&b"\"\nc,d\n"[..]);
    let rows: Vec<_> = CsvRows::new(input).collect();
    assert_eq!(rows.len(), 3);
    let refusal = rows[1].as_ref().unwrap_err();
    assert_eq!(refusal.line, 2);
    assert_eq!(refusal.reason, "The line is longer than the 65536 bytes a row may take.");
    assert_eq!(fields(&rows[2]), ["c", "d"]);
}

#[test]
fn too_many_fields_are_refused() {
    let rows = read(format!("{}\na,b\n", ",".repeat(60_000)).as_bytes());
    assert_eq!(rows[0].as_ref().unwrap_err().reason, "The row has more than 256 fields.");
    assert_eq!(fields(&rows[1]), ["a", "b"]);
    assert_eq!(read(format!("{}\n", ",".repeat(255)).as_bytes())[0].as_ref().unwrap().len(), 256);
}

#[test]
fn control_characters_are_refused() {
    let rows = read(b"a\0b\n,x,\"c\0\",d\ne\n");
    let places: Vec<_> = rows[..2].iter().map(|row| row.as_ref().unwrap_err()).collect();
    assert_eq!((places[0].line, &places[0].column), (1, &Some(Column::Number(1))));
    assert_eq!((places[1].line, &places[1].column), (2, &Some(Column::Number(3))));
    assert_eq!(fields(&rows[2]), ["e"]);
}

#[test]
fn a_reader_that_fails_is_a_refusal_and_the_end() {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let rows: Vec<_> = CsvRows::new((&b"a,b\n\"c"[..]).chain(Fails)).collect();
    assert_eq!(fields(&rows[0]), ["a", "b"]);
    assert_eq!(rows[1].as_ref().unwrap_err().reason, "The file cannot be read further: the disk is gone.");
    assert_eq!(rows.len(), 2);
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
        read(&bytes);
    }

    #[test]
    fn hostile_quoting_is_read_without_panic(text in "[\"\",\n\r a]{0,400}") {
        let rows = read(text.as_bytes());
        proptest::prop_assert!(rows.len() <= text.len().max(1));
    }
}
