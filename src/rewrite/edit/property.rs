//! Random settings files in every layout, random edits: the file then says what was asked, and only the lines of the
//! edited setting differ.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::settings;

/// One setting of a file: its keys in the resource, how it is written, and values that it may get.
type SettingSamples = (&'static str, BoxedStrategy<String>, BoxedStrategy<Json>);

fn id() -> BoxedStrategy<String> {
    prop::sample::select(vec!["aaa", "bbb", "ccc", "38439e10", "Ddd", "ddd"]).prop_map(str::to_owned).boxed()
}

fn comment() -> BoxedStrategy<String> {
    prop::sample::select(vec!["", "", " # why", "  # it's: [a] {b} - \"c\""]).prop_map(str::to_owned).boxed()
}

fn scalar(forms: &'static [&'static str]) -> BoxedStrategy<String> {
    let layout = prop::sample::select(vec![" ", "   ", "\n      "]);
    (layout, prop::sample::select(forms), comment())
        .prop_map(|(layout, value, comment)| format!("{layout}{value}{comment}\n"))
        .boxed()
}

fn list(member: BoxedStrategy<String>, named: bool) -> BoxedStrategy<String> {
    let quoted = (member, 0..3, any::<bool>()).prop_map(move |(text, quote, name)| match (quote, name && named) {
        (0, true) => format!("{{id: '{text}', name: N}}"),
        (1, true) => format!("\n        id: \"{text}\"\n        name: 'a # b'"),
        (2, _) => format!("\"{text}\""),
        _ => format!("'{text}'"),
    });
    let item = (quoted, comment(), prop::sample::select(vec!["", "", "# above\n", "\n"]));
    let items = prop::collection::vec(item, 0..5);
    (items, 0..5_usize, comment())
        .prop_map(|(items, layout, comment)| {
            let above = |above: &str, index: usize, blanks: &str| match above {
                "# above\n" => format!("{blanks}# above {index}\n"),
                other => other.to_owned(),
            };
            let inline = items.iter().map(|(item, ..)| item.replace('\n', " ")).collect::<Vec<_>>();
            let simple = inline.iter().all(|item| !item.starts_with(' '));
            match layout {
                0 | 1 if simple => format!(" [{}]{comment}\n", inline.join([",", " , "][layout])),
                2 if simple && !items.is_empty() => {
                    let line = |(index, (item, comment, lead)): (usize, &(String, String, &str))| {
                        format!("{}      {item},{comment}\n", above(lead, index, "      "))
                    };
                    let lines: Vec<String> = items.iter().enumerate().map(line).collect();
                    format!(" [{comment}\n{}  ]\n", lines.concat())
                }
                _ if items.is_empty() => format!(" []{comment}\n"),
                layout => {
                    let blanks = if layout == 3 { "  " } else { "    " };
                    let line = |(index, (item, comment, lead)): (usize, &(String, String, &str))| {
                        format!("{}{blanks}- {item}{comment}\n", above(lead, index, blanks))
                    };
                    format!("{comment}\n{}", items.iter().enumerate().map(line).collect::<String>())
                }
            }
        })
        .boxed()
}

fn sorted(member: BoxedStrategy<String>) -> BoxedStrategy<Json> {
    prop::collection::btree_set(member, 0..5).prop_map(|set| json!(set)).boxed()
}

fn settings() -> Vec<SettingSamples> {
    let address = || prop::sample::select(vec!["a@x.y", "b@x.y", "C@x.y"]).prop_map(str::to_owned).boxed();
    let minutes = || prop_oneof![Just(Json::Null), (1..5000_i64).prop_map(|minutes| json!(minutes))].boxed();
    vec![
        ("entitlementIds", list(id(), true), sorted(id())),
        ("maxActivationPeriodMins", scalar(&["2h", "120", "\"PT2H\"", "null", "~", "1d1m", "'90m'"]), minutes()),
        ("notificationRecipients", list(address(), false), sorted(address())),
        (
            "notificationTemplate",
            scalar(&["x", "'it''s'", "\"a\\tb\"", "null", ">-\n      folded\n      text", "|\n      block"]),
            prop_oneof![Just(Json::Null), "[ -~é\u{1b}\n]{0,12}x".prop_map(Json::from)]
                .prop_filter("a placeholder or the like, which no settings file may hold", is_taken)
                .boxed(),
        ),
        ("applyToFutureAssignments", scalar(&["true", "False"]), any::<bool>().prop_map(Json::from).boxed()),
    ]
}

fn is_taken(template: &Json) -> bool {
    let text = format!("jitActivationPolicy: {{notificationTemplate: {template}}}\n");
    settings::read(&[Source::new("s", &text)]).1.iter().all(|problem| !problem.is_error())
}

#[derive(Debug, Clone)]
struct Case {
    text: String,
    key: &'static str,
    value: Json,
}

fn case() -> impl Strategy<Value = Case> {
    let written: Vec<_> = settings()
        .into_iter()
        .map(|(key, form, _)| (any::<bool>(), form).prop_map(move |(there, form)| there.then_some((key, form))))
        .collect();
    let end = prop::sample::select(vec!["", "  # end\n", "\n# end\n", "accessRequestConfig: {apiVersion: beta}\n"]);
    (written, end, any::<bool>(), any::<bool>(), 0..settings().len()).prop_flat_map(
        |(written, end, crlf, cut, chosen)| {
            let mut text = "# top\njitActivationPolicy: # the policy\n  apiVersion: v1\n".to_owned();
            for (key, form) in written.into_iter().flatten() {
                // A comment after the header of a block of text belongs to YAML's header.
                text.push_str(&format!("  {key}:{form}"));
            }
            text.push_str(end);
            if cut {
                text.truncate(text.trim_end().len());
            }
            if crlf {
                text = text.replace('\n', "\r\n");
            }
            let (key, _, value) = settings().swap_remove(chosen);
            value.prop_map(move |value| Case { text: text.clone(), key, value })
        },
    )
}

/// The lines of a setting, from that of its key to that of its end.
fn own_lines(text: &str, key: &str) -> Option<Range<usize>> {
    let source = Source::new("s", text);
    let root = yaml::parse(&source).unwrap();
    let trail = walk(&root, &["jitActivationPolicy".to_owned(), key.to_owned()]);
    let (key, node) = trail.get(1)?;
    let first = text[..key.span.start as usize].matches('\n').count();
    let last = text[..text[..node.span.end as usize].trim_end().len()].matches('\n').count();
    Some(first..last + 1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn an_edited_file_says_what_was_asked_and_keeps_every_other_line(case in case()) {
        let Case { text, key, value } = case;
        let asked = Edit::Set { path: vec!["jitActivationPolicy".to_owned(), key.to_owned()], value: value.clone() };
        let new = match edit("s.yaml", &text, std::slice::from_ref(&asked)) {
            Ok(new) => new,
            Err(error) => return Err(TestCaseError::fail(format!("{error}\n{text}"))),
        };
        let read = |text: &str| {
            let (desired, _) = settings::read(&[Source::new("s", text)]);
            let mut settings = std::collections::BTreeMap::new();
            for managed in desired.resources.iter().flat_map(|one| &one.settings) {
                settings.insert(managed.setting.pointer.trim_start_matches('/'), (managed.setting, managed.value.clone()));
            }
            settings
        };
        let (before, mut after) = (read(&text), read(&new));
        let (setting, says) = after.remove(key).unwrap();
        prop_assert!(setting.equal(Some(&says), Some(&value)), "{value} became {says} in\n{new}");
        for (other, (_, value)) in before.iter().filter(|(other, _)| **other != key) {
            prop_assert_eq!(after.get(other).map(|(_, value)| value), Some(value));
        }

        let (old_lines, new_lines): (Vec<&str>, Vec<&str>) = (text.lines().collect(), new.lines().collect());
        let (old, new_own) = (own_lines(&text, key), own_lines(&new, key).unwrap());
        let old = old.unwrap_or(new_own.start..new_own.start);
        prop_assert_eq!(&old_lines[..old.start], &new_lines[..new_own.start], "before, in\n{}", &new);
        let rest = old_lines.len() - old.end;
        prop_assert_eq!(&old_lines[old.end..], &new_lines[new_lines.len() - rest..], "behind, in\n{}", &new);
        // A comment goes and stays with the line below it.
        let member = |line: &str| line.trim_end().trim_end_matches(',').to_owned();
        let described = |lines: &[&str]| {
            let pairs = lines.windows(2).filter(|pair| pair[0].contains("# above"));
            pairs.map(|pair| (pair[0].to_owned(), member(pair[1]))).collect::<Vec<_>>()
        };
        let times = |lines: &[&str], wanted: &str| lines.iter().filter(|line| member(line) == wanted).count();
        let (described_before, described_after) = (described(&old_lines), described(&new_lines));
        for pair in &described_after {
            prop_assert!(described_before.contains(pair), "{pair:?} is new in\n{new}");
        }
        for pair in described_before.iter().filter(|(_, line)| times(&old_lines, line) == times(&new_lines, line)) {
            prop_assert!(described_after.contains(pair), "{pair:?} is not in\n{new}");
        }
        prop_assert_eq!(text.contains("\r\n"), new.contains("\r\n"));
        let again = edit("s.yaml", &new, &[asked]);
        prop_assert_eq!(again.ok(), Some(new.clone()), "asking again changes nothing");
    }
}
