//! The schemas and the readers take and refuse the same files, whether people or a program wrote them.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::documents::schema::{Schema, text};
use crate::guardrails::allowance;
use crate::guardrails::subject::Subject;
use crate::resource::{self, CATALOGUE};
use crate::settings;
use crate::text::disk::{self, Content, Disk};
use crate::text::problem::{Problem, Severity};
use crate::text::yaml::{self, Node, Source};
use crate::workspace;

/// Rules that refuse what a schema takes, each with the reason why a schema cannot tell.
type ReaderOnly = &'static [(&'static str, &'static str)];

const FORM_OF_NUMBERS: (&str, &str) = ("number-form", "1e3 is the number 1000 in JSON");
const LENGTH_OF_PERIODS: (&str, &str) = ("minutes-range", "how long a period in text is does not show in its form");
const MARKUP: (&str, &str) = ("markup", "a schema would have to list every language of pages and chats");
const ODD_CHARACTER: (&str, &str) = ("odd-character", "a schema would have to list every character");
const PLACEHOLDER: (&str, &str) = ("placeholder", "a schema would have to list every template language");
const NOTHING: (&str, &str) = ("nothing-behind-key", "nothing is null in JSON, and null may be written");

struct Agreement {
    schema: Schema,
    reader_only: ReaderOnly,
    validator: Validator,
    /// The rules that refused what the schema takes.
    needed: BTreeSet<&'static str>,
    disagreements: Vec<String>,
    files: usize,
}

impl Agreement {
    fn new(schema: Schema, reader_only: ReaderOnly) -> Agreement {
        let value: Value = serde_json::from_str(&text(schema).unwrap()).unwrap();
        let validator = jsonschema::draft7::new(&value).unwrap();
        Agreement { schema, reader_only, validator, needed: BTreeSet::new(), disagreements: Vec::new(), files: 0 }
    }

    /// Has both read a file, unless it is not YAML, which no schema is about.
    fn compare(&mut self, source: &Arc<Source>) {
        let Ok(node) = yaml::parse(source) else { return };
        self.files += 1;
        let problems: Vec<Problem> = match self.schema {
            Schema::Settings => settings::read(std::slice::from_ref(source)).1,
            Schema::Workspace => {
                let read = workspace::read_source(&Disk, source, Path::new("sailplan.yaml"));
                read.map_or_else(|wrong| wrong.problems, |(_, problems)| problems)
            }
            _ => allowance::read(std::slice::from_ref(source)).1,
        };
        let broken: BTreeSet<&'static str> = problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
            .map(|problem| problem.rule.name())
            .collect();
        let document = as_json(&node);
        let taken = self.validator.validate(&document);
        let shape: Vec<&&str> =
            broken.iter().filter(|rule| !self.reader_only.iter().any(|(name, _)| name == *rule)).collect();
        match &taken {
            Ok(()) if shape.is_empty() => self.needed.extend(broken),
            Ok(()) => {
                self.disagreements.push(format!("refused by {shape:?}, taken by the schema:\n{}", source.text));
            }
            Err(error) if broken.is_empty() => {
                self.disagreements.push(format!("taken, and the schema says {error}:\n{}", source.text));
            }
            Err(_) => {}
        }
    }

    fn compare_text(&mut self, text: &str) {
        self.compare(&Source::new("file.yaml", text));
    }

    /// They agree, and every rule of `reader_only` was needed.
    fn assert(self) {
        let first: Vec<&String> = self.disagreements.iter().take(30).collect();
        assert!(first.is_empty(), "{} disagreements, such as {first:#?}", self.disagreements.len());
        let excused: BTreeSet<&str> = self.reader_only.iter().map(|(rule, _)| *rule).collect();
        assert_eq!(self.needed, excused);
    }
}

/// What an editor hands to the schema.
fn as_json(node: &Node<'_>) -> Value {
    match &node.value {
        yaml::Value::Null | yaml::Value::Nothing => Value::Null,
        yaml::Value::Bool(value) => Value::Bool(*value),
        yaml::Value::Number(text) => number(text),
        yaml::Value::Text { text, .. } => Value::from(text.as_ref()),
        yaml::Value::List(items) => items.iter().map(as_json).collect(),
        yaml::Value::Map(entries) => Value::Object(
            entries.iter().map(|(key, value)| (key.text.to_string(), as_json(value))).collect::<Map<_, _>>(),
        ),
    }
}

/// A number as the most lenient YAML reader takes it.
fn number(text: &str) -> Value {
    let plain = text.replace('_', "");
    let (sign, digits) = plain.strip_prefix('-').map_or((1, plain.as_str()), |digits| (-1, digits));
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(number) = digits.strip_prefix(prefix).and_then(|digits| i64::from_str_radix(digits, radix).ok()) {
            return Value::from(sign * number);
        }
    }
    match plain.parse::<i64>() {
        Ok(number) => Value::from(number),
        Err(_) => Value::from(plain.parse::<f64>().unwrap()),
    }
}

fn cases(agreement: &mut Agreement, wanted: impl Fn(&str) -> bool) {
    for folder in ["valid", "invalid"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(folder);
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if let (true, Ok(source)) = (name.ends_with(".yaml") && wanted(name), disk::read(&path, Content::Yaml)) {
                agreement.compare(&source);
            }
        }
    }
}

/// How many of [`VALUES`] are enough to tell whether a key is known, and of which kind it is.
const FEW: usize = 12;

/// Values right and wrong for every kind of setting.
static VALUES: &[&str] = &[
    "",
    "null",
    "true",
    "'true'",
    "yes",
    "0",
    "1",
    "-1",
    "20",
    "21",
    "120",
    "'120'",
    "1.5",
    "60.0",
    "1e3",
    "0o10",
    "1_000",
    "2147483647",
    "2147483648",
    "99999999999999999999",
    "''",
    "' '",
    "text",
    "2h",
    "PT2H",
    "P1DT30M",
    "P",
    "PT",
    "P1DT",
    "0h",
    "P0D",
    "1h30m",
    "30m1h",
    "10d",
    "1H",
    "9999999999d",
    "2 hours",
    "2026-12-31",
    "2026-13-31",
    "20261231",
    "[]",
    "[a]",
    "['']",
    "[' a']",
    "[a b]",
    "[1]",
    "[null]",
    "[[]]",
    "[a@b.c]",
    "[a@b.c, '@']",
    "[{id: a}]",
    "[{id: a, name: b}]",
    "[{id: a, name: ''}]",
    "[{id: a, name: null}]",
    "[{id: a, more: b}]",
    "[{name: b}]",
    "[loosens, disrupts]",
    "[maxActivationPeriodMins]",
    "{}",
    "{a: b}",
    "{id: a}",
    "{id: a, type: IDENTITY}",
    "{id: a, type: ROLE}",
    "{id: a, type: null}",
    "{id: a, name: null, email: null}",
    "{id: a, name: ''}",
    "{id: '', name: b}",
    "{value: 1, timeUnit: DAYS}",
    "{value: 0, timeUnit: DAYS}",
    "{value: 1, timeUnit: YEARS}",
    "{value: 1}",
    "sourceOwner",
    "sourceOwner, manager",
    "' sourceOwner ,manager '",
    "'sourceOwner,,manager'",
    "workgroup:1",
    "'workgroup:'",
    "[sourceOwner, 'workgroup:1']",
    "[' sourceOwner']",
    "[{approverType: MANAGER}, {approverType: SOURCE_OWNER, approverId: null}]",
    "[{approverType: MANAGER, approverId: x}]",
    "[{approverType: GOVERNANCE_GROUP}]",
    "[{approverType: WORKFLOW, approverId: x}]",
    "[{approverType: WORKFLOW, approverId: x}, {approverType: MANAGER}]",
    "OFF",
    "APPROVED",
    "inherit",
    "unmanaged",
    "'@every 48h'",
    "'@every 2d'",
    "0 9 * * 1-5",
    "{identityID: x, type: IDENTITY}",
    "{identityID: null, type: MANAGER_OF}",
    "{type: IDENTITY}",
    "{type: manager}",
    "{identityId: x, type: IDENTITY}",
    "[{identityType: MANAGER_OF}, {identityType: IDENTITY, identityId: x}]",
    "[{identityType: GOVERNANCE_GROUP}]",
];

/// `value` inside the keys of a pointer, as YAML.
fn nested(pointer: &str, value: &str) -> String {
    let keys: Vec<&str> = pointer.split('/').skip(1).collect();
    let (last, outer) = keys.split_last().unwrap();
    let mut text = String::new();
    for (depth, key) in outer.iter().enumerate() {
        text.push_str(&format!("{}{key}:\n", "  ".repeat(depth + 1)));
    }
    text.push_str(&format!("{}{last}: {value}\n", "  ".repeat(keys.len())));
    text
}

/// Returns the names that guardrails have for settings, each with values to try: a few for the second name of a setting.
fn names() -> Vec<(String, &'static [&'static str])> {
    let mut seen: Vec<Subject> = Vec::new();
    Subject::names()
        .into_iter()
        .map(|(name, subject)| {
            let again = seen.contains(&subject);
            seen.push(subject);
            (name, if again { &VALUES[..FEW] } else { VALUES })
        })
        .collect()
}

#[test]
fn settings_files() {
    let mut agreement = Agreement::new(
        Schema::Settings,
        &[
            ("above-maximum", "compares two settings"),
            ("api-version-missing", "an earlier layer may name it"),
            ("id-alone", "a schema would have to look for ids in any text"),
            ODD_CHARACTER,
            PLACEHOLDER,
            ("released-and-set", "compares two settings"),
            ("schedule", "takes a reader of schedules"),
            FORM_OF_NUMBERS,
            LENGTH_OF_PERIODS,
            NOTHING,
        ],
    );
    cases(&mut agreement, |name| !name.ends_with(".workspace.yaml"));
    assert!(agreement.files >= 100, "only {} cases were read", agreement.files);
    for resource in CATALOGUE {
        // An instance is written one level deeper.
        let (name, indent) = match resource.instances {
            Some(instances) => (format!("{}:\n  {}", resource.name, instances.example), 2),
            None => (resource.name.to_owned(), 0),
        };
        let deeper =
            |text: &str| text.lines().map(|line| format!("{}{line}\n", " ".repeat(indent))).collect::<String>();
        let objects = resource.objects.iter().map(|(pointer, _)| *pointer);
        let pointers: BTreeSet<&str> = resource.settings.iter().map(|setting| setting.pointer).chain(objects).collect();
        for generation in resource.generations {
            let head = format!("{name}:\n{}", deeper(&format!("  apiVersion: {}\n", generation.name)));
            for pointer in pointers.iter().copied().chain(["/unmanaged", "/apiVersions", "/id"]) {
                // Generations that share an entry of the catalogue take the same values.
                let new = resource.setting_in(generation, pointer).is_some_and(|entry| {
                    let first = resource.generations.iter().find(|generation| entry.exists_in(generation));
                    first.is_some_and(|first| first.name == generation.name)
                });
                let values = if new || pointer == "/unmanaged" { VALUES } else { &VALUES[..FEW] };
                for value in values {
                    agreement.compare_text(&format!("{head}{}", deeper(&nested(pointer, value))));
                }
                let dotted = resource::dotted(pointer);
                for release in [pointer, &dotted, &format!("/{dotted}"), &format!("{pointer}/x"), "x"] {
                    agreement.compare_text(&format!("{head}{}", deeper(&format!("  unmanaged: ['{release}']\n"))));
                }
            }
        }
        for value in VALUES {
            agreement.compare_text(&format!("{name}: {value}\n"));
            agreement.compare_text(&format!("{name}:\n{}", deeper(&format!("  apiVersion: {value}\n"))));
            agreement.compare_text(&format!("{}:\n  {value}: {{}}\n", resource.name));
        }
    }
    agreement.compare_text("jitActivationPolicy: {notificationTemplate: a, unmanaged: [notificationTemplate]}\n");
    for name in [
        "TENANT",
        "ROLE/a.b:c",
        "ROLE/",
        "ROLE/a/b",
        "ROLE/a b",
        "ROLES/a",
        "tenant",
        "APPROVAL_TYPE/X",
        "AGENT_ACTIVATE_APPROVAL",
    ] {
        for value in [
            "inherit",
            "unmanaged",
            "{}",
            "{autoApprove: OFF}",
            "{unmanaged: [autoApprove]}",
            "inherited",
            "{unmanaged: true}",
        ] {
            agreement.compare_text(&format!("approvalsConfig: {{{name}: {value}}}\n"));
        }
    }
    for value in VALUES {
        agreement.compare_text(&format!("{value}\n"));
    }
    agreement.assert();
}

#[test]
fn a_tenant_file_takes_what_stands_below_a_name_in_the_workspace() {
    let schema = |schema: Schema| serde_json::from_str::<Value>(&text(schema).unwrap()).unwrap();
    let (mut file, workspace) = (schema(Schema::TenantFile), schema(Schema::Workspace));
    assert_eq!(file["definitions"], workspace["definitions"]);
    for key in ["$schema", "title", "description", "definitions"] {
        assert!(file.as_object_mut().unwrap().remove(key).is_some(), "{key}");
    }
    assert_eq!(file, workspace["properties"]["tenants"]["additionalProperties"]);
}

#[test]
fn workspace_files() {
    let mut agreement = Agreement::new(
        Schema::Workspace,
        &[
            ("limited-twice", "two keys mean one setting"),
            ("path-outside", "depends on the folder and its links"),
            ("variable-name", "a text may hold several variables"),
            ("tenant-address", "which addresses there are does not show in a pattern"),
            ("id-alone", "a schema would have to look for ids in any text"),
            MARKUP,
            ODD_CHARACTER,
            PLACEHOLDER,
            FORM_OF_NUMBERS,
            LENGTH_OF_PERIODS,
        ],
    );
    cases(&mut agreement, |name| name.ends_with(".workspace.yaml"));
    assert!(agreement.files >= 10, "only {} cases were read", agreement.files);
    let keys = [
        "url: VALUE",
        "settings: VALUE",
        "labels: VALUE",
        "labels: {ring: VALUE}",
        "clientId: VALUE",
        "clientId: VALUE\n    clientSecret: ${A}",
        "clientId: a\n    clientSecret: VALUE",
        "guardrails: VALUE",
        "guardrails: {deny: VALUE}",
        "guardrails: {maxChanges: VALUE}",
        "guardrails: {require: VALUE}",
        "guardrails: {unknown: VALUE}",
        "guardrails: {for: VALUE}",
        "guardrails: {owner: VALUE, reason: VALUE}",
        "guardrails: {keep: VALUE}",
        "guardrails: {keep: {entitlementIds: VALUE}}",
        "guardrails: {keep: {jitActivationPolicy.notificationRecipients: VALUE}}",
        "guardrails: {keep: {maxActivationPeriodMins: VALUE}}",
        "guardrails: {lift: VALUE}",
        "guardrails: {apply: VALUE}",
        "guardrails: {limits: VALUE}",
        "guardrails: {limits: {jitActivationPolicy.maxActivationPeriodMins: VALUE}}",
        "limits: VALUE",
        "limits: {approvalSchemes: VALUE}",
        "limits: {/jitActivationPolicy/maxActivationPeriodMins: 1h, maxActivationPeriodMins: VALUE}",
        "unknown: VALUE",
    ];
    let limits = names().into_iter().map(|(name, values)| (format!("limits: {{{name}: VALUE}}"), values));
    for (key, values) in keys.into_iter().map(|key| (key.to_owned(), VALUES)).chain(limits) {
        for value in values {
            let mut text = format!("tenants:\n  a:\n    {}\n", key.replace("VALUE", value));
            for (needed, line) in [("url:", "    url: https://a.example\n"), ("settings:", "    settings: []\n")] {
                if !key.starts_with(needed) {
                    text.push_str(line);
                }
            }
            agreement.compare_text(&text);
        }
    }
    let sets = ["VALUE", "[VALUE]", "[{for: VALUE}]", "[{for: {ring: VALUE}}]", "[{for: {address: VALUE}}]"];
    let more = ["[{deny: VALUE}]", "[{unknown: VALUE}]", "[{for: {address: 'https://a.example'}}]"];
    for value in VALUES {
        for sets in sets.into_iter().chain(more) {
            let sets = sets.replace("VALUE", value);
            agreement.compare_text(&format!("tenants: {{a: {{url: a, settings: []}}}}\nguardrails: {sets}\n"));
        }
        agreement.compare_text(&format!("{value}\n"));
        agreement.compare_text(&format!("tenants: {value}\n"));
        agreement.compare_text(&format!("tenants:\n  a: {value}\n"));
        agreement.compare_text(&format!("tenants: {{a: {{url: a, settings: []}}}}\nallowances: {value}\n"));
    }
    for pattern in ["'[A-Z]+-[0-9]+'", "'[A-Z'", "''", "7", "[A]", "null"] {
        agreement.compare_text(&format!("tenants: {{a: {{url: a, settings: []}}}}\nticketPattern: {pattern}\n"));
    }
    // Whether files are there does not show in a schema; those here are.
    for from in ["src/*/mod.rs", "src/", "[]", "[src/]", "['s*/mod.rs']", "['']", "[null]", "[1]", "src/lib.rs"] {
        agreement.compare_text(&format!("tenants: {{a: {{url: a, settings: []}}}}\ntenantsFrom: {from}\n"));
        agreement.compare_text(&format!("tenantsFrom: {from}\n"));
    }
    for look_ups in ["[]", "[names, holders, changes, persons]", "[names, names]", "names", "[name]", "[1]", "null"] {
        agreement.compare_text(&format!("tenants: {{a: {{url: a, settings: []}}}}\nlookUps: {look_ups}\n"));
    }
    for name in ["a", "A.b_c-1", "''", "'a b'", "ä", "1"] {
        agreement.compare_text(&format!("tenants: {{{name}: {{url: a, settings: []}}}}\n"));
    }
    agreement.assert();
}

#[test]
fn files_of_allowances() {
    let mut agreement = Agreement::new(
        Schema::Allowances,
        &[("day", "takes a calendar"), MARKUP, FORM_OF_NUMBERS, LENGTH_OF_PERIODS, NOTHING],
    );
    let right = json!({
        "tenant": "a", "setting": "maxActivationPeriodMins", "upTo": "1h", "reason": "b", "ticket": "c",
        "until": "'2026-12-31'",
    });
    let right = right.as_object().unwrap();
    let write = |changed: &str, setting: &str, value: &str| -> String {
        let lines = right.iter().map(|(key, usual)| match key.as_str() {
            "setting" if changed != "setting" => format!("  setting: {setting}\n"),
            key if key == changed => format!("  {key}: {value}\n"),
            key => format!("  {key}: {}\n", usual.as_str().unwrap()),
        });
        format!("-\n{}", lines.collect::<String>())
    };
    agreement.compare_text(&write("", "maxActivationPeriodMins", ""));
    let release = |entry: &str| format!("- {{tenant: a, {entry}, reason: b, ticket: c, until: 2026-12-31}}\n");
    for value in VALUES.iter().chain(&["all", "[jitActivationPolicy.entitlementIds]"]) {
        agreement.compare_text(&release(&format!("release: {value}")));
    }
    agreement.compare_text(&release("release: all, setting: entitlementIds"));
    agreement.compare_text(&release("release: all, setting: entitlementIds, upTo: 1"));
    agreement.compare_text(&release("release: all, upTo: 1"));
    for value in VALUES {
        for key in right.keys() {
            agreement.compare_text(&write(key, "maxActivationPeriodMins", value));
            agreement.compare_text(&format!("[{{{key}: {value}}}]\n"));
        }
        agreement.compare_text(&format!("{value}\n"));
        agreement.compare_text(&format!("{}  unknown: {value}\n", write("", "maxActivationPeriodMins", "")));
    }
    for (setting, values) in names() {
        for value in values {
            agreement.compare_text(&write("upTo", &setting, value));
        }
    }
    agreement.assert();
}

#[test]
fn every_property_is_described() {
    fn walk(value: &Value, path: &str, silent: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                for (key, inner) in object {
                    // What a condition looks at is described where it is allowed.
                    if ["if", "contains"].contains(&key.as_str()) {
                        continue;
                    }
                    let place = format!("{path}/{key}");
                    if let (true, Some(properties)) = (key == "properties", inner.as_object()) {
                        let unsaid =
                            |one: &Value| one.get("description").and_then(Value::as_str).is_none_or(str::is_empty);
                        silent.extend(
                            properties.iter().filter(|(_, one)| unsaid(one)).map(|(name, _)| format!("{place}/{name}")),
                        );
                    }
                    walk(inner, &place, silent);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, path, silent)),
            _ => {}
        }
    }
    for schema in [Schema::Settings, Schema::Workspace, Schema::TenantFile, Schema::Allowances] {
        let value: Value = serde_json::from_str(&text(schema).unwrap()).unwrap();
        let mut silent = Vec::new();
        walk(&value, "", &mut silent);
        assert_eq!(silent, [""; 0], "{}", schema.file());
    }
}
