//! Filters, as clients send them, and the conditions that they come to.
//!
//! Their depth and number are bounded, and each property and operator is known or refused by its name: what somebody
//! sends becomes values of a statement, and never a part of its text.

use db::Filter;
use platform::web::Error;
use serde_json::{Map, Value as Json};

use super::field::{Compared, Field, Kind, Place};

/// How deep filters may stand in one another.
const DEEPEST: usize = 10;
/// How many conditions a query may have, and how many values one of them.
const MOST: usize = 100;

/// Reads the filters of one query over rows with these properties.
#[derive(Debug)]
pub(super) struct Reader {
    pub fields: &'static [Field],
    /// How many conditions were read.
    pub count: usize,
}

fn refused(sentence: &str) -> Error {
    Error::Invalid(format!("filter: {sentence}"))
}

impl Reader {
    /// The condition that an object such as `{"_eq": {"_field": "title", "_value": "x"}}` stands for.
    pub fn read(&mut self, object: &Map<String, Json>) -> Result<Filter, Error> {
        self.within(object, 0)
    }

    fn within(&mut self, object: &Map<String, Json>, depth: usize) -> Result<Filter, Error> {
        self.count += 1;
        if depth > DEEPEST || self.count > MOST {
            let sentence = format!("There may be {MOST} conditions in one query, {DEEPEST} deep.");
            return Err(refused(&sentence));
        }
        // What TheHive's own pages send for _eq.
        if object.contains_key("_field") {
            let (field, value) = self.named("_eq", object, "_value")?;
            return field.equals("_eq", value);
        }
        let mut entries = object.iter();
        let (Some((operator, operand)), None) = (entries.next(), entries.next()) else {
            return Err(refused("Each condition is an object with one operator."));
        };
        match operator.as_str() {
            "_and" => Ok(Filter::All(self.each(operator, operand, depth)?)),
            "_or" => Ok(Filter::Any(self.each(operator, operand, depth)?)),
            "_not" => Ok(Filter::Not(Box::new(self.within(object_of(operator, operand)?, depth + 1)?))),
            "_any" => Ok(Filter::All(Vec::new())),
            "_id" => self.field("_id")?.equals(operator, operand),
            "_has" | "_contains" if operand.is_string() => {
                Ok(self.field(operand.as_str().unwrap_or_default())?.present())
            }
            _ => self.one(operator, object_of(operator, operand)?),
        }
    }

    fn each(&mut self, operator: &str, operand: &Json, depth: usize) -> Result<Vec<Filter>, Error> {
        let all = operand.as_array().ok_or_else(|| refused(&format!("{operator} takes a list.")))?;
        all.iter().map(|each| self.within(object_of(operator, each)?, depth + 1)).collect()
    }

    /// What is asked about one property.
    fn one(&self, operator: &str, operand: &Map<String, Json>) -> Result<Filter, Error> {
        let at = |key| self.named(operator, operand, key);
        let compared = |how| at("_value").and_then(|(field, value)| field.compared(operator, how, value));
        let holds = |place| at("_value").and_then(|(field, value)| field.holds(operator, place, value));
        match operator {
            "_eq" => at("_value").and_then(|(field, value)| field.equals(operator, value)),
            "_ne" => {
                let equal = at("_value").and_then(|(field, value)| field.equals(operator, value))?;
                Ok(Filter::Not(Box::new(equal)))
            }
            "_lt" => compared(Compared::Less),
            "_lte" => compared(Compared::LessOrEqual),
            "_gt" => compared(Compared::Greater),
            "_gte" => compared(Compared::GreaterOrEqual),
            "_startsWith" => holds(Place::Beginning),
            "_endsWith" => holds(Place::End),
            "_contains" => holds(Place::Anywhere),
            "_like" => at("_value").and_then(|(field, value)| like(field, value)),
            "_match" => at("_value").and_then(|(field, value)| matched(field, value)),
            "_in" => at("_values").and_then(|(field, values)| among(field, values)),
            "_between" => self.between(operand),
            _ => Err(refused(&format!("{operator} is not covered."))),
        }
    }

    /// From the first on, and before the second.
    fn between(&self, operand: &Map<String, Json>) -> Result<Filter, Error> {
        const OPERATOR: &str = "_between";
        only(OPERATOR, operand, &["_field", "_from", "_to"])?;
        let field = self.field(text_at(OPERATOR, operand, "_field")?)?;
        let end = |key: &str| operand.get(key).ok_or_else(|| refused(&format!("{OPERATOR} takes {key}.")));
        Ok(Filter::All(vec![
            field.compared(OPERATOR, Compared::GreaterOrEqual, end("_from")?)?,
            field.compared(OPERATOR, Compared::Less, end("_to")?)?,
        ]))
    }

    /// The property that an operand names, and what stands at `key`; nothing else may stand there.
    fn named<'a>(
        &self,
        operator: &str,
        operand: &'a Map<String, Json>,
        key: &str,
    ) -> Result<(&'static Field, &'a Json), Error> {
        only(operator, operand, &["_field", key])?;
        let field = self.field(text_at(operator, operand, "_field")?)?;
        let value = operand.get(key).ok_or_else(|| refused(&format!("{operator} takes {key}.")))?;
        Ok((field, value))
    }

    fn field(&self, name: &str) -> Result<&'static Field, Error> {
        self.fields.iter().find(|field| field.name == name).ok_or_else(|| {
            let known: Vec<_> = self.fields.iter().map(|field| field.name).collect();
            refused(&format!("“{name}” is not covered. These are: {}.", known.join(", ")))
        })
    }
}

fn object_of<'a>(operator: &str, operand: &'a Json) -> Result<&'a Map<String, Json>, Error> {
    operand.as_object().ok_or_else(|| refused(&format!("{operator} takes an object.")))
}

fn text_at<'a>(operator: &str, operand: &'a Map<String, Json>, key: &str) -> Result<&'a str, Error> {
    let text = operand.get(key).and_then(Json::as_str);
    text.ok_or_else(|| refused(&format!("{operator} takes {key}, which is a text.")))
}

fn only(operator: &str, operand: &Map<String, Json>, keys: &[&str]) -> Result<(), Error> {
    match operand.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) => Err(refused(&format!("{operator} takes no “{key}”."))),
        None => Ok(()),
    }
}

/// One of these.
fn among(field: &'static Field, values: &Json) -> Result<Filter, Error> {
    let values = values.as_array().filter(|values| values.len() <= MOST);
    let values = values.ok_or_else(|| refused(&format!("_in takes a list of up to {MOST} _values.")))?;
    let each = values.iter().map(|value| field.equals("_in", value));
    Ok(Filter::Any(each.collect::<Result<_, _>>()?))
}

/// A text with stars: `x*` begins with x, `*x` ends with it, `*x*` and `x` hold it.
fn like(field: &'static Field, value: &Json) -> Result<Filter, Error> {
    const OPERATOR: &str = "_like";
    let text = field.text(OPERATOR, value)?;
    let (place, rest) = match (text.strip_prefix('*'), text.strip_suffix('*')) {
        (Some(rest), Some(_)) => (Place::Anywhere, rest.strip_suffix('*').unwrap_or_default()),
        (None, Some(rest)) => (Place::Beginning, rest),
        (Some(rest), None) => (Place::End, rest),
        (None, None) => (Place::Anywhere, text),
    };
    if rest.contains(['*', '?']) {
        return Err(refused("_like takes a star at the beginning and at the end."));
    }
    // In tags an end is the end of one of them.
    if let Kind::Tags = field.kind {
        let line = match place {
            Place::Beginning => format!("\n{rest}"),
            Place::End => format!("{rest}\n"),
            Place::Anywhere => rest.to_owned(),
        };
        return field.holds(OPERATOR, Place::Anywhere, &line.into());
    }
    field.holds(OPERATOR, place, &rest.into())
}

/// Every word of a text, wherever it stands.
fn matched(field: &'static Field, value: &Json) -> Result<Filter, Error> {
    const OPERATOR: &str = "_match";
    let words: Vec<_> = field.text(OPERATOR, value)?.split_whitespace().collect();
    if words.len() > MOST {
        return Err(refused(&format!("_match takes up to {MOST} words.")));
    }
    let each = words.into_iter().map(|word| field.holds(OPERATOR, Place::Anywhere, &word.into()));
    Ok(Filter::All(each.collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FIELDS: &[Field] = &[
        Field::new("_id", Kind::Id, "t.id"),
        Field::new("title", Kind::Text, "t.title"),
        Field::new("severity", Kind::Number, "t.severity"),
        Field::new("_createdAt", Kind::Time, "t.at"),
        Field::new("tags", Kind::Tags, "t.tags"),
    ];

    fn read(filter: &Json) -> Result<Filter, String> {
        let mut reader = Reader { fields: FIELDS, count: 0 };
        reader.read(filter.as_object().unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_covered_is_refused_by_its_name() {
        for (filter, said) in [
            (json!({"_eq": {"_field": "customFields.x", "_value": 1}}), "customFields.x"),
            (json!({"_eq": {"_field": "t.title; DROP TABLE t", "_value": 1}}), "DROP TABLE"),
            (json!({"_parent": {"_type": "case", "_query": {}}}), "_parent"),
            (json!({"_eq": {"_field": "severity", "_value": "high"}}), "severity: Write a whole number"),
            (json!({"_gt": {"_field": "title", "_value": "a"}}), "title: This cannot be asked"),
            (json!({"_between": {"_field": "severity", "_from": 1}}), "_to"),
            (json!({"_eq": {"_field": "title", "_value": "a", "_boost": 2}}), "_boost"),
            (json!({"_in": {"_field": "title", "_values": "a"}}), "_values"),
            (json!({"_in": {"_field": "title", "_values": vec!["a"; 101]}}), "100"),
            (json!({"_like": {"_field": "title", "_value": "a*b"}}), "star"),
            (json!({"_and": {}}), "list"),
            (json!({"_and": [[]]}), "object"),
            (json!({"_not": 1}), "object"),
            (json!({}), "one operator"),
            (json!({"_eq": {}, "_ne": {}}), "one operator"),
            (json!({"_and": vec![json!({"_any": ""}); 100]}), "100 conditions"),
        ] {
            let refused = read(&filter).expect_err("it is refused");
            assert!(refused.contains(said), "{filter}: {refused}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested =
            |depth: usize| (0..depth).fold(json!({"_any": ""}), |filter, _| json!({ "_not": filter }));
        assert!(read(&nested(10)).is_ok());
        assert!(read(&nested(11)).is_err());
    }

    #[test]
    fn a_text_with_stars_says_where_it_stands() {
        let condition = |text: &str| match read(&json!({"_like": {"_field": "title", "_value": text}})) {
            Ok(Filter::Is(_, condition, values)) => (condition, values),
            other => panic!("{other:?}"),
        };
        assert!(condition("ab*").0.starts_with("substr({}, 1"));
        assert!(condition("*ab").0.starts_with("length({})"));
        for text in ["ab", "*ab*"] {
            assert_eq!(condition(text), ("replace({}, ?1, '') <> {}", db::params!["ab"]));
        }
    }
}
