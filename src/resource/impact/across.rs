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
    let number = |look: &dyn Fn(&str) -> Option<&'v Value>, pointer: &str| whole(look(pointer));
    let (old, new) = (|pointer: &str| number(&before, pointer), |pointer: &str| number(&after, pointer));
    let mut sentences = Vec::new();
    for rule in resource.rules {
        match *rule {
            Rule::AtMost { lesser, greater } if pointer == lesser => {
                let raised = matches!((old(lesser), new(lesser)), (Some(before), Some(after)) if after > before);
                if raised && old(greater) == new(greater) {
                    sentences.push(match new(greater) {
                        Some(limit) => format!("The limit stays {}", words(limit)),
                        None => "No limit is set above it".to_owned(),
                    });
                } else if limits_nothing(before(lesser), after(lesser), after(greater)) {
                    let cleared = before(greater).is_some_and(|maximum| !maximum.is_null());
                    let set = if cleared { "will be" } else { "is" };
                    sentences.push(format!("{LIMITS_NOTHING} for now: no maximum {set} set"));
                }
            }
            Rule::Moot { flag, cover, why } => {
                let on = |value: Option<&Value>| value == Some(&Value::Bool(true));
                if pointer == flag && cover.fits(after(cover.pointer)) {
                    let opens = resource.setting(flag).is_none_or(|setting| {
                        setting.effect(before(flag), after(flag).unwrap_or(&Value::Null)).impact == Impact::Loosens
                    });
                    let effect = if opens { NO_EFFECT } else { LIMITS_NOTHING };
                    sentences.push(format!("{effect} for now: {why}. It will count once that ends"));
                } else if pointer == cover.pointer
                    && cover.fits(before(cover.pointer))
                    && !cover.fits(after(cover.pointer))
                    && on(before(flag))
                    && on(after(flag))
                    && !moot(resource, flag, &before, &after)
                    && let Some(Judgement::Flag { on, .. }) = resource.setting(flag).map(|setting| setting.impact)
                {
                    let (first, rest) = on.sentence.split_at_checked(1).unwrap_or_default();
                    let effect = format!("{}{rest}", first.to_lowercase());
                    sentences.push(format!("Another setting stays as it is and will take effect: {effect}"));
                }
            }
            Rule::Together { first, second, subject, each } => {
                let told_here = pointer == first || (pointer == second && old(first) == new(first));
                let sum = |one: Option<i64>, other: Option<i64>| one?.checked_add(other?);
                let [of_first, of_second] = each;
                let (other, name) = if pointer == first { (second, of_second) } else { (first, of_first) };
                let kept = new(other).filter(|_| old(other) == new(other));
                // Without the one, the sum of both has no bound; the other is still one.
                if let (Some(_), None, Some(kept)) = (old(pointer), new(pointer), kept) {
                    let (first, rest) = name.split_at_checked(1).unwrap_or_default();
                    sentences.push(format!("{}{rest} stays at most {}", first.to_uppercase(), words(kept)));
                }
                let Some(longest) = sum(new(first), new(second)).filter(|_| told_here) else { continue };
                let kept = kept.map(|kept| format!("; {name} stays at most {}", words(kept))).unwrap_or_default();
                sentences.push(match sum(old(first), old(second)) {
                    Some(was) if was == longest => format!("{subject} {}, as now", words(longest)),
                    Some(was) => format!("{subject} {} instead of {}{kept}", words(longest), words(was)),
                    None => format!("{subject} {}{kept}", words(longest)),
                });
            }
            // A warning says it, whether anything changes or not.
            Rule::AtMost { .. } | Rule::Mind { .. } | Rule::Joint { .. } => {}
        }
    }
    sentences
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
        Rule::AtMost { lesser, greater } => {
            lesser == pointer && limits_nothing(before(lesser), after(lesser), after(greater))
        }
        Rule::Mind { .. } | Rule::Together { .. } | Rule::Joint { .. } => false,
    })
}

/// Returns whether a default that becomes shorter limits nothing, because no maximum is set.
fn limits_nothing(before: Option<&Value>, after: Option<&Value>, maximum: Option<&Value>) -> bool {
    let shorter = matches!((whole(before), whole(after)), (Some(before), Some(after)) if after < before);
    shorter && maximum.is_none_or(Value::is_null)
}

/// Returns whether a sentence says that a change is without effect.
pub fn says_moot(sentence: &str) -> bool {
    sentence.contains(NO_EFFECT) || sentence.contains(LIMITS_NOTHING)
}
