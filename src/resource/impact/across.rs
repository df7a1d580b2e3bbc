//! What a change means together with other settings of the document.

use serde_json::Value;

use super::{Judgement, whole};
use crate::resource::kind::minutes::words;
use crate::resource::{Generation, Part, Resource, Rule};

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
                }
            }
            Rule::Moot { flag, cover, at, why } => {
                let covered = |value: Option<&Value>| value == Some(&Value::Bool(at));
                let on = |value: Option<&Value>| value == Some(&Value::Bool(true));
                if pointer == flag && covered(after(cover)) {
                    sentences.push(format!("That will have no effect for now: {why}"));
                } else if pointer == cover
                    && covered(before(cover))
                    && !covered(after(cover))
                    && on(before(flag))
                    && on(after(flag))
                    && !moot(resource, flag, &after)
                    && let Some(Judgement::Flag { on, .. }) = resource.setting(flag).map(|setting| setting.impact)
                {
                    let (first, rest) = on.sentence.split_at_checked(1).unwrap_or_default();
                    let effect = format!("{}{rest}", first.to_lowercase());
                    sentences.push(format!("Another setting stays as it is and will take effect: {effect}"));
                }
            }
            Rule::Together { first, second, subject } => {
                let told_here = pointer == first || (pointer == second && old(first) == new(first));
                let sum = |one: Option<i64>, other: Option<i64>| one?.checked_add(other?);
                let Some(longest) = sum(new(first), new(second)).filter(|_| told_here) else { continue };
                sentences.push(match sum(old(first), old(second)) {
                    Some(was) if was == longest => format!("{subject} {}, as now", words(longest)),
                    Some(was) => format!("{subject} {} instead of {}", words(longest), words(was)),
                    None => format!("{subject} {}", words(longest)),
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

/// Returns whether any rule leaves the flag without effect.
pub fn moot<'v>(resource: &Resource, pointer: &str, value: impl Fn(&str) -> Option<&'v Value>) -> bool {
    resource.rules.iter().any(|rule| {
        matches!(*rule, Rule::Moot { flag, cover, at, .. } if flag == pointer && value(cover) == Some(&Value::Bool(at)))
    })
}
