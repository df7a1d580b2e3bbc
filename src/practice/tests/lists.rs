//! Lists and the search: filters, pages, totals, rights, what is refused.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Bench, refused};

const DOMAIN_ADMINS: &str = "38439bbc-264b-447b-acac-a182a466b0e9";

/// Returns the ids of a list, and the total if it is told.
async fn ids(bench: &Bench, path: &str) -> (Vec<String>, Option<String>) {
    let response = bench.request(Method::GET, path).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    let total = response.headers().get("x-total-count").map(|total| total.to_str().unwrap().to_owned());
    let body: Value = response.json().await.unwrap();
    let items = body.get("results").unwrap_or(&body).as_array().unwrap();
    let id = |item: &Value| item.get("id").or_else(|| item.get("key")).unwrap().as_str().unwrap().to_owned();
    (items.iter().map(id).collect(), total)
}

#[tokio::test]
async fn the_ids_of_the_example_documents_have_names() {
    let bench = Bench::new().await;
    let text = std::fs::read_to_string(bench.folder.path().join("tenant.json")).unwrap();
    let state: Value = serde_json::from_str(&text).unwrap();
    let named =
        |key: &str, id: &str| state[key].as_array().unwrap().iter().any(|item| item["id"] == id || item["key"] == id);
    for id in state["jitActivationPolicy"]["entitlementIds"].as_array().unwrap() {
        assert!(named("entitlements", id.as_str().unwrap()), "{id}");
    }
    let template = state["jitActivationPolicy"]["notificationTemplate"].as_str().unwrap();
    assert!(named("notificationTemplateDefaults", template), "{template}");
    let config = &state["accessRequestConfig"];
    let approver = &config["approvalReminderAndEscalationConfig"]["fallbackApproverRef"]["id"];
    assert!(named("publicIdentities", approver.as_str().unwrap()), "{approver}");
    for part in ["accessRequestConfig", "revocationRequestConfig"] {
        for step in config["entitlementRequestConfig"][part]["approvalSchemes"].as_array().unwrap() {
            let Some(group) = step["approverId"].as_str() else { continue };
            assert!(named("workgroups", group), "{group}");
        }
    }
    let form = &config["entitlementRequestConfig"]["accessRequestConfig"]["formDefinitionId"];
    assert!(named("formDefinitions", form.as_str().unwrap()), "{form}");
}

#[tokio::test]
async fn lists_are_filtered_sorted_and_paged() {
    let bench = Bench::new().await;
    let all: Vec<Value> = (0..600).map(|n| json!({"id": format!("{n:03}"), "name": format!("E{}", n % 7)})).collect();
    bench.write_state(
        &json!({"entitlements": all, "notificationTemplates": [{"key": "k", "medium": "EMAIL"}]}).to_string(),
    );
    let (first, total) = ids(&bench, "/entitlements/v1").await;
    assert_eq!((first.len(), first[0].as_str(), total), (250, "000", None));
    let (rest, total) = ids(&bench, "/v2026/entitlements?offset=500&limit=250&count=true").await;
    assert_eq!((rest.len(), rest[0].as_str(), total.as_deref()), (100, "500", Some("600")));
    let (none, total) = ids(&bench, "/entitlements/v1?limit=0&count=true&filters=name%20eq%20%22e1%22").await;
    assert_eq!((none.len(), total.as_deref()), (0, Some("86")));
    let (some, _) = ids(&bench, "/entitlements/v1?filters=id%20in%20(%22003%22,%22001%22)&sorters=-id").await;
    assert_eq!(some, ["003", "001"]);
    assert_eq!(ids(&bench, "/notification-templates/v1?filters=key%20sw%20%22K%22").await.0, ["k"]);
    assert_eq!(ids(&bench, "/workflows/v1").await.0, [""; 0]);
}

#[tokio::test]
async fn forms_come_in_an_object_and_connections_are_counted() {
    let bench = Bench::new().await;
    let forms = bench.get("/form-definitions/v1").await;
    assert_eq!((&forms["count"], &forms["results"][0]["name"]), (&json!(1), &json!("Reason for access")));
    let of = |kind: &str| {
        format!(
            "/entitlement-connections/v1?count=true&limit=1&filters=entitlement.id%20eq%20%22{DOMAIN_ADMINS}%22%20and%20type%20eq%20%22{kind}%22"
        )
    };
    for kind in ["JIT", "STANDING"] {
        let (found, total) = ids(&bench, &of(kind)).await;
        assert_eq!((found.len(), total.as_deref()), (1, Some("1")), "{kind}");
    }
}

#[tokio::test]
async fn what_a_list_does_not_document_is_refused() {
    let bench = Bench::new().await;
    for (path, why) in [
        ("/entitlements/v1?limit=251", "limit must be a whole number from 0 to 250, not \"251\"."),
        ("/entitlements/v1?offset=9900", "offset and limit lead past 10000 items."),
        (
            "/notification-templates/v1?count=true",
            "The practice tenant does not know the parameter \"count\" of this list.",
        ),
        (
            "/workgroups/v1?filters=id+eq+%22a%22",
            "The filter \"id+eq+\\\"a\\\"\" is not valid: the list is not filtered by \"id+eq+\", only by id, name, \
             memberships.identityId.",
        ),
        ("/public-identities/v1?sorters=alias", "The list is not sorted by \"alias\", only by name."),
    ] {
        let response = bench.request(Method::GET, path).send().await.unwrap();
        assert_eq!(refused(response).await, (400, why.to_owned()), "{path}");
    }
}

#[tokio::test]
async fn lists_need_a_scope_and_a_user_level() {
    let bench = Bench::with(|options| {
        options.scopes = Some(vec!["sp:scopes:default".to_owned(), "idn:workgroup:read".to_owned()]);
        options.user_levels = Some(vec!["POLICY_ADMIN".to_owned()]);
    })
    .await;
    assert_eq!(ids(&bench, "/public-identities/v1").await.0.len(), 2);
    for (path, needs) in [
        ("/entitlements/v1", "the token needs the scope idn:entitlement:read or idn:entitlement:manage"),
        ("/workgroups/v1", "the user of the token needs the level ORG_ADMIN"),
    ] {
        let response = bench.request(Method::GET, path).send().await.unwrap();
        let why = format!("The server understood the request but refuses to authorize it: {needs}.");
        assert_eq!(refused(response).await, (403, why), "{path}");
    }
}

fn query(action: &str) -> Value {
    json!({"indices": ["events"], "queryType": "DSL", "sort": ["-created", "id"], "queryDsl": {"bool": {
        "must": [{"range": {"created": {"gte": "2026-10-01T00:00:00Z"}}}],
        "should": [{"match": {"action": action}}],
        "minimum_should_match": 1,
    }}})
}

#[tokio::test]
async fn events_are_found_by_time_and_by_a_word_of_their_action() {
    let bench = Bench::new().await;
    let event = |id: &str, day: &str, action: &str| json!({"id": id, "created": format!("2026-{day}T10:00:00Z"), "action": action});
    let events = json!({"events": [
        event("1", "09-30", "AccessRequestConfigUpdated"),
        event("2", "10-01", "AccessRequestConfigUpdated"),
        event("3", "10-05", "AccessRequestConfigUpdated"),
        event("4", "10-05", "JIT-ACTIVATION_POLICY_CREATED"),
    ]});
    bench.write_state(&events.to_string());
    for (action, found) in [
        ("accessrequestconfigupdated", json!(["3", "2"])),
        ("JIT-ACTIVATION_POLICY_UPDATED", json!(["4"])),
        ("APPROVAL_CONFIG_UPDATED", json!([])),
    ] {
        let response = bench.send(Method::POST, "/search/v1?limit=10", &query(action)).await;
        let answer: Value = response.json().await.unwrap();
        let ids: Value = answer.as_array().unwrap().iter().map(|event| event["id"].clone()).collect();
        assert_eq!(ids, found, "{action}");
    }
    let mut other = query("x");
    other["indices"] = json!(["identities"]);
    let response = bench.send(Method::POST, "/search/v1", &other).await;
    assert_eq!(refused(response).await, (400, "The practice tenant has only the index events.".to_owned()));
}

#[tokio::test]
async fn a_broken_list_in_the_state_file_is_named() {
    let bench = Bench::new().await;
    bench.write_state(r#"{"workgroups": {}}"#);
    let response = bench.request(Method::GET, "/workgroups/v1").send().await.unwrap();
    let (status, text) = refused(response).await;
    assert_eq!(status, 500);
    assert!(text.contains("workgroups is neither a list nor null"), "{text}");
}
