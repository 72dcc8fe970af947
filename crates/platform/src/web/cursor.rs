//! Paging by cursor: the next page begins behind the last row, however the list has moved.

use data_encoding::BASE64URL_NOPAD;
use serde::{Serialize, de::DeserializeOwned};

use super::Error;

/// Rows on a page.
pub const PAGE: usize = 50;

/// A page of rows, and the cursor of the next one.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// The `after=` of the next page; `None` on the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page from up to 51 rows: the 51st only tells that there is a next page. `key` is
    /// what the list is sorted by.
    pub fn of<K: Serialize>(mut rows: Vec<T>, key: impl Fn(&T) -> K) -> Self {
        let more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let next = rows.last().filter(|_| more).map(|last| write(&key(last)));
        Self { rows, next }
    }

    /// The same page, with what is made of each of its rows.
    pub fn map<U>(self, made: impl FnMut(T) -> U) -> Page<U> {
        Page { rows: self.rows.into_iter().map(made).collect(), next: self.next }
    }

    /// The address of the next page of the list at this one; empty on the last.
    pub fn next_of(&self, list: &str) -> String {
        let and = if list.contains('?') { '&' } else { '?' };
        self.next.as_ref().map(|after| format!("{list}{and}after={after}")).unwrap_or_default()
    }

    /// The same for a list of what is asked for, where `asked` goes on behind a cursor.
    pub fn next_asking<A: Serialize>(&self, list: &str, asked: impl FnOnce(String) -> A) -> String {
        let query = self.next.clone().and_then(|after| serde_html_form::to_string(asked(after)).ok());
        query.map(|query| format!("{list}?{query}")).unwrap_or_default()
    }
}

/// A sort key as it stands in an address.
pub fn write<K: Serialize>(key: &K) -> String {
    BASE64URL_NOPAD.encode(&serde_json::to_vec(key).unwrap_or_default())
}

/// A sort key from an address; a broken one begins the list anew.
pub fn read<K: DeserializeOwned>(cursor: &str) -> Option<K> {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(cursor.as_bytes()).ok()?).ok()
}

/// The sort key that a machine goes on from; it is told of a broken one, since it would read the
/// list from its beginning for ever.
pub fn given<K: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<K>, Error> {
    let refuse = || Error::Unprocessable("\"after\" is not the \"next\" of an earlier answer.".to_owned());
    cursor.map(|cursor| read(cursor).ok_or_else(refuse)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let page = Page::of((0..51).collect(), |row: &i32| (*row, "x".to_owned()));
        assert_eq!(page.rows.len(), 50);
        assert_eq!(page.next_of("/list"), format!("/list?after={}", page.next.clone().unwrap_or_default()));
        assert!(page.next_of("/list?zone=own").starts_with("/list?zone=own&after="));
        assert_eq!(read::<(i32, String)>(&page.next.expect("a next page")), Some((49, "x".to_owned())));
    }

    #[test]
    fn the_last_page_has_no_next_and_nonsense_begins_anew() {
        let last = Page::of(vec![1, 2], |row| *row);
        assert!(last.next.is_none() && last.next_of("/list").is_empty());
        assert_eq!(read::<i64>("!!"), None);
        assert_eq!(read::<i64>("eyJ9"), None);
        assert!(given::<i64>(Some("!!")).is_err());
        assert!(given::<i64>(None).is_ok_and(|from| from.is_none()));
    }
}
