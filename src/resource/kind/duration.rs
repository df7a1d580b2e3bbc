//! A length of time as the API writes it: a number and a unit.

use serde_json::{Value, json};

use super::moves::{self, Move};
use super::{Kind, whole_number};
use crate::text::nearest::{instead, nearest};
use crate::text::problem::rules;
use crate::text::reader::{Reader, quote};
use crate::text::yaml::{self, Node};

/// `{value, timeUnit}` (`AccessDuration` of SailPoint's "Update Access Request Configuration").
#[derive(Debug)]
pub struct Duration;

const EXPECTS: &str = "a duration such as {value: 30, timeUnit: DAYS}";

const EXAMPLE: &str = "{value: 30, timeUnit: DAYS}";

/// The units and how many hours each has; a month has no fixed number.
const UNITS: [(&str, Option<i64>); 4] =
    [("HOURS", Some(1)), ("DAYS", Some(24)), ("WEEKS", Some(7 * 24)), ("MONTHS", None)];

impl Kind for Duration {
    fn expects(&self) -> &'static str {
        EXPECTS
    }

    fn read(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        let yaml::Value::Map(entries) = &node.value else {
            return reader.unlike(node, rules::VALUE_KIND, EXPECTS, &hint(&node.value));
        };
        let (mut number, mut unit, mut good) = (None, None, true);
        for (key, value) in entries {
            match key.text.as_ref() {
                "value" => {
                    number = read_number(value, reader);
                    good &= number.is_some();
                }
                "timeUnit" => {
                    unit = read_unit(value, reader);
                    good &= unit.is_some();
                }
                _ => {
                    reader.unknown_key(key, ["value", "timeUnit"], "");
                    good = false;
                }
            }
        }
        for missing in ["value", "timeUnit"] {
            if yaml::entry(entries, missing).is_none() {
                let help = "write both, such as {value: 30, timeUnit: DAYS}";
                reader.invalid::<()>(node, rules::MISSING_KEY, &format!("this duration has no `{missing}`"), help);
                good = false;
            }
        }
        good.then_some(())?;
        Some(json!({"value": number?, "timeUnit": unit?}))
    }

    fn canonical(&self, live: &Value) -> Option<Value> {
        let number = whole_number(live.get("value")?)?;
        let unit = live.get("timeUnit")?.as_str()?;
        Some(json!({"value": number, "timeUnit": unit}))
    }

    fn is_unset(&self, node: &Node<'_>) -> bool {
        super::is_object_of(node, |key, value| {
            matches!(key, "value" | "timeUnit") && matches!(value.value, yaml::Value::Null)
        })
    }

    fn unset_schema(&self) -> Option<Value> {
        let nothing = json!({"description": "No limit.", "type": "null"});
        Some(json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {"value": nothing, "timeUnit": nothing},
        }))
    }

    fn onto(&self, live: &Value, value: &Value) -> Value {
        super::merged(live, value)
    }

    fn show(&self, value: &Value) -> String {
        words(value)
    }

    fn within(&self, value: &Value, ceiling: &Value) -> Option<bool> {
        compare(value, ceiling).map(std::cmp::Ordering::is_le)
    }

    fn words(&self, value: &Value) -> String {
        // Weeks are days; hours stay, for a limit of 36 hours is not one of days.
        in_days(value).unwrap_or_else(|| words(value))
    }

    fn examples(&self) -> &'static [&'static str] {
        &[EXAMPLE]
    }

    fn moves(&self) -> Vec<Move> {
        let days = |number: i64| json!({"value": number, "timeUnit": "DAYS"});
        let mut all = moves::of_amounts(&days(30), &days(60));
        let months = json!({"value": 1, "timeUnit": "MONTHS"});
        all.push(Move::new("given in units that do not compare exactly", days(30), months));
        all
    }

    fn schema(&self) -> Value {
        json!({
            "type": "object",
            "required": ["value", "timeUnit"],
            "additionalProperties": false,
            "properties": {
                "value": {
                    "description": "How many units of time.",
                    "type": "integer",
                    "minimum": 1,
                    "maximum": i32::MAX,
                },
                "timeUnit": {"description": "The unit of time.", "enum": names()},
            },
        })
    }
}

/// Returns what to write instead of `30 days`, `30d` or `P30D`.
fn hint(value: &yaml::Value<'_>) -> String {
    let choices = || format!("write a value with one of {}, such as {EXAMPLE}", names().join(", "));
    let yaml::Value::Text { text, .. } = value else { return choices() };
    let text = text.trim();
    let iso = text.strip_prefix('P').filter(|rest| !rest.contains(char::is_whitespace));
    let written = iso.map_or(text, |rest| rest.strip_prefix('T').unwrap_or(rest));
    let digits = written.len() - written.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = written.split_at(digits);
    let unit = match (unit.trim(), iso.is_some()) {
        ("h" | "H", _) => Some("HOURS"),
        ("d" | "D", _) => Some("DAYS"),
        ("w" | "W", _) => Some("WEEKS"),
        // After the T of ISO 8601 an M is a minute, elsewhere an m may be either.
        ("M", true) if !text.starts_with("PT") => Some("MONTHS"),
        (word, _) if word.len() > 1 && !word.contains(char::is_whitespace) => near_unit(word),
        _ => None,
    };
    match (number.parse::<u16>(), unit) {
        (Ok(number), Some(unit)) => format!("write {{value: {number}, timeUnit: {unit}}}"),
        _ => choices(),
    }
}

fn read_number(node: &Node<'_>, reader: &mut Reader) -> Option<i64> {
    const NUMBER: &str = "a whole number, 1 or more";
    let yaml::Value::Number(text) = node.value else { return reader.mismatch(node, NUMBER) };
    let number = reader.integer(node, text, NUMBER)?;
    if !(1..=i64::from(i32::MAX)).contains(&number) {
        let help = if number == 0 { "write null for no limit" } else { "" };
        return reader.invalid(node, rules::NUMBER_RANGE, &format!("expected {NUMBER}, this is {text}"), help);
    }
    Some(number)
}

fn read_unit(node: &Node<'_>, reader: &mut Reader) -> Option<String> {
    let unit = reader.text(node, "a unit of time")?;
    if names().contains(&unit.as_str()) {
        return Some(unit);
    }
    let help = instead(near_unit(&unit), &names());
    reader.invalid(node, rules::TIME_UNIT, &format!("{} is not a unit of time", quote(&unit)), &help)
}

/// Returns the unit that a word means; `None` if it is a unit that the API does not take.
fn near_unit(word: &str) -> Option<&'static str> {
    let word = word.to_uppercase();
    let other = ["SECOND", "MINUTE", "QUARTER", "YEAR"].into_iter().any(|unit| word.starts_with(unit));
    if other { None } else { nearest(&word, names()) }
}

fn names() -> [&'static str; 4] {
    UNITS.map(|(name, _)| name)
}

/// Returns which of two canonical durations is longer, where that can be said exactly: months compare with months only.
pub fn compare(one: &Value, other: &Value) -> Option<std::cmp::Ordering> {
    let parts = |value: &Value| Some((value.get("value")?.as_i64()?, value.get("timeUnit")?.as_str()?.to_owned()));
    let ((one, unit), (other, other_unit)) = (parts(one)?, parts(other)?);
    if unit == other_unit {
        return Some(one.cmp(&other));
    }
    let hours = |number: i64, unit: &str| {
        let (_, hours) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
        number.checked_mul(hours?)
    };
    Some(hours(one, &unit)?.cmp(&hours(other, &other_unit)?))
}

/// Returns weeks as days, in words; `None` of another unit.
fn in_days(value: &Value) -> Option<String> {
    let weeks = value.get("value")?.as_i64().filter(|_| value.get("timeUnit").is_some_and(|unit| unit == "WEEKS"))?;
    Some(format!("{} days", weeks.checked_mul(7)?))
}

/// Returns two canonical durations in words, in the same unit where weeks stand beside another one.
pub fn both(one: &Value, other: &Value) -> (String, String) {
    if one.get("timeUnit") == other.get("timeUnit") {
        return (words(one), words(other));
    }
    let told = |value: &Value| in_days(value).unwrap_or_else(|| words(value));
    (told(one), told(other))
}

/// Returns a canonical duration in words, such as `30 days`.
pub fn words(value: &Value) -> String {
    let number = value.get("value").and_then(Value::as_i64).unwrap_or_default();
    let unit = value.get("timeUnit").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    format!("{number} {}", if number == 1 { unit.trim_end_matches('s') } else { &unit })
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::*;

    #[test]
    fn lengths_compare_where_units_do() {
        let duration = |text: &str| {
            let (number, unit) = text.split_once(' ').unwrap();
            json!({"value": number.parse::<i64>().unwrap(), "timeUnit": unit})
        };
        for (one, other, expected) in [
            ("24 HOURS", "1 DAYS", Some(Ordering::Equal)),
            ("167 HOURS", "1 WEEKS", Some(Ordering::Less)),
            ("15 DAYS", "2 WEEKS", Some(Ordering::Greater)),
            ("2 MONTHS", "1 MONTHS", Some(Ordering::Greater)),
            ("1 MONTHS", "31 DAYS", None),
            ("1 YEARS", "1 DAYS", None),
            ("2 YEARS", "1 YEARS", Some(Ordering::Greater)),
        ] {
            assert_eq!(compare(&duration(one), &duration(other)), expected, "{one} against {other}");
        }
    }

    #[test]
    fn help_means_what_was_written() {
        let told = |text: &str| hint(&yaml::Value::Text { text: text.into(), quoted: false });
        for (text, value) in [
            ("30 days", "{value: 30, timeUnit: DAYS}"),
            ("30d", "{value: 30, timeUnit: DAYS}"),
            ("P30D", "{value: 30, timeUnit: DAYS}"),
            ("P1M", "{value: 1, timeUnit: MONTHS}"),
            ("PT12H", "{value: 12, timeUnit: HOURS}"),
            ("1w", "{value: 1, timeUnit: WEEKS}"),
            ("6 months", "{value: 6, timeUnit: MONTHS}"),
        ] {
            assert_eq!(told(text), format!("write {value}"), "{text}");
        }
        for text in
            ["1 year", "2 Years", "90 minutes", "1 month 2 days", "1m", "1M", "PT1M", "P1DT2H", "P1Y", "1.5 days"]
        {
            assert_eq!(
                told(text),
                format!("write a value with one of HOURS, DAYS, WEEKS, MONTHS, such as {EXAMPLE}"),
                "{text}"
            );
        }
        assert_eq!(near_unit("YEARS"), None);
    }

    #[test]
    fn words_are_singular_and_plural() {
        assert_eq!(Duration.show(&json!({"value": 1, "timeUnit": "DAYS"})), "1 day");
        assert_eq!(Duration.show(&json!({"value": 6, "timeUnit": "MONTHS"})), "6 months");
    }

    #[test]
    fn two_durations_are_told_in_one_unit() {
        let weeks = |number: i64| json!({"value": number, "timeUnit": "WEEKS"});
        let told = |one: &str, other: &str| (one.to_owned(), other.to_owned());
        assert_eq!(both(&json!({"value": 30, "timeUnit": "DAYS"}), &weeks(2)), told("30 days", "14 days"));
        assert_eq!(both(&weeks(1), &json!({"value": 36, "timeUnit": "HOURS"})), told("7 days", "36 hours"));
        assert_eq!(both(&weeks(1), &weeks(2)), told("1 week", "2 weeks"));
    }

    #[test]
    fn half_a_duration_is_none() {
        assert_eq!(Duration.canonical(&json!({"value": 5})), None);
        assert_eq!(
            Duration.canonical(&json!({"timeUnit": "DAYS", "value": 5.0})),
            Some(json!({"value": 5, "timeUnit": "DAYS"}))
        );
    }
}
