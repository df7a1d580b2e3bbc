//! A plan put into words, tenant by tenant.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::asked::Elsewhere;
use super::concern::{grouped, worded};
use super::doubts::{self, Doubts};
use super::events;
use super::file_problem::file_problems;
use super::gather::Entries;
use super::looked_up;
use super::{
    Against, Base, Class, Concern, Entry, FailureView, Grid, Group, Longest, LossView, ManagedView, NOT_READ, OpenView,
    Overview, People, RefusalView, ResourceView, TenantView, Tenants, Weakened,
};
use crate::documents::control::{LossEntry, LossWord, WeakenedTenantEntry};
use crate::documents::in_words::{System, host, in_words};
use crate::documents::plan::{
    AcceptedEntry, AgainstEntry, ChangeEntry, DifferenceKind, ErrorEntry, PlanFile, RefusalEntry, RefusalKind,
    ResourceEntry, SourceEntry, Status, TenantEntry, UnmanagedEntry,
};
use crate::documents::requested::{HeadEntry, PullRequestEntry, TogetherEntry};
use crate::documents::saved::Shown;
use crate::plan::cause::Cause;
use crate::report::alike::alike;
use crate::report::change::{about, difference, first_sentence, generation_of, is_wide, short_commit};
use crate::report::guards;
use crate::report::headline::{is_refused, is_unchanged, run_of};
use crate::report::time::{minute, second};
use crate::report::unread::{any_read, was_read, whole};
use crate::resource::impact::Weight;
use crate::resource::named::{named, printed, printed_pointer};
use crate::resource::{CATALOGUE, Resource, Rule, Setting};
use crate::text::number::count;
use crate::text::printable::printable_line;
use crate::text::threads;

impl Overview {
    /// Reads a plan the way a person does.
    pub fn of(plan: &PlanFile, longest: Longest, people: People) -> Overview {
        let names: Vec<String> = plan.tenants.iter().map(|tenant| longest.text(&tenant.name)).collect();
        let elsewhere = Elsewhere::of(plan);
        let (mut entries, tenants) = threads::both(
            plan.tenants.len(),
            || Entries::of(plan, &names, longest, people),
            || -> Vec<TenantView> {
                plan.tenants.iter().map(|tenant| tenant_view(tenant, &elsewhere, longest)).collect()
            },
        );
        if plan.rolls_back.is_some() {
            entries.iter_mut().for_each(|entry| entry.cause = Some(ROLLBACK));
        }
        let groups = groups(&entries);
        events::once(&groups, &mut entries);
        let (wrong, lacking) = looked_up::of(plan, &names, people, longest);
        if plan.pull_request.as_ref().is_some_and(|request| request.tickets.iter().any(|tickets| !tickets.is_empty())) {
            entries.iter_mut().for_each(|entry| entry.no_ticket = false);
        }
        let concerns = |texts: for<'t> fn(&'t TenantView) -> Vec<Cow<'t, str>>| concerns(&tenants, &names, texts);
        let ((Doubts { first, later }, grid), (managed, (open, shut), [lifted, warnings, unknown, standing])) =
            threads::both(
                plan.tenants.len(),
                || (doubts::of(plan, &names, &entries, longest), Grid::of(&entries, &tenants)),
                || {
                    let concerns = [
                        concerns(|tenant| tenant.lifted.iter().map(Cow::from).collect()),
                        concerns(|tenant| tenant.resources.iter().flat_map(warnings).map(Cow::from).collect()),
                        concerns(|tenant| tenant.resources.iter().flat_map(unknown_fields).map(Cow::from).collect()),
                        concerns(|tenant| vec![Cow::from(&tenant.state)]),
                    ];
                    (managed(plan, &names, longest), unmanaged(plan, &names, longest), concerns)
                },
            );
        let doubts = [wrong, first, lacking].concat();
        let knows_anything = plan.tenants.is_empty() || plan.tenants.iter().any(any_read);
        Overview {
            drifted: entries.iter().any(|entry| entry.drifted),
            may_give: entries.iter().any(|entry| entry.class == Class::Review),
            headline: longest.head(match plan.summary.headline.as_str() {
                // A plan of before 1.1 has none.
                "" => &plan.summary.verdict,
                headline => headline,
            }),
            verdict: longest.head(&plan.summary.verdict),
            refused: is_refused(plan, &plan.summary),
            unchanged: is_unchanged(plan, &plan.summary),
            made: plan.created_at.as_deref().map(|time| longest.head(&minute(time))),
            checkout: plan.checkout.as_ref().map(|head| longest.head(&checkout(head))),
            pull_request: plan.pull_request.as_ref().map(|entry| longest.head(&pull_request(entry))),
            approvers: plan.approvers.iter().map(|name| longest.head(name)).collect(),
            sailplan: longest.text(&plan.sailplan),
            // A plan of nothing has nothing to approve.
            digest: plan.digest.as_deref().filter(|_| knows_anything).map(|digest| longest.text(digest)),
            workspace: plan.workspace.as_deref().map(|path| longest.head(path)),
            marker: plan.hidden_line(),
            selection: plan
                .name
                .clone()
                .or_else(|| (!plan.selection.is_empty()).then(|| plan.selection.join(" ")))
                .map(|words| longest.head(&words)),
            rolls_back: plan.rolls_back.as_ref().map(|rolls_back| longest.head(&rolls_back.receipt)),
            undone_run: plan.rolls_back.as_ref().map(|rolls_back| longest.head(run_of(&rolls_back.receipt))),
            only: only(plan).map(|only| longest.text(&only)),
            base: plan.base.as_ref().map(|base| Base {
                name: (base.revision != base.commit).then(|| longest.head(&base.revision)),
                commit: longest.head(&base.commit),
            }),
            against: plan.against.as_ref().map(|against| differences(against, longest)),
            grid,
            groups,
            together: together(plan, &names, longest),
            open,
            shut,
            managed,
            not_read: not_read(plan, &names),
            entries,
            losses: plan.losses.iter().map(|loss| loss_view(loss, longest)).collect(),
            gained: guards::gained(&plan.gains).map(|gained| longest.text(&gained)),
            weakened: weakened(plan, &names, longest),
            lifted,
            problems: file_problems(&plan.problems, longest),
            doubts,
            later,
            warnings,
            news: news(plan, &names),
            unknown,
            unmanaged: plan.summary.unmanaged,
            standing,
            tenants,
        }
    }
}

/// Where the changes of a rollback come from.
const ROLLBACK: &str = "the rollback: the value from before that run";

/// Returns the guardrails that become weaker, each once: those of the tenants, then those of other workspace files than that
/// of the plan.
fn weakened(plan: &PlanFile, names: &[String], longest: Longest) -> Vec<Weakened> {
    let own = plan.tenants.iter().flat_map(|tenant| tenant.weakened.iter().map(move |entry| (tenant, entry)));
    let own = own.map(|(tenant, entry)| {
        let place = longest.text(&guards::weakened_at(entry));
        (longest.text(&guards::weakened(entry)), longest.text(&tenant.name), place)
    });
    let own = alike(own, |(text, ..)| text.clone()).into_iter().filter_map(|told| {
        let (text, ..) = told.first()?.clone();
        let (tenants, places): (Vec<String>, BTreeSet<String>) =
            told.into_iter().map(|(_, tenant, place)| (tenant, place)).unzip();
        let concern = Concern::new(text, Tenants::among(tenants, names));
        Some(Weakened { concern, places: places.into_iter().collect() })
    });
    let elsewhere = plan.weakened.iter().map(|WeakenedTenantEntry { tenant, weakened, .. }| {
        let text = longest.text(&format!("{} ({})", guards::weakened(weakened), guards::weakened_at(weakened)));
        let concern = Concern::new(text, Tenants::among(vec![longest.text(tenant)], names));
        Weakened { concern, places: Vec::new() }
    });
    own.chain(elsewhere).collect()
}

/// Returns which settings a plan is about, if it leaves some out.
fn only(plan: &PlanFile) -> Option<String> {
    let name = |pointer: &String| match named(pointer).into_iter().next() {
        Some((key, setting)) => printed(&key, setting),
        None => pointer.clone(),
    };
    let names: Vec<String> = plan.only.iter().map(name).collect();
    (!names.is_empty()).then(|| format!("Only {}; every other setting is left out of this plan.", names.join(", ")))
}

fn loss_view(loss: &LossEntry, longest: Longest) -> LossView {
    let settings = loss.settings.iter().filter(|_| loss.kind != LossWord::Setting);
    LossView {
        message: longest.head(&guards::loss(loss)),
        places: longest.head(&guards::loss_at(loss)),
        denied: loss.denied,
        settings: settings.map(|lost| longest.text(&guards::lost(lost))).collect(),
        help: longest.texts(&loss.help),
    }
}

fn differences(against: &AgainstEntry, longest: Longest) -> Against {
    let made = against.created_at.as_deref().map(|time| format!(" of {}", second(time))).unwrap_or_default();
    let title = if against.differences.is_empty() {
        format!("The plan{made} says the same.")
    } else {
        format!("Against the plan{made}:")
    };
    let differences = against.differences.iter().map(|entry| {
        let kind = match entry.kind {
            DifferenceKind::Moved => "moved",
            DifferenceKind::New => "new",
            DifferenceKind::Gone => "gone",
            DifferenceKind::Apart => "apart",
        };
        (kind, longest.text(&format!("{} {}", entry.tenant, difference(entry))))
    });
    Against { title: longest.text(&title), differences: differences.collect() }
}

fn groups(entries: &[Entry]) -> Vec<Group> {
    let group = |class: Class| {
        let mut found: Vec<(usize, &Entry)> =
            entries.iter().enumerate().filter(|(_, entry)| entry.class == class).collect();
        found.sort_by_key(|(_, entry)| (entry.rank, entry.moot, &entry.resource, &entry.setting));
        let changes: usize = found.iter().map(|(_, entry)| entry.tenants.names.len()).sum();
        (changes > 0).then(|| Group {
            class,
            counted: class.label(changes),
            title: format!("{}: {}", class.title(), count(changes, "setting", "settings")),
            gloss: class.gloss(),
            entries: found.into_iter().map(|(position, _)| position).collect(),
            changes,
        })
    };
    Class::ALL.into_iter().filter_map(group).collect()
}

fn tenant_view(tenant: &TenantEntry, elsewhere: &Elsewhere<'_>, longest: Longest) -> TenantView {
    let failure = |error: &Option<ErrorEntry>| {
        error.as_ref().map(|error| FailureView::of(&tenant.name, &tenant.url, error, longest))
    };
    let resources = tenant.resources.iter().map(|resource| ResourceView {
        name: longest.text(&resource.document().to_string()),
        api_version: longest.text(&resource.api_version),
        state: resource_state(resource),
        failure: failure(&resource.error).map(|failure| {
            let mut failure = failure.in_document(&resource.document().to_string(), longest);
            failure.asks = elsewhere.asked(tenant, Some(resource));
            failure
        }),
        warnings: longest.texts(&[taken_over(resource), resource.warnings.clone()].concat()),
        unknown: resource.unknown.iter().map(|field| longest.text(&unknown(field))).collect(),
    });
    let (what, real) = standing_at(&tenant.url);
    TenantView {
        name: longest.text(&tenant.name),
        url: longest.text(&tenant.url),
        what: longest.text(&what),
        real,
        labels: tenant.labels.iter().map(|(label, value)| longest.head(&format!("{label}: {value}"))).collect(),
        read_at: tenant.read_at.as_deref().map(|time| longest.head(&minute(time))),
        state: tenant_state(tenant),
        failure: failure(&tenant.error).map(|mut failure| {
            // Without an answer of the tenant the reason lies in the run: its variables, its network.
            let unanswered = tenant.error.as_ref().is_some_and(|error| error.status.is_none());
            failure.plain = unanswered.then(|| unasked(&failure.message));
            failure.asks = elsewhere.asked(tenant, None);
            failure.place = longest.text(&whole(tenant));
            failure
        }),
        resources: resources.collect(),
        refusals: refusals_of(tenant, longest),
        lifted: tenant.lifted.iter().map(|lifted| longest.text(&guards::lifted(lifted))).collect(),
    }
}

/// Returns why a tenant could not be asked, in words for an approver.
fn unasked(message: &str) -> &'static str {
    if message.contains("environment variable") {
        "The run had no sign-in for the tenant. The engineer who made the plan can give it one and make the plan again."
    } else {
        "The run got no answer from the tenant. The engineer who made the plan can find out why and make the plan again."
    }
}

fn checkout(head: &HeadEntry) -> String {
    let commit = short_commit(&head.commit);
    match &head.branch {
        Some(branch) => format!("commit {commit} of branch {branch}"),
        None => format!("commit {commit}"),
    }
}

fn pull_request(entry: &PullRequestEntry) -> String {
    let number = entry.number.as_ref().map(|number| format!("#{number}")).unwrap_or_default();
    let title = entry.title.clone().unwrap_or_default();
    let ticket = match &entry.tickets {
        Some(tickets) if !tickets.is_empty() => format!(", ticket {}", tickets.join(", ")),
        _ => String::new(),
    };
    format!("{} {}{ticket}", number.trim(), title.trim()).trim().to_owned()
}

/// Returns what stands at an address, and whether a change there is real. The name of a tenant says nothing about it.
pub fn standing_at(url: &str) -> (String, bool) {
    let host = host(url);
    let words = match System::at(url) {
        System::Practice => return ("PRACTICE COPY, not a real system".to_owned(), false),
        System::SailPoint => format!("SailPoint tenant {host}, a real system"),
        System::Demo => format!("demo tenant {host}"),
        System::Local => format!("a server on the machine that made the plan ({host})"),
        System::Other => format!("{host}, which is not an address of SailPoint's own"),
    };
    (words, true)
}

/// Returns what settings mean together, each sentence once with its tenants.
fn together(plan: &PlanFile, names: &[String], longest: Longest) -> Vec<Concern> {
    let told = plan.tenants.iter().zip(names).flat_map(|(tenant, name)| {
        let sentences = tenant.resources.iter();
        let sentences = sentences.flat_map(|resource| resource.together.iter().map(move |entry| (resource, entry)));
        sentences.map(move |(resource, entry)| ((entry.sentence.as_str(), no_longer_told(resource, entry)), name))
    });
    worded(told, Clone::clone, |(sentence, removed)| longest.text(&format!("{sentence}{removed}")), names)
}

/// Returns the recipients that leave a set of which a sentence speaks, after a colon, if they are few.
fn no_longer_told(resource: &ResourceEntry, entry: &TogetherEntry) -> String {
    const NAMED: usize = 3;
    let mut changes = resource.changes.iter().filter(|change| change.weight == Weight::WhoIsTold);
    let Some(change) = changes.find(|change| entry.paths.contains(&change.path)) else { return String::new() };
    let Some(setting) = resource.setting(&change.path) else { return String::new() };
    let removed = setting.members(change.before.as_deref(), Some(change.value())).removed;
    if (1..=NAMED).contains(&removed.len()) { format!(": {}", removed.join(", ")) } else { String::new() }
}

/// Returns the unmanaged settings, each once: those at their loosest value, heaviest first, and the others.
fn unmanaged(plan: &PlanFile, names: &[String], longest: Longest) -> (Vec<OpenView>, Vec<OpenView>) {
    let mut found: BTreeMap<(bool, Weight, String, String), OpenView> = BTreeMap::new();
    for tenant in &plan.tenants {
        for (resource, entry) in
            tenant.resources.iter().flat_map(|it| it.unmanaged.iter().map(move |entry| (it, entry)))
        {
            let Some(setting) = resource.setting(&entry.path) else { continue };
            let value = entry.value.as_deref();
            let (name, words) = (format!("{}.{setting}", resource.document()), setting.words(value));
            let shut = !setting.at_loosest(value);
            let weight = if shut { Weight::default() } else { setting.weight_at_loosest() };
            let note = no_effect(resource, setting, value);
            let near = beside(resource, &entry.path);
            let key = (shut, weight, name.clone(), format!("{words} {near} {note:?}"));
            let view = found.entry(key).or_insert_with(|| OpenView {
                about: about(setting).to_owned(),
                weight: setting.standing().filter(|_| !shut),
                wide: !shut && is_wide(setting),
                near,
                note: note.map(|(why, _)| why),
                noted_today: note.is_some_and(|(_, today)| today),
                value: longest.text(&words),
                setting: name,
                tenants: Tenants::default(),
            });
            view.tenants.names.push(longest.text(&tenant.name));
        }
    }
    let (mut open, mut others) = (Vec::new(), Vec::new());
    for ((shut, ..), mut view) in found {
        view.tenants = Tenants::among(std::mem::take(&mut view.tenants.names), names);
        let list = if shut { &mut others } else { &mut open };
        list.push(view);
    }
    (open, others)
}

/// Returns whether an unmanaged setting lies in one object with a setting that changes.
fn beside(resource: &ResourceEntry, pointer: &str) -> bool {
    let object = |pointer: &'_ str| pointer.rsplit_once('/').map(|(object, _)| object.to_owned());
    let own = object(pointer).filter(|object| !object.is_empty());
    own.is_some() && resource.changes.iter().any(|change| object(&change.path) == own)
}

/// Returns why a setting that is on has no effect, if another setting leaves it without, and whether that is so today.
fn no_effect(resource: &ResourceEntry, setting: &Setting, value: Option<&Value>) -> Option<(&'static str, bool)> {
    let on = value == Some(&Value::Bool(true));
    let mut rules = Resource::named(&resource.resource)?.rules.iter().filter(|_| on);
    rules.find_map(|rule| match *rule {
        Rule::Moot { flag, cover, why } if flag == setting.pointer => {
            let shown = Shown::of(resource);
            let covers = |value: Option<&Value>| cover.fits(value);
            covers(shown.after(cover.pointer)).then(|| (why, covers(shown.before(cover.pointer))))
        }
        _ => None,
    })
}

/// Returns when the interfaces end that the plan uses, each once.
fn news(plan: &PlanFile, names: &[String]) -> Vec<Concern> {
    let told = plan.tenants.iter().zip(names).flat_map(|(tenant, name)| {
        tenant.resources.iter().filter_map(move |resource| {
            let until = generation_of(resource)?.deprecation?.until;
            Some(((Resource::named(&resource.resource)?.title, until), name))
        })
    });
    let word = |(title, until): &(&str, &str)| {
        format!(
            "The interface of SailPoint's through which the {title} are read and written works until {until}: nothing to \
             decide today, but the settings have to move to its successor before then"
        )
    };
    worded(told, |news| *news, word, names)
}

/// Returns the managed settings that do not change, each once with its value.
fn managed(plan: &PlanFile, names: &[String], longest: Longest) -> Vec<ManagedView> {
    let read = plan.tenants.iter().enumerate().flat_map(|(tenant, entry)| {
        entry.resources.iter().filter(|resource| was_read(resource)).map(move |resource| (resource, tenant))
    });
    // Most tenants have the same, so what they have is put into words once.
    let same = alike(read, |(resource, _)| {
        let changes: Vec<&str> = resource.changes.iter().map(|change| change.path.as_str()).collect();
        (resource.document(), resource.api_version.as_str(), &resource.managed_settings, &resource.holds, changes)
    });
    let worded = same.iter().flat_map(|same| {
        let resource = same.first().map(|(resource, _)| *resource);
        let views = resource.into_iter().flat_map(|resource| {
            unchanged_settings(resource).map(|(pointer, value)| managed_view(resource, pointer, value, longest))
        });
        views.map(move |view| (view, same))
    });
    // What differs only in what is cut off is shown as one.
    let found = alike(worded, |(view, _)| (view.setting.clone(), view.value.clone())).into_iter().filter_map(|told| {
        let mut tenants: Vec<usize> =
            told.iter().flat_map(|(_, same)| same.iter().map(|(_, tenant)| *tenant)).collect();
        tenants.sort_unstable();
        let (view, _) = told.into_iter().next()?;
        let among = tenants.into_iter().filter_map(|tenant| names.get(tenant).cloned()).collect();
        Some(ManagedView { tenants: Tenants::among(among, names), ..view })
    });
    found.collect()
}

/// Returns the managed settings of a document that do not change, each with its value in words.
fn unchanged_settings(resource: &ResourceEntry) -> impl Iterator<Item = (&String, Option<&str>)> {
    let changes = |pointer: &String| resource.changes.iter().any(|change| change.path == *pointer);
    let unchanged = resource.managed_settings.iter().filter(move |pointer| !changes(pointer));
    unchanged.map(|pointer| {
        let holds = resource.holds.iter().find(|holds| holds.path == *pointer);
        (pointer, holds.map(|holds| holds.value.as_str()))
    })
}

/// Returns a managed setting without its tenants.
fn managed_view(resource: &ResourceEntry, pointer: &str, value: Option<&str>, longest: Longest) -> ManagedView {
    let setting = resource.setting(pointer);
    let name = setting.map_or_else(|| pointer.to_owned(), |setting| setting.dotted());
    ManagedView {
        about: setting.map_or("", about).to_owned(),
        value: value.map(|value| longest.text(value)),
        setting: longest.text(&format!("{}.{name}", resource.document())),
        tenants: Tenants::default(),
    }
}

/// Returns the documents of which nothing is managed: they were not read, and their settings are not counted.
fn not_read(plan: &PlanFile, names: &[String]) -> Vec<Concern> {
    // A plan of chosen settings, or of what a run changed, is not about the others.
    if !plan.only.is_empty() || plan.rolls_back.is_some() {
        return Vec::new();
    }
    let told = plan.tenants.iter().zip(names).filter(|(tenant, _)| any_read(tenant)).flat_map(|(tenant, name)| {
        let known = CATALOGUE.into_iter().filter(|resource| resource.instances.is_none());
        let unread = known.filter(|known| tenant.resources.iter().all(|entry| entry.resource != known.name));
        unread.map(move |known| (known.title, name))
    });
    let word = |title: &&str| {
        format!(
            "Nothing of the {title} is managed, so it was not read: how it stands is not known, and its settings are not \
             counted"
        )
    };
    worded(told, |title| *title, word, names)
}

fn tenant_state(tenant: &TenantEntry) -> String {
    let changes: usize = tenant.resources.iter().map(|resource| resource.changes.len()).sum();
    let managed: usize =
        tenant.resources.iter().filter(|resource| was_read(resource)).map(|resource| resource.managed).sum();
    let failed: Vec<String> = tenant
        .resources
        .iter()
        .filter(|resource| resource.status == Status::Failed)
        .map(|resource| format!("{} {}", resource.document(), resource_state(resource)))
        .collect();
    let changes = match changes {
        0 => unchanged(managed),
        number if tenant.refusals.iter().any(|refusal| !refusal.standing) => {
            format!("{}, refused", count(number, "change", "changes"))
        }
        number => format!("{} of {managed} managed", count(number, "change", "changes")),
    };
    match (any_read(tenant), failed.is_empty()) {
        (false, _) => NOT_READ.to_owned(),
        (true, true) => changes,
        (true, false) => format!("{changes}; {}", failed.join("; ")),
    }
}

fn resource_state(resource: &ResourceEntry) -> String {
    match resource.status {
        Status::InSync => unchanged(resource.managed),
        Status::Changes => count(resource.changes.len(), "change", "changes"),
        Status::Failed if resource.error.as_ref().is_some_and(|error| error.refused) => "refused".to_owned(),
        Status::Failed if was_read(resource) => "could not be planned".to_owned(),
        Status::Failed => "not read".to_owned(),
    }
}

/// Returns the settings of which the branch takes over what the tenant has.
fn taken_over(resource: &ResourceEntry) -> Vec<String> {
    let shown = |entry: &AcceptedEntry| {
        let setting = resource.setting(&entry.path);
        let value = |value: &Value| match setting {
            Some(setting) => setting.show(Some(value)),
            None => value.to_string(),
        };
        let name = setting.map_or_else(|| entry.path.clone(), |setting| setting.dotted());
        let SourceEntry { file, line } = &entry.source;
        format!(
            "{name} is taken over from the tenant: {} at {file}:{line}, the base asks for {} ({}: {})",
            value(&entry.value),
            value(&entry.agreed),
            entry.impact.word(),
            entry.sentence
        )
    };
    resource.accepted.iter().map(shown).collect()
}

/// Returns a field that sailplan does not know, with its value.
fn unknown(field: &UnmanagedEntry) -> String {
    let value = field.value.as_deref().map(Value::to_string).unwrap_or_default();
    format!("{} is {}", field.path, printable_line(&value, 200))
}

/// Returns that nothing changes, though settings are managed.
fn unchanged(managed: usize) -> String {
    format!("no changes, {managed} managed")
}

/// Returns the refusals of a tenant, each remedy with the first that it is for.
fn refusals_of(tenant: &TenantEntry, longest: Longest) -> Vec<RefusalView> {
    let mut told: Vec<&str> = Vec::new();
    let mut refusals = Vec::new();
    for refusal in &tenant.refusals {
        let new: Vec<&str> = refusal.help.iter().map(String::as_str).filter(|help| !told.contains(help)).collect();
        let help = new.iter().map(|help| longest.text(help)).collect();
        told.extend(new);
        refusals.push(RefusalView { help, ..refusal_of(tenant, refusal, longest) });
    }
    refusals
}

fn refusal_of(tenant: &TenantEntry, refusal: &RefusalEntry, longest: Longest) -> RefusalView {
    let asked = |resource: &ResourceEntry, change: &ChangeEntry| {
        let key = resource.document().key();
        key.zip(resource.setting(&change.path)).map(|(key, setting)| key.pointer(setting)) == refusal.setting
    };
    let mut changes = tenant.resources.iter().flat_map(|it| it.changes.iter().map(move |change| (it, change)));
    let change = changes.find(|(resource, change)| refusal.setting.is_some() && asked(resource, change));
    let values = change.map(|(resource, change)| Values::of(resource, change));
    RefusalView {
        rows: rows_of(refusal, values.as_ref(), longest),
        drifted: values.as_ref().is_some_and(|values| values.drifted),
        stays: values.as_ref().map(|values| longest.text(&values.stays())),
        agreed: values
            .filter(|_| refusal.kind == Some(RefusalKind::Deny))
            .and_then(|values| values.agreed)
            .map(|agreed| longest.text(&agreed)),
        tenant: longest.text(&tenant.name),
        setting: refusal.setting.as_ref().map(|pointer| longest.text(&printed_pointer(pointer))),
        message: longest.text(&guards::refusal(refusal)),
        ban: guards::ban(refusal).to_owned(),
        line: longest.text(&guards::line(refusal)),
        source: refusal.source.as_ref().map(|source| longest.text(&format!("{}:{}", source.file, source.line))),
        owner: refusal.owner.as_ref().map(|owner| longest.text(owner)),
        standing: refusal.standing,
        help: Vec::new(),
    }
}

/// The values of a change that is refused, in words.
struct Values {
    about: &'static str,
    /// What was agreed, if that is something else than what holds now.
    agreed: Option<String>,
    now: String,
    asked: String,
    drifted: bool,
}

impl Values {
    fn of(resource: &ResourceEntry, change: &ChangeEntry) -> Values {
        let setting = resource.setting(&change.path);
        let words = |value: Option<&Value>| in_words(setting, value, &change.names);
        let now = words(change.before.as_deref());
        let agreed = change.agreed.as_ref().and_then(|agreed| agreed.value.as_deref());
        Values {
            about: setting.map_or("", about),
            agreed: agreed.map(|value| words(Some(value))).filter(|agreed| *agreed != now),
            asked: words(Some(change.value())),
            drifted: matches!(change.cause, Some(Cause::Drift | Cause::Both)),
            now,
        }
    }

    /// Returns what stays in force while the change is refused, and what was agreed if that is something else.
    fn stays(&self) -> String {
        let Values { now, agreed, .. } = self;
        agreed.as_ref().map_or_else(|| now.clone(), |agreed| format!("{now} (agreed: {agreed})"))
    }
}

/// Returns what is refused beside what holds, what was agreed and what the rule says.
fn rows_of(refusal: &RefusalEntry, values: Option<&Values>, longest: Longest) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    if let Some(Values { about, agreed, now, asked, drifted }) = values {
        rows.extend((!about.is_empty()).then(|| ("Setting", (*about).to_owned())));
        rows.extend(agreed.as_ref().map(|agreed| ("Agreed before", longest.text(agreed))));
        let outside = if *drifted { ": changed outside the settings files" } else { "" };
        rows.push(("Now, and stays", format!("{}{outside}", longest.text(now))));
        rows.push(("Asked for", format!("{}: refused", longest.text(asked))));
    }
    // Of a change that is denied, its own words below tell what it does.
    if values.is_none() || refusal.kind != Some(RefusalKind::Deny) {
        let told = first_sentence(plain(refusal));
        // The value stands in a row of its own.
        let limit = told.find("the limit is ").filter(|_| values.is_some()).and_then(|at| told.get(at..));
        rows.push(("The rule", longest.text(limit.unwrap_or(told))));
    }
    rows.extend(refusal.reason.as_ref().map(|reason| ("Why the rule", longest.text(reason))));
    rows
}

/// Returns what a guardrail refuses without the setting's name in front, which stands beside it.
fn plain(refusal: &RefusalEntry) -> &str {
    let name = refusal.setting.as_ref().map(|pointer| printed_pointer(pointer));
    let told = name.and_then(|name| refusal.message.strip_prefix(&format!("{name} ")));
    let told = told.map(|told| told.split_once(": ").map_or(told, |(_, told)| told));
    told.unwrap_or(&refusal.message)
}

fn unknown_fields(resource: &ResourceView) -> impl Iterator<Item = String> {
    resource.unknown.iter().map(|field| format!("{}: {field}", resource.name))
}

fn warnings(resource: &ResourceView) -> impl Iterator<Item = String> {
    // What a request overrides is among the things that are not known.
    let warnings = resource.warnings.iter().filter(|text| !text.starts_with("overrides: "));
    warnings.map(|text| format!("{}: {text}", resource.name))
}

/// Returns each text of the tenants once, with those it holds for.
fn concerns(
    tenants: &[TenantView],
    names: &[String],
    texts: for<'t> fn(&'t TenantView) -> Vec<Cow<'t, str>>,
) -> Vec<Concern> {
    let told = tenants.iter().flat_map(|tenant| texts(tenant).into_iter().map(move |text| (text, &tenant.name)));
    grouped(told, names)
}
