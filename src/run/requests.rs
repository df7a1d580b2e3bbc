//! What is told of requests: what is waited for now, the waits that are long, and every request in a line for those who asked
//! for more.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::tenant::{Exchange, Told, Wait};
use crate::text::printable::printable_line;
use crate::ui::Ui;
use crate::ui::progress::Progress;

/// The longest value of a header, in characters.
const LONGEST: usize = 500;

/// Tells what becomes of a request.
pub fn tell(ui: Ui, progress: &Progress, told: &Told<'_>) {
    match told {
        Told::Sent { host, request } => progress.waits_for(host, request),
        Told::Ended(exchange) => ended(ui, exchange),
        Told::Repeats(wait) => repeats(ui, progress, wait),
        Told::Queues { host, rate } => ui.say(&format!(
            "{host}: the first requests of this client are out; going on with {rate} a second (--requests-per-second), \
             since SailPoint permits 100 in 10 seconds"
        )),
    }
}

fn repeats(ui: Ui, progress: &Progress, wait: &Wait<'_>) {
    let Wait { host, request, reason, duration, retry, retries } = wait;
    let next = format!("try {} of {}", u64::from(*retry) + 1, u64::from(*retries) + 1);
    progress.waits_for(host, &format!("{reason}, {next}"));
    // A line for each wait would drown the one that is drawn.
    if ui.verbosity() > 0 || (!progress.draws() && progress.tells_wait(&reason.to_string())) {
        ui.say(&format!("{host}: {request}: {reason}; {}{next}", pause(*duration)));
    }
}

/// Returns how long is waited, in words; nothing if no person would notice.
fn pause(duration: Duration) -> String {
    match duration.as_secs_f64() {
        seconds if seconds < 0.05 => String::new(),
        seconds => format!("waiting {seconds:.1} s, then "),
    }
}

/// Tells what came of a request; its headers as well to those who asked for more twice.
fn ended(ui: Ui, exchange: &Exchange<'_>) {
    if ui.verbosity() == 0 {
        return;
    }
    let headers = ui.verbosity() > 1;
    ui.event(&text(exchange), &if headers { lines(exchange) } else { Vec::new() }, &fields(exchange, headers));
}

fn text(exchange: &Exchange<'_>) -> String {
    let Exchange { host, method, path, outcome, elapsed, tracking_id, connected, proxy, .. } = exchange;
    let outcome = match outcome {
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    };
    let mut text = format!("{method} {path} at {host}: {outcome} in {} ms", elapsed.as_millis());
    if let Some(id) = tracking_id {
        text.push_str(&format!(", trackingId {}", printable_line(id, LONGEST)));
    }
    text.push_str(if *connected { ", new connection" } else { ", connection reused" });
    if let Some(proxy) = proxy {
        text.push_str(&format!(", through the proxy {proxy}"));
    }
    text
}

fn lines(exchange: &Exchange<'_>) -> Vec<String> {
    let line =
        |mark: char, (name, value): &(String, String)| format!("{mark} {name}: {}", printable_line(value, LONGEST));
    let sent = exchange.sent.iter().map(|header| line('>', header));
    sent.chain(exchange.received.iter().map(|header| line('<', header))).collect()
}

fn fields(exchange: &Exchange<'_>, headers: bool) -> Value {
    let Exchange { host, method, path, outcome, elapsed, tracking_id, connected, proxy, sent, received } = exchange;
    let mut fields = json!({
        "event": "request", "host": host, "method": method, "path": path,
        "milliseconds": u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        "connection": if *connected { "new" } else { "reused" },
    });
    let rest = [
        ("status", outcome.as_ref().ok().map(|status| json!(status))),
        ("error", outcome.as_ref().err().map(|error| json!(error.to_string()))),
        ("trackingId", tracking_id.as_ref().map(|id| json!(id))),
        ("proxy", proxy.as_ref().map(|proxy| json!(proxy))),
        ("requestHeaders", headers.then(|| object(sent))),
        ("responseHeaders", headers.then(|| object(received))),
    ];
    if let Some(fields) = fields.as_object_mut() {
        fields.extend(rest.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    }
    fields
}

/// Returns headers as an object; the values of a name that comes several times are joined, as HTTP allows.
fn object(headers: &[(String, String)]) -> Value {
    let mut object = Map::new();
    for (name, value) in headers {
        match object.get_mut(name) {
            Some(Value::String(earlier)) => earlier.push_str(&format!(", {value}")),
            _ => drop(object.insert(name.clone(), json!(value))),
        }
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_that_nobody_notices_is_not_told() {
        let waits = [0, 49, 50, 1_940, 30_000].map(|millis| pause(Duration::from_millis(millis)));
        assert_eq!(waits, ["", "", "waiting 0.1 s, then ", "waiting 1.9 s, then ", "waiting 30.0 s, then "]);
    }

    #[test]
    fn a_request_is_told_in_words_and_in_fields() {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let exchange = Exchange {
            host: "acme.example",
            method: "GET",
            path: "/x",
            outcome: Ok(200),
            elapsed: Duration::from_millis(132),
            tracking_id: Some("1a2b\u{1b}".to_owned()),
            connected: true,
            proxy: Some("proxy:3128".to_owned()),
            sent: vec![header("authorization", "(hidden)")],
            received: vec![header("vary", "a"), header("vary", "b")],
        };
        assert_eq!(
            text(&exchange),
            "GET /x at acme.example: 200 in 132 ms, trackingId 1a2b\\u{1b}, new connection, through the proxy proxy:3128"
        );
        assert_eq!(lines(&exchange), ["> authorization: (hidden)", "< vary: a", "< vary: b"]);
        assert_eq!(
            fields(&exchange, true),
            json!({
                "event": "request", "host": "acme.example", "method": "GET", "path": "/x", "milliseconds": 132,
                "connection": "new", "status": 200, "trackingId": "1a2b\u{1b}", "proxy": "proxy:3128",
                "requestHeaders": {"authorization": "(hidden)"}, "responseHeaders": {"vary": "a, b"},
            })
        );
        assert_eq!(fields(&exchange, false).get("requestHeaders"), None);
    }
}
