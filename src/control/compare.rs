//! The comparison, address by address: a tenant is what stands at an address.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use jiff::civil::Date;

use super::{Control, Entry, Gain, Loss, LossKind, LostSetting, Ruling, State, WeakenedTenant, managed};
use crate::guardrails::subject::Subject;
use crate::guardrails::verdict::Guardrail;
use crate::guardrails::weakened::weakened;
use crate::guardrails::{Guardrails, RuleSet, Weakened, Word};
use crate::resource::impact::Impact;
use crate::resource::{Key, Setting};
use crate::text::number::count;
use crate::text::problem::Place;

/// Returns what `now` does to the control that `then`, the state of a revision, has; `today` is the day in UTC. `selection`
/// are the words that choose tenants on the command line.
pub fn compare(then: &State, now: &State, selection: &str, today: Date) -> Control {
    let mut control = Control::default();
    for at in then.addresses() {
        let (old, new): (Vec<&Entry>, Vec<&Entry>) = (then.at(at).collect(), now.at(at).collect());
        let chosen = new.iter().any(|entry| entry.chosen);
        let Some(first) = old.iter().find(|entry| entry.chosen).or(old.first().filter(|_| chosen)) else { continue };
        let tenant = Tenant { first, old: &old, new: &new, today };
        if new.is_empty() {
            control.losses.push(tenant.gone(now));
        } else if !chosen {
            control.losses.push(tenant.not_chosen(selection));
        } else {
            control.losses.extend(tenant.settings());
            control.gains.extend(tenant.gains());
            control.moved.extend(tenant.moved());
        }
    }
    for entry in now.entries().iter().filter(|entry| entry.chosen) {
        if then.at(&entry.at).next().is_none() {
            control.gains.extend(new_tenant(entry));
        }
    }
    control.losses.sort_by_key(|loss| !matches!(loss.ruling, Ruling::Denied(_)));
    control.weakened = guardrails(then, now, today);
    control
}

/// A tenant of the revision: everything that the two states have at its address.
struct Tenant<'a> {
    /// The entry that it is named by.
    first: &'a Entry,
    old: &'a [&'a Entry],
    new: &'a [&'a Entry],
    today: Date,
}

impl Tenant<'_> {
    fn gone(&self, now: &State) -> Loss {
        let Entry { name, url, .. } = self.first;
        let mut moved: Vec<&Entry> = now.named(name).collect();
        // Of several, the one in the same file.
        moved.sort_by_key(|entry| entry.workspace != self.first.workspace);
        let held = self.held();
        match moved.first() {
            Some(entry) => {
                let message = format!("tenant {name} is now at {}: {url} is in no workspace file, {held}", entry.url);
                self.loss(LossKind::Moved, message, Some(&entry.place))
            }
            None => {
                let message = format!("tenant {name} is in no workspace file any more: {held}");
                self.loss(LossKind::Gone, message, None)
            }
        }
    }

    fn not_chosen(&self, selection: &str) -> Loss {
        let Entry { name, .. } = self.first;
        let (called, place) = match self.new.first() {
            Some(entry) if entry.name != *name => (format!(" (now {})", entry.name), Some(&entry.place)),
            entry => (String::new(), entry.map(|entry| &entry.place)),
        };
        let message = format!("tenant {name}{called} is no longer chosen by {selection}: in this run {}", self.held());
        self.loss(LossKind::NotChosen, message, place)
    }

    /// What no longer holds of the whole tenant.
    fn held(&self) -> String {
        let number = |guardrails: &Guardrails| {
            let Guardrails { deny, require, keep, limits, max_changes, lift, apply } = guardrails;
            let lists = deny.len() + require.len() + keep.len() + limits.len() + apply.len();
            lists + usize::from(max_changes.is_some()) + usize::from(lift.is_some())
        };
        let settings = count(self.lost_settings().len(), "managed setting", "managed settings");
        let number = number(&self.rules().guardrails);
        format!("{settings} and {} no longer hold", count(number, "guardrail", "guardrails"))
    }

    /// The settings of the whole tenant.
    fn lost_settings(&self) -> Vec<LostSetting> {
        let (mut lost, mut known) = (Vec::new(), HashSet::new());
        for (key, managed) in self.old.iter().filter_map(|entry| entry.desired.as_deref()).flat_map(managed) {
            if known.insert((key, managed.setting.pointer)) {
                let subject = Subject { key: key.clone(), setting: managed.setting };
                lost.push(LostSetting { subject, value: managed.value.as_ref().clone(), place: managed.place.clone() });
            }
        }
        lost
    }

    fn loss(&self, kind: LossKind, message: String, now: Option<&Place>) -> Loss {
        let Entry { name, url, place, .. } = self.first;
        Loss {
            kind,
            tenant: name.clone(),
            url: url.clone(),
            message,
            settings: self.lost_settings(),
            before: place.clone(),
            now: now.cloned(),
            ruling: self.ruling(None),
        }
    }

    /// The settings that are no longer managed: those of one resource together if all of it is given up.
    fn settings(&self) -> Vec<Loss> {
        // The run fails, and files with errors may ask for anything. Those of another workspace ask for nothing.
        if self.new.iter().any(|entry| entry.own && entry.desired.is_none()) {
            return Vec::new();
        }
        let mut lost = self.lost_settings();
        lost.retain(|lost| !self.new.iter().any(|entry| decides(entry, &lost.subject.key, lost.subject.setting)));
        // Several entries at the address may manage one resource.
        let (mut documents, mut places): (Vec<(Key, Vec<LostSetting>)>, _) = (Vec::new(), HashMap::new());
        for lost in lost {
            let key = &lost.subject.key;
            let place = *places.entry(key.clone()).or_insert_with(|| {
                documents.push((key.clone(), Vec::new()));
                documents.len() - 1
            });
            if let Some((_, settings)) = documents.get_mut(place) {
                settings.push(lost);
            }
        }
        let mut losses: Vec<Loss> = Vec::new();
        for (key, settings) in documents {
            let whole =
                !self.new.iter().any(|entry| entry.desired.as_ref().is_some_and(|desired| desired.get(&key).is_some()));
            let rulings: Vec<Ruling> = settings.iter().map(|lost| self.ruling(Some(&lost.subject))).collect();
            let alike = rulings.windows(2).all(|pair| matches!(pair, [ruling, next] if ruling == next));
            if whole && alike && settings.len() > 1 {
                let number = count(settings.len(), "setting", "settings");
                losses.extend(self.setting_loss(
                    LossKind::Resource,
                    format!("{key} is no longer managed: {number}"),
                    settings,
                ));
            } else {
                for lost in settings {
                    let shown = lost.subject.setting.show(Some(&lost.value));
                    let message = format!("{} is no longer managed, was {shown}", lost.subject);
                    losses.extend(self.setting_loss(LossKind::Setting, message, vec![lost]));
                }
            }
        }
        losses
    }

    fn setting_loss(&self, kind: LossKind, message: String, settings: Vec<LostSetting>) -> Option<Loss> {
        let first = settings.first()?;
        let (key, pointer) = (&first.subject.key, first.subject.setting);
        let released = |entry: &&Entry| entry.desired.as_ref()?.released_at(key, pointer).cloned();
        Some(Loss {
            kind,
            tenant: self.first.name.clone(),
            url: self.first.url.clone(),
            message,
            before: first.place.clone(),
            now: self.new.iter().find_map(released),
            ruling: self.ruling(Some(&first.subject)),
            settings,
        })
    }

    /// The guardrails of everything that the revision has at the address, by the names it has there.
    fn rules(&self) -> RuleSet {
        united(self.old).unwrap_or_default()
    }

    /// What the guardrails of the revision say of losing one setting, or the whole tenant.
    fn ruling(&self, subject: Option<&Subject>) -> Ruling {
        let guardrails = self.rules().guardrails;
        let denies = guardrails.deny.iter().find(|clause| clause.says == Word::Impact(Impact::Loosens));
        let Some(clause) = denies else { return Ruling::Open };
        let mut allowances =
            self.old.iter().flat_map(|entry| entry.rules.allowances.iter().map(move |allowance| (entry, allowance)));
        match allowances.find(|(entry, allowance)| allowance.releases(&entry.name, subject, self.today).is_ok()) {
            Some((_, allowance)) => Ruling::Permitted(clause.place.clone(), Box::new(allowance.clone())),
            None => Ruling::Denied(clause.place.clone()),
        }
    }

    fn gains(&self) -> Option<Gain> {
        let entry = self.new.iter().find(|entry| entry.chosen)?;
        // What the revision asks for is not known where it has errors.
        if self.old.iter().any(|old| old.desired.is_none()) {
            return None;
        }
        let (mut settings, mut known) = (Vec::new(), HashSet::new());
        for (key, managed) in self.new.iter().filter_map(|entry| entry.desired.as_deref()).flat_map(managed) {
            let is_new = known.insert((key, managed.setting.pointer));
            if is_new && !self.old.iter().any(|old| decides(old, key, managed.setting)) {
                settings.push(Subject { key: key.clone(), setting: managed.setting });
            }
        }
        let (tenant, url) = (entry.name.clone(), entry.url.clone());
        (!settings.is_empty()).then_some(Gain { tenant, url, new: false, settings })
    }

    /// Says which entries have another name or stand in another file, and which settings an entry leaves to another file.
    fn moved(&self) -> Vec<(String, Place)> {
        let same = |old: &Entry, new: &Entry| new.name == old.name && new.workspace == old.workspace;
        let mut gone: Vec<&Entry> = self.old.to_vec();
        gone.retain(|old| !self.new.iter().any(|new| same(old, new)));
        let mut come: Vec<&Entry> = self.new.to_vec();
        come.retain(|new| !self.old.iter().any(|old| same(old, new)));
        let pairs = gone.iter().zip(&come).map(|(old, new)| (renamed(old, new), new.place.clone()));
        let twice = come.iter().skip(gone.len()).map(|new| {
            let Entry { name, place, .. } = self.first;
            let message = format!("tenant {name} ({place}) is listed a second time, as {} at {}", new.name, new.place);
            (message, new.place.clone())
        });
        let left = gone.iter().skip(come.len()).filter_map(|old| {
            let new = self.new.first()?;
            let message = format!(
                "tenant {} is no longer listed at {}: {} at {} is the same tenant",
                old.name, old.place, new.name, new.place
            );
            Some((message, new.place.clone()))
        });
        pairs.chain(twice).chain(left).chain(self.handed_over()).collect()
    }

    /// Settings that another workspace file decides, though the entry that did is still there: a run of its file no longer
    /// sees them.
    fn handed_over(&self) -> Vec<(String, Place)> {
        let mut told = Vec::new();
        for old in self.old {
            let stays = self.new.iter().any(|new| new.workspace == old.workspace);
            let here = |lost: &LostSetting, entry: &Entry| decides(entry, &lost.subject.key, lost.subject.setting);
            let tenant = Tenant { old: &[old], ..*self };
            let mut settings = tenant.lost_settings();
            settings.retain(|lost| !self.new.iter().any(|new| new.workspace == old.workspace && here(lost, new)));
            let other = |lost: &LostSetting| self.new.iter().find(|new| here(lost, new));
            let places: Vec<(String, &Place)> =
                settings.iter().filter_map(|lost| Some((lost.subject.to_string(), &other(lost)?.place))).collect();
            let (true, Some((_, place))) = (stays, places.first()) else { continue };
            let names: Vec<&str> = places.iter().map(|(name, _)| name.as_str()).collect();
            let message = format!(
                "{} alone decides {} of tenant {} ({}) now: {}",
                place.source.name,
                count(names.len(), "setting", "settings"),
                old.name,
                old.place,
                names.join(", ")
            );
            told.push((message, (*place).clone()));
        }
        told
    }
}

/// Says that an entry has another name or stands in another file.
fn renamed(old: &Entry, new: &Entry) -> String {
    let name = match old.name == new.name {
        true => format!("tenant {}", old.name),
        false => format!("tenant {} is called {} now and", old.name, new.name),
    };
    match old.workspace == new.workspace {
        true => format!("tenant {} is called {} now: {} is the same tenant", old.name, new.name, old.url),
        false => format!("{name} is listed in {} now, it was in {}", new.place, old.place),
    }
}

/// Returns whether the settings of an entry decide a setting, under its name, that of another generation, or where it is now.
fn decides(entry: &Entry, key: &Key, setting: &Setting) -> bool {
    let Some(desired) = &entry.desired else { return false };
    let moved = key.resource.moves.iter().filter(|moved| moved.old == setting.pointer);
    let mut elsewhere = moved.filter_map(|moved| Some((desired.get(&moved.key()?)?, moved.targets)));
    if elsewhere.any(|(wanted, targets)| targets.iter().any(|pointer| wanted.get(pointer).is_some())) {
        return true;
    }
    let Some(wanted) = desired.get(key) else { return false };
    let pairs = key.resource.counterparts.iter().filter_map(|pair| match setting.pointer {
        pointer if pointer == pair.old => Some(pair.new),
        pointer if pointer == pair.new => Some(pair.old),
        _ => None,
    });
    pairs.chain([setting.pointer]).any(|pointer| wanted.get(pointer).is_some())
}

fn new_tenant(entry: &Entry) -> Option<Gain> {
    let settings: Vec<Subject> = entry
        .desired
        .as_deref()
        .map(|desired| managed(desired).map(|(key, managed)| Subject { key: key.clone(), setting: managed.setting }))
        .into_iter()
        .flatten()
        .collect();
    let (tenant, url) = (entry.name.clone(), entry.url.clone());
    (!settings.is_empty()).then_some(Gain { tenant, url, new: true, settings })
}

/// Returns the guardrails of several entries at one address, which add up.
fn united(entries: &[&Entry]) -> Option<RuleSet> {
    let (first, others) = entries.split_first()?;
    let guardrails = others.iter().fold(first.rules.guardrails.clone(), |sum, entry| sum.and(&entry.rules.guardrails));
    Some(RuleSet { guardrails, ..RuleSet::clone(&first.rules) })
}

/// Returns the guardrails that become weaker, for every chosen tenant of the checkout. Entries of one workspace file guard
/// each other; those of another file do so only in a run that compares with a revision.
fn guardrails(then: &State, now: &State, today: Date) -> Vec<WeakenedTenant> {
    let mut found: Vec<WeakenedTenant> = Vec::new();
    for entry in now.entries().iter().filter(|entry| entry.chosen) {
        let Some(own) = united(&in_file(now, entry, Some(&entry.workspace))) else { continue };
        let own = RuleSet { tenant: entry.name.clone(), ..own };
        let same_file = in_file(then, entry, Some(&entry.workspace));
        let before = if same_file.is_empty() { in_file(then, entry, None) } else { same_file };
        let mut weaker = match united(&before) {
            Some(base) => weakened(&own, &base, today),
            None => unguarded(entry, then).into_iter().collect(),
        };
        // Guardrails of other files hold in a run that compares, and are missed by it once they are gone.
        let everywhere = |state| {
            let mut entries = in_file(state, entry, None);
            entries.sort_by_key(|other| other.workspace != entry.workspace);
            united(&entries)
        };
        if let (Some(all), Some(base)) = (everywhere(now), everywhere(then)) {
            let all = RuleSet { tenant: entry.name.clone(), ..all };
            let mut more = weakened(&all, &base, today);
            more.retain(|found| !weaker.iter().any(|told| told.says_the_same(found)));
            weaker.extend(more);
        }
        found.extend(weaker.into_iter().map(|weakened| WeakenedTenant {
            workspace: entry.workspace.clone(),
            tenant: entry.name.clone(),
            url: entry.url.clone(),
            weakened,
        }));
    }
    found
}

/// Returns what a state has at the address of an entry, in one file or in all of them.
fn in_file<'a>(state: &'a State, entry: &Entry, file: Option<&Path>) -> Vec<&'a Entry> {
    state.at(&entry.at).filter(|other| file.is_none_or(|file| other.workspace == file)).collect()
}

/// A tenant that the revision does not have comes without guardrails.
fn unguarded(entry: &Entry, then: &State) -> Option<Weakened> {
    if entry.practice || !entry.rules.guardrails.is_empty() {
        return None;
    }
    let revision = then.revision.clone();
    Some(Weakened {
        guardrail: Guardrail::Guardrails,
        subject: None,
        message: format!("tenant {} is new and has no guardrail", entry.name),
        place: Some(entry.place.clone()),
        before: None,
        revision,
    })
}
