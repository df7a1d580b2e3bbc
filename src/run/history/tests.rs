//! Every order of events up to a length, played by a tenant that is a value: what a history concludes must be true of that
//! tenant, whatever it answered.

use std::sync::LazyLock;
use std::time::Instant;

use serde_json::json;

use super::*;
use crate::documents::receipt::Outcome;
use crate::plan;
use crate::settings;
use crate::text::source::Source;

const SETTINGS: &str = "jitActivationPolicy: {maxActivationPeriodMins: 4h, maxActivationPeriodExtensionMins: 1h}\n";

static DESIRED: LazyLock<DesiredResource> = LazyLock::new(|| {
    let (mut desired, problems) = settings::read(&[Source::new("settings.yaml", SETTINGS)]);
    assert!(problems.is_empty(), "{problems:#?}");
    desired.resources.remove(0)
});

fn before() -> Value {
    json!({"maxActivationPeriodMins": 120, "maxActivationPeriodExtensionMins": 30, "applyToFutureAssignments": true})
}

fn read(desired: &DesiredResource, live: &Value) -> Read {
    let comparison = plan::compare(desired, live).unwrap();
    Read {
        live: document::Live::Stored(live.clone()),
        at: Instant::now(),
        asked_before: 0,
        deprecated: false,
        comparison,
    }
}

/// How the tenant treats a write.
#[derive(Clone, Copy, Debug)]
enum Treats {
    Takes,
    AcceptsOnly,
    TakesAndLoses,
    Loses,
    LosesAndTakesLater,
    TurnsAway,
    EndsToken,
    KeepsToken,
    IsAway,
    Refuses,
}

/// What happens before a read.
#[derive(Clone, Copy, Debug)]
enum Meanwhile {
    Nothing,
    ReadFails,
    OthersMakeOne,
    OthersMakeAnother,
    Interrupt,
}

const TREATS: [Treats; 10] = [
    Treats::Takes,
    Treats::AcceptsOnly,
    Treats::TakesAndLoses,
    Treats::Loses,
    Treats::LosesAndTakesLater,
    Treats::TurnsAway,
    Treats::EndsToken,
    Treats::KeepsToken,
    Treats::IsAway,
    Treats::Refuses,
];
const MEANWHILE: [Meanwhile; 5] = [
    Meanwhile::Nothing,
    Meanwhile::ReadFails,
    Meanwhile::OthersMakeOne,
    Meanwhile::OthersMakeAnother,
    Meanwhile::Interrupt,
];

/// What the play knows and the history does not.
struct Truth {
    live: Value,
    /// A write that takes effect before the next read but one.
    late: Option<Value>,
    /// Settings that a write of this run changed.
    took: Vec<String>,
    writes: usize,
    interrupted: bool,
}

impl Truth {
    fn take(&mut self, changes: &[Change]) {
        for change in changes {
            document::put(change.setting, &mut self.live, &change.after);
            self.took.push(change.setting.to_string());
        }
    }
}

use crate::resource::document;

fn failure(message: &str) -> Failure {
    Failure::failed(message, "")
}

/// Plays one order of events; `choices` answers the questions in turn and says how many answers there were to choose from.
fn play(choices: &mut dyn FnMut(usize) -> usize) -> (Truth, Done, String) {
    let desired = &*DESIRED;
    let pace = Pace { reads: 2, resends: 1, ..Pace::default() };
    let mut history = History::new(desired, read(desired, &before()), 1, pace);
    let mut truth = Truth { live: before(), late: None, took: Vec::new(), writes: 0, interrupted: false };
    let mut told = String::new();
    // The plan may be older than a write allows; a read of this run never is.
    let mut fresh = choices(2) == 0;
    // Whether it is known of every write so far that it was not carried out.
    let mut certain = true;
    for _ in 0..40 {
        match history.next(Now { interrupted: truth.interrupted, fresh }) {
            Step::End => {
                let done = history.conclude(truth.interrupted);
                return (truth, done, told);
            }
            Step::Send => {
                assert!(!truth.interrupted, "sent after an interrupt: {told}");
                let sent = history.last_read().unwrap().clone();
                let treats = TREATS[choices(TREATS.len())];
                told.push_str(&format!("{treats:?} "));
                history.push(Event::Sent(sent.clone()));
                truth.writes += 1;
                let changes = &sent.comparison.changes;
                let lost = || Answer::Lost { failure: failure("503"), asked: None };
                history.push(Event::Answered(match treats {
                    Treats::Takes => {
                        truth.take(changes);
                        Answer::Accepted { tracking_id: None, note: None }
                    }
                    Treats::AcceptsOnly => Answer::Accepted { tracking_id: None, note: None },
                    Treats::TakesAndLoses => {
                        truth.take(changes);
                        lost()
                    }
                    Treats::Loses => lost(),
                    Treats::LosesAndTakesLater => {
                        let mut later = Truth {
                            live: truth.live.clone(),
                            late: None,
                            took: Vec::new(),
                            writes: 0,
                            interrupted: false,
                        };
                        later.take(changes);
                        truth.took.extend(later.took);
                        truth.late = Some(later.live);
                        lost()
                    }
                    Treats::TurnsAway => Answer::TurnedAway(failure("429")),
                    Treats::EndsToken => Answer::TokenEnded(failure("401")),
                    Treats::KeepsToken => {
                        truth.writes -= 1;
                        Answer::NotSent(failure("no token"))
                    }
                    Treats::IsAway => {
                        truth.writes -= 1;
                        Answer::Unreached(failure("connection refused"))
                    }
                    Treats::Refuses => Answer::Refused(failure("400")),
                }));
                certain &= !matches!(
                    treats,
                    Treats::Takes
                        | Treats::AcceptsOnly
                        | Treats::TakesAndLoses
                        | Treats::Loses
                        | Treats::LosesAndTakesLater
                );
                let is_told = match history.certain() {
                    None => !certain,
                    Some(Certain::NoneLeft) => certain && truth.writes == 0,
                    Some(Certain::TurnedDown(_)) => certain && truth.writes > 0,
                };
                assert!(is_told, "{told}");
            }
            Step::Read(_) | Step::Wait(_) => {
                fresh = true;
                let meanwhile = MEANWHILE[choices(MEANWHILE.len())];
                told.push_str(&format!("{meanwhile:?} "));
                let shown = truth.live.clone();
                match meanwhile {
                    Meanwhile::Nothing => {}
                    Meanwhile::ReadFails => {
                        history.push(Event::Read(Err(failure("500"))));
                        continue;
                    }
                    Meanwhile::OthersMakeOne => truth.live["maxActivationPeriodExtensionMins"] = json!(60),
                    Meanwhile::OthersMakeAnother => truth.live["maxActivationPeriodMins"] = json!(600),
                    Meanwhile::Interrupt => truth.interrupted = true,
                }
                let live = if matches!(meanwhile, Meanwhile::Nothing) { shown } else { truth.live.clone() };
                history.push(Event::Read(Ok(Arc::new(read(desired, &live)))));
                if let Some(late) = truth.late.take() {
                    truth.live = late;
                }
            }
        }
    }
    panic!("it goes on for ever: {told}");
}

fn check(truth: &Truth, done: &Done, told: &str) {
    let place = format!("{told}-> {done:#?}");
    let shows = |live: &Value| plan::compare(&DESIRED, live).unwrap().changes.is_empty();
    let wrote: Vec<String> =
        done.wrote.iter().flat_map(|(_, changes)| changes).map(|change| change.setting.to_string()).collect();
    match done.outcome {
        Outcome::Applied => assert!(done.after.as_ref().is_some_and(shows) && truth.writes > 0, "{place}"),
        Outcome::Unchanged => assert!(truth.took.is_empty() && done.after.as_ref().is_some_and(shows), "{place}"),
        Outcome::Refused | Outcome::Skipped => assert_eq!(truth.writes, 0, "{place}"),
        Outcome::Failed | Outcome::Unknown => assert!(done.error.is_some(), "{place}"),
        Outcome::Pending => panic!("{place}"),
    }
    // The receipt tells every write that may have left something behind.
    for setting in &truth.took {
        assert!(wrote.contains(setting), "{setting} is not in the receipt: {place}");
    }
    assert_eq!(done.wrote.is_none(), truth.writes == 0, "{place}");
    let says = |text: &str| {
        done.error
            .iter()
            .any(|error| error.message.contains(text) || error.details.iter().any(|line| line.contains(text)))
    };
    if says("nothing was changed") {
        assert!(truth.took.is_empty(), "{place}");
    }
    if says("nothing was sent") {
        assert_eq!(truth.writes, 0, "{place}");
    }
}

#[test]
fn every_order_of_events_is_told_as_it_was() {
    // Counts through all sequences of choices: the last choice that has a next one is moved on, what follows starts over.
    let (mut sequence, mut plays): (Vec<usize>, usize) = (Vec::new(), 0);
    loop {
        let mut taken: Vec<(usize, usize)> = Vec::new();
        let (truth, done, told) = play(&mut |number| {
            // Beyond the length that is played in full, the plainest thing happens.
            let choice = if taken.len() < LENGTH { sequence.get(taken.len()).copied().unwrap_or(0) } else { 0 };
            taken.push((choice, if taken.len() < LENGTH { number } else { 1 }));
            choice
        });
        check(&truth, &done, &told);
        plays += 1;
        while taken.last().is_some_and(|(choice, number)| choice + 1 >= *number) {
            taken.pop();
        }
        let Some((choice, _)) = taken.pop() else { break };
        sequence = taken.into_iter().map(|(choice, _)| choice).chain([choice + 1]).collect();
    }
    assert!(plays > 13_000, "{plays}");
}

const LENGTH: usize = 9;

/// One order of events by name.
fn told(events: &[usize]) -> (Outcome, Option<String>, Vec<String>) {
    let mut events = events.iter().copied();
    let mut first = true;
    let (_, done, _) = play(&mut |_| if std::mem::take(&mut first) { 0 } else { events.next().unwrap_or(0) });
    (done.outcome, done.error.map(|error| error.message), done.notes)
}

fn treats(treats: Treats) -> usize {
    TREATS.iter().position(|other| format!("{other:?}") == format!("{treats:?}")).unwrap()
}

fn meanwhile(meanwhile: Meanwhile) -> usize {
    MEANWHILE.iter().position(|other| format!("{other:?}") == format!("{meanwhile:?}")).unwrap()
}

#[test]
fn a_lost_write_is_never_forgotten() {
    use Meanwhile::{Nothing, OthersMakeAnother, OthersMakeOne};
    use Treats::{AcceptsOnly, Loses, LosesAndTakesLater, Takes, TurnsAway};
    // Lost, then turned away, then one setting moved: the other one may still come.
    let moved =
        [treats(Loses), meanwhile(Nothing), meanwhile(Nothing), treats(TurnsAway), meanwhile(OthersMakeAnother)];
    assert_eq!(told(&moved).0, Outcome::Unknown);
    // Lost, shown only after the repetition was turned away.
    let late = [treats(LosesAndTakesLater), meanwhile(Nothing), meanwhile(Nothing)];
    assert_eq!(told(&late).0, Outcome::Applied);
    // Accepted, and no read shows it.
    let (outcome, message, _) = told(&[treats(AcceptsOnly), meanwhile(Nothing), meanwhile(Nothing)]);
    assert_eq!(outcome, Outcome::Unknown);
    assert_eq!(
        message.as_deref(),
        Some("2 settings were sent and accepted by the tenant, but reading again does not show it")
    );
    // Another admin makes one of the changes while the tenant asks to wait: only the other one is ours.
    let half = [treats(TurnsAway), meanwhile(OthersMakeOne), treats(Takes), meanwhile(Nothing)];
    let (outcome, _, notes) = told(&half);
    assert_eq!(
        (outcome, notes),
        (
            Outcome::Applied,
            vec!["made by somebody else before this run could: maxActivationPeriodExtensionMins".to_owned()]
        )
    );
}

#[test]
fn what_was_to_be_deleted_and_is_gone_needs_nothing_more() {
    let file = Source::new("settings.yaml", "approvalsConfig: {ROLE/1: inherit}\n");
    let desired = settings::read(&[file]).0.resources.remove(0);
    let stored = read(&desired, &json!({"scope": "ROLE", "id": "1", "autoApprove": "OFF"}));
    let conclude = |status, then: Value| {
        let mut history = History::new(&desired, stored.clone(), 2, Pace::default());
        let refused = Failure { status: Some(status), ..Failure::failed("DELETE answered", "") };
        history.push(Event::Sent(Arc::new(stored.clone())));
        history.push(Event::Answered(Answer::Refused(refused)));
        history.push(Event::Read(Ok(Arc::new(read(&desired, &then)))));
        let done = history.conclude(false);
        (done.outcome, done.notes)
    };
    let others = || vec!["made by somebody else before this run could: the whole configuration".to_owned()];
    let inherited = || json!({"scope": "TENANT", "id": "9f2c", "autoApprove": "OFF"});
    assert_eq!(conclude(404, inherited()), (Outcome::Unchanged, others()));
    assert_eq!(conclude(403, inherited()), (Outcome::Failed, others()));
    assert_eq!(conclude(404, json!({"scope": "ROLE", "id": "1"})).0, Outcome::Failed);
}

#[test]
fn a_configuration_that_is_gone_meanwhile_is_not_stored_again() {
    let file = Source::new("settings.yaml", "approvalsConfig: {ROLE/1: {autoApprove: OFF}}\n");
    let desired = settings::read(&[file]).0.resources.remove(0);
    let stored = read(&desired, &json!({"scope": "ROLE", "id": "1", "autoApprove": "DIRECT"}));
    let inherited = || Arc::new(read(&desired, &json!({"scope": "TENANT", "id": "9f2c", "autoApprove": "DIRECT"})));
    let now = Now { interrupted: false, fresh: true };
    let mut history = History::new(&desired, stored.clone(), 2, Pace::default());
    assert_eq!(history.next(now), Step::Send);
    history.push(Event::Read(Ok(inherited())));
    assert_eq!(history.next(now), Step::End);
    let done = history.conclude(false);
    let details = vec!["the configuration is not stored any more, and the write would store it again".to_owned()];
    assert_eq!((done.outcome, done.error.map(|error| error.details)), (Outcome::Refused, Some(details.clone())));
    // After a write that the tenant turned away.
    let mut history = History::new(&desired, stored.clone(), 2, Pace::default());
    history.push(Event::Sent(Arc::new(stored)));
    history.push(Event::Answered(Answer::TurnedAway(Failure { status: Some(429), ..Failure::failed("429", "") })));
    history.push(Event::Read(Ok(inherited())));
    assert_eq!(history.next(now), Step::End);
    let done = history.conclude(false);
    assert_eq!((done.outcome, done.error.map(|error| error.details)), (Outcome::Failed, Some(details)));
}

#[test]
fn a_value_of_the_wrong_type_is_seen_twice_however_few_reads_a_run_may_make() {
    let file = Source::new("settings.yaml", "accessRequestConfig: {apiVersion: beta, autoApprovalEnabled: false}\n");
    let desired = settings::read(&[file]).0.resources.remove(0);
    let live =
        |external: Value| read(&desired, &json!({"autoApprovalEnabled": true, "approvalsMustBeExternal": external}));
    let now = Now { interrupted: false, fresh: true };
    let mut history = History::new(&desired, live(json!(true)), 2, Pace { reads: 1, ..Pace::default() });
    history.push(Event::Read(Ok(Arc::new(live(json!("sixty"))))));
    assert_eq!(history.next(now), Step::Read(Duration::ZERO));
    history.push(Event::Read(Ok(Arc::new(live(json!("sixty"))))));
    assert_eq!(history.next(now), Step::Send);
}
