//! Command lines that are typed wrong, by people who come from other tools among others: one error, one thing to do, exit
//! code 64, and nothing sent.

use crate::harness::Site;

/// The lines, without the name of the program.
const LINES: &str = "
plan -html=x
plan -html
apply -html=x
plan -full
plan -format=json
plan -parallelism=3
plan -timeout=3
plan -tenant x
plan -quiet
plan -url=https://acme.api.identitynow.com
plan -base=main
plan -version
plan -help
plan -yes
plan -destroy
plan -replace=a
plan -upgrade
init -reconfigure
init -backend=false
plan -out=plan.json
plan -oplan.json
plan -input=false
apply -auto-approve
apply -auto-approve=true
apply --auto-approve=true
apply --yes=false
apply -target=prod
plan -target=prod
plan --target prod
plan -var-file=prod.tfvars
plan -refresh-only
plan -lock=false
plan -json
validate -json
apply -json
apply --json
show --json plan.json
show plan.json --json
validate --json
completions --json bash
rollback .sailplan/receipts/20261126T101112Z-abcdef0123456789.json .sailplan/receipts/20261125T101112Z-abcdef0123456789.json
plan -no-color
plan -chdir=prod
plan --dry-run
apply --dry-run
validate --dry-run
apply --force
plan --refresh=false
plan --config x
validate -o json
plan --context prod
plan -n prod
plan -l ring=a
plan --select-tag a
plan --konnect-token hunter2hunter2
plan --insecure
plan --expect-no-changes
validate --strikt
plan --parallelism 0
plan --retries -1
plan --timeout 0
plan --timeout 1.5x
plan --markdown-limit 10
plan --format jsn
plan --color
plan --label ring
plan --retries many
plan --tenant
plan -v -q
plan --format json --format text
plan --out
plan --only
apply --approved x --yes
apply --approved abc
rollback receipt.json --approved sha256:00
show
rollback
explain a b
migrate
completions
completions tcsh
practice --listen here
practice --fault help
practice --fault 'drop PUT'
init --install https://user:s3cret@host/sailplan
init --ci jenkins
schema plam
pull --resource jit
--out plan.json plan
plann
-C
import
dump
drift
diff
sync
destroy
fmt
state
output
workspace
console
refresh
graph
login
test
gateway
6f9619ff8b86d011b42d00cf4fc964ff-secret
help nosuch
help plan x
plan -generate-config-out=x.tf
plan -compact-warnings
plan --detailed-exit-code
apply tfplan -lock-timeout=30s
apply -replace=a.b
plan --out-file plan.json
apply --plan plan.json
show --plan plan.json
taint prod
providers
get settings -o yaml
describe prod
edit prod
patch prod
delete prod
rollout undo
apply -f settings.yaml -k x
apply -R
plan --all-namespaces
explain --recursive maxActivationPeriodMins
apply --server-side
apply --wait
logs prod
config set-context prod
gateway sync kong.yaml
plan --state kong.yaml
validate --online-entities-list
convert --from a --to b
commit -m x
checkout main
show --stat plan.json
revert abc
pr create
auth login
install release chart
uninstall release
template chart
plan --values v.yaml
apply --atomic
plan --log-level debug
tenants ls
doctor --fix
receipts --limit 5
rollback --to 3
pull origin
validate --fix
practice start
plan --profile prod
plan --tenants prod
";

/// Splits a line at blanks, single quotes around a word kept together.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate();
    let words = parts.flat_map(|(index, part)| match index % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

#[test]
fn a_mistyped_command_line_has_one_error_and_one_thing_to_do() {
    let site = Site::new().tenant().file("s.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 4h}\n");
    let mut table = String::new();
    for line in LINES.lines().filter(|line| !line.is_empty()) {
        let output = site.bare_command().args(words(line)).output().unwrap();
        let run = site.read_output(output);
        let count = |start: &str| run.err.lines().filter(|line| line.starts_with(start)).count();
        let found = (run.code, run.out.as_str(), run.err.lines().count(), count("error: "), count("  help: "));
        assert_eq!(found, (Some(64), "", 2, 1, 1), "{line}\n{}", run.err);
        let is_secret = |secret: &&str| run.err.contains(*secret);
        assert_eq!(["s3cret", "hunter2", "6f9619ff"].iter().find(|secret| is_secret(secret)), None, "{}", run.err);
        table.push_str(&format!("$ sailplan {line}\n{}\n", run.err));
    }
    assert_eq!(site.calls(), [] as [&str; 0]);
    insta::assert_snapshot!(table);
}

#[test]
fn usage_errors_are_json_lines_where_messages_are() {
    let site = Site::new();
    for line in ["--log-format json plan --dry-run", "plan -html --log-format=json", "nosuch --log-format json"] {
        let run = site.read_output(site.bare_command().args(words(line)).output().unwrap());
        assert_eq!((run.code, run.err.lines().count()), (Some(64), 1), "{}", run.err);
        let message: serde_json::Value = serde_json::from_str(&run.err).unwrap();
        assert_eq!((&message["level"], message["help"].as_array().unwrap().len()), (&"error".into(), 1), "{message}");
    }
}

#[test]
fn colours_are_for_those_who_ask_for_them() {
    let site = Site::new();
    let colourful = |line: &str, variables: &[(&str, &str)]| {
        let output = site.bare_command().args(words(line)).envs(variables.iter().copied()).output().unwrap();
        let bytes = if output.stdout.is_empty() { output.stderr } else { output.stdout };
        bytes.contains(&0x1b)
    };
    for line in ["--help", "help", "help plan", "plan -h", "plan --nope", "-html"] {
        assert!(!colourful(line, &[]), "{line}");
        assert!(colourful(&format!("--color always {line}"), &[]), "{line}");
        assert!(colourful(line, &[("FORCE_COLOR", "1")]), "{line}");
        assert!(!colourful(line, &[("FORCE_COLOR", "0")]), "{line}");
        assert!(!colourful(line, &[("FORCE_COLOR", "1"), ("NO_COLOR", "1")]), "{line}");
        assert!(!colourful(&format!("--color never {line}"), &[("FORCE_COLOR", "1")]), "{line}");
    }
}

#[test]
fn help_and_version_are_commands_too() {
    let site = Site::new();
    let run = |line: &str| site.read_output(site.bare_command().args(words(line)).output().unwrap());
    assert_eq!(run("help").text(), run("--help").text());
    assert_eq!(run("help plan").text(), run("plan --help").text());
    assert_eq!(run("version").text(), run("--version").text());
    let version: serde_json::Value = serde_json::from_str(&run("version --format json").out).unwrap();
    assert_eq!(version["sailplan"], env!("CARGO_PKG_VERSION"));
    assert_eq!(version["generations"]["accessRequestConfig"].as_array().unwrap().last().unwrap(), "v2");
}
