//! One receipt in every form, with hostile text wherever a tenant or a file can put it.

use serde_json::json;

use super::{html, markdown, text};
use crate::documents::receipt::Receipt;
use crate::report::receipts::Listed;

const HOSTILE: &str =
    "\u{1b}]8;;x\u{7}<!-- x --></details><script>x()</script> @team #12 [x](javascript:x) \u{202e}\r\n::set-env::x";

fn receipt() -> Listed {
    let receipt: Receipt = serde_json::from_value(json!({
        "formatVersion": "1.1", "sailplan": "0.1.0", "startedAt": "2026-03-01T10:00:00Z",
        "finishedAt": "2026-03-01T10:00:05Z", "digest": "sha256:abc",
        "evidence": {
            "approval": {"how": "plan", "planDigest": "sha256:abc", "approvers": ["ada", HOSTILE]},
            "ci": {"url": "https://ci.example/7", "pullRequest": "12", "actor": HOSTILE, "commit": "1f0c8ad3"},
        },
        "verdict": "Apply incomplete: 1 setting changed in 1 resource of 1 tenant; 1 resource failed.",
        "tenants": [{
            "name": "prod", "url": "https://acme.api.identitynow.com", "identity": {"user": HOSTILE},
            "lifted": [{"rule": "maxChanges", "message": "20 changes of 10", "flag": "--allow maxChanges"}],
            "resources": [
                {
                    "resource": "jitActivationPolicy", "apiVersion": "v2026", "outcome": "applied",
                    "startedAt": "2026-03-01T10:00:01Z", "before": {"maxActivationPeriodMins": 120},
                    "operations": [{"op": "replace", "path": "/maxActivationPeriodMins", "value": 240}],
                    "changes": [{
                        "path": "/maxActivationPeriodMins", "impact": "loosens",
                        "sentence": "A single activation will last at most 4 hours instead of 2 hours",
                    }],
                    "trackingId": HOSTILE, "notes": [HOSTILE],
                },
                {
                    "resource": "accessRequestConfig", "apiVersion": "v2", "outcome": "failed",
                    "startedAt": "2026-03-01T10:00:01Z", "before": {"reauthorizationEnabled": true},
                    "operations": [{"op": "replace", "path": "/reauthorizationEnabled", "value": false}],
                    "error": {"message": HOSTILE, "details": [HOSTILE], "status": 400, "help": [HOSTILE]},
                },
            ],
        }],
    }))
    .unwrap();
    let rollback = "sailplan rollback .sailplan/receipts/a.json".to_owned();
    Listed { file: ".sailplan/receipts/a.json".to_owned(), receipt, rolled_back_by: None, rollback }
}

fn assert_harmless(text: &str) {
    assert_eq!(text.find(['\u{7}', '\u{202e}', '\r']), None, "{text}");
    assert_eq!(text.lines().find(|line| line.trim_start().starts_with("::set-env")), None);
}

#[test]
fn as_text() {
    let text = anstream::adapter::strip_str(&text(&receipt(), 100)).to_string();
    assert_harmless(&text);
    insta::assert_snapshot!(text);
}

#[test]
fn as_markdown() {
    let text = markdown(&receipt());
    assert_harmless(&text);
    let outside = text.split('`').step_by(2).collect::<String>();
    assert!(!outside.contains("<script>") && !outside.contains("@team"), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn as_a_page() {
    let page = html(&receipt()).unwrap();
    assert_harmless(&page);
    assert!(!page.contains("<script>") && !page.contains("<!-- x"));
    let body = page.split_once("<body>").unwrap().1;
    insta::assert_snapshot!(body);
}
