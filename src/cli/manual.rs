//! The program as clap knows it, with what its help and its manual pages say beside the flags: examples, environment,
//! files, exit codes.

use anstyle::Style;
use clap::builder::StyledStr;
use clap::{Args, Command, CommandFactory as _};

use super::Cli;
use crate::commands::{
    apply::ApplyArgs, doctor::DoctorArgs, explain::ExplainArgs, init::InitArgs, migrate::MigrateArgs, plan::PlanArgs,
    practice::PracticeArgs, pull::PullArgs, receipts::ReceiptsArgs, rollback::RollbackArgs, schema::SchemaArgs,
    show::ShowArgs, tenants::TenantsArgs, validate::ValidateArgs, version::VersionArgs,
};
use crate::text::wrap::wrap;
use crate::ui::EXIT_CODES;

/// A command to type, and what it is for.
pub type Example = (&'static str, &'static str);

/// The examples of the program, then those of each command.
const EXAMPLES: [(&str, &[Example]); 18] = [
    (
        "sailplan",
        &[
            ("sailplan init", "A workspace with a practice tenant, ready to plan"),
            ("sailplan plan --out plan.json", "What would change, saved for review"),
            ("sailplan apply plan.json", "Make exactly these changes, and verify them by reading back"),
        ],
    ),
    (
        "init",
        &[
            ("sailplan init", "Here, with CI files for the forge of the git remote"),
            ("sailplan init iam --ci gitlab", "In the folder iam, with CI files for GitLab"),
        ],
    ),
    (
        "validate",
        &[
            ("sailplan validate", "The workspace and all its files"),
            ("sailplan validate settings.yaml --strict", "One file; warnings are errors"),
            ("sailplan validate --base origin/main", "Also what this branch would no longer manage"),
            ("sailplan validate --format sarif", "For code scanning"),
        ],
    ),
    (
        "plan",
        &[
            ("sailplan plan", "Every tenant of the workspace"),
            ("sailplan plan --tenant 'prod*' --out plan.json", "Some tenants, saved for review and sailplan apply"),
            (
                "sailplan plan --base origin/main --markdown comment.md",
                "A pull request: what it changes, what had drifted",
            ),
            ("sailplan plan --detailed-exitcode -q", "On a schedule: ends with 2 if something drifted"),
            ("sailplan plan --only maxActivationPeriodMins", "One setting, the others left as they are"),
        ],
    ),
    (
        "show",
        &[
            ("sailplan show plan.json", "A saved plan"),
            ("sailplan show plan.json --html plan.html", "The same, as a page for an approver"),
        ],
    ),
    (
        "tenants",
        &[
            ("sailplan tenants", "Tenants, labels, files and guardrails"),
            ("sailplan tenants --label ring!=prod --format json", "Some of them, for a CI matrix"),
        ],
    ),
    ("doctor", &[("sailplan doctor", "Address, credentials and rights for every tenant, without writing")]),
    (
        "receipts",
        &[
            ("sailplan receipts", "The receipts of this workspace, newest first"),
            ("sailplan receipts --setting maxActivationPeriodMins --since 2026-01-01", "Who changed a setting"),
        ],
    ),
    (
        "apply",
        &[
            ("sailplan apply", "Plan, ask, change, verify"),
            ("sailplan apply plan.json", "Exactly the plan that was saved and approved"),
            ("sailplan apply --tenant dev --yes", "One tenant, without asking"),
        ],
    ),
    (
        "pull",
        &[
            ("sailplan pull --tenant prod --out settings/prod.yaml", "The settings of a tenant as a new file"),
            ("sailplan pull --accept", "Put what somebody changed in the console into the files"),
        ],
    ),
    (
        "rollback",
        &[
            ("sailplan receipts", "Find the receipt of the apply"),
            ("sailplan rollback .sailplan/receipts/RECEIPT.json", "Plan the way back, ask, change, verify"),
            ("sailplan rollback RECEIPT --out plan.json", "Save the plan for review instead"),
        ],
    ),
    (
        "migrate",
        &[
            ("sailplan migrate --to v2", "Every tenant of the workspace"),
            ("sailplan migrate --to v2 --offline settings.yaml", "One file, without contacting a tenant"),
        ],
    ),
    (
        "explain",
        &[
            ("sailplan explain", "Every setting"),
            ("sailplan explain maxActivationPeriodMins", "One setting: what it does, takes and means"),
            ("sailplan explain extension", "The settings with this in their names"),
        ],
    ),
    (
        "practice",
        &[
            ("sailplan practice", "A practice tenant on http://127.0.0.1:8080"),
            ("sailplan practice --fault '429 GET times=2' --fault 'lag PATCH'", "The same, with faults"),
        ],
    ),
    (
        "schema",
        &[
            ("sailplan schema plan", "The JSON Schema of saved plans"),
            ("sailplan schema --all schemas", "Every schema, into the folder schemas"),
        ],
    ),
    (
        "completions",
        &[
            ("source <(sailplan completions bash)", "bash, in ~/.bashrc"),
            ("source <(sailplan completions zsh)", "zsh, in ~/.zshrc, after compinit"),
            ("sailplan completions fish | source", "fish, in ~/.config/fish/config.fish"),
            ("sailplan completions powershell | Out-String | Invoke-Expression", "PowerShell, in $PROFILE"),
            ("eval (sailplan completions elvish | slurp)", "elvish, in ~/.config/elvish/rc.elv"),
        ],
    ),
    (
        "man",
        &[
            (
                "sailplan man --dir ~/.cargo/share/man",
                "Install all pages, with ~/.cargo/bin on PATH: man sailplan, man sailplan-plan",
            ),
            ("sailplan man plan > sailplan-plan.1", "One page"),
        ],
    ),
    ("version", &[("sailplan version --format json", "For programs")]),
];

/// Environment variables, by what they are for.
pub const ENVIRONMENT: [(&str, &str); 13] = [
    ("SAIL_BASE_URL", "The tenant's address, if there is no workspace"),
    ("SAIL_CLIENT_ID, SAIL_CLIENT_SECRET", "Its credentials; a workspace names variables of its own"),
    ("SAILPLAN_SECRETS_DIR", "The folder of the files that ${file:NAME} in sailplan.yaml names"),
    ("SAILPLAN_ALLOWED_HOSTS", "Hosts beyond SailPoint's that may get credentials: HOST, HOST:PORT, HOST:*, *.DOMAIN"),
    ("SAILPLAN_APPROVED_BY", "Who approved, names separated by commas, for the receipt"),
    ("SAILPLAN_RUN_URL, SAILPLAN_PULL_REQUEST", "The run and its pull request, if CI does not name them"),
    ("SAILPLAN_PULL_REQUEST_TITLE", "The title of the pull request, in which tickets are looked for"),
    ("SAILPLAN_SHARDS", "How many parts an Indexed Job of Kubernetes has, for --shard; see docs/many-tenants.md"),
    ("HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "The proxy to SailPoint, and the hosts that are reached without it"),
    ("SSL_CERT_FILE, SSL_CERT_DIR", "Authorities to trust, on Linux instead of the system's; see --ca-cert"),
    ("NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE", "No colours, or colours where there is no terminal; see --color"),
    ("COLUMNS", "How wide results are if there is no terminal; default: 100"),
    ("CI", "Set by CI systems: what looks like one of their commands is escaped in results"),
];

/// Files, by what they are for.
pub const FILES: [(&str, &str); 5] = [
    ("sailplan.yaml", "The workspace: tenants, credentials by name, guardrails; looked for here and above"),
    ("settings/*.yaml", "Settings files, as sailplan.yaml lists them"),
    ("allowances.yaml", "Written exceptions to guardrails, as sailplan.yaml lists them"),
    (".sailplan/receipts/", "A receipt of every apply, beside sailplan.yaml"),
    (".sailplan/tenant.json", "The state of a practice tenant"),
];

/// Returns the program, built: every command with its help, and with the global flags hidden, which the help of the program
/// lists once for all.
pub fn program() -> Command {
    let mut program = Cli::command();
    program.build();
    let of_all: Vec<String> = program.get_arguments().map(|flag| flag.get_id().to_string()).collect();
    program
        .mut_subcommands(|command| {
            let help = command_help(&command);
            let command = match command.get_name() {
                // clap's own words are in no other style of this help.
                "help" => command.about("Show the help of sailplan or of a command"),
                _ => command,
            };
            let command = match description(command.get_name()) {
                Some(description) => command.long_about(description),
                None => command,
            };
            let command = command.mut_args(|flag| {
                let everywhere = of_all.iter().any(|id| flag.get_id() == id.as_str());
                flag.hide(everywhere)
            });
            command.after_help(help.clone()).after_long_help(format!("{help}\n{}", exit_codes()))
        })
        .after_help(format!(
            "{}\nsailplan COMMAND -h says more about a command, and sailplan --help lists network\noptions, exit codes, \
             environment variables and files.",
            examples("sailplan")
        ))
        .after_long_help(format!(
            "{}\n{}\n{}\n{}",
            examples("sailplan"),
            exit_codes(),
            listed("Environment", &ENVIRONMENT),
            listed("Files", &FILES)
        ))
}

/// Returns what a command does, in full: the list of commands has a line for each.
fn description(command: &str) -> Option<StyledStr> {
    fn of<A: Args>() -> Option<StyledStr> {
        A::augment_args(Command::new("")).get_about().cloned()
    }
    match command {
        "init" => of::<InitArgs>(),
        "validate" => of::<ValidateArgs>(),
        "plan" => of::<PlanArgs>(),
        "show" => of::<ShowArgs>(),
        "tenants" => of::<TenantsArgs>(),
        "doctor" => of::<DoctorArgs>(),
        "receipts" => of::<ReceiptsArgs>(),
        "apply" => of::<ApplyArgs>(),
        "pull" => of::<PullArgs>(),
        "rollback" => of::<RollbackArgs>(),
        "migrate" => of::<MigrateArgs>(),
        "explain" => of::<ExplainArgs>(),
        "practice" => of::<PracticeArgs>(),
        "schema" => of::<SchemaArgs>(),
        "version" => of::<VersionArgs>(),
        _ => None,
    }
}

/// Returns the examples of a command.
pub fn examples_of(command: &str) -> &'static [Example] {
    EXAMPLES.iter().find(|(name, _)| *name == command).map_or(&[], |(_, examples)| examples)
}

/// Returns the exit codes, each with what it means, and what holds where several apply.
pub fn codes() -> (Vec<(&'static str, &'static str)>, &'static str) {
    let lines = EXIT_CODES.lines().skip(1);
    let codes =
        lines.filter_map(|line| line.strip_prefix("  ")?.split_once(' ')).map(|(code, text)| (code, text.trim()));
    (codes.collect(), EXIT_CODES.lines().last().unwrap_or_default())
}

fn command_help(command: &Command) -> String {
    let examples = examples(command.get_name());
    let gap = if examples.is_empty() { "" } else { "\n" };
    format!("{examples}{gap}Options of every command, such as --tenant and --color: sailplan --help\n")
}

fn examples(command: &str) -> String {
    let lines = examples_of(command).iter().map(|(line, what)| format!("  # {what}\n  {line}\n"));
    match lines.collect::<String>().as_str() {
        "" => String::new(),
        lines => format!("{}{lines}", heading("Examples")),
    }
}

fn exit_codes() -> String {
    let (codes, several) = codes();
    let line = |(code, text): (&str, &str)| {
        let text = wrap(text, 7, 78).lines().collect::<Vec<_>>().join("\n       ");
        format!("  {code:<5}{text}\n")
    };
    format!("{}{}{several}\n", heading("Exit codes"), codes.into_iter().map(line).collect::<String>())
}

fn listed(title: &str, entries: &[(&str, &str)]) -> String {
    let lines = entries.iter().map(|(name, text)| format!("  {name}\n          {text}\n"));
    format!("{}{}", heading(title), lines.collect::<String>())
}

/// Returns a heading as clap writes its own.
fn heading(title: &str) -> String {
    let style = Style::new().bold().underline();
    format!("{style}{title}:{style:#}\n")
}
