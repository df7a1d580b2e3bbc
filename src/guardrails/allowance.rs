//! Allowances: exceptions to `deny` and `maxChanges` for one setting, up to a value and a day. They may stand in a file
//! that other people own, so each says why, for whom, and until when.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::Value;
use wildmatch::WildMatch;

use super::subject::Subject;
use super::{ceiling, weight};
use crate::plan::Change;
use crate::text::problem::{Place, Problem, rules};
use crate::text::reader::Reader;
use crate::text::yaml::{self, Key, Node, Source};

/// One exception.
#[derive(Clone, Debug, PartialEq)]
pub struct Allowance {
    /// The tenants it is for; `*` and `?` are wildcards.
    pub tenant: String,
    /// The setting it is for.
    pub subject: Subject,
    /// How far it reaches: a ceiling; for a set the number of members that may join or leave; null for clearing alone.
    pub up_to: Value,
    /// Why there is an exception.
    pub reason: String,
    /// Where it was decided.
    pub ticket: String,
    /// The last day on which it holds, in UTC.
    pub until: Date,
    /// Where it is written.
    pub place: Place,
}

/// Why an allowance does not lift a guard for a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Miss {
    /// It is for another tenant or setting.
    Other,
    /// Its last day is over.
    Over,
    /// The change goes further than it reaches, or how far cannot be said.
    Beyond,
}

impl Allowance {
    /// Returns whether the allowance lifts guards for a change of `tenant` on the day `today`.
    ///
    /// # Errors
    ///
    /// Why it does not.
    pub fn covers(&self, tenant: &str, subject: &Subject, change: &Change, today: Date) -> Result<(), Miss> {
        if *subject != self.subject || !WildMatch::new(&self.tenant).matches(tenant) {
            Err(Miss::Other)
        } else if today > self.until {
            Err(Miss::Over)
        } else if self.reaches(change) {
            Ok(())
        } else {
            Err(Miss::Beyond)
        }
    }

    fn reaches(&self, change: &Change) -> bool {
        let cleared = change.setting.equal(None, Some(&change.after));
        if self.up_to.is_null() {
            return cleared;
        }
        if change.setting.kind.is_set() {
            // The size of the result says nothing: a set that loses everybody is small.
            return self.up_to.as_u64().is_some_and(|members| weight(change) as u64 <= members);
        }
        // A cleared ceiling is above every value.
        !cleared && change.setting.kind.within(&change.after, &self.up_to) == Some(true)
    }

    /// Returns how far the allowance reaches, in words.
    pub fn reach(&self) -> String {
        if self.up_to.is_null() {
            "clearing it".to_owned()
        } else {
            self.subject.setting.kind.show_ceiling(&self.up_to)
        }
    }
}

/// Reads files of allowances. All of them are checked, whichever tenants are chosen.
pub fn read(sources: &[Arc<Source>]) -> (Vec<Allowance>, Vec<Problem>) {
    let (mut allowances, mut problems) = (Vec::new(), Vec::new());
    for source in sources {
        match yaml::parse(source) {
            Ok(node) => {
                let mut reader = Reader::new(source);
                for item in reader.list(&node, "a list of allowances").unwrap_or_default() {
                    allowances.extend(read_one(item, &mut reader));
                }
                problems.append(&mut reader.finish());
            }
            Err(found) => problems.extend(found),
        }
    }
    (allowances, problems)
}

const KEYS: [&str; 6] = ["tenant", "setting", "upTo", "reason", "ticket", "until"];

fn read_one(node: &Node<'_>, reader: &mut Reader) -> Option<Allowance> {
    let entries = reader.map(node, "a mapping with tenant, setting, upTo, reason, ticket and until")?;
    let (mut tenant, mut subject, mut up_to, mut reason, mut ticket, mut until) = (None, None, None, None, None, None);
    for (key, value) in entries {
        match key.text.as_ref() {
            "tenant" => tenant = reader.text(value, "the name of a tenant; * and ? are wildcards"),
            "setting" => {
                if let Some(text) =
                    reader.text(value, "a setting, such as /jitActivationPolicy/maxActivationPeriodMins")
                {
                    subject = Subject::read(&Key { span: value.span.clone(), text: text.into() }, reader);
                }
            }
            "upTo" => up_to = Some(value),
            "reason" => reason = reader.text(value, "the reason as text"),
            "ticket" => ticket = reader.text(value, "the ticket as text"),
            "until" => until = read_day(value, reader),
            _ => reader.unknown_key(key, KEYS, ""),
        }
    }
    let missing: Vec<&str> =
        KEYS.into_iter().filter(|name| !entries.iter().any(|(key, _)| key.text == *name)).collect();
    if !missing.is_empty() {
        let message = format!("this allowance has no {}", missing.join(", no "));
        let help = "an exception says for which tenant and setting, how far, why, by which ticket and until which day";
        return reader.invalid(node, rules::MISSING_KEY, &message, help);
    }
    let subject = subject?;
    let up_to = match &up_to?.value {
        yaml::Value::Null if subject.setting.nullable => Value::Null,
        _ => ceiling::read(&subject, up_to?, reader)?,
    };
    let place = reader.place(&node.span);
    Some(Allowance { tenant: tenant?, subject, up_to, reason: reason?, ticket: ticket?, until: until?, place })
}

fn read_day(node: &Node<'_>, reader: &mut Reader) -> Option<Date> {
    let expects = "a day, such as 2026-12-31";
    let text = reader.text(node, expects)?;
    match text.parse::<Date>() {
        // Other forms of ISO 8601 are read as well, and a reader of the file should not have to know them.
        Ok(day) if day.to_string() == text => Some(day),
        _ => reader.invalid(node, rules::DAY, &format!("expected {expects}"), "write year, month and day with hyphens"),
    }
}
