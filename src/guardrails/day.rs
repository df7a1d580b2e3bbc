//! What to write instead of a day in another form.

use jiff::ToSpan;
use jiff::civil::{Date, date};

const FORM: &str = "write year, month and day with hyphens";

/// Returns what to write instead of a text that is not a day: the same day, or each that may be meant.
pub fn hint(text: &str) -> String {
    let days = meant(text.trim());
    let days: Vec<String> = days.iter().map(Date::to_string).collect();
    match days.as_slice() {
        [] => FORM.to_owned(),
        [day] if text.trim().bytes().all(|byte| byte.is_ascii_digit()) && text.trim().len() == 5 => {
            format!("if this is the number of a day in a spreadsheet, write {day}")
        }
        days => format!("write {}", days.join(" or ")),
    }
}

fn meant(text: &str) -> Vec<Date> {
    let one = |day: Option<Date>| day.into_iter().collect();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return one(match text.len() {
            8 => text.parse().ok(),
            // Spreadsheets count days from the end of 1899.
            5 => text.parse::<i32>().ok().and_then(|days| date(1899, 12, 30).checked_add(days.days()).ok()),
            _ => None,
        });
    }
    let first = text.split(['T', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = first.split(['.', '/', '-']).collect();
    let numbers: Vec<i16> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    let day =
        |year: i16, month: i16, day: i16| Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
    match (parts.as_slice(), numbers.as_slice()) {
        ([year, _, _], [y, m, d]) if year.len() == 4 => one(day(*y, *m, *d)),
        ([_, _, year], [a, b, y]) if year.len() == 4 => {
            // Some write the day first, some the month.
            let mut days: Vec<Date> = [day(*y, *b, *a), day(*y, *a, *b)].into_iter().flatten().collect();
            days.dedup();
            days
        }
        _ => one(with_name(text)),
    }
}

/// Reads `31 Dec 2026`, `December 31, 2026` and `31-Dec-2026`.
fn with_name(text: &str) -> Option<Date> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let words: Vec<String> =
        text.split([' ', ',', '-', '.']).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    let [first, second, year] = words.as_slice() else { return None };
    let month = |word: &str| {
        let index = MONTHS.iter().position(|month| word.get(..3) == Some(month) && word.len() <= 9)?;
        i8::try_from(index + 1).ok()
    };
    let (month, day) = match (month(first), month(second)) {
        (Some(month), None) => (month, second),
        (None, Some(month)) => (month, first),
        _ => return None,
    };
    if year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_means_the_day_that_was_written() {
        for (text, told) in [
            ("31.12.2026", "write 2026-12-31"),
            ("12/31/2026", "write 2026-12-31"),
            ("03/04/2026", "write 2026-04-03 or 2026-03-04"),
            ("04.04.2026", "write 2026-04-04"),
            ("2026/12/31", "write 2026-12-31"),
            ("2026-12-31T00:00:00Z", "write 2026-12-31"),
            ("2026-12-31 00:00:00", "write 2026-12-31"),
            ("20261231", "write 2026-12-31"),
            ("46387", "if this is the number of a day in a spreadsheet, write 2026-12-31"),
            ("Dec 31 2026", "write 2026-12-31"),
            ("December 31, 2026", "write 2026-12-31"),
            ("31-Dec-2026", "write 2026-12-31"),
            ("31-Dec-26", FORM),
            ("31.12.26", FORM),
            ("2026-31-12", FORM),
            ("end of year", FORM),
            ("", FORM),
        ] {
            assert_eq!(hint(text), told, "{text}");
        }
    }
}
