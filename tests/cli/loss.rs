//! What a write must not take away.

use serde_json::{Value, json};

use crate::harness::Site;

const SETTINGS: &str = "accessRequestConfig: {apiVersion: v2, approvalsMustBeExternal: true}\n";

/// A tenant with fields that nobody knows, on every level.
fn site() -> Site {
    let site = Site::new().tenant().workspace(SETTINGS);
    site.edit_live(|state| {
        let config = &mut state["accessRequestConfig"];
        config["approvalsMustBeExternal"] = json!(false);
        config["addedLastWeek"] = json!({"deep": [1, null, {"x": false}]});
        config["requestOnBehalfOfConfig"]["addedLastWeek"] = json!(null);
    });
    site
}

fn put(site: &Site) -> Value {
    site.requests().into_iter().find(|request| request.method == "PUT").unwrap().body
}

#[test]
fn a_put_holds_the_whole_document_and_not_only_known_fields() {
    let site = site();
    let mut expected = site.live()["accessRequestConfig"].clone();
    let run = site.run(["apply", "--yes", "-q"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    expected["approvalsMustBeExternal"] = json!(true);
    assert_eq!(site.live()["accessRequestConfig"], expected);
    let sent = put(&site);
    assert_eq!(sent["addedLastWeek"], json!({"deep": [1, null, {"x": false}]}));
    assert_eq!(sent["requestOnBehalfOfConfig"].get("addedLastWeek"), Some(&Value::Null));
    // SailPoint documents true as the default of these: left out, they could open access.
    for pointer in
        ["/machineIdentityAccessRequestEnabled", "/requestOnBehalfOfConfig/allowRequestOnBehalfOfForMachineIdentity"]
    {
        assert_eq!(sent.pointer(pointer), expected.pointer(pointer), "{pointer}");
    }
}

#[test]
fn the_other_teams_edit_between_read_and_write() {
    let site = Site::new()
        .tenant()
        .workspace(&format!("jitActivationPolicy: {{maxActivationPeriodMins: 4h}}\n{SETTINGS}"))
        .fault("stall PATCH seconds=1");
    let run = site.start(["apply", "--yes", "-q", "--fresh", "0.5"]);
    site.wait_for(|site| site.live()["jitActivationPolicy"]["maxActivationPeriodMins"] == json!(240));
    let mut state = site.live();
    state["accessRequestConfig"]["reauthorizationEnabled"] = json!(true);
    state["accessRequestConfig"]["govGroupVisibilityEnabled"] = json!(true);
    site.set_live(&state);
    let run = run.end();
    assert_eq!(run.code, Some(0), "{}", run.text());
    state["accessRequestConfig"]["approvalsMustBeExternal"] = json!(true);
    assert_eq!(site.live(), state);
}

#[test]
fn false_is_sent_as_false_and_never_as_null() {
    let settings = "accessRequestConfig: {apiVersion: beta, autoApprovalEnabled: false}\n";
    let site = Site::new().tenant().workspace(settings);
    let run = site.run(["apply", "--yes", "-q"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(put(&site).get("autoApprovalEnabled"), Some(&Value::Bool(false)));
}
