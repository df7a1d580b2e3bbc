//! How far a phase that takes long has come: on a terminal one line that is drawn again in place and is gone at the end,
//! elsewhere a line from time to time. A bar of a crate would draw past [`Ui`], which hides secrets and keeps commands out of
//! CI logs.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::json;
use unicode_width::UnicodeWidthStr as _;

use super::Ui;
use crate::text::list::{few, few_of};
use crate::text::number::count;
use crate::text::printable::printable_line;

/// How many tenants are named at once.
const NAMED: usize = 3;

/// The longest name and the longest reason, in characters.
const LONGEST: usize = 60;

/// How many waits of a phase a log has a line for. Of many tenants that are turned away, the others would bury the rest of it.
const WAITS: usize = 10;

/// How many reasons of the others are named, and the longest of them, in characters.
const REASONS: usize = 5;
const LONGEST_REASON: usize = 120;

/// How often something is shown.
#[derive(Clone, Copy, Debug)]
struct Rhythm {
    first: Duration,
    then: Duration,
}

const ON_A_TERMINAL: Rhythm = Rhythm { first: Duration::from_secs(1), then: Duration::from_millis(200) };
const IN_A_LOG: Rhythm = Rhythm { first: Duration::from_secs(10), then: Duration::from_secs(10) };

/// Where the phases of a run are told; by default nowhere.
#[derive(Clone, Debug, Default)]
pub struct Progress(Option<Arc<Shared>>);

#[derive(Debug)]
struct Shared {
    ui: Ui,
    rhythm: Rhythm,
    phase: Mutex<Option<Phase>>,
    over: Condvar,
}

/// What a run is doing.
#[derive(Debug)]
struct Phase {
    verb: &'static str,
    began: Instant,
    total: usize,
    done: usize,
    /// The tenants that are dealt with now, longest first.
    tenants: Vec<Running>,
    /// How many waits were told.
    waits: usize,
    /// How many were not, by the reason.
    more_waits: BTreeMap<String, usize>,
}

#[derive(Debug)]
struct Running {
    name: String,
    host: String,
    /// What it is waited for.
    waits_for: String,
}

impl Progress {
    /// Returns where the phases of a run are told, unless asked to be quiet.
    #[must_use]
    pub fn of(ui: Ui) -> Progress {
        let rhythm = if ui.draws() { ON_A_TERMINAL } else { IN_A_LOG };
        Progress::at(ui, rhythm)
    }

    fn at(ui: Ui, rhythm: Rhythm) -> Progress {
        let shared = Shared { ui, rhythm, phase: Mutex::new(None), over: Condvar::new() };
        Progress((!ui.is_quiet()).then(|| Arc::new(shared)))
    }

    /// Returns whether the terminal shows what a tenant is waited for now.
    #[must_use]
    pub fn draws(&self) -> bool {
        self.0.as_ref().is_some_and(|shared| shared.ui.draws() && shared.lock().is_some())
    }

    /// Begins a phase over so many tenants; it ends when the result is dropped.
    #[must_use]
    pub fn begin(&self, verb: &'static str, total: usize) -> Begun {
        let Some(shared) = &self.0 else { return Begun(None) };
        *shared.lock() = Some(Phase::new(verb, total));
        let teller = std::thread::spawn({
            let shared = Arc::clone(shared);
            move || shared.tell()
        });
        Begun(Some((Arc::clone(shared), Some(teller))))
    }

    /// Takes note that a tenant is dealt with, until the result is dropped.
    #[must_use]
    pub fn tenant(&self, name: &str, host: &str) -> Tenant {
        let _ = self.change(|phase| {
            let (name, host) = (name.to_owned(), host.to_owned());
            phase.tenants.push(Running { name, host, waits_for: String::new() });
        });
        Tenant { progress: self.clone(), name: name.to_owned() }
    }

    /// Takes note of what a tenant is waited for.
    pub fn waits_for(&self, host: &str, what: &str) {
        let _ = self.change(|phase| {
            for running in phase.tenants.iter_mut().filter(|running| running.host == host) {
                what.clone_into(&mut running.waits_for);
            }
        });
    }

    /// Returns whether a log has a line for a wait. The others are counted, and their sum is told at the end of the phase.
    #[must_use]
    pub fn tells_wait(&self, reason: &str) -> bool {
        self.change(|phase| phase.tells_wait(reason)).unwrap_or(true)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Phase) -> T) -> Option<T> {
        self.0.as_ref()?.lock().as_mut().map(change)
    }
}

/// A phase that goes on.
#[derive(Debug)]
pub struct Begun(Option<(Arc<Shared>, Option<JoinHandle<()>>)>);

impl Drop for Begun {
    fn drop(&mut self) {
        let Some((shared, teller)) = &mut self.0 else { return };
        let phase = shared.lock().take();
        shared.over.notify_all();
        // It waits for nothing but the end of the phase.
        let _ = teller.take().map(JoinHandle::join);
        shared.ui.erase();
        if let Some(more) = phase.and_then(|phase| phase.more_waits()) {
            shared.ui.say(&more);
        }
    }
}

/// A tenant that is dealt with.
#[derive(Debug)]
pub struct Tenant {
    progress: Progress,
    name: String,
}

impl Drop for Tenant {
    fn drop(&mut self) {
        let _ = self.progress.change(|phase| {
            if let Some(at) = phase.tenants.iter().position(|running| running.name == self.name) {
                phase.tenants.remove(at);
            }
            phase.done += 1;
        });
    }
}

impl Shared {
    /// A panic of another thread leaves the numbers as they are.
    fn lock(&self) -> MutexGuard<'_, Option<Phase>> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells of the phase until it ends.
    fn tell(&self) {
        let mut wait = self.rhythm.first;
        let mut phase = self.lock();
        loop {
            let goes_on = |phase: &mut Option<Phase>| phase.is_some();
            let (held, waited) =
                self.over.wait_timeout_while(phase, wait, goes_on).unwrap_or_else(PoisonError::into_inner);
            let (true, Some(told)) = (waited.timed_out(), held.as_ref()) else { return };
            let (seconds, done, total) = (told.began.elapsed().as_secs(), told.done, told.total);
            if self.ui.draws() {
                self.ui.draw(|width| told.line(seconds, width));
            } else {
                let fields = json!({"event": "progress", "done": done, "total": total, "seconds": seconds});
                self.ui.event_to_all(&told.text(seconds), &fields);
            }
            wait = self.rhythm.then;
            phase = held;
        }
    }
}

impl Phase {
    fn new(verb: &'static str, total: usize) -> Phase {
        let (tenants, more_waits) = (Vec::new(), BTreeMap::new());
        Phase { verb, began: Instant::now(), total, done: 0, tenants, waits: 0, more_waits }
    }

    fn tells_wait(&mut self, reason: &str) -> bool {
        if self.waits < WAITS {
            self.waits += 1;
            return true;
        }
        *self.more_waits.entry(reason.to_owned()).or_default() += 1;
        false
    }

    /// Returns the waits that were not told, in one line; `None` if there were none.
    fn more_waits(&self) -> Option<String> {
        let total: usize = self.more_waits.values().sum();
        let mut reasons: Vec<(&String, &usize)> = self.more_waits.iter().collect();
        reasons.sort_by_key(|(_, number)| std::cmp::Reverse(**number));
        let times = |(reason, number): &(&String, &usize)| {
            format!("{} {}", printable_line(reason, LONGEST_REASON), count(**number, "time", "times"))
        };
        let told = few_of(&reasons, REASONS, times);
        (total > 0).then(|| {
            format!(
                "{} before a request was sent again: {told} (-v tells each)",
                count(total, "more wait", "more waits")
            )
        })
    }

    /// Returns the phase for a log.
    fn text(&self, seconds: u64) -> String {
        let Phase { verb, total, done, .. } = self;
        let waiting = self.waiting(NAMED, true);
        let waiting = if waiting.is_empty() { String::new() } else { format!("; waiting for {waiting}") };
        format!("{verb}: {done} of {}, {seconds} s{waiting}", count(*total, "tenant", "tenants"))
    }

    /// Returns the phase for a terminal of so many columns.
    fn line(&self, seconds: u64, width: usize) -> String {
        const BAR: usize = 20;
        let Phase { verb, total, done, .. } = self;
        let full = (BAR * done).checked_div(*total).unwrap_or(BAR).min(BAR);
        // On a narrow terminal whom it waits for says more.
        let bar = match width {
            0..70 => String::new(),
            _ => format!("[{}{}] ", "=".repeat(full), " ".repeat(BAR - full)),
        };
        let text = format!("{verb} {bar}{done} of {}, {seconds} s", count(*total, "tenant", "tenants"));
        // A line that fills the last column wraps on some terminals, and is not erased whole then; nor is one with the ^C that
        // a terminal puts after it.
        let width = width.saturating_sub(3);
        // Fewer names rather than half of one, and a name rather than what it is waited for.
        let forms = [(NAMED, true), (1, true), (NAMED, false), (1, false)];
        let lines = forms.into_iter().map(|(names, reasons)| self.waiting(names, reasons));
        let mut lines =
            lines.filter(|waiting| !waiting.is_empty()).map(|waiting| format!("{text}, waiting for {waiting}"));
        let line = lines.find(|line| line.width() <= width).unwrap_or(text);
        line.chars().take(width).collect()
    }

    /// Returns the first tenants that are waited for, and how many more there are.
    fn waiting(&self, names: usize, reasons: bool) -> String {
        let named = self.tenants.iter().map(|Running { name, waits_for, .. }| {
            let name = printable_line(name, LONGEST);
            if waits_for.is_empty() || !reasons {
                name.into_owned()
            } else {
                format!("{name} ({})", printable_line(waits_for, LONGEST))
            }
        });
        let named: Vec<String> = named.collect();
        few(&named, names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::global::{ColorWhen, LogFormat};

    fn phase() -> Phase {
        let running = |name: &str, waits_for: &str| Running {
            name: name.to_owned(),
            host: format!("{name}.example"),
            waits_for: waits_for.to_owned(),
        };
        let tenants = vec![
            running("t012", "answered 429 Too Many Requests, try 2 of 5"),
            running("t055", ""),
            running("a", ""),
            running("b", ""),
        ];
        Phase { done: 37, tenants, ..Phase::new("Reading", 100) }
    }

    #[test]
    fn it_says_how_far_it_is_and_whom_it_waits_for() {
        assert_eq!(
            phase().text(12),
            "Reading: 37 of 100 tenants, 12 s; waiting for t012 (answered 429 Too Many Requests, try 2 of 5), t055, a and 1 more"
        );
        let bar = "Reading [=======             ] 37 of 100 tenants, 12 s";
        let reason = "t012 (answered 429 Too Many Requests, try 2 of 5)";
        for (width, line) in [
            (150, format!("{bar}, waiting for {reason}, t055, a and 1 more")),
            (135, format!("{bar}, waiting for {reason} and 3 more")),
            (100, format!("{bar}, waiting for t012, t055, a and 1 more")),
            (90, format!("{bar}, waiting for t012 and 3 more")),
            (80, bar.to_owned()),
            (69, "Reading 37 of 100 tenants, 12 s, waiting for t012 and 3 more".to_owned()),
            (60, "Reading 37 of 100 tenants, 12 s".to_owned()),
            (20, "Reading 37 of 100".to_owned()),
        ] {
            assert_eq!(phase().line(12, width), line, "{width}");
        }
    }

    #[test]
    fn a_log_has_the_first_waits_and_the_sum_of_the_others() {
        let mut phase = phase();
        assert_eq!(phase.more_waits(), None);
        let told = (0..WAITS).filter(|_| phase.tells_wait("answered 429")).count();
        assert_eq!((told, phase.more_waits()), (WAITS, None));
        for reason in ["no answer", "answered 429", "answered 429", "e\u{1b}", "f", "g", "reset"] {
            assert!(!phase.tells_wait(reason));
        }
        assert_eq!(
            phase.more_waits().as_deref(),
            Some(
                "7 more waits before a request was sent again: answered 429 2 times, e\\u{1b} 1 time, f 1 time, g 1 time, \
                 no answer 1 time and 1 more (-v tells each)"
            )
        );
    }

    #[test]
    fn a_hostile_name_does_not_act() {
        let mut phase = phase();
        phase.tenants[0].name = "\u{1b}[2Jx\n::error::".to_owned();
        assert!(!phase.line(1, 200).contains(['\u{1b}', '\n']), "{}", phase.line(1, 200));
    }

    #[test]
    fn a_phase_ends_with_its_guard_and_counts_the_tenants_that_are_done() {
        let progress = Progress::at(
            Ui::for_usage(ColorWhen::Auto, LogFormat::Text),
            Rhythm { first: Duration::from_secs(60), then: Duration::from_secs(60) },
        );
        let began = Instant::now();
        let phase = progress.begin("Reading", 2);
        let one = progress.tenant("one", "one.example");
        progress.waits_for("one.example", "GET /x");
        let told = || progress.0.as_ref().unwrap().lock().as_ref().map(|phase| phase.text(0));
        assert_eq!(told().as_deref(), Some("Reading: 0 of 2 tenants, 0 s; waiting for one (GET /x)"));
        drop(one);
        assert_eq!(told().as_deref(), Some("Reading: 1 of 2 tenants, 0 s"));
        drop(phase);
        assert_eq!(told(), None);
        assert!(began.elapsed() < Duration::from_secs(30), "the end is not waited for");
    }
}
