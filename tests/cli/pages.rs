//! The page in ten situations that an auditor has to decide on, whole: each a repository with what was agreed, what the
//! tenant has and what a branch proposes. The pages are in `tests/pages`, to be opened in a browser.

use std::path::Path;

use serde_json::{Value, json};

use crate::base::git;
use crate::harness::Site;

const ROOT: &str = "ae735f40-4de9-4163-801d-4a1444e59d35";
const DOMAIN: &str = "38439bbc-264b-447b-acac-a182a466b0e9";
const VAULT: &str = "5d1b9c62-7e0f-4a3c-9d58-0f5f7a1c2e44";

/// One situation.
struct Situation {
    /// The file of its page.
    name: &'static str,
    /// What the base has in `settings/base.yaml`.
    agreed: String,
    /// What the branch has there.
    proposed: String,
    /// What the tenant answers; the rest as the practice tenant starts.
    live: Value,
    /// The workspace file.
    workspace: &'static str,
    /// The message of the branch's commit.
    message: &'static str,
}

const WORKSPACE: &str = "\
ticketPattern: '[A-Z]+-[0-9]+'
tenants:
  prod:
    url: practice:prod.json
    labels: {ring: prod}
    settings: [settings/base.yaml]
    guardrails: {maxChanges: 20}
";

const GUARDED: &str = "\
ticketPattern: '[A-Z]+-[0-9]+'
tenants:
  prod:
    url: practice:prod.json
    labels: {ring: prod}
    settings: [settings/base.yaml]
guardrails:
  - {for: {ring: prod}, owner: '@acme/iam-policy', reason: Limits are the policy owner's to widen, deny: [loosens]}
";

const FLEET: &str = "\
ticketPattern: '[A-Z]+-[0-9]+'
tenants:
  prod: {url: practice:prod.json, settings: [settings/prod.yaml], guardrails: {maxChanges: 20}}
  dev: {url: practice:dev.json, settings: [settings/base.yaml], guardrails: {maxChanges: 20}}
  sub:
    url: https://sub.api.identitynow.com
    clientId: ${SUB_ID}
    clientSecret: ${SUB_SECRET}
    settings: [settings/base.yaml]
    guardrails: {maxChanges: 20}
";

fn jit(settings: &str) -> String {
    format!("jitActivationPolicy:\n{settings}")
}

fn requests(settings: &str) -> String {
    format!("accessRequestConfig:\n  apiVersion: v2\n{settings}")
}

fn on_behalf(anyone: bool, manager: bool) -> String {
    format!(
        "  requestOnBehalfOfConfig:\n    allowRequestOnBehalfOfAnyoneByAnyone: {anyone}\n    \
         allowRequestOnBehalfOfEmployeeByManager: {manager}\n"
    )
}

fn entitlements(settings: &str) -> String {
    format!("  entitlementRequestConfig:\n    accessRequestConfig:\n{settings}")
}

fn live(jit: Value, requests: Value) -> Value {
    [("jitActivationPolicy", jit), ("accessRequestConfig", requests)].into_iter().collect()
}

fn situations() -> Vec<Situation> {
    let policy = || {
        json!({
            "entitlementIds": [DOMAIN, VAULT], "maxActivationPeriodMins": 120, "maxActivationPeriodExtensionMins": 30,
            "defaultMaxActivationPeriodMins": 60, "defaultMaxActivationPeriodExtensionMins": 15,
            "notificationRecipients": ["soc@acme.example"], "notificationTemplate": "jit_activation_notice",
            "applyToFutureAssignments": true,
        })
    };
    let config = || {
        json!({
            "approvalsMustBeExternal": false, "reauthorizationEnabled": true,
            "machineIdentityAccessRequestEnabled": true,
            "requestOnBehalfOfConfig": {
                "allowRequestOnBehalfOfAnyoneByAnyone": false, "allowRequestOnBehalfOfEmployeeByManager": true,
            },
            "entitlementRequestConfig": {"accessRequestConfig": {
                "approvalSchemes": [{"approverType": "MANAGER"}, {"approverType": "ENTITLEMENT_OWNER"}],
                "maxPermittedAccessDuration": {"value": 30, "timeUnit": "DAYS"}, "requestCommentRequired": true,
                "denialCommentRequired": true, "reauthorizationRequired": true, "requireEndDate": true,
            }},
        })
    };
    let with = |mut document: Value, pointer: &str, value: Value| {
        *document.pointer_mut(pointer).unwrap() = value;
        document
    };
    let times = |most: &str, offered: &str| {
        format!("  maxActivationPeriodMins: {most}\n  defaultMaxActivationPeriodMins: {offered}\n")
    };
    let ids = |ids: &[(&str, &str)]| -> String {
        let line = |(id, name): &(&str, &str)| match *name {
            "" => format!("    - {id}\n"),
            name => format!("    - {{id: {id}, name: {name}}}\n"),
        };
        format!("  entitlementIds:\n{}", ids.iter().map(line).collect::<String>())
    };
    let approval = |steps: &str, days: &str| {
        entitlements(&format!("      approvalSchemes: {steps}\n      maxPermittedAccessDuration: {days}\n"))
    };
    let told = |future: bool, recipient: &str| {
        format!("  applyToFutureAssignments: {future}\n  notificationRecipients: [{recipient}]\n")
    };
    let closed = |external: bool, again: bool| {
        requests(&format!("  approvalsMustBeExternal: {external}\n  reauthorizationEnabled: {again}\n"))
    };
    let old = |minutes: &str| {
        format!(
            "{}accessRequestConfig:\n  apiVersion: beta\n  autoApprovalEnabled: false\n",
            jit(&format!("  maxActivationPeriodMins: {minutes}\n"))
        )
    };
    let beta = json!({
        "approvalsMustBeExternal": false, "autoApprovalEnabled": true, "reauthorizationEnabled": true,
        "requestOnBehalfOfConfig": {
            "allowRequestOnBehalfOfAnyoneByAnyone": false, "allowRequestOnBehalfOfEmployeeByManager": true,
        },
        "approvalReminderAndEscalationConfig":
            {"daysUntilEscalation": 2, "daysBetweenReminders": 3, "maxReminders": 3, "fallbackApproverRef": null},
        "entitlementRequestConfig": {
            "allowEntitlementRequest": true, "requestCommentsRequired": true, "deniedCommentsRequired": true,
            "grantRequestApprovalSchemes": "manager",
        },
    });
    let situation = |name, agreed, proposed, live, message| Situation {
        name,
        agreed,
        proposed,
        live,
        workspace: WORKSPACE,
        message,
    };
    let machines = |on: bool| requests(&format!("  machineIdentityAccessRequestEnabled: {on}\n"));
    vec![
        situation(
            "01-anyone-for-anyone",
            jit(&times("2h", "1h")) + &requests(&on_behalf(false, true)),
            jit(&times("1h", "30m")) + &requests(&on_behalf(true, false)),
            live(policy(), config()),
            "Shorter activations, simpler requests (IAM-501)",
        ),
        situation(
            "02-an-entitlement-leaves",
            jit(&ids(&[(DOMAIN, ""), (VAULT, "Vault Admins")])),
            jit(&ids(&[(VAULT, "Vault Admins"), (ROOT, "Cloud Root")])),
            live(policy(), config()),
            "Cloud Root under JIT",
        ),
        situation(
            "03-a-limit-is-cleared",
            jit(&times("2h", "1h")),
            jit(&times("null", "30m")),
            live(policy(), config()),
            "No maximum for the migration weekend OPS-77",
        ),
        situation(
            "04-no-approval",
            requests(&approval(
                "[{approverType: MANAGER}, {approverType: ENTITLEMENT_OWNER}]",
                "{value: 30, timeUnit: DAYS}",
            )),
            requests(&approval("[]", "{value: 2, timeUnit: WEEKS}")),
            live(policy(), config()),
            "Speed up requests",
        ),
        situation(
            "05-the-request-center-closes",
            closed(false, true),
            closed(true, false),
            live(policy(), config()),
            "Approvals move to the portal IAM-388",
        ),
        situation(
            "06-future-assignments",
            jit(&told(true, "soc@acme.example")),
            jit(&told(false, "help@acme.example")),
            live(policy(), config()),
            "Tell the help desk",
        ),
        situation("07-drift", old("2h"), old("90m"), live(policy(), beta), "Shorter activations IAM-502"),
        Situation {
            workspace: GUARDED,
            ..situation(
                "08-drift-made-permanent-is-refused",
                jit("  maxActivationPeriodMins: 2h\n"),
                jit("  maxActivationPeriodMins: 10h\n"),
                live(with(policy(), "/maxActivationPeriodMins", json!(480)), config()),
                "Longer activations",
            )
        },
        Situation {
            workspace: FLEET,
            ..situation(
                "09-one-tenant-is-not-read",
                machines(true),
                machines(false),
                live(policy(), config()),
                "No machine identities in dev",
            )
        },
        situation(
            "10-no-changes",
            jit("  applyToFutureAssignments: true\n") + &requests("  reauthorizationEnabled: true\n"),
            jit("  applyToFutureAssignments: true\n") + &requests("  reauthorizationEnabled: true\n"),
            live(
                with(policy(), "/maxActivationPeriodMins", Value::Null),
                with(config(), "/requestOnBehalfOfConfig/allowRequestOnBehalfOfAnyoneByAnyone", json!(true)),
            ),
            "Nothing",
        ),
    ]
}

/// Returns a page with a link in the place of its style sheet, which is that of the program whole, and without the policy that
/// allows it by its hash: what is kept of ten pages is what tells them apart.
fn with_linked_style(page: &str) -> String {
    let style = format!("<style>{}</style>\n", include_str!("../../src/report/page.css"));
    assert_eq!(page.matches(&style).count(), 1, "{page}");
    let policy = |line: &&str| line.starts_with("<meta http-equiv=\"Content-Security-Policy\"");
    let (policies, lines): (Vec<&str>, Vec<&str>) =
        page.split_inclusive('\n').partition(|line| policy(&line.trim_start()));
    assert!(
        matches!(policies.as_slice(), [one] if one.contains("default-src 'none'; style-src 'sha256-")),
        "{policies:?}"
    );
    lines.concat().replacen(&style, "<link rel=\"stylesheet\" href=\"../../src/report/page.css\">\n", 1)
}

/// Returns the page of a situation, its times replaced.
fn page(situation: &Situation) -> String {
    let site = Site::new()
        .file("sailplan.yaml", situation.workspace)
        .file("settings/base.yaml", &situation.agreed)
        .file("settings/prod.yaml", &jit("  applyToFutureAssignments: true\n"))
        .file("prod.json", &situation.live.to_string())
        .file("dev.json", &situation.live.to_string())
        .file(".gitignore", "*.json\n");
    let commit = |message: &str| {
        git(&site, &["add", "."]);
        let author = "Ada Okafor <ada@acme.example>";
        git(&site, &["commit", "-q", "--allow-empty", "--author", author, "-m", message]);
    };
    git(&site, &["init", "-q", "-b", "main"]);
    commit("Settings as agreed in January (IAM-100)");
    git(&site, &["checkout", "-q", "-b", "proposal"]);
    site.write("settings/base.yaml", &situation.proposed);
    commit(situation.message);
    let run = site.run(["plan", "-q", "--base", "main", "--html", "page.html"]);
    assert!(run.code.is_some_and(|code| matches!(code, 0 | 1 | 3)), "{}", run.err);
    let page = with_linked_style(&site.read("page.html"));
    let mut told = String::new();
    let mut rest = page.as_str();
    // Only the times of this run differ from the next.
    while let Some(at) = rest.find(" UTC").filter(|at| *at >= 16) {
        told.push_str(&rest[..at - 16]);
        told.push_str("2026-12-01 12:00 UTC");
        rest = &rest[at + 4..];
    }
    told + rest
}

#[test]
fn the_pages_of_ten_situations() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages");
    let update = std::env::var("INSTA_UPDATE").is_ok_and(|how| how == "always");
    for situation in situations() {
        let (page, file) = (page(&situation), folder.join(format!("{}.html", situation.name)));
        if update {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&file, &page).unwrap();
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(kept == page, "{} differs: run INSTA_UPDATE=always cargo test pages, and read it", file.display());
    }
}
