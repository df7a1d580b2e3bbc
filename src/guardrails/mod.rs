//! Guardrails: what no plan may do to a tenant, and the exceptions. Pure. A guardrail that cannot be evaluated refuses.

pub mod allowance;
pub mod ceiling;
pub mod set;
pub mod subject;
pub mod verdict;
pub mod weakened;
pub mod written;

mod approval;
mod day;
mod in_words;
mod judge;
mod offline;

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::Value;

use allowance::{Allowance, Miss};
pub use approval::{ApprovalWord, approval};
pub use judge::{Proposal, judge};
pub use offline::offline;
pub use set::Guardrails;
use set::{Clause, Keep};
use subject::Subject;
pub use verdict::{Judged, Lifted, LiftedBy, Refusal, Weakened};

use crate::plan::Change;
use crate::plan::looked_up::Label;
use crate::resource::impact::Impact;
use crate::resource::{Key, Setting};

/// A word of `deny`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// The impact of a change.
    Impact(Impact),
    /// A change that stops something people use today.
    Disrupts,
    /// A change whose request overrides settings kept elsewhere.
    Overrides,
}

impl Word {
    /// Every word.
    pub const ALL: [Word; 6] = [
        Word::Impact(Impact::Loosens),
        Word::Impact(Impact::Review),
        Word::Impact(Impact::Tightens),
        Word::Impact(Impact::Neutral),
        Word::Disrupts,
        Word::Overrides,
    ];

    /// Returns the word as it is written.
    pub fn text(self) -> &'static str {
        match self {
            Word::Impact(impact) => impact.word(),
            Word::Disrupts => "disrupts",
            Word::Overrides => "overrides",
        }
    }

    /// Returns the word that is written so.
    pub fn named(text: &str) -> Option<Word> {
        Word::ALL.into_iter().find(|word| word.text() == text)
    }

    /// Returns whether the word is said of a change.
    pub fn fits(self, change: &Change) -> bool {
        match self {
            Word::Impact(impact) => change.effect.impact == impact,
            Word::Disrupts => change.effect.disrupts,
            Word::Overrides => change.effect.overrides,
        }
    }
}

/// A guardrail that `--allow` lifts for one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lift {
    /// One word of `deny`.
    Deny(Word),
    /// `maxChanges`.
    MaxChanges,
}

impl Lift {
    /// Every guardrail that can be lifted, as `--allow` names it.
    pub const WORDS: [&str; 7] = ["loosens", "review", "tightens", "neutral", "disrupts", "overrides", "maxChanges"];
}

impl FromStr for Lift {
    type Err = String;

    fn from_str(text: &str) -> Result<Lift, String> {
        match Word::named(text) {
            Some(word) => Ok(Lift::Deny(word)),
            None if text == "maxChanges" => Ok(Lift::MaxChanges),
            None => Err(format!("write one of {}", Lift::WORDS.join(", "))),
        }
    }
}

impl fmt::Display for Lift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Lift::Deny(word) => word.text(),
            Lift::MaxChanges => "maxChanges",
        })
    }
}

/// What the command line lifts for one run.
#[derive(Clone, Debug, Default)]
pub struct Lifts {
    /// The guardrails that `--allow` names.
    pub allow: Vec<Lift>,
    /// `--allow-empty`: a set that is protected against it may be emptied.
    pub empty: bool,
    /// The receipt that is rolled back: its values were let through once, so `deny` does not stop a return to them, and
    /// is named as lifted by it.
    pub receipt: Option<String>,
}

/// The guardrails of a tenant and the exceptions to them, as one state of the files has them.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    /// The name that the tenant has there: allowances name tenants.
    pub tenant: String,
    /// The guardrails.
    pub guardrails: Guardrails,
    /// The exceptions, for all tenants.
    pub allowances: Arc<Vec<Allowance>>,
    /// The revision that the files are from; `None` for the checkout.
    pub revision: Option<String>,
}

impl RuleSet {
    /// Returns the members that the checkout's files keep in sets, with the names that they give them: only those can be put
    /// right.
    pub fn labels(&self) -> Vec<Label> {
        let kept = self.guardrails.keep.iter().filter(|_| self.revision.is_none());
        let label = |clause: &Clause<Keep>| {
            let Keep { subject, member, name } = &clause.says;
            let value = Value::from([member.as_str()].as_slice());
            let referent = subject.setting.references([Some(&value)]).first()?.referent;
            let (id, name, setting) = (member.clone(), name.clone(), subject.pointer());
            Some(Label { referent, id, name, setting, place: clause.place.clone() })
        };
        kept.filter_map(label).collect()
    }

    /// Returns the allowance that raises the limit of a setting so far that a value is within it; `None` if there is none
    /// that holds on the day `today`.
    pub fn raises(&self, subject: &Subject, value: Option<&Value>, today: Date) -> Option<&Allowance> {
        let raises = |allowance: &&Allowance| allowance.until >= today && allowance.raises_to(value);
        self.about(subject).find(raises)
    }

    /// Returns why the allowances for a setting that [`RuleSet::raises`] does not find do not raise its limit.
    pub fn too_short(&self, subject: &Subject, today: Date) -> impl Iterator<Item = String> {
        self.about(subject).filter_map(move |allowance| {
            allowance.missed(if allowance.until < today { Miss::Over } else { Miss::Beyond })
        })
    }

    fn about(&self, subject: &Subject) -> impl Iterator<Item = &Allowance> {
        self.allowances.iter().filter(move |allowance| allowance.is_about(&self.tenant, subject))
    }
}

/// Returns whether guardrails bind the value of a setting, also where no file manages it.
pub fn bound(rules: &[Arc<RuleSet>], key: &Key, pointer: &str) -> bool {
    let about = |subject: &Subject| subject.key == *key && subject.setting.pointer == pointer;
    rules.iter().map(|set| &set.guardrails).any(|guardrails| {
        let kept = guardrails.keep.iter().any(|clause| about(&clause.says.subject));
        kept || guardrails.limits.iter().any(|clause| about(&clause.says.subject))
    })
}

/// Returns how much a change counts: a set its members that join or leave, everything else once.
pub fn weight(change: &Change) -> usize {
    if !change.setting.kind.is_set() {
        return 1;
    }
    let members = change.setting.members(change.before.as_deref(), Some(change.after.as_ref()));
    (members.added.len() + members.removed.len()).max(1)
}

/// Returns the members of a set, each as the text by which members count as the same.
fn member_keys(setting: &Setting, value: Option<&Value>) -> HashSet<String> {
    let members = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    members.map(|member| setting.kind.member_key(member)).collect()
}

#[cfg(test)]
mod tests;
