//! How long to wait before a request is sent again.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::http::HttpOptions;

/// Returns the wait that the tenant asks for. SailPoint documents seconds; HTTP also allows a date. Zero, a date in
/// the past and anything else are ignored, so that a wrong clock cannot use up all retries at once.
pub(super) fn asked(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than fit ask for a long wait.
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        // Whose clock is wrong does not matter where the answer says what time it is there.
        let there = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?.trim()).ok());
        httpdate::parse_http_date(text).ok()?.duration_since(there.unwrap_or(now)).ok()?
    };
    (!wait.is_zero()).then_some(wait)
}

/// Returns how long to wait before repetition `retry`, counted from one: what the tenant asks for, or else a random
/// time below a limit that doubles, so that clients which failed together do not come back together.
pub(super) fn wait(options: &HttpOptions, asked: Option<Duration>, retry: u32) -> Duration {
    match asked {
        Some(wait) => wait.min(options.max_wait),
        None => limit(options, retry).mul_f64(fastrand::f64()),
    }
}

fn limit(options: &HttpOptions, retry: u32) -> Duration {
    let factor = 2_u32.saturating_pow(retry.saturating_sub(1));
    options.first_wait.saturating_mul(factor).min(options.max_wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn asked_by(value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(value).unwrap());
        // Tue, 15 Nov 1994 08:12:31 GMT
        asked(&headers, SystemTime::UNIX_EPOCH + Duration::from_secs(784_887_151))
    }

    #[test]
    fn the_tenant_may_ask_in_seconds_or_with_a_date() {
        let seconds = |n| Some(Duration::from_secs(n));
        for (value, wait) in [
            ("7", seconds(7)),
            (" 7 ", seconds(7)),
            ("99999999999999999999999", seconds(u64::MAX)),
            ("Tue, 15 Nov 1994 08:12:36 GMT", seconds(5)),
            ("Tue, 15 Nov 1994 08:12:31 GMT", None),
            ("Mon, 14 Nov 1994 08:12:36 GMT", None),
            ("0", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(asked_by(value), wait, "{value:?}");
        }
        assert_eq!(asked(&HeaderMap::new(), SystemTime::now()), None);
    }

    #[test]
    fn a_date_counts_from_the_clock_of_the_tenant_where_the_answer_tells_it() {
        let asked_at = |date: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static("Tue, 15 Nov 1994 08:12:36 GMT"));
            headers.insert(DATE, HeaderValue::from_static(date));
            asked(&headers, SystemTime::UNIX_EPOCH + Duration::from_secs(784_887_151))
        };
        assert_eq!(asked_at("Tue, 15 Nov 1994 08:12:34 GMT"), Some(Duration::from_secs(2)));
        assert_eq!(asked_at("Tue, 15 Nov 1994 07:12:36 GMT"), Some(Duration::from_secs(3600)));
        assert_eq!(asked_at("Tue, 15 Nov 1994 09:12:36 GMT"), None);
        assert_eq!(asked_at("now"), Some(Duration::from_secs(5)));
    }

    #[test]
    fn waits_are_random_below_a_limit_that_doubles_up_to_the_cap() {
        let options = HttpOptions {
            first_wait: Duration::from_millis(500),
            max_wait: Duration::from_secs(3),
            ..HttpOptions::default()
        };
        let limits: Vec<u64> =
            [1, 2, 3, 4, 99].map(|retry| u64::try_from(limit(&options, retry).as_millis()).unwrap()).to_vec();
        assert_eq!(limits, [500, 1000, 2000, 3000, 3000]);
        let waits: Vec<Duration> = (0..50).map(|_| wait(&options, None, 2)).collect();
        assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(1)));
        assert!(waits.iter().any(|wait| *wait != waits[0]), "{waits:?}");
    }

    #[test]
    fn a_wish_is_followed_up_to_the_cap() {
        let options = HttpOptions { max_wait: Duration::from_secs(60), ..HttpOptions::default() };
        for (asked, waited) in [(2, 2), (60, 60), (u64::MAX, 60)] {
            let asked = Some(Duration::from_secs(asked));
            assert_eq!(wait(&options, asked, 1), Duration::from_secs(waited));
        }
    }
}
