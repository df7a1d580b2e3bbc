//! A folder, perhaps a practice tenant, and the real binary with a clean environment.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use sailplan::practice::{Options, Practice, Request};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

/// Settings that change one setting of each resource of the example tenant.
pub(crate) const ONE_CHANGE_EACH: &str = "\
jitActivationPolicy: {maxActivationPeriodMins: 4h}
accessRequestConfig: {apiVersion: beta, autoApprovalEnabled: false}
";

/// What the harness adds to every command line.
const SHORT_WAITS: [&str; 4] = ["--pause", "0.02", "--max-wait", "0.1"];

/// Seals a plan or a receipt as its forger would, who leaves the digest of a plan out.
pub(crate) fn sealed(mut document: Value) -> String {
    let entries = document.as_object_mut().unwrap();
    entries.shift_remove("checksum");
    if !entries.contains_key("startedAt") {
        entries.shift_remove("digest");
    }
    let sum = format!("sha256:{:x}", Sha256::digest(document.to_string().as_bytes()));
    document["checksum"] = sum.into();
    serde_json::to_string_pretty(&document).unwrap()
}

/// A folder to run in.
pub(crate) struct Site {
    folder: TempDir,
    tenant: Option<Practice>,
    environment: Vec<(String, String)>,
}

impl Site {
    /// An empty folder.
    pub(crate) fn new() -> Site {
        Site { folder: tempfile::tempdir().unwrap(), tenant: None, environment: Vec::new() }
    }

    /// Writes a file, folders included.
    pub(crate) fn file(self, name: &str, text: &str) -> Site {
        self.write(name, text);
        self
    }

    /// Writes a file, folders included.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Reads a file.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Returns the path of a file.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Sets a variable of the environment.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Site {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts a practice tenant with SailPoint's example documents and points `SAIL_*` at it.
    pub(crate) fn tenant(self) -> Site {
        self.tenant_with(|options| options)
    }

    /// Starts a practice tenant with other options.
    pub(crate) fn tenant_with(mut self, change: impl FnOnce(Options) -> Options) -> Site {
        let options = change(Options::new(self.path("tenant-state.json")));
        let tenant = Practice::start(options).unwrap();
        let url = tenant.url().to_owned();
        self.tenant = Some(tenant);
        self.variable("SAIL_BASE_URL", &url)
            .variable("SAIL_CLIENT_ID", "id-of-the-test")
            .variable("SAIL_CLIENT_SECRET", "secret-of-the-test")
    }

    /// Writes a workspace whose one tenant `prod` is the practice tenant over HTTP, with these settings.
    pub(crate) fn workspace(self, settings: &str) -> Site {
        self.file("settings/base.yaml", settings).file(
            "sailplan.yaml",
            "tenants:\n  prod:\n    url: ${SAIL_BASE_URL}\n    clientId: ${SAIL_CLIENT_ID}\n    \
             clientSecret: ${SAIL_CLIENT_SECRET}\n    settings: [settings/base.yaml]\n",
        )
    }

    /// Returns the receipts, oldest first, relative to the folder.
    pub(crate) fn receipts(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.path(".sailplan/receipts")).into_iter().flatten();
        let mut found: Vec<(std::time::SystemTime, String)> = files
            .map(|file| file.unwrap())
            .filter(|file| file.file_name().to_string_lossy().ends_with(".json"))
            .map(|file| {
                let name = file.file_name().into_string().unwrap();
                (file.metadata().unwrap().modified().unwrap(), format!(".sailplan/receipts/{name}"))
            })
            .collect();
        found.sort();
        found.into_iter().map(|(_, name)| name).collect()
    }

    /// Returns a receipt with what its run has added so far.
    pub(crate) fn receipt(&self, name: &str) -> Value {
        let mut receipt: Value = serde_json::from_str(&self.read(name)).unwrap();
        let folder = self.path(name).with_extension("d");
        for tenant in receipt["tenants"].as_array_mut().unwrap() {
            let log = folder.join(format!("{}.jsonl", tenant["name"].as_str().unwrap()));
            for line in std::fs::read_to_string(log).unwrap_or_default().lines() {
                let entry = &serde_json::from_str::<Value>(line).unwrap()["entry"];
                let resources = tenant["resources"].as_array_mut().unwrap();
                let pending = resources.iter_mut().find(|pending| pending["resource"] == entry["resource"]).unwrap();
                *pending = entry.clone();
            }
        }
        receipt
    }

    /// Takes out digests, which depend on the port of the tenant.
    pub(crate) fn without_digests(&self, text: &str) -> String {
        let mut parts = text.split("sha256:");
        let mut shown = parts.next().unwrap().to_owned();
        for part in parts {
            shown.push_str("sha256:[DIGEST]");
            shown.push_str(part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
        }
        shown
    }

    /// Writes the tenant's whole state before it is first asked.
    pub(crate) fn state(self, state: &Value) -> Site {
        self.set_live(state);
        self
    }

    /// Puts the tenant into a state.
    pub(crate) fn set_live(&self, state: &Value) {
        self.write("tenant-state.json", &state.to_string());
    }

    /// Changes the tenant's state as another client does.
    pub(crate) fn edit_live(&self, edit: impl FnOnce(&mut Value)) {
        let mut state = self.live();
        edit(&mut state);
        self.set_live(&state);
    }

    /// Returns the tenant's state without its audit events, of which every change adds one.
    pub(crate) fn live(&self) -> Value {
        let mut state: Value = serde_json::from_str(&self.read("tenant-state.json")).unwrap();
        state.as_object_mut().unwrap().remove("events");
        state
    }

    /// Makes the tenant fail, see [`sailplan::practice::Fault`].
    pub(crate) fn fault(self, fault: &str) -> Site {
        self.tenant.as_ref().unwrap().inject(fault.parse().unwrap());
        self
    }

    /// Returns the tenant's address.
    pub(crate) fn url(&self) -> &str {
        self.tenant.as_ref().unwrap().url()
    }

    /// Returns what the tenant received.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.tenant.as_ref().unwrap().requests()
    }

    /// Returns method and path of what the tenant received.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.requests().iter().map(|request| format!("{} {}", request.method, request.path)).collect()
    }

    /// Returns method and path of the writes that the tenant received.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.calls()
            .into_iter()
            .filter(|call| ["PATCH ", "PUT ", "DELETE "].iter().any(|method| call.starts_with(method)))
            .collect()
    }

    /// Runs sailplan in the folder, without a terminal.
    pub(crate) fn run<const N: usize>(&self, args: [&str; N]) -> Run {
        self.run_with_input(args, Stdio::null())
    }

    /// Runs sailplan in the folder, where lines may be long.
    pub(crate) fn run_wide<const N: usize>(&self, args: [&str; N]) -> Run {
        self.read_output(self.command().env("COLUMNS", "400").args(args).stdin(Stdio::null()).output().unwrap())
    }

    /// Runs sailplan in the folder.
    pub(crate) fn run_with_input<const N: usize>(&self, args: [&str; N], input: Stdio) -> Run {
        self.read_output(self.command().args(args).stdin(input).output().unwrap())
    }

    /// Takes what a run of sailplan in the folder left behind.
    pub(crate) fn read_output(&self, output: Output) -> Run {
        let text = |bytes: Vec<u8>| self.redacted(&String::from_utf8(bytes).unwrap());
        Run { out: text(output.stdout), err: text(output.stderr), code: output.status.code() }
    }

    /// Runs sailplan in the folder after a line of shell, such as `umask 022`.
    pub(crate) fn run_after<'a>(&self, shell: &str, args: impl IntoIterator<Item = &'a str>) -> Run {
        let program = self.command();
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("{shell}; exec \"$0\" \"$@\"")).arg(program.get_program());
        command.args(program.get_args()).args(args).current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        self.read_output(command.output().unwrap())
    }

    /// Starts sailplan in the folder and returns at once.
    pub(crate) fn start<const N: usize>(&self, args: [&str; N]) -> Running<'_> {
        let mut command = self.command();
        command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Running { site: self, child: command.spawn().unwrap() }
    }

    /// Waits until something holds.
    pub(crate) fn wait_for(&self, holds: impl Fn(&Site) -> bool) {
        for _ in 0..1500 {
            if holds(self) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("it does not come true; received so far: {:#?}", self.calls());
    }

    /// Returns the command with short waits, its environment cleared but for what this site sets.
    pub(crate) fn command(&self) -> Command {
        let mut command = self.bare_command();
        // A flag after the command overrides these.
        command.args(SHORT_WAITS);
        command
    }

    /// Returns the command without any flag, its environment cleared but for what this site sets.
    pub(crate) fn bare_command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sailplan"));
        command.current_dir(self.folder.path()).env_clear().envs(self.environment.iter().cloned());
        // git is found by way of PATH, and nothing of the machine's own configuration may reach it.
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        command
    }

    /// Returns a text without what differs from run to run.
    pub(crate) fn redacted(&self, text: &str) -> String {
        let folder = self.folder.path();
        // A command to go on with is the one that was typed.
        let mut text = text.replace(&format!(" {}", SHORT_WAITS.join(" ")), "");
        for path in [folder.canonicalize().unwrap(), folder.to_owned()] {
            text = text.replace(&path.display().to_string(), "[FOLDER]");
        }
        if let Some(tenant) = &self.tenant {
            text = text.replace(tenant.url(), "[TENANT]");
            text = text.replace(tenant.url().trim_start_matches("http://"), "[HOST]");
        }
        let mut lines: Vec<String> = text
            .lines()
            .map(redact_receipt)
            .map(|line| redact_run(&line))
            .map(|line| redact_commits(&redact_seconds(&redact_times(&line))))
            .collect();
        if text.ends_with('\n') {
            lines.push(String::new());
        }
        lines.join("\n")
    }
}

/// The name of a receipt holds the time and, with a port in the URL, a digest of its own.
fn redact_receipt(line: &str) -> String {
    match line.split_once("receipts/").map(|(before, rest)| (before, rest.split_once(".json"))) {
        Some((before, Some((_, after)))) => format!("{before}receipts/[RECEIPT].json{after}"),
        _ => line.to_owned(),
    }
}

/// A run is called by the name of its receipt.
fn redact_run(line: &str) -> String {
    match line.split_once("what run ").and_then(|(before, rest)| Some((before, rest.split_once(' ')?))) {
        Some((before, (run, after))) if run.starts_with("20") => format!("{before}what run [RUN] {after}"),
        _ => line.to_owned(),
    }
}

fn redact_times(line: &str) -> String {
    // A digest depends on the port of the tenant.
    if line.starts_with("Digest sha256:") {
        return "Digest [DIGEST]".to_owned();
    }
    if let Some(("", rest)) = line.split_once("Made 20") {
        let (_, rest) = rest.split_once(" UTC").unwrap();
        return format!("Made [TIME]{rest}");
    }
    if let Some((before, _)) = line.split_once("trackingId: ") {
        return format!("{before}trackingId: [ID]");
    }
    let is_time = |word: &str| word.starts_with("20") && word.contains("T") && word.ends_with('Z');
    let words = line.split(' ').map(|word| {
        let bare = word.trim_end_matches([',', ';', ':']);
        if is_time(bare) { word.replace(bare, "[TIME]") } else { word.to_owned() }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A time to the second, as people read it.
fn redact_seconds(line: &str) -> String {
    const FORM: &str = "dddd-dd-dd dd:dd:dd UTC";
    let is_time = |text: &str| {
        text.chars().zip(FORM.chars()).all(|(c, form)| if form == 'd' { c.is_ascii_digit() } else { c == form })
    };
    let times = line.match_indices(" UTC").filter_map(|(at, end)| line.get(at.checked_sub(19)?..at + end.len()));
    times.filter(|text| is_time(text)).fold(line.to_owned(), |line, time| line.replace(time, "[TIME]"))
}

fn redact_commits(line: &str) -> String {
    let is_commit = |word: &str| {
        let short = word.len() == 10 && line.contains(&format!("commit {word}"));
        (word.len() == 40 || short) && word.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let found = line.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| is_commit(word));
    found.fold(line.to_owned(), |line, commit| line.replace(commit, "[COMMIT]"))
}

/// A run that goes on.
pub(crate) struct Running<'a> {
    site: &'a Site,
    child: Child,
}

impl Running<'_> {
    /// Sends a signal, such as `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for the end.
    pub(crate) fn end(self) -> Run {
        self.site.read_output(self.child.wait_with_output().unwrap())
    }
}

/// What a run left behind.
pub(crate) struct Run {
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
    /// The exit code; none after a signal.
    pub(crate) code: Option<i32>,
}

impl Run {
    /// Returns what came on standard error after the plan, if that was shown there.
    pub(crate) fn after_the_plan(&self) -> String {
        let Some((_, after)) = self.err.split_once("\nPlan: ") else { return self.err.clone() };
        after.split_once('\n').unwrap().1.to_owned()
    }

    /// Returns all of it as one text.
    pub(crate) fn text(&self) -> String {
        let mut text = self.out.clone();
        if !self.err.is_empty() {
            text.push_str("--- stderr ---\n");
            text.push_str(&self.err);
        }
        if self.code != Some(0) {
            text.push_str(&format!(
                "--- exit {} ---\n",
                self.code.map_or("by signal".to_owned(), |code| code.to_string())
            ));
        }
        text
    }
}

/// An answer made by hand.
pub(crate) struct Canned {
    pub(crate) status: &'static str,
    /// Further lines of its head, each with its end.
    pub(crate) headers: &'static str,
    pub(crate) body: Vec<u8>,
}

/// Answers requests for a token with `token`, and everything else with `answer`, for as long as the process lives. Returns the
/// address.
pub(crate) fn serve(token: Canned, answer: Canned) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
            let mut request = Vec::new();
            let mut piece = [0; 4096];
            while !is_whole(&request) {
                match stream.read(&mut piece) {
                    Ok(0) | Err(_) => break,
                    Ok(length) => request.extend_from_slice(&piece[..length]),
                }
            }
            let Canned { status, headers, body } = if request.starts_with(b"POST /oauth") { &token } else { &answer };
            let length = body.len();
            let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        }
    });
    url
}

/// Whether a request has arrived with its body.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}
