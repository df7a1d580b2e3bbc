//! What a person at a terminal sees and types: the question, progress, Ctrl-C, colours and widths.
#![cfg(unix)]

use std::io::{Read as _, Write as _};
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};

use crate::harness::{ONE_CHANGE_EACH, Site};

/// Pieces of what was printed, each with the time since the start.
type Printed = Arc<Mutex<Vec<(Duration, Vec<u8>)>>>;

/// A run at a terminal.
struct Terminal<'a> {
    site: &'a Site,
    child: Child,
    pty: Arc<Pty>,
    /// What was printed so far.
    printed: Printed,
    reader: JoinHandle<()>,
}

/// A run at a terminal that has ended.
struct Ended {
    /// Everything that was printed, with what moves the cursor and colours.
    bytes: String,
    /// What stands on the screen and above it.
    screen: String,
    code: Option<i32>,
}

impl Terminal<'_> {
    fn start<'a>(site: &'a Site, columns: u16, args: &[&str]) -> Terminal<'a> {
        let (pty, pts) = open().unwrap();
        pty.resize(Size::new(24, columns)).unwrap();
        let bare = site.command();
        let mut command = Command::new(bare.get_program());
        command = command.args(bare.get_args()).args(args).env_clear().env("TERM", "xterm-256color");
        command = command.current_dir(bare.get_current_dir().unwrap());
        for (name, value) in bare.get_envs() {
            command = command.env(name, value.unwrap());
        }
        let began = Instant::now();
        let child = command.spawn(pts).unwrap();
        let (pty, printed) = (Arc::new(pty), Printed::default());
        let reader = std::thread::spawn({
            let (pty, printed) = (pty.clone(), printed.clone());
            move || {
                let mut bytes = [0; 4096];
                // At the end of the last process Linux answers with an error and others with nothing.
                while let Ok(length @ 1..) = (&*pty).read(&mut bytes) {
                    printed.lock().unwrap().push((began.elapsed(), bytes[..length].to_vec()));
                }
            }
        });
        Terminal { site, child, pty, printed, reader }
    }

    fn bytes(&self) -> String {
        let printed = self.printed.lock().unwrap();
        let bytes: Vec<u8> = printed.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Returns how long after the start a text was first there in full.
    fn when(&self, text: &str) -> Option<Duration> {
        let mut so_far = String::new();
        let printed = self.printed.lock().unwrap();
        printed.iter().find_map(|(when, bytes)| {
            so_far.push_str(&String::from_utf8_lossy(bytes));
            so_far.contains(text).then_some(*when)
        })
    }

    /// Waits until a text was printed.
    fn sees(&self, text: &str) {
        for _ in 0..3000 {
            if self.when(text).is_some() {
                return;
            }
            sleep(Duration::from_millis(10));
        }
        panic!("{text:?} does not come; printed so far:\n{}", self.bytes());
    }

    /// Presses keys.
    fn types(&self, keys: &str) {
        (&*self.pty).write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for the end.
    fn end(mut self) -> Ended {
        let code = self.child.wait().unwrap().code();
        // The reader has what is left when nothing comes any more; on some systems it would wait for ever.
        let mut length = usize::MAX;
        while !self.reader.is_finished() && self.bytes().len() != length {
            length = self.bytes().len();
            sleep(Duration::from_millis(200));
        }
        let bytes = self.bytes();
        Ended { screen: self.site.redacted(&screen(&bytes)), bytes, code }
    }
}

/// Returns what stands on the screen after these bytes. Lines are as long as they are: the terminal would break them.
fn screen(bytes: &str) -> String {
    let (mut lines, mut column) = (vec![Vec::new()], 0);
    let mut letters = bytes.chars();
    while let Some(letter) = letters.next() {
        let line = lines.last_mut().unwrap();
        match letter {
            '\r' => column = 0,
            '\n' => lines.push(Vec::new()),
            '\u{1b}' => {
                assert_eq!(letters.next(), Some('['), "an escape sequence that is not known in {bytes:?}");
                // Colours change nothing, and the line is cleared.
                if letters.by_ref().find(char::is_ascii_alphabetic) == Some('K') {
                    line.clear();
                }
            }
            letter => {
                line.resize(line.len().max(column + 1), ' ');
                line[column] = letter;
                column += 1;
            }
        }
    }
    let lines: Vec<String> = lines.into_iter().map(|line| line.into_iter().collect::<String>()).collect();
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// A rollout to a practice tenant: something loosens, something tightens.
const LOOSENS_AND_TIGHTENS: &str = "\
jitActivationPolicy:
  maxActivationPeriodMins: 4h
  maxActivationPeriodExtensionMins: 15m
accessRequestConfig:
  apiVersion: v2
  entitlementRequestConfig: {accessRequestConfig: {requestCommentRequired: true}}
";

#[test]
fn the_question_is_asked_after_the_plan_and_only_a_whole_yes_goes_on() {
    let whole = ": the answer has to be yes, in full and in small letters;";
    for (answer, why) in
        [("y", whole), ("yes please", "; nothing was sent"), ("YES", whole), ("", "; nothing was sent")]
    {
        let site = Site::new().tenant().workspace(ONE_CHANGE_EACH);
        let run = Terminal::start(&site, 80, &["apply"]);
        run.sees("Enter a value: ");
        run.types(&format!("{answer}\r"));
        let run = run.end();
        assert_eq!((run.code, site.writes().len()), (Some(3), 0), "{answer}: {}", run.screen);
        assert!(run.screen.contains(&format!("error: not approved{why}\n")), "{}", run.screen);
        assert_eq!(run.screen.contains("to answer again: sailplan apply\n"), why == whole, "{}", run.screen);
        assert!(run.screen.contains("sailplan plan --out FILE\n"), "{}", run.screen);
    }
    let site = Site::new().tenant().workspace(ONE_CHANGE_EACH);
    let run = Terminal::start(&site, 80, &["apply"]);
    run.sees("Enter a value: ");
    assert_eq!(site.writes().len(), 0);
    run.types("yes\r");
    let run = run.end();
    assert_eq!((run.code, site.writes().len()), (Some(0), 2));
    insta::assert_snapshot!("terminal_apply_80", run.screen);
}

#[test]
fn the_plan_is_shown_before_the_question_whatever_messages_are_wanted() {
    for flags in [["--log-format", "json"], ["-q", "--no-such"]] {
        let site = Site::new().tenant().workspace(ONE_CHANGE_EACH);
        let flags: Vec<&str> = flags.into_iter().filter(|flag| *flag != "--no-such").chain(["apply"]).collect();
        let run = Terminal::start(&site, 80, &flags);
        run.sees("Enter a value: ");
        let before = run.bytes();
        assert!(before.contains("A single activation will last at most 4 hours"), "{before}");
        run.types("\u{4}");
        let run = run.end();
        assert_eq!((run.code, site.writes().len()), (Some(3), 0), "{}", run.screen);
        // The end of input at the question leaves the error on a line of its own.
        assert!(run.screen.lines().any(|line| line.ends_with("Enter a value:")), "{}", run.screen);
    }
}

#[test]
fn every_line_fits_the_terminal() {
    for columns in [60, 80, 120] {
        let site = Site::new().tenant().workspace(LOOSENS_AND_TIGHTENS);
        let runs: [&[&str]; 5] = [
            &["plan"],
            &["plan", "--out", "plan.json"],
            &["apply", "plan.json"],
            &["tenants"],
            &["explain", "maxActivationPeriodMins"],
        ];
        for args in runs {
            let run = Terminal::start(&site, columns, args).end();
            assert_eq!(run.code, Some(0), "{}", run.screen);
            // What is to be copied stays whole.
            let starts = ["sailplan ", "sha256:", "https://"];
            let is_copied = |line: &str| starts.iter().any(|start| line.trim_start().starts_with(start));
            let long = |line: &&str| line.chars().count() > usize::from(columns) && !is_copied(line);
            let long: Vec<&str> = run.screen.lines().filter(long).collect();
            assert!(long.is_empty(), "{args:?} at {columns}: {long:#?}");
            if args == ["plan"] {
                insta::assert_snapshot!(format!("terminal_plan_{columns}"), site.without_digests(&run.screen));
            }
        }
    }
}

#[test]
fn colour_says_gravity_and_only_where_it_is_wanted() {
    let site = Site::new().tenant().workspace(LOOSENS_AND_TIGHTENS);
    let run = Terminal::start(&site, 80, &["plan"]).end();
    let styled = |style: &str, text: &str| run.bytes.contains(&format!("\u{1b}[{style}m{text}"));
    assert!(styled("31", "loosens"), "{:?}", run.bytes);
    assert!(styled("32", "tightens"), "{:?}", run.bytes);
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let site = Site::new().tenant().workspace(LOOSENS_AND_TIGHTENS).variable(name, value);
        let run = Terminal::start(&site, 80, &["plan"]).end();
        assert!(!run.bytes.contains('\u{1b}'), "{name}: {:?}", run.bytes);
    }
}

#[test]
fn progress_comes_after_a_second_and_leaves_nothing_behind() {
    let site = Site::new().tenant().workspace(ONE_CHANGE_EACH).fault("stall GET seconds=3 times=2");
    let run = Terminal::start(&site, 80, &["plan"]);
    run.sees("Reading [");
    let first = run.when("Reading [").unwrap();
    let line = run.bytes();
    run.sees("Plan: ");
    let run = run.end();
    assert!(first >= Duration::from_millis(950), "{first:?}");
    assert!(line.contains("0 of 1 tenant") && line.contains("waiting for prod"), "{line:?}");
    assert!(!run.screen.contains("Reading") && !run.screen.contains("waiting for"), "{}", run.screen);
    // The same run without a wait leaves the same screen.
    let quick = Terminal::start(&site, 80, &["plan"]).end();
    let without_times = |screen: &str| screen.lines().filter(|line| !line.contains("[TIME]")).count();
    assert_eq!(without_times(&run.screen), without_times(&quick.screen));
    assert!(!quick.bytes.contains("Reading ["), "{:?}", quick.bytes);
}

#[test]
fn quiet_and_a_terminal_that_cannot_draw_have_no_line_that_is_drawn_again() {
    for (quiet, term) in [(true, "xterm"), (false, "dumb")] {
        let site = Site::new().tenant().workspace(ONE_CHANGE_EACH).variable("TERM", term);
        let site = site.fault("stall GET seconds=2 times=2");
        let run = Terminal::start(&site, 80, if quiet { &["plan", "-q"] } else { &["plan"] }).end();
        assert_eq!(run.code, Some(0));
        assert!(!run.bytes.contains("Reading") && !run.bytes.contains("\u{1b}[2K"), "{:?}", run.bytes);
    }
}

#[test]
fn control_c_while_reading_takes_the_progress_away_and_names_the_command() {
    let site = Site::new().tenant().workspace(ONE_CHANGE_EACH).fault("stall GET seconds=30 times=2");
    let run = Terminal::start(&site, 80, &["apply", "--tenant", "p*"]);
    run.sees("Reading [");
    run.types("\u{3}");
    let run = run.end();
    assert_eq!((run.code, site.writes().len()), (Some(130), 0));
    let told: Vec<&str> = run.screen.lines().filter(|line| !line.is_empty() && *line != "^C").collect();
    assert_eq!(told, ["error: interrupted; nothing was sent", "  help: to go on: sailplan apply --tenant 'p*'"]);
}

#[test]
fn control_c_at_the_question_sends_nothing() {
    let site = Site::new().tenant().workspace(ONE_CHANGE_EACH);
    let run = Terminal::start(&site, 80, &["apply"]);
    run.sees("Enter a value: ");
    run.types("\u{3}");
    let run = run.end();
    assert_eq!((run.code, site.writes().len()), (Some(130), 0), "{}", run.screen);
    // The message does not stand on the line of the question.
    let last: Vec<&str> = run.screen.lines().filter(|line| !line.is_empty()).rev().take(2).collect();
    assert_eq!(last, ["  help: to go on: sailplan apply", "error: interrupted; nothing was sent"], "{}", run.screen);
}

#[test]
fn control_c_during_a_write_finishes_it_and_names_the_command_to_go_on_with() {
    let site = Site::new().tenant().workspace(ONE_CHANGE_EACH);
    let (tenants, second) = (site.read("sailplan.yaml"), "    url: practice:.sailplan/second.json\n");
    site.write("sailplan.yaml", &format!("{tenants}  second:\n{second}    settings: [settings/base.yaml]\n"));
    let site = site.fault("stall PUT seconds=2");
    let run = Terminal::start(&site, 80, &["apply", "--yes", "--parallelism", "1"]);
    site.wait_for(|site| site.writes().iter().any(|write| write.starts_with("PUT")));
    run.types("\u{3}");
    run.sees("interrupted: the write in flight is finished");
    let run = run.end();
    assert_eq!(run.code, Some(130), "{}", run.screen);
    assert!(run.screen.contains("\nTo see what is left: sailplan plan\n"), "{}", run.screen);
    assert!(run.screen.contains("\nTo go on: sailplan apply --yes --parallelism 1\n"), "{}", run.screen);
    assert!(!run.screen.contains("Applying ["), "{}", run.screen);
    let again = Terminal::start(&site, 80, &["apply", "--yes", "--parallelism", "1"]).end();
    assert_eq!(again.code, Some(0), "{}", again.screen);
}
