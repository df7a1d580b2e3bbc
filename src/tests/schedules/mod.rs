//! Random schedules of faults, edits by another admin and interrupts, played over real HTTP against the practice tenant by
//! the code behind the commands. What a run says is held against what the tenant saw.
//!
//! `SAILPLAN_SCHEDULES` says how many are played and `SAILPLAN_SEED` which is the first. The same seed makes the same
//! choices; how two runs at the same time interleave is up to the machine.

mod back;
mod check;
mod choose;
mod world;

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use check::{Excused, check, check_interrupt, differences, path_of};
use choose::{Dice, Limits, Pool, Wanted, faults, limits, managed, settings};
use world::{Played, SECRET, World};

use crate::plan;
use crate::practice::witness::Exchange;
use crate::report;
use crate::report::layout::Look;
use crate::resource::instances::Standing;
use crate::run::interrupt::Interrupts;
use crate::ui::Exit;

/// What was played.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    schedules: usize,
    applies: usize,
    at_once: usize,
    both_hold: usize,
    rollbacks: usize,
    rollbacks_with_faults: usize,
    puts: usize,
    journals: usize,
    requests: usize,
    writes: usize,
    faults: usize,
    edits: usize,
    interrupted: usize,
    done: usize,
    failed: usize,
    refused: usize,
    excused: Excused,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.schedules += other.schedules;
        self.applies += other.applies;
        self.at_once += other.at_once;
        self.both_hold += other.both_hold;
        self.rollbacks += other.rollbacks;
        self.rollbacks_with_faults += other.rollbacks_with_faults;
        self.puts += other.puts;
        self.journals += other.journals;
        self.requests += other.requests;
        self.writes += other.writes;
        self.faults += other.faults;
        self.edits += other.edits;
        self.interrupted += other.interrupted;
        self.done += other.done;
        self.failed += other.failed;
        self.refused += other.refused;
        self.excused += other.excused;
    }
}

impl Tally {
    /// Returns whether everything that is checked came about at least once.
    fn reached_everything(&self) -> bool {
        let once = [
            self.done,
            self.failed,
            self.interrupted,
            self.both_hold,
            self.rollbacks_with_faults,
            self.journals,
            self.excused.in_window_of_an_admin,
        ];
        !once.contains(&0)
    }
}

/// One schedule while it is played.
struct Schedule {
    world: World,
    dice: Dice,
    tally: Tally,
    told: String,
    /// Each run with the number of the request that an interrupt came with.
    played: Vec<(Played, Option<usize>)>,
}

impl Schedule {
    fn new(seed: u64) -> Schedule {
        let mut dice = Dice::new(seed);
        let world = World::start(&mut dice);
        Schedule {
            world,
            dice,
            tally: Tally { schedules: 1, ..Tally::default() },
            told: String::new(),
            played: Vec::new(),
        }
    }

    fn play(&mut self) -> Result<()> {
        let runs = 1 + self.dice.below(2);
        for number in 0..runs {
            let stalls = self.dice.percent(1);
            let timeout = if stalls { Duration::from_millis(250) } else { Duration::from_secs(60) };
            let (dice, pools) = (&mut self.dice, &self.world.pools);
            let managed = managed(dice, pools);
            for fault in faults(dice, &managed, stalls) {
                let _ = writeln!(self.told, "fault {fault:?}");
                self.world.practice.inject(fault);
            }
            let wanted: Vec<(&Pool, Wanted)> = managed.into_iter().map(|pool| (pool, pool.wanted(dice))).collect();
            if dice.percent(25) {
                let files = split(&wanted);
                self.two_at_once(&files, number, timeout)?;
            } else {
                let file = settings(&wanted);
                self.one(&file, number, timeout)?;
            }
            self.world.practice.calm();
            // What is late lands when the run is over; before the next one, or during it.
            if self.dice.percent(50) {
                self.world.practice.land();
            }
        }
        self.world.practice.land();
        if self.dice.percent(30) {
            return self.roll_back();
        }
        self.converge()?;
        // An edit of `heal` that met no read must not meet the rollback.
        self.world.practice.calm();
        self.roll_back()
    }

    fn one(&mut self, file: &str, number: usize, timeout: Duration) -> Result<()> {
        let workspace = self.world.checkout("one", file);
        let limits = limits(&mut self.dice, timeout);
        let who = format!("run-{number}");
        let interrupt = self.dice.percent(20).then(|| (self.dice.below(12), if self.dice.percent(20) { 2 } else { 1 }));
        self.apply(&[(who, &workspace, limits)], interrupt)
    }

    /// Two checkouts that manage different settings of each document.
    fn two_at_once(&mut self, [left, right]: &[String; 2], number: usize, timeout: Duration) -> Result<()> {
        let (left, right) = (self.world.checkout("left", left), self.world.checkout("right", right));
        let limits = limits(&mut self.dice, timeout);
        self.tally.at_once += 1;
        self.apply(
            &[(format!("left-{number}"), &left, limits.clone()), (format!("right-{number}"), &right, limits)],
            None,
        )
    }

    /// Plays runs at the same time and holds each against the invariants. The first may be interrupted at a request.
    fn apply(&mut self, runs: &[(String, &Path, Limits)], interrupt: Option<(usize, u32)>) -> Result<()> {
        let before = self.world.practice.exchanges().len();
        let (sender, told) = Interrupts::told();
        let (_other, never) = Interrupts::told();
        let come: std::sync::Arc<Mutex<Option<usize>>> = Default::default();
        if let (Some((skip, times)), Some((who, ..))) = (interrupt, runs.first()) {
            let come = come.clone();
            self.world.practice.when(who, skip, move || {
                *come.lock().unwrap() = Some(skip);
                sender.send_replace(times);
            });
        }
        let world = &self.world;
        let played: Vec<Played> = std::thread::scope(|scope| {
            let threads: Vec<_> = runs
                .iter()
                .enumerate()
                .map(|(number, (who, workspace, limits))| {
                    let interrupts = if number == 0 { &told } else { &never };
                    scope.spawn(move || world.apply(who, workspace, limits, interrupts))
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let exchanges = self.world.practice.exchanges();
        let come = *come.lock().unwrap();
        for run in &played {
            let _ = writeln!(self.told, "{}: {:?}, wants {}", run.who, run.exit, wants(run));
        }
        for exchange in &exchanges[before..] {
            let _ = writeln!(self.told, "  {exchange}{}", moved(exchange));
        }
        for run in &played {
            let words =
                run.receipt.as_ref().map(|receipt| report::applied::text(receipt, Look::WHOLE)).unwrap_or_default();
            let _ = writeln!(self.told, "--- {} says\n{}{words}", run.who, run.err);
        }
        let excused = self.tally.excused;
        let all_done = played.iter().all(|run| run.exit == Exit::Done);
        let runs = played.len();
        for run in played {
            self.count(&run);
            check(&run, &exchanges, &mut self.tally.excused)?;
            self.check_secrets(&[&run.out, &run.err])?;
            let at = come.filter(|_| run.interrupted);
            if let Some(at) = at {
                let own = |exchange: &&Exchange| exchange.who == run.who && exchange.lands.is_none();
                let own: Vec<&Exchange> = exchanges.iter().filter(own).collect();
                check_interrupt(own[at], &own[at + 1..])?;
                ensure!(run.exit == Exit::Interrupted, "interrupted, and the exit code is {:?}", run.exit);
            }
            self.played.push((run, at));
        }
        let others = |exchange: &Exchange| exchange.before != exchange.edited || exchange.lands.is_some();
        if all_done && excused == self.tally.excused && !exchanges[before..].iter().any(others) {
            self.check_all_hold(runs)?;
            self.tally.both_hold += usize::from(runs > 1);
        }
        Ok(())
    }

    /// Where nothing is excused and there was no other edit, the settings of the last `runs`, which are done, all hold.
    fn check_all_hold(&self, runs: usize) -> Result<()> {
        let last = &self.played[self.played.len() - runs..];
        for desired in last.iter().flat_map(|(run, _)| &run.desired.resources) {
            let live = self.world.practice.shown(&path_of(desired));
            if runs > 1 && desired.key.standing(&live) == Standing::Inherited {
                // What it inherits is a matter of the other run.
                continue;
            }
            let changes = plan::compare(desired, &live).map(|found| found.changes).unwrap_or_default();
            let open: Vec<String> = changes.iter().map(|change| change.setting.to_string()).collect();
            ensure!(open.is_empty(), "every run is done, and {open:?} are not as one of them wants");
        }
        Ok(())
    }

    fn count(&mut self, run: &Played) {
        self.tally.applies += 1;
        match run.exit {
            Exit::Done => self.tally.done += 1,
            Exit::Interrupted => self.tally.interrupted += 1,
            Exit::Refused => self.tally.refused += 1,
            _ => self.tally.failed += 1,
        }
    }

    /// Looks for secrets in these texts, in all files that are kept, and in the journals as they were during the runs.
    fn check_secrets(&self, texts: &[&str]) -> Result<()> {
        let tokens = self.world.practice.tokens();
        let (kept, journals) = (self.world.kept(), self.world.journals());
        let texts: Vec<&str> = texts.iter().copied().chain([kept.as_str(), journals.as_str()]).collect();
        for secret in tokens.iter().map(String::as_str).chain([SECRET]) {
            ensure!(!texts.iter().any(|text| text.contains(secret)), "a secret is shown or kept");
        }
        Ok(())
    }

    /// A run without faults makes what is left, and leaves nothing to plan.
    fn converge(&mut self) -> Result<()> {
        let name = if self.world.folder().join("one.yaml").exists() { "one" } else { "left" };
        let workspace = self.world.folder().join(format!("{name}.sailplan.yaml"));
        self.heal();
        self.apply(&[("following".to_owned(), &workspace, Limits::wide())], None).context("the run that follows")?;
        let inherits_otherwise = self.played.last().is_some_and(|(run, _)| {
            let entries = run.receipt.iter().flat_map(|receipt| receipt.entries());
            let mut errors = entries.filter_map(|(_, entry)| entry.error.as_ref());
            errors.any(|error| error.message.contains("changed what it inherits"))
        });
        if inherits_otherwise {
            // A document that inherited what it should have gets values of its own with the next run.
            self.apply(&[("second".to_owned(), &workspace, Limits::wide())], None)
                .context("the second that follows")?;
        }
        let (run, _) = self.played.last().context("it was played")?;
        ensure!(run.exit == Exit::Done, "a run without faults ends with {:?}", run.exit);
        let (changing, all) = self.world.plan("planning", &workspace, &Limits::wide());
        ensure!(changing == 0 && all > 0, "{changing} of {all} documents have changes after an apply");
        Ok(())
    }

    /// Another admin puts values of the wrong type right: no PUT with them is accepted.
    fn heal(&self) {
        for pool in &self.world.pools {
            let (pointer, wrong, right) = &pool.odd;
            if self.world.practice.shown(&pool.path).pointer(pointer) == Some(wrong) {
                let fault = format!("edit GET {} set='{pointer}={right}'", pool.path);
                self.world.practice.inject(fault.parse().unwrap());
            }
        }
    }
}

/// Deals what is wanted of each document out to two files.
fn split(wanted: &[(&Pool, Wanted)]) -> [String; 2] {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for (number, (pool, wanted)) in wanted.iter().enumerate() {
        let parts: Vec<Wanted> = match wanted {
            Wanted::Inherit => vec![Wanted::Inherit],
            Wanted::Settings(settings) => {
                settings.iter().map(|setting| Wanted::Settings(vec![setting.clone()])).collect()
            }
        };
        for (at, part) in parts.into_iter().enumerate() {
            // The first file has the greater half of the first document, and so on in turn.
            let side = if (number + at) % 2 == 0 { &mut left } else { &mut right };
            side.push((*pool, part));
        }
    }
    if left.is_empty() || right.is_empty() {
        left.append(&mut right);
        right.clone_from(&left);
    }
    [settings(&left), settings(&right)]
}

fn wants(run: &Played) -> String {
    let resources = run.desired.resources.iter();
    let settings = resources.flat_map(|desired| desired.settings.iter().map(|managed| (&desired.key, managed)));
    settings.map(|(key, managed)| format!("{key}{}={} ", managed.setting.pointer, managed.value)).collect()
}

fn moved(exchange: &Exchange) -> String {
    let list = |left: &Value, right: &Value| -> String {
        let moved = differences(left, right).into_iter();
        moved.map(|pointer| format!(" {pointer}={}", right.pointer(&pointer).unwrap_or(&Value::Null))).collect()
    };
    let (edited, done) = (list(&exchange.before, &exchange.edited), list(&exchange.edited, &exchange.after));
    let edited = if edited.is_empty() { edited } else { format!("; another admin:{edited}") };
    if done.is_empty() { edited } else { format!("{edited}; it sets:{done}") }
}

/// Plays one schedule; the error tells its whole story.
fn play(seed: u64) -> Result<Tally, String> {
    let mut schedule = Schedule::new(seed);
    let ended = catch_unwind(AssertUnwindSafe(|| schedule.play()));
    let exchanges = schedule.world.practice.exchanges();
    let requests: Vec<&Exchange> = exchanges.iter().filter(|exchange| exchange.lands.is_none()).collect();
    let of = |method: &str| requests.iter().filter(|exchange| exchange.method == method).count();
    schedule.tally.requests = requests.len();
    schedule.tally.puts = of("PUT");
    schedule.tally.writes = of("PATCH") + of("PUT");
    schedule.tally.faults = requests.iter().filter(|exchange| !exchange.fault.is_empty()).count();
    schedule.tally.journals = schedule.world.journals().lines().count();
    schedule.tally.edits = exchanges.iter().filter(|exchange| exchange.before != exchange.edited).count();
    let reason = match ended {
        Ok(Ok(())) => return Ok(schedule.tally),
        Ok(Err(reason)) => format!("{reason:#}"),
        Err(panic) => match panic.downcast_ref::<String>() {
            Some(text) => format!("a panic: {text}"),
            None => format!("a panic: {:?}", panic.downcast_ref::<&str>()),
        },
    };
    let again = format!("SAILPLAN_SEED={seed} SAILPLAN_SCHEDULES=1 cargo test --lib schedules");
    Err(format!("seed {seed}: {reason}\nplay it again: {again}\n{}", schedule.told))
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn what_a_run_says_is_what_the_tenant_saw() {
    let (first, schedules) = (number("SAILPLAN_SEED", 1), number("SAILPLAN_SCHEDULES", 300));
    let (next, tally, wrong) = (AtomicUsize::new(0), Mutex::new(Tally::default()), Mutex::new(Vec::new()));
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let at = u64::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap();
                    if at >= schedules {
                        break;
                    }
                    match play(first + at) {
                        Ok(played) => *tally.lock().unwrap() += played,
                        Err(story) => wrong.lock().unwrap().push(story),
                    }
                }
            });
        }
    });
    let (tally, wrong) = (tally.into_inner().unwrap(), wrong.into_inner().unwrap());
    println!("{tally:#?} in {:.1} s", began.elapsed().as_secs_f64());
    let reasons: Vec<&str> = wrong.iter().filter_map(|story| story.lines().next()).collect();
    let shown = wrong.iter().take(3).map(String::as_str).collect::<Vec<_>>().join("\n=====\n");
    assert!(wrong.is_empty(), "{} of {schedules} schedules are wrong:\n{shown}\n{}", wrong.len(), reasons.join("\n"));
    assert!(schedules < 300 || tally.reached_everything(), "{tally:#?}");
}

/// Returns the longest chain of requests of which each began after the one before had ended.
fn round_trips(exchanges: &[Exchange]) -> usize {
    let mut ended: Vec<(Instant, Instant)> =
        exchanges.iter().map(|exchange| (exchange.left.unwrap(), exchange.arrived)).collect();
    ended.sort();
    let (mut trips, mut last) = (0, None);
    for (left, arrived) in ended {
        if last.is_none_or(|last| arrived >= last) {
            (trips, last) = (trips + 1, Some(left));
        }
    }
    trips
}

#[test]
fn a_plan_takes_three_requests_in_two_round_trips_and_an_apply_seven_in_four() {
    let world = World::start(&mut Dice::new(1));
    let [policy, requests, ..] = world.pools.as_slice() else { panic!("a tenant has more documents") };
    let setting = "/requestOnBehalfOfConfig/allowRequestOnBehalfOfAnyoneByAnyone";
    let wanted = settings(&[
        (policy, Wanted::Settings(vec![("/maxActivationPeriodMins", 240.into())])),
        (requests, Wanted::Settings(vec![(setting, false.into())])),
    ]);
    let workspace = world.checkout("one", &wanted);
    world.practice.inject("stall times=100 seconds=0.2".parse().unwrap());
    assert_eq!(world.plan("planning", &workspace, &Limits::wide()), (2, 2));
    let planned = world.practice.exchanges();
    assert_eq!((planned.len(), round_trips(&planned)), (3, 2));
    let (_sender, never) = Interrupts::told();
    let played = world.apply("applying", &workspace, &Limits::wide(), &never);
    assert_eq!(played.exit, Exit::Done, "{}", played.err);
    let applied = &world.practice.exchanges()[3..];
    assert_eq!((applied.len(), round_trips(applied)), (7, 4));
}
