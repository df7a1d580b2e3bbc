//! Ways to loosen a tenant in two changes of which each looks harmless: what the one or the other says. And ways to hide a
//! workspace, a guardrail or a setting from the comparison.

use crate::base::git;
use crate::control::{BASE, Class, PROD, Row, merged, replace, table, without_prod};
use crate::harness::Site;

/// A second workspace file with an entry for prod's address.
fn copy(site: &Site, file: &str, rest: &str) {
    let entry = "tenants:\n  spare:\n    url: ${SAIL_BASE_URL}\n    clientId: ${SAIL_CLIENT_ID}\n    \
                 clientSecret: ${SAIL_CLIENT_SECRET}\n    settings: [all.yaml]\n";
    site.write(file, &format!("{entry}{rest}"));
    site.write(&std::path::Path::new(file).with_file_name("all.yaml").display().to_string(), &format!("{BASE}{PROD}"));
}

/// The guardrails of prod.
const GUARDED: &str = "    guardrails: {deny: [loosens, disrupts], maxChanges: 5, require: [maxActivationPeriodMins], \
                       apply: [plan, approved], lift: allowances, keep: {entitlementIds: \
                       [ae735f40-4de9-4163-801d-4a1444e59d35]}}\n    limits: {maxActivationPeriodMins: 4h}\n";

/// Moves the workspace file and takes `deny` away.
fn moved(site: &Site) {
    git(site, &["mv", "sailplan.yaml", "iam.yaml"]);
    replace(site, "iam.yaml", "deny: [loosens, disrupts]", "deny: [disrupts]");
}

#[test]
fn a_second_file_for_the_tenant_hides_nothing() {
    let rows: &[Row] = &[
        (
            "a copy without guardrails, first change",
            |site| copy(site, "x/sailplan.yaml", ""),
            &["--tenant=*"],
            &[
                Class::Weaker,
                Class::Weaker,
                Class::Weaker,
                Class::Weaker,
                Class::Weaker,
                Class::Weaker,
                Class::Weaker,
                Class::Weaker,
                Class::Moved,
            ],
            0,
            0,
        ),
        (
            "a copy with the same guardrails, first change",
            |site| copy(site, "x/sailplan.yaml", GUARDED),
            &[],
            &[Class::Moved],
            0,
            0,
        ),
        (
            "a copy, second change: the first file lets go of a setting",
            |site| {
                copy(site, "x/sailplan.yaml", GUARDED);
                merged(site);
                replace(site, "settings/prod.yaml", "  reauthorizationEnabled: true\n", "");
            },
            &[],
            &[Class::Moved],
            0,
            0,
        ),
        (
            "a copy, second change: both let go of a setting",
            |site| {
                copy(site, "x/sailplan.yaml", GUARDED);
                merged(site);
                replace(site, "settings/prod.yaml", "  reauthorizationEnabled: true\n", "");
                replace(site, "x/all.yaml", "  reauthorizationEnabled: true\n", "");
            },
            &[],
            &[Class::Denied],
            3,
            3,
        ),
        (
            "a copy, second change: the first file lets go of the tenant",
            |site| {
                copy(site, "x/sailplan.yaml", GUARDED);
                merged(site);
                without_prod(site);
            },
            &[],
            &[Class::Moved],
            0,
            0,
        ),
        (
            "a copy whose settings have errors decides nothing",
            |site| {
                copy(site, "x/sailplan.yaml", GUARDED);
                site.write("x/all.yaml", "jitActivationPolicy: {nothing: 1}\n");
                replace(site, "settings/prod.yaml", "  reauthorizationEnabled: true\n", "");
            },
            &[],
            &[Class::Denied, Class::Moved],
            3,
            3,
        ),
        (
            "the settings of a copy get errors",
            |site| {
                copy(site, "x/sailplan.yaml", GUARDED);
                site.write("x/all.yaml", &format!("{BASE}  notificationTemplate: x\n{PROD}"));
                merged(site);
                site.write("x/all.yaml", "jitActivationPolicy: {nothing: 1}\n");
            },
            &[],
            &[Class::Denied, Class::Moved],
            3,
            3,
        ),
        (
            "the stricter guardrails of a second file go with it",
            |site| {
                copy(site, "x/sailplan.yaml", "    guardrails: {maxChanges: 1}\n");
                merged(site);
                git(site, &["rm", "-q", "-r", "x"]);
            },
            &[],
            &[Class::Weaker, Class::Moved],
            0,
            0,
        ),
        (
            "the guardrails of a second file move to the first",
            |site| {
                copy(site, "x/sailplan.yaml", "    guardrails: {maxChanges: 1}\n");
                merged(site);
                git(site, &["rm", "-q", "-r", "x"]);
                replace(site, "sailplan.yaml", "maxChanges: 5", "maxChanges: 1");
            },
            &[],
            &[Class::Moved],
            0,
            0,
        ),
    ];
    insta::assert_snapshot!(table(rows));
}

#[test]
fn a_workspace_file_that_moves_is_found_however_it_is_written() {
    let weaker = &[Class::Weaker, Class::Moved, Class::Moved];
    let rows: &[Row] = &[
        ("moved", moved, &["-f=iam.yaml"], weaker, 0, 0),
        (
            "attributes call it binary",
            |site| {
                site.write(".gitattributes", "*.yaml binary\n");
                moved(site);
            },
            &["-f=iam.yaml"],
            weaker,
            0,
            0,
        ),
        (
            "a byte order mark",
            |site| {
                site.write("sailplan.yaml", &format!("\u{feff}{}", site.read("sailplan.yaml")));
                merged(site);
                moved(site);
            },
            &["-f=iam.yaml"],
            weaker,
            0,
            0,
        ),
        (
            "an escaped key",
            |site| {
                replace(site, "sailplan.yaml", "tenants:\n", "\"\\x74enant\\u0073\":\n");
                merged(site);
                moved(site);
            },
            &["-f=iam.yaml"],
            weaker,
            0,
            0,
        ),
        (
            "an explicit key",
            |site| {
                replace(site, "sailplan.yaml", "tenants:\n", "? tenants   # all of them\n:\n");
                merged(site);
                moved(site);
            },
            &["-f=iam.yaml"],
            weaker,
            0,
            0,
        ),
        (
            "a flow mapping",
            |site| {
                site.write(
                    "sailplan.yaml",
                    "{'tenants':{test: {url: 'practice:.sailplan/test.json', settings: [settings/base.yaml], guardrails: \
                     {deny: [loosens]}}}}\n",
                );
                merged(site);
                git(site, &["mv", "sailplan.yaml", "iam.yaml"]);
                replace(site, "iam.yaml", "deny: [loosens]", "maxChanges: 9");
            },
            &["-f=iam.yaml"],
            &[Class::Weaker, Class::Moved],
            0,
            0,
        ),
    ];
    insta::assert_snapshot!(table(rows));
}

#[test]
fn what_prepares_a_loosening_is_said_before_it_happens() {
    let rows: &[Row] = &[
        (
            "an allowance to empty a set, where nothing else is guarded",
            |site| {
                let text = "tenants: {test: {url: 'practice:.sailplan/test.json', settings: [settings/base.yaml]}}\n";
                site.write("sailplan.yaml", text);
                merged(site);
                site.write("sailplan.yaml", &format!("{text}allowances: [allowances.yaml]\n"));
                site.write(
                    "allowances.yaml",
                    "- {tenant: test, setting: entitlementIds, upTo: 9, reason: x, ticket: T-1, until: 9999-12-31}\n",
                );
            },
            &[],
            &[Class::Weaker],
            0,
            0,
        ),
        (
            "an allowance for a setting that nothing guards",
            |site| {
                let text = "tenants: {test: {url: 'practice:.sailplan/test.json', settings: [settings/base.yaml]}}\n";
                site.write("sailplan.yaml", text);
                merged(site);
                site.write("sailplan.yaml", &format!("{text}allowances: [allowances.yaml]\n"));
                site.write(
                    "allowances.yaml",
                    "- {tenant: test, setting: maxActivationPeriodMins, upTo: 9h, reason: x, ticket: T-1, until: 9999-12-31}\n",
                );
            },
            &[],
            &[],
            0,
            0,
        ),
        (
            "a value that somebody set in the tenant is taken over",
            |site| {
                replace(site, "settings/base.yaml", "maxActivationPeriodMins: 2h", "maxActivationPeriodMins: 1h");
                merged(site);
                replace(site, "settings/base.yaml", "maxActivationPeriodMins: 1h", "maxActivationPeriodMins: 2h");
            },
            &["--tenant=prod"],
            &[Class::Accepted],
            0,
            0,
        ),
        (
            "a value is written in another way",
            |site| replace(site, "settings/base.yaml", "maxActivationPeriodMins: 2h", "maxActivationPeriodMins: 120"),
            &[],
            &[],
            0,
            0,
        ),
        (
            "the layers trade places, first change",
            |site| {
                replace(
                    site,
                    "sailplan.yaml",
                    "[settings/base.yaml, settings/prod.yaml]",
                    "[settings/prod.yaml, settings/base.yaml]",
                );
            },
            &[],
            &[],
            0,
            0,
        ),
        (
            "another tenant is given prod's address",
            |site| replace(site, "sailplan.yaml", "practice:.sailplan/test.json", "${SAIL_BASE_URL}"),
            &[],
            &[Class::Lost, Class::Moved],
            0,
            0,
        ),
        (
            "the label of prod leaves first, the guardrails after it",
            |site| {
                replace(site, "sailplan.yaml", "{ring: prod}\n    clientId", "{ring: live}\n    clientId");
                replace(site, "sailplan.yaml", "- for: {ring: prod}", "- for: {ring: [prod, live]}");
                merged(site);
                replace(site, "sailplan.yaml", "- for: {ring: [prod, live]}", "- for: {ring: prod}");
            },
            &[],
            &[Class::Weaker, Class::Weaker, Class::Weaker, Class::Weaker],
            0,
            0,
        ),
    ];
    insta::assert_snapshot!(table(rows));
}
