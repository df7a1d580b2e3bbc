//! What to type instead of a period that people write and sailplan does not take.

use super::{no_limit_help, parse, short};

/// The hint where nothing better can be said.
pub(super) const FORMS: &str = "write minutes (120) or a period without spaces (2h, 1h30m, 1d)";

/// Returns what to write instead of a text that is not a period.
pub(super) fn hint(text: &str) -> String {
    let written = text.trim();
    let text = written.to_lowercase();
    if text.parse::<u64>().is_ok() {
        return format!("write {text}, without quotes");
    }
    if is_date(&text) {
        return "this is a date; write how long an activation lasts, such as 2h".to_owned();
    }
    if matches!(text.as_str(), "none" | "never" | "unlimited" | "no limit" | "infinite" | "off") {
        return no_limit_help().to_owned();
    }
    if text.starts_with('-') {
        return "write at least 1 minute".to_owned();
    }
    // In ISO 8601 an M before the T is a month.
    let date = text.strip_prefix('p').map(|rest| rest.split('t').next().unwrap_or(rest));
    if text.contains("month") || date.is_some_and(|date| date.contains('m')) {
        return format!("a month has no fixed length; {FORMS}");
    }
    // A capital M is a month to some and a minute to others.
    if written.chars().filter(char::is_ascii_alphabetic).eq(['M']) {
        return FORMS.to_owned();
    }
    match minutes(&text) {
        Some(minutes) if minutes >= 1 => format!("write {}", short(minutes)),
        _ => FORMS.to_owned(),
    }
}

/// Returns what to write instead of a number with a fraction.
pub(super) fn fraction(text: &str) -> String {
    let value: f64 = text.replace('_', "").parse().unwrap_or(f64::NAN);
    if value.fract() == 0.0 && value.abs() < 1e9 {
        // In many countries a point parts the thousands.
        let thousands = text.split_once('.').is_some_and(|(_, rest)| rest.len() == 3);
        let all: String = text.chars().filter(|c| *c != '.').collect();
        return if thousands { format!("write {value} or {all}, without the point") } else { format!("write {value}") };
    }
    match value * 60.0 {
        minutes if (1.0..1e9).contains(&minutes) && minutes.fract() == 0.0 => {
            format!("minutes are whole; write {} if hours were meant", short(minutes as i64))
        }
        _ => "minutes are whole".to_owned(),
    }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['t', ' ']).next().unwrap_or_default().split('-').collect();
    matches!(parts.as_slice(), [year, _, _] if year.len() == 4)
        && parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()))
}

/// Reads `2 hours`, `1.5h`, `90 min`, `1:30`, `pt2h` and the like.
fn minutes(text: &str) -> Option<i64> {
    if let Some(minutes) = parse(&text.to_uppercase()).or_else(|| parse(text)) {
        return Some(minutes);
    }
    if let Some((hours, minutes)) = text.split_once(':') {
        let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
        return (minutes < 60).then(|| i64::from(hours) * 60 + i64::from(minutes));
    }
    let (mut total, mut units) = (0.0, Vec::new());
    let mut rest = text.trim_start_matches("pt").trim_start_matches('p');
    while !rest.is_empty() {
        rest = rest.trim_start_matches([' ', ',', '\t']).trim_start_matches("and ").trim_start();
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let tail = tail.trim_start();
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let factor = match unit {
            "m" | "min" | "mins" | "minute" | "minutes" => 1.0,
            "h" | "hr" | "hrs" | "hour" | "hours" => 60.0,
            "d" | "day" | "days" => 1440.0,
            "w" | "week" | "weeks" => 10080.0,
            _ => return None,
        };
        // `2h 3h` are two values and not one of five hours.
        if units.contains(&factor) {
            return None;
        }
        units.push(factor);
        total += number.parse::<f64>().ok()? * factor;
        rest = tail.trim_end();
    }
    // A larger one is not a period that a person meant.
    ((1.0..1e9).contains(&total) && total.fract() == 0.0).then_some(total as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_becomes_what_to_type() {
        for (text, expected) in [
            ("2 hours", "write 2h"),
            ("1 hour and 30 minutes", "write 1h30m"),
            ("90 min", "write 1h30m"),
            ("1.5h", "write 1h30m"),
            ("2H", "write 2h"),
            ("30m1h", "write 1h30m"),
            ("pt2h", "write 2h"),
            ("P1W", "write 7d"),
            ("1:30", "write 1h30m"),
            ("120", "write 120, without quotes"),
            ("2026-12-31", "this is a date; write how long an activation lasts, such as 2h"),
            ("-2h", "write at least 1 minute"),
            ("2h 3h", FORMS),
            ("30m 1h", "write 1h30m"),
            ("1M", FORMS),
            ("soon", "write minutes (120) or a period without spaces (2h, 1h30m, 1d)"),
            ("30 seconds", "write minutes (120) or a period without spaces (2h, 1h30m, 1d)"),
            ("none", "write null to clear the setting, or delete the line to leave it unmanaged"),
            ("Unlimited", "write null to clear the setting, or delete the line to leave it unmanaged"),
            ("1 month", "a month has no fixed length; write minutes (120) or a period without spaces (2h, 1h30m, 1d)"),
            ("P1M", "a month has no fixed length; write minutes (120) or a period without spaces (2h, 1h30m, 1d)"),
            ("PT1M30", "write minutes (120) or a period without spaces (2h, 1h30m, 1d)"),
            ("0.33h", "write minutes (120) or a period without spaces (2h, 1h30m, 1d)"),
        ] {
            assert_eq!(hint(text), expected, "{text}");
        }
    }

    #[test]
    fn a_fraction_is_perhaps_of_hours() {
        for (text, expected) in [
            (".5", "minutes are whole; write 30m if hours were meant"),
            ("1.5", "minutes are whole; write 1h30m if hours were meant"),
            ("60.0", "write 60"),
            ("1.000", "write 1 or 1000, without the point"),
            ("-1.5", "minutes are whole"),
            ("0.33", "minutes are whole"),
        ] {
            assert_eq!(fraction(text), expected, "{text}");
        }
    }
}
