//! One access token and how long it lasts.

use std::time::{Duration, Instant, SystemTime};

use reqwest::header::HeaderValue;
use serde_json::Value;

use super::claims::{Claims, TokenFacts};
use crate::text::secrets;

/// A token is renewed this long before it ends, or a tenth of its life if that is shorter.
const EARLY: Duration = Duration::from_secs(60);

/// One access token.
pub(super) struct Token {
    header: HeaderValue,
    /// `None` if the tenant does not say how long it lasts: then a 401 tells.
    renew_at: Option<Instant>,
    asked_at: Instant,
    /// How long it lasts from when it was asked for; `None` if the tenant does not say.
    life: Option<Duration>,
    claims: Claims,
}

impl Token {
    /// Takes the token out of the answer to a request for one that was sent at `asked_at`; `None` if it has no usable one.
    pub(super) fn read(body: &Value, asked_at: Instant) -> Option<Self> {
        let text = body.get("access_token")?.as_str()?;
        if text.is_empty() {
            return None;
        }
        for name in ["access_token", "refresh_token", "id_token"] {
            body.get(name).and_then(Value::as_str).iter().for_each(|secret| secrets::hold(secret));
        }
        let mut header = HeaderValue::from_str(&format!("Bearer {text}")).ok()?;
        header.set_sensitive(true);
        let life = body
            .get("expires_in")
            .and_then(Value::as_f64)
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Some(Self {
            header,
            renew_at: life.and_then(|life| asked_at.checked_add(life - EARLY.min(life / 10))),
            asked_at,
            life,
            claims: Claims::read(text, body),
        })
    }

    /// Returns what it says of itself, and whether it lasts for a write that comes `ahead` after a read.
    pub(super) fn facts(&self, ahead: Duration) -> TokenFacts {
        let Claims { ends_at, scopes, user_levels } = self.claims.clone();
        let left = self.life.map(|life| life.saturating_sub(self.asked_at.elapsed()));
        TokenFacts {
            life: self.life,
            ends_at: left.and_then(|left| SystemTime::now().checked_add(left)).or(ends_at),
            outlasts_write: self.lasts(ahead),
            scopes,
            user_levels,
        }
    }

    /// The value of `Authorization`.
    pub(super) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// Returns whether it need not be renewed for so long.
    pub(super) fn lasts(&self, ahead: Duration) -> bool {
        self.renew_at.is_none_or(|at| Instant::now() + ahead < at)
    }

    /// Returns when it was asked for.
    pub(super) fn asked_at(&self) -> Instant {
        self.asked_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_token_is_renewed_a_minute_early_or_a_tenth_of_its_life() {
        let asked_at = Instant::now();
        for (expires_in, after) in [
            (json!(43_200), Some(43_140.0)),
            (json!(750), Some(690.0)),
            (json!(15), Some(13.5)),
            (json!(0), Some(0.0)),
            (json!(-5), None),
            (json!(1e300), None),
            (json!("750"), None),
            (json!(null), None),
        ] {
            let token = Token::read(&json!({"access_token": "t", "expires_in": expires_in}), asked_at);
            let renewed = token.unwrap().renew_at.map(|at| (at - asked_at).as_secs_f64());
            assert_eq!(renewed, after, "{expires_in}");
        }
    }

    #[test]
    fn an_answer_without_a_usable_token_gives_none() {
        for body in [
            json!({}),
            json!({"access_token": ""}),
            json!({"access_token": null}),
            json!({"access_token": 7}),
            json!({"access_token": "two\nlines"}),
        ] {
            assert!(Token::read(&body, Instant::now()).is_none(), "{body}");
        }
    }
}
