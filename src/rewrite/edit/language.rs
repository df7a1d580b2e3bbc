//! Random documents, written in either language in the ways that tools and people write them, and random edits: another
//! parser reads what was asked, and the file is in the language that it was in.

use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;

/// How a document is written.
#[derive(Clone, Copy, Debug)]
enum Form {
    Pretty(&'static str),
    Minified,
    Spaced,
    Flow(Quote),
    Block,
}

fn scalar() -> BoxedStrategy<Json> {
    prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (0..5000_i64).prop_map(Json::from),
        "[a-c0-9:é\u{1b}\"'\\\\ ,#\u{200b}{\\[]{0,6}".prop_map(Json::from),
        prop::sample::select(vec!["no", "2h", "x: y", "\n", "\u{e0041}", "1e3"]).prop_map(Json::from),
    ]
    .boxed()
}

fn value() -> BoxedStrategy<Json> {
    scalar()
        .prop_recursive(3, 24, 4, |inner| {
            let flat = prop::collection::btree_map("[a-d]", scalar(), 1..3);
            let item = prop_oneof![3 => scalar(), 1 => flat.prop_map(|entries| entries.into_iter().collect())];
            prop_oneof![
                prop::collection::vec(item, 0..4).prop_map(Json::from),
                prop::collection::btree_map("[a-d]", inner, 0..4).prop_map(|entries| entries.into_iter().collect()),
            ]
        })
        .boxed()
}

fn document() -> BoxedStrategy<Json> {
    prop::collection::btree_map("[a-d]", value(), 1..4).prop_map(|entries| entries.into_iter().collect()).boxed()
}

fn written(document: &Json, form: Form, crlf: bool) -> String {
    let text = match form {
        Form::Pretty(unit) => {
            let mut out = Vec::new();
            let formatter = serde_json::ser::PrettyFormatter::with_indent(unit.as_bytes());
            let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
            serde::Serialize::serialize(document, &mut serializer).unwrap();
            String::from_utf8(out).unwrap()
        }
        Form::Minified => document.to_string(),
        Form::Spaced => serde_json::to_string_pretty(document).unwrap().replace(['\n', '\r'], " "),
        Form::Flow(quote) => inline(document, quote),
        Form::Block => {
            let entries = document.as_object().unwrap();
            let lines = entries.iter().flat_map(|(key, value)| entry(key, value, 0, 2, 2, Quote::Plain));
            lines.collect::<Vec<_>>().join("\n")
        }
    };
    let text = format!("{text}\n");
    if crlf { text.replace('\n', "\r\n") } else { text }
}

/// A path into the document: an existing key while there is one, then a new one.
fn path_into(document: &Json, choices: &[usize], new: bool) -> Vec<String> {
    let (mut at, mut path) = (document, Vec::new());
    for choice in choices {
        let Some(entries) = at.as_object().filter(|entries| !entries.is_empty()) else { break };
        let (key, value) = entries.iter().nth(choice % entries.len()).unwrap();
        path.push(key.clone());
        at = value;
    }
    if new && at.is_object() {
        path.push("new".to_owned());
    }
    path
}

/// Puts a value at a path.
fn put(at: &mut Json, path: &[String], value: Json) {
    match path {
        [] => *at = value,
        [key, rest @ ..] => put(at.as_object_mut().unwrap().entry(key.clone()).or_insert(Json::Null), rest, value),
    }
}

/// Takes a path away with the objects that only it is in.
fn take(at: &mut Json, path: &[String]) {
    let Some((key, rest)) = path.split_first() else { return };
    let entries = at.as_object_mut().unwrap();
    if let Some(inner) = entries.get_mut(key).filter(|_| !rest.is_empty()) {
        take(inner, rest);
        if inner.as_object().is_some_and(|inner| !inner.is_empty()) {
            return;
        }
    }
    entries.shift_remove(key);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn an_edited_file_is_in_its_language_and_another_parser_reads_what_was_asked(
        document in document(),
        form in prop::sample::select(vec![
            Form::Pretty("  "), Form::Pretty("    "), Form::Pretty("\t"), Form::Minified, Form::Spaced,
            Form::Flow(Quote::Double), Form::Flow(Quote::Plain), Form::Flow(Quote::Single), Form::Block,
        ]),
        choices in prop::collection::vec(0..4_usize, 1..4),
        value in value(),
        what in 0..5_u8,
        crlf in any::<bool>(),
    ) {
        let text = written(&document, form, crlf);
        let path = path_into(&document, &choices, what == 3);
        let mut expected = document;
        let edit = match what {
            0 => {
                take(&mut expected, &path);
                Edit::Remove { path }
            }
            1 if expected.pointer(&format!("/{}", path.join("/"))).is_some_and(|at| at.as_object().is_some_and(|at| !at.is_empty())) => {
                let inner = expected.pointer(&format!("/{}", path.join("/"))).cloned().unwrap();
                put(&mut expected, &path, serde_json::json!({"in": inner}));
                Edit::Nest { path, object: "in".to_owned(), renamed: Vec::new() }
            }
            _ => {
                put(&mut expected, &path, value.clone());
                Edit::Set { path, value }
            }
        };
        let new = match super::edit("s.yaml", &text, std::slice::from_ref(&edit)) {
            Ok(new) => new,
            Err(error) => return Err(TestCaseError::fail(format!("{error}\n{text}\n{edit:?}"))),
        };
        let yaml: Json = serde_yaml::from_str(&new).unwrap();
        prop_assert_eq!(&yaml, &expected, "{}", &new);
        if serde_json::from_str::<Json>(&text).is_ok() {
            let json: Json = serde_json::from_str(&new).map_err(|error| TestCaseError::fail(format!("{error}\n{new}")))?;
            prop_assert_eq!(&json, &expected, "{}", &new);
        }
        let emptied = expected.as_object().is_some_and(serde_json::Map::is_empty);
        prop_assert!(emptied || text.starts_with('{') == new.starts_with('{'), "{}", &new);
        if let Form::Minified = form {
            // Only new text has this escape.
            let unescaped = new.trim_end().replace("\\u200b", "\u{200b}");
            prop_assert_eq!(unescaped, json_in_order(&new).to_string(), "without a blank");
        }
        if let (Form::Pretty(_), Edit::Remove { .. } | Edit::Nest { .. }) = (form, &edit) {
            prop_assert_eq!(&new, &written(&json_in_order(&new), form, crlf), "laid out as the file is");
        }
        prop_assert_eq!(new.contains("\r\n"), crlf);
    }
}

/// Reads JSON, with its keys in the order of the file.
fn json_in_order(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

#[test]
fn json_keeps_its_spacing() {
    let set = |path: &str, value: Json| Edit::Set { path: path.split('.').map(str::to_owned).collect(), value };
    let remove = |path: &str| Edit::Remove { path: path.split('.').map(str::to_owned).collect() };
    let ids = |ids: &[&str]| Json::from(ids);
    for (text, edit, new) in [
        ("{\"a\":[\"x\",\"y\"],\"b\":1}", set("a", ids(&["y", "z"])), "{\"a\":[\"y\",\"z\"],\"b\":1}"),
        ("{\"a\": [\"x\"]}", set("b.c", Json::from("no")), "{\"a\": [\"x\"], \"b\": {\"c\": \"no\"}}"),
        ("{\"b\": 1,\n \"a\": 2\n}", remove("a"), "{\"b\": 1\n}"),
        ("{\n  \"b\": 1,\n  \"a\": 2\n}\n", remove("a"), "{\n  \"b\": 1\n}\n"),
        ("{\n  \"b\": 1,\n  \"a\": 2\n}\n", remove("b"), "{\n  \"a\": 2\n}\n"),
        (
            "{\n\t\"b\": [],\n\t\"a\": 2\n}\n",
            set("b", ids(&["x", "y"])),
            "{\n\t\"b\": [\n\t\t\"x\",\n\t\t\"y\"\n\t],\n\t\"a\": 2\n}\n",
        ),
        ("{\n  \"a\": [\n    \"x\"\n  ]\n}\n", set("a", ids(&[])), "{\n  \"a\": []\n}\n"),
        ("{\n  \"a\": [\n    \"x\"\n  ]\n}\n", set("a", ids(&["z"])), "{\n  \"a\": [\n    \"z\"\n  ]\n}\n"),
        (
            "{\n  \"a\": [\n    \"x\",\n    \"y\"]\n}\n",
            set("a", ids(&["x", "y", "z"])),
            "{\n  \"a\": [\n    \"x\",\n    \"y\", \"z\"]\n}\n",
        ),
        ("{\n  \"a\": [\n    {\n      \"a\": \"#\"\n    }\n  ]\n}\n", set("a", ids(&[])), "{\n  \"a\": []\n}\n"),
        // As PowerShell 5 writes it.
        (
            "{\r\n    \"a\":  {\r\n              \"b\":  1\r\n          }\r\n}",
            set("a.c", Json::from("\u{200b}\u{7f}")),
            "{\r\n    \"a\":  {\r\n              \"b\":  1,\r\n              \"c\":  \"\\u200b\\u007f\"\r\n          }\r\n}",
        ),
    ] {
        assert_eq!(super::edit("s.yaml", text, &[edit]).unwrap(), new, "{text}");
    }
}

#[test]
fn a_long_value_goes_into_an_empty_object_in_brackets() {
    let object = serde_json::json!({"a": null, "b": null});
    let value = serde_json::json!({"a": [object, null, {"a": null}], "b": [null, object, null]});
    for text in ["{\n  \"a\": {}\n}\n", "{a: {}}\n"] {
        let edit = Edit::Set { path: vec!["a".to_owned(), "new".to_owned()], value: value.clone() };
        let new = super::edit("s.yaml", text, &[edit]).unwrap();
        let read: Json = serde_yaml::from_str(&new).unwrap();
        assert_eq!(read, serde_json::json!({"a": {"new": value}}), "{new}");
    }
}
