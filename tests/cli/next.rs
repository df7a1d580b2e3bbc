//! The commands that a run tells its user to type next, pasted into a shell.

use std::process::{Command, Stdio};

use crate::harness::{ONE_CHANGE_EACH, Site};

const POLICY: &str = "jitActivationPolicy: {maxActivationPeriodMins: 4h}\n";

/// A run in a folder of the site.
struct Told {
    out: String,
    err: String,
    code: Option<i32>,
}

impl Told {
    fn of(output: std::process::Output) -> Told {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Told { out: text(output.stdout), err: text(output.stderr), code: output.status.code() }
    }

    /// Returns the command that follows `before` in what was printed.
    fn after(&self, before: &str) -> String {
        let text = format!("{}{}", self.out, self.err);
        let line = text.lines().find_map(|line| line.split_once(before).map(|(_, command)| command));
        let line = line.unwrap_or_else(|| panic!("no {before:?} in\n{text}"));
        assert!(line.starts_with("sailplan "), "{line}");
        line.to_owned()
    }
}

impl Site {
    fn type_in<const N: usize>(&self, folder: &str, args: [&str; N]) -> Told {
        Told::of(self.command().current_dir(self.path(folder)).args(args).stdin(Stdio::null()).output().unwrap())
    }

    /// Pastes a command into a shell.
    fn paste(&self, folder: &str, line: &str) -> Told {
        let mut shell = Command::new("sh");
        shell.args(["-c", &line.replacen("sailplan", "\"$SAILPLAN\"", 1)]).current_dir(self.path(folder));
        for (name, value) in self.command().get_envs() {
            shell.env(name, value.unwrap());
        }
        shell.env("SAILPLAN", env!("CARGO_BIN_EXE_sailplan"));
        Told::of(shell.stdin(Stdio::null()).output().unwrap())
    }
}

/// A workspace of two tenants in a folder whose name a shell would part, and a folder beside it to type in.
fn two_tenants() -> Site {
    let site = Site::new().tenant().workspace(POLICY);
    let workspace = site.read("sailplan.yaml");
    let other = workspace.split_once("tenants:\n").unwrap().1.replace("prod:", "test-1:");
    site.file("my infra/sailplan.yaml", &format!("{workspace}{other}"))
        .file("my infra/settings/base.yaml", POLICY)
        .file("here/empty", "")
}

#[test]
fn a_saved_plan_is_applied_and_rolled_back_by_what_was_printed() {
    let site = two_tenants();
    let chosen = ["-C", "../my infra", "--tenant", "test*"];
    let [c, folder, flag, tenant] = chosen;
    let run = site.type_in("here", [c, folder, flag, tenant, "plan", "--out", "my plan.json"]);
    let command = run.after("Apply exactly this: ");
    assert_eq!(command, "sailplan apply -C '../my infra' 'my plan.json'");
    let run = site.paste("here", &command);
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    let run = site.paste("here", &run.after("To undo it: "));
    assert_eq!(run.code, Some(3), "{}{}", run.out, run.err);
    let run = site.paste("here", &run.after("send exactly it: "));
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    let run = site.paste("here", "sailplan -C '../my infra' receipts");
    assert!(run.after("undo: ").starts_with("sailplan rollback -C '../my infra' .sailplan/receipts/"), "{}", run.out);
}

#[test]
fn without_a_terminal_the_whole_command_is_there_to_be_approved() {
    let site = two_tenants();
    let run = site.type_in("here", ["-f", "../my infra/sailplan.yaml", "--tenant=prod", "apply", "--allow", "loosens"]);
    assert_eq!(run.code, Some(3));
    let command = run.after("send exactly it: ");
    assert!(command.ends_with(&format!("sha256:{}", command.split_once("sha256:").unwrap().1)));
    assert!(
        command.contains("-f '../my infra/sailplan.yaml' --tenant=prod apply --allow loosens --approved"),
        "{command}"
    );
    let run = site.paste("here", &command);
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
}

#[test]
fn without_a_workspace_the_settings_files_go_with_it() {
    let site = Site::new().tenant().file("my settings.yaml", ONE_CHANGE_EACH).fault("503 PUT times=3");
    let run = site.type_in("", ["apply", "my settings.yaml", "--yes", "--retries", "0"]);
    assert_eq!(run.code, Some(1));
    let command = run.after("To see what is left: ");
    assert_eq!(command, "sailplan plan 'my settings.yaml'");
    let run = site.paste("", &command);
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    assert!(run.out.contains("Plan: 1 setting"), "{}", run.out);
}

#[test]
fn without_a_workspace_the_variables_that_are_missing_are_named_and_nothing_else_is_said() {
    let settings = || Site::new().file("s.yaml", ONE_CHANGE_EACH);
    for args in [["plan", "s.yaml"].as_slice(), &["apply", "s.yaml", "--yes"], &["pull"], &["doctor"]] {
        let output = settings().command().args(args).output().unwrap();
        let run = Told::of(output);
        let begins = "error: no tenant is named: SAIL_BASE_URL, SAIL_CLIENT_ID and SAIL_CLIENT_SECRET are not set";
        assert!(run.err.starts_with(begins), "{args:?}: {}{}", run.out, run.err);
        assert_eq!((run.code, run.out.as_str()), (Some(64), ""), "{args:?}: {}", run.err);
    }
    let site = settings().variable("SAIL_BASE_URL", "http://127.0.0.1:9").variable("SAIL_CLIENT_ID", "id-of-the-test");
    let run = site.run(["plan", "s.yaml"]);
    assert_eq!(
        run.err,
        "error: tenant 127.0.0.1 (http://127.0.0.1:9): SAIL_CLIENT_SECRET is not set, or it is empty\n  help: set \
         SAIL_CLIENT_SECRET to the client secret of a personal access token or an API client of the tenant\n"
    );
    assert_eq!((run.code, run.out.as_str()), (Some(64), ""));
    let run = settings().run(["plan", "s.yaml", "--url", "acme"]);
    assert_eq!(
        (run.code, run.err.as_str()),
        (
            Some(64),
            "error: --url: not the address of a tenant\n  help: write it as https://TENANT.api.identitynow.com\n"
        )
    );
    // What needs no tenant needs no variables.
    assert_eq!(settings().run(["validate", "s.yaml"]).code, Some(0));
}

#[test]
fn after_an_interrupt_each_way_of_approving_goes_on_by_what_was_printed() {
    for approved in ["--yes", "plan.json"] {
        let site = Site::new().tenant().workspace(ONE_CHANGE_EACH);
        let path = site.path("sailplan.yaml");
        let (tenants, second) = (site.read("sailplan.yaml"), "    url: practice:.sailplan/second.json\n");
        let text = format!("{tenants}  second:\n{second}    settings: [settings/base.yaml]\n");
        std::fs::write(path, text).unwrap();
        assert_eq!(site.run(["plan", "--out", "plan.json"]).code, Some(0));
        let site = site.fault("stall PUT seconds=1");
        let mut command = site.command();
        command.args(["-C", ".", "apply", approved, "--parallelism", "1"]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        site.wait_for(|site| site.writes().iter().any(|write| write.starts_with("PUT")));
        let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let run = Told::of(child.wait_with_output().unwrap());
        assert_eq!(run.code, Some(130), "{}{}", run.out, run.err);
        assert_eq!(run.after("To see what is left: "), "sailplan plan -C .");
        let run = site.paste("", &run.after("To go on: "));
        assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
        let second = site.read(".sailplan/second.json");
        assert!(second.contains("\"maxActivationPeriodMins\": 240"), "{second}");
    }
}

#[test]
fn what_was_approved_by_its_digest_does_not_go_on_with_another_plan() {
    let site = Site::new().tenant().workspace(ONE_CHANGE_EACH);
    let digest = site.type_in("", ["plan"]).out;
    let digest = digest.split_once("Digest ").unwrap().1.lines().next().unwrap();
    let site = site.fault("stall PUT seconds=1");
    let run = site.start(["apply", "--approved", digest]);
    site.wait_for(|site| site.writes().iter().any(|write| write.starts_with("PUT")));
    run.signal("INT");
    let run = run.end();
    assert_eq!(run.code, Some(130), "{}", run.text());
    assert!(!run.err.contains("To go on"), "{}", run.err);
}

#[test]
fn what_is_left_of_a_rollback_is_shown_by_a_rollback() {
    let site = Site::new().tenant().workspace(ONE_CHANGE_EACH);
    assert_eq!(site.type_in("", ["apply", "--yes"]).code, Some(0));
    let receipt = site.receipts().remove(0);
    let site = site.fault("503 PUT times=3");
    let run = site.type_in("", ["-C", ".", "rollback", &receipt, "--yes", "--retries", "0"]);
    assert_eq!(run.code, Some(1), "{}{}", run.out, run.err);
    let command = run.after("To see what is left: ");
    assert_eq!(command, format!("sailplan rollback -C . {receipt} --out FILE"));
    let run = site.paste("", &command);
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    assert!(run.out.contains("Plan: 1 setting"), "{}", run.out);
    let run = site.paste("", &run.after("send exactly this: "));
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
}
