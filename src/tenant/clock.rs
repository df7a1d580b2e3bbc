//! How far the tenant's clock is from the local one.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap};

/// A date in a header is cut off to the second.
const RESOLUTION: Duration = Duration::from_secs(1);

/// Returns by how many whole seconds the clock of the answering side is ahead of the local one, less than zero if it is
/// behind. The answer was made at any time between sending and receiving, so a date that fits between the two is no
/// difference. `None` if the answer has no readable date.
pub(super) fn offset(headers: &HeaderMap, sent_at: SystemTime, received_at: SystemTime) -> Option<i64> {
    let date = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?.trim()).ok()?;
    let seconds = |difference: Duration| i64::try_from(difference.as_secs()).ok();
    if let Ok(ahead) = date.duration_since(received_at) {
        return seconds(ahead);
    }
    match sent_at.duration_since(date.checked_add(RESOLUTION)?) {
        Ok(behind) => seconds(behind).map(|seconds| -seconds),
        Err(_) => Some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    #[test]
    fn a_date_between_sending_and_receiving_is_no_difference() {
        // Tue, 15 Nov 1994 08:12:31 GMT
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(784_887_151);
        let mut headers = HeaderMap::new();
        assert_eq!(offset(&headers, date, date), None);
        headers.insert(DATE, HeaderValue::from_static("Tue, 15 Nov 1994 08:12:31 GMT"));
        let at = |seconds: i64| {
            let distance = Duration::from_secs(seconds.unsigned_abs());
            if seconds < 0 { date - distance } else { date + distance }
        };
        for (sent, received, expected) in
            [(0, 0, 0), (1, 1, 0), (-5, 5, 0), (-9, -4, 4), (-7200, -7199, 7199), (3, 4, -2), (3601, 3602, -3600)]
        {
            assert_eq!(offset(&headers, at(sent), at(received)), Some(expected), "{sent} to {received}");
        }
        headers.insert(DATE, HeaderValue::from_static("yesterday"));
        assert_eq!(offset(&headers, date, date), None);
    }
}
