//! What spreadsheets, wikis, chats, shells and template tools put into settings files, and what each gets told.

use crate::settings;
use crate::text::problem::line_column;
use crate::text::yaml::Source;

const ID: &str = "ae735f40-4de9-4163-801d-4a1444e59d35";

/// Values of one setting, as they were pasted; `ID` stands for an id.
const VALUES: [(&str, &[&str]); 7] = [
    (
        "entitlementIds",
        &[
            "[“ID”]",
            "[‘ID’]",
            "[«ID»]",
            "[ID\u{200b}]",
            "[\u{feff}ID]",
            "[ae735f40\u{2011}4de9-4163-801d-4a1444e59d35]",
            "[ae735f40\u{2013}4de9\u{2013}4163\u{2013}801d\u{2013}4a1444e59d35]",
            "[ae735f40\u{ad}-4de9-4163-801d-4a1444e59d35]",
            "[\u{430}e735f40-4de9-4163-801d-4a1444e59d35]",
            "[\"ID\u{a0}\"]",
            "-\u{a0}ID",
            "\u{2013} ID",
            "\u{2022} ID",
            "\u{b7} ID",
            "ID, ID",
            "ID; ID",
            "[ID ; ID]",
            "\"ID\\nID\"",
            "System.Object[]",
            "\"System.Object[]\"",
            "[System.Object[]]",
            "System.Collections.Hashtable",
            "\"@{id=ID; name=Domain Admins}\"",
            "[\"[object Object]\"]",
            "[\"#N/A\"]",
            "[\"#REF!\"]",
            "[\"${DOMAIN_ADMINS}\"]",
            "[${DOMAIN_ADMINS}]",
            "[\"{{ domain_admins }}\"]",
            "[\"${{ vars.DOMAIN_ADMINS }}\"]",
            "[\"##DOMAIN_ADMINS##\"]",
            "[\"%DOMAIN_ADMINS%\"]",
            "[\"<domain admins>\"]",
            "[$DOMAIN_ADMINS]",
            "[$(DomainAdmins)]",
            "[__DOMAIN_ADMINS__]",
            "[\"#{DomainAdmins}\"]",
            "[\"<%= id %>\"]",
            "[\"@domain.admins@\"]",
            "[\"prefix-${ENV}\"]",
            "[Domain Admins]",
            "[admins@example.com]",
            "[{id: Domain Admins, name: Domain Admins}]",
            "[{id: ID, name: \"Admins \u{2013} Prod\"}]",
        ],
    ),
    (
        "notificationRecipients",
        &[
            "[“owner@example.com”]",
            "[\"mailto:owner@example.com\"]",
            "[MAILTO:owner@example.com]",
            "[\"mailto:owner@example.com?subject=JIT\"]",
            "owner@example.com; pat@example.com",
            "owner@example.com, pat@example.com",
            "[owner@example.com; pat@example.com]",
            "[\"owner@example.com, pat@example.com\"]",
            "[\"Owner <owner@example.com>\"]",
            "[owner\u{ff20}example.com]",
            "[\"owner@example.com\u{a0}\"]",
            "[owner@exam\u{ad}ple.com]",
            "[Owner]",
            "[\"${OWNER}\"]",
        ],
    ),
    (
        "notificationTemplate",
        &[
            "“jit-activation-default”",
            "${JIT_TEMPLATE}",
            "\"{{ template }}\"",
            "\"##TEMPLATE##\"",
            "\"%TEMPLATE%\"",
            "<template>",
            "$TEMPLATE",
            "\"jit\u{a0}default\"",
            "jit \u{2013} default",
            "|\n    jit-activation-default",
            ">\n    jit-activation-default",
            "|-\n    jit-activation-default",
            "System.String[]",
        ],
    ),
    (
        "maxActivationPeriodMins",
        &["“2h”", "2\u{a0}h", "\u{2212}2", "\u{ff12}h", "${MAX}", "\"{{ max }}\"", "1 month", "P1M", "0.33h", "#N/A"],
    ),
    ("applyToFutureAssignments", &["“true”", "true\u{200b}", "${APPLY}"]),
    ("max\u{a0}ActivationPeriodMins", &["2h"]),
    ("\u{a0}\u{a0}maxActivationPeriodMins", &["2h"]),
];

/// Whole files.
const FILES: [&str; 9] = [
    "jitActivationPolicy:\n\u{a0}\u{a0}maxActivationPeriodMins: 4h\n",
    "jitActivationPolicy:\n  maxActivationPeriodMins:\u{a0}4h\n",
    "jitActivationPolicy\u{ff1a} {}\n",
    "{\"$schema\": \"schemas/settings.schema.json\", \"jitActivationPolicy\": {\"maxActivationPeriodMins\": 60}}",
    "{“jitActivationPolicy”: {“maxActivationPeriodMins”: 60}}",
    "accessRequestConfig:\n  apiVersion: v3\n  approvalReminderAndEscalationConfig:\n    fallbackApproverRef: {id: pat.doe@example.com}\n",
    "accessRequestConfig:\n  apiVersion: v3\n  entitlementRequestConfig:\n    grantRequestApprovalSchemes: \"manager, workgroup:${GROUP}\"\n",
    "accessRequestConfig:\n  apiVersion: v3\n  entitlementRequestConfig:\n    grantRequestApprovalSchemes: \"workgroup:admins@example.com\"\n",
    "accessRequestConfig:\n  apiVersion: v2\n  entitlementRequestConfig:\n    accessRequestConfig:\n      approvalSchemes: [{approverType: GOVERNANCE_GROUP, approverId: Domain Admins}]\n",
];

fn told(text: &str) -> String {
    let (_, problems) = settings::read(&[Source::new("s.yaml", text)]);
    let told = problems.iter().map(|problem| {
        let (line, column) = problem.place.as_ref().map(line_column).unwrap_or_default();
        let help = problem.help.join(" / ");
        format!("  {:?}[{}] {line}:{column}: {} -- {help}\n", problem.severity, problem.rule, problem.message)
    });
    told.collect()
}

#[test]
fn every_pasted_text_gets_its_message() {
    let mut all = String::new();
    let mut number = 0;
    for (key, values) in VALUES {
        for value in values {
            number += 1;
            let value = value.replace("ID", ID);
            let text = match value.split_once(' ') {
                Some(("-" | "\u{2013}" | "\u{2022}" | "\u{b7}", _)) => {
                    format!("jitActivationPolicy:\n  {key}:\n    {value}\n")
                }
                _ => format!("jitActivationPolicy:\n  {key}: {value}\n"),
            };
            let told = told(&text);
            let told = if told.is_empty() { "  valid\n" } else { &told };
            all.push_str(&format!(
                "{}: {}\n{told}",
                key.escape_unicode_beyond_ascii(),
                value.escape_unicode_beyond_ascii()
            ));
        }
    }
    for text in FILES {
        number += 1;
        let told = told(text);
        let told = if told.is_empty() { "  valid\n" } else { &told };
        all.push_str(&format!("{}\n{told}", text.escape_unicode_beyond_ascii()));
    }
    assert!(number >= 80, "only {number}");
    insta::assert_snapshot!(all);
}

trait Escaped {
    fn escape_unicode_beyond_ascii(&self) -> String;
}

impl Escaped for str {
    fn escape_unicode_beyond_ascii(&self) -> String {
        let escaped = |c: char| if c.is_ascii() && c != '\n' { c.to_string() } else { c.escape_default().to_string() };
        self.chars().map(escaped).collect()
    }
}
