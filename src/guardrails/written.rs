//! Guardrails as the workspace file writes them.

use std::collections::HashSet;
use std::sync::Arc;

use super::set::{Clause, Guardrails, Keep, Lifting, Limit, Origin, Scope, Set};
use super::subject::Subject;
use super::{ApprovalWord, Word, ceiling};
use crate::text::nearest::{did_you_mean, nearest};
use crate::text::problem::rules;
use crate::text::reader::{Context, Reader, pasted};
use crate::text::yaml::{self, Key, Node, Value};

/// The keys of a tenant's `guardrails`. A set for several tenants also has `for`.
const KEYS: [&str; 9] = ["owner", "reason", "deny", "require", "keep", "limits", "maxChanges", "lift", "apply"];

/// Reads the `guardrails` of one tenant.
pub fn of_tenant(node: &Node<'_>, reader: &mut Reader) -> Guardrails {
    let entries = reader.map(node, "a mapping with `deny`, `limits` or other guardrails").unwrap_or_default();
    if let Some((key, _)) = yaml::entry(entries, "for") {
        let help = "these are for this tenant; sets for several stand in `guardrails` at the top of the file";
        reader.unknown_key(key, KEYS, help);
    }
    read(entries, reader)
}

/// Reads the `guardrails` of a workspace: a list of sets.
pub fn sets(node: &Node<'_>, reader: &mut Reader) -> Vec<Set> {
    let mut sets = Vec::new();
    for item in reader.list(node, "a list of sets of guardrails").unwrap_or_default() {
        let entries = reader.map(item, "a mapping with `for` and guardrails").unwrap_or_default();
        let chosen = yaml::entry(entries, "for").map(|(_, value)| value);
        let scope = chosen.map(|value| read_scope(value, reader)).unwrap_or_default();
        let place = reader.place(&chosen.unwrap_or(item).span);
        sets.push(Set { scope, guardrails: read(entries, reader), place });
    }
    sets
}

fn read(entries: &[(Key<'_>, Node<'_>)], reader: &mut Reader) -> Guardrails {
    let mut words = |name: &str, expects: &str| {
        let (_, value) = yaml::entry(entries, name)?;
        reader.meant_text(value, expects, pasted::Text::Prose)
    };
    let owner = words("owner", "whom to ask, as text");
    let reason = words("reason", "the reason as text");
    let origin = Arc::new(Origin { owner, reason });
    let mut guardrails = Guardrails::default();
    for (key, value) in entries {
        let mut set = Written { reader, origin: &origin, guardrails: &mut guardrails };
        match key.text.as_ref() {
            "for" | "owner" | "reason" => {}
            "deny" => set.deny(value),
            "require" => set.require(value),
            "keep" => set.keep(value),
            "limits" => set.limits(value),
            "maxChanges" => set.max_changes(value),
            "lift" => set.lift(value),
            "apply" => set.apply(value),
            _ => reader.unknown_key(key, KEYS, ""),
        }
    }
    guardrails
}

/// Reads `limits` beside the `guardrails` of a tenant.
pub fn limits(node: &Node<'_>, reader: &mut Reader, guardrails: &mut Guardrails) {
    Written { reader, origin: &Arc::default(), guardrails }.limits(node);
}

fn read_scope(node: &Node<'_>, reader: &mut Reader) -> Scope {
    let mut scope = Scope::default();
    let expects = "a mapping from labels to values, or `address: HOST`";
    let entries = reader.map(node, expects).unwrap_or_default();
    if matches!(&node.value, Value::Map(entries) if entries.is_empty()) {
        let help = "name a label or `address`, or delete `for`: without it the set is for every tenant";
        reader.invalid::<()>(node, rules::EMPTY_SCOPE, "`for` chooses by nothing", help);
    }
    for (key, value) in entries {
        let expects = if key.text == "address" { "a host" } else { "the label's value as text" };
        let values = match &value.value {
            Value::List(items) if items.is_empty() => {
                let help = "list at least one value, or delete the line";
                reader.invalid(value, rules::EMPTY_SCOPE, "no tenant has one of no values", help)
            }
            Value::List(items) => {
                Some(items.iter().filter_map(|item| reader.meant_text(item, expects, pasted::Text::Exact)).collect())
            }
            _ => reader.meant_text(value, expects, pasted::Text::Exact).map(|text| vec![text]),
        };
        let Some(values) = values else { continue };
        if key.text != "address" {
            scope.labels.push((key.text.to_string(), values));
        } else if let Some(wrong) = values.iter().find(|host| host.contains("://") && !host.starts_with("practice:")) {
            let host = wrong.rsplit("://").next().unwrap_or_default();
            let help = format!("write {}", host.trim_end_matches('/'));
            reader.invalid::<()>(value, rules::HOST, "expected the host alone", &help);
        } else {
            scope.addresses = values;
        }
    }
    scope
}

/// A set while it is read.
struct Written<'a> {
    reader: &'a mut Reader,
    origin: &'a Arc<Origin>,
    guardrails: &'a mut Guardrails,
}

impl Written<'_> {
    fn clause<T>(&self, says: T, node: &Node<'_>) -> Clause<T> {
        Clause { says, place: self.reader.place(&node.span), origin: self.origin.clone() }
    }

    fn deny(&mut self, node: &Node<'_>) {
        let words = Word::ALL.map(Word::text);
        self.words(node, &words, |set, item, text| match Word::named(text) {
            // Said twice is said once: lists of any length cost no more than the words there are.
            Some(word) if set.guardrails.deny.iter().any(|clause| clause.says == word) => {}
            Some(word) => set.guardrails.deny.push(set.clause(word, item)),
            None => set.no_word(item, &format!("there is no impact `{text}`"), text, &words),
        });
    }

    fn apply(&mut self, node: &Node<'_>) {
        let words = ApprovalWord::ALL.map(ApprovalWord::text);
        let mut approvals = Vec::new();
        self.words(node, &words, |set, item, text| match ApprovalWord::named(text) {
            Some(word) => approvals.push(word),
            None => set.no_word(item, &format!("no apply is approved by `{text}`"), text, &words),
        });
        if matches!(&node.value, Value::List(items) if items.is_empty()) {
            let help = format!("write one of {}, or delete the line: without it every one will do", words.join(", "));
            self.reader.invalid::<()>(node, rules::NO_APPROVAL, "no apply could be approved", &help);
        } else if !approvals.is_empty() {
            self.guardrails.apply.push(self.clause(approvals, node));
        }
    }

    fn lift(&mut self, node: &Node<'_>) {
        let words = Lifting::ALL.map(Lifting::text);
        let Some(text) = self.reader.text(node, &format!("one of {}", words.join(", "))) else { return };
        match Lifting::ALL.into_iter().find(|word| word.text() == text) {
            Some(word) => self.guardrails.lift = Some(self.clause(word, node)),
            None => self.no_word(node, &format!("guardrails are not lifted by `{text}`"), &text, &words),
        }
    }

    fn words(&mut self, node: &Node<'_>, words: &[&str], mut each: impl FnMut(&mut Self, &Node<'_>, &str)) {
        let expects = format!("one of {}", words.join(", "));
        for item in self.reader.list(node, "a list of words").unwrap_or_default() {
            if let Some(text) = self.reader.text(item, &expects) {
                each(self, item, &text);
            }
        }
    }

    fn no_word(&mut self, node: &Node<'_>, message: &str, text: &str, words: &[&str]) {
        let near = if self.reader.shows(rules::UNKNOWN_WORD) { nearest(text, words.iter().copied()) } else { None };
        let help = match near {
            Some(near) => did_you_mean(format_args!("`{near}`")),
            None => format!("write one of {}", words.join(", ")),
        };
        self.reader.invalid::<()>(node, rules::UNKNOWN_WORD, message, &help);
    }

    fn max_changes(&mut self, node: &Node<'_>) {
        let expects = "a whole number of changes, 0 or more";
        let number = match node.value {
            Value::Number(text) => self.reader.integer(node, text, expects),
            _ => self.reader.mismatch(node, expects),
        };
        match number.map(usize::try_from) {
            Some(Ok(most)) => self.guardrails.max_changes = Some(self.clause(most, node)),
            Some(Err(_)) => {
                self.reader.invalid::<()>(node, rules::NUMBER_RANGE, &format!("must be {expects}"), "");
            }
            None => {}
        }
    }

    fn require(&mut self, node: &Node<'_>) {
        let mut required = HashSet::new();
        for item in self.reader.list(node, "a list of settings").unwrap_or_default() {
            let Some(text) = self.reader.text(item, "a setting, such as RESOURCE.SETTING") else { continue };
            let key = Key { span: item.span.clone(), text: text.into() };
            if let Some(subject) = Subject::read(&key, self.reader)
                && required.insert(subject.pointer())
            {
                self.guardrails.require.push(self.clause(subject, item));
            }
        }
    }

    fn keep(&mut self, node: &Node<'_>) {
        for (key, value) in self.reader.map(node, "a mapping from sets to members").unwrap_or_default() {
            let Some(subject) = Subject::read(key, self.reader) else { continue };
            if !subject.setting.kind.is_set() {
                let message = format!("{subject} has no members to keep");
                let help = "name entitlementIds or notificationRecipients; `limits` bounds other settings";
                self.reader.error(rules::NOT_A_SET, &key.span, &message, "not a set", help);
                continue;
            }
            let outer = std::mem::replace(&mut self.reader.context, Context::of(subject.to_string()));
            let good = self.reader.as_meant(value, pasted::Text::Exact);
            let members = subject.setting.kind.read(value, self.reader).filter(|_| good);
            self.reader.context = outer;
            let names = std::mem::take(&mut self.reader.names);
            for member in members.iter().filter_map(|members| members.as_array()).flatten() {
                let Some(member) = member.as_str().map(str::to_owned) else { continue };
                let name = names.get(&member).cloned();
                let place = self.reader.place(&key.span);
                let says = Keep { subject: subject.clone(), member, name };
                self.guardrails.keep.push(Clause { says, place, origin: self.origin.clone() });
            }
        }
    }

    fn limits(&mut self, node: &Node<'_>) {
        for (key, value) in self.reader.map(node, "a mapping from settings to ceilings").unwrap_or_default() {
            let Some(subject) = Subject::read(key, self.reader) else { continue };
            if self.guardrails.limits.iter().any(|limit| limit.says.subject == subject) {
                self.reader.error(
                    rules::LIMITED_TWICE,
                    &key.span,
                    &format!("{subject} has a limit already"),
                    "",
                    "delete one of them",
                );
                continue;
            }
            let Some(ceiling) = ceiling::read(&subject, value, self.reader) else { continue };
            if subject.setting.kind.is_set() {
                let message = format!("{subject} is loosened when a member leaves, so no number of members limits it");
                let help = "list the members that must stay: keep: {SETTING: [MEMBER]}";
                self.reader.warn(value, rules::LIMIT_WITHOUT_EFFECT, &message, help);
            }
            let place = self.reader.place(&key.span);
            self.guardrails.limits.push(Clause {
                says: Limit { subject, ceiling },
                place,
                origin: self.origin.clone(),
            });
        }
    }
}
