//! Turns nodes of a file into values, and words what is wrong with them. Every problem is kept, so that one run shows
//! them all.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::problem::{Place, Problem, Severity};
use crate::yaml::{Key, Node, Source, Value};

/// Reads one file.
pub struct Reader {
    /// The file.
    pub source: Arc<Source>,
    /// What was found wrong so far.
    pub problems: Vec<Problem>,
    /// What is being read, such as `jitActivationPolicy.entitlementIds`; begins each message.
    pub context: String,
    /// Names that the file gives to ids, for readers of a plan.
    pub names: BTreeMap<String, String>,
}

impl Reader {
    /// Starts on a file.
    pub fn new(source: &Arc<Source>) -> Reader {
        Reader { source: source.clone(), problems: Vec::new(), context: String::new(), names: BTreeMap::new() }
    }

    /// Returns whether an error was found.
    pub fn failed(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Returns the place of a span in this file.
    pub fn place(&self, span: &Range<u32>) -> Place {
        Place { source: self.source.clone(), span: span.start as usize..span.end as usize }
    }

    fn report(
        &mut self,
        severity: Severity,
        rule: &'static str,
        span: &Range<u32>,
        message: &str,
        label: &str,
        help: &str,
    ) {
        let message = if self.context.is_empty() { message.to_owned() } else { format!("{}: {message}", self.context) };
        self.problems.push(Problem {
            severity,
            rule,
            message,
            place: Some(self.place(span)),
            label: label.to_owned(),
            help: if help.is_empty() { Vec::new() } else { vec![help.to_owned()] },
        });
    }

    /// Reports an error at a span.
    pub fn error(&mut self, rule: &'static str, span: &Range<u32>, message: &str, label: &str, help: &str) {
        self.report(Severity::Error, rule, span, message, label, help);
    }

    /// Reports a warning about a node.
    pub fn warn(&mut self, node: &Node<'_>, rule: &'static str, message: &str, help: &str) {
        self.report(Severity::Warning, rule, &node.span, message, "", help);
    }

    /// Reports something good to know.
    pub fn note(&mut self, span: &Range<u32>, rule: &'static str, message: &str) {
        self.report(Severity::Note, rule, span, message, "", "");
    }

    /// Reports an error about a value that may be a secret: its line is named and not shown.
    pub fn secret_at(&mut self, node: &Node<'_>, rule: &'static str, message: &str, help: &str) {
        let place = self.place(&node.span);
        let message = format!("{place}: {}: {message}", self.context);
        self.problems.push(Problem::error(rule, message).help(help));
    }

    /// Reports that a value of the right kind breaks a rule. Returns `None`, to be returned at once.
    pub fn invalid<T>(&mut self, node: &Node<'_>, rule: &'static str, what: &str, help: &str) -> Option<T> {
        self.error(rule, &node.span, what, "", help);
        None
    }

    /// Reports a value of another kind than expected, with the usual YAML trap behind it. Returns `None`.
    pub fn mismatch<T>(&mut self, node: &Node<'_>, expects: &str) -> Option<T> {
        if matches!(node.value, Value::Nothing) {
            self.nothing(node);
            return None;
        }
        let found = describe(&node.value);
        let help = trap(&node.value, expects);
        self.error("value-kind", &node.span, &format!("expected {expects}"), &format!("this is {found}"), &help);
        None
    }

    /// Reports a key or item with nothing behind it: to YAML that is null, but nobody may clear a setting by accident.
    pub fn nothing(&mut self, node: &Node<'_>) {
        self.error(
            "nothing-behind-key",
            &node.span,
            "nothing is written here",
            "a value belongs here",
            "write null to clear the setting, or delete the line to leave it unmanaged",
        );
    }

    /// Reports a key that does not exist here, with its nearest neighbour.
    pub fn unknown_key<'k>(&mut self, key: &Key<'_>, known: impl IntoIterator<Item = &'k str>, help: &str) {
        let known: Vec<&str> = known.into_iter().collect();
        let help = match (help, nearest(&key.text, known.iter().copied())) {
            ("", Some(near)) => format!("did you mean `{near}`?"),
            ("", None) if known.is_empty() => "delete the line".to_owned(),
            ("", None) => format!("the keys here are {}", known.join(", ")),
            (help, _) => help.to_owned(),
        };
        self.error("unknown-key", &key.span, &format!("unknown key `{}`", key.text), "not known here", &help);
    }

    /// Reads a plain decimal whole number.
    pub fn integer(&mut self, node: &Node<'_>, text: &str, expects: &str) -> Option<i64> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let leading_zero = digits.len() > 1 && digits.starts_with('0');
        if plain && !leading_zero {
            // Out of every range that a setting has, whatever the exact value.
            return Some(text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX }));
        }
        self.mismatch(node, expects)
    }

    /// Reads text that is not blank.
    pub fn text(&mut self, node: &Node<'_>, expects: &str) -> Option<String> {
        match &node.value {
            Value::Text { text, .. } if text.trim().is_empty() => self.invalid(
                node,
                "empty-text",
                &format!("expected {expects}, this is empty"),
                "write it, or delete the line",
            ),
            Value::Text { text, .. } => Some(text.to_string()),
            _ => self.mismatch(node, expects),
        }
    }

    /// Reads a mapping.
    pub fn map<'a, 's>(&mut self, node: &'a Node<'s>, expects: &str) -> Option<&'a [(Key<'s>, Node<'s>)]> {
        match &node.value {
            Value::Map(entries) => Some(entries),
            _ => self.mismatch(node, expects),
        }
    }

    /// Reads a list.
    pub fn list<'a, 's>(&mut self, node: &'a Node<'s>, expects: &str) -> Option<&'a [Node<'s>]> {
        match &node.value {
            Value::List(items) => Some(items),
            _ => self.mismatch(node, expects),
        }
    }

    /// Reads an entitlement: its id, or `{id, name}` with a name for readers. Returns the node of the id with it.
    pub fn entitlement<'a, 's>(&mut self, node: &'a Node<'s>) -> Option<(&'a Node<'s>, &'a str)> {
        let Value::Map(entries) = &node.value else { return self.id(node).map(|id| (node, id)) };
        let (mut id, mut name) = (None, None);
        for (key, value) in entries {
            match key.text.as_ref() {
                "id" => id = Some((value, self.id(value)?)),
                "name" => name = Some(self.text(value, "a name for readers")?),
                _ => {
                    self.unknown_key(key, ["id", "name"], "");
                    return None;
                }
            }
        }
        let Some((place, id)) = id else {
            return self.invalid(node, "missing-key", "this entitlement has no `id`", "write {id: ..., name: ...}");
        };
        if let Some(name) = name {
            self.names.insert(id.to_owned(), name);
        }
        Some((place, id))
    }

    fn id<'a>(&mut self, node: &'a Node<'_>) -> Option<&'a str> {
        match &node.value {
            Value::Text { text, .. } if text.is_empty() || text.trim() != text.as_ref() => {
                self.invalid(node, "id-blank", "an id has no blanks around it", "delete the blanks")
            }
            Value::Text { text, .. } => Some(text),
            _ => self.mismatch(node, "an entitlement id"),
        }
    }
}

/// Returns the candidate that is most like `word`, if any is like it.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Comparing is quadratic in the length, and no key is anywhere near as long.
    let word: String = word.chars().take(80).flat_map(char::to_lowercase).collect();
    candidates
        .into_iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(&word, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}

fn describe(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Nothing => "nothing".to_owned(),
        Value::Bool(_) => "true or false".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::Text { quoted: true, .. } => "text in quotes".to_owned(),
        Value::Text { quoted: false, .. } => "text".to_owned(),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a mapping".to_owned(),
    }
}

fn trap(value: &Value<'_>, expects: &str) -> String {
    let boolean = expects == "true or false";
    let number = expects.contains("number");
    match value {
        Value::Text { text, .. } if boolean => match text.to_lowercase().as_str() {
            "yes" | "on" | "y" | "true" => "write true, without quotes".to_owned(),
            "no" | "off" | "n" | "false" => "write false, without quotes".to_owned(),
            _ => String::new(),
        },
        Value::Number(text) if boolean && *text == "1" => "write true".to_owned(),
        Value::Number(text) if boolean && *text == "0" => "write false".to_owned(),
        Value::Text { text, quoted: true } if number && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            "delete the quotes".to_owned()
        }
        Value::Text { text, .. } if expects.contains("PT2H") && text.contains(char::is_whitespace) => {
            "write it without blanks, such as 2h or 1h30m".to_owned()
        }
        Value::Number(text) if number => match text.to_lowercase() {
            text if text.contains('_') => format!("write it without underscores: {}", text.replace('_', "")),
            text if text.starts_with("0x") || text.starts_with("0o") || text.starts_with("0b") => {
                "write it as a decimal number".to_owned()
            }
            text if text.contains(['e', '.']) => "write it as a whole number, without exponent or fraction".to_owned(),
            text if text.starts_with(['0', '+']) => "write it without a leading zero or plus sign".to_owned(),
            _ => String::new(),
        },
        Value::Number(_) | Value::Bool(_) if !boolean && !number => {
            "put it in quotes: without them YAML reads it as another kind of value".to_owned()
        }
        Value::Text { .. } if expects.starts_with("a list") => "write it as a list: - ITEM, one line each".to_owned(),
        Value::Null => "null clears nothing here; delete the line to leave it unmanaged".to_owned(),
        _ => String::new(),
    }
}
