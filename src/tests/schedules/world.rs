//! A practice tenant, a checkout beside it, and runs of the code behind the commands.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::Parser as _;
use tempfile::TempDir;

use super::choose::{CONFIGURATIONS, Dice, Limits, Pool};
use crate::cli::{Cli, Command};
use crate::commands;
use crate::documents::receipt::Receipt;
use crate::global::command_line::CommandLine;
use crate::guardrails::Lifts;
use crate::practice::{Options, Practice};
use crate::run::earlier;
use crate::run::interrupt::Interrupts;
use crate::run::read::{self, Network};
use crate::run::send::{self, Approval, ReceiptFormat, Sending};
use crate::settings::Desired;
use crate::tenant::{Address, AllowedHosts, Credentials, Http, HttpOptions};
use crate::ui::progress::Progress;
use crate::ui::{Exit, Stop, Ui, heard};
use crate::workspace::Target;
use crate::workspace::access::{Access, Location};
use crate::workspace::load::Context;

pub const SECRET: &str = "client-secret-that-is-shown-nowhere";

/// A run that has ended.
pub struct Played {
    pub who: String,
    pub exit: Exit,
    pub out: String,
    pub err: String,
    /// What standard output was; `None` if the command ended before it had one.
    pub receipt: Option<Receipt>,
    pub desired: Desired,
    /// Whether an interrupt came while it ran.
    pub interrupted: bool,
}

/// A rollback that has ended.
pub struct RolledBack {
    pub exit: Exit,
    pub out: String,
    pub err: String,
    /// What standard output was; `None` if the command ended before it had one.
    pub receipt: Option<Receipt>,
}

/// The lengths of the journals that were read, and what stood in them.
type Journals = (HashMap<PathBuf, u64>, String);

pub struct World {
    pub practice: Practice,
    pub pools: Vec<Pool>,
    folder: TempDir,
    journals: Arc<Mutex<Journals>>,
}

impl World {
    pub fn start(dice: &mut Dice) -> World {
        // Where there is one, a file system in memory: durability is not what is tested.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let state = folder.path().join("tenant.json");
        let seconds = if dice.percent(10) { 2 } else { 43_200 };
        let practice = Practice::start(Options { token_seconds: seconds, ..Options::new(&state) }).unwrap();
        let mut stored: serde_json::Value = serde_json::from_str(&fs::read_to_string(&state).unwrap()).unwrap();
        for (_, _, slot) in &CONFIGURATIONS {
            let configurations = stored["approvalsConfig"].as_object_mut().unwrap();
            match (dice.percent(50), *slot) {
                (false, "TENANT") if dice.percent(80) => {}
                (false, slot) => drop(configurations.shift_remove(slot)),
                (true, slot) => drop(configurations.entry(slot).or_insert_with(|| {
                    serde_json::json!({"autoApprove": "DIRECT", "reminderConfig": {"enabled": false, "brandNew": 1.50}})
                })),
            }
        }
        for document in ["jitActivationPolicy", "accessRequestConfig"] {
            add_unknown(&mut stored[document]);
        }
        stored["approvalsConfig"].as_object_mut().unwrap().values_mut().for_each(add_unknown);
        fs::write(&state, stored.to_string()).unwrap();
        let journals = Arc::new(Mutex::new(Journals::default()));
        let (receipts, read) = (folder.path().join(".sailplan/receipts"), journals.clone());
        practice.watch(move || read_journals(&receipts, &mut read.lock().unwrap()));
        World { practice, pools: Pool::all(dice), folder, journals }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a workspace and its settings file.
    pub fn checkout(&self, name: &str, settings: &str) -> PathBuf {
        let (workspace, file) = (format!("{name}.sailplan.yaml"), format!("{name}.yaml"));
        let text = format!("tenants:\n  practice:\n    url: practice:tenant.json\n    settings: [{file}]\n");
        fs::write(self.folder().join(file), settings).unwrap();
        let path = self.folder().join(workspace);
        fs::write(&path, text).unwrap();
        path
    }

    pub fn receipts(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.folder().join(".sailplan/receipts")).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> =
            files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
        paths.sort();
        paths
    }

    /// Plans and applies over HTTP, as `apply --yes` does, on a machine of its own: no run waits for another one.
    pub fn apply(&self, who: &str, workspace: &Path, limits: &Limits, interrupts: &Interrupts) -> Played {
        let context = context(workspace, &["apply"]).0;
        heard::listen();
        let ended = crate::run::runtime().unwrap().block_on(async {
            let network = network(limits);
            let loaded = context.load(&[])?;
            assert!(!loaded.failed(), "{:#?}", loaded.problems);
            let mut targets = loaded.targets;
            targets[0].access = Ok(self.access(who));
            let mut tenants = interrupts.or(read::read(targets, &network)).await?;
            let settled = earlier::settle_unfinished(&context, self.folder(), &mut tenants, limits.pace);
            interrupts.or(settled).await?;
            let options = send::Options {
                fail_fast: limits.fail_fast,
                receipt: None,
                lifts: Lifts::default(),
                again: false,
                flags: Vec::new(),
                format: ReceiptFormat::Json,
                full: false,
            };
            let (context, network, folder) = (&context, &network, self.folder());
            Sending { context, options, network, folder, interrupts, checkout: None, rolls_back: None }
                .run(Approval::Flag, tenants)
                .await
                .map(|finished| finished.exit)
        });
        let exit = exit(ended, context.ui);
        let (out, err) = heard::take();
        let desired = context.load(&[]).unwrap().targets.remove(0).desired;
        let receipt = (!out.is_empty()).then(|| Receipt::parse(&out).unwrap());
        Played { who: who.to_owned(), exit, out, err, receipt, desired, interrupted: interrupts.happened() }
    }

    /// Returns how many documents have changes, and how many there are.
    pub fn plan(&self, who: &str, workspace: &Path, limits: &Limits) -> (usize, usize) {
        let context = context(workspace, &["plan"]).0;
        let tenants = crate::run::runtime().unwrap().block_on(async {
            let mut targets = context.load(&[]).unwrap().targets;
            targets[0].access = Ok(self.access(who));
            read::read(targets, &network(limits)).await
        });
        let resources = tenants[0].plan.resources();
        let changing = resources.iter().filter(|resource| resource.has_changes() || resource.failure().is_some());
        (changing.count(), resources.len())
    }

    /// Rolls a receipt back with the command itself, over HTTP.
    pub fn rollback(
        &self,
        who: &str,
        workspace: &Path,
        receipt: &Path,
        limits: &Limits,
        interrupts: &Interrupts,
    ) -> RolledBack {
        let (context, command) =
            context(workspace, &["rollback", receipt.to_str().unwrap(), "--yes", "--format", "json"]);
        let Command::Rollback(args) = command else { panic!("{command:?}") };
        let reach = |target| Target { access: Ok(self.access(who)), ..target };
        heard::listen();
        let ended = commands::rollback::run_over(&context, &args, || Ok(network(limits)), || interrupts.clone(), reach);
        let exit = exit(ended, context.ui);
        let (out, err) = heard::take();
        let receipt = (!out.is_empty()).then(|| Receipt::parse(&out).unwrap());
        RolledBack { exit, out, err, receipt }
    }

    /// Returns what stands in every file that a run keeps.
    pub fn kept(&self) -> String {
        read_all(&self.folder().join(".sailplan"))
    }

    /// Returns what stood in the journals whenever a request arrived.
    pub fn journals(&self) -> String {
        self.journals.lock().unwrap().1.clone()
    }

    fn access(&self, who: &str) -> Access {
        let credentials = Credentials { client_id: who.to_owned(), client_secret: SECRET.into(), loopback: true };
        let address = Address::parse(self.practice.url()).unwrap();
        Access { location: Location::Address(address), credentials: Some(credentials) }
    }
}

/// Adds a number that no type of most languages holds, and names that no setting has.
fn add_unknown(document: &mut serde_json::Value) {
    document["futureField"] = serde_json::from_str("9007199254740993").unwrap();
    document["futureObject"] = serde_json::json!({"a": null, "~": {}, "c": "\u{2028}", "d": 0.1});
}

/// Adds what journals hold beside what was read of them before. They are gone when their run has ended.
fn read_journals(receipts: &Path, (known, text): &mut Journals) {
    for folder in fs::read_dir(receipts).into_iter().flatten().flatten() {
        for file in fs::read_dir(folder.path()).into_iter().flatten().flatten() {
            let length = file.metadata().map(|file| file.len()).unwrap_or_default();
            if known.insert(file.path(), length) != Some(length) {
                text.push_str(&fs::read_to_string(file.path()).unwrap_or_default());
            }
        }
    }
}

fn read_all(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => text.push_str(&read_all(&path)),
            false => text.push_str(&String::from_utf8_lossy(&fs::read(path).unwrap_or_default())),
        }
    }
    text
}

fn context(workspace: &Path, args: &[&str]) -> (Context, Command) {
    let file = ["sailplan", "-f", workspace.to_str().unwrap()];
    let cli = Cli::try_parse_from(file.iter().chain(args)).unwrap();
    let ui = Ui::new(&cli.global);
    (Context { global: cli.global, ui, typed: CommandLine::default() }, cli.command)
}

fn network(limits: &Limits) -> Network {
    let http = Http::new(HttpOptions {
        request_timeout: limits.timeout,
        retries: limits.retries,
        first_wait: Duration::from_millis(1),
        max_wait: Duration::from_millis(2),
        token_ahead: limits.pace.fresh,
        ..HttpOptions::default()
    });
    let progress = Progress::default();
    Network {
        http: Arc::new(http),
        allowed: Arc::new(AllowedHosts::default()),
        parallelism: 1,
        progress,
        pace: limits.pace,
    }
}

fn exit(ended: anyhow::Result<Exit>, ui: Ui) -> Exit {
    match ended {
        Ok(exit) => exit,
        Err(error) => match error.downcast_ref::<Stop>() {
            Some(stop) => {
                ui.stop(stop);
                stop.exit
            }
            None => panic!("{error:#}"),
        },
    }
}
