//! What a change means for security, in one word and one sentence.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::Setting;
use super::difference::Members;
use super::kind::minutes;
use crate::text::number::count;

pub(super) mod access;
pub mod across;

/// The gravity of a change, gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Impact {
    /// More people can get more access, for longer, or with fewer checks.
    Loosens,
    /// A person has to judge it.
    Review,
    /// Fewer people, less access, shorter, or more checks.
    Tightens,
    /// No bearing on who gets access.
    Neutral,
}

impl Impact {
    /// Every impact, gravest first.
    pub const ALL: [Impact; 4] = [Impact::Loosens, Impact::Review, Impact::Tightens, Impact::Neutral];

    /// Returns the word that plans, guardrails and documents use.
    pub fn word(self) -> &'static str {
        match self {
            Impact::Loosens => "loosens",
            Impact::Review => "review",
            Impact::Tightens => "tightens",
            Impact::Neutral => "neutral",
        }
    }
}

impl<'de> Deserialize<'de> for Impact {
    /// A person has to judge what a later sailplan calls by another word.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Impact, D::Error> {
        let word = String::deserialize(deserializer)?;
        Ok(Impact::ALL.into_iter().find(|impact| impact.word() == word).unwrap_or(Impact::Review))
    }
}

/// How heavily a change weighs among those of its impact, heaviest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Weight {
    /// Access is given without any approval.
    RemovesApproval,
    /// Everyone may do what some could.
    OpensToEveryone,
    /// What had a limit has none.
    RemovesLimit,
    /// A check that was made is no longer made.
    RemovesCheck,
    /// Some people may do what they could not.
    OpensToSome,
    /// A limit is higher.
    WidensLimit,
    /// Some members leave control.
    Members,
    /// Somebody is no longer told.
    WhoIsTold,
    /// Nothing of these, or something that a later sailplan calls by another word.
    #[default]
    #[serde(other)]
    Plain,
}

impl Weight {
    /// Returns it in words, to follow "loosens:"; `None` if there is nothing to add.
    pub fn words(self) -> Option<&'static str> {
        Some(match self {
            Weight::RemovesApproval => "removes all approval",
            Weight::OpensToEveryone => "opens to everyone",
            Weight::RemovesLimit => "removes a limit",
            Weight::RemovesCheck => "removes a check",
            Weight::OpensToSome => "opens to some people",
            Weight::WidensLimit => "widens a limit",
            Weight::Members => "members leave control",
            Weight::WhoIsTold => "who is told",
            Weight::Plain => return None,
        })
    }

    /// Returns what holds today where nothing changes, in words; `None` if there is nothing to add.
    pub fn standing(self) -> Option<&'static str> {
        Some(match self {
            Weight::RemovesApproval => "no approval today",
            Weight::OpensToEveryone => "open to everyone today",
            Weight::RemovesLimit => "no limit today",
            Weight::RemovesCheck => "no check today",
            Weight::OpensToSome => "allowed today",
            Weight::WidensLimit | Weight::Members | Weight::WhoIsTold | Weight::Plain => return None,
        })
    }

    /// Returns whether there is nothing to add.
    pub fn is_plain(&self) -> bool {
        *self == Weight::Plain
    }
}

/// What one change means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Its gravity.
    pub impact: Impact,
    /// How heavily it weighs among those of its impact.
    pub weight: Weight,
    /// Whether another setting leaves it without effect for now.
    pub moot: bool,
    /// Whether it stops something that people use today.
    pub disrupts: bool,
    /// Whether the request that makes the change also overrides settings kept elsewhere: see [`super::Overrides`].
    pub overrides: bool,
    /// One sentence for a reader who does not know the API.
    pub sentence: String,
}

impl Effect {
    pub(super) fn new(impact: Impact, sentence: impl Into<String>) -> Effect {
        Effect {
            impact,
            weight: Weight::Plain,
            moot: false,
            disrupts: false,
            overrides: false,
            sentence: sentence.into(),
        }
    }

    pub(super) fn weighing(self, weight: Weight) -> Effect {
        Effect { weight, ..self }
    }
}

/// What it means that a flag becomes true, or false.
#[derive(Clone, Copy, Debug)]
pub struct Meaning {
    /// Its gravity.
    pub impact: Impact,
    /// How heavily it weighs among those of its impact.
    pub weight: Weight,
    /// Whether it stops something that people use today.
    pub disrupts: bool,
    /// The sentence.
    pub sentence: &'static str,
}

/// Shorthand for the catalogue.
pub const fn meaning(impact: Impact, sentence: &'static str) -> Meaning {
    Meaning { impact, weight: of_flag(impact), disrupts: false, sentence }
}

/// Shorthand for the catalogue: a change that also stops something people use today.
pub const fn disrupting(impact: Impact, sentence: &'static str) -> Meaning {
    Meaning { impact, weight: of_flag(impact), disrupts: true, sentence }
}

/// A flag that loosens takes a check away, unless the catalogue says more.
const fn of_flag(impact: Impact) -> Weight {
    if matches!(impact, Impact::Loosens) { Weight::RemovesCheck } else { Weight::Plain }
}

impl Meaning {
    /// Says how heavily the change weighs.
    pub const fn weighing(self, weight: Weight) -> Meaning {
        Meaning { weight, ..self }
    }
}

/// How a change of a setting is judged. A value is `None` if it is absent, null, an object without values or an empty set.
#[derive(Clone, Copy, Debug)]
pub enum Judgement {
    /// A flag: what counts is the value that it gets.
    Flag {
        /// It becomes true.
        on: Meaning,
        /// It becomes false.
        off: Meaning,
    },
    /// A ceiling in minutes: higher or none loosens.
    Ceiling {
        /// What it bounds, such as "A single activation will last at most".
        subject: &'static str,
    },
    /// A default in minutes: a proposal below a ceiling.
    Default {
        /// What it proposes, such as "Activations will be offered for".
        subject: &'static str,
    },
    /// Worked out by a function of before and after.
    Of(fn(Option<&Value>, Option<&Value>) -> Effect, Loosest),
}

/// Which value of a setting lets most through.
#[derive(Clone, Copy, Debug)]
pub enum Loosest {
    /// Absent, null or an empty set.
    Nothing,
    /// The empty text or list. What is absent is not known.
    Empty,
    /// This word. What is absent is not known.
    Word(&'static str),
    /// It is not known.
    Unknown,
}

impl Judgement {
    /// Returns the effect of going from `before` to `after`.
    pub fn effect(&self, setting: &Setting, before: Option<&Value>, after: Option<&Value>) -> Effect {
        match self {
            Judgement::Flag { on, off } => {
                let meaning = if after == Some(&Value::Bool(true)) { on } else { off };
                let effect = Effect::new(meaning.impact, meaning.sentence).weighing(meaning.weight);
                Effect { disrupts: meaning.disrupts, ..effect }
            }
            Judgement::Ceiling { subject } => ceiling(subject, whole(before), whole(after)),
            Judgement::Default { subject } => default(subject, whole(before), whole(after)),
            Judgement::Of(judge, _) => judge(before, after),
        }
        .named(setting)
    }

    /// Returns how heavily the value weighs that lets most through.
    pub fn weight_at_loosest(&self) -> Weight {
        match self {
            Judgement::Flag { on, off } => on.weight.min(off.weight),
            Judgement::Ceiling { .. } | Judgement::Of(_, Loosest::Nothing) => Weight::RemovesLimit,
            Judgement::Of(_, Loosest::Empty) => Weight::RemovesApproval,
            Judgement::Of(_, Loosest::Word(_)) => Weight::RemovesCheck,
            Judgement::Default { .. } | Judgement::Of(_, Loosest::Unknown) => Weight::Plain,
        }
    }

    /// Returns whether `value` lets most through, as far as that can be said. An absent flag cannot be judged: no default
    /// is assumed.
    pub fn is_loosest(&self, value: Option<&Value>) -> bool {
        match self {
            Judgement::Flag { on, off } => match value {
                Some(Value::Bool(true)) => on.impact == Impact::Loosens,
                Some(Value::Bool(false)) => off.impact == Impact::Loosens,
                _ => false,
            },
            Judgement::Ceiling { .. } | Judgement::Of(_, Loosest::Nothing) => value.is_none(),
            Judgement::Of(_, Loosest::Empty) => {
                value.is_some_and(|value| value == "" || value.as_array().is_some_and(Vec::is_empty))
            }
            Judgement::Of(_, Loosest::Word(word)) => value.is_some_and(|value| value == word),
            Judgement::Default { .. } | Judgement::Of(_, Loosest::Unknown) => false,
        }
    }
}

impl Effect {
    /// Of a change to the documented default where the tenant shows no value: it may hold already, and a person judges it.
    pub(super) fn of_default(mut self) -> Effect {
        self.sentence.push_str(". SailPoint documents that as the default; the tenant shows no value");
        Effect { impact: Impact::Review, weight: Weight::Plain, disrupts: false, ..self }
    }

    /// A function that finds nothing to say must not make a change look harmless.
    fn named(mut self, setting: &Setting) -> Effect {
        if self.sentence.is_empty() {
            self.sentence = format!("{setting} will change; what that means is not described");
            self.impact = self.impact.min(Impact::Review);
        }
        self
    }
}

fn whole(value: Option<&Value>) -> Option<i64> {
    value.and_then(Value::as_i64)
}

fn ceiling(subject: &str, before: Option<i64>, after: Option<i64>) -> Effect {
    match (before, after) {
        (Some(before), Some(after)) => {
            let sentence = format!("{subject} {} instead of {}", minutes::words(after), minutes::words(before));
            by_size(before, after, sentence)
        }
        (None, Some(after)) => {
            Effect::new(Impact::Review, format!("{subject} {}; no limit is set now", minutes::words(after)))
        }
        (Some(before), None) => Effect::new(
            Impact::Loosens,
            format!(
                "{subject} as long as the tenant allows, perhaps without any limit, instead of {}",
                minutes::words(before)
            ),
        )
        .weighing(Weight::RemovesLimit),
        (None, None) => Effect::new(Impact::Review, ""),
    }
}

/// More minutes loosen.
fn by_size(before: i64, after: i64, sentence: String) -> Effect {
    if after > before {
        Effect::new(Impact::Loosens, sentence).weighing(Weight::WidensLimit)
    } else {
        Effect::new(Impact::Tightens, sentence)
    }
}

fn default(subject: &str, before: Option<i64>, after: Option<i64>) -> Effect {
    match (before, after) {
        (Some(before), Some(after)) => by_size(
            before,
            after,
            format!(
                "{subject} {} instead of {}, unless the user asks for another period",
                minutes::words(after),
                minutes::words(before)
            ),
        ),
        (None, Some(after)) => Effect::new(
            Impact::Review,
            format!(
                "{subject} {} unless the user asks for another period; no default is set now",
                minutes::words(after)
            ),
        ),
        (Some(before), None) => Effect::new(
            Impact::Review,
            format!("{subject} a period that the tenant chooses instead of {}", minutes::words(before)),
        ),
        (None, None) => Effect::new(Impact::Review, ""),
    }
}

fn members(value: Option<&Value>) -> Vec<&str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Returns the members that are in the one set and not in the other, whose letter case means nothing.
fn gone<'v>(from: &[&'v str], to: &[&str]) -> Vec<&'v str> {
    let mut told: HashSet<String> = to.iter().map(|member| member.to_ascii_lowercase()).collect();
    from.iter().copied().filter(|member| told.insert(member.to_ascii_lowercase())).collect()
}

/// Returns whether a member of a set whose letter case means nothing goes.
pub(super) fn loses_members(before: Option<&Value>, after: Option<&Value>) -> bool {
    !gone(&members(before), &members(after)).is_empty()
}

/// Returns addresses by name, if they are few and none of them can be read as other words of a sentence.
fn few(addresses: &[&str]) -> Option<String> {
    const NAMED: usize = 3;
    let plain = |address: &&str| {
        address.contains('@') && address.chars().all(|letter| letter.is_alphanumeric() || "@._+-'%".contains(letter))
    };
    let named = addresses.len() <= NAMED && addresses.iter().all(plain);
    named.then(|| addresses.join(", ")).filter(|names| !names.is_empty())
}

/// Entitlements that leave JIT control may be held permanently again.
pub(super) fn entitlements(before: Option<&Value>, after: Option<&Value>) -> Effect {
    // Ids compare exactly; a change of letter case only is one id leaving and one arriving.
    let Members { added, removed, kept } = Members::exact(before, after);
    let (added, removed) = (added.len(), removed.len());
    let none_left = added + kept == 0;
    let come = count(added, "entitlement will come", "entitlements will come");
    let leave = count(removed, "entitlement will leave", "entitlements will leave");
    match (removed, added) {
        (0, _) => Effect::new(Impact::Tightens, format!("{come} under JIT control")),
        (_, 0) if none_left => Effect::new(
            Impact::Loosens,
            format!("{leave} JIT control and may then be held permanently; none will be left under it"),
        )
        .weighing(Weight::RemovesLimit),
        (_, 0) => Effect::new(Impact::Loosens, format!("{leave} JIT control and may then be held permanently"))
            .weighing(Weight::Members),
        _ => Effect::new(
            Impact::Loosens,
            format!("{leave} JIT control and may then be held permanently; {come} under it"),
        )
        .weighing(Weight::Members),
    }
}

/// A person who is no longer told about activations cannot question them.
pub(super) fn recipients(before: Option<&Value>, after: Option<&Value>) -> Effect {
    let (before, after) = (members(before), members(after));
    let (removed, added) = (gone(&before, &after), gone(&after, &before));
    let only = if before.len() == 1 { ", the only recipient," } else { "" };
    let fewer = match (few(&removed), before.as_slice()) {
        (Some(removed), _) => format!("{removed}{only} will no longer be told"),
        (None, [_]) => "The only recipient will no longer be told".to_owned(),
        (None, _) => count(removed.len(), "recipient will no longer be told", "recipients will no longer be told"),
    };
    let effect = match (removed.len(), added.len()) {
        (0, number) => {
            let more = few(&added).unwrap_or_else(|| count(number, "more recipient", "more recipients"));
            Effect::new(Impact::Review, format!("{more} will be told of activations as well"))
        }
        (_, 0) if after.is_empty() => {
            Effect::new(Impact::Loosens, format!("{fewer} of activations; no recipient will be left"))
        }
        (_, 0) => Effect::new(Impact::Loosens, format!("{fewer} of activations")),
        (_, number) => {
            let others = few(&added).unwrap_or_else(|| count(number, "other", "others"));
            Effect::new(Impact::Loosens, format!("{fewer} of activations; {others} will be instead"))
        }
    };
    effect.weighing(Weight::WhoIsTold)
}

/// The template only shapes the message, unless it is taken away.
pub(super) fn template(_: Option<&Value>, after: Option<&Value>) -> Effect {
    match after {
        None => {
            Effect::new(Impact::Review, "Activation messages will no longer use a template; they may stop or change")
        }
        Some(_) => Effect::new(Impact::Neutral, "Activation messages will be written with another template"),
    }
}

#[cfg(test)]
pub mod rows;
#[cfg(test)]
mod tests;
