//! Which part of a line may be a secret, so that no drawing of a mistake shows it.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::text::source::Source;

/// How many lines above a line are searched for a secret whose value goes on below its key.
const MAX_LINES: usize = 200;

/// What is known of the lines of one file, each looked at once: a file may have a mistake on every line, and many on one.
#[derive(Default)]
pub(super) struct Lines {
    source: Option<Arc<Source>>,
    /// By where they start.
    seen: HashMap<usize, Line>,
}

#[derive(Clone)]
struct Line {
    /// The value of a secret in it.
    value: Option<Range<usize>>,
    indentation: usize,
    /// Where its key is indented, if it begins with one.
    key: Option<usize>,
}

impl Line {
    fn of(line: &str) -> Line {
        Line { value: secret_value(line), indentation: indentation(line), key: key_indentation(line) }
    }
}

impl Lines {
    /// Returns the bytes of the line at `start` that may be a secret: what follows `clientSecret` or a key like it, and
    /// the lines below that belong to it. `${NAME}` and `${file:NAME}` are not secrets. When in doubt the text is hidden.
    pub(super) fn hidden(&mut self, source: &Arc<Source>, start: usize, line: &str) -> Option<Range<usize>> {
        if !self.source.as_ref().is_some_and(|known| Arc::ptr_eq(known, source)) {
            *self = Lines { source: Some(Arc::clone(source)), seen: HashMap::new() };
        }
        let here = self.seen.entry(start).or_insert_with(|| Line::of(line)).clone();
        if let Some(value) = here.value {
            return Some(value.start..line.len()).filter(|hidden| !hidden.is_empty());
        }
        let above = source.text.get(..start)?.strip_suffix('\n')?;
        let mut end = above.len();
        // The least indentation of a key between the secret and this line: a key at the depth of the secret ends it.
        let mut least = here.key;
        for earlier in above.rsplit('\n').take(MAX_LINES) {
            let place = end - earlier.len();
            end = place.saturating_sub(1);
            // A key that is not indented ends whatever stands above it.
            if least == Some(0) {
                return None;
            }
            let earlier = self.seen.entry(place).or_insert_with(|| Line::of(earlier));
            if earlier.value.is_some() {
                let goes_on = least.is_none_or(|least| least > earlier.indentation);
                return goes_on.then_some(here.indentation..line.len()).filter(|hidden| !hidden.is_empty());
            }
            least = match (least, earlier.key) {
                (Some(below), Some(above)) => Some(below.min(above)),
                (below, above) => below.or(above),
            };
        }
        None
    }
}

/// Where the value is that follows the first key of a line that names a secret and is not followed by `${NAME}` alone.
fn secret_value(line: &str) -> Option<Range<usize>> {
    // Each of the names has one of them.
    line.bytes().find(|byte| matches!(byte | 0x20, b's' | b'k'))?;
    let mut from = 0;
    while let Some((word, end)) = next_word(line, from) {
        from = end;
        let word = line.get(word)?;
        let rest = line.get(end..)?.trim_start_matches(['"', '\'', ' ', '\t']);
        let assigned = rest.starts_with([':', '=']);
        // Most words are too short, or have none of the letters that each of the names has one of.
        if word.len() < if assigned { 5 } else { 12 } || !word.bytes().any(|byte| matches!(byte | 0x20, b's' | b'k')) {
            continue;
        }
        let name: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        let name = name.to_ascii_lowercase();
        let secret = name.contains("clientsecret")
            || (assigned && ["secret", "password", "token"].iter().any(|word| name.contains(word)));
        if !secret {
            continue;
        }
        let value = rest.trim_start_matches([':', '=', ' ', '\t', '"', '\'']);
        let at = line.len() - value.len();
        match variable(value) {
            Some(length) => from = at + length,
            None => return Some(at..line.len()),
        }
    }
    None
}

/// The bytes of the next run of letters, digits, hyphens and underscores, and where it ends.
fn next_word(line: &str, from: usize) -> Option<(Range<usize>, usize)> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let start = from + line.as_bytes().get(from..)?.iter().position(is_part)?;
    let word = line.as_bytes().get(start..)?;
    let end = start + word.iter().position(|byte| !is_part(byte)).unwrap_or(word.len());
    Some((start..end, end))
}

/// The length of `${NAME}` or `${file:NAME}`; `None` if the value is something else or more.
fn variable(value: &str) -> Option<usize> {
    let inside = value.strip_prefix("${")?;
    let close = inside.find('}')?;
    let name = inside.get(..close)?;
    let (name, more): (_, &[u8]) = name.strip_prefix("file:").map_or((name, b"_"), |file| (file, b"_-."));
    let good = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte));
    let rest = inside.get(close + 1..)?.trim_start_matches(['"', '\'']);
    (good && (rest.trim().is_empty() || rest.starts_with([' ', ',', '}']))).then_some(close + 3)
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// The indentation of a line that begins with a key.
fn key_indentation(line: &str) -> Option<usize> {
    let body = line.trim_start_matches([' ', '\t', '"', '\'']);
    let end = body.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(body.len());
    let rest = body.get(end..).unwrap_or_default().trim_start_matches(['"', '\'']);
    (end > 0 && rest.starts_with(':')).then(|| indentation(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stays of each line of a text.
    fn shown(text: &str) -> Vec<String> {
        let mut start = 0;
        let mut lines = Vec::new();
        let source = Source::new("s.yaml", text);
        let mut known = Lines::default();
        for line in text.split('\n') {
            lines.push(match known.hidden(&source, start, line) {
                Some(range) => format!("{}[hidden]{}", &line[..range.start], &line[range.end..]),
                None => line.to_owned(),
            });
            start += line.len() + 1;
        }
        lines
    }

    #[test]
    fn a_secret_is_hidden_however_it_is_written() {
        for (text, expected) in [
            ("clientSecret: abc", "clientSecret: [hidden]"),
            ("  clientSecret : 'abc' # x", "  clientSecret : '[hidden]"),
            ("clientSecret abc", "clientSecret [hidden]"),
            ("clientSecret:abc", "clientSecret:[hidden]"),
            ("client_secret: 12345", "client_secret: [hidden]"),
            ("{url: x, clientSecret: abc, labels: {}}", "{url: x, clientSecret: [hidden]"),
            ("\"CLIENT-SECRET\": \"abc\"", "\"CLIENT-SECRET\": \"[hidden]"),
            ("password: abc", "password: [hidden]"),
            ("url: https://x/?token=abc", "url: https://x/?token=[hidden]"),
            ("clientSecret: ${NAME}abc", "clientSecret: [hidden]"),
            ("clientSecret: ${NAME", "clientSecret: [hidden]"),
            ("clientSecret: ${NAME} abc", "clientSecret: ${NAME} abc"),
            ("clientSecret: ${file:prod.client-secret}", "clientSecret: ${file:prod.client-secret}"),
            ("clientSecret: ${file:a b}", "clientSecret: [hidden]"),
            ("clientSecret: ${other:a}", "clientSecret: [hidden]"),
            ("clientSecret: \"${NAME}\"", "clientSecret: \"${NAME}\""),
            ("{clientSecret: ${NAME}, password: abc}", "{clientSecret: ${NAME}, password: [hidden]"),
            ("name: Secret Vault", "name: Secret Vault"),
            ("# the secret is elsewhere", "# the secret is elsewhere"),
        ] {
            assert_eq!(shown(text), [expected], "{text}");
        }
    }

    #[test]
    fn lines_that_belong_to_a_secret_are_hidden() {
        let text = "prod:\n  clientSecret: >\n    abc\n    def: x\n\n  more\n  url: x\n  clientSecret: ${A}\n  x\n";
        assert_eq!(
            shown(text),
            [
                "prod:",
                "  clientSecret: [hidden]",
                "    [hidden]",
                "    [hidden]",
                "",
                "  [hidden]",
                "  url: x",
                "  clientSecret: ${A}",
                "  x",
                ""
            ]
        );
    }
}
