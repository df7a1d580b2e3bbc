//! A period in whole minutes, written as a number or with units.

use serde_json::{Value, json};

use super::moves::{self, Move};
use super::{Kind, at_most, whole_number};
use crate::text::problem::rules;
use crate::text::reader::Reader;
use crate::text::yaml::{self, Node};

mod period;

/// A period of at least one minute. The activation requests that consume it ask for at least 1 (SailPoint's JIT
/// activation API); the field itself is an int32.
#[derive(Debug)]
pub struct Minutes;

const EXPECTS: &str = "a whole number of minutes, such as 120, 120m, 2h, 1h30m, 1d or PT2H";

/// The forms of [`parse`] as a regular expression of JSON Schema, at least a minute long.
const PATTERN: &str = "^(?=.*[1-9])(([0-9]+d)?([0-9]+h)?([0-9]+m)?|P([0-9]+D)?(T(?=[0-9])([0-9]+H)?([0-9]+M)?)?)$";

impl Kind for Minutes {
    fn expects(&self) -> &'static str {
        EXPECTS
    }

    fn read(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        let minutes = match &node.value {
            yaml::Value::Number(text) if text.contains('.') && !text.contains(['e', 'E']) => {
                return reader.unlike(node, rules::NUMBER_FORM, EXPECTS, &period::fraction(text));
            }
            yaml::Value::Number(text) => reader.integer(node, text, EXPECTS)?,
            yaml::Value::Text { text, .. } => match parse(text) {
                Some(minutes) => minutes,
                None => return reader.unlike(node, rules::VALUE_KIND, EXPECTS, &period::hint(text)),
            },
            _ => return reader.unlike(node, rules::VALUE_KIND, EXPECTS, period::FORMS),
        };
        if minutes < 1 {
            let what = format!("expected at least 1 minute, this is {minutes}");
            return reader.invalid(node, rules::MINUTES_RANGE, &what, no_limit_help());
        }
        if minutes > i64::from(i32::MAX) {
            let what = "expected at most 2147483647 minutes, the API can hold no more";
            return reader.invalid(node, rules::MINUTES_RANGE, what, no_limit_help());
        }
        Some(Value::from(minutes))
    }

    fn canonical(&self, live: &Value) -> Option<Value> {
        whole_number(live).map(Value::from)
    }

    fn show(&self, value: &Value) -> String {
        value.as_i64().map_or_else(|| value.to_string(), show)
    }

    fn write(&self, value: &Value, like: Option<&Node<'_>>) -> Value {
        match (value.as_i64(), like.map(|node| &node.value)) {
            (Some(_), Some(yaml::Value::Number(_))) => value.clone(),
            (Some(minutes), Some(yaml::Value::Text { text, .. })) => Value::from(like_text(minutes, text)),
            (Some(minutes), _) if minutes > 0 => Value::from(short(minutes)),
            _ => value.clone(),
        }
    }

    fn words(&self, value: &Value) -> String {
        value.as_i64().map_or_else(|| value.to_string(), words)
    }

    fn examples(&self) -> &'static [&'static str] {
        &["2h", "120", "120m", "1h30m", "1d", "PT2H"]
    }

    fn moves(&self) -> Vec<Move> {
        moves::of_amounts(&Value::from(60), &Value::from(120))
    }

    fn schema(&self) -> Value {
        json!({"oneOf": [
            {"type": "integer", "minimum": 1, "maximum": i32::MAX},
            {"type": "string", "pattern": PATTERN},
        ]})
    }

    fn within(&self, value: &Value, ceiling: &Value) -> Option<bool> {
        at_most(value, ceiling)
    }
}

fn no_limit_help() -> &'static str {
    "write null to clear the setting, or delete the line to leave it unmanaged"
}

/// Returns the minutes of `120m`, `2h`, `1h30m`, `1d`, `1d2h30m` or the ISO 8601 forms `PT2H`, `P1DT30M`; `None` for
/// anything else. Saturates instead of overflowing.
pub fn parse(text: &str) -> Option<i64> {
    let (units, mut rest) = match text.strip_prefix('P') {
        Some(iso) => ([('D', 1440), ('H', 60), ('M', 1)], iso),
        None => ([('d', 1440), ('h', 60), ('m', 1)], text),
    };
    let iso = text.starts_with('P');
    if rest.is_empty() || rest == "T" {
        return None;
    }
    let mut total: i64 = 0;
    let mut after_t = !iso;
    for (unit, minutes) in units {
        if iso && !after_t && unit != 'D' {
            let Some(time) = rest.strip_prefix('T') else { break };
            (after_t, rest) = (true, time);
            if rest.is_empty() {
                return None;
            }
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = rest.split_at(digits);
        if digits == 0 || !tail.starts_with(unit) {
            continue;
        }
        let number: i64 = number.parse().unwrap_or(i64::MAX);
        total = total.saturating_add(number.saturating_mul(minutes));
        rest = tail.get(1..).unwrap_or_default();
    }
    rest.is_empty().then_some(total)
}

/// Returns minutes as `2h (120 min)`, or `45 min` below an hour.
pub fn show(minutes: i64) -> String {
    if minutes.abs() < 60 { format!("{minutes} min") } else { format!("{} ({minutes} min)", short(minutes)) }
}

/// Returns minutes in the shortest form that a settings file takes, such as `1d2h` or `45m`.
pub fn short(minutes: i64) -> String {
    if minutes <= 0 {
        return minutes.to_string();
    }
    [(minutes / 1440, 'd'), (minutes / 60 % 24, 'h'), (minutes % 60, 'm')]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, unit)| format!("{number}{unit}"))
        .collect()
}

/// Returns minutes in the units that `written` uses, such as `180m` like `120m`, `26h` like `2h` and `PT3H` like `PT2H`;
/// a smaller unit comes in where those cannot hold the value.
fn like_text(minutes: i64, written: &str) -> String {
    let (form, time, units) = match written.strip_prefix('P') {
        Some(_) => ("P", "T", [('D', 1440), ('H', 60), ('M', 1)]),
        None => ("", "", [('d', 1440), ('h', 60), ('m', 1)]),
    };
    let mut rest = minutes;
    let mut parts = [String::new(), String::new()];
    let largest = units.iter().position(|(unit, _)| written.contains(*unit)).unwrap_or(0);
    for (index, (unit, size)) in units.into_iter().enumerate().skip(largest) {
        let [days, hours_and_minutes] = &mut parts;
        if rest >= size {
            (if index == 0 { days } else { hours_and_minutes }).push_str(&format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    let [days, hours_and_minutes] = parts;
    let time = if hours_and_minutes.is_empty() { "" } else { time };
    format!("{form}{days}{time}{hours_and_minutes}")
}

/// Returns minutes in words, such as "1 hour 30 minutes".
pub fn words(minutes: i64) -> String {
    let parts: Vec<String> = [(minutes / 1440, "day"), (minutes / 60 % 24, "hour"), (minutes % 60, "minute")]
        .into_iter()
        .filter(|(number, _)| *number != 0)
        .map(|(number, unit)| format!("{number} {unit}{}", if number == 1 { "" } else { "s" }))
        .collect();
    if parts.is_empty() { "0 minutes".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form_and_nothing_else() {
        let cases = [
            ("120m", Some(120)),
            ("2h", Some(120)),
            ("1h30m", Some(90)),
            ("1d", Some(1440)),
            ("1d2h3m", Some(1563)),
            ("PT2H", Some(120)),
            ("P1D", Some(1440)),
            ("P1DT30M", Some(1470)),
            ("PT1H30M", Some(90)),
            ("0m", Some(0)),
            ("99999999999999999999d", Some(i64::MAX)),
            ("", None),
            ("P", None),
            ("PT", None),
            ("P1DT", None),
            ("P1M", None),
            ("P2H", None),
            ("120", None),
            ("2 hours", None),
            ("2H", None),
            ("30m1h", None),
            ("1h1h", None),
            ("1.5h", None),
            ("-2h", None),
            ("2h ", None),
            ("pt2h", None),
        ];
        let schema = jsonschema::validator_for(&Minutes.schema()).unwrap();
        for (text, minutes) in cases {
            assert_eq!(parse(text), minutes, "{text}");
            assert_eq!(schema.is_valid(&json!(text)), minutes.is_some_and(|one| one > 0), "{text} by the schema");
        }
    }

    #[test]
    fn a_changed_value_keeps_its_units() {
        for (minutes, like, written) in [
            (180, "120m", "180m"),
            (180, "2h", "3h"),
            (150, "2h", "2h30m"),
            (1560, "2h", "26h"),
            (45, "2h", "45m"),
            (1560, "1d", "1d2h"),
            (120, "1d", "2h"),
            (90, "1h30m", "1h30m"),
            (180, "PT2H", "PT3H"),
            (180, "PT120M", "PT180M"),
            (1470, "P1D", "P1DT30M"),
            (2880, "P1DT2H", "P2D"),
        ] {
            assert_eq!(like_text(minutes, like), written, "{minutes} like {like}");
            assert_eq!(parse(written), Some(minutes));
        }
    }

    #[test]
    fn shows_the_number_the_api_gets() {
        for (minutes, shown, written, spoken) in [
            (45, "45 min", "45m", "45 minutes"),
            (60, "1h (60 min)", "1h", "1 hour"),
            (90, "1h30m (90 min)", "1h30m", "1 hour 30 minutes"),
            (1441, "1d1m (1441 min)", "1d1m", "1 day 1 minute"),
        ] {
            assert_eq!((show(minutes).as_str(), short(minutes).as_str()), (shown, written));
            assert_eq!(words(minutes), spoken);
            assert_eq!(parse(&short(minutes)), Some(minutes));
        }
    }
}
