//! What is pasted into workspaces and allowances, and what each gets told.

use std::path::Path;

use crate::guardrails::allowance;
use crate::text::disk::Disk;
use crate::text::problem::{Problem, line_column};
use crate::text::yaml::Source;
use crate::workspace;

const ID: &str = "ae735f40-4de9-4163-801d-4a1444e59d35";

/// Lines of a tenant.
const TENANT: [&str; 41] = [
    "url: “https://acme.api.identitynow.com”",
    "url: \"https://acme.api.identitynow.com \"",
    "url: \"https://acme.api.identitynow.com\\n\"",
    "url: <https://acme.api.identitynow.com>",
    "url: \"<https://acme.api.identitynow.com|acme>\"",
    "url: \"[acme](https://acme.api.identitynow.com)\"",
    "url: https://<tenant>.api.identitynow.com",
    "url: \"https://{{ tenant }}.api.identitynow.com\"",
    "url: https://${TENANT}.api.identitynow.com",
    "url: $URL",
    "url: $(URL)",
    "url: \"%URL%\"",
    "url: \"https://acme\u{200b}.api.identitynow.com\"",
    "url: \"https://\u{430}cme.api.identitynow.com\"",
    "url: \"https\u{ff1a}//acme.api.identitynow.com\"",
    "url: hxxps://acme.api.identitynow.com",
    "url: https://acme.identitynow.com",
    "url: \"#N/A\"",
    "url: None",
    "clientId: “${ID}”",
    "clientId: \"${ID} \"",
    "clientId: \"\u{200b}${ID}\"",
    "clientId: $ID",
    "clientId: ${{ secrets.ID }}",
    "clientId: \"${ ID }\"",
    "clientId: \"${ID:-x}\"",
    "clientId: \"${\u{425}}\"",
    "clientId: <id>",
    "clientSecret: “abc”",
    "clientSecret: ${{ secrets.SECRET }}",
    "labels: {ring: “prod”}",
    "labels: {“ring”: prod}",
    "labels: {ring: \"${RING}\"}",
    "labels: {ring: \"pr\u{200b}od\"}",
    "labels: {ring: \u{440}rod}",
    "labels: {ring: \"prod \"}",
    "settings: [\"${NAME}.yaml\"]",
    "settings: [\"{{ name }}.yaml\"]",
    "settings: [\"[s.yaml](s.yaml)\"]",
    "settings: \"s.yaml; t.yaml\"",
    "settings: [\"s.yaml \"]",
];

/// Lines of a set of guardrails.
const GUARDRAILS: [&str; 28] = [
    "maxChanges: “10”",
    "maxChanges: \u{ff11}\u{ff10}",
    "maxChanges: \"10\"",
    "maxChanges: ${MOST}",
    "maxChanges: 10\u{a0}",
    "deny: [“loosens”]",
    "deny: loosens; disrupts",
    "deny: [\"${WORD}\"]",
    "deny: [loos\u{435}ns]",
    "require: [“entitlementIds”]",
    "require: [\"entitlement\u{200b}Ids\"]",
    "require: [\"${SETTING}\"]",
    "limits: {maxActivationPeriodMins: “4h”}",
    "limits: {maxActivationPeriodMins: ${MOST}}",
    "limits: {maxActivationPeriodMins: 1 month}",
    "limits: {“maxActivationPeriodMins”: 4h}",
    "keep: {jitActivationPolicy.entitlementIds: [“ID”]}",
    "keep: {jitActivationPolicy.entitlementIds: [\"ID\u{200b}\"]}",
    "keep: {jitActivationPolicy.entitlementIds: [\"${IDS}\"]}",
    "keep: {jitActivationPolicy.entitlementIds: [ID; ID]}",
    "keep: {jitActivationPolicy.entitlementIds: [System.Object]}",
    "keep: {jitActivationPolicy.notificationRecipients: [\"mailto:owner@example.com\"]}",
    "keep: {jitActivationPolicy.notificationRecipients: [“owner@example.com”]}",
    "owner: \"${OWNER}\"",
    "reason: \"{{ reason }}\"",
    "reason: “because”",
    "lift: “allowances”",
    "for: {ring: “prod”}",
];

/// Values of an allowance.
const ALLOWANCE: [(&str, &str); 40] = [
    ("until", "“2026-12-31”"),
    ("until", "31.12.2026"),
    ("until", "03/04/2026"),
    ("until", "46387"),
    ("until", "20261231"),
    ("until", "2026\u{2011}12\u{2011}31"),
    ("until", "\u{ff12}026-12-31"),
    ("until", "2026-12-31T00:00:00Z"),
    ("until", "Dec 31 2026"),
    ("until", "31-Dec-26"),
    ("until", "\"${UNTIL}\""),
    ("until", "TODO"),
    ("until", "\"#N/A\""),
    ("until", "never"),
    ("upTo", "“6h”"),
    ("upTo", "\"6\u{a0}h\""),
    ("upTo", "\"${MOST}\""),
    ("upTo", "1 month"),
    ("upTo", "\"#REF!\""),
    ("tenant", "“p”"),
    ("tenant", "\"p\u{200b}\""),
    ("tenant", "\u{440}"),
    ("tenant", "\"${TENANT}\""),
    ("tenant", "\"p \""),
    ("setting", "“maxActivationPeriodMins”"),
    ("setting", "\"max\u{200b}ActivationPeriodMins\""),
    ("setting", "\"${SETTING}\""),
    ("setting", "\"maxActivationPeriodMins \""),
    ("ticket", "“IAM-412”"),
    ("ticket", "IAM\u{2013}412"),
    ("ticket", "\"I\u{410}M-412\""),
    ("ticket", "\"[IAM-412](https://tickets.example.com/IAM-412)\""),
    ("ticket", "\"<https://tickets.example.com/IAM-412|IAM-412>\""),
    ("ticket", "\"${TICKET}\""),
    ("ticket", "TODO"),
    ("ticket", "\"IAM-412 \""),
    ("reason", "“because”"),
    ("reason", "\"${REASON}\""),
    ("reason", "TODO"),
    ("reason", "System.Object[]"),
];

fn told(problems: &[Problem]) -> String {
    let told = problems.iter().map(|problem| {
        let (line, column) = problem.place.as_ref().map(line_column).unwrap_or_default();
        let help = problem.help.join(" / ");
        format!("  {:?}[{}] {line}:{column}: {} -- {help}\n", problem.severity, problem.rule, problem.message)
    });
    let told: String = told.collect();
    if told.is_empty() { "  valid\n".to_owned() } else { told }
}

fn escaped(text: &str) -> String {
    let escape = |c: char| if c.is_ascii() { c.to_string() } else { c.escape_unicode().to_string() };
    text.chars().map(escape).collect()
}

fn of_workspace(text: &str) -> String {
    let found = workspace::read_source(&Disk, &Source::new("sailplan.yaml", text), Path::new("sailplan.yaml"));
    match found {
        Ok((_, problems)) => told(&problems),
        Err(wrong) => told(&wrong.problems),
    }
}

#[test]
fn every_line_pasted_into_a_workspace_gets_its_message() {
    let mut all = String::new();
    for line in TENANT {
        let given: Vec<(&str, &str)> = [
            ("url", "https://acme.api.identitynow.com"),
            ("settings", "[s.yaml]"),
            ("clientId", "${ID}"),
            ("clientSecret", "${SECRET}"),
        ]
        .into_iter()
        .filter(|(key, _)| !line.starts_with(key))
        .collect();
        let rest: String = given.iter().map(|(key, value)| format!("    {key}: {value}\n")).collect();
        let told = of_workspace(&format!("tenants:\n  p:\n    {line}\n{rest}"));
        all.push_str(&format!("{}\n{told}", escaped(line)));
    }
    for line in GUARDRAILS {
        let text = format!(
            "tenants:\n  p: {{url: \"practice:p.json\", settings: [s.yaml]}}\nguardrails:\n  - {}\n",
            line.replace("ID", ID)
        );
        all.push_str(&format!("{}\n{}", escaped(line), of_workspace(&text)));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn every_value_pasted_into_an_allowance_gets_its_message() {
    let mut all = String::new();
    for (pasted, value) in ALLOWANCE {
        let good = [
            ("tenant", "p"),
            ("setting", "maxActivationPeriodMins"),
            ("upTo", "6h"),
            ("reason", "Q4 audit"),
            ("ticket", "IAM-412"),
            ("until", "2026-12-31"),
        ];
        let lines = good.map(|(key, good)| format!("{key}: {}", if key == pasted { value } else { good }));
        let (_, problems) = allowance::read(&[Source::new("a.yaml", format!("- {}\n", lines.join("\n  ")))]);
        all.push_str(&format!("{pasted}: {}\n{}", escaped(value), told(&problems)));
    }
    insta::assert_snapshot!(all);
}
