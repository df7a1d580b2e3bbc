//! Allowances: exceptions for one tenant until a day. They permit changes of a setting up to a value, or that it leaves
//! control. They may stand in a file that other people own, so each says why, for whom, and until when.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::Value;
use wildmatch::WildMatch;

use super::subject::Subject;
use super::{ceiling, day, weight};
use crate::plan::Change;
use crate::text::nearest::{did_you_mean, nearest};
use crate::text::problem::{Place, Problem, rules};
use crate::text::reader::{Reader, pasted, quote};
use crate::text::yaml::{self, Key, Node, Source};

/// One exception.
#[derive(Clone, Debug, PartialEq)]
pub struct Allowance {
    /// The tenants it is for; `*` and `?` are wildcards.
    pub tenant: String,
    /// The same, to be compared with names.
    pattern: WildMatch,
    /// What it permits.
    pub permits: Permission,
    /// Why there is an exception.
    pub reason: String,
    /// Where it was decided.
    pub ticket: String,
    /// The last day on which it holds, in UTC.
    pub until: Date,
    /// Where it is written.
    pub place: Place,
}

/// What an allowance permits.
#[derive(Clone, Debug, PartialEq)]
pub enum Permission {
    /// Changes of one setting.
    Change {
        /// The setting.
        subject: Subject,
        /// How far: a ceiling; for a set the number of members that may join or leave; null for clearing alone.
        up_to: Value,
    },
    /// A loss of control.
    Release(Released),
}

/// What may leave control.
#[derive(Clone, Debug, PartialEq)]
pub enum Released {
    /// The whole tenant.
    All,
    /// These settings.
    Settings(Vec<Subject>),
}

/// Why an allowance does not lift a guardrail for a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Miss {
    /// It is for another tenant or setting.
    Other,
    /// Its last day is over.
    Over,
    /// The change goes further than it reaches, or how far is not known.
    Beyond,
}

/// How many days before its last one an allowance is told to end.
const NOTICE: i32 = 14;
/// For how many allowances of tenants that there are not a near name is looked for.
const MOST_SUGGESTIONS: usize = 100;

impl Allowance {
    /// Returns whether it is for a tenant of this name.
    pub fn is_for(&self, tenant: &str) -> bool {
        self.pattern.matches(tenant)
    }

    /// Returns whether it permits changes of a setting of a tenant, on whatever day and however far.
    pub fn is_about(&self, tenant: &str, subject: &Subject) -> bool {
        matches!(&self.permits, Permission::Change { subject: own, .. } if own == subject) && self.is_for(tenant)
    }

    /// Returns whether the allowance lifts guardrails for a change of `tenant` on the day `today`.
    ///
    /// # Errors
    ///
    /// Why it does not.
    pub fn covers(&self, tenant: &str, subject: &Subject, change: &Change, today: Date) -> Result<(), Miss> {
        if !self.is_about(tenant, subject) {
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
        let Permission::Change { up_to, .. } = &self.permits else { return false };
        let cleared = change.setting.equal(None, Some(change.after.as_ref()));
        if up_to.is_null() {
            return cleared;
        }
        if change.setting.kind.is_set() {
            // The size of the result says nothing: a set that loses every member is small.
            return up_to.as_u64().is_some_and(|members| weight(change) as u64 <= members);
        }
        // A cleared ceiling is above every value.
        !cleared && change.setting.kind.within(&change.after, up_to) == Some(true)
    }

    /// Returns whether it raises the limit of its setting so far that a value is within it; `None` is a value that is not
    /// there.
    pub fn raises_to(&self, value: Option<&Value>) -> bool {
        match &self.permits {
            Permission::Change { up_to: Value::Null, .. } => value.is_none_or(Value::is_null),
            Permission::Change { subject, up_to } => ceiling::exceeds(subject, value, up_to) == Some(false),
            Permission::Release(_) => false,
        }
    }

    /// Returns whether it permits that a setting of `tenant`, or the whole tenant, leaves control on the day `today`.
    ///
    /// # Errors
    ///
    /// Why it does not.
    pub fn releases(&self, tenant: &str, subject: Option<&Subject>, today: Date) -> Result<(), Miss> {
        let reaches = match (&self.permits, subject) {
            (Permission::Release(Released::All), _) => true,
            (Permission::Release(Released::Settings(settings)), Some(subject)) => settings.contains(subject),
            _ => false,
        };
        if !reaches || !self.is_for(tenant) {
            Err(Miss::Other)
        } else if today > self.until {
            Err(Miss::Over)
        } else {
            Ok(())
        }
    }

    /// Returns why it does not lift a guardrail, in words; nothing if it is for something else.
    pub fn missed(&self, miss: Miss) -> Option<String> {
        let (ticket, place) = (&self.ticket, &self.place);
        match miss {
            Miss::Other => None,
            Miss::Over => {
                Some(format!("the allowance {ticket} ({place}), up to {}, ended on {}", self.reach(), self.until))
            }
            Miss::Beyond => Some(format!("the allowance {ticket} ({place}) reaches only to {}", self.reach())),
        }
    }

    /// Returns how far the allowance reaches, in words.
    pub fn reach(&self) -> String {
        match &self.permits {
            Permission::Change { up_to: Value::Null, .. } => "clearing it".to_owned(),
            Permission::Change { subject, up_to } => subject.setting.kind.show_ceiling(up_to),
            Permission::Release(Released::All) => "the whole tenant".to_owned(),
            Permission::Release(Released::Settings(settings)) => {
                settings.iter().map(Subject::to_string).collect::<Vec<_>>().join(", ")
            }
        }
    }
}

/// Returns what is wrong with allowances of a workspace with these tenants. A tenant that is released may be gone.
pub fn check(allowances: &[Allowance], tenants: &[&str], today: Date) -> Vec<Problem> {
    let names: HashSet<&str> = tenants.iter().copied().collect();
    let stray = |allowance: &&Allowance| {
        let release = matches!(allowance.permits, Permission::Release(_));
        let is_known = || {
            let fits = || tenants.iter().any(|tenant| allowance.is_for(tenant));
            names.contains(allowance.tenant.as_str()) || (allowance.tenant.contains(['*', '?']) && fits())
        };
        !release && today <= allowance.until && !is_known()
    };
    let problem = |(number, allowance): (usize, &Allowance)| {
        let message = format!(
            "the allowance {} is for {}, and no tenant has that name",
            allowance.ticket,
            quote(&allowance.tenant)
        );
        // A file with more of them has one mistake, and each is compared with every tenant.
        let suggested = if number < MOST_SUGGESTIONS { tenants } else { &[] };
        let help = match nearest(&allowance.tenant, suggested.iter().copied()) {
            Some(near) => did_you_mean(format_args!("`{near}`")),
            None => "delete it, or name a tenant of the workspace".to_owned(),
        };
        Problem::error(rules::UNKNOWN_TENANT, message).at(allowance.place.clone()).help(help)
    };
    allowances.iter().filter(stray).enumerate().map(problem).collect()
}

/// Returns which allowances end within the next days, and which have ended and can be deleted.
pub fn ending(allowances: &[Allowance], today: Date) -> Vec<Problem> {
    let told = |allowance: &Allowance| {
        let Allowance { ticket, until, .. } = allowance;
        let what = format!("the allowance {ticket} for tenant {} ({})", allowance.tenant, allowance.reach());
        let left = until.since(today).map_or(i32::MAX, |span| span.get_days());
        let problem = match left {
            ..0 => Problem::note(rules::ENDED_ALLOWANCE, format!("{what} ended on {until}"))
                .help("delete it: it permits nothing any more"),
            0..=NOTICE => {
                let when = match left {
                    0 => "today".to_owned(),
                    1 => "tomorrow".to_owned(),
                    days => format!("in {days} days, on {until}"),
                };
                Problem::warning(rules::ENDING_ALLOWANCE, format!("{what} ends {when}"))
                    .help("bring what it permits back within the guardrails until then, or have it renewed")
            }
            _ => return None,
        };
        Some(problem.at(allowance.place.clone()))
    };
    allowances.iter().filter_map(told).collect()
}

/// Reads files of allowances. All of them are checked, whichever tenants are chosen.
pub fn read(sources: &[Arc<Source>]) -> (Vec<Allowance>, Vec<Problem>) {
    let (mut allowances, mut problems) = (Vec::new(), Vec::new());
    for source in sources {
        match yaml::parse(source) {
            Ok(node) => {
                let mut reader = Reader::new(source);
                reader.placeholders = "allowances take no placeholders: write the value";
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

/// The keys of an allowance that permits changes, and of one that permits a loss of control.
const KEYS: [&str; 7] = ["tenant", "setting", "upTo", "release", "reason", "ticket", "until"];

fn read_one(node: &Node<'_>, reader: &mut Reader) -> Option<Allowance> {
    let entries = reader.map(node, "a mapping with tenant, setting, upTo, reason, ticket and until")?;
    let (mut tenant, mut subject, mut up_to, mut released) = (None, None, None, None);
    let (mut reason, mut ticket, mut until) = (None, None, None);
    for (key, value) in entries {
        match key.text.as_ref() {
            "tenant" => {
                tenant = reader.meant_text(value, "the name of a tenant; * and ? are wildcards", pasted::Text::Exact);
            }
            "setting" => subject = read_setting(value, reader),
            "upTo" => up_to = Some(value),
            "release" => released = read_release(value, reader),
            "reason" => reason = reader.meant_text(value, "the reason as text", pasted::Text::Prose),
            "ticket" => ticket = reader.meant_text(value, "the ticket as text", pasted::Text::Exact),
            "until" => until = read_day(value, reader),
            _ => reader.unknown_key(key, KEYS, ""),
        }
    }
    let has = |name: &str| yaml::entry(entries, name).is_some();
    let (change, release) = (has("setting") || has("upTo"), has("release"));
    if change && release {
        let help = "write one allowance for the change and one for the release";
        return reader.invalid(node, rules::RELEASE_ALONE, "`release` stands beside `setting` or `upTo`", help);
    }
    let needed = KEYS.into_iter().filter(|name| match *name {
        "setting" | "upTo" => !release,
        "release" => release,
        _ => true,
    });
    let missing: Vec<&str> = needed.filter(|name| !has(name)).collect();
    if !missing.is_empty() {
        let message = format!("this allowance has no {}", missing.join(", no "));
        let help = if release {
            "a release says for which tenant, why, by which ticket and until which day"
        } else {
            "an exception says for which tenant and setting, how far, why, by which ticket and until which day"
        };
        return reader.invalid(node, rules::MISSING_KEY, &message, help);
    }
    let permits = match released {
        Some(released) => Permission::Release(released),
        None if release => return None,
        None => {
            let subject = subject?;
            let up_to = match &up_to?.value {
                yaml::Value::Null if subject.setting.nullable => Value::Null,
                _ => ceiling::read(&subject, up_to?, reader)?,
            };
            Permission::Change { subject, up_to }
        }
    };
    let place = reader.place(&node.span);
    let tenant = tenant?;
    let pattern = WildMatch::new(&tenant);
    Some(Allowance { tenant, pattern, permits, reason: reason?, ticket: ticket?, until: until?, place })
}

fn read_setting(node: &Node<'_>, reader: &mut Reader) -> Option<Subject> {
    let expects = "a setting, such as jitActivationPolicy.maxActivationPeriodMins";
    let text = reader.meant_text(node, expects, pasted::Text::Exact)?;
    Subject::read(&Key { span: node.span.clone(), text: text.into() }, reader)
}

fn read_release(node: &Node<'_>, reader: &mut Reader) -> Option<Released> {
    let expects = "a list of settings, or `all`";
    match &node.value {
        yaml::Value::Text { text, .. } if text == "all" => Some(Released::All),
        yaml::Value::List(items) if items.is_empty() => reader.invalid(
            node,
            rules::EMPTY_RELEASE,
            "this releases nothing",
            "list a setting, or delete the allowance",
        ),
        yaml::Value::List(items) => {
            let settings: Vec<Option<Subject>> = items.iter().map(|item| read_setting(item, reader)).collect();
            settings.into_iter().collect::<Option<Vec<_>>>().map(Released::Settings)
        }
        _ => reader.mismatch(node, expects),
    }
}

fn read_day(node: &Node<'_>, reader: &mut Reader) -> Option<Date> {
    let expects = "a day, such as 2026-12-31";
    if let yaml::Value::Number(text) = node.value {
        return reader.unlike(node, rules::DAY, expects, &day::hint(text));
    }
    let text = reader.text(node, expects)?;
    match text.parse::<Date>() {
        // Other forms of ISO 8601 are read as well, and a reader of the file should not have to know them.
        Ok(day) if day.to_string() == text => Some(day),
        _ => reader.invalid(node, rules::DAY, &format!("expected {expects}"), &day::hint(&text)),
    }
}
