//! The five fields of a schedule (github.com/robfig/cron, `ParseStandard`): read, checked and said in words.

use std::ops::RangeInclusive;

use crate::text::list::joined;

/// A field: what its numbers stand for, and their names.
struct Field {
    name: &'static str,
    range: RangeInclusive<u32>,
    names: &'static [&'static str],
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

const MINUTE: Field = Field { name: "a minute", range: 0..=59, names: &[] };
const HOUR: Field = Field { name: "an hour", range: 0..=23, names: &[] };
const DAY: Field = Field { name: "a day of the month", range: 1..=31, names: &[] };
const MONTH: Field = Field { name: "a month", range: 1..=12, names: &MONTHS };
const WEEKDAY: Field = Field { name: "a day of the week", range: 0..=6, names: &DAYS };

/// The numbers that a field stands for, in their order.
struct Numbers {
    all: Vec<u32>,
    /// They are all that there are: it restricts nothing.
    any: bool,
    /// It is written as `*/N`.
    step: Option<u32>,
}

/// Returns what five fields say.
///
/// # Errors
///
/// They are none; which field is wrong.
pub fn words(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split_ascii_whitespace().collect();
    let [minute, hour, day, month, weekday] = parts.as_slice() else {
        return Err("there are not five fields".to_owned());
    };
    let (minutes, hours) = (MINUTE.read(minute)?, HOUR.read(hour)?);
    let days = on(&DAY.read(day)?, &MONTH.read(month)?, &WEEKDAY.read(weekday)?);
    Ok(match time(&minutes, &hours) {
        Time::At(times) => format!("{days} at {times}"),
        Time::Often(often) if days == "every day" => often,
        Time::Often(often) => format!("{often}, {days}"),
    })
}

impl Field {
    fn read(&self, text: &str) -> Result<Numbers, String> {
        let mut all = Vec::new();
        for part in text.split(',') {
            let wrong = || format!("`{part}` is not {}", self.name);
            let (range, step) = match part.split_once('/') {
                Some((range, step)) => (range, Some(number(step).filter(|step| *step > 0).ok_or_else(wrong)?)),
                None => (part, None),
            };
            let (first, last) = match range {
                "*" | "?" => (*self.range.start(), *self.range.end()),
                range => {
                    let (first, last) = range.split_once('-').unwrap_or((range, range));
                    let (first, last) = (self.number(first).ok_or_else(wrong)?, self.number(last).ok_or_else(wrong)?);
                    // 5/15 starts at 5 and has no end of its own.
                    let open = step.is_some() && !range.contains('-');
                    (first, if open { *self.range.end() } else { last })
                }
            };
            if first > last {
                return Err(wrong());
            }
            all.extend((first..=last).step_by(usize::try_from(step.unwrap_or(1)).unwrap_or(usize::MAX)));
        }
        all.sort_unstable();
        all.dedup();
        let step = text.strip_prefix("*/").and_then(number).filter(|step| *step > 1);
        let any = all.len() == self.range.clone().count();
        Ok(Numbers { all, any, step })
    }

    fn number(&self, text: &str) -> Option<u32> {
        let is_name = |name: &&str| name.get(..3).is_some_and(|short| short.eq_ignore_ascii_case(text));
        let named = self.names.iter().position(is_name);
        let named = named.and_then(|at| u32::try_from(at).ok()).map(|at| at + self.range.start());
        named.or_else(|| number(text)).filter(|number| self.range.contains(number))
    }
}

fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// When on a day.
enum Time {
    /// At these times of day.
    At(String),
    /// More often than one would list.
    Often(String),
}

/// How many times of day are listed.
const LISTED: usize = 6;

fn time(minutes: &Numbers, hours: &Numbers) -> Time {
    if minutes.all.len() * hours.all.len() <= LISTED {
        let times = hours.all.iter().flat_map(|hour| minutes.all.iter().map(move |minute| (hour, minute)));
        let times: Vec<String> = times.map(|(hour, minute)| format!("{hour:02}:{minute:02}")).collect();
        return Time::At(joined(&times));
    }
    let often = match (minutes.any, minutes.step) {
        (true, _) => "every minute".to_owned(),
        (_, Some(step)) => format!("every {step} minutes"),
        _ => format!("at {} past the hour", numbers("minute", &minutes.all)),
    };
    Time::Often(match (hours.any, hours.step) {
        (true, _) => often,
        (_, Some(step)) => format!("{often}, in every {} hour", ordinal(step)),
        _ => format!("{often}, in {}", numbers("hour", &hours.all)),
    })
}

fn on(days: &Numbers, months: &Numbers, weekdays: &Numbers) -> String {
    let months = (!months.any).then(|| joined(&runs(&months.all, 1, &MONTHS)));
    let weekdays = (!weekdays.any).then(|| format!("every {}", joined(&runs(&weekdays.all, 0, &DAYS))));
    let month = months.clone().unwrap_or_else(|| "every month".to_owned());
    let days = (!days.any).then(|| format!("on {} of {month}", numbers("day", &days.all)));
    let within = months.map(|months| format!(" in {months}")).unwrap_or_default();
    match (days, weekdays) {
        (None, None) => format!("every day{within}"),
        (Some(days), None) => days,
        (None, Some(weekdays)) => format!("{weekdays}{within}"),
        // The one or the other is enough.
        (Some(days), Some(weekdays)) => format!("{days} and {weekdays}{within}"),
    }
}

/// Returns numbers with the noun before them.
fn numbers(noun: &str, all: &[u32]) -> String {
    let plural = if all.len() == 1 { "" } else { "s" };
    format!("{noun}{plural} {}", joined(&runs(all, 0, &[])))
}

/// Returns numbers or their names, three and more in a row as one text.
fn runs(all: &[u32], first: u32, names: &[&str]) -> Vec<String> {
    let name = |number: u32| {
        let at = usize::try_from(number - first).unwrap_or(usize::MAX);
        names.get(at).map_or_else(|| number.to_string(), |name| (*name).to_owned())
    };
    let runs = all.chunk_by(|left, right| left + 1 == *right);
    let said = |run: &[u32]| match run {
        [start, _, .., end] => vec![format!("{} to {}", name(*start), name(*end))],
        few => few.iter().map(|number| name(*number)).collect(),
    };
    runs.flat_map(said).collect()
}

fn ordinal(number: u32) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_fields_are_said_in_words() {
        for (text, said) in [
            ("0 9 * * *", "every day at 09:00"),
            ("30 9,17 * * *", "every day at 09:30 and 17:30"),
            ("0 9 * * 1-5", "every Monday to Friday at 09:00"),
            ("0 9 ? * MON,WED", "every Monday and Wednesday at 09:00"),
            ("0 0 1 * *", "on day 1 of every month at 00:00"),
            ("0 0 1,15 JAN-MAR *", "on days 1 and 15 of January to March at 00:00"),
            ("0 0 * 7 *", "every day in July at 00:00"),
            ("0 0 13 * FRI", "on day 13 of every month and every Friday at 00:00"),
            ("* * * * *", "every minute"),
            ("*/5 * * * *", "every 5 minutes"),
            ("5 * * * *", "at minute 5 past the hour"),
            ("5/15 * * * *", "at minutes 5, 20, 35 and 50 past the hour"),
            ("0 */2 * * *", "at minute 0 past the hour, in every 2nd hour"),
            ("*/10 8-18 * * 1-5", "every 10 minutes, in hours 8 to 18, every Monday to Friday"),
            ("* 0 * * *", "every minute, in hour 0"),
            ("1-10/3 0 1 1 *", "on day 1 of January at 00:01, 00:04, 00:07 and 00:10"),
            ("0 9 * * 0-6", "every day at 09:00"),
        ] {
            assert_eq!(words(text), Ok(said.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_field_that_is_wrong_is_named() {
        for (text, said) in [
            ("0 9 * *", "there are not five fields"),
            ("60 9 * * *", "`60` is not a minute"),
            ("0 24 * * *", "`24` is not an hour"),
            ("0 9 0 * *", "`0` is not a day of the month"),
            ("0 9 * 13 *", "`13` is not a month"),
            ("0 9 * * 7", "`7` is not a day of the week"),
            ("0 9 * * MO", "`MO` is not a day of the week"),
            ("0 9 * * 5-1", "`5-1` is not a day of the week"),
            ("*/0 9 * * *", "`*/0` is not a minute"),
            ("+5 9 * * *", "`+5` is not a minute"),
            ("1,,2 9 * * *", "`` is not a minute"),
            ("0 9 1-99999999999 * *", "`1-99999999999` is not a day of the month"),
        ] {
            assert_eq!(words(text), Err(said.to_owned()), "{text}");
        }
    }
}
