//! What a change means together with other settings of the document.

use serde_json::Value;

use super::{Impact, Judgement, whole};
use crate::resource::kind::minutes::words;
use crate::resource::{Generation, Part, Resource, Rule};

/// Of a change that opens something, and does not for now.
const NO_EFFECT: &str = "That will have no effect";

/// Of a change that closes something, and does not for now.
const LIMITS_NOTHING: &str = "That will limit nothing";

/// Returns one sentence for each rule across settings that the change of the setting at `pointer` bears on. `before` and
/// `after` look settings of the document up by pointer, canonical or `None`.
pub fn across<'v>(
    resource: &Resource,
    pointer: &str,
    before: impl Fn(&str) -> Option<&'v Value>,
    after: impl Fn(&str) -> Option<&'v Value>,
) -> Vec<String> {
    let change = Change { resource, pointer, before: &before, after: &after };
    let mut sentences = Vec::new();
    for rule in resource.rules {
        match *rule {
            Rule::AtMost { lesser, greater } => sentences.extend(change.at_most(lesser, greater)),
            Rule::Moot { flag, cover, why } => sentences.extend(change.moot(flag, &cover, why)),
            Rule::Together { first, second, subject, each } => {
                sentences.extend(change.together([first, second], subject, each));
            }
            // A warning says it, whether anything changes or not.
            Rule::Mind { .. } | Rule::Joint { .. } => {}
        }
    }
    sentences
}

/// The change of one setting, in a document before and after it.
struct Change<'a, 'v> {
    resource: &'a Resource,
    pointer: &'a str,
    before: &'a dyn Fn(&str) -> Option<&'v Value>,
    after: &'a dyn Fn(&str) -> Option<&'v Value>,
}

impl<'v> Change<'_, 'v> {
    fn before(&self, pointer: &str) -> Option<&'v Value> {
        (self.before)(pointer)
    }

    fn after(&self, pointer: &str) -> Option<&'v Value> {
        (self.after)(pointer)
    }

    fn minutes_before(&self, pointer: &str) -> Option<i64> {
        whole(self.before(pointer))
    }

    fn minutes_after(&self, pointer: &str) -> Option<i64> {
        whole(self.after(pointer))
    }

    fn at_most(&self, lesser: &str, greater: &str) -> Option<String> {
        if self.pointer != lesser {
            return None;
        }
        let raised = matches!((self.minutes_before(lesser), self.minutes_after(lesser)), (Some(before), Some(after)) if after > before);
        if raised && self.minutes_before(greater) == self.minutes_after(greater) {
            return Some(match self.minutes_after(greater) {
                Some(limit) => format!("The limit stays {}", words(limit)),
                None => "No limit is set above it".to_owned(),
            });
        }
        if !becomes_shorter(self.before(lesser), self.after(lesser)) {
            return None;
        }
        let cleared = self.before(greater).is_some_and(|maximum| !maximum.is_null());
        Some(match self.minutes_after(greater) {
            Some(limit) => format!("{LIMITS_NOTHING}: a user may ask for up to {}", words(limit)),
            None if cleared => format!("{LIMITS_NOTHING}: a user may ask for more, and no maximum will be set"),
            None => format!("{LIMITS_NOTHING}: a user may ask for more, and no maximum is set"),
        })
    }

    fn moot(&self, flag: &str, cover: &Part, why: &str) -> Option<String> {
        let (covered, covers) = (cover.fits(self.before(cover.pointer)), cover.fits(self.after(cover.pointer)));
        if self.pointer == flag && covers {
            let opens = self.resource.setting(flag).is_none_or(|setting| {
                let desired = self.after(flag).unwrap_or(&Value::Null);
                setting.effect(self.before(flag), desired).impact == Impact::Loosens
            });
            let effect = if opens { NO_EFFECT } else { LIMITS_NOTHING };
            return Some(format!("{effect} for now: {why}. It will count once that ends"));
        }
        let on = |value: Option<&Value>| value == Some(&Value::Bool(true));
        let uncovered = self.pointer == cover.pointer && covered && !covers;
        if uncovered
            && on(self.before(flag))
            && on(self.after(flag))
            && !moot(self.resource, flag, self.before, self.after)
            && let Some(Judgement::Flag { on, .. }) = self.resource.setting(flag).map(|setting| setting.impact)
        {
            let (first, rest) = on.sentence.split_at_checked(1).unwrap_or_default();
            let effect = format!("{}{rest}", first.to_lowercase());
            return Some(format!("Another setting stays as it is and will take effect: {effect}"));
        }
        None
    }

    fn together(&self, [first, second]: [&str; 2], subject: &str, [of_first, of_second]: [&str; 2]) -> Vec<String> {
        let mut sentences = Vec::new();
        let (other, name) = if self.pointer == first { (second, of_second) } else { (first, of_first) };
        let kept = self.minutes_after(other).filter(|_| self.minutes_before(other) == self.minutes_after(other));
        // Without the one, the sum of both has no bound, and the other is still one. A default that is gone has the first as its
        // bound.
        if let (Some(_), None, Some(kept)) = (self.minutes_before(self.pointer), self.minutes_after(self.pointer), kept)
        {
            let (first, rest) = name.split_at_checked(1).unwrap_or_default();
            sentences.push(format!("{}{rest} stays at most {}", first.to_uppercase(), words(kept)));
        }
        let sum = |one: Option<i64>, other: Option<i64>| one?.checked_add(other?);
        let told_here = self.pointer == first
            || (self.pointer == second && self.minutes_before(first) == self.minutes_after(first));
        let Some(longest) = sum(self.minutes_after(first), self.minutes_after(second)).filter(|_| told_here) else {
            return sentences;
        };
        let kept = kept.map(|kept| format!("; {name} stays at most {}", words(kept))).unwrap_or_default();
        sentences.push(match sum(self.minutes_before(first), self.minutes_before(second)) {
            Some(was) if was == longest => format!("{subject} {}, as now", words(longest)),
            Some(was) => format!("{subject} {} instead of {}{kept}", words(longest), words(was)),
            None => format!("{subject} {}{kept}", words(longest)),
        });
        sentences
    }
}

/// Two settings that mean more together than each alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joint {
    /// The pointers of the two.
    pub settings: [&'static str; 2],
    /// What they mean together, as one sentence without a full stop.
    pub sentence: &'static str,
}

/// Returns what settings mean together, where one of the two changes. `before` and `after` look settings of the document
/// up by pointer.
pub fn joint<'v>(
    resource: &Resource,
    generation: &Generation,
    changed: impl Fn(&str) -> bool,
    before: impl Fn(&str) -> Option<&'v Value>,
    after: impl Fn(&str) -> Option<&'v Value>,
) -> Vec<Joint> {
    let holds = |part: Part| (part.holds)(before(part.pointer), after(part.pointer));
    let held = |part: Part| (part.holds)(before(part.pointer), before(part.pointer));
    let known = |part: Part| resource.setting_in(generation, part.pointer).is_some();
    let rules = resource.rules.iter().filter_map(|rule| match *rule {
        Rule::Joint { first, second, sentence } => Some((first, second, sentence)),
        _ => None,
    });
    rules
        .filter(|(first, second, _)| changed(first.pointer) || changed(second.pointer))
        .filter(|(first, second, _)| known(*first) && known(*second) && holds(*first) && holds(*second))
        .filter(|(first, second, _)| !(held(*first) && held(*second)))
        .map(|(first, second, sentence)| Joint { settings: [first.pointer, second.pointer], sentence })
        .collect()
}

/// Returns whether any rule leaves the change of the setting at `pointer` without effect. `before` and `after` look settings of
/// the document up by pointer.
pub fn moot<'v>(
    resource: &Resource,
    pointer: &str,
    before: impl Fn(&str) -> Option<&'v Value>,
    after: impl Fn(&str) -> Option<&'v Value>,
) -> bool {
    resource.rules.iter().any(|rule| match *rule {
        Rule::Moot { flag, cover, .. } => flag == pointer && cover.fits(after(cover.pointer)),
        Rule::AtMost { lesser, .. } => lesser == pointer && becomes_shorter(before(lesser), after(lesser)),
        Rule::Mind { .. } | Rule::Together { .. } | Rule::Joint { .. } => false,
    })
}

/// Returns whether a time that is offered becomes shorter. That limits nothing: a user may ask for another, up to the maximum.
fn becomes_shorter(before: Option<&Value>, after: Option<&Value>) -> bool {
    matches!((whole(before), whole(after)), (Some(before), Some(after)) if after < before)
}

/// Returns whether a sentence says that a change is without effect.
pub fn says_moot(sentence: &str) -> bool {
    sentence.contains(NO_EFFECT) || sentence.contains(LIMITS_NOTHING)
}
