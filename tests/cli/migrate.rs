//! `sailplan migrate`.

use std::path::Path;

use crate::harness::Site;

fn example(generation: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/generations").join(format!("{generation}.yaml"));
    std::fs::read_to_string(path).unwrap()
}

const BETA: &str = "\
accessRequestConfig:
  apiVersion: beta # to be replaced
  autoApprovalEnabled: false
  entitlementRequestConfig:
    requestCommentsRequired: true # why
    allowEntitlementRequest: true
    grantRequestApprovalSchemes: [sourceOwner, manager]
";

#[test]
fn stops_at_every_setting_that_would_no_longer_be_managed() {
    let site = Site::new().tenant().file("settings.yaml", BETA);
    insta::assert_snapshot!(site.run(["migrate", "--to", "v2", "settings.yaml"]).text());
    assert_eq!(site.read("settings.yaml"), BETA);
    // One of two by name is not enough.
    let run = site.run(["migrate", "--to", "v2", "--drop", "autoApprovalEnabled", "settings.yaml"]);
    assert_eq!(run.code, Some(3), "{}", run.text());
    assert_eq!(site.read("settings.yaml"), BETA);
    assert_eq!(site.calls(), [""; 0]);
}

#[test]
fn goes_on_where_each_is_dropped_by_name_and_proves_it() {
    let site = Site::new().tenant().file("settings.yaml", BETA);
    let run = site.run([
        "migrate",
        "--to",
        "v2",
        "--yes",
        "--drop",
        "autoApprovalEnabled",
        "--drop",
        "/entitlementRequestConfig/allowEntitlementRequest",
        "settings.yaml",
    ]);
    insta::assert_snapshot!(run.text());
    assert_eq!(
        site.read("settings.yaml"),
        "\
accessRequestConfig:
  apiVersion: v2 # to be replaced
  entitlementRequestConfig:
    accessRequestConfig:
      requestCommentRequired: true # why
      approvalSchemes: [{approverType: SOURCE_OWNER}, {approverType: MANAGER}]
"
    );
    assert!(site.calls().iter().all(|call| !call.starts_with("PUT")), "{:?}", site.calls());
    let again = site.run(["migrate", "--to", "v2", "settings.yaml"]);
    assert_eq!(again.text(), "Nothing to migrate: no file has accessRequestConfig of another generation than v2.\n");
}

#[test]
fn a_json_file_stays_json() {
    let old = "{\"accessRequestConfig\": {\"apiVersion\": \"v3\",
  \"entitlementRequestConfig\": {
    \"requestCommentsRequired\": false,
    \"grantRequestApprovalSchemes\": \"sourceOwner, manager\",
    \"allowEntitlementRequest\": true
  }
}}
";
    let site = Site::new().tenant().file("settings.json", old);
    let drop = "/entitlementRequestConfig/allowEntitlementRequest";
    let run = site.run(["migrate", "--to", "v2", "--offline", "--yes", "--drop", drop, "settings.json"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(
        site.read("settings.json"),
        "{\"accessRequestConfig\": {\"apiVersion\": \"v2\",
  \"entitlementRequestConfig\": {
    \"accessRequestConfig\": {
      \"requestCommentRequired\": false,
      \"approvalSchemes\": [
        {
          \"approverType\": \"SOURCE_OWNER\"
        },
        {
          \"approverType\": \"MANAGER\"
        }
      ]
    }
  }
}}
"
    );
}

#[test]
fn every_example_can_be_migrated() {
    for generation in ["beta", "v3", "v2024", "v2025", "v2026", "v1"] {
        let site = Site::new().tenant().file("settings.yaml", &example(generation));
        let refused = site.run(["migrate", "--to", "v2", "settings.yaml"]);
        let drops: Vec<String> = refused
            .err
            .split(" --drop ")
            .skip(1)
            .map(|setting| setting.split_whitespace().next().unwrap_or_default().to_owned())
            .collect();
        let asks = refused.err.contains("cannot ask whether to write this");
        assert_eq!((refused.code, asks), (Some(3), drops.is_empty()), "{generation}: {}", refused.text());
        assert_eq!(site.read("settings.yaml"), example(generation));
        let mut command = site.command();
        command.args(["migrate", "--to", "v2", "--yes", "settings.yaml"]);
        for drop in &drops {
            command.args(["--drop", drop]);
        }
        let done = command.output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{generation}: {}", String::from_utf8_lossy(&done.stderr));
        insta::assert_snapshot!(format!("migrated_from_{generation}"), site.read("settings.yaml"));
        assert_eq!(site.run(["apply", "-q", "-y", "settings.yaml"]).code, Some(0), "{generation}");
    }
}

#[test]
fn layers_of_a_workspace_move_together() {
    let site = Site::new()
        .file(
            "sailplan.yaml",
            "\
tenants:
  one: {url: 'practice:one.json', settings: [base.yaml, one.yaml]}
  two: {url: 'practice:two.json', settings: [base.yaml]}
",
        )
        .file("base.yaml", "accessRequestConfig: {apiVersion: v3, reauthorizationEnabled: false}\n")
        .file(
            "one.yaml",
            "accessRequestConfig:\n  unmanaged: [reauthorizationEnabled]\n  entitlementRequestConfig: {deniedCommentsRequired: true}\n",
        );
    insta::assert_snapshot!(site.run(["migrate", "--to", "v2", "--yes"]).text());
    assert_eq!(site.read("base.yaml"), "accessRequestConfig: {apiVersion: v2, reauthorizationEnabled: false}\n");
    assert_eq!(
        site.read("one.yaml"),
        "\
accessRequestConfig:
  unmanaged: [reauthorizationEnabled]
  entitlementRequestConfig: {accessRequestConfig: {denialCommentRequired: true}}
"
    );
}

const CARRIED: &str = "accessRequestConfig: {apiVersion: v2024, reauthorizationEnabled: true}\n";

#[test]
fn what_a_layer_releases_stays_released_where_it_went() {
    let base = "\
accessRequestConfig:
  apiVersion: beta
  autoApprovalEnabled: false
  approvalReminderAndEscalationConfig: {maxReminders: 2}
";
    let later = "\
accessRequestConfig:
  apiVersion: beta
  unmanaged: [autoApprovalEnabled, approvalReminderAndEscalationConfig] # decided by the owner
  requestOnBehalfOfConfig: {allowRequestOnBehalfOfAnyoneByAnyone: false}
";
    let site = Site::new().file("base.yaml", base).file("later.yaml", later);
    let site =
        site.file("sailplan.yaml", "tenants: {p: {url: 'practice:t.json', settings: [base.yaml, later.yaml]}}\n");
    let run = site.run(["migrate", "--to", "v2", "--yes"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(
        site.read("later.yaml"),
        "\
accessRequestConfig:
  apiVersion: v2
  requestOnBehalfOfConfig: {allowRequestOnBehalfOfAnyoneByAnyone: false}
approvalsConfig:
  ACCESS_REQUEST_APPROVAL:
    unmanaged:
      - autoApprove
      - reminderConfig.maxReminders
"
    );
    let plan = site.run(["plan"]);
    assert!(!plan.out.contains("autoApprove:") && !plan.out.contains("maxReminders:"), "{}", plan.out);
    assert_eq!(site.run(["validate", "--strict"]).code, Some(0));
}

#[test]
fn a_proof_that_fails_writes_nothing() {
    // Through v2 the tenant shows another value than through v2024.
    let site = Site::new()
        .tenant()
        .fault("edit GET /access-request-config/v2 set=/reauthorizationEnabled=false")
        .file("settings.yaml", CARRIED);
    insta::assert_snapshot!(site.run(["migrate", "--to", "v2", "settings.yaml"]).text());
    assert_eq!(site.read("settings.yaml"), CARRIED);
}

#[test]
fn a_tenant_that_cannot_be_asked_stops_it_unless_offline() {
    let site = Site::new().tenant().fault("403 GET times=9").file("settings.yaml", CARRIED);
    let run = site.run(["migrate", "--to", "v2", "settings.yaml"]);
    assert_eq!((run.code, site.read("settings.yaml").as_str()), (Some(1), CARRIED), "{}", run.text());
    let refused = site.run(["migrate", "--to", "v2", "--offline", "settings.yaml"]);
    let diff = "\
--- settings.yaml
+++ settings.yaml
@@ -1 +1 @@
-accessRequestConfig: {apiVersion: v2024, reauthorizationEnabled: true}
+accessRequestConfig: {apiVersion: v2, reauthorizationEnabled: true}
";
    let asks = "error: cannot ask whether to write this: standard input is not a terminal; nothing was written\n";
    assert!(refused.err.starts_with(&format!("{diff}{asks}")) && refused.code == Some(3), "{}", refused.text());
    assert_eq!(site.read("settings.yaml"), CARRIED);
    let run = site.run(["migrate", "--to", "v2", "--offline", "--yes", "settings.yaml"]);
    assert_eq!(
        run.text(),
        format!(
            "\
rewritten  settings.yaml
Migrated to v2, not verified: --offline was given, so no tenant was asked whether the rewritten settings plan the same.
--- stderr ---
{diff}Next: sailplan plan settings.yaml
"
        )
    );
    assert_eq!(site.read("settings.yaml"), CARRIED.replace("v2024", "v2"));
}

#[test]
fn without_a_tenant_it_says_that_nothing_is_proven() {
    let site = Site::new().file("settings.yaml", CARRIED);
    let run = site.run(["migrate", "--to", "v2", "--yes", "settings.yaml"]);
    assert_eq!(
        (run.out.lines().last(), run.code),
        (
            Some(
                "Migrated to v2, not verified: no tenant is named, so no tenant was asked whether the rewritten settings \
                 plan the same."
            ),
            Some(0)
        )
    );
}

#[test]
fn a_name_that_is_not_lost_is_no_drop() {
    let site = Site::new().tenant().file("settings.yaml", CARRIED);
    let run = site.run(["migrate", "--to", "v2", "--drop", "reauthorizationEnabled", "settings.yaml"]);
    assert_eq!((run.code, site.read("settings.yaml").as_str()), (Some(64), CARRIED), "{}", run.text());
    assert_eq!(site.run(["migrate", "--to", "v2026", "settings.yaml"]).code, Some(64));
    let unknown = site.run(["migrate", "--to", "v2", "--drop", "autoApprovalEnable", "settings.yaml"]);
    assert_eq!((unknown.code, unknown.err.contains("did you mean autoApprovalEnabled?")), (Some(64), true));
    // Where nothing is left to migrate, a name that was dropped before is fine, and one that is none is not.
    let current = Site::new().file("settings.yaml", &CARRIED.replace("v2024", "v2"));
    let again = |drop: &str| current.run(["migrate", "--to", "v2", "--drop", drop, "settings.yaml"]).code;
    assert_eq!((again("autoApprovalEnabled"), again("nosuch")), (Some(0), Some(64)));
}

#[test]
fn a_drop_takes_every_name_of_a_setting() {
    for [auto, allow] in [
        ["autoApprovalEnabled", "allowEntitlementRequest"],
        [
            "accessRequestConfig.autoApprovalEnabled",
            "accessRequestConfig.entitlementRequestConfig.allowEntitlementRequest",
        ],
        [
            "/accessRequestConfig/autoApprovalEnabled",
            "/accessRequestConfig/entitlementRequestConfig/allowEntitlementRequest",
        ],
    ] {
        let site = Site::new().tenant().file("settings.yaml", BETA);
        let run =
            site.run(["migrate", "--to", "v2", "--offline", "--yes", "--drop", auto, "--drop", allow, "settings.yaml"]);
        assert_eq!(run.code, Some(0), "{}", run.text());
        assert!(!site.read("settings.yaml").contains("llowEntitlementRequest"), "{}", site.read("settings.yaml"));
    }
}

#[test]
fn what_cannot_be_rewritten_in_place_is_told_with_its_file_and_line() {
    let text = "\
accessRequestConfig:
  apiVersion: beta
  entitlementRequestConfig: {allowEntitlementRequest: true, # the last one
    requestCommentsRequired: true}
";
    let site = Site::new().tenant().file("settings.yaml", text);
    let run = site.run(["migrate", "--to", "v2", "--offline", "--drop", "allowEntitlementRequest", "settings.yaml"]);
    insta::assert_snapshot!(run.text());
    assert_eq!(site.read("settings.yaml"), text);
}
