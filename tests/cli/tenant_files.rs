//! `tenantsFrom`: tenants that have a file each, in every command and in the comparison with a base.

use serde_json::{Value, json};

use crate::control::{BASE, PROD, merged};
use crate::harness::{Run, Site};

const WORKSPACE: &str = "\
tenantsFrom: [tenants/*.yaml]
tenants:
  test:
    url: practice:.sailplan/test.json
    labels: {ring: dev}
    settings: [settings/base.yaml]
guardrails:
  - for: {ring: prod}
    owner: '@acme/iam-policy'
    deny: [loosens]
allowances: [allowances.yaml]
";

const TENANT: &str = "\
url: practice:.sailplan/prod.json
labels: {ring: prod}
settings: [settings/base.yaml, settings/prod.yaml]
guardrails: {maxChanges: 5}
";

fn site() -> Site {
    let site = Site::new().file("settings/base.yaml", BASE).file("settings/prod.yaml", PROD);
    let site = site.file("sailplan.yaml", WORKSPACE).file("allowances.yaml", "[]\n");
    let other =
        TENANT.replace("prod", "alpha").replace("ring: alpha", "ring: prod").replace(", settings/alpha.yaml", "");
    site.file("tenants/prod.yaml", TENANT).file("tenants/alpha.yaml", &other).file(".gitignore", ".sailplan/\n")
}

/// The same with a base to compare with.
fn repository() -> Site {
    let site = site();
    crate::base::git(&site, &["init", "-q", "-b", "main"]);
    merged(&site);
    site
}

fn tenants(run: &Run) -> Vec<String> {
    let list: Value = serde_json::from_str(&run.out).unwrap();
    list["tenants"].as_array().unwrap().iter().map(|tenant| tenant["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_command_knows_the_tenants_that_have_a_file() {
    let site = site();
    let list = site.run(["tenants", "--format", "json"]);
    assert_eq!((list.code, tenants(&list)), (Some(0), vec!["test".to_owned(), "alpha".to_owned(), "prod".to_owned()]));
    let list: Value = serde_json::from_str(&list.out).unwrap();
    assert_eq!(list["tenants"][2]["guardrails"][1]["source"], json!({"file": "tenants/prod.yaml", "line": 4}));
    assert_eq!(site.run(["validate"]).code, Some(0));
    let plan = site.run(["plan", "--label", "ring=prod", "--format", "json"]);
    assert_eq!((plan.code, tenants(&plan)), (Some(0), vec!["alpha".to_owned(), "prod".to_owned()]));
    let apply = site.run(["apply", "--tenant", "alpha", "--yes", "-q"]);
    assert_eq!(apply.code, Some(0), "{}", apply.text());
    // The state of a practice tenant lies where the workspace file is.
    assert!(site.path(".sailplan/alpha.json").exists());
}

#[test]
fn what_is_wrong_in_a_tenant_file_is_shown_with_its_own_line() {
    let site = site();
    site.write("tenants/prod.yaml", &TENANT.replace("maxChanges: 5", "maxChange: 5"));
    site.write("tenants/alpha.yaml", "url: practice:a.json\nsettings: [settings/none.yaml]\n");
    insta::assert_snapshot!(site.run(["validate"]).text());
}

#[test]
fn no_output_overwrites_a_tenant_file() {
    let site = site();
    let run = site.run(["plan", "--html", "tenants/prod.yaml"]);
    assert_eq!(run.code, Some(64), "{}", run.text());
    assert_eq!(site.read("tenants/prod.yaml"), TENANT);
}

/// What a branch did, as the comparison with the base says it: exit code, losses, guardrails that became weaker, what moved.
fn compared(edit: impl FnOnce(&Site)) -> (Option<i32>, Vec<String>, Vec<String>, Vec<String>) {
    let site = repository();
    edit(&site);
    let run = site.run(["validate", "--base", "base", "--format", "json"]);
    let found: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.text()));
    let list = |key: &str| found[key].as_array().cloned().unwrap_or_default();
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let losses =
        list("losses").iter().map(|loss| format!("{}: {}", text(loss, "kind"), text(loss, "message"))).collect();
    let weaker = list("weakened").iter().map(|weaker| text(weaker, "message")).collect();
    let problems = list("problems");
    let moved =
        problems.iter().filter(|problem| problem["rule"] == "control-moved").map(|moved| text(moved, "message"));
    (run.code, losses, weaker, moved.collect())
}

fn remove(site: &Site, file: &str) {
    std::fs::remove_file(site.path(file)).unwrap();
}

#[test]
fn a_tenant_file_that_is_deleted_is_a_loss_of_control() {
    let (code, losses, _, _) = compared(|site| remove(site, "tenants/prod.yaml"));
    assert_eq!(code, Some(3));
    assert_eq!(losses.len(), 1, "{losses:?}");
    assert!(losses[0].starts_with("tenantGone: tenant prod is in no workspace file any more"), "{losses:?}");
    for edit in [
        // It is no longer matched, or another tenant stands at its name.
        (|site: &Site| std::fs::rename(site.path("tenants/prod.yaml"), site.path("tenants/.prod.yaml")).unwrap())
            as fn(&Site),
        |site| site.write("sailplan.yaml", &WORKSPACE.replace("tenants/*.yaml", "tenants/a*.yaml")),
        |site| site.write("sailplan.yaml", &WORKSPACE.replace("tenantsFrom: [tenants/*.yaml]\n", "")),
        |site| site.write("tenants/prod.yaml", &TENANT.replace(".sailplan/prod", ".sailplan/new")),
        |site| site.write("tenants/prod.yaml", &TENANT.replace(", settings/prod.yaml", "")),
    ] {
        let (code, losses, _, _) = compared(edit);
        assert_eq!((code, losses.is_empty()), (Some(3), false), "{losses:?}");
    }
}

#[test]
fn a_guardrail_that_leaves_a_tenant_file_is_told() {
    let (code, losses, weaker, _) = compared(|site| {
        site.write("tenants/prod.yaml", &TENANT.replace("guardrails: {maxChanges: 5}\n", ""));
    });
    assert_eq!((code, losses.as_slice()), (Some(0), &[] as &[String]));
    assert_eq!(weaker.len(), 1, "{weaker:?}");
}

#[test]
fn a_tenant_that_moves_into_a_file_or_gets_another_name_is_the_same() {
    let (code, losses, weaker, moved) = compared(|site| {
        let (start, rest) = WORKSPACE.split_once("tenants:\n  test:").unwrap();
        let (test, end) = rest.split_once("guardrails:").unwrap();
        site.write("sailplan.yaml", &format!("{start}guardrails:{end}"));
        site.write("tenants/test.yaml", &test.replace("\n    ", "\n"));
    });
    assert_eq!((code, losses, weaker, moved), (Some(0), vec![], vec![], vec![]));
    let (code, losses, weaker, moved) = compared(|site| {
        std::fs::rename(site.path("tenants/prod.yaml"), site.path("tenants/production.yaml")).unwrap();
    });
    assert_eq!((code, losses, weaker), (Some(0), vec![], vec![]));
    assert_eq!(moved.len(), 1, "{moved:?}");
}

#[test]
fn a_base_whose_tenant_files_cannot_be_read_refuses() {
    let site = site();
    crate::base::git(&site, &["init", "-q", "-b", "main"]);
    site.write("tenants/alpha.yaml", "url: [\n");
    merged(&site);
    site.write("tenants/alpha.yaml", TENANT);
    remove(&site, "tenants/prod.yaml");
    let run = site.run(["validate", "--base", "base"]);
    assert_eq!(run.code, Some(3), "{}", run.text());
    assert!(run.err.contains("tenants/alpha.yaml"), "{}", run.text());
}

#[test]
fn another_workspace_of_the_base_counts_as_changed_with_its_tenant_files() {
    let site = site();
    crate::base::git(&site, &["init", "-q", "-b", "main"]);
    site.write("other/sailplan.yaml", "tenantsFrom: [tenants/*.yaml]\n");
    site.write("other/tenants/bad.yaml", "url: [\n");
    merged(&site);
    assert_eq!(site.run(["validate", "--base", "base"]).code, Some(0));
    site.write("other/tenants/bad.yaml", "url: practice:x.json\nsettings: []\n");
    assert_eq!(site.run(["validate", "--base", "base"]).code, Some(3));
}
