//! The approvals configurations over HTTP.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Bench, refused};

const TENANT: &str = "9f2c3a54-0f0e-4b8e-9a67-7c1d5e2b3a90";

fn config(id: &str) -> String {
    format!("/generic-approvals/v1/config/{id}")
}

#[tokio::test]
async fn a_configuration_is_inherited_until_it_is_stored_and_again_once_it_is_deleted() {
    let bench = Bench::new().await;
    bench.write_state(r#"{"approvalsConfig": {"TENANT": {"autoApprove": "OFF", "later": {"x": 1}}}}"#);
    let inherited =
        json!({"autoApprove": "OFF", "later": {"x": 1}, "id": TENANT, "scope": "TENANT", "tenantId": TENANT});
    for id in [TENANT, "ACCESS_REQUEST_APPROVAL", "38439bbc"] {
        assert_eq!(bench.get(&config(id)).await, inherited, "{id}");
    }
    let type_path = config("ACCESS_REQUEST_APPROVAL/APPROVAL_TYPE");
    let of_requests = json!({
        "autoApprove": "DIRECT", "emailConfig": {"a": 1}, "id": "ACCESS_REQUEST_APPROVAL", "scope": "APPROVAL_TYPE",
        "tenantId": TENANT,
    });
    // What a client may send back of the names is not stored.
    assert_eq!(bench.put(&type_path, &of_requests).await, of_requests);
    assert_eq!(bench.get(&config("ACCESS_REQUEST_APPROVAL")).await, of_requests);
    // An item inherits from the access requests, another type from the tenant.
    assert_eq!(bench.get(&config("38439bbc")).await, of_requests);
    assert_eq!(bench.get(&config("ENTITLEMENT_DESCRIPTIONS")).await, inherited);
    let item = bench.put(&config("38439bbc/ENTITLEMENT"), &json!({"requiresComment": "ALL"})).await;
    assert_eq!((&item["scope"], item.get("autoApprove")), (&json!("ENTITLEMENT"), None));
    assert_eq!(bench.get(&config("38439bbc")).await, item);
    let stored: Value =
        serde_json::from_str(&std::fs::read_to_string(bench.folder.path().join("tenant.json")).unwrap()).unwrap();
    assert_eq!(
        stored["approvalsConfig"]["APPROVAL_TYPE/ACCESS_REQUEST_APPROVAL"],
        json!({"autoApprove": "DIRECT", "emailConfig": {"a": 1}})
    );
    let deleted = bench.request(Method::DELETE, &type_path).send().await.unwrap();
    assert_eq!((deleted.status().as_u16(), deleted.text().await.unwrap()), (204, String::new()));
    assert_eq!(bench.get(&config("ACCESS_REQUEST_APPROVAL")).await, inherited);
    let again = bench.request(Method::DELETE, &type_path).send().await.unwrap();
    assert_eq!(refused(again).await, (404, "There is no such configuration.".to_owned()));
    let own = bench.put(&config(&format!("{TENANT}/TENANT")), &json!({"autoApprove": "INDIRECT"})).await;
    assert_eq!(bench.get(&config("ACCESS_REQUEST_APPROVAL")).await, own);
    bench.write_state("{}");
    assert_eq!(bench.get(&config("ACCESS_REQUEST_APPROVAL")).await, json!({}));
}

#[tokio::test]
async fn what_the_schema_does_not_allow_is_refused() {
    let bench = Bench::new().await;
    for (path, body, status, text) in [
        ("1/APPROVAL_REQUEST", json!({}), 400, "The scope \"APPROVAL_REQUEST\" is unknown"),
        ("1/APPROVAL_TYPE", json!({}), 400, "The approval type \"1\" is unknown"),
        ("1/TENANT", json!({}), 404, "The id is not that of the tenant."),
        ("1/ROLE", json!([]), 400, "The body must be an object."),
        ("1/ROLE", json!({"autoApprove": "ON"}), 400, "autoApprove must be one of OFF, DIRECT, INDIRECT."),
        ("1/ROLE", json!({"reminderConfig": {"maxReminders": 21}}), 400, "a whole number from 0 to 20."),
        ("1/ROLE", json!({"reminderConfig": {"daysUntilFirstReminder": null}}), 400, "a whole number 0 or more."),
        ("1/ROLE", json!({"timeoutConfig": {"daysUntilTimeout": 91}}), 400, "a whole number from 0 to 90."),
        ("1/ROLE", json!({"fallbackApprover": {"id": "a"}}), 400, "an object with identityID and type."),
        ("1/ROLE", json!({"serialChain": [{"identityId": "a"}]}), 400, "identityId and identityType."),
    ] {
        let (found, message) = refused(bench.send(Method::PUT, &config(path), &body).await).await;
        assert!(found == status && message.contains(text), "{path} {body}: {found} {message}");
    }
    let response = bench.send(Method::PUT, &config("ACCESS_REQUEST_APPROVAL"), &json!({})).await;
    assert_eq!((response.status().as_u16(), &response.headers()["allow"]), (405, &"GET".parse().unwrap()));
    let reader = Bench::with(|options| options.scopes = Some(vec!["sp:approvals:read".to_owned()])).await;
    assert_eq!(reader.get(&config("1")).await["scope"], "TENANT");
    let (status, _) = refused(reader.send(Method::PUT, &config("1/ROLE"), &json!({})).await).await;
    assert_eq!(status, 403);
}
