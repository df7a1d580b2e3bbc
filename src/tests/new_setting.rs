//! What follows from one more entry in the catalogue, as `CONTRIBUTING.md` promises it: everything but the practice
//! tenant's rule and the row of its impact. The entry is made here, in a copy of the catalogue.

use std::path::Path;

use serde_json::{Value, json};

use crate::documents::schema::{self, Schema};
use crate::plan::{self, Comparison};
use crate::report::explained;
use crate::resource::explain::{self, Chosen};
use crate::resource::impact::{Impact, Judgement, meaning, rows};
use crate::resource::kind::flag::Flag;
use crate::resource::replaced::Replaced;
use crate::resource::{CATALOGUE, Resource, Setting};
use crate::rewrite::pull::{self, Pulled};
use crate::settings;
use crate::text::disk::Disk;
use crate::text::problem::Problem;
use crate::text::yaml::Source;
use crate::workspace;

const NAME: &str = "imaginaryRequestEnabled";

const NEW: Setting = Setting {
    pointer: "/imaginaryRequestEnabled",
    kind: &Flag,
    nullable: false,
    generations: &["v2"],
    moved: None,
    about: "Whether access can be requested for imaginary things at all.",
    impact: Judgement::Flag {
        on: meaning(Impact::Loosens, "Access can be requested for imaginary things"),
        off: meaning(Impact::Tightens, "Every request for an imaginary thing is rejected"),
    },
    default: None,
};

/// Puts a copy of the catalogue with the new setting in its place.
fn one_more() -> Replaced {
    let copy = |resource: &'static Resource| -> &'static Resource {
        if resource.name != "accessRequestConfig" {
            return resource;
        }
        let settings: Vec<Setting> = [NEW].iter().chain(resource.settings).copied().collect();
        Box::leak(Box::new(Resource { settings: settings.leak(), ..*resource }))
    };
    let copies: Vec<&'static Resource> = CATALOGUE.into_iter().map(copy).collect();
    Replaced::with(copies.leak())
}

fn resource() -> &'static Resource {
    Resource::named("accessRequestConfig").unwrap()
}

fn read(generation: &str, line: &str) -> (settings::Desired, Vec<Problem>) {
    let text = format!("accessRequestConfig:\n  apiVersion: {generation}\n  {line}\n");
    settings::read(&[Source::new("settings.yaml", text.as_str())])
}

fn planned(value: bool, live: &Value) -> Comparison {
    let (desired, problems) = read("v2", &format!("{NAME}: {value}"));
    assert_eq!(problems, []);
    plan::compare(&desired.resources[0], live).unwrap()
}

#[test]
fn a_settings_file_may_write_it_in_its_generation() {
    let told = |generation: &str, line: &str| -> Vec<&str> {
        read(generation, line).1.into_iter().map(|problem| problem.rule.name()).collect()
    };
    assert_eq!(told("v2", &format!("{NAME}: true")), ["unknown-key"]);
    let _catalogue = one_more();
    assert_eq!(told("v2", &format!("{NAME}: true")), [""; 0]);
    assert_eq!(told("v2", &format!("{NAME}: yes")), ["value-kind"]);
    assert_eq!(told("v2", &format!("{NAME}: null")), ["null-not-allowed"]);
    assert_eq!(told("v1", &format!("{NAME}: true")), ["other-generation"]);
    let misspelt = read("v2", "imaginaryRequestsEnabled: true").1;
    assert_eq!(misspelt[0].help, [format!("did you mean `{NAME}`?")]);
}

#[test]
fn it_is_planned_and_sent_with_its_impact() {
    let _catalogue = one_more();
    let live = json!({NAME: false, "reauthorizationEnabled": true});
    for (value, impact, sentence) in [
        (true, Impact::Loosens, "Access can be requested for imaginary things"),
        (false, Impact::Tightens, "Every request for an imaginary thing is rejected"),
    ] {
        let comparison = planned(value, &json!({NAME: !value, "reauthorizationEnabled": true}));
        let [change] = comparison.changes.as_slice() else { panic!("{comparison:#?}") };
        assert_eq!((change.setting.pointer, change.after.as_ref()), (NEW.pointer, &json!(value)));
        assert_eq!((change.effect.impact, change.effect.sentence.as_str()), (impact, sentence));
        let sent = plan::fold(&live, &comparison.changes);
        assert_eq!(sent, json!({NAME: value, "reauthorizationEnabled": true}));
        assert_eq!(comparison.unknown, [""; 0]);
    }
    assert_eq!(planned(false, &live).changes.len(), 0);
    // What no file manages is known, too.
    let (desired, _) = read("v2", "reauthorizationEnabled: true");
    let comparison = plan::compare(&desired.resources[0], &live).unwrap();
    let unmanaged: Vec<&str> = comparison.unmanaged.iter().map(|(setting, _)| setting.pointer).collect();
    assert_eq!((unmanaged[0], comparison.unknown.len()), (NEW.pointer, 0));
}

#[test]
fn it_is_explained() {
    let _catalogue = one_more();
    let chosen: Chosen = explain::find(Some(NAME)).unwrap();
    let text = explained::full(&explain::explanation(&chosen), 100);
    for part in [
        NAME,
        NEW.about,
        "v2",
        "Access can be requested for imaginary things",
        "Every request for an imaginary thing is rejected",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let all = explained::list(&explain::explanation(&explain::find(None).unwrap()), 100);
    assert!(all.contains(NEW.about), "{all}");
}

#[test]
fn every_schema_takes_it_where_its_reader_does() {
    let takes = |schema: Schema, document: &Value| {
        let schema: Value = serde_json::from_str(&schema::text(schema).unwrap()).unwrap();
        jsonschema::draft7::new(&schema).unwrap().is_valid(document)
    };
    let settings = |generation: &str| json!({"accessRequestConfig": {"apiVersion": generation, NAME: true}});
    let limited = json!({"tenants": {"a": {"url": "https://a.example", "settings": [], "limits": {NAME: false}}}});
    let allowed =
        json!([{"tenant": "a", "setting": NAME, "upTo": true, "reason": "b", "ticket": "c", "until": "2026-12-31"}]);
    let workspace = |document: &Value| {
        let source = Source::new("sailplan.yaml", document.to_string().as_str());
        workspace::read_source(&Disk, &source, Path::new("sailplan.yaml"))
            .is_ok_and(|(_, problems)| problems.is_empty())
    };
    assert!(!takes(Schema::Settings, &settings("v2")));
    assert!(!takes(Schema::Workspace, &limited) && !workspace(&limited));
    assert!(!takes(Schema::Allowances, &allowed));
    let _catalogue = one_more();
    assert!(takes(Schema::Settings, &settings("v2")));
    assert!(!takes(Schema::Settings, &settings("v1")));
    assert!(takes(Schema::Workspace, &limited) && workspace(&limited));
    assert!(takes(Schema::Allowances, &allowed));
}

#[test]
fn it_is_pulled() {
    let _catalogue = one_more();
    let live = json!({NAME: true});
    let key = resource().into();
    let names = std::collections::BTreeMap::new();
    let generation = resource().generation("v2").unwrap();
    let documents = [Pulled { key: &key, generation, live: &live, names: &names }];
    let text = pull::file("prod", None, &documents);
    assert!(text.contains(&format!("  # {}\n  {NAME}: true\n", NEW.about)), "{text}");
    assert_eq!(pull::differences(&text, &documents), [""; 0]);
}

#[test]
fn only_its_impact_has_to_be_written_down_again() {
    let _catalogue = one_more();
    assert_eq!(rows::missing(), ["true", "false"].map(|value| format!("/accessRequestConfig/{NAME} to {value}")));
}
