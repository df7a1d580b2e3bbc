//! One answer of a tenant: reading it within limits, and finding out what it says.

use std::thread;

use reqwest::Response;
use reqwest::header::{CONTENT_LENGTH, HeaderMap};
use serde_json::{Map, Value};

use super::duplicate_keys;
use super::fault::BodyFault;
use super::http::HttpOptions;
use crate::resource;
use crate::text::json::Bounds;
use crate::text::secrets;

/// What a document may hold. A million ids are fewer values, and a receipt has a document some ten objects deep in itself.
const BOUNDS: Bounds = Bounds { values: 2_000_000, depth: 64 };
/// How much memory is taken for an answer that says how long it is, before any of it has come, in bytes.
const ROOM: usize = 8 * 1024 * 1024;
/// From so many bytes on an answer is searched for secrets on a thread of its own, while it is read.
const LARGE: usize = 1 << 20;
/// How much of an answer that is not a success is read, in bytes.
const REFUSAL_LIMIT: u64 = 64 * 1024;
/// Longest line kept of what a tenant says about a failure, in characters.
const LINE_LIMIT: usize = 500;
/// Most lines kept of what a tenant says about a failure.
const LINES_LIMIT: usize = 20;

/// Status, headers and body of one answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    body: Result<Vec<u8>, BodyFault>,
}

/// How the texts of a document are searched for secrets.
type Search = fn(&Value) -> bool;

/// Returns whether a body holds a secret in one encoding, and how to find one in several: those are found after decoding.
fn searches(body: &[u8]) -> (bool, Search) {
    let text = String::from_utf8_lossy(body);
    let escaped = text.contains('\\');
    let nested: Search = |value| secrets::value_holds_nested(value, resource::is_key);
    (secrets::holds_plainly(&text), if escaped { secrets::value_holds } else { nested })
}

/// What a tenant says about a request that it did not carry out.
pub(super) struct Refusal {
    pub(super) detail: Vec<String>,
    pub(super) tracking_id: Option<String>,
}

impl Answer {
    /// Reads the body, never more of it than the limit.
    pub(super) async fn read(mut response: Response, options: &HttpOptions) -> Self {
        let status = response.status();
        let body = if status.is_success() {
            let announced =
                response.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
            if announced.is_some_and(|length| length > options.max_body) {
                Err(BodyFault::TooLarge(options.max_body))
            } else {
                read_document(&mut response, announced, options).await
            }
        } else {
            Ok(read_refusal(&mut response).await)
        };
        Self { status: status.as_u16(), headers: response.headers().clone(), body }
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// What happened to the connection while the body was read.
    pub(super) fn cut_off(&self) -> Option<&BodyFault> {
        self.body.as_ref().err().filter(|fault| matches!(fault, BodyFault::CutOff(_)))
    }

    pub(super) fn deprecated(&self) -> bool {
        self.header("x-deprecated").is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// SailPoint's gateway names every request in this header; errors repeat it in the body as `trackingId`.
    pub(super) fn tracking_id(&self) -> Option<String> {
        let id = self.header("slpt-request-id")?;
        (!id.is_empty()).then(|| excerpt(&secrets::hide(id)))
    }

    fn header(&self, name: &str) -> Option<&str> {
        Some(self.headers.get(name)?.to_str().ok()?.trim())
    }

    /// Takes the body as a document, which must hold no secret: it would be shown in plans and stored in receipts.
    pub(super) fn document(self) -> Result<Value, BodyFault> {
        let body = self.body.as_deref().unwrap_or_default();
        let ((held, nested), object) = if body.len() < LARGE {
            (searches(body), self.object())
        } else {
            thread::scope(|scope| {
                let searching = scope.spawn(|| searches(body));
                let object = self.object();
                (searching.join().unwrap_or((true, secrets::value_holds)), object)
            })
        };
        let object = object?;
        // Its texts are in the object now, and a large answer would be in the memory twice.
        drop(self);
        if held || nested(&object) { Err(BodyFault::Secret) } else { Ok(object) }
    }

    /// Takes the body as a list, bare or under `results`, which must hold no secret.
    pub(super) fn items(self) -> Result<Vec<Value>, BodyFault> {
        let body = self.body.as_ref().map_err(Clone::clone)?;
        if !body.trim_ascii_start().starts_with(b"[") {
            return match self.document()? {
                Value::Object(mut object) => match object.shift_remove("results") {
                    Some(Value::Array(items)) => Ok(items),
                    _ => Err(BodyFault::NotList),
                },
                _ => Err(BodyFault::NotList),
            };
        }
        BOUNDS.check(body).map_err(BodyFault::Excess)?;
        let items: Value = serde_json::from_slice(body)
            .map_err(|error| BodyFault::NotJson { reason: error.to_string(), start: String::new() })?;
        let (held, nested) = searches(body);
        if held || nested(&items) {
            return Err(BodyFault::Secret);
        }
        match items {
            Value::Array(items) => Ok(items),
            _ => Err(BodyFault::NotList),
        }
    }

    /// How many items a list has on all its pages, if the answer says so.
    pub(super) fn total(&self) -> Option<u64> {
        self.header("x-total-count")?.parse().ok()
    }

    /// Takes the body as a JSON object.
    pub(super) fn object(&self) -> Result<Value, BodyFault> {
        let body = self.body.as_deref().map_err(Clone::clone)?;
        if body.iter().all(u8::is_ascii_whitespace) {
            return Err(BodyFault::Empty);
        }
        let start = || {
            // Enough bytes for the line; a secret cut in two at their end would not be found, so look further.
            let bytes = body.get(..REFUSAL_LIMIT as usize).unwrap_or(body);
            excerpt(&secrets::hide(&String::from_utf8_lossy(bytes)))
        };
        BOUNDS.check(body).map_err(BodyFault::Excess)?;
        let found = match serde_json::from_slice(body) {
            Ok(object @ Value::Object(_)) => {
                return match duplicate_keys::first(body) {
                    Some(key) => Err(BodyFault::DuplicateKey(secrets::hide(&key).into_owned())),
                    None => Ok(object),
                };
            }
            Ok(Value::Null) => "null",
            Ok(Value::Bool(_)) => "a boolean",
            Ok(Value::Number(_)) => "a number",
            Ok(Value::String(_)) => "a text",
            Ok(Value::Array(_)) => "a list",
            Err(error) => {
                return Err(BodyFault::NotJson { reason: error.to_string(), start: start() });
            }
        };
        Err(BodyFault::NotObject { found, start: start() })
    }

    /// Decodes what the tenant says, in whatever shape. SailPoint documents `detailCode`, `trackingId`, `messages`
    /// and `causes`, for 401 `error`, for 429 `message`; OAuth adds `error_description`; gateways answer in HTML.
    pub(super) fn refusal(&self) -> Refusal {
        let header_id = self.tracking_id();
        let bytes = self.body.as_deref().unwrap_or_default();
        let text = secrets::hide(&String::from_utf8_lossy(bytes)).into_owned();
        let object = match serde_json::from_str(&text) {
            Ok(Value::Object(object)) => object,
            _ => Map::new(),
        };
        // Escapes in JSON hide a secret from the search in the raw text.
        let plain = |text: &str| excerpt(&secrets::hide(text));
        let field = |name| object.get(name).and_then(Value::as_str).map(plain);
        let mut lines = Vec::new();
        if let Some(code) = field("detailCode") {
            lines.push(format!("detailCode: {code}"));
        }
        lines.extend(messages(object.get("messages"), plain));
        let causes = messages(object.get("causes"), plain);
        lines.extend(causes.iter().map(|cause| format!("cause: {cause}")));
        for name in ["error", "error_description", "message"] {
            lines.extend(field(name));
        }
        lines.retain(|line| !line.is_empty());
        let mut detail: Vec<String> = Vec::new();
        for line in lines {
            if !detail.contains(&line) && detail.len() < LINES_LIMIT {
                detail.push(line);
            }
        }
        let tracking_id = field("trackingId").filter(|id| !id.is_empty());
        if detail.is_empty() && tracking_id.is_none() {
            let start = excerpt(&text);
            detail.extend((!start.is_empty()).then_some(start));
        }
        Refusal { detail, tracking_id: tracking_id.or(header_id) }
    }
}

async fn read_document(
    response: &mut Response,
    announced: Option<u64>,
    options: &HttpOptions,
) -> Result<Vec<u8>, BodyFault> {
    let room = announced.and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    let mut body = Vec::with_capacity(room.min(ROOM));
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if (body.len() + chunk.len()) as u64 > options.max_body => {
                return Err(BodyFault::TooLarge(options.max_body));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(error) => return Err(BodyFault::CutOff(Box::new(options.error_kind(&error)))),
        }
    }
}

/// Reads what there is: an explanation that breaks off is better than none.
async fn read_refusal(response: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() as u64 > REFUSAL_LIMIT {
            body.truncate(REFUSAL_LIMIT as usize);
            break;
        }
    }
    body
}

/// Returns the texts of a list of messages, the English ones alone where there are any.
fn messages(list: Option<&Value>, plain: impl Fn(&str) -> String) -> Vec<String> {
    let list = match list {
        Some(Value::Array(list)) => list.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    };
    let is_english = |message: &&Value| {
        message
            .get("locale")
            .and_then(Value::as_str)
            .and_then(|locale| locale.get(..2))
            .is_some_and(|language| language.eq_ignore_ascii_case("en"))
    };
    let text = |message: &Value| {
        let text = message.as_str().or_else(|| message.get("text")?.as_str())?;
        Some(plain(text))
    };
    let english: Vec<_> = list.iter().filter(is_english).filter_map(text).collect();
    if english.is_empty() { list.iter().filter_map(text).collect() } else { english }
}

/// Returns the start of a text on one line, with a mark where it was cut.
fn excerpt(text: &str) -> String {
    let mut line = String::new();
    for (at, c) in text.split_whitespace().flat_map(|word| std::iter::once(' ').chain(word.chars())).skip(1).enumerate()
    {
        if at == LINE_LIMIT {
            line.push('…');
            break;
        }
        line.push(c);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> Answer {
        ["s3cret-value", "s3cret é&", "a"].iter().for_each(|secret| secrets::hold(secret));
        Answer { status: 400, headers: HeaderMap::new(), body: Ok(body.as_bytes().to_vec()) }
    }

    fn refusal(body: &str) -> (Vec<String>, Option<String>) {
        let Refusal { detail, tracking_id } = answer(body).refusal();
        (detail, tracking_id)
    }

    fn lines(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|&line| line.to_owned()).collect()
    }

    #[test]
    fn every_documented_shape_of_a_failure_is_read() {
        let documented = r#"{
            "detailCode": "400.1 Bad Request Content", "trackingId": "e7eab60924f64aa284175b9fa3309599",
            "messages": [
                {"locale": "de-DE", "localeOrigin": "REQUEST", "text": "Ungültig"},
                {"locale": "en-US", "localeOrigin": "DEFAULT", "text": "The request was\n invalid"},
                {"locale": "en-US", "localeOrigin": "DEFAULT", "text": "The request was invalid"}
            ],
            "causes": [{"locale": null, "text": "path is wrong"}]
        }"#;
        assert_eq!(
            refusal(documented),
            (
                lines(&["detailCode: 400.1 Bad Request Content", "The request was invalid", "cause: path is wrong"]),
                Some("e7eab60924f64aa284175b9fa3309599".to_owned())
            )
        );
        for (body, detail) in [
            (r#"{"error": "JWT validation failed"}"#, lines(&["JWT validation failed"])),
            (
                r#"{"error": "invalid_client", "error_description": "No such client"}"#,
                lines(&["invalid_client", "No such client"]),
            ),
            (r#"{"message": " Rate Limit Exceeded "}"#, lines(&["Rate Limit Exceeded"])),
            (r#"{"messages": [{"locale": "fr-FR", "text": "Non"}]}"#, lines(&["Non"])),
            (r#"{"messages": ["No"], "causes": {"text": "Why"}}"#, lines(&["No", "cause: Why"])),
        ] {
            assert_eq!(refusal(body), (detail, None), "{body}");
        }
    }

    #[test]
    fn what_is_in_no_known_shape_is_kept_as_text() {
        for (body, detail) in [
            ("<html>\n  Bad   gateway", lines(&["<html> Bad gateway"])),
            (r#"{"reason": 7}"#, lines(&[r#"{"reason": 7}"#])),
            (r#"["no"]"#, lines(&[r#"["no"]"#])),
            (
                r#"{"messages": 7, "detailCode": 7, "causes": [null]}"#,
                lines(&[r#"{"messages": 7, "detailCode": 7, "causes": [null]}"#]),
            ),
            (" \n", lines(&[])),
        ] {
            assert_eq!(refusal(body), (detail, None), "{body}");
        }
    }

    #[test]
    fn long_texts_are_cut_and_secrets_are_hidden() {
        let long = format!("{}é", "é".repeat(500));
        assert_eq!(refusal(&long).0, [format!("{}…", "é".repeat(500))]);
        let kept = "é".repeat(500);
        assert_eq!(refusal(&kept).0, [kept]);
        for sent in ["s3cret-value", "s3cret é&", "s3cret+%C3%A9%26"] {
            assert_eq!(refusal(&format!("sent {sent}!")).0, ["sent [hidden]!"]);
        }
        assert_eq!(refusal(r#"{"error": "sent s3cret \u00e9&!"}"#).0, ["sent [hidden]!"]);
        let many = format!(r#"{{"messages": [{}"0"]}}"#, (1..99).map(|n| format!("\"{n}\",")).collect::<String>());
        assert_eq!(refusal(&many).0.len(), 20);
    }

    #[test]
    fn a_document_that_holds_the_token_is_refused() {
        let fault = answer(r#"{"template": "Bearer s3cret-value"}"#).document().unwrap_err();
        assert_eq!(fault.to_string(), "the answer holds a token or a client secret of this run");
        for hidden in ["s3cret\\u002dvalue", "s3cret&#45;value", "s3cret\\u0026#45;value", "czNjcmV0LXZhbHVl"] {
            let document = answer(&format!("{{\"template\": [\"{hidden}\"]}}")).document();
            assert_eq!(document, Err(BodyFault::Secret), "{hidden}");
        }
        assert_eq!(answer(r#"{"s3cret-value": 1}"#).document(), Err(BodyFault::Secret));
        assert_eq!(answer("{}").document(), Ok(serde_json::json!({})));
    }

    #[test]
    fn an_answer_that_costs_too_much_is_refused_before_it_is_read() {
        let zeros = format!(r#"{{"x": [{}0]}}"#, "0,".repeat(2_000_000));
        let deep = format!(r#"{{"x": {}{}}}"#, "[".repeat(64), "]".repeat(64));
        let number = r#"{"z": {"$serde_json::private::Number": "120"}}"#;
        for (body, shown) in [
            (zeros.as_str(), "the answer cannot be used: it holds more than 2000000 values"),
            (&deep, "the answer cannot be used: its objects and lists stand more than 64 deep inside each other"),
            (
                number,
                "the answer cannot be used: it has a key that begins with $serde_json::private::, which cannot be kept \
                 as it is",
            ),
        ] {
            assert_eq!(answer(body).object().unwrap_err().to_string(), shown);
        }
    }

    #[test]
    fn a_body_that_is_no_object_says_what_it_is_and_how_it_starts() {
        for (body, shown) in [
            ("", "the answer is empty"),
            (
                r#"{"a": {"b": 1.50, "b": 2}}"#,
                "the answer has the key `b` twice in one object, and it is not known which one holds",
            ),
            ("[1]", "the answer is a list instead of an object; it starts with: [1]"),
            ("null", "the answer is null instead of an object; it starts with: null"),
            (
                "<html>s3cret-value",
                "the answer is not JSON: expected value at line 1 column 1; it starts with: <html>[hidden]",
            ),
            (
                "{\"a\":",
                "the answer is not JSON: EOF while parsing a value at line 1 column 5; it starts with: {\"a\":",
            ),
        ] {
            assert_eq!(answer(body).object().unwrap_err().to_string(), shown);
        }
    }
}
