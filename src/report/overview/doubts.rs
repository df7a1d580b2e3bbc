//! What an approver has to find out first: what a change leaves open, what leaves without a name, and what a request writes
//! elsewhere.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::Hash;

use serde_json::Value;

use super::concern::grouped;
use super::{Class, CommitView, Concern, Entry, Longest, RequestedView, Tenants};
use crate::documents::plan::{PlanFile, ResourceEntry};
use crate::documents::saved::Shown;
use crate::report::alike::alike;
use crate::report::change::{about, elsewhere, first_sentence};
use crate::report::headline::is_refused;
use crate::resource::explain::lower_first;
use crate::resource::{Overrides, Resource, Setting, lies_in};

/// How many members without a name are told of one change.
pub(super) const ASKED_ABOUT: usize = 5;

/// What is open where the audit events of a drift are not there.
const WHO_CHANGED: &str = "Who changed what had drifted, and when: ask an administrator of the tenant, or ask the \
                           engineer to look the audit events up";

/// The same where what had drifted stays in force, because the plan is refused.
const WHO_CHANGED_WHAT_STAYS: &str = "Who changed what had drifted, and when, to be found out now because it stays in \
                                      force: ask an administrator of the tenant, or ask the engineer to look the audit \
                                      events up";

/// What is not known.
pub(super) struct Doubts {
    /// What has to be found out before the decision.
    pub(super) first: Vec<Concern>,
    /// What may follow: it is about changes that only tighten, put back what was agreed or are neutral.
    pub(super) later: Vec<Concern>,
}

/// Returns whether what a change leaves open has to be found out before the decision.
fn blocks(class: Class) -> bool {
    class <= Class::Review
}

/// Returns what is not known; `names` are all tenants of the plan.
pub(super) fn of(plan: &PlanFile, names: &[String], entries: &[Entry], longest: Longest) -> Doubts {
    let nameless = entries.iter().flat_map(|entry| {
        let nameless = entry.members.iter().flat_map(|members| &members.nameless);
        nameless.flat_map(move |id| {
            let text = format!(
                "What {id} is, which leaves (its name is not known): ask an administrator of the tenant, or ask the engineer to \
                 look names up"
            );
            entry.tenants.names.iter().map(move |tenant| (entry.class, Cow::Owned(longest.text(&text)), tenant))
        })
    });
    let open = plan.tenants.iter().zip(names).flat_map(|(tenant, name)| {
        let texts = tenant.resources.iter().flat_map(|resource| {
            resource.questions.iter().map(|question| {
                let change = resource.changes.iter().find(|change| change.path == question.path);
                (change.map_or(Class::Neutral, Class::of), question.sentence.as_str())
            })
        });
        let mut texts: Vec<(Class, &str)> = texts.collect();
        texts.sort_by_key(|(class, _)| *class);
        // Several changes may leave the same thing open.
        let mut known = HashSet::new();
        texts.retain(|(_, text)| known.insert(*text));
        texts.into_iter().map(move |(class, text)| (class, longest.shown(text), name))
    });
    let unexplained = entries.iter().filter(|entry| entry.drifted && entry.events.is_empty() && !entry.events_above);
    let unexplained = unexplained.flat_map(|entry| entry.tenants.names.iter().map(|tenant| (tenant, entry.class)));
    let mut gravest: BTreeMap<&String, Class> = BTreeMap::new();
    for (tenant, class) in unexplained {
        let known = gravest.entry(tenant).or_insert(class);
        *known = class.min(*known);
    }
    let stays = is_refused(plan, &plan.summary);
    let who_changed = if stays { WHO_CHANGED_WHAT_STAYS } else { WHO_CHANGED };
    let unexplained = gravest.into_iter().map(|(tenant, class)| {
        let class = if stays { Class::Loosens } else { class };
        (class, Cow::Borrowed(who_changed), tenant)
    });
    let (first, later): (Vec<_>, Vec<_>) =
        nameless.chain(open).chain(unexplained).partition(|(class, ..)| blocks(*class));
    let told = |list: Vec<(Class, Cow<'_, str>, &String)>| {
        grouped(list.into_iter().map(|(_, text, tenant)| (text, tenant)), names)
    };
    let elsewhere = plan.tenants.iter().zip(names).flat_map(|(tenant, name)| {
        tenant.resources.iter().filter_map(move |resource| Some((Overridden::of(resource)?, name)))
    });
    let elsewhere = alike(elsewhere, |(overridden, _)| overridden.key()).into_iter().filter_map(|same| {
        let (text, parts) = same.first()?.0.told();
        let tenants = same.iter().map(|(_, name)| (*name).clone()).collect();
        let concern = Concern::new(longest.text(&text), Tenants::among(tenants, names));
        Some(Concern { parts: longest.texts(&parts), ..concern })
    });
    let elsewhere: Vec<Concern> = elsewhere.collect();
    let reasons = if plan.rolls_back.is_some() { Vec::new() } else { reasons(entries, names, longest) };
    Doubts { first: [elsewhere, reasons, told(first)].concat(), later: told(later) }
}

/// Returns for each commit the question whether its reason covers what its changes loosen or stop: sailplan cannot judge a text, so
/// the two stand side by side. Of one commit alone, everything that loosens or stops something is meant.
fn reasons(entries: &[Entry], names: &[String], longest: Longest) -> Vec<Concern> {
    let mut grave: Vec<&Entry> = entries.iter().filter(|entry| entry.class <= Class::Stops).collect();
    grave.sort_by_key(|entry| (entry.class, entry.rank, entry.moot));
    let all = effects_of(&grave);
    let asked = grave.into_iter().filter_map(|entry| {
        let RequestedView { commits, .. } = entry.requested.as_ref()?;
        let commits: Vec<Option<&CommitView>> =
            if commits.is_empty() { vec![None] } else { commits.iter().map(Some).collect() };
        Some(commits.into_iter().map(move |commit| (commit, entry)))
    });
    let by_commit = alike(asked.flatten(), |(commit, _)| commit.map(|commit| (&commit.short, &commit.subject)));
    let one = by_commit.len() == 1;
    let concerns = by_commit.into_iter().filter_map(|asked| {
        let (commit, _) = asked.first()?;
        let effects = if one { all.to_owned() } else { sentences_of(asked.iter().map(|(_, entry)| *entry)) };
        let text = match commit {
            Some(CommitView { author, subject, .. }) => {
                format!("Whether “{subject}” is meant to bring about {effects}: ask {author}")
            }
            None => format!("Who asked for {effects} is not known: ask the engineer who made the plan"),
        };
        let tenants: BTreeSet<&String> = asked.iter().flat_map(|(_, entry)| &entry.tenants.names).collect();
        let tenants = names.iter().filter(|name| tenants.contains(name)).cloned().collect();
        Some(Concern::new(longest.text(&text), Tenants::among(tenants, names)))
    });
    concerns.collect()
}

/// Returns what these changes do, as far as their classes tell.
fn effects_of(grave: &[&Entry]) -> &'static str {
    let loosens = grave.iter().any(|entry| entry.class == Class::Loosens);
    match (loosens, grave.iter().any(|entry| entry.class == Class::Stops)) {
        (true, true) => "what loosens here and what stops working",
        (true, false) => "what loosens here",
        (false, _) => "what stops working here",
    }
}

/// Returns what these changes do, each sentence once.
fn sentences_of<'e>(entries: impl Iterator<Item = &'e Entry>) -> String {
    const TOLD: usize = 3;
    let sentences = alike(entries.map(|entry| first_sentence(&entry.sentence)), |sentence| *sentence);
    let sentences: Vec<&str> = sentences.iter().filter_map(|same| same.first().copied()).collect();
    let mut told: Vec<String> = sentences.iter().take(TOLD).map(|sentence| lower_first(sentence)).collect();
    told.extend((sentences.len() > TOLD).then(|| format!("{} more", sentences.len() - TOLD)));
    format!("this ({})", told.join("; "))
}

/// What the request that makes the changes of a document writes elsewhere.
struct Overridden<'p> {
    /// What the settings of the document are called.
    title: &'p str,
    overrides: Overrides,
    values: Vec<(&'static Setting, Option<&'p Value>)>,
}

impl<'p> Overridden<'p> {
    /// Returns `None` if the request writes nothing elsewhere.
    fn of(resource: &'p ResourceEntry) -> Option<Overridden<'p>> {
        let overrides = resource.changes.iter().find_map(|change| elsewhere(resource, change))?;
        let known = Resource::named(&resource.resource);
        let shown = Shown::of(resource);
        let Overrides { object, .. } = overrides;
        let inside =
            |setting: &&Setting| !object.is_empty() && lies_in(setting.pointer, object) && shown.has(setting.pointer);
        let values = known.into_iter().flat_map(Resource::distinct).filter(inside);
        let values = values.map(|setting| (setting, shown.after(setting.pointer))).collect();
        Some(Overridden { title: known.map_or(&resource.resource, |known| known.title), overrides, values })
    }

    /// Returns what tells it from what other requests write.
    fn key(&self) -> impl Eq + Hash + use<'p> {
        let values: Vec<_> = self.values.iter().map(|(setting, value)| (setting.pointer, *value)).collect();
        (self.title, self.overrides.object, values)
    }

    /// Returns it in words, and in parts what may become of what is there.
    fn told(&self) -> (String, Vec<String>) {
        let Overridden { title, overrides, values } = self;
        let Overrides { what, kept_in, does, .. } = overrides;
        let is_set = |value: &Option<&Value>| value.is_some_and(|value| !value.is_null());
        let list = |list: Vec<String>| (!list.is_empty()).then(|| list.join("; "));
        let set = values.iter().filter(|(_, value)| is_set(value));
        let set = set.map(|(setting, value)| format!("{}: {}", lower_first(about(setting)), setting.words(*value)));
        let unset = values.iter().filter(|(_, value)| !is_set(value)).map(|(setting, _)| lower_first(about(setting)));
        let gets = if overrides.is_certain() { "Gets" } else { "May get" };
        let parts = [
            list(set.collect()).map(|set| format!("{gets} the value that the {title} hold: {set}")),
            list(unset.collect()).map(|unset| format!("May be erased, because the {title} hold no value: {unset}")),
        ];
        let text = format!(
            "What {kept_in} has now as {what}: applying this {does} it. Ask an administrator of the tenant to write it down \
             before this is applied, and to compare and restore it afterwards: neither an undo nor the receipt brings it back"
        );
        (text, parts.into_iter().flatten().collect())
    }
}
