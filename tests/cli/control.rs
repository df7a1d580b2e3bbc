//! Every way in which a branch can take a tenant, a setting or a guardrail from control: what it does, and what `plan --base`
//! and `validate --base` say. Beside them the ways that must stay silent, and the ways through.

use serde_json::{Value, json};

use crate::base::git;
use crate::harness::{Run, Site};

pub(crate) const BASE: &str = "\
jitActivationPolicy:
  entitlementIds: [ae735f40-4de9-4163-801d-4a1444e59d35, 38439bbc-264b-447b-acac-a182a466b0e9]
  maxActivationPeriodMins: 2h
  applyToFutureAssignments: true
";

pub(crate) const PROD: &str = "\
accessRequestConfig:
  apiVersion: v2
  govGroupVisibilityEnabled: true
  reauthorizationEnabled: true
  entitlementRequestConfig:
    accessRequestConfig: {requestCommentRequired: false}
";

const WORKSPACE: &str = "\
tenants:
  prod:
    url: ${SAIL_BASE_URL}
    labels: {ring: prod}
    clientId: ${SAIL_CLIENT_ID}
    clientSecret: ${SAIL_CLIENT_SECRET}
    settings: [settings/base.yaml, settings/prod.yaml]
    guardrails: {maxChanges: 5, require: [maxActivationPeriodMins], apply: [plan, approved]}
    limits: {maxActivationPeriodMins: 4h}
  test:
    url: practice:.sailplan/test.json
    labels: {ring: dev}
    settings: [settings/base.yaml]
guardrails:
  - for: {ring: prod}
    owner: '@acme/iam-policy'
    deny: [loosens, disrupts]
    keep: {entitlementIds: [ae735f40-4de9-4163-801d-4a1444e59d35]}
    lift: allowances
allowances: [allowances.yaml]
";

const NEW: &str = "
  other:
    url: practice:.sailplan/other.json
    settings: [settings/base.yaml]
guardrails:
";

/// What the branch does to its files.
pub(crate) type Edit = fn(&Site);

/// What is found of one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// A loss of control that the guardrails of the base deny.
    Denied,
    /// A loss of control of which they do not speak.
    Lost,
    /// A guardrail that becomes weaker.
    Weaker,
    /// Settings that come under control.
    Gained,
    /// A tenant or a setting that stands in another place and is otherwise the same.
    Moved,
    /// A value of the tenant that the branch takes over; a validation, which sees no tenant, does not know of it.
    Accepted,
}

/// A repository whose main has the files of the base.
pub(crate) fn site() -> Site {
    let site = Site::new().tenant().file("settings/base.yaml", BASE).file("settings/prod.yaml", PROD);
    let site = site.file("sailplan.yaml", WORKSPACE).file("allowances.yaml", "[]\n");
    let site = site.file(".gitignore", ".sailplan/\ntenant-state.json*\n");
    git(&site, &["init", "-q", "-b", "main"]);
    merged(&site);
    site
}

/// Makes what the branch has the state of main.
pub(crate) fn merged(site: &Site) {
    git(site, &["add", "-A"]);
    git(site, &["commit", "-q", "-m", "x"]);
    git(site, &["branch", "-q", "-f", "base"]);
}

/// Merges an allowance.
pub(crate) fn allowed(site: &Site, allowance: &str) {
    site.write("allowances.yaml", &format!("- {{{allowance}, reason: sold, ticket: T-9, until: 9999-12-31}}\n"));
    merged(site);
}

pub(crate) fn replace(site: &Site, file: &str, from: &str, to: &str) {
    let text = site.read(file);
    assert!(text.contains(from), "{file} has no {from}");
    site.write(file, &text.replace(from, to));
}

fn remove(site: &Site, file: &str) {
    std::fs::remove_file(site.path(file)).unwrap();
}

/// Takes the entry of prod out of the workspace.
pub(crate) fn without_prod(site: &Site) {
    let text = site.read("sailplan.yaml");
    let (start, end) = (text.find("  prod:").unwrap(), text.find("  test:").unwrap());
    site.write("sailplan.yaml", &format!("{}{}", &text[..start], &text[end..]));
}

fn number(document: &Value, key: &str) -> usize {
    document[key].as_array().map_or(0, Vec::len)
}

/// What a plan or a validation says, in words: the class of everything that it found, with its message.
fn found(document: &Value) -> Vec<(Class, String)> {
    let list = |key: &str| document[key].as_array().cloned().unwrap_or_default();
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let mut found: Vec<(Class, String)> = list("losses")
        .iter()
        .map(|loss| {
            let class = if loss["denied"] == json!(true) { Class::Denied } else { Class::Lost };
            (class, format!("{}: {}", text(loss, "kind"), text(loss, "message")))
        })
        .collect();
    let tenants = list("tenants");
    let of_tenants = tenants.iter().flat_map(|tenant| tenant["weakened"].as_array().cloned().unwrap_or_default());
    let weaker = list("weakened").into_iter().chain(of_tenants);
    found.extend(
        weaker.map(|weaker| (Class::Weaker, format!("{}: {}", text(&weaker, "rule"), text(&weaker, "message")))),
    );
    found.extend(list("gains").iter().map(|gain| {
        (
            Class::Gained,
            format!("{} settings of {}, new {}", number(gain, "settings"), text(gain, "tenant"), gain["new"]),
        )
    }));
    let notes = list("problems").into_iter().filter(|problem| problem["rule"] == json!("control-moved"));
    found.extend(notes.map(|note| (Class::Moved, text(&note, "message"))));
    let resources = tenants.iter().flat_map(|tenant| tenant["resources"].as_array().cloned().unwrap_or_default());
    let accepted = resources.flat_map(|resource| resource["accepted"].as_array().cloned().unwrap_or_default());
    found.extend(accepted.map(|entry| {
        (
            Class::Accepted,
            format!(
                "{} {}, agreed {}: {}",
                text(&entry, "path"),
                entry["value"],
                entry["agreed"],
                text(&entry, "sentence")
            ),
        )
    }));
    found
}

/// What the branch does; the flags that choose tenants; the classes of what is found; the exit codes of plan and
/// validate.
pub(crate) type Row = (&'static str, Edit, &'static [&'static str], &'static [Class], i32, i32);

/// What both a plan and a validation can tell, in one order.
fn sorted(found: &[(Class, String)]) -> Vec<&(Class, String)> {
    let mut found: Vec<_> = found.iter().filter(|(class, _)| *class != Class::Accepted).collect();
    found.sort_by_key(|(class, message)| (format!("{class:?}"), message));
    found
}

/// Runs plan and validate after an edit and returns what they say, or what is not as the row expects.
fn check(row: &Row) -> Result<String, String> {
    let (what, edit, selection, expected, plan_code, validate_code) = *row;
    let site = site();
    edit(&site);
    let run = |command: &str| {
        let mut program = site.command();
        program.args([command, "--base", "base", "--format", "json"]).args(selection);
        site.read_output(program.output().unwrap())
    };
    let (plan, validation) = (run("plan"), run("validate"));
    let said = format!("{what}\n{}{}", plan.err, validation.err);
    let read = |run: &Run| serde_json::from_str::<Value>(&run.out).map_err(|error| format!("{said}{error}\n"));
    let (plan_document, validation_document) = (read(&plan)?, read(&validation)?);
    let (of_plan, of_validation) = (found(&plan_document), found(&validation_document));
    let lines: Vec<String> = of_plan.iter().map(|(class, message)| format!("    {class:?}: {message}\n")).collect();
    let classes: Vec<Class> = of_plan.iter().map(|(class, _)| *class).collect();
    let summary = |key: &str| plan_document["summary"][key].as_u64().unwrap() as usize;
    let counted = |class: Class| classes.iter().filter(|found| **found == class).count();
    let as_expected = (plan.code, validation.code) == (Some(plan_code), Some(validate_code))
        && sorted(&of_plan) == sorted(&of_validation)
        && classes == expected
        && summary("losses") == counted(Class::Lost) + counted(Class::Denied)
        && summary("denied") == counted(Class::Denied)
        && summary("weakened") == counted(Class::Weaker)
        && summary("moved") == counted(Class::Moved)
        && summary("accepted") == counted(Class::Accepted);
    if !as_expected {
        let codes = format!("exit {:?} and {:?}", plan.code, validation.code);
        return Err(format!("{said}{codes}, expected {expected:?}\n{}{of_validation:#?}\n", lines.concat()));
    }
    Ok(format!("{what} {}\n{}", selection.join(" "), lines.concat()).replace(site.url(), "[TENANT]"))
}

/// Checks every row and returns what is said, one row after the other.
pub(crate) fn table(rows: &[Row]) -> String {
    let (mut said, mut wrong) = (String::new(), String::new());
    for row in rows {
        match check(row) {
            Ok(text) => said.push_str(&text),
            Err(text) => wrong.push_str(&text),
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    said
}

#[test]
fn control_that_is_lost_is_said() {
    let rows: &[Row] = &[
        ("prod is deleted", without_prod, &[], &[Class::Denied], 3, 3),
        ("prod is deleted, and chosen by name", without_prod, &["--tenant=prod"], &[Class::Denied], 3, 3),
        ("prod is deleted, and chosen by label", without_prod, &["--label=ring=prod"], &[Class::Denied], 3, 3),
        (
            "the unguarded test is deleted",
            |site| {
                let text = site.read("sailplan.yaml");
                let (start, end) = (text.find("  test:").unwrap(), text.find("guardrails:\n  - for").unwrap());
                site.write("sailplan.yaml", &format!("{}{}", &text[..start], &text[end..]));
            },
            &[],
            &[Class::Lost],
            0,
            0,
        ),
        (
            "prod is at another address",
            |site| replace(site, "sailplan.yaml", "${SAIL_BASE_URL}", "practice:.sailplan/elsewhere.json"),
            &["--tenant=prod"],
            &[Class::Denied, Class::Gained],
            3,
            3,
        ),
        (
            "prod loses the label that chooses it",
            |site| {
                replace(site, "sailplan.yaml", "{ring: prod}\n    clientId", "{ring: dev}\n    clientId");
                replace(site, "sailplan.yaml", "- for: {ring: prod}", "- for: {ring: [dev, prod]}");
            },
            &["--label=ring=prod"],
            &[Class::Denied],
            3,
            3,
        ),
        (
            "prod is renamed and no longer chosen",
            |site| replace(site, "sailplan.yaml", "  prod:", "  live:"),
            &["--tenant=prod"],
            &[Class::Denied],
            3,
            3,
        ),
        (
            "a line is deleted",
            |site| replace(site, "settings/prod.yaml", "  reauthorizationEnabled: true\n", ""),
            &[],
            &[Class::Denied],
            3,
            3,
        ),
        (
            "three settings are deleted in a file of both tenants",
            |site| {
                site.write("settings/base.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 2h}\n");
            },
            &["--tenant=prod"],
            &[Class::Denied, Class::Denied],
            3,
            3,
        ),
        (
            "a setting of the unguarded tenant is released",
            |site| {
                site.write("settings/test.yaml", "jitActivationPolicy: {unmanaged: [maxActivationPeriodMins]}\n");
                replace(site, "sailplan.yaml", "[settings/base.yaml]", "[settings/base.yaml, settings/test.yaml]");
            },
            &[],
            &[Class::Lost],
            0,
            0,
        ),
        (
            "a setting is released",
            |site| {
                site.write("settings/more.yaml", "jitActivationPolicy: {unmanaged: [applyToFutureAssignments]}\n");
                replace(site, "sailplan.yaml", "settings/prod.yaml]", "settings/prod.yaml, settings/more.yaml]");
            },
            &[],
            &[Class::Denied],
            3,
            3,
        ),
        (
            "an object is released",
            |site| {
                site.write("settings/more.yaml", "accessRequestConfig: {unmanaged: [entitlementRequestConfig]}\n");
                replace(site, "sailplan.yaml", "settings/prod.yaml]", "settings/prod.yaml, settings/more.yaml]");
            },
            &[],
            &[Class::Denied],
            3,
            3,
        ),
        ("a resource is deleted", |site| site.write("settings/prod.yaml", "{}\n"), &[], &[Class::Denied], 3, 3),
        (
            "a layer is dropped",
            |site| replace(site, "sailplan.yaml", "settings/base.yaml, settings/prod.yaml", "settings/base.yaml"),
            &[],
            &[Class::Denied],
            3,
            3,
        ),
        (
            "a layer and its file are dropped",
            |site| {
                replace(site, "sailplan.yaml", "settings/base.yaml, settings/prod.yaml", "settings/base.yaml");
                remove(site, "settings/prod.yaml");
            },
            &[],
            &[Class::Denied],
            3,
            3,
        ),
        (
            "the older generation does not have the settings",
            |site| {
                site.write(
                    "settings/prod.yaml",
                    "accessRequestConfig: {apiVersion: beta, reauthorizationEnabled: true}\n",
                );
            },
            &[],
            &[Class::Denied, Class::Denied],
            3,
            3,
        ),
    ];
    insta::assert_snapshot!(table(rows));
}

#[test]
fn guardrails_that_become_weaker_are_said_and_never_denied() {
    let rows: &[Row] = &[
        (
            "a word of deny goes",
            |site| replace(site, "sailplan.yaml", "[loosens, disrupts]", "[disrupts]"),
            &[],
            &[Class::Weaker],
            0,
            0,
        ),
        (
            "maxChanges is raised",
            |site| replace(site, "sailplan.yaml", "maxChanges: 5", "maxChanges: 50"),
            &[],
            &[Class::Weaker],
            0,
            0,
        ),
        ("maxChanges goes", |site| replace(site, "sailplan.yaml", "maxChanges: 5, ", ""), &[], &[Class::Weaker], 0, 0),
        (
            "a required setting goes",
            |site| replace(site, "sailplan.yaml", "require: [maxActivationPeriodMins]", "require: []"),
            &[],
            &[Class::Weaker],
            0,
            0,
        ),
        (
            "a member need not stay",
            |site| {
                replace(
                    site,
                    "sailplan.yaml",
                    "    keep: {entitlementIds: [ae735f40-4de9-4163-801d-4a1444e59d35]}\n",
                    "",
                );
            },
            &[],
            &[Class::Weaker],
            0,
            0,
        ),
        (
            "a limit is raised",
            |site| {
                replace(
                    site,
                    "sailplan.yaml",
                    "limits: {maxActivationPeriodMins: 4h}",
                    "limits: {maxActivationPeriodMins: 6h}",
                );
            },
            &[],
            &[Class::Weaker],
            0,
            0,
        ),
        (
            "a limit goes",
            |site| replace(site, "sailplan.yaml", "    limits: {maxActivationPeriodMins: 4h}\n", ""),
            &[],
            &[Class::Weaker],
            0,
            0,
        ),
        (
            "flags lift again",
            |site| replace(site, "sailplan.yaml", "    lift: allowances\n", ""),
            &[],
            &[Class::Weaker],
            0,
            0,
        ),
        (
            "more ways to approve",
            |site| replace(site, "sailplan.yaml", "apply: [plan, approved]", "apply: [plan, approved, yes]"),
            &[],
            &[Class::Weaker],
            0,
            0,
        ),
        (
            "every way to approve",
            |site| replace(site, "sailplan.yaml", ", apply: [plan, approved]", ""),
            &[],
            &[Class::Weaker],
            0,
            0,
        ),
        (
            "a new allowance",
            |site| {
                site.write(
                    "allowances.yaml",
                    "- {tenant: prod, setting: maxActivationPeriodMins, upTo: 3h, reason: audit, ticket: T-1, until: 9999-12-31}\n",
                );
            },
            &[],
            &[Class::Weaker],
            0,
            0,
        ),
        (
            "another label takes prod out of the set",
            |site| replace(site, "sailplan.yaml", "{ring: prod}\n    clientId", "{ring: live}\n    clientId"),
            &[],
            &[Class::Weaker, Class::Weaker, Class::Weaker, Class::Weaker],
            0,
            0,
        ),
        (
            "the set is for others",
            |site| replace(site, "sailplan.yaml", "- for: {ring: prod}", "- for: {ring: dev}"),
            &[],
            &[Class::Weaker, Class::Weaker, Class::Weaker, Class::Weaker],
            0,
            0,
        ),
        (
            "a label and the name of another tenant",
            |site| {
                replace(site, "sailplan.yaml", "  test:", "  spare:");
                replace(site, "sailplan.yaml", "  prod:", "  test:");
                replace(site, "sailplan.yaml", "deny: [loosens, disrupts]", "deny: [disrupts]");
            },
            &[],
            &[Class::Weaker, Class::Moved, Class::Moved],
            0,
            0,
        ),
        (
            "prod is renamed and loses a guardrail",
            |site| {
                replace(site, "sailplan.yaml", "  prod:", "  live:");
                replace(site, "sailplan.yaml", "deny: [loosens, disrupts]", "deny: [disrupts]");
            },
            &[],
            &[Class::Weaker, Class::Moved],
            0,
            0,
        ),
    ];
    insta::assert_snapshot!(table(rows));
}

#[test]
fn there_is_a_way_through() {
    let rows: &[Row] = &[
        (
            "offboarding: first the allowance, then the tenant",
            |site| {
                allowed(site, "tenant: prod, release: all");
                without_prod(site);
                site.write("allowances.yaml", "[]\n");
            },
            &[],
            &[Class::Lost],
            0,
            0,
        ),
        (
            "offboarding by a pattern",
            |site| {
                allowed(site, "tenant: 'p*', release: all");
                without_prod(site);
            },
            &[],
            &[Class::Lost],
            0,
            0,
        ),
        (
            "the allowance in the same branch permits nothing",
            |site| {
                without_prod(site);
                site.write(
                    "allowances.yaml",
                    "- {tenant: prod, release: all, reason: sold, ticket: T-9, until: 9999-12-31}\n",
                );
            },
            &[],
            &[Class::Denied],
            3,
            3,
        ),
        (
            "the allowance is for another tenant",
            |site| {
                allowed(site, "tenant: prod-at, release: all");
                without_prod(site);
            },
            &[],
            &[Class::Denied],
            3,
            3,
        ),
        (
            "the tenant takes the name of an allowance",
            |site| {
                allowed(site, "tenant: test, release: all");
                replace(site, "sailplan.yaml", "  test:", "  spare:");
                replace(site, "sailplan.yaml", "  prod:", "  test:");
                site.write("settings/prod.yaml", "{}\n");
            },
            &[],
            &[Class::Denied, Class::Weaker, Class::Moved, Class::Moved],
            3,
            3,
        ),
        (
            "one setting is released, two leave",
            |site| {
                allowed(site, "tenant: prod, release: [reauthorizationEnabled]");
                replace(site, "settings/prod.yaml", "  reauthorizationEnabled: true\n", "");
                replace(site, "settings/prod.yaml", "  govGroupVisibilityEnabled: true\n", "");
            },
            &[],
            &[Class::Denied, Class::Lost],
            3,
            3,
        ),
        (
            "one setting is released",
            |site| {
                allowed(site, "tenant: prod, release: [reauthorizationEnabled]");
                replace(site, "settings/prod.yaml", "  reauthorizationEnabled: true\n", "");
            },
            &[],
            &[Class::Lost],
            0,
            0,
        ),
        (
            "a new release is a weaker guardrail",
            |site| {
                site.write(
                    "allowances.yaml",
                    "- {tenant: prod, release: [reauthorizationEnabled], reason: x, ticket: T-9, until: 9999-12-31}\n",
                );
            },
            &[],
            &[Class::Weaker],
            0,
            0,
        ),
        (
            "migration to a newer generation",
            |site| {
                let flat = "accessRequestConfig:\n  apiVersion: beta\n  reauthorizationEnabled: true\n  \
                            entitlementRequestConfig: {requestCommentsRequired: false}\n";
                site.write("settings/prod.yaml", flat);
                merged(site);
                site.write("settings/prod.yaml", &PROD.replace("  govGroupVisibilityEnabled: true\n", ""));
            },
            &[],
            &[],
            0,
            0,
        ),
        (
            "the folders move",
            |site| {
                std::fs::create_dir(site.path("iam")).unwrap();
                git(site, &["mv", "settings", "sailplan.yaml", "allowances.yaml", "iam/"]);
            },
            &["-f=iam/sailplan.yaml"],
            &[Class::Moved, Class::Moved],
            0,
            0,
        ),
        (
            "a tenant moves to a workspace of its own",
            |site| {
                let text = site.read("sailplan.yaml");
                let (start, end) = (text.find("  test:").unwrap(), text.find("guardrails:\n  - for").unwrap());
                site.write("sailplan.yaml", &format!("{}{}", &text[..start], &text[end..]));
                site.write("test.yaml", &format!("tenants:\n{}", &text[start..end]));
            },
            &["-f=test.yaml", "--tenant=test"],
            &[Class::Moved],
            0,
            0,
        ),
    ];
    insta::assert_snapshot!(table(rows));
}

#[test]
fn what_takes_nothing_is_silent() {
    let rows: &[Row] = &[
        ("nothing", |_| {}, &[], &[], 0, 0),
        ("a comment", |site| site.write("settings/base.yaml", &format!("# said\n{BASE}")), &[], &[], 0, 0),
        ("prod is renamed", |site| replace(site, "sailplan.yaml", "  prod:", "  live:"), &[], &[Class::Moved], 0, 0),
        (
            "prod is renamed and chosen by its new name",
            |site| replace(site, "sailplan.yaml", "  prod:", "  live:"),
            &["--tenant=live"],
            &[Class::Moved],
            0,
            0,
        ),
        (
            "prod's address is written in another way",
            |site| replace(site, "sailplan.yaml", "${SAIL_BASE_URL}", &format!("{}/", site.url())),
            &[],
            &[],
            0,
            0,
        ),
        (
            "the practice tenant's file is written in another way",
            |site| {
                replace(
                    site,
                    "sailplan.yaml",
                    "practice:.sailplan/test.json",
                    "practice:settings/../.sailplan/./test.json",
                );
            },
            &[],
            &[],
            0,
            0,
        ),
        (
            "a setting moves to another layer",
            |site| {
                replace(site, "settings/base.yaml", "  applyToFutureAssignments: true\n", "");
                site.write("settings/common.yaml", "jitActivationPolicy: {applyToFutureAssignments: true}\n");
                replace(site, "sailplan.yaml", "[settings/base.yaml", "[settings/common.yaml, settings/base.yaml");
            },
            &[],
            &[],
            0,
            0,
        ),
        (
            "a settings file is renamed",
            |site| {
                git(site, &["mv", "settings/prod.yaml", "settings/live.yaml"]);
                replace(site, "sailplan.yaml", "settings/prod.yaml", "settings/live.yaml");
            },
            &[],
            &[],
            0,
            0,
        ),
        (
            "guardrails move from the tenant to a set",
            |site| {
                replace(site, "sailplan.yaml", "maxChanges: 5, ", "");
                replace(site, "sailplan.yaml", "    lift: allowances\n", "    lift: allowances\n    maxChanges: 5\n");
            },
            &[],
            &[],
            0,
            0,
        ),
        (
            "guardrails become stricter",
            |site| {
                replace(site, "sailplan.yaml", "maxChanges: 5", "maxChanges: 3");
                replace(site, "sailplan.yaml", "[loosens, disrupts]", "[loosens, disrupts, overrides]");
                replace(
                    site,
                    "sailplan.yaml",
                    "limits: {maxActivationPeriodMins: 4h}",
                    "limits: {maxActivationPeriodMins: 3h}",
                );
                replace(site, "sailplan.yaml", "apply: [plan, approved]", "apply: [approved]");
            },
            &[],
            &[],
            0,
            0,
        ),
        (
            "another tenant loses its label",
            |site| replace(site, "sailplan.yaml", "    labels: {ring: dev}\n", ""),
            &["--label=ring=prod"],
            &[],
            0,
            0,
        ),
        (
            "a second workspace with another tenant",
            |site| {
                site.write("more/sailplan.yaml", "tenants: {more: {url: 'practice:t.json', settings: [s.yaml]}}\n");
                site.write("more/s.yaml", BASE);
            },
            &["--label=ring=prod"],
            &[],
            0,
            0,
        ),
        (
            "an allowance for another tenant",
            |site| {
                site.write(
                    "allowances.yaml",
                    "- {tenant: test, setting: maxActivationPeriodMins, upTo: 3h, reason: audit, ticket: T-1, until: 9999-12-31}\n",
                );
            },
            &["--tenant=prod"],
            &[],
            0,
            0,
        ),
        (
            "a new tenant comes under control",
            |site| replace(site, "sailplan.yaml", "\nguardrails:\n", NEW),
            &[],
            &[Class::Gained],
            0,
            0,
        ),
        (
            "a new setting comes under control",
            |site| {
                replace(
                    site,
                    "settings/prod.yaml",
                    "  reauth",
                    "  machineIdentityAccessRequestEnabled: true\n  reauth",
                );
            },
            &[],
            &[Class::Gained],
            0,
            0,
        ),
    ];
    insta::assert_snapshot!(table(rows));
}

/// Moves a file of the base, and puts a link in its place.
#[cfg(unix)]
fn link(site: &Site, from: &str, to: &str, target: &str) {
    std::fs::create_dir_all(site.path(to).parent().unwrap()).unwrap();
    std::fs::rename(site.path(from), site.path(to)).unwrap();
    std::os::unix::fs::symlink(target, site.path(from)).unwrap();
}

#[cfg(unix)]
#[test]
fn what_a_link_leads_to_in_the_base_is_compared() {
    let rows: [(&str, Edit); 4] = [
        ("settings/real.yaml", |site| link(site, "settings/base.yaml", "settings/real.yaml", "real.yaml")),
        ("library/base.yaml", |site| link(site, "settings", "library", "library")),
        ("library/iam/base.yaml", |site| link(site, "settings/base.yaml", "library/iam/base.yaml", "../way/base.yaml")),
        ("library/iam/base.yaml", |site| {
            link(site, "settings/base.yaml", "library/iam/base.yaml", "../library/iam/base.yaml");
            replace(
                site,
                "sailplan.yaml",
                "[settings/base.yaml, settings/prod.yaml]",
                "[way/../iam/base.yaml, settings/prod.yaml]",
            );
        }),
    ];
    for (real, edit) in rows {
        let site = site();
        std::os::unix::fs::symlink("library/iam", site.path("way")).unwrap();
        edit(&site);
        merged(&site);
        let same = site.run_wide(["validate", "--base", "base"]);
        assert_eq!(same.code, Some(0), "{real}: {}", same.text());
        assert!(same.text().contains("no loss of control."), "{real}: {}", same.text());
        replace(&site, real, "  applyToFutureAssignments: true\n", "");
        let lost = site.run_wide(["validate", "--base", "base"]);
        assert_eq!(lost.code, Some(3), "{real}: {}", lost.text());
        let what = "prod: jitActivationPolicy.applyToFutureAssignments is no longer managed, was true";
        assert!(lost.text().contains(what), "{real}: {}", lost.text());
    }
}

#[cfg(unix)]
#[test]
fn where_the_base_cannot_be_read_it_is_not_known_whether_control_is_lost() {
    let rows = [
        ("/etc/hostname", "leads out of the repository"),
        ("../../x.yaml", "leads out of the repository"),
        ("base.yaml", "leads back to itself"),
        ("none.yaml", "there is no file `settings/base.yaml` in base"),
    ];
    for (target, what) in rows {
        let site = site();
        link(&site, "settings/base.yaml", "real.yaml", target);
        merged(&site);
        remove(&site, "settings/base.yaml");
        site.write("settings/base.yaml", &BASE.replace("  applyToFutureAssignments: true\n", ""));
        let run = site.run_wide(["validate", "--base", "base"]);
        assert!(run.text().contains(what), "{target}: {}", run.text());
        assert!(run.text().contains("whether control is lost is not known"), "{target}: {}", run.text());
        assert!(!run.text().contains("no loss of control"), "{target}: {}", run.text());
        replace(&site, "settings/base.yaml", "2h", "3h");
        without_prod(&site);
        let run = site.run_wide(["validate", "--base", "base"]);
        assert!(run.text().contains("whether more control is lost is not known"), "{target}: {}", run.text());
    }
}
