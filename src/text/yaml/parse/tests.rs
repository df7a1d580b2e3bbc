use proptest::prelude::*;

use std::borrow::Cow;

use super::*;
use crate::text::problem::{Render, line_column, render};
use crate::text::yaml::bytes;

/// A tree as one line: `?` nothing, `#` number, `'` quoted.
fn tree(node: &Node<'_>) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Nothing => "?".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(text) => format!("#{text}"),
        Value::Text { text, quoted: false } => format!("{text:?}"),
        Value::Text { text, quoted: true } => format!("'{text:?}"),
        Value::List(items) => format!("[{}]", items.iter().map(tree).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{}: {}", key.text, tree(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// The tree, or every problem as `line:column rule "underlined" message (label) -- help`.
pub(super) fn read(text: &str) -> String {
    let source = Source::new("s.yaml", text);
    match parse(&source) {
        Ok(node) => tree(&node),
        Err(problems) => problems.iter().map(line).collect::<Vec<_>>().join("\n"),
    }
}

fn line(problem: &Problem) -> String {
    let mut out = String::new();
    if let Some(place) = &problem.place {
        let (line, column) = line_column(place);
        out += &format!("{line}:{column} {:?} ", &place.source.text[place.span.clone()]);
    }
    out += &format!("{}: {}", problem.rule, problem.message);
    if !problem.label.is_empty() {
        out += &format!(" ({})", problem.label);
    }
    for help in &problem.help {
        out += &format!(" -- {help}");
    }
    out
}

#[test]
fn values_keep_what_was_written() {
    for (text, expected) in [
        (
            "a:\nb: null\nc: ~ # x\nd: 'q'\ne: |\n  block\n  two\n\nf: >-\n  folded\n  text\n",
            r#"{a: ?, b: null, c: null, d: '"q", e: '"block\ntwo\n", f: '"folded text"}"#,
        ),
        (
            "f: [1, {x: y}, ]\ng: plain\n  cont\nh: \"esc\\n\"\ni: 'it''s'\n",
            r#"{f: [#1, {x: "y"}], g: "plain cont", h: '"esc\n", i: '"it's"}"#,
        ),
        ("- a\n-\n- {id: 1, name: }\n- ''\n", r#"["a", ?, {id: #1, name: ?}, '""]"#),
        ("[yes, no, on, off, True, FALSE, NULL]", r#"["yes", "no", "on", "off", true, false, null]"#),
        ("[0o10, 1e3, .5, 1_000, 38439e10, -1]", "[#0o10, #1e3, #.5, #1_000, #38439e10, #-1]"),
        ("[2026-12-31, 12:30, 1h30m, .inf, '120']", r#"["2026-12-31", "12:30", "1h30m", ".inf", '"120"]"#),
        ("\u{feff}a:\r\n  é: 漢字\r\nc: 2\r\n", r#"{a: {é: "漢字"}, c: #2}"#),
        ("%YAML 1.2\n---\na: 1\n...\n", "{a: #1}"),
        ("? a\n? 'b'\n: c\n", r#"{a: ?, b: "c"}"#),
        ("a: [b: c, d]\ne: {f}", r#"{a: [{b: "c"}, "d"], e: {f: ?}}"#),
        ("~", "null"),
        ("yes", r#""yes""#),
        ("'<<': 1\n'1': 2\n'': 3", "{<<: #1, 1: #2, : #3}"),
    ] {
        assert_eq!(read(text), expected, "{text:?}");
    }
}

/// Every node and key as `what "its bytes"`, depth first.
fn spans(text: &str) -> Vec<String> {
    fn walk(node: &Node<'_>, text: &str, out: &mut Vec<String>) {
        out.push(text[bytes(&node.span)].to_owned());
        match &node.value {
            Value::List(items) => items.iter().for_each(|item| walk(item, text, out)),
            Value::Map(entries) => entries.iter().for_each(|(key, value)| {
                out.push(format!("key {}", &text[bytes(&key.span)]));
                walk(value, text, out);
            }),
            _ => {}
        }
    }
    let source = Source::new("s.yaml", text);
    let mut out = Vec::new();
    walk(&parse(&source).unwrap(), &source.text, &mut out);
    out
}

#[test]
fn spans_are_the_bytes_that_were_written() {
    assert_eq!(
        spans("é: {'b': \"ü\" , c: }\nl:\n  - 1e3 # x\n  - |\n    t\n\n# end\n"),
        [
            "é: {'b': \"ü\" , c: }\nl:\n  - 1e3 # x\n  - |\n    t\n\n",
            "key é",
            "{'b': \"ü\" , c: }",
            "key 'b'",
            "\"ü\"",
            "key c",
            "",
            "key l",
            "- 1e3 # x\n  - |\n    t\n\n",
            "1e3",
            "t\n\n",
        ]
    );
}

#[test]
fn a_missing_value_stands_behind_its_colon_or_dash() {
    for (text, columns) in [("a:\nb : # c\n", vec![(1, 3), (2, 4)]), ("-\n-\n", vec![(1, 2), (2, 2)])] {
        let source = Source::new("s.yaml", text);
        let root = parse(&source).unwrap();
        let nodes: Vec<&Node<'_>> = match &root.value {
            Value::Map(entries) => entries.iter().map(|(_, value)| value).collect(),
            Value::List(items) => items.iter().collect(),
            other => panic!("{other:?}"),
        };
        let at: Vec<_> = nodes.iter().map(|n| line_column(&source.place(bytes(&n.span)))).collect();
        assert_eq!(at, columns);
    }
}

#[test]
fn the_ids_of_a_long_list_stay_borrowed() {
    let mut text = String::from("entitlementIds:\n");
    for number in 0..100_000_u32 {
        text += &format!("- {number:08x}-4de9-4163-801d-4a1444e59d35\n");
    }
    let source = Source::new("s.yaml", text);
    let root = parse(&source).unwrap();
    let Value::Map(entries) = &root.value else { panic!() };
    let Value::List(ids) = &entries[0].1.value else { panic!() };
    assert_eq!(ids.len(), 100_000);
    for (number, id) in ids.iter().enumerate() {
        let Value::Text { text: Cow::Borrowed(text), quoted: false } = id.value else { panic!("{id:?}") };
        assert_eq!(text, format!("{number:08x}-4de9-4163-801d-4a1444e59d35"));
        assert_eq!(id.span.start as usize, 18 + number * 39);
    }
}

#[test]
fn hostile_sizes_end_in_one_problem() {
    let deep = "yaml-too-deep: more than 64 lists and mappings inside one another \
                -- no setting is that deep; check the brackets and the indentation";
    let key = "k".repeat(10 * 1024 * 1024);
    for (text, told) in [
        ("[".repeat(200_000), format!("1:65 \"[\" {deep}")),
        ("{a: ".repeat(200_000), format!("1:257 \"{{\" {deep}")),
        ("- ".repeat(200_000), format!("1:129 \"-\" {deep}")),
        ("? ".repeat(200_000), format!("1:129 \"?\" {deep}")),
        (
            format!("{key}: 1"),
            format!(
                "1:{} \":\" yaml-colon: a key of more than 1024 characters \
                 -- shorten the key; if this is text, put it in quotes",
                key.len() + 1
            ),
        ),
    ] {
        assert_eq!(read(&text), told, "{}", &text[..20]);
    }
    let long_key = " \":\" yaml-colon: a key of more than 1024 characters \
                    -- shorten the key; if this is text, put it in quotes";
    assert_eq!(read(&format!("a: {{{}: 1}}", "k".repeat(2000))), format!("1:2005{long_key}"));
    let nested: String = (0..5_000).map(|depth| format!("{}k:\n", " ".repeat(depth))).collect();
    assert_eq!(read(&nested), format!("65:65 \"k\" {deep}"));
    let long = format!("a: {}", "x ".repeat(500_000));
    assert_eq!(read(&long), format!("{{a: {:?}}}", long[3..].trim_end()));
}

#[test]
fn an_alias_bomb_is_refused_and_told_in_a_hundred_problems() {
    let mut bomb = String::from("a0: &a0 [x]\n");
    for level in 1..30 {
        let below = format!("*a{}, ", level - 1).repeat(9);
        bomb += &format!("a{level}: &a{level} [{below}]\n");
    }
    let source = Source::new("s.yaml", bomb);
    let problems = parse(&source).unwrap_err();
    let aliases = problems.iter().filter(|problem| problem.rule == rules::YAML_ALIAS).count();
    let anchors = problems.iter().filter(|problem| problem.rule == rules::YAML_ANCHOR).count();
    assert_eq!((problems.len(), aliases, anchors), (100, 89, 11));
}

/// Checks everything that callers rely on, whatever the text.
fn holds(text: &str) {
    fn walk(node: &Node<'_>, text: &str, within: &Range<u32>) {
        assert!(within.start <= node.span.start && node.span.end <= within.end, "{node:?} {within:?} {text:?}");
        let written = &text[bytes(&node.span)];
        match &node.value {
            Value::Number(number) => assert_eq!(*number, written),
            Value::Nothing => assert_eq!(written, ""),
            Value::Text { text: Cow::Borrowed(borrowed), quoted: false } => assert_eq!(*borrowed, written),
            Value::List(items) => items.iter().for_each(|item| walk(item, text, &node.span)),
            Value::Map(entries) => {
                let mut keys = std::collections::HashSet::new();
                for (key, value) in entries {
                    assert!(keys.insert(&key.text), "{key:?} twice");
                    assert!(node.span.start <= key.span.start && key.span.end <= value.span.end, "{key:?} {value:?}");
                    assert!(text.get(bytes(&key.span)).is_some());
                    walk(value, text, &node.span);
                }
            }
            _ => {}
        }
    }
    let source = Source::new("s.yaml", text);
    match parse(&source) {
        Ok(root) => walk(&root, &source.text, &(0..source.text.len() as u32)),
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in &problems {
                if let Some(place) = &problem.place {
                    assert!(source.text.get(place.span.clone()).is_some(), "{problem:?}");
                }
                assert!(!problem.help.is_empty(), "{problem:?}");
            }
            for width in [0, 60, 200] {
                let drawn = render(&problems, &Render { color: false, width });
                assert_eq!(drawn.matches("error[").count(), problems.len(), "{drawn}");
            }
        }
    }
}

const VALID: &str = "# settings\njitActivationPolicy:\n  entitlementIds:\n    - ae735f40-4de9\n    - {id: '384', name: \"Dömain\\n\"}\n  \
                     maxActivationPeriodMins: 2h # two\n  text: |\n    a\n    b\n  notificationTemplate: null\nlist: [1, 2.5, {a: b}]\r\nx:\n";

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(text in any::<String>()) {
        holds(&text);
    }

    #[test]
    fn no_yaml_like_text_panics(text in "[-:,?#&*!|>'\"%@`~<\\[\\]{}. \n\r\t\\\\a0é\u{feff}\u{85}\u{2028}]{0,40}") {
        holds(&text);
    }

    #[test]
    fn no_edit_of_good_yaml_panics(edits in prop::collection::vec((any::<prop::sample::Index>(), "[-:\\[{}'\"|&*!# \n\té]{0,3}", 0..4_usize), 1..4)) {
        let mut characters: Vec<char> = VALID.chars().collect();
        for (at, inserted, removed) in edits {
            let at = at.index(characters.len());
            let end = (at + removed).min(characters.len());
            characters.splice(at..end, inserted.chars());
        }
        holds(&characters.into_iter().collect::<String>());
    }

    #[test]
    fn a_run_is_read_as_the_parser_reads_it(lines in prop::collection::vec((0..3_usize, prop::sample::select(LINES), 1..6_usize), 1..8)) {
        let text: String = lines
            .iter()
            .map(|(indent, line, times)| format!("{}{line}\n", "  ".repeat(*indent)).repeat(*times))
            .collect();
        same_either_way(&text);
    }
}

/// Lines of which runs are made, and such as stand around them.
const LINES: &[&str] = &[
    "- ae735f40-4de9-4163-801d-4a1444e59d35",
    "- \"ae735f40-4de9-4163-801d-4a1444e59d35\"",
    "- 'x: y'",
    "- \"\"",
    "- 120",
    "- 1e3",
    "- null",
    "- a  # a name",
    "- \"b\" #",
    "- c   ",
    "- a@b.example",
    "- d\r",
    "- a:",
    "- a: b",
    "- - a",
    "- 'it''s'",
    "- \"a\\n\"",
    "- two words",
    "- é",
    "- !tag a",
    "- &anchor a",
    "- *anchor",
    "- a #\u{1}",
    "-",
    "key:",
    "other:",
    "key: |",
    "key: >-",
    "key: \"open",
    "close\"",
    "key: text",
    "text",
    "[a,",
    "b]",
    "",
    "# a comment",
    "---",
    "...",
    "\t- a",
];

/// Reads a text with its runs in short and as a whole. Returns whether it could be read in short.
fn same_either_way(text: &str) -> bool {
    let source = Source::new("s.yaml", text);
    let short = read_short(&source, runs::find(&source.text, 3));
    if let Some(root) = &short {
        assert_eq!(format!("{:?}", read_whole(&source).unwrap()), format!("{root:?}"), "{text}");
    }
    short.is_some()
}

#[test]
fn the_usual_lists_are_read_in_short() {
    let list = |item: &str| format!("resource:\n  ids:\n{}  more: 1\n", format!("    - {item}\n").repeat(5));
    for item in ["ae735f40", "\"ae735f40\"", "'ae735f40'", "ae735f40 # Domain Admins", "120", "a@example.com"] {
        assert!(same_either_way(&list(item)), "{item}");
    }
    let several = format!("{}{}- last\n- [a, b]\n", "- a\n".repeat(4), "# why\n- b\n- 'c'\n- \"d\"\n");
    assert!(same_either_way(&several));
    for other in
        ["a: |\n  - b\n  - c\n  - d\n  - e\n", "a: b\n  - c\n  - d\n  - e\n", "a: \"\n  - b\n  - c\n  - d\n  \"\n"]
    {
        assert!(!same_either_way(other), "{other}");
    }
}
