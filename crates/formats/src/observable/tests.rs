//! Whole texts, hostile ones, and what must hold of every text.

use super::*;

fn told(text: &str) -> Vec<(String, String)> {
    extract(text, Nesting::Outermost).into_iter().map(|o| (o.kind.code().to_owned(), o.value)).collect()
}

#[test]
fn a_first_text() {
    let text = "C2 at hxxp://evil[.]com/a, 1[.]2.3[.]4 and C:\\Windows\\x.exe.";
    for found in extract(text, Nesting::Outermost) {
        println!("{found:?}");
    }
    assert_eq!(told(text).len(), 3);
}
