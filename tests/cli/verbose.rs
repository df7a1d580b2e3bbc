//! What `-v` adds: files, guardrails and requests, as lines and as objects, and never a secret.

use serde_json::Value;

use crate::harness::{ONE_CHANGE_EACH, Site};

fn site() -> Site {
    let site = Site::new().tenant().workspace(ONE_CHANGE_EACH);
    let workspace = site.read("sailplan.yaml");
    site.write("sailplan.yaml", &format!("{workspace}    guardrails: {{maxChanges: 10}}\n"));
    site
}

/// Takes out how long requests took and what the tenant calls them.
fn without_times(text: &str) -> String {
    let line = |line: &str| match (line.split_once(" in "), line.split_once(", trackingId ")) {
        (Some((before, _)), Some((_, after))) => {
            let (_, rest) = after.split_once(", ").unwrap();
            format!("{before} in [MS] ms, trackingId [ID], {rest}\n")
        }
        (Some((before, after)), None) if after.contains(" ms, ") => {
            let (_, rest) = after.split_once(" ms, ").unwrap();
            format!("{before} in [MS] ms, {rest}\n")
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[test]
fn files_guardrails_and_requests_are_told_in_a_line_each() {
    let site = site();
    let plain = site.run(["plan"]);
    assert_eq!(plain.err, "");
    let run = site.run(["plan", "-v"]);
    assert_eq!(run.out.lines().next_back(), plain.out.lines().next_back());
    let mut lines: Vec<String> = without_times(&run.err).lines().map(str::to_owned).collect();
    // The two reads may come in either order, and the second may take the connection of the first.
    lines.sort();
    let reused = lines.iter().filter(|line| line.ends_with("connection reused")).count();
    assert!(reused < 3, "{lines:?}");
    let lines: Vec<String> =
        lines.iter().map(|line| line.replace("connection reused", "[C]").replace("new connection", "[C]")).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn as_json_each_is_an_object_with_fields_and_headers_without_secrets() {
    let site = site();
    let run = site.run(["plan", "-vv", "--log-format", "json"]);
    let events: Vec<Value> = run.err.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |event: &str| events.iter().filter(|line| line["event"] == *event).collect::<Vec<_>>();
    assert_eq!((of("file").len(), of("guardrail").len(), of("request").len()), (2, 1, 3), "{}", run.err);
    assert_eq!(of("guardrail")[0]["line"], 7);
    for request in of("request") {
        assert_eq!((&request["level"], &request["status"]), (&"debug".into(), &200.into()), "{request}");
        assert!(request["milliseconds"].is_u64() && request["host"] == "127.0.0.1", "{request}");
        assert!(request["responseHeaders"]["content-type"].is_string(), "{request}");
        if request["method"] == "GET" {
            assert_eq!(request["requestHeaders"]["authorization"], "(hidden)");
        }
    }
    for secret in ["secret-of-the-test", "Bearer"] {
        assert!(!run.err.contains(secret), "{secret}: {}", run.err);
    }
}
