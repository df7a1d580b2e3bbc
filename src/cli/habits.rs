//! Flags and verbs of the tools that people come from (Terraform, kubectl, decK and the like), and what to type here.

use clap::Command;

use super::flags::{called, long_flag};

/// For which commands a hint holds.
enum For {
    /// Those with this flag.
    Flag(&'static str),
    /// This command.
    Command(&'static str),
    /// All others.
    Any,
}

use For::{Any, Command as Of, Flag};

/// Names of a flag elsewhere, and hints: the first that holds for the command is given. `{}` is the command.
type Habit = (&'static [&'static str], &'static [(For, &'static str)]);

const FLAGS: [Habit; 33] = [
    (
        &["auto-approve", "approve", "yes", "y", "assume-yes", "doit", "force"],
        &[(Flag("yes"), "--yes approves without asking"), (Any, "leave it out: {} asks nothing")],
    ),
    (
        &["input", "no-input", "non-interactive", "batch"],
        &[
            (Flag("yes"), "leave it out: without a terminal sailplan never asks; --yes approves"),
            (Any, "leave it out: {} asks nothing"),
        ],
    ),
    (
        &["out", "output-file", "out-file", "outfile", "save"],
        &[
            (Flag("out"), "write --out FILE"),
            (Of("show"), "--json FILE, --markdown FILE and --html FILE write the plan to a file"),
            (Of("apply"), "--receipt FILE writes the receipt of an apply; sailplan plan --out FILE saves a plan"),
            (Any, "sailplan plan --out FILE saves a plan"),
        ],
    ),
    (
        &["json", "json-output", "output", "o"],
        &[
            (Flag("json"), "--format json writes JSON to standard output, --json FILE to a file"),
            (Flag("format"), "--format json writes JSON to standard output"),
            (Any, "leave it out: {} has no JSON form"),
        ],
    ),
    (
        &["target", "targets", "target-file", "exclude", "replace", "resource"],
        &[
            (Flag("only"), "--only SETTING plans one setting, --tenant NAME one tenant"),
            (
                Of("apply"),
                "sailplan plan --only SETTING --out FILE, then sailplan apply FILE; --tenant NAME chooses a tenant",
            ),
            (Any, "--tenant NAME chooses a tenant"),
        ],
    ),
    (
        &["var", "var-file", "env-file", "env", "values", "set"],
        &[(Any, "write ${NAME} in sailplan.yaml and set NAME in the environment")],
    ),
    (
        &["dry-run", "dryrun", "dry_run", "check", "noop", "what-if", "plan-only", "expect-no-changes"],
        &[
            (
                Of("plan"),
                "leave it out: sailplan plan only reads; --detailed-exitcode ends with 2 when there are changes",
            ),
            (Flag("yes"), "sailplan plan shows what would change and sends nothing"),
            (Any, "leave it out: {} changes no tenant"),
        ],
    ),
    (
        &["refresh", "refresh-only", "no-refresh"],
        &[
            (Of("plan"), "leave it out: sailplan plan always reads the tenants"),
            (Any, "sailplan plan reads the tenants and shows what drifted"),
        ],
    ),
    (
        &["detailed-exitcode", "non-zero-exit-code", "exit-code", "diff-exit-code"],
        &[
            (Flag("detailed-exitcode"), "--detailed-exitcode ends with 2 when there are changes"),
            (Any, "sailplan plan --detailed-exitcode ends with 2 when there are changes"),
        ],
    ),
    (&["no-color", "nocolor", "no-colour", "colour"], &[(Any, "--color never, or NO_COLOR=1 in the environment")]),
    (
        &["chdir", "cwd", "working-dir", "working-directory", "config-dir", "directory", "dir", "d"],
        &[(Any, "-C DIR runs sailplan in DIR")],
    ),
    (
        &["lock", "no-lock", "state-lock"],
        &[(Any, "leave it out: runs on one machine wait for each other, --lock-timeout SECONDS says how long")],
    ),
    (
        &[
            "backend",
            "backend-config",
            "reconfigure",
            "migrate-state",
            "upgrade",
            "get",
            "state",
            "state-out",
            "backup",
            "s",
        ],
        &[(Any, "leave it out: sailplan keeps no state and has no plugins, it reads the tenants")],
    ),
    (
        &["workspace", "config", "config-file", "filename", "c"],
        &[(Any, "-f FILE names the workspace file; settings files are arguments without a flag")],
    ),
    (
        &["destroy", "prune", "delete", "cascade", "server-side", "force-conflicts", "field-manager"],
        &[(Any, "leave it out: only settings in the files are changed; null in a file clears a setting")],
    ),
    (&["workers", "max-workers", "concurrency", "jobs", "p"], &[(Any, "--parallelism N tenants at the same time")]),
    (
        &["context", "namespace", "n", "all-namespaces", "A", "environment", "profile", "kubeconfig", "cluster"],
        &[(Any, "--tenant NAME chooses a tenant; without it, all are chosen")],
    ),
    (&["selector", "l", "select-tag", "tags", "tag"], &[(Any, "--label KEY=VALUE chooses the tenants with a label")]),
    (
        &["server", "host", "address", "addr", "endpoint", "base-url", "api-url", "konnect-addr", "kong-addr"],
        &[(Any, "--url URL names the tenant; in a workspace, its url in sailplan.yaml does")],
    ),
    (
        &[
            "token",
            "konnect-token",
            "access-token",
            "client-id",
            "client-secret",
            "user",
            "username",
            "password",
            "secret",
            "headers",
            "as",
        ],
        &[(Any, "set SAIL_CLIENT_ID and SAIL_CLIENT_SECRET, or what sailplan.yaml names, in the environment")],
    ),
    (
        &["insecure", "insecure-skip-tls-verify", "tls-skip-verify", "skip-tls-verify", "k", "cacert"],
        &[(Any, "--ca-cert FILE trusts a private authority as well; certificates are always checked")],
    ),
    (&["debug", "trace", "log-level", "loglevel", "verbosity"], &[(Any, "--verbose says more about what happens")]),
    (
        &["silent", "silence", "compact-warnings", "silence-events"],
        &[(Any, "--quiet says only what went wrong, and the result")],
    ),
    (&["proxy", "http-proxy", "https-proxy"], &[(Any, "set HTTPS_PROXY and NO_PROXY in the environment")]),
    (
        &["watch", "w", "wait", "follow", "recursive", "R"],
        &[(Any, "leave it out: {} runs once, over everything that is chosen")],
    ),
    (
        &["plan", "planfile", "plan-file"],
        &[
            (Of("apply"), "write the file without a flag: sailplan apply FILE"),
            (Of("show"), "write the file without a flag: sailplan show FILE"),
            (Any, "sailplan apply FILE sends a saved plan, sailplan show FILE shows one"),
        ],
    ),
    (
        &["atomic", "stop-on-error", "ignore-errors", "keep-going"],
        &[
            (Flag("fail-fast"), "--fail-fast starts nothing new after the first failure; without it the others go on"),
            (Any, "sailplan apply --fail-fast starts nothing new after the first failure"),
        ],
    ),
    (
        &["to", "revision", "rev", "ref"],
        &[
            (Of("rollback"), "name the receipt of the apply: sailplan receipts lists them"),
            (Flag("base"), "--base REF compares with the files of a git revision"),
            (Any, "sailplan plan --base REF compares with the files of a git revision"),
        ],
    ),
    (
        &["limit", "max-count", "last"],
        &[
            (Of("receipts"), "--since YYYY-MM-DD and --until YYYY-MM-DD list the runs of some days"),
            (Any, "--tenant NAME chooses a tenant; without it, all are chosen"),
        ],
    ),
    (
        &["fix", "write", "autofix", "in-place"],
        &[(Any, "leave it out: each message says what to write in which line, and files are edited by hand")],
    ),
    (&["generate-config-out", "with-id", "all"], &[(Any, "sailplan pull --out FILE writes the settings of a tenant")]),
    (&["h", "usage", "manual"], &[(Any, "{} --help says what it takes")]),
    (&["version", "V"], &[(Any, "sailplan version prints the version")]),
];

/// Verbs of other tools, and what to type here.
const VERBS: [(&[&str], &str); 21] = [
    (
        &["import", "export", "dump", "download", "fetch", "backup", "get"],
        "sailplan pull --out FILE writes the settings of a tenant as YAML",
    ),
    (
        &["diff", "drift", "refresh", "state", "status", "detect", "compare", "changes"],
        "sailplan plan shows how the tenants differ from the files",
    ),
    (
        &[
            "sync",
            "deploy",
            "push",
            "up",
            "update",
            "replace",
            "patch",
            "create",
            "set",
            "run",
            "install",
            "rollout-restart",
            "release",
        ],
        "sailplan apply makes the changes, after asking",
    ),
    (
        &["destroy", "delete", "reset", "rm", "remove", "uninstall"],
        "sailplan deletes nothing: null in a file clears a setting, sailplan rollback RECEIPT undoes an apply",
    ),
    (&["undo", "revert", "restore", "rollout"], "sailplan rollback RECEIPT undoes an apply"),
    (&["fmt", "format"], "there is none: any layout of YAML will do; sailplan validate checks the files"),
    (&["test", "lint", "check", "verify", "file"], "sailplan validate checks the files without any network"),
    (
        &["console", "graph", "output", "outputs", "edit", "exec", "taint", "untaint"],
        "there is none: sailplan explain SETTING describes a setting, sailplan plan shows values",
    ),
    (
        &["providers", "modules", "force-unlock", "metadata", "gateway", "konnect", "plugin", "stack"],
        "there is none: sailplan keeps no state and has no plugins; sailplan help lists the commands",
    ),
    (
        &["login", "logout", "auth", "config", "configure", "credentials"],
        "set SAIL_BASE_URL, SAIL_CLIENT_ID and SAIL_CLIENT_SECRET, or what sailplan.yaml names, in the environment",
    ),
    (
        &["workspace", "workspaces", "env", "context", "select", "use"],
        "--tenant NAME chooses a tenant; sailplan tenants lists them",
    ),
    (&["list", "ls", "inventory"], "sailplan tenants lists the tenants, sailplan explain the settings"),
    (
        &["describe", "docs", "api-resources", "settings"],
        "sailplan explain lists the settings, sailplan explain SETTING describes one",
    ),
    (&["history", "log", "logs", "audit", "events"], "sailplan receipts lists who changed what"),
    (&["ping", "health", "whoami", "test-connection"], "sailplan doctor checks the way to every tenant"),
    (&["convert", "upgrade"], "sailplan migrate --to v2 rewrites settings of an old API generation"),
    (
        &["commit", "checkout", "clone", "merge", "branch", "add", "pr", "repo", "stash"],
        "there is none: git keeps the files, and a forge reviews them; sailplan help lists the commands",
    ),
    (
        &["template", "render", "build", "compile", "synth"],
        "there is none: settings files are sent as they are; sailplan validate checks them",
    ),
    (&["mock", "serve", "server"], "sailplan practice serves a practice tenant"),
    (&["new", "create-workspace", "setup", "bootstrap"], "sailplan init writes a workspace"),
    (&["view", "cat", "print"], "sailplan show FILE shows a saved plan or a receipt"),
];

/// Returns what to type in the place of a flag of another tool.
pub fn flag(command: &Command, name: &str) -> Option<String> {
    let (_, hints) = FLAGS.iter().find(|(names, _)| names.contains(&name))?;
    let holds = |condition: &For| match condition {
        Flag(flag) => long_flag(command, flag).is_some(),
        Of(name) => command.get_name() == *name,
        Any => true,
    };
    let (_, hint) = hints.iter().find(|(condition, _)| holds(condition))?;
    Some(hint.replace("{}", called(command)))
}

/// Returns what to type in the place of a verb of another tool.
pub fn verb(name: &str) -> Option<&'static str> {
    VERBS.iter().find(|(names, _)| names.contains(&name)).map(|(_, hint)| *hint)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    fn program() -> Command {
        let mut program = Cli::command();
        program.build();
        program
    }

    /// Checks that each command and flag which a hint names is there: a flag after the name of a command belongs to that
    /// command, any other to the command that was typed.
    fn check(hint: &str, program: &Command, typed: &Command) {
        let mut command = typed;
        let mut after_program = false;
        for word in hint.split([' ', ',', ';', ':']) {
            if after_program && let Some(named) = program.find_subcommand(word) {
                command = named;
            }
            after_program = word == "sailplan";
            if let Some(flag) = word.strip_prefix("--") {
                assert!(long_flag(command, flag).is_some(), "{} has no --{flag}: {hint}", command.get_name());
            }
            if let Some(letter) = word.strip_prefix('-').filter(|letter| letter.len() == 1) {
                let known = command.get_arguments().any(|flag| flag.get_short() == letter.chars().next());
                assert!(known, "{} has no -{letter}: {hint}", command.get_name());
            }
        }
    }

    #[test]
    fn every_hint_can_be_followed_for_the_command_that_it_is_given_for() {
        let program = program();
        for (names, _) in FLAGS {
            for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
                for name in names {
                    check(&flag(command, name).unwrap(), &program, command);
                }
            }
        }
        for (_, hint) in VERBS {
            check(hint, &program, &program);
        }
    }

    #[test]
    fn a_habit_is_listed_once_and_is_no_verb_of_sailplan() {
        let program = program();
        let (mut flags, mut verbs) = (BTreeSet::new(), BTreeSet::new());
        for name in FLAGS.iter().flat_map(|(names, _)| *names) {
            assert!(flags.insert(*name), "{name}");
        }
        for name in VERBS.iter().flat_map(|(names, _)| *names) {
            assert!(verbs.insert(*name) && program.find_subcommand(name).is_none(), "{name}");
        }
    }
}
