//! What must hold of a run, whatever happened to it: its words against what the tenant saw.

use anyhow::{Result, bail, ensure};
use serde_json::Value;

use super::choose::TENANT;
use super::world::Played;
use crate::documents::receipt::{Outcome, ResourceReceipt};
use crate::plan;
use crate::practice::witness::Exchange;
use crate::report;
use crate::report::layout::Look;
use crate::resource::instances::{Standing, WHOLE};
use crate::resource::{Key, Setting, Write, document};
use crate::run::client::endpoint;
use crate::settings::DesiredResource;
use crate::ui::Exit;

/// What cannot be held against a run, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Excused {
    /// PUTs that met a change which another admin made after the read they were made from, and documents found as desired that
    /// another admin changed after that.
    pub in_window_of_an_admin: usize,
    /// PUTs that met a change which a run of another checkout made after that read.
    pub in_window_of_a_checkout: usize,
    /// PUTs that met an earlier write of this run, lost before and carried out after that read.
    pub in_window_of_a_late_write: usize,
    /// PUTs and verdicts that rest on a read which the tenant answered with an older document, or twice with 404.
    pub lagging: usize,
}

impl std::ops::AddAssign for Excused {
    fn add_assign(&mut self, other: Excused) {
        self.in_window_of_an_admin += other.in_window_of_an_admin;
        self.in_window_of_a_checkout += other.in_window_of_a_checkout;
        self.in_window_of_a_late_write += other.in_window_of_a_late_write;
        self.lagging += other.lagging;
    }
}

const APPROVALS: &str = "/generic-approvals/v1/config/";

/// Returns where a document is read.
pub fn path_of(desired: &DesiredResource) -> String {
    endpoint(desired).path.replace("{tenant}", TENANT)
}

/// Returns where the document of a path is read: some are written at a longer one.
fn document_of(path: &str) -> &str {
    let below = path.strip_prefix(APPROVALS).and_then(|rest| rest.find('/').map(|at| rest.len() - at));
    path.get(..path.len() - below.unwrap_or(0)).unwrap_or(path)
}

/// What a run asked of one document.
pub struct Story<'a> {
    desired: &'a DesiredResource,
    /// The requests of all clients, in the order in which the tenant handled them.
    all: &'a [Exchange],
    path: String,
    who: &'a str,
}

impl<'a> Story<'a> {
    pub fn of(desired: &'a DesiredResource, exchanges: &'a [Exchange], who: &'a str) -> Story<'a> {
        Story { desired, all: exchanges, path: path_of(desired), who }
    }

    fn key(&self) -> &'a Key {
        &self.desired.key
    }

    /// What the client asked and what was carried out of it.
    fn about(&self) -> impl DoubleEndedIterator<Item = &'a Exchange> {
        let is_own = |exchange: &&Exchange| exchange.who == self.who && document_of(&exchange.path) == self.path;
        self.all.iter().filter(is_own)
    }

    /// The requests of this run.
    fn own(&self) -> impl DoubleEndedIterator<Item = &'a Exchange> {
        self.about().filter(|exchange| exchange.lands.is_none())
    }

    /// Its writes.
    pub fn writes(&self) -> impl DoubleEndedIterator<Item = &'a Exchange> {
        self.own().filter(|exchange| exchange.method != "GET")
    }

    /// The carrying out of writes of this run that were lost before.
    fn landed(&self) -> impl Iterator<Item = &'a Exchange> {
        self.about().filter(|exchange| exchange.lands.is_some())
    }

    fn managed(&self) -> impl Iterator<Item = &'static Setting> {
        self.desired.settings.iter().map(|managed| managed.setting)
    }

    fn holds(&self, live: &Value) -> bool {
        plan::compare(self.desired, live).is_ok_and(|found| found.changes.is_empty())
    }

    /// Returns whether a write was made to change a setting: a PUT carries all the others as they were read.
    pub fn is_for(&self, write: &Exchange, setting: &Setting) -> bool {
        let number = write.lands.unwrap_or(write.number);
        let before = self.own().take_while(|exchange| exchange.number < number).last();
        let before = before.and_then(|read| read.answer.as_ref());
        match (write.body.as_array(), before) {
            (Some(operations), _) => operations.iter().any(|operation| operation["path"] == setting.pointer),
            (None, _) if write.method == "DELETE" => setting.is_whole(),
            (None, Some((_, read))) => !same(self.key(), setting, read, &write.body),
            (None, None) => true,
        }
    }

    /// Settings that writes of this run changed, each with its value before and after all of them. What a PUT overwrites
    /// without meaning to is counted as in its window.
    pub fn changed(&self) -> Vec<(&'static Setting, Value, Value)> {
        let mut changed: Vec<(&'static Setting, Value, Value)> = Vec::new();
        let mut writes: Vec<&Exchange> = self.writes().chain(self.landed()).collect();
        writes.sort_by_key(|write| write.number);
        for write in writes {
            let own = self.managed().filter(|setting| self.is_for(write, setting));
            for setting in own.filter(|setting| !same(self.key(), setting, &write.edited, &write.after)) {
                let value = |document: &Value| self.key().read(setting, document).ok().flatten().unwrap_or_default();
                match changed.iter_mut().find(|(known, ..)| *known == setting) {
                    Some((_, _, after)) => *after = value(&write.after),
                    None => changed.push((setting, value(&write.edited), value(&write.after))),
                }
            }
        }
        changed
    }

    /// Returns the values that the run read before each write that was made to change a setting: all that its receipt can know
    /// of, although somebody else may have changed the setting after that read.
    pub fn read_before(&self, setting: &Setting) -> Vec<Option<Value>> {
        let writes = self.writes().filter(|write| self.is_for(write, setting));
        let reads = writes.filter_map(|write| self.own().take_while(|other| other.number < write.number).last());
        let answers = reads.filter_map(|read| read.answer.as_ref());
        answers.map(|(_, document)| self.key().read(setting, document).ok().flatten()).collect()
    }

    /// Whether a write of this run was to store the document, or to delete it.
    pub fn comes_or_goes(&self) -> bool {
        let read = |write: &Exchange| self.own().take_while(|other| other.number < write.number).last();
        let creates = |write: &Exchange| {
            let missing =
                |read: &Exchange| read.answer.as_ref().map_or(read.fault == "404", |(_, read)| !self.is_own(read));
            read(write).is_some_and(missing)
        };
        self.writes().any(|write| write.method == "DELETE" || creates(write))
    }

    /// Whether an answer is the document itself, and not one that it inherits from.
    pub fn is_own(&self, document: &Value) -> bool {
        self.key().standing(document) == Standing::Own
    }

    /// Whether the tenant said of every write that it was not carried out.
    pub fn all_turned_down(&self) -> bool {
        self.writes().all(turned_down)
    }

    /// Whether a refusal leaves open that a PATCH was carried out in part: no read that could be used followed it, or that one
    /// shows a part of it, which somebody else may have made as well.
    pub fn may_be_done_in_part(&self) -> bool {
        let last = self.own().next_back();
        let seen = last.filter(|read| read.method == "GET" && is_usable(read));
        seen.is_none_or(|read| self.shows_part_of_a_write(read)) && self.is_refused_in_part()
    }

    fn shows_part_of_a_write(&self, read: &Exchange) -> bool {
        let operations = self.writes().filter_map(|write| write.body.as_array()).flatten();
        let shown = |operation: &Value| {
            let setting = self.managed().find(|setting| operation["path"] == setting.pointer);
            let value = |setting: &'static Setting| self.key().read(setting, &read.after).ok().flatten();
            setting.is_some_and(|setting| setting.equal(value(setting).as_ref(), Some(&operation["value"])))
        };
        operations.into_iter().any(shown)
    }

    /// Whether a refusal leaves open that a PATCH was carried out in part.
    fn is_refused_in_part(&self) -> bool {
        let refused = |write: &Exchange| {
            let answered = write.answer.as_ref().is_some_and(|(status, _)| *status == 400);
            answered || matches!(write.fault.as_str(), "400" | "409" | "EncodingUtf8")
        };
        self.writes().any(|write| write.method == "PATCH" && refused(write))
    }

    /// Whether a read was answered with an older document, or two with the word that there is none.
    pub fn has_lag(&self) -> bool {
        let missing = |exchange: &Exchange| exchange.method == "GET" && exchange.fault == "404";
        let twice = self.own().zip(self.own().skip(1)).any(|(first, second)| missing(first) && missing(second));
        twice || self.own().any(|exchange| exchange.fault == "Lag")
    }

    /// Whether an older document that a read was answered with is as desired.
    fn seemed_to_hold(&self) -> bool {
        let lags = self.own().filter(|read| read.method == "GET" && read.fault == "Lag");
        lags.filter_map(|read| read.answer.as_ref()).any(|(_, document)| self.holds(document))
    }

    /// Whether another admin changed the document after a read that showed it as desired. The run may read it again without
    /// another look at it: for the values that hold once a document that inherits from it is deleted.
    fn is_moved_by_admin_since_it_held(&self) -> bool {
        let held = self.own().rfind(|read| read.method == "GET" && self.holds(&read.after));
        held.is_some_and(|held| {
            let since = self.all.iter().filter(|other| other.number > held.number);
            since.filter(|other| document_of(&other.path) == self.path).any(|other| other.before != other.edited)
        })
    }

    /// Returns whether a PUT of the run was made from a read that the tenant answered with an older document.
    pub fn puts_what_lags(&self) -> bool {
        let mut lags = false;
        self.own().any(|exchange| {
            if exchange.method == "GET" {
                lags = exchange.fault == "Lag";
            }
            exchange.method == "PUT" && lags
        })
    }

    /// Whether the last read was answered with an older document, or with the word that there is none.
    fn lags(&self) -> bool {
        let read = self.own().rfind(|exchange| exchange.method == "GET");
        read.is_some_and(|read| matches!(read.fault.as_str(), "Lag" | "404"))
    }
}

pub fn same(key: &Key, setting: &Setting, left: &Value, right: &Value) -> bool {
    match (key.read(setting, left), key.read(setting, right)) {
        (Ok(left), Ok(right)) => setting.equal(left.as_ref(), right.as_ref()),
        _ => document::raw(setting, left) == document::raw(setting, right),
    }
}

/// Whether a read was answered with a document. One without fields is the same in other types.
fn is_usable(read: &Exchange) -> bool {
    let empty = read.answer.as_ref().is_some_and(|(_, body)| body.as_object().is_some_and(serde_json::Map::is_empty));
    matches!(read.fault.as_str(), "" | "Lag" | "Stall") || (read.fault == "WrongTypes" && empty)
}

fn turned_down(write: &Exchange) -> bool {
    if write.answer.as_ref().is_some_and(|(status, _)| (400..500).contains(status)) {
        return true;
    }
    match write.fault.as_str() {
        "Redirect" | "EncodingUtf8" => true,
        "" | "Ignore" => write.answer.as_ref().is_some_and(|(status, _)| (400..500).contains(status)),
        status => status.starts_with('4') && status != "408",
    }
}

/// Returns the pointers at which two documents differ.
pub fn differences(left: &Value, right: &Value) -> Vec<String> {
    fn walk(left: &Value, right: &Value, at: &str, found: &mut Vec<String>) {
        match (left, right) {
            (Value::Object(left), Value::Object(right)) => {
                for (key, value) in left {
                    let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                    walk(value, right.get(key).unwrap_or(&Value::Null), &at, found);
                }
                for (key, value) in right.iter().filter(|(key, _)| !left.contains_key(*key)) {
                    walk(&Value::Null, value, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), found);
                }
            }
            _ if left == right => {}
            // A setting brings the objects around it.
            (Value::Object(object), Value::Null) | (Value::Null, Value::Object(object)) => {
                let known = found.len();
                for (key, value) in object {
                    walk(value, &Value::Null, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), found);
                }
                if found.len() == known {
                    found.push(at.to_owned());
                }
            }
            _ => found.push(at.to_owned()),
        }
    }
    let mut found = Vec::new();
    walk(left, right, "", &mut found);
    found
}

fn within(pointer: &str, allowed: &[&str]) -> bool {
    allowed.iter().any(|allowed| pointer == *allowed || pointer.starts_with(&format!("{allowed}/")))
}

/// Holds every write against the read before it.
fn check_writes(story: &Story<'_>, excused: &mut Excused) -> Result<()> {
    let managed: Vec<&str> = story.managed().map(|setting| setting.pointer).collect();
    let own: Vec<&Exchange> = story.own().collect();
    for (at, write) in own.iter().enumerate().filter(|(_, exchange)| exchange.method != "GET") {
        let Some(read) = at.checked_sub(1).and_then(|before| own.get(before)) else {
            bail!("a write that no read went before: {write}")
        };
        let asked: Vec<&str> = match story.desired.resource().write {
            Write::Patch => {
                let operations = write.body.as_array().cloned().unwrap_or_default();
                ensure!(!operations.is_empty(), "an empty PATCH: {write}");
                for operation in &operations {
                    let path = operation["path"].as_str().unwrap_or_default();
                    let managed = story.desired.settings.iter().find(|managed| managed.setting.pointer == path);
                    ensure!(
                        managed.is_some_and(|managed| managed
                            .setting
                            .equal(Some(managed.value.as_ref()), Some(&operation["value"]))),
                        "an operation that no file asks for: {operation}"
                    );
                }
                managed.iter().copied().filter(|path| operations.iter().any(|one| one["path"] == *path)).collect()
            }
            Write::Put { strip, .. } => {
                // An odd answer is believed where it comes twice.
                let is_odd = |read: &Exchange, fault: &str| read.method == "GET" && read.fault == fault;
                let before = at.checked_sub(2).and_then(|before| own.get(before));
                let twice = |fault: &str| is_odd(read, fault) && before.is_some_and(|before| is_odd(before, fault));
                ensure!(
                    twice("404") || twice("WrongTypes") || (read.method == "GET" && is_usable(read)),
                    "a {} that does not follow its GET: {read}, then {write}",
                    write.method
                );
                let read_document = read.answer.as_ref().map(|(_, body)| body).unwrap_or(&Value::Null);
                let deletes = story.desired.get(WHOLE.pointer).is_some();
                ensure!(deletes == (write.method == "DELETE"), "nothing asks for {write}");
                if deletes {
                    let standing = story.key().standing(read_document);
                    ensure!(standing == Standing::Own, "a DELETE of what the GET showed as {standing:?}");
                } else if read.fault != "WrongTypes" {
                    // Of that answer the record keeps the document, and not what the fault made of it.
                    check_body(story, read_document, &write.body, strip)?;
                }
                managed.iter().copied().chain(strip.iter().copied()).collect()
            }
        };
        if write.method == "PATCH" || !is_met(story, read, write, excused)? {
            for pointer in differences(&write.edited, &write.after) {
                ensure!(within(&pointer, &asked), "{write} changed {pointer}, which it was not for");
            }
        }
    }
    Ok(())
}

/// Holds what a PUT sends against the read that it was made from.
fn check_body(story: &Story<'_>, read: &Value, body: &Value, strip: &[&str]) -> Result<()> {
    let managed: Vec<&str> = story.managed().map(|setting| setting.pointer).collect();
    for pointer in differences(read, body) {
        ensure!(
            within(&pointer, &managed) || within(&pointer, strip),
            "a PUT changes {pointer}, which no file manages"
        );
    }
    for setting in &story.desired.settings {
        let sent = document::read(setting.setting, body).ok().flatten();
        ensure!(
            setting.setting.equal(sent.as_ref(), Some(&setting.value)),
            "a PUT sends {} as {sent:?}",
            setting.setting
        );
    }
    Ok(())
}

/// Returns whether a write that replaces a whole document met another one than was read, and counts why.
fn is_met(story: &Story<'_>, read: &Exchange, write: &Exchange, excused: &mut Excused) -> Result<bool> {
    if read.after != write.edited {
        // One configuration shows another one's values where it is not stored.
        let same = |other: &Exchange| {
            let approvals = |path: &str| path.starts_with(APPROVALS);
            document_of(&other.path) == story.path || (approvals(&other.path) && approvals(&story.path))
        };
        let between = || {
            let others = story.all.iter().filter(|other| (read.number + 1..=write.number).contains(&other.number));
            others.filter(|other| same(other))
        };
        if between().any(|other| other.before != other.edited) {
            excused.in_window_of_an_admin += 1;
        } else if between().any(|other| other.who != story.who && other.edited != other.after) {
            excused.in_window_of_a_checkout += 1;
        } else {
            let own = between().find(|other| other.lands.is_none() && other.edited != other.after);
            ensure!(own.is_none_or(|own| own.number == write.number), "{write} met a write of its own run: {own:?}");
            excused.in_window_of_a_late_write += 1;
        }
    } else if matches!(read.fault.as_str(), "Lag" | "404") {
        excused.lagging += 1;
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// Holds what the receipt says of one document against what the tenant saw.
fn check_entry(story: &Story<'_>, entry: &ResourceReceipt, excused: &mut Excused) -> Result<()> {
    let (changed, sent) = (story.changed(), story.writes().count());
    let said = serde_json::to_string(&(&entry.error, &entry.notes))?;
    let outcome = entry.outcome;
    if sent == 0 {
        // A run that is cut off does not know whether its write arrived.
        ensure!(
            outcome == Outcome::Pending
                || entry.started_at.is_none() && !matches!(outcome, Outcome::Applied | Outcome::Unknown),
            "nothing was sent, and the receipt says {outcome:?} since {:?}",
            entry.started_at
        );
    } else {
        ensure!(entry.started_at.is_some(), "{sent} writes were sent, and the receipt says of none when it began");
        ensure!(
            !matches!(outcome, Outcome::Refused | Outcome::Skipped) && !said.contains("nothing was sent"),
            "{sent} writes were sent, and the receipt says {outcome:?}: {said}"
        );
        for operation in &entry.operations {
            let setting = story.managed().find(|setting| setting.pointer == operation.path);
            let sent = setting.is_some_and(|setting| story.writes().any(|write| story.is_for(write, setting)));
            ensure!(sent, "the receipt tells {}, which was not sent", operation.path);
        }
    }
    for (setting, _, after) in &changed {
        let told = entry.operations.iter().find(|operation| operation.path == setting.pointer);
        ensure!(
            told.is_some_and(|operation| setting.equal(Some(operation.value()), Some(after))),
            "a write changed {setting}, and the receipt does not tell it"
        );
        ensure!(outcome != Outcome::Unchanged, "a write changed {setting}, and the receipt says unchanged");
    }
    if said.contains("nothing was changed") || outcome == Outcome::Unchanged {
        ensure!(changed.is_empty() && story.all_turned_down(), "denied: {outcome:?} {said}");
    }
    match outcome {
        Outcome::Applied | Outcome::Unchanged => {
            let Some(read) = story.own().next_back() else { bail!("{outcome:?} without a request") };
            ensure!(read.method == "GET", "{outcome:?}, and the last request is {read}");
            if !story.holds(&read.after) {
                if story.lags() || (sent == 0 && story.seemed_to_hold()) {
                    excused.lagging += 1;
                } else if sent == 0 && story.is_moved_by_admin_since_it_held() {
                    excused.in_window_of_an_admin += 1;
                } else {
                    bail!("{outcome:?}, and the tenant has {}", read.after);
                }
            }
        }
        Outcome::Failed | Outcome::Unknown | Outcome::Refused => {
            ensure!(entry.error.is_some(), "{outcome:?} without a reason");
        }
        Outcome::Pending => {
            // A run that is cut off knows the answer to a write once it has asked for something after it.
            let heard = story.own().next_back().is_some_and(|last| last.method == "GET");
            ensure!(
                sent == 0 || !heard || !story.all_turned_down() || story.is_refused_in_part(),
                "every write was turned down, and the receipt leaves open whether it took"
            );
        }
        Outcome::Skipped => {}
    }
    Ok(())
}

/// No write begins after an interrupt. It came while request `at` was handled; for the document of that request the next one
/// is sent after its answer, for the other one the first request may have been on its way already.
pub fn check_interrupt(at: &Exchange, after: &[&Exchange]) -> Result<()> {
    let mut seen = vec![document_of(&at.path)];
    for exchange in after {
        let first = !seen.contains(&document_of(&exchange.path));
        ensure!(first || exchange.method == "GET" || exchange.method == "POST", "{exchange} after an interrupt");
        seen.push(document_of(&exchange.path));
    }
    Ok(())
}

/// Holds a run against the invariants.
pub fn check(played: &Played, exchanges: &[Exchange], excused: &mut Excused) -> Result<()> {
    let words = played.receipt.as_ref().map(|receipt| report::applied::text(receipt, Look::WHOLE)).unwrap_or_default();
    let (mut left_something, mut open) = (false, Vec::new());
    for desired in &played.desired.resources {
        let story = Story::of(desired, exchanges, &played.who);
        check_writes(&story, excused)?;
        left_something |= !story.changed().is_empty();
        let Some(receipt) = &played.receipt else {
            ensure!(story.writes().count() == 0, "writes were sent, and the run ended without a receipt");
            continue;
        };
        let Some(entry) = receipt.tenants.first().and_then(|tenant| tenant.get((&desired.key).into())) else {
            ensure!(story.writes().count() == 0, "writes were sent, and the receipt does not have the document");
            ensure!(receipt.tenants.iter().all(|tenant| tenant.error.is_some()), "a document is not named");
            open.push(desired.key.to_string());
            continue;
        };
        check_entry(&story, entry, excused)?;
        ensure!(entry.outcome != Outcome::Pending || played.interrupted, "the run ended, and its receipt is pending");
        if !matches!(entry.outcome, Outcome::Applied | Outcome::Unchanged) {
            open.push(desired.key.to_string());
        }
    }
    if played.receipt.is_none() {
        ensure!(played.exit != Exit::Done, "done without a word");
        return Ok(());
    }
    ensure!((played.exit == Exit::Done) <= open.is_empty(), "exit 0, and {open:?} are not done");
    ensure!(!open.is_empty() || played.exit != Exit::Failed, "exit 1, and nothing failed");
    ensure!(played.exit != Exit::Refused || !left_something, "exit 3, and something was sent");
    let failed_whole = |name: &String| !words.contains(name.as_str()) && !words.contains("error");
    ensure!(!open.iter().any(failed_whole), "{open:?} are not done and not named:\n{words}");
    if left_something {
        // Of the other document it may be true, and then it stands with that one alone.
        let verdict = played.receipt.as_ref().map(report::applied::verdict).unwrap_or_default();
        let untrue = ["nothing was sent", "nothing was changed"].iter().find(|untrue| verdict.contains(**untrue));
        ensure!(untrue.is_none(), "something was sent, and the verdict is: {verdict}");
    }
    ensure!(open.is_empty() || !words.contains("Apply complete"), "complete, and {open:?} are not done:\n{words}");
    Ok(())
}
