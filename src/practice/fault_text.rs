//! Faults in the form that a command line gives them.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::http::{Method, StatusCode};
use serde_json::Value;

use super::access_request::GENERATIONS;
use super::fault::{Edit, Fault, Kind};

impl FromStr for Fault {
    type Err = anyhow::Error;

    /// Reads the text form.
    ///
    /// # Errors
    /// Says which word is wrong, and what could stand there.
    fn from_str(text: &str) -> anyhow::Result<Fault> {
        let words = words(text).with_context(|| format!("fault {text:?}: a single quote is not closed"))?;
        let mut words = words.into_iter();
        let name = words.next().with_context(|| format!("an empty fault; {}", kinds()))?;
        let (mut method, mut path, mut skip, mut times) = (None, String::new(), 0, 1);
        let mut values: Vec<(String, String)> = Vec::new();
        for word in words {
            if word.starts_with('/') {
                path = word;
            } else if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase()) {
                method = Some(Method::from_bytes(word.as_bytes())?);
            } else if let Some((key, value)) = word.split_once('=') {
                let count = || value.parse().with_context(|| format!("fault {text:?}: {key} needs a whole number"));
                match key {
                    "skip" => skip = count()?,
                    "times" => times = count()?,
                    _ => values.push((key.to_owned(), value.to_owned())),
                }
            } else {
                bail!("fault {text:?}: {word:?} is not a METHOD in capitals, a /PATH or NAME=VALUE");
            }
        }
        let mut take = |key: &str| {
            let at = values.iter().position(|(name, _)| name == key)?;
            Some(values.swap_remove(at).1)
        };
        let kind = kind(&name, &mut take).with_context(|| format!("fault {text:?}"))?;
        if let Some((key, _)) = values.first() {
            bail!("fault {text:?}: {name} takes no {key}; {}", kinds());
        }
        Ok(Fault { method, path, skip, times, kind })
    }
}

fn kind(name: &str, take: &mut impl FnMut(&str) -> Option<String>) -> anyhow::Result<Kind> {
    let name = if name == "not-found" { "404" } else { name };
    if let Ok(number) = name.parse::<u16>() {
        let status = StatusCode::from_u16(number).ok().filter(|_| (400..=599).contains(&number));
        let status = status.with_context(|| format!("{number} is not a status from 400 to 599"))?;
        let usual = if number == 429 { "1" } else { "" };
        let retry_after = take("retry-after").unwrap_or(usual.to_owned());
        return Ok(Kind::Status { status, retry_after });
    }
    let wait = |seconds: Option<String>| -> anyhow::Result<Duration> {
        let Some(seconds) = seconds else {
            return Ok(Duration::from_secs(5));
        };
        let number: f64 = seconds.parse().with_context(|| format!("{seconds:?} is not a number of seconds"))?;
        Duration::try_from_secs_f64(number).with_context(|| format!("{seconds:?} is not a number of seconds"))
    };
    Ok(match name {
        "drop-before" => Kind::DropBefore,
        "drop-after" => Kind::DropAfter,
        "drop-body" => Kind::DropBody,
        "stall" => Kind::Stall(wait(take("seconds"))?),
        "stall-body" => Kind::StallBody(wait(take("seconds"))?),
        "empty" => Kind::Empty,
        "html" => Kind::Html,
        "bad-json" => Kind::BadJson,
        "wrong-types" => Kind::WrongTypes,
        "huge" => Kind::Huge,
        "ignore" => Kind::Ignore,
        "late" => Kind::Late(later(take("after"))?),
        "lag" => Kind::Lag,
        "edit" => Kind::Edit(edit(&take("set").context("edit needs set=/POINTER=VALUE")?)?),
        "other-form" => Kind::OtherForm(other_form(take("as").context("other-form needs as=/PATH")?)?),
        "redirect" => Kind::Redirect(take("to").context("redirect needs to=URL")?),
        "clock" => Kind::Clock(wait(Some(take("seconds").unwrap_or_else(|| "3600".to_owned())))?),
        "encoding-utf8" => Kind::EncodingUtf8,
        _ => bail!("there is no kind {name:?}; {}", kinds()),
    })
}

/// The number of a request after this one, from 1.
fn later(number: Option<String>) -> anyhow::Result<u32> {
    let Some(number) = number else { return Ok(1) };
    let later = number.parse().ok().filter(|later| *later > 0);
    later.with_context(|| format!("after={number} is not a number of requests from 1"))
}

fn other_form(path: String) -> anyhow::Result<String> {
    let paths: Vec<&str> = GENERATIONS.iter().map(|generation| generation.path).collect();
    if !paths.contains(&path.as_str()) {
        bail!("as={path} is not a path of the access request configuration; they are {}", paths.join(", "));
    }
    Ok(path)
}

/// A value that is not JSON is text, so that quotes can be left out.
fn edit(text: &str) -> anyhow::Result<Edit> {
    let parts = text.split_once('=').filter(|(pointer, _)| pointer.len() > 1 && pointer.starts_with('/'));
    let (pointer, value) = parts.with_context(|| format!("set={text} needs the form set=/POINTER=VALUE"))?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok(Edit { pointer: pointer.to_owned(), value })
}

fn kinds() -> String {
    let names: Vec<&str> = Fault::KINDS.iter().map(|(name, _, _)| *name).collect();
    format!("the kinds are {}", names.join(", "))
}

/// Splits at blanks outside single quotes, which go away; `None` if a quote is left open.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for letter in text.chars() {
        match letter {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            letter if letter.is_whitespace() && !quoted => words.extend(word.take()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    (!quoted).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fault(text: &str) -> Fault {
        text.parse().unwrap()
    }

    #[test]
    fn every_part_is_read() {
        assert_eq!(
            fault("429 GET /beta times=2 skip=3 retry-after='Wed, 21 Oct 2026 07:28:00 GMT'"),
            Fault {
                method: Some(Method::GET),
                path: "/beta".to_owned(),
                skip: 3,
                times: 2,
                kind: Kind::Status {
                    status: StatusCode::TOO_MANY_REQUESTS,
                    retry_after: "Wed, 21 Oct 2026 07:28:00 GMT".to_owned()
                }
            }
        );
        assert_eq!(fault("stall seconds=0.5").kind, Kind::Stall(Duration::from_millis(500)));
        assert_eq!(
            fault("edit set='/a/b=[1, \"x\"]'").kind,
            Kind::Edit(Edit { pointer: "/a/b".to_owned(), value: json!([1, "x"]) })
        );
        assert_eq!(fault("edit set=/a=b=c").kind, Kind::Edit(Edit { pointer: "/a".to_owned(), value: json!("b=c") }));
    }

    #[test]
    fn every_listed_kind_can_be_written() {
        for (name, values, _) in Fault::KINDS {
            let name = if *name == "400..599" { "503" } else { name };
            let values = if name == "503" { "" } else { values };
            let path = GENERATIONS[0].path;
            let text = format!("{name} {}", values.replace("=N", "=1").replace("as=/PATH", &format!("as={path}")));
            assert!(text.parse::<Fault>().is_ok(), "{text}");
        }
    }

    #[test]
    fn a_wrong_word_is_named() {
        let list = "the kinds are 400..599, not-found, drop-before, drop-after, drop-body, stall, stall-body, empty, \
                    html, bad-json, wrong-types, huge, ignore, late, lag, edit, other-form, redirect, clock, \
                    encoding-utf8";
        let cases = [
            ("", format!("an empty fault; {list}")),
            ("dorp", format!("fault \"dorp\": there is no kind \"dorp\"; {list}")),
            ("200", "fault \"200\": 200 is not a status from 400 to 599".to_owned()),
            ("html get", "fault \"html get\": \"get\" is not a METHOD in capitals, a /PATH or NAME=VALUE".to_owned()),
            (
                "html times=x",
                "fault \"html times=x\": times needs a whole number: invalid digit found in string".to_owned(),
            ),
            ("html seconds=1", format!("fault \"html seconds=1\": html takes no seconds; {list}")),
            (
                "stall seconds=-1",
                "fault \"stall seconds=-1\": \"-1\" is not a number of seconds: cannot convert float \
                seconds to Duration: value is negative"
                    .to_owned(),
            ),
            ("late after=0", "fault \"late after=0\": after=0 is not a number of requests from 1".to_owned()),
            ("edit", "fault \"edit\": edit needs set=/POINTER=VALUE".to_owned()),
            ("edit set=a=1", "fault \"edit set=a=1\": set=a=1 needs the form set=/POINTER=VALUE".to_owned()),
            ("redirect", "fault \"redirect\": redirect needs to=URL".to_owned()),
            ("html '", "fault \"html '\": a single quote is not closed".to_owned()),
        ];
        for (text, message) in cases {
            assert_eq!(format!("{:#}", text.parse::<Fault>().unwrap_err()), message);
        }
    }
}
