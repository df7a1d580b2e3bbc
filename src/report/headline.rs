//! The gravest thing about a plan in one line: the title of the page and the first line of a comment.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::change::{Members, Named, elsewhere, first_sentence, is_wide, row, wide_open};
use super::overview::{Class, meant_too};
use super::{accepted_of, empty_part, unread};
use crate::documents::plan::{ChangeEntry, PlanFile, ResourceEntry, Summary, TenantEntry};
use crate::plan::cause::Cause;
use crate::resource::explain::lower_first;
use crate::resource::impact::{Impact, Weight};
use crate::resource::{Overrides, Resource, reference};
use crate::text::list;
use crate::text::number::count;
use crate::text::printable::printable_line;

/// How many refused tenants are named.
const REFUSED: usize = 3;

/// The longest sentence that is quoted whole, in characters.
const LONGEST: usize = 220;

/// Returns the headline. It never weighs what loosens against what tightens.
pub fn headline(plan: &PlanFile, counts: &Summary) -> String {
    let mut parts = news(plan, counts);
    if parts.is_empty() {
        parts.push(unchanged(plan, counts));
    }
    parts.join(". ").trim_end_matches('.').to_owned()
}

/// Returns whether there is nothing to tell: no change, nothing lost or weakened, and nothing that could not be read.
pub fn is_unchanged(plan: &PlanFile, counts: &Summary) -> bool {
    plan.changes().next().is_none() && news(plan, counts).is_empty()
}

/// Returns what there is to tell, the gravest first.
fn news(plan: &PlanFile, counts: &Summary) -> Vec<String> {
    let mut parts = state(plan, counts);
    if let Some(loss) = plan.losses.iter().min_by_key(|loss| !loss.denied) {
        let more = plan.losses.len().saturating_sub(1);
        parts.push(and_more(
            &format!("Loss of control: {}", loss.message),
            more,
            "loss of control",
            "losses of control",
        ));
    }
    let refused = is_refused(plan, counts);
    parts.extend(worst(plan, refused).map(|worst| match &plan.rolls_back {
        Some(rolls_back) => {
            let run = printable_line(run_of(&rolls_back.receipt), LONGEST);
            format!("Puts back what run {run} changed: {worst}")
        }
        None if refused => format!("Asked for: {}", lower_first(&worst)),
        None => worst,
    }));
    if counts.changes == 0 && counts.weakened > 0 {
        parts.push(count(counts.weakened, "guardrail is weakened", "guardrails are weakened"));
    }
    parts.extend(taken_over(plan));
    if counts.moved > 0 && counts.changes == 0 && plan.losses.is_empty() {
        parts.push(count(counts.moved, "tenant or setting moved", "tenants or settings moved"));
    }
    parts
}

/// Returns whether anything is refused or not known as a whole.
fn state(plan: &PlanFile, counts: &Summary) -> Vec<String> {
    if plan.tenants.is_empty() {
        let words = empty_part(plan).unwrap_or_else(|| "the files have errors".to_owned());
        return if plan.losses.is_empty() { vec![format!("No plan: {words}")] } else { Vec::new() };
    }
    let refused: Vec<&str> =
        plan.tenants.iter().filter(|tenant| stands(tenant)).map(|tenant| tenant.name.as_str()).collect();
    let mut state = Vec::new();
    if is_refused(plan, counts) {
        state.push("REFUSED: nothing will be sent".to_owned());
    } else if !refused.is_empty() {
        state.push(format!("REFUSED for {}: nothing will be sent there", list::few(&refused, REFUSED)));
    }
    let missing: Vec<String> = unread::missing(plan).iter().map(unread::Missing::headline).collect();
    state.extend((!missing.is_empty()).then(|| format!("INCOMPLETE: {}", missing.join("; "))));
    state
}

/// Returns how a run is called in short: the name of its receipt.
pub fn run_of(receipt: &str) -> &str {
    let name = receipt.rsplit(['/', '\\']).next().unwrap_or(receipt);
    name.strip_suffix(".json").unwrap_or(name)
}

/// Returns whether guardrails stop an apply to every tenant.
pub fn is_refused(plan: &PlanFile, counts: &Summary) -> bool {
    !plan.tenants.is_empty() && (counts.denied > 0 || plan.tenants.iter().all(stands))
}

/// Returns whether a guardrail stops an apply to the tenant.
fn stands(tenant: &TenantEntry) -> bool {
    tenant.refusals.iter().any(|refusal| !refusal.standing)
}

/// Returns the gravest change as a sentence, and how many more there are of each class.
fn worst(plan: &PlanFile, refused: bool) -> Option<String> {
    let mut classes: BTreeMap<Class, Vec<(&ResourceEntry, &ChangeEntry)>> = BTreeMap::new();
    for (_, resource, change) in plan.changes() {
        classes.entry(Class::of(change)).or_default().push((resource, change));
    }
    let (worst, changes) = classes.first_key_value()?;
    let position = |(resource, change): &(&ResourceEntry, &ChangeEntry)| {
        let known = Resource::named(&resource.resource);
        (change.weight, change.moot, known.and_then(|known| known.position(&change.path)))
    };
    let (gravest_in, gravest) = changes.iter().min_by_key(|change| position(change))?;
    let sentence = said(plan, refused, gravest_in, gravest);
    let mut text = if *worst == Class::Drift {
        // That it will not says nothing of today.
        let sentence = lower_first(&sentence).replacen(" will not ", " will no longer ", 1);
        format!("Puts back what drifted: {sentence}")
    } else {
        sentence
    };
    for (class, changes) in &classes {
        let other = changes.iter().find(|(resource, change)| {
            class != worst || (resource.document(), &change.path) != (gravest_in.document(), &gravest.path)
        });
        let (more, left) = match number_of_settings(changes) {
            all if class == worst => ("more ", all.saturating_sub(1)),
            all => ("", all),
        };
        // A count would hide what it is about.
        let told = other.filter(|_| left == 1 && *class <= Class::Stops);
        if let Some((resource, change)) = told {
            text.push_str(&format!("; {}", lower_first(&said(plan, refused, resource, change))));
        } else if left > 0 {
            let (singular, plural) = counted(*class, changes);
            text.push_str(&format!("; {left} {more}{}", if left == 1 { singular } else { plural }));
        }
    }
    let overridden = classes.values().flatten().find_map(|(resource, change)| elsewhere(resource, change));
    if let Some(Overrides { does, what, .. }) = overridden {
        text.push_str(&format!("; applying it {does} {what}"));
    }
    Some(text)
}

/// Returns how many settings change: one that changes alike in several tenants counts once.
fn number_of_settings(changes: &[(&ResourceEntry, &ChangeEntry)]) -> usize {
    let settings =
        changes.iter().map(|(resource, change)| (resource.document(), change.path.as_str(), change.sentence.as_str()));
    settings.collect::<HashSet<_>>().len()
}

/// Returns what follows the number of changes of a class: of one, and of several.
fn counted(class: Class, changes: &[(&ResourceEntry, &ChangeEntry)]) -> (&'static str, &'static str) {
    let moot = class == Class::Neutral && changes.iter().all(|(_, change)| change.moot);
    if !moot {
        class.counted()
    } else if changes.iter().all(|(_, change)| change.impact == Impact::Tightens) {
        ("limits nothing", "limit nothing")
    } else {
        ("has no effect for now", "have no effect for now")
    }
}

/// Returns where a change is made, unless it is everywhere, what it means, and what that leaves open.
fn said(plan: &PlanFile, refused: bool, resource: &ResourceEntry, change: &ChangeEntry) -> String {
    let sentence = reference::name_ids(first_sentence(&change.sentence).trim_end_matches('.'), &change.names);
    let detail = detail(resource, change, refused).map(|detail| format!(" ({detail})")).unwrap_or_default();
    let sentence = printable_line(&sentence, LONGEST);
    let meant = meant_too(plan, resource, change);
    let meant = if meant.is_empty() {
        String::new()
    } else {
        format!("meant for {} as well", printable_line(&list::few(&meant, NAMED), LONGEST))
    };
    match place(plan, change) {
        Some(place) if meant.is_empty() => format!("In {place}: {}{detail}", lower_first(&sentence)),
        Some(place) => format!("In {place} ({meant}): {}{detail}", lower_first(&sentence)),
        None if meant.is_empty() => format!("{sentence}{detail}"),
        None => format!("{sentence}{detail} ({meant})"),
    }
}

/// Up to how many tenants are named where a change is made, and where it is meant too.
const NAMED: usize = 3;

/// Returns the tenants that a change is made in, if these are few of several.
fn place(plan: &PlanFile, change: &ChangeEntry) -> Option<String> {
    let same =
        |(_, _, other): &(_, _, &ChangeEntry)| (&other.path, &other.sentence) == (&change.path, &change.sentence);
    let places: Vec<&str> = plan.changes().filter(same).map(|(tenant, ..)| tenant.name.as_str()).collect();
    let few = places.len() < plan.tenants.len() && places.len() <= NAMED;
    few.then(|| printable_line(&places.join(", "), LONGEST).into_owned())
}

/// Returns what the sentence leaves open: what stays in force where the change is refused, what was agreed where the live value
/// is another, that it is otherwise today where it had drifted, and which members leave and join.
fn detail(resource: &ResourceEntry, change: &ChangeEntry, refused: bool) -> Option<String> {
    let setting = resource.setting(&change.path).filter(|setting| !setting.kind.is_set());
    let mut details = Vec::new();
    if let Some(setting) = setting {
        let agreed = change.agreed.as_ref().and_then(|agreed| agreed.value.as_deref());
        let agreed = agreed.filter(|_| change.cause == Some(Cause::Both));
        if let Some(now) = change.before.as_deref().filter(|_| refused) {
            details.push(format!("stays in force: {}", setting.words(Some(now))));
        }
        details.extend(agreed.map(|agreed| format!("agreed before: {}", setting.words(Some(agreed)))));
        let flag = matches!(change.before.as_deref(), Some(Value::Bool(_)));
        if Class::of(change) == Class::Drift && flag && !change.sentence.contains(" will not ") {
            details.push("today it is otherwise".to_owned());
        }
    }
    if let Some(Members { removed, added, .. }) = row(resource, change, &change.names).members {
        let told = |members: &[Named<'_>]| members.iter().all(|(id, _)| change.sentence.contains(id.as_ref()));
        details.extend(few("leaves", &removed).filter(|_| !told(&removed)));
        // Where none leaves, the sentence is of those that join.
        details.extend(few("joins", &added).filter(|_| !removed.is_empty() && !told(&added)));
    }
    (!details.is_empty()).then(|| printable_line(&details.join("; "), LONGEST).into_owned())
}

/// Returns members by name, if they are few.
fn few(word: &str, members: &[Named<'_>]) -> Option<String> {
    const NAMED: usize = 2;
    if !(1..=NAMED).contains(&members.len()) {
        return None;
    }
    let named = |(id, name): &Named<'_>| match name {
        Some(name) => format!("\"{}\"", name.replace('"', "'")),
        None if id.contains('@') => id.to_string(),
        None => format!("{id} (name not known)"),
    };
    let names: Vec<String> = members.iter().map(named).collect();
    Some(format!("{word}: {}", names.join(", ")))
}

/// Returns the gravest value that the branch takes over from a tenant, if it loosens.
fn taken_over(plan: &PlanFile) -> Option<String> {
    let mut loosens = accepted_of(plan).filter(|(_, entry)| entry.impact == Impact::Loosens);
    let (_, first) = loosens.next()?;
    let sentence = format!("Taken over from the tenant: {}", first_sentence(&first.sentence));
    Some(and_more(&sentence, loosens.count(), "more value that loosens", "more values that loosen"))
}

fn and_more(sentence: &str, more: usize, singular: &str, plural: &str) -> String {
    let sentence = printable_line(sentence.trim_end_matches('.'), LONGEST);
    if more == 0 { sentence.into_owned() } else { format!("{sentence}; {}", count(more, singular, plural)) }
}

fn unchanged(plan: &PlanFile, counts: &Summary) -> String {
    let managed: usize = plan.tenants.iter().flat_map(|tenant| &tenant.resources).map(|entry| entry.managed).sum();
    let mut text = format!("No changes in {}", count(managed, "managed setting", "managed settings"));
    let unmanaged = counts.unmanaged;
    if unmanaged > 0 {
        text.push_str(&format!("; {} not managed", count(unmanaged, "other is", "others are")));
        let open = plan.tenants.iter().flat_map(|tenant| &tenant.resources).flat_map(wide_open);
        let mut wide: BTreeMap<(Weight, &str), usize> = BTreeMap::new();
        for setting in open.filter(|setting| is_wide(setting)) {
            let standing = setting.standing().unwrap_or_default();
            *wide.entry((setting.weight_at_loosest(), standing)).or_default() += 1;
        }
        let told = wide.into_iter().map(|((_, standing), number)| {
            let standing = standing.strip_suffix(" today").unwrap_or(standing);
            format!("{number} {}", standing.replacen("no ", "with no ", 1))
        });
        let told: Vec<String> = told.collect();
        if !told.is_empty() {
            text.push_str(&format!(": {}", told.join(", ")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::documents::fixtures::{change, plan, resource, tenant};
    use crate::resource::impact::{Impact, Weight};

    fn entry(impact: Impact, weight: Weight, sentence: &str) -> ChangeEntry {
        ChangeEntry { weight, ..change("/maxActivationPeriodMins", Some(json!(1)), json!(2), impact, sentence) }
    }

    fn told(changes: Vec<ChangeEntry>) -> String {
        let resources = vec![resource("jitActivationPolicy", "v2026", changes)];
        headline(&plan(vec![tenant("prod", "https://prod", resources)]), &Summary::default())
    }

    #[test]
    fn the_gravest_loosening_stands_for_all_and_is_weighed_against_nothing() {
        let short = entry(Impact::Tightens, Weight::Plain, "It is shorter");
        let told_off = entry(Impact::Loosens, Weight::WhoIsTold, "One is no longer told");
        let open = entry(Impact::Loosens, Weight::OpensToEveryone, "Anyone may. And more");
        assert_eq!(told(vec![short.clone(), told_off, open]), "Anyone may; 1 more loosens; 1 tightens");
        assert_eq!(told(vec![short]), "It is shorter");
        let stops = ChangeEntry { disrupts: true, ..entry(Impact::Tightens, Weight::Plain, "It closes") };
        let review = entry(Impact::Review, Weight::Plain, "Judge");
        assert_eq!(told(vec![review.clone(), stops]), "It closes; 1 needs review");
        assert_eq!(told(vec![review]), "Judge");
    }

    #[test]
    fn a_change_without_effect_is_no_tightening() {
        let moot = ChangeEntry { moot: true, ..entry(Impact::Tightens, Weight::Plain, "No effect") };
        let other = entry(Impact::Tightens, Weight::Plain, "Shorter");
        assert_eq!(told(vec![moot, other]), "Shorter; 1 limits nothing");
    }

    #[test]
    fn ids_have_their_names_and_the_one_that_leaves_is_told() {
        let group = ChangeEntry {
            names: [("e3eab852-8315".to_owned(), "Desk \"A\"".to_owned())].into(),
            ..entry(Impact::Loosens, Weight::RemovesCheck, "Approved by group e3eab852-8315. And more")
        };
        assert_eq!(told(vec![group]), "Approved by group \"Desk 'A'\" (e3eab852-8315)");
        let set = |names: &[(&str, &str)]| ChangeEntry {
            names: names.iter().map(|(id, name)| ((*id).to_owned(), (*name).to_owned())).collect(),
            ..change(
                "/entitlementIds",
                Some(json!(["a1", "b2"])),
                json!(["b2"]),
                Impact::Loosens,
                "1 entitlement leaves",
            )
        };
        assert_eq!(told(vec![set(&[("a1", "Root")])]), "1 entitlement leaves (leaves: \"Root\")");
        assert_eq!(told(vec![set(&[])]), "1 entitlement leaves (leaves: a1 (name not known))");
    }

    #[test]
    fn no_changes_says_what_is_not_watched() {
        assert_eq!(told(Vec::new()), "No changes in 0 managed settings");
    }
}
