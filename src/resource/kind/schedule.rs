//! When something is repeated, as the API writes it: five fields of cron, a word such as `@daily`, or `@every` with a period
//! (the texts of github.com/robfig/cron).

mod cron;

use serde_json::{Value, json};

use super::Kind;
use super::moves::{self, Move};
use super::steps::in_a_sentence;
use crate::text::number::count;
use crate::text::problem::rules;
use crate::text::reader::{Reader, quote};
use crate::text::yaml::{self, Node};

/// A schedule, compared and kept as text.
#[derive(Debug)]
pub struct Schedule;

const EXPECTS: &str = "a schedule such as \"@every 48h\", \"@daily\" or \"0 9 * * 1-5\"";

/// The words, each with what it means.
const WORDS: [(&str, &str); 7] = [
    ("@yearly", "every year on 1 January at 00:00"),
    ("@annually", "every year on 1 January at 00:00"),
    ("@monthly", "every month on the first day at 00:00"),
    ("@weekly", "every Sunday at 00:00"),
    ("@daily", "every day at 00:00"),
    ("@midnight", "every day at 00:00"),
    ("@hourly", "every hour"),
];

impl Kind for Schedule {
    fn expects(&self) -> &'static str {
        EXPECTS
    }

    fn read(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        let yaml::Value::Text { text, .. } = &node.value else { return reader.mismatch(node, EXPECTS) };
        match words(text) {
            Ok(_) => Some(Value::from(text.as_ref())),
            Err(help) => {
                reader.invalid(node, rules::SCHEDULE, &format!("expected {EXPECTS}, this is {}", quote(text)), &help)
            }
        }
    }

    fn canonical(&self, live: &Value) -> Option<Value> {
        live.is_string().then(|| live.clone())
    }

    fn show(&self, value: &Value) -> String {
        let text = value.as_str().unwrap_or_default();
        match words(text) {
            Ok(words) => format!("{words} ({text})"),
            Err(_) => in_a_sentence(text).into_owned(),
        }
    }

    fn schema(&self) -> Value {
        json!({"type": "string", "pattern": "\\S", "examples": ["@every 24h", "@every 48h", "@daily", "0 9 * * 1-5"]})
    }

    fn examples(&self) -> &'static [&'static str] {
        &["\"@every 48h\"", "\"@daily\"", "\"0 9 * * 1-5\""]
    }

    fn moves(&self) -> Vec<Move> {
        moves::of_choices(&Value::from("@every 24h"), &Value::from("@every 48h"))
    }
}

/// Returns the text that repeats something every so many days.
pub fn every_days(days: i64) -> String {
    format!("@every {}h", days.saturating_mul(24))
}

/// Returns what a schedule says.
///
/// # Errors
///
/// It is none; what to write instead.
fn words(text: &str) -> Result<String, String> {
    if let Some(period) = text.strip_prefix("@every ") {
        return match seconds(period.trim()) {
            Some(seconds) => Ok(format!("every {}", period_in_words(seconds))),
            None => {
                Err("write hours and minutes after @every, such as @every 48h or @every 1h30m; it knows no days"
                    .to_owned())
            }
        };
    }
    if text.starts_with('@') {
        let known = WORDS.iter().find(|(word, _)| *word == text);
        let all = || format!("write one of {}, @every 48h", WORDS.map(|(word, _)| word).join(", "));
        return known.map(|(_, words)| (*words).to_owned()).ok_or_else(all);
    }
    cron::words(text)
        .map_err(|wrong| format!("write five fields: minute, hour, day of month, month, day of week (0 to 6); {wrong}"))
}

/// Returns the seconds of a period as Go writes one: whole numbers, each with its unit. Less than a second is none.
fn seconds(period: &str) -> Option<u64> {
    let (mut total, mut rest) = (0_u64, period);
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let (number, tail) = rest.split_at(digits);
        let unit = tail.chars().next()?;
        let factor = match unit {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        total = number.parse::<u64>().ok()?.checked_mul(factor)?.checked_add(total)?;
        rest = tail.get(1..)?;
    }
    (total > 0).then_some(total)
}

fn period_in_words(seconds: u64) -> String {
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let parts = [
        (seconds / 86_400, "day"),
        (seconds / 3600 % 24, "hour"),
        (seconds / 60 % 60, "minute"),
        (seconds % 60, "second"),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    parts.map(|(amount, unit)| count(number(amount), unit, &format!("{unit}s"))).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_shown_in_words() {
        let show = |text: &str| Schedule.show(&Value::from(text));
        for (text, shown) in [
            ("@every 48h", "every 2 days (@every 48h)"),
            ("@every 24h", "every 1 day (@every 24h)"),
            ("@every 36h30m", "every 1 day 12 hours 30 minutes (@every 36h30m)"),
            ("@daily", "every day at 00:00 (@daily)"),
            ("0 9 * * *", "every day at 09:00 (0 9 * * *)"),
            ("0 9 * * 1-5", "every Monday to Friday at 09:00 (0 9 * * 1-5)"),
            ("every tuesday", "\"every tuesday\""),
            ("@every 2d", "\"@every 2d\""),
        ] {
            assert_eq!(show(text), shown);
        }
        assert_eq!(every_days(2), "@every 48h");
    }

    #[test]
    fn what_the_api_cannot_read_is_no_schedule() {
        for text in
            ["0 9 * * WED", "*/5 * * * *", "5/15 * * * *", "0 0 1 JAN-MAR *", "@hourly", "@every 1h1m1s", "0 0 ? * 0"]
        {
            assert!(words(text).is_ok(), "{text}: {:?}", words(text));
        }
        for text in [
            "",
            " ",
            "daily",
            "@Daily",
            "@every",
            "@every 2d",
            "@every 0h",
            "@every -1h",
            "@every 1.5h",
            "@every h",
            "0 9 * *",
            "0 9 * * * *",
            "0 9 L * *",
            "0 9 * * 5#1",
            "0 9 15W * *",
            "0 9 * * 7",
            "60 * * * *",
            "0 9 * * MO",
            "@reboot",
        ] {
            assert!(words(text).is_err(), "{text}: {:?}", words(text));
        }
    }
}
