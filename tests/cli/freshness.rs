//! A whole document is only written straight after it was read: what others wrote meanwhile survives.

use serde_json::json;

use crate::harness::Site;

const SETTINGS: &str = "accessRequestConfig: {apiVersion: beta, autoApprovalEnabled: false}\n";

fn reauthorization(site: &Site) -> serde_json::Value {
    site.live().pointer("/accessRequestConfig/reauthorizationEnabled").cloned().unwrap_or_default()
}

#[test]
fn an_edit_made_while_the_tenant_asks_to_wait_survives() {
    let site = Site::new()
        .tenant()
        .fault("429 PUT retry-after=1")
        .fault("edit PUT set='/reauthorizationEnabled=false'")
        .file("settings.yaml", SETTINGS);
    let run = site.run(["apply", "--yes", "-q", "settings.yaml"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(reauthorization(&site), json!(false));
    assert_eq!(
        site.calls(),
        [
            "POST /oauth/token",
            "GET /beta/access-request-config",
            "PUT /beta/access-request-config",
            "GET /beta/access-request-config",
            "PUT /beta/access-request-config",
            "GET /beta/access-request-config",
        ]
    );
}

#[test]
fn a_managed_setting_that_moved_while_the_tenant_asks_to_wait_refuses() {
    let settings =
        "accessRequestConfig: {apiVersion: beta, autoApprovalEnabled: false, reauthorizationEnabled: true}\n";
    let site = Site::new()
        .tenant()
        .fault("429 PUT retry-after=1")
        .fault("edit PUT set='/reauthorizationEnabled=false'")
        .file("settings.yaml", settings);
    insta::assert_snapshot!(site.run(["apply", "--yes", "-q", "settings.yaml"]).text());
    assert_eq!(site.live()["accessRequestConfig"]["autoApprovalEnabled"], json!(true));
}

#[test]
fn an_odd_unmanaged_value_is_shown_and_sent_back_as_it_is() {
    let site = Site::new().tenant().file("settings.yaml", SETTINGS);
    site.run(["plan", "settings.yaml"]);
    site.edit_live(|state| state["accessRequestConfig"]["approvalsMustBeExternal"] = json!("yes"));
    insta::assert_snapshot!(site.run(["apply", "--yes", "settings.yaml"]).text());
    let put = site.requests().into_iter().find(|one| one.method == "PUT").unwrap().body;
    assert_eq!(put["approvalsMustBeExternal"], json!("yes"));
}
