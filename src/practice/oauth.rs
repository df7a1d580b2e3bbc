//! Access tokens: given for any credentials, checked on every request. Rules from SailPoint's "Authentication" page.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use serde_json::{Value, json};

use super::answer::Refusal;

pub(super) const TOKEN_PATH: &str = "/oauth/token";

/// The scope that stands for all others.
const ALL_SCOPES: &str = "sp:scopes:all";

const IDENTITY_ID: &str = "2c9180867a7c46d0017a7c8dd0b60f5f";
pub(super) const USER_NAME: &str = "practice.owner";

/// How long an expired token is still told apart from an unknown one.
const MEMORY: Duration = Duration::from_secs(3600);

/// The tokens given so far.
pub(super) struct Tokens {
    seconds: u64,
    scopes: Vec<String>,
    /// `None` if tokens do not tell, and every level is enough.
    levels: Option<Vec<String>>,
    given: Mutex<HashMap<String, Instant>>,
}

impl Tokens {
    /// Tokens that live for `seconds`, carry `scopes`, or all of them, and belong to a user of these `levels`.
    pub(super) fn new(seconds: u64, scopes: Option<Vec<String>>, levels: Option<Vec<String>>) -> Tokens {
        let scopes = scopes.unwrap_or_else(|| vec![ALL_SCOPES.to_owned()]);
        Tokens { seconds, scopes, levels, given: Mutex::new(HashMap::new()) }
    }

    /// Answers POST /oauth/token.
    pub(super) fn issue(&self, parameters: &[(String, String)]) -> Result<Value, Refusal> {
        let value = |name: &str| {
            parameters.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        if value("grant_type") != "client_credentials" {
            return Err(Refusal::Login {
                status: StatusCode::BAD_REQUEST,
                error: "unsupported_grant_type",
                description: "The practice tenant knows only grant_type=client_credentials.",
            });
        }
        if value("client_id").is_empty() || value("client_secret").is_empty() {
            return Err(Refusal::Login {
                status: StatusCode::UNAUTHORIZED,
                error: "invalid_client",
                description: "client_id and client_secret are needed; the practice tenant takes any that are not empty.",
            });
        }
        let jti = random_id();
        let scope = self.scopes.join(" ");
        let mut payload = json!({
            "tenant_id": TENANT_ID,
            "identity_id": IDENTITY_ID,
            "user_name": USER_NAME,
            "org": "practice",
            "pod": "practice",
            "scope": self.scopes,
            "client_id": value("client_id"),
            "exp": unix_now().saturating_add(self.seconds),
            "jti": jti,
        });
        if let (Some(payload), Some(levels)) = (payload.as_object_mut(), &self.levels) {
            payload.insert("authorities".to_owned(), json!(levels));
        }
        let token = jwt(&payload);
        let now = Instant::now();
        // Without an end that the clock can say, it never ends within this process.
        let end = now.checked_add(Duration::from_secs(self.seconds)).unwrap_or(now + MEMORY * 24 * 365);
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.retain(|_, end| end.elapsed() < MEMORY);
        given.insert(token.clone(), end);
        Ok(json!({
            "access_token": token,
            "token_type": "bearer",
            "expires_in": self.seconds,
            "scope": scope,
            "tenant_id": TENANT_ID,
            "pod": "practice",
            "org": "practice",
            "internal": false,
            "strong_auth": true,
            "strong_auth_supported": false,
            "identity_id": IDENTITY_ID,
            "user_name": USER_NAME,
            "jti": jti,
        }))
    }

    /// Checks the bearer token of a request.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let Some(header) = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()) else {
            return Err(Refusal::Token("JWT is required"));
        };
        let Some((scheme, token)) = header.split_once(' ') else {
            return Err(Refusal::Token("JWT is required"));
        };
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Refusal::Token("JWT is required"));
        }
        let given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        match given.get(token.trim()) {
            None => Err(Refusal::Token("JWT validation failed: JWT is unknown to this practice tenant")),
            Some(end) if *end <= Instant::now() => Err(Refusal::Token("JWT validation failed: JWT is expired")),
            Some(_) => Ok(()),
        }
    }

    /// Checks that the tokens carry one of these scopes: any one of them is enough.
    pub(super) fn allow(&self, any_of: &[&str]) -> Result<(), Refusal> {
        if self.scopes.iter().any(|scope| scope == ALL_SCOPES || any_of.contains(&scope.as_str())) {
            return Ok(());
        }
        Err(forbidden(&format!("the token needs the scope {}", any_of.join(" or "))))
    }

    /// Checks that the user of the tokens has one of these levels.
    pub(super) fn allow_level(&self, any_of: &[&str]) -> Result<(), Refusal> {
        let Some(levels) = self.levels.as_ref().filter(|_| !any_of.is_empty()) else { return Ok(()) };
        if levels.iter().any(|level| any_of.contains(&level.as_str())) {
            return Ok(());
        }
        Err(forbidden(&format!("the user of the token needs the level {}", any_of.join(" or "))))
    }
}

fn forbidden(why: &str) -> Refusal {
    Refusal::Problem {
        status: StatusCode::FORBIDDEN,
        texts: vec![format!("The server understood the request but refuses to authorize it: {why}.")],
    }
}

pub(super) const TENANT_ID: &str = "9f2c3a54-0f0e-4b8e-9a67-7c1d5e2b3a90";

/// Answers GET /oauth/info.
pub(super) fn info(url: &str) -> Value {
    json!({
        "tenantId": TENANT_ID,
        "tenantName": "practice",
        "pod": "practice",
        "cloudDomainUrl": url,
        "tokenEndpoint": format!("{url}/oauth/token"),
        "authorizeEndpoint": format!("{url}/oauth/authorize"),
        "logoutUrl": format!("{url}/logout"),
    })
}

/// Returns the parameters of a token request: those of the query, then those of a form or multipart body. SailPoint
/// documents all three, and its SDKs use them.
pub(super) fn parameters(query: &str, headers: &HeaderMap, body: &[u8]) -> Vec<(String, String)> {
    let mut parameters = form(query);
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let text = String::from_utf8_lossy(body);
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        parameters.extend(form(&text));
    } else if essence.eq_ignore_ascii_case("multipart/form-data") {
        parameters.extend(multipart(kind, &text));
    }
    parameters
}

fn form(text: &str) -> Vec<(String, String)> {
    let Ok(mut url) = Url::parse("http://localhost/") else {
        return Vec::new();
    };
    url.set_query(Some(text));
    url.query_pairs().into_owned().collect()
}

/// Reads the short text parts that a token request has.
fn multipart(kind: &str, body: &str) -> Vec<(String, String)> {
    let Some((_, boundary)) = kind.split_once("boundary=") else {
        return Vec::new();
    };
    let boundary = boundary.split(';').next().unwrap_or_default().trim().trim_matches('"');
    if boundary.is_empty() {
        return Vec::new();
    }
    body.split(&format!("--{boundary}"))
        .filter_map(|part| {
            let (head, value) = part.split_once("\r\n\r\n")?;
            let (_, name) = head.split_once(" name=\"")?;
            let (name, _) = name.split_once('"')?;
            Some((name.to_owned(), value.strip_suffix("\r\n").unwrap_or(value).to_owned()))
        })
        .collect()
}

/// Returns a token with the look of a JWT: clients may want to read its payload. Nothing is signed.
fn jwt(payload: &Value) -> String {
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    let parts = [header.to_string(), payload.to_string(), random_id()];
    parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".")
}

/// Not secret: any credentials get in.
fn random_id() -> String {
    format!("{:032x}", fastrand::u128(..))
}

fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_token_has_the_look_of_a_jwt() {
        let payload = json!({ "tenant": "?~ÿ" });
        let parts: Vec<Vec<u8>> = jwt(&payload).split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
        let [header, claims, signature] = parts.as_slice() else { panic!("{parts:?}") };
        assert_eq!(serde_json::from_slice::<Value>(header).unwrap(), json!({ "alg": "HS256", "typ": "JWT" }));
        assert_eq!(serde_json::from_slice::<Value>(claims).unwrap(), payload);
        assert_eq!(signature.len(), 32);
        assert_ne!(random_id(), random_id());
    }

    #[test]
    fn parameters_come_from_query_form_and_multipart() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, "application/x-www-form-urlencoded; charset=UTF-8".parse().unwrap());
        assert_eq!(
            parameters("grant_type=client_credentials", &headers, b"client_id=a+b&client_secret=%26"),
            pairs(&[("grant_type", "client_credentials"), ("client_id", "a b"), ("client_secret", "&")])
        );
        headers.insert(CONTENT_TYPE, "multipart/form-data; boundary=XX".parse().unwrap());
        let body = "--XX\r\nContent-Disposition: form-data; name=\"client_id\"\r\n\r\na b\r\n--XX\r\n\
                    Content-Disposition: form-data; name=\"client_secret\"\r\n\r\n&\r\n--XX--\r\n";
        assert_eq!(parameters("", &headers, body.as_bytes()), pairs(&[("client_id", "a b"), ("client_secret", "&")]));
        headers.insert(CONTENT_TYPE, "application/json".parse().unwrap());
        assert_eq!(parameters("", &headers, b"client_id=a"), pairs(&[]));
    }

    #[test]
    fn a_refused_token_says_why() {
        let tokens = Tokens::new(60, None, None);
        let wrong_grant = tokens.issue(&pairs(&[("grant_type", "password"), ("client_id", "a")])).unwrap_err();
        assert_eq!(
            wrong_grant,
            Refusal::Login {
                status: StatusCode::BAD_REQUEST,
                error: "unsupported_grant_type",
                description: "The practice tenant knows only grant_type=client_credentials."
            }
        );
        let no_secret = tokens.issue(&pairs(&[("grant_type", "client_credentials"), ("client_id", "a")])).unwrap_err();
        assert_eq!(
            no_secret,
            Refusal::Login {
                status: StatusCode::UNAUTHORIZED,
                error: "invalid_client",
                description: "client_id and client_secret are needed; the practice tenant takes any that are not empty."
            }
        );
    }
}
