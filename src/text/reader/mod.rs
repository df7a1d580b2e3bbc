//! Turns nodes of a file into values, and words what is wrong with them. Every problem is kept, so that one run shows
//! them all.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use crate::text::generated::is_shortened;
use crate::text::id::is_usual;
use crate::text::nearest::{did_you_mean, nearest};
use crate::text::printable::printable_line;
use crate::text::problem::rules::Rule;
use crate::text::problem::{Place, Problem, Severity, rules};
use crate::text::yaml::{self, Key, Node, Source, Value};

pub mod number;
pub mod pasted;

/// How many problems of one rule a file shows; a list of a million wrong ids is one mistake.
const MAX_PER_RULE: usize = 100;

/// What is being read. It is put in words only if something is wrong with it.
#[derive(Clone, Default)]
pub struct Context(Option<Rc<dyn fmt::Display>>);

impl Context {
    /// Names what is being read.
    pub fn of(what: impl fmt::Display + 'static) -> Context {
        Context(Some(Rc::new(what)))
    }

    /// Returns a message with what is being read in front of it.
    pub fn before(&self, message: &str) -> String {
        match &self.0 {
            Some(what) => format!("{what}: {message}"),
            None => message.to_owned(),
        }
    }
}

/// Reads one file.
pub struct Reader {
    /// The file.
    pub source: Arc<Source>,
    /// What was found wrong so far.
    pub problems: Vec<Problem>,
    /// What is being read, such as `jitActivationPolicy.entitlementIds`; begins each message.
    pub context: Context,
    /// Names that the file gives to ids, for readers of a plan.
    pub names: BTreeMap<String, String>,
    /// What to do about a placeholder: only some texts of the workspace are filled in.
    pub placeholders: &'static str,
    /// Where each text begins and ends that cannot have been meant: more is not said of it.
    not_meant: BTreeMap<u32, u32>,
    /// For each rule, how many problems it found, and where the first one is that is not shown.
    found: BTreeMap<Rule, (usize, Option<Place>)>,
}

impl Reader {
    /// Starts on a file.
    pub fn new(source: &Arc<Source>) -> Reader {
        Reader {
            source: source.clone(),
            problems: Vec::new(),
            context: Context::default(),
            names: BTreeMap::new(),
            placeholders: "settings files take no placeholders: write the value",
            not_meant: BTreeMap::new(),
            found: BTreeMap::new(),
        }
    }

    /// Returns everything that was found, at most a hundred problems of each rule and a note on how many more there are.
    pub fn finish(mut self) -> Vec<Problem> {
        for (rule, (number, hidden)) in self.found {
            if let Some(place) = hidden {
                let more = number - MAX_PER_RULE;
                let message = format!("{more} more problems of the rule `{rule}` are not shown; the first is here");
                self.problems.push(Problem { severity: Severity::Note, ..Problem::error(rule, message).at(place) });
            }
        }
        self.problems
    }

    /// Returns whether an error was found.
    pub fn failed(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Returns the place of a span in this file.
    pub fn place(&self, span: &Range<u32>) -> Place {
        Place { source: self.source.clone(), span: yaml::bytes(span) }
    }

    /// Returns the text of the second line of a span, where it goes on over several; `None` if it stands on one line.
    pub fn second_line(&self, span: &Range<u32>) -> Option<Range<u32>> {
        let written = self.source.text.get(yaml::bytes(span))?;
        let start = written.find('\n')? + 1;
        let line = written.get(start..)?.lines().find(|line| !line.trim().is_empty())?;
        let at = start + written.get(start..)?.find(line)?;
        let indentation = line.len() - line.trim_start().len();
        let offset = |at: usize| Some(span.start + u32::try_from(at).ok()?);
        Some(offset(at + indentation)?..offset(at + line.trim_end().len())?)
    }

    fn report(&mut self, severity: Severity, rule: Rule, span: &Range<u32>, message: &str, label: &str, help: &str) {
        if self.not_meant.range(..=span.start).next_back().is_some_and(|(_, end)| span.end <= *end) {
            return;
        }
        let place = self.place(span);
        let (number, hidden) = self.found.entry(rule).or_default();
        *number += 1;
        if *number > MAX_PER_RULE {
            hidden.get_or_insert(place);
            return;
        }
        let message = self.context.before(message);
        self.problems.push(Problem {
            severity,
            rule,
            message,
            place: Some(place),
            label: label.to_owned(),
            help: if help.is_empty() { Vec::new() } else { vec![help.to_owned()] },
        });
    }

    /// Reports an error at a span.
    pub fn error(&mut self, rule: Rule, span: &Range<u32>, message: &str, label: &str, help: &str) {
        // A mapping without a key is not a matter of its characters.
        let told = [rules::LITERAL_SECRET, rules::MISSING_KEY, rules::ODD_CHARACTER, rules::PLACEHOLDER, rules::MARKUP];
        if !told.contains(&rule) {
            let found = pasted::explained(Problem::error(rule, message).at(self.place(span)));
            if found.rule == rules::PLACEHOLDER {
                self.report(Severity::Error, found.rule, span, &found.message, "", self.placeholders);
                return;
            }
            if found.rule == rules::ODD_CHARACTER
                && let (Some(place), [help]) = (&found.place, found.help.as_slice())
                && let (Ok(start), Ok(end)) = (u32::try_from(place.span.start), u32::try_from(place.span.end))
            {
                let already = |told: &Problem| told.rule == rules::ODD_CHARACTER && told.place.as_ref() == Some(place);
                if !self.problems.iter().any(already) {
                    self.report(Severity::Error, rules::ODD_CHARACTER, &(start..end), &found.message, "", help);
                }
                return;
            }
        }
        self.report(Severity::Error, rule, span, message, label, help);
    }

    /// Reports a warning about a node.
    pub fn warn(&mut self, node: &Node<'_>, rule: Rule, message: &str, help: &str) {
        self.report(Severity::Warning, rule, &node.span, message, "", help);
    }

    /// Reports a warning at a span.
    pub fn warn_at(&mut self, span: &Range<u32>, rule: Rule, message: &str, help: &str) {
        self.report(Severity::Warning, rule, span, message, "", help);
    }

    /// Reports something good to know.
    pub fn note(&mut self, span: &Range<u32>, rule: Rule, message: &str, help: &str) {
        self.report(Severity::Note, rule, span, message, "", help);
    }

    /// Reports that a value of the right kind breaks a rule. Returns `None`, to be returned at once.
    pub fn invalid<T>(&mut self, node: &Node<'_>, rule: Rule, what: &str, help: &str) -> Option<T> {
        // A secret is not a matter of its characters.
        if rule != rules::LITERAL_SECRET && self.tell_odd(node) {
            return None;
        }
        self.error(rule, &node.span, what, "", help);
        None
    }

    /// Reports a value of another kind than expected, with the YAML rule that usually causes it. Returns `None`.
    pub fn mismatch<T>(&mut self, node: &Node<'_>, expects: &str) -> Option<T> {
        let help = self.trap(node, expects);
        self.unlike(node, rules::VALUE_KIND, expects, &help)
    }

    /// Reports a value of another kind than expected, with a hint that the caller knows. Returns `None`.
    pub fn unlike<T>(&mut self, node: &Node<'_>, rule: Rule, expects: &str, help: &str) -> Option<T> {
        if self.tell_odd(node) {
            return None;
        }
        if matches!(node.value, Value::Nothing) {
            if self.tell_behind(&node.span) {
                return None;
            }
            self.error(
                rules::NOTHING_BEHIND_KEY,
                &node.span,
                &format!("nothing is written here, expected {expects}"),
                "a value belongs here",
                "write the value, or delete the line",
            );
            return None;
        }
        let found = describe(&node.value);
        let help = slip(&node.value).unwrap_or(help);
        self.error(rule, &node.span, &format!("expected {expects}"), &format!("this is {found}"), help);
        None
    }

    /// What to write instead if YAML's own rules made the value another kind.
    fn trap(&self, node: &Node<'_>, expects: &str) -> String {
        let written = self.source.text.get(yaml::bytes(&node.span)).unwrap_or_default();
        let (list, mapping) = (expects.starts_with("a list"), expects.starts_with("a mapping"));
        match &node.value {
            Value::Null => "write a value, or delete the line: null clears nothing here".to_owned(),
            Value::Text { text, quoted: false } if list && text.starts_with('-') => {
                "put a space after each dash: - ITEM".to_owned()
            }
            Value::Text { quoted: false, .. } if list && self.second_line(&node.span).is_some() => {
                "put a dash and a space before each line: - ITEM".to_owned()
            }
            Value::Text { text, quoted } if list => several(text, *quoted),
            Value::Number(text) if list => format!("write a list: [{text}]"),
            Value::Map(_) if list => "put a dash and a space before each item: - ITEM".to_owned(),
            Value::List(_) if mapping => "write keys instead of dashes: KEY: VALUE".to_owned(),
            Value::Text { text, quoted: false } if mapping && text.contains(':') => {
                "put a space after the colon: KEY: VALUE".to_owned()
            }
            Value::List(_) if expects.starts_with("an ") => {
                "write one value here, without a second dash or brackets".to_owned()
            }
            _ if mapping => "write keys below it, indented by two more spaces: KEY: VALUE".to_owned(),
            Value::Text { text, .. } if expects.starts_with("a whole number") => whole_number(text),
            // A spreadsheet writes long digits as 2.91E+31, and the rest of them is lost.
            Value::Number(text) if is_shortened(text) => {
                "this looks like an id that a spreadsheet took for a number: copy it again, as text".to_owned()
            }
            Value::Number(_) | Value::Bool(_) => {
                format!("put it in quotes: \"{written}\"; without them YAML reads {}", describe(&node.value))
            }
            _ => String::new(),
        }
    }

    /// Returns where the file holds the text of a node letter by letter, so that parts of it have places of their own.
    pub fn letters(&self, node: &Node<'_>) -> Option<u32> {
        let Value::Text { text, .. } = &node.value else { return None };
        let written = self.source.text.get(yaml::bytes(&node.span))?;
        let offset = [0, 1]
            .into_iter()
            .find(|offset| written.get(*offset as usize..).is_some_and(|letters| letters.starts_with(text.as_ref())))?;
        Some(node.span.start + offset)
    }

    /// Returns whether one more problem of a rule is shown, so that it is worth finding out what was meant.
    pub fn shows(&self, rule: Rule) -> bool {
        self.found.get(&rule).is_none_or(|(number, _)| *number < MAX_PER_RULE)
    }

    /// Counts a key that does not exist here, where no more of them are shown. Returns whether it did.
    pub fn counts_unknown_key(&mut self, span: &Range<u32>) -> bool {
        let counts = !self.shows(rules::UNKNOWN_KEY);
        if counts {
            self.error(rules::UNKNOWN_KEY, span, "", "", "");
        }
        counts
    }

    /// Reports a key that does not exist here, with its nearest neighbour.
    pub fn unknown_key<'k>(&mut self, key: &Key<'_>, known: impl IntoIterator<Item = &'k str>, help: &str) {
        if self.tell_odd_key(key) || self.counts_unknown_key(&key.span) {
            return;
        }
        let known: Vec<&str> = known.into_iter().collect();
        let help = match (help, nearest(&key.text, known.iter().copied())) {
            ("", Some(near)) => did_you_mean(format_args!("`{near}`")),
            ("", None) if known.is_empty() => "delete the line".to_owned(),
            ("", None) => format!("the keys here are {}", known.join(", ")),
            (help, _) => help.to_owned(),
        };
        self.error(
            rules::UNKNOWN_KEY,
            &key.span,
            &format!("unknown key {}", quote(&key.text)),
            "not known here",
            &help,
        );
    }

    /// Reads a plain decimal whole number; every other way of writing one is refused, since YAML readers disagree on them.
    pub fn integer(&mut self, node: &Node<'_>, text: &str, expects: &str) -> Option<i64> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let leading_zero = digits.len() > 1 && digits.starts_with('0');
        if plain && !leading_zero {
            // Out of every range that a setting has, whatever the exact value.
            return Some(text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX }));
        }
        let help = number::hint(text);
        self.unlike(node, rules::NUMBER_FORM, expects, &help)
    }

    /// Reads text that is not blank.
    pub fn text(&mut self, node: &Node<'_>, expects: &str) -> Option<String> {
        match &node.value {
            Value::Text { text, .. } if text.trim().is_empty() => self.invalid(
                node,
                rules::EMPTY_TEXT,
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
        let (mut id, mut name, mut good) = (None, None, true);
        for (key, value) in entries {
            match key.text.as_ref() {
                "id" => id = self.id(value).map(|id| (value, id)),
                "name" => {
                    name = self.text(value, "a name for readers");
                    good &= name.is_some();
                }
                _ => {
                    self.unknown_key(key, ["id", "name"], "");
                    good = false;
                }
            }
        }
        if !entries.iter().any(|(key, _)| key.text == "id") {
            return self.invalid(
                node,
                rules::MISSING_KEY,
                "this entitlement has no `id`",
                "write {id: ID, name: NAME}",
            );
        }
        let (place, id) = id.filter(|_| good)?;
        if let Some(name) = name {
            self.names.insert(id.to_owned(), name);
        }
        Some((place, id))
    }

    fn id<'a>(&mut self, node: &'a Node<'_>) -> Option<&'a str> {
        match &node.value {
            Value::Text { text, .. } if is_usual(text) => Some(text),
            Value::Text { text, .. } if text.trim().is_empty() => {
                self.invalid(node, rules::ID_BLANK, "expected an entitlement id, this is empty", "delete the line")
            }
            Value::Text { text, .. } if text.trim() != text.as_ref() => {
                self.invalid(node, rules::ID_BLANK, "an id has no spaces around it", "delete the spaces")
            }
            Value::Text { text, .. } => Some(text),
            _ => self.mismatch(node, "an entitlement id"),
        }
    }
}

/// Returns text of a file for a message: in backquotes, and cut where it is long.
pub fn quote(text: &str) -> String {
    format!("`{}`", printable_line(text, 60))
}

/// Returns what to do about what other languages have at the end of a value.
fn slip(value: &Value<'_>) -> Option<&'static str> {
    let Value::Text { text, quoted: false } = value else { return None };
    match text.chars().next_back()? {
        _ if text.contains(char::is_whitespace) => None,
        ',' => Some("delete the comma at the end"),
        ';' => Some("delete the semicolon at the end"),
        _ if text.contains('#') => Some("put a space before the #, which begins a comment then"),
        _ => None,
    }
}

/// Returns what to write instead of a text where a list belongs: its values as items, if it is short and they are plain.
fn several(text: &str, quoted: bool) -> String {
    const SEPARATORS: [char; 4] = [',', ';', '|', '\n'];
    let plain = |part: &&str| part.chars().all(|c| c.is_ascii_alphanumeric() || "@._+-:/".contains(c));
    let by_mark: Vec<&str> = text.split(SEPARATORS).map(str::trim).filter(|part| !part.is_empty()).collect();
    let by_blank: Vec<&str> = text.split(SEPARATORS).flat_map(str::split_whitespace).collect();
    // A name has blanks in it, an address and an id have none.
    let alike = by_blank.iter().all(|part| part.contains('@')) || by_blank.iter().all(|part| part.len() >= 32);
    let parts = if by_mark.iter().all(plain) || !alike { by_mark } else { by_blank };
    if text.len() > 60 || parts.is_empty() || !parts.iter().all(plain) {
        return "write a list: one item for each value".to_owned();
    }
    let quote = if quoted || parts.iter().any(|part| part.contains(':')) { "\"" } else { "" };
    let parts: Vec<String> = parts.iter().map(|part| format!("{quote}{part}{quote}")).collect();
    format!("write a list: [{}]", parts.join(", "))
}

/// Returns the number alone in a text such as `"10"`, `2 days` or `2d`.
fn whole_number(text: &str) -> String {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = text.split_at(digits);
    match rest.trim() {
        _ if number.is_empty() => "write it in digits".to_owned(),
        "" => format!("write {number}, without quotes"),
        "d" | "day" | "days" | "x" | "times" | "changes" => format!("write {number}"),
        _ => "write it in digits, without anything else".to_owned(),
    }
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
