//! Filters of lists, from SailPoint's "Standard collection parameters": comparisons joined by `and`, `or`, `not` and
//! parentheses. A field or an operator that a list does not name is refused.

use std::collections::BTreeSet;

use serde_json::Value;

/// Filters nested deeper are refused.
const DEEPEST: usize = 32;

/// The fields that a list filters by, each with its operators.
pub(super) type Filterable = &'static [(&'static str, &'static [&'static str])];

/// A filter, read.
#[derive(Debug, PartialEq)]
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    /// The values are in lower case.
    Compare {
        field: String,
        operator: String,
        values: BTreeSet<String>,
    },
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
}

impl Filter {
    /// Reads a filter, or says what is wrong with it.
    pub(super) fn parse(text: &str, filterable: Filterable) -> Result<Filter, String> {
        let mut parser = Parser { tokens: tokens(text)?, at: 0, filterable };
        let filter = parser.any(0)?;
        match parser.next() {
            None => Ok(filter),
            Some(token) => Err(format!("the filter does not end where it should: {token:?} is left")),
        }
    }

    /// Returns whether an item passes.
    pub(super) fn passes(&self, item: &Value) -> bool {
        match self {
            Filter::All(parts) => parts.iter().all(|part| part.passes(item)),
            Filter::Any(parts) => parts.iter().any(|part| part.passes(item)),
            Filter::Not(part) => !part.passes(item),
            Filter::Compare { field, operator, values } => match held(item, field) {
                Some(Value::Array(held)) => held.iter().any(|held| compares(held, operator, values)),
                Some(held) => compares(held, operator, values),
                None => false,
            },
        }
    }
}

/// Returns what an item holds at a field with dots.
pub(in crate::practice) fn held<'v>(item: &'v Value, field: &str) -> Option<&'v Value> {
    field.split('.').try_fold(item, |value, key| value.get(key))
}

/// Returns a value as filters and sorters see it: without regard to case, as SailPoint mostly compares.
pub(in crate::practice) fn folded(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_lowercase(),
        other => other.to_string(),
    }
}

fn compares(held: &Value, operator: &str, values: &BTreeSet<String>) -> bool {
    let held = folded(held);
    let any = |fits: fn(&str, &str) -> bool| values.iter().any(|value| fits(&held, value));
    match operator {
        "sw" => any(|held, value| held.starts_with(value)),
        "co" => any(|held, value| held.contains(value)),
        "gt" => any(|held, value| held > value),
        "ge" => any(|held, value| held >= value),
        "lt" => any(|held, value| held < value),
        "le" => any(|held, value| held <= value),
        _ => values.contains(&held),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            c if c.is_whitespace() => {}
            '(' | ')' | ',' => tokens.push(Token::Mark(c)),
            '"' => {
                let mut value = String::new();
                loop {
                    match rest.next() {
                        Some('"') => break,
                        Some('\\') => value.extend(rest.next()),
                        Some(c) => value.push(c),
                        None => return Err("a double quote is not closed".to_owned()),
                    }
                }
                tokens.push(Token::Text(value));
            }
            c => {
                let mut word = c.to_string();
                while let Some(c) = rest.next_if(|c| !c.is_whitespace() && !"(),\"".contains(*c)) {
                    word.push(c);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Ok(tokens)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    filterable: Filterable,
}

impl Parser {
    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn takes(&mut self, token: &Token) -> bool {
        let found = self.tokens.get(self.at) == Some(token);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str) -> bool {
        self.takes(&Token::Word(word.to_owned()))
    }

    fn any(&mut self, depth: usize) -> Result<Filter, String> {
        let mut parts = vec![self.all(depth)?];
        while self.word("or") {
            parts.push(self.all(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::Any(parts) })
    }

    fn all(&mut self, depth: usize) -> Result<Filter, String> {
        let mut parts = vec![self.one(depth)?];
        while self.word("and") {
            parts.push(self.one(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::All(parts) })
    }

    fn one(&mut self, depth: usize) -> Result<Filter, String> {
        if depth == DEEPEST {
            return Err(format!("the filter is nested more than {DEEPEST} deep"));
        }
        if self.word("not") {
            return Ok(Filter::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.takes(&Token::Mark('(')) {
            let inner = self.any(depth + 1)?;
            return if self.takes(&Token::Mark(')')) {
                Ok(inner)
            } else {
                Err("a parenthesis is not closed".to_owned())
            };
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Filter, String> {
        let Some(Token::Word(field)) = self.next() else { return Err("the filter names no field".to_owned()) };
        let Some((_, operators)) = self.filterable.iter().find(|(name, _)| *name == field) else {
            let known: Vec<&str> = self.filterable.iter().map(|(name, _)| *name).collect();
            return Err(format!("the list is not filtered by {field:?}, only by {}", known.join(", ")));
        };
        let operator = match self.next() {
            Some(Token::Word(operator)) if operators.contains(&operator.as_str()) => operator,
            _ => return Err(format!("{field} is compared with {}", operators.join(", "))),
        };
        let values = if operator == "in" { self.list()? } else { vec![self.value()?] };
        let values = values.iter().map(|value| value.to_lowercase()).collect();
        Ok(Filter::Compare { field, operator, values })
    }

    fn list(&mut self) -> Result<Vec<String>, String> {
        if !self.takes(&Token::Mark('(')) {
            return Err("after `in` stand values in parentheses".to_owned());
        }
        let mut values = vec![self.value()?];
        while self.takes(&Token::Mark(',')) {
            values.push(self.value()?);
        }
        if self.takes(&Token::Mark(')')) { Ok(values) } else { Err("a parenthesis is not closed".to_owned()) }
    }

    fn value(&mut self) -> Result<String, String> {
        match self.next() {
            Some(Token::Text(text)) => Ok(text),
            Some(Token::Word(word)) if word == "true" || word == "false" || word.parse::<f64>().is_ok() => Ok(word),
            _ => Err("a value is a text in double quotes, true, false or a number".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const FIELDS: Filterable =
        &[("id", &["eq", "in"]), ("name", &["eq", "sw"]), ("source.id", &["eq"]), ("size", &["gt", "le"])];

    #[test]
    fn filters_choose() {
        let item = json!({"id": "A\"1\\", "name": "Domain Admins", "source": {"id": "s"}, "size": 3, "tags": ["x"]});
        for (filter, passes) in [
            (r#"id eq "a\"1\\""#, true),
            (r#"id in ("x","A\"1\\")"#, true),
            (r#"id in ("x")"#, false),
            (r#"name sw "domain""#, true),
            (r#"name eq "x" or id eq "x" and name sw "D""#, false),
            (r#"(name sw "D" or id eq "x") and source.id eq "s""#, true),
            (r#"not name eq "x" and not (id eq "x")"#, true),
            ("size gt 2 and size le 3", true),
            (r#"source.id eq "t""#, false),
        ] {
            assert_eq!(Filter::parse(filter, FIELDS).unwrap().passes(&item), passes, "{filter}");
        }
    }

    #[test]
    fn what_is_not_documented_is_refused() {
        for (filter, why) in [
            ("", "the filter names no field"),
            ("id", "id is compared with eq, in"),
            (r#"id co "a""#, "id is compared with eq, in"),
            (r#"value eq "a""#, "the list is not filtered by \"value\", only by id, name, source.id, size"),
            ("id eq a", "a value is a text in double quotes, true, false or a number"),
            (r#"id eq "a"#, "a double quote is not closed"),
            (r#"id in ("a""#, "a parenthesis is not closed"),
            (r#"id in "a""#, "after `in` stand values in parentheses"),
            (r#"id eq "a" "b""#, "the filter does not end where it should: Text(\"b\") is left"),
            (&"(".repeat(99), "the filter is nested more than 32 deep"),
        ] {
            assert_eq!(Filter::parse(filter, FIELDS).unwrap_err(), why, "{filter}");
        }
    }
}
