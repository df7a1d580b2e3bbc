//! The search for audit events: `POST /search/v1` on the index `events`, with the part of the query language that asks for
//! actions and times. From SailPoint's "Perform search" and "Searching audit events".

use axum::http::StatusCode;
use serde_json::Value;

use super::answer::{Answer, Refusal, json_answer, set_header};
use super::list::filter::{folded, held};
use super::list::{TOTAL, flag, items, number, parameters, sort};
use super::state::State;
use super::{access_request, approvals, jit, oauth};

pub(super) const PATH: &str = "/search/v1";

/// Where the events lie in the state file.
pub(super) const KEY: &str = "events";

pub(super) const SCOPES: &[&str] = &["sp:search:read"];

pub(super) const LEVELS: &[&str] =
    &["ORG_ADMIN", "CERT_ADMIN", "REPORT_ADMIN", "SOURCE_ADMIN", "SOURCE_SUBADMIN", "ROLE_ADMIN", "ROLE_SUBADMIN"];

/// Most events in one answer.
const MOST: usize = 10_000;

/// Events in an answer that is not asked for another number.
const USUAL: usize = 250;

/// Most events that are kept of the tenant's own changes and of what the state file had.
const KEPT: usize = 1_000;

/// Records a change of a document as an audit event, the oldest of too many going. SailPoint lists no event of its own for a
/// configuration that is deleted.
pub(super) fn record(state: &mut State, document: &str) {
    let (action, kind) = match document {
        jit::KEY => ("JIT-ACTIVATION_POLICY_UPDATED", "POLICY_UPDATE"),
        access_request::KEY => ("AccessRequestConfigUpdated", "ACCESS_ITEM"),
        approvals::KEY => ("APPROVAL_CONFIG_UPDATED", "APPROVAL CONFIG"),
        _ => return,
    };
    let now = jiff::Timestamp::now();
    let mut events = state.get(KEY).and_then(Value::as_array).cloned().unwrap_or_default();
    events.push(serde_json::json!({
        "id": format!("{:032x}", now.as_nanosecond()),
        "created": format!("{now:.3}"),
        "action": action,
        "type": kind,
        "operation": "UPDATE",
        "status": "PASSED",
        "actor": {"name": oauth::USER_NAME},
    }));
    let surplus = events.len().saturating_sub(KEPT);
    events.drain(..surplus);
    state.set(KEY, Some(Value::Array(events)));
}

/// Answers a search.
pub(super) fn answer(state: &State, query: &str, body: &Value) -> Result<Answer, Refusal> {
    let (mut limit, mut offset, mut count) = (USUAL, 0, false);
    for (name, value) in parameters(query) {
        match name.as_str() {
            "limit" => limit = number("limit", &value, MOST).map_err(Refusal::bad)?,
            "offset" => offset = number("offset", &value, MOST).map_err(Refusal::bad)?,
            "count" => count = flag(&value),
            _ => return Err(Refusal::bad(format!("The search does not know the parameter {name:?}."))),
        }
    }
    if body.get("indices") != Some(&serde_json::json!(["events"])) {
        return Err(Refusal::bad("The practice tenant has only the index events."));
    }
    if body.get("queryType").is_some_and(|kind| kind != "DSL") {
        return Err(Refusal::bad("The practice tenant reads only queries of the type DSL."));
    }
    let query = body.get("queryDsl").ok_or_else(|| Refusal::bad("queryDsl is missing."))?;
    let mut found: Vec<&Value> = Vec::new();
    for event in items(state, KEY) {
        if passes(query, event, 0).map_err(Refusal::bad)? {
            found.push(event);
        }
    }
    let order = body.get("sort").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let fields = order.iter().filter_map(Value::as_str);
    sort(&mut found, fields.map(|field| (field.trim_start_matches('-'), field.starts_with('-'))));
    let total = found.len();
    let page: Vec<&Value> = found.into_iter().skip(offset).take(limit).collect();
    let mut answer = json_answer(StatusCode::OK, &serde_json::json!(page));
    if count {
        set_header(&mut answer, TOTAL, &total.to_string());
    }
    Ok(answer)
}

/// Returns whether an event passes a query, or what the practice tenant does not know in it.
fn passes(query: &Value, event: &Value, depth: usize) -> Result<bool, String> {
    let unknown = || format!("The practice tenant does not know the query {query}.");
    if depth > 8 {
        return Err("The query is nested too deep.".to_owned());
    }
    let (name, inner) =
        query.as_object().filter(|map| map.len() == 1).and_then(|map| map.iter().next()).ok_or_else(unknown)?;
    match name.as_str() {
        "bool" => every_part(inner, event, depth),
        "match" => {
            let (field, text) = only(inner).ok_or_else(unknown)?;
            let text = text.as_str().ok_or_else(unknown)?;
            Ok(held(event, field).and_then(Value::as_str).is_some_and(|held| shares_a_word(held, text)))
        }
        "range" => {
            let (field, bounds) = only(inner).ok_or_else(unknown)?;
            let held = held(event, field);
            let mut within = held.is_some();
            for (bound, value) in bounds.as_object().ok_or_else(unknown)? {
                let order = compared(held.unwrap_or(&Value::Null), value);
                within &= match bound.as_str() {
                    "gt" => order.is_gt(),
                    "gte" => order.is_ge(),
                    "lt" => order.is_lt(),
                    "lte" => order.is_le(),
                    _ => return Err(unknown()),
                };
            }
            Ok(within)
        }
        _ => Err(unknown()),
    }
}

/// Compares times as such: as texts, `02.9Z` is after `02.95Z`.
fn compared(one: &Value, other: &Value) -> std::cmp::Ordering {
    let time = |value: &Value| value.as_str()?.parse::<jiff::Timestamp>().ok();
    match (time(one), time(other)) {
        (Some(one), Some(other)) => one.cmp(&other),
        _ => folded(one).cmp(&folded(other)),
    }
}

fn only(inner: &Value) -> Option<(&String, &Value)> {
    inner.as_object().filter(|map| map.len() == 1)?.iter().next()
}

fn every_part(parts: &Value, event: &Value, depth: usize) -> Result<bool, String> {
    let list = |name: &str| -> Vec<&Value> {
        match parts.get(name) {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(single) => vec![single],
            None => Vec::new(),
        }
    };
    for part in list("must").into_iter().chain(list("filter")) {
        if !passes(part, event, depth + 1)? {
            return Ok(false);
        }
    }
    let mut fitting = 0;
    for part in list("should") {
        fitting += u64::from(passes(part, event, depth + 1)?);
    }
    let needed = parts.get("minimum_should_match").and_then(Value::as_u64).unwrap_or(0);
    Ok(fitting >= needed)
}

/// A text is analysed into words, so one that shares a single word with the asked one is found as well.
fn shares_a_word(held: &str, asked: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let asked = words(asked);
    words(held).iter().any(|word| asked.contains(word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_compared_as_times() {
        let passes = |bound: &str, time: &str| {
            let query = json!({"range": {"created": {bound: time}}});
            passes(&query, &json!({"created": "2026-11-26T06:16:02.9Z"}), 0).unwrap()
        };
        assert!(!passes("gte", "2026-11-26T06:16:02.95Z") && passes("lt", "2026-11-26T06:16:02.95Z"));
        assert!(passes("gte", "2026-11-26T06:16:02.900Z") && !passes("gt", "2026-11-26T06:16:02.900Z"));
    }
}
