//! Each fault, as a client meets it.

use std::time::{Duration, Instant};

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::{BETA, Bench, JIT};

async fn beta(bench: &Bench) -> reqwest::Result<Response> {
    bench.request(Method::GET, BETA).send().await
}

async fn minutes(bench: &Bench) -> Value {
    bench.get(JIT).await["maxActivationPeriodMins"].clone()
}

fn set_minutes(bench: &Bench, value: u32) -> reqwest::RequestBuilder {
    bench.request(Method::PATCH, JIT).json(&json!([{"path": "/maxActivationPeriodMins", "value": value}]))
}

#[tokio::test]
async fn a_rate_limit_passes() {
    let bench = Bench::new().await;
    bench.fault("429 GET /beta times=2 retry-after=3");
    bench.fault("429 GET /beta retry-after=");
    for after in [Some("3"), Some("3"), None] {
        let response = beta(&bench).await.unwrap();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers().get("retry-after").map(|value| value.to_str().unwrap()), after);
        assert_eq!(response.json::<Value>().await.unwrap(), json!({"message": " Rate Limit Exceeded "}));
    }
    assert_eq!(beta(&bench).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_status_leaves_the_request_undone() {
    let bench = Bench::new().await;
    bench.fault("500 PATCH");
    let response = set_minutes(&bench, 5).send().await.unwrap();
    assert_eq!(response.status(), 500);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["detailCode"], json!("500.0 Internal Fault"));
    assert_eq!(
        body["messages"][0]["text"],
        json!("The practice tenant was asked to answer 500 Internal Server Error.")
    );
    assert_eq!(minutes(&bench).await, json!(120));
    bench.fault("401 GET");
    let response = beta(&bench).await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(response.json::<Value>().await.unwrap(), json!({"error": "JWT validation failed: JWT is expired"}));
    bench.fault("not-found GET");
    assert_eq!(beta(&bench).await.unwrap().status(), 404);
    bench.fault("403 GET");
    assert_eq!(beta(&bench).await.unwrap().status(), 403);
}

#[tokio::test]
async fn a_dropped_connection_tells_nothing_about_the_write() {
    let bench = Bench::new().await;
    bench.fault("drop-before PATCH");
    assert!(set_minutes(&bench, 5).send().await.unwrap_err().is_request());
    assert_eq!(minutes(&bench).await, json!(120));
    bench.fault("drop-after PATCH");
    assert!(set_minutes(&bench, 5).send().await.unwrap_err().is_request());
    assert_eq!(minutes(&bench).await, json!(5));
    bench.fault("drop-body PATCH");
    let response = set_minutes(&bench, 6).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err());
    assert_eq!(minutes(&bench).await, json!(6));
    let patches = bench.practice.requests().into_iter().filter(|request| request.method == "PATCH").count();
    assert_eq!(patches, 3);
}

#[tokio::test]
async fn a_stalled_answer_comes_late_and_the_write_is_done() {
    let bench = Bench::new().await;
    bench.fault("stall PATCH seconds=30");
    let error = set_minutes(&bench, 5).timeout(Duration::from_millis(300)).send().await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(minutes(&bench).await, json!(5));
    bench.fault("stall GET seconds=0.2");
    let since = Instant::now();
    assert_eq!(beta(&bench).await.unwrap().status(), 200);
    assert!(since.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn a_stalled_body_comes_whole_in_the_end() {
    let bench = Bench::new().await;
    let whole = bench.get(BETA).await;
    bench.fault("stall-body GET seconds=0.3");
    let since = Instant::now();
    let mut response = beta(&bench).await.unwrap();
    let mut body = response.chunk().await.unwrap().unwrap().to_vec();
    assert!(since.elapsed() < Duration::from_millis(300));
    while let Some(chunk) = response.chunk().await.unwrap() {
        body.extend(chunk);
    }
    assert!(since.elapsed() >= Duration::from_millis(300));
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), whole);
}

#[tokio::test]
async fn answers_that_are_not_the_document() {
    let bench = Bench::new().await;
    bench.fault("empty PATCH");
    let response = set_minutes(&bench, 5).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.text().await.unwrap(), "");
    assert_eq!(minutes(&bench).await, json!(5));

    bench.fault("html GET");
    let response = beta(&bench).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/html");
    assert_eq!(response.text().await.unwrap(), "<!DOCTYPE html>\n<html><body><h1>Sign in</h1></body></html>\n");

    let whole = beta(&bench).await.unwrap().text().await.unwrap();
    bench.fault("bad-json GET");
    assert_eq!(beta(&bench).await.unwrap().text().await.unwrap(), whole[..whole.len() / 2]);

    bench.fault("wrong-types GET");
    assert_eq!(
        bench.get(JIT).await,
        json!({
            "id": true, "entitlementIds": 1, "maxActivationPeriodMins": "5", "maxActivationPeriodExtensionMins": "30",
            "defaultMaxActivationPeriodMins": "60", "defaultMaxActivationPeriodExtensionMins": "15",
            "notificationRecipients": 1, "notificationTemplate": true, "applyToFutureAssignments": "true"
        })
    );
}

#[tokio::test]
async fn an_endless_body_does_not_end() {
    let bench = Bench::new().await;
    bench.fault("huge GET");
    let mut response = beta(&bench).await.unwrap();
    let mut length = 0;
    while length < 8 * 1024 * 1024 {
        length += response.chunk().await.unwrap().unwrap().len();
    }
    drop(response);
    assert_eq!(beta(&bench).await.unwrap().status(), 200);
}

#[tokio::test]
async fn an_ignored_write_looks_done() {
    let bench = Bench::new().await;
    bench.fault("ignore");
    let (status, answer) = bench.patch("/maxActivationPeriodMins", &json!(5)).await;
    assert_eq!((status, &answer["maxActivationPeriodMins"]), (200, &json!(5)));
    assert_eq!(minutes(&bench).await, json!(120));
    bench.fault("ignore PUT");
    let answer = bench.put(BETA, &json!({})).await;
    assert_eq!(answer["autoApprovalEnabled"], json!(false));
    assert_eq!(bench.get(BETA).await["autoApprovalEnabled"], json!(true));
}

#[tokio::test]
async fn a_late_write_is_carried_out_with_a_later_request() {
    let bench = Bench::new().await;
    bench.fault("late PATCH after=2");
    bench.fault("late PUT");
    let (status, _) = bench.patch("/maxActivationPeriodMins", &json!(5)).await;
    assert_eq!(status, 504);
    assert_eq!(minutes(&bench).await, json!(120));
    assert_eq!(minutes(&bench).await, json!(5));
    bench.patch("/maxActivationPeriodMins", &json!(6)).await;
    assert_eq!(bench.send(Method::PUT, BETA, &json!({})).await.status(), 504);
    assert_eq!(bench.get(BETA).await["autoApprovalEnabled"], json!(false));
    assert_eq!(minutes(&bench).await, json!(6));
}

#[tokio::test]
async fn reads_lag_behind_the_write_of_their_own_document() {
    let bench = Bench::new().await;
    bench.fault("lag GET times=3");
    assert_eq!(minutes(&bench).await, json!(120));
    bench.patch("/maxActivationPeriodMins", &json!(5)).await;
    assert_eq!(bench.get(BETA).await["autoApprovalEnabled"], json!(true));
    bench.put(BETA, &json!({})).await;
    assert_eq!(minutes(&bench).await, json!(120));
    assert_eq!(bench.get(BETA).await["autoApprovalEnabled"], json!(true));
    assert_eq!(minutes(&bench).await, json!(120));
    assert_eq!(minutes(&bench).await, json!(5));
    assert_eq!(bench.get(BETA).await["autoApprovalEnabled"], json!(false));
}

#[tokio::test]
async fn somebody_else_changes_the_document_first() {
    let bench = Bench::new().await;
    bench.fault("edit GET /beta skip=1 set=/autoApprovalEnabled=false");
    bench.fault("edit GET /beta skip=1 set=/entitlementRequestConfig/grantRequestApprovalSchemes=manager,sourceOwner");
    bench.fault("edit PATCH set=/maxActivationPeriodExtensionMins=7");
    let mut expected = bench.get(BETA).await;
    expected["autoApprovalEnabled"] = json!(false);
    expected["entitlementRequestConfig"]["grantRequestApprovalSchemes"] = json!("manager,sourceOwner");
    assert_eq!(bench.get(BETA).await, expected);
    let (_, answer) = bench.patch("/maxActivationPeriodMins", &json!(5)).await;
    assert_eq!(
        (&answer["maxActivationPeriodMins"], &answer["maxActivationPeriodExtensionMins"]),
        (&json!(5), &json!(7))
    );
}

#[tokio::test]
async fn a_redirect_points_elsewhere() {
    let bench = Bench::new().await;
    bench.fault("redirect GET to=http://elsewhere.example/x");
    let response = beta(&bench).await.unwrap();
    assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(response.headers()["location"], "http://elsewhere.example/x");
}

#[tokio::test]
async fn an_error_in_a_coding_that_is_none() {
    let bench = Bench::new().await;
    bench.fault("encoding-utf8 GET");
    let response = beta(&bench).await.unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["content-encoding"], "UTF-8");
    assert_eq!(response.json::<Value>().await.unwrap()["detailCode"], json!("400.1 Bad Request Content"));
}
