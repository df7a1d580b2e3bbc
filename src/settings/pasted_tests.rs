//! What spreadsheets, wikis, chats, shells and template tools put into settings files, and what each gets told.

use crate::settings;
use crate::text::problem::line_column;
use crate::text::yaml::Source;

const ID: &str = "ae735f40-4de9-4163-801d-4a1444e59d35";

/// Values of one setting, as they were pasted; `ID` stands for an id.
const VALUES: [(&str, &[&str]); 11] = [
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
            "{{ .Values.jit.ids }}",
            "[${{ vars.DOMAIN_ADMINS }}]",
            "[\"$[variables.domainAdmins]\"]",
            "[\"${var.domain_admins}\"]",
            "[\"#{DomainAdmins}#\"]",
            "[\"@@domain_admins@@\"]",
            "[\"<<domain admins>>\"]",
            "[\"{0}\"]",
            "[\"%s\"]",
            "[TODO]",
            "[\"your-id-here\"]",
            "[xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx]",
            "[00000000-0000-0000-0000-000000000000]",
            "[\u{2026}]",
            "[ae735f40-\u{2026}]",
            "None",
            "[None]",
            "[undefined]",
            "[\"null\"]",
            "[\"(null)\"]",
            "[N/A]",
            "#N/A",
            "[\"#SPILL!\"]",
            "[\"####\"]",
            "[\"=A1\"]",
            "[2.91808E+31]",
            "[\"2.91808E+31\"]",
            "\"@('ID')\"",
            "@('ID')",
            "\"['ID', 'ID']\"",
            "\"{'ID'}\"",
            "[\"map[id:ID]\"]",
            "[\"&{ID}\"]",
            "[\"%!s(MISSING)\"]",
            "[\"[Ljava.lang.String;@1b2c\"]",
            "[\"<class 'NoneType'>\"]",
            "[\"UUID('ID')\"]",
            "[\"{ID}\"]",
            "[\"urn:uuid:ID\"]",
            "[\"'ID\"]",
            "[\"ID,\"]",
            "[\"Domain Admins (ID)\"]",
            "[\"ID # Domain Admins\"]",
            "[\"https://acme.identitynow.com/ui/a/admin/access/entitlements/ID\"]",
            "[\"[Domain Admins](https://acme.identitynow.com/entitlements)\"]",
            "[\"<https://acme.identitynow.com/entitlements|Domain Admins>\"]",
            "[\"ID|ID\"]",
            "[\"ID\\tID\"]",
            "[\"&lt;ID&gt;\"]",
            "[\"\u{ff41}e735f40-4de9-4163-801d-4a1444e59d35\"]",
            "[\"\u{1d41a}e735f40-4de9-4163-801d-4a1444e59d35\"]",
            "[\"\u{202a}ID\u{202c}\"]",
            "* ID",
            "1. ID",
            "-ID",
            "- [ ] ID",
            "- \u{feff}ID",
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
            "[\"<mailto:owner@example.com|owner@example.com>\"]",
            "[\"[owner@example.com](mailto:owner@example.com)\"]",
            "[\"Owner &lt;owner@example.com&gt;\"]",
            "[\"owner&#64;example.com\"]",
            "[\"SMTP:owner@example.com\"]",
            "[\"owner@example.com pat@example.com\"]",
            "[\"owner@example.com.\"]",
            "[\"'owner@example.com',\"]",
            "\"owner@example.com pat@example.com\"",
            "\"owner@example.com|pat@example.com\"",
            "[\"@owner\"]",
            "[\"<@U012ABCDEF>\"]",
            "[owner@ex\u{430}mple.com]",
            "[\"\u{200f}owner@example.com\"]",
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
            "None",
            "\"None\"",
            "\"TODO\"",
            "\"jit &amp; default\"",
            "\"jit-{{ env }}\"",
            "\"jit default\u{2026}\"",
            "#REF!",
        ],
    ),
    (
        "maxActivationPeriodMins",
        &[
            "“2h”",
            "2\u{a0}h",
            "\u{2212}2",
            "\u{ff12}h",
            "${MAX}",
            "\"{{ max }}\"",
            "1 month",
            "P1M",
            "0.33h",
            "#N/A",
            "1M",
            "1.000",
            "2:30",
            "2h\n    3h",
            "1,5h",
            "2 Std",
            "\u{221e}",
            "2\u{210e}",
            "120\u{2003}",
            "None",
            "$MAX",
            "%MAX%",
        ],
    ),
    (
        "applyToFutureAssignments",
        &["“true”", "true\u{200b}", "${APPLY}", "$true", "None", "\u{ff54}rue", "true;", "=TRUE()"],
    ),
    ("max\u{a0}ActivationPeriodMins", &["2h"]),
    ("\u{a0}\u{a0}maxActivationPeriodMins", &["2h"]),
    ("maxActivation\u{420}eriodMins", &["2h"]),
    ("{{ key }}", &["2h"]),
    ("${KEY}", &["2h"]),
    ("unmanaged", &["[“notificationTemplate”]", "[\"${SETTING}\"]", "[\"notification\u{200b}Template\"]"]),
];

/// Whole files.
const FILES: [&str; 36] = [
    "jitActivationPolicy:\n\u{a0}\u{a0}maxActivationPeriodMins: 4h\n",
    "jitActivationPolicy:\n  maxActivationPeriodMins:\u{a0}4h\n",
    "jitActivationPolicy\u{ff1a} {}\n",
    "{\"$schema\": \"schemas/settings.schema.json\", \"jitActivationPolicy\": {\"maxActivationPeriodMins\": 60}}",
    "{“jitActivationPolicy”: {“maxActivationPeriodMins”: 60}}",
    "accessRequestConfig:\n  apiVersion: v3\n  approvalReminderAndEscalationConfig:\n    fallbackApproverRef: {id: pat.doe@example.com}\n",
    "accessRequestConfig:\n  apiVersion: v3\n  entitlementRequestConfig:\n    grantRequestApprovalSchemes: \"manager, workgroup:${GROUP}\"\n",
    "accessRequestConfig:\n  apiVersion: v3\n  entitlementRequestConfig:\n    grantRequestApprovalSchemes: \"workgroup:admins@example.com\"\n",
    "accessRequestConfig:\n  apiVersion: v2\n  entitlementRequestConfig:\n    accessRequestConfig:\n      approvalSchemes: [{approverType: GOVERNANCE_GROUP, approverId: Domain Admins}]\n",
    "accessRequestConfig:\n  apiVersion: v2\n  entitlementRequestConfig:\n    accessRequestConfig:\n      approvalSchemes: MANAGER, SOURCE_OWNER\n",
    "accessRequestConfig:\n  apiVersion: v2\n  entitlementRequestConfig:\n    accessRequestConfig:\n      maxPermittedAccessDuration: 1 year\n",
    "accessRequestConfig:\n  apiVersion: v2\n  entitlementRequestConfig:\n    accessRequestConfig:\n      maxPermittedAccessDuration: P30D\n",
    "accessRequestConfig:\n  apiVersion: v2\n  entitlementRequestConfig:\n    accessRequestConfig:\n      maxPermittedAccessDuration: @{value=30; timeUnit=DAYS}\n",
    "accessRequestConfig:\n  apiVersion: v2\n  entitlementRequestConfig:\n    accessRequestConfig:\n      formDefinitionId: \"ID \"\n",
    "accessRequestConfig:\n  apiVersion: ${VERSION}\n",
    "accessRequestConfig:\n  apiVersion: “v2”\n",
    "accessRequestConfig:\n  apiVersion: v3\n  entitlementRequestConfig:\n    grantRequestApprovalSchemes: manager; entitlementOwner\n",
    "accessRequestConfig:\n  apiVersion: v3\n  entitlementRequestConfig:\n    grantRequestApprovalSchemes: manager → entitlementOwner\n",
    "accessRequestConfig:\n  apiVersion: v3\n  entitlementRequestConfig:\n    grantRequestApprovalSchemes: none\n",
    "accessRequestConfig:\n  apiVersion: v3\n  approvalReminderAndEscalationConfig:\n    daysUntilEscalation: 2 days\n",
    "accessRequestConfig:\n  apiVersion: v3\n  approvalReminderAndEscalationConfig:\n    fallbackApproverRef: {id: None}\n",
    "```yaml\njitActivationPolicy:\n  maxActivationPeriodMins: 2h\n```\n",
    "~~~\njitActivationPolicy: {}\n~~~\n",
    "<pre>\njitActivationPolicy: {}\n</pre>\n",
    "> jitActivationPolicy:\n>   maxActivationPeriodMins: 2h\n",
    "$ cat s.yaml\njitActivationPolicy: {}\n",
    "<<<<<<< HEAD\njitActivationPolicy: {}\n=======\njitActivationPolicy: {}\n>>>>>>> branch\n",
    "{{- if .Values.jit }}\njitActivationPolicy: {}\n{{- end }}\n",
    "{% include 'jit.yaml' %}\njitActivationPolicy: {}\n",
    "<% jit %>\njitActivationPolicy: {}\n",
    "jitActivationPolicy: {{ toYaml .Values.jit | nindent 2 }}\n",
    "jitActivationPolicy: ${JIT}\n",
    "jitActivationPolicy:\n  ${{ if eq(x, y) }}:\n    maxActivationPeriodMins: 2h\n",
    "{'jitActivationPolicy': {'applyToFutureAssignments': True, 'notificationTemplate': None}}\n",
    "jitActivationPolicy:\n  maxActivationPeriodMins: 2h\u{2028}  entitlementIds: []\n",
    "\u{202a}jitActivationPolicy:\n  maxActivationPeriodMins: 2h\n",
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
                _ if value.starts_with("-ID".replace("ID", ID).as_str()) => {
                    format!("jitActivationPolicy:\n  {key}:\n    {value}\n")
                }
                Some(("-" | "\u{2013}" | "\u{2022}" | "\u{b7}" | "*" | "1.", _)) => {
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
        let text = text.replace("ID ", &format!("{ID} "));
        let told = told(&text);
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
