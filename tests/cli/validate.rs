//! `sailplan validate` and the files and formats that no folder of examples can hold.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::Site;

const MISTAKES: &str =
    "jitActivationPolicy:\n  maxActivationPeriodMins: 2 hours\n  entitlementIds: [domain-admins]\n  id: x\n";

fn repository() -> Site {
    let site = Site::new().file("iam/settings/a b.yaml", MISTAKES).file("iam/good.yaml", "{}\n");
    let made = Command::new("git").arg("-C").arg(site.path("")).args(["init", "-q"]).status().unwrap();
    assert!(made.success());
    site
}

fn validated(format: &str) -> String {
    let run = repository().run([
        "-C",
        "iam",
        "validate",
        "settings/a b.yaml",
        "good.yaml",
        "missing.yaml",
        "--format",
        format,
    ]);
    assert_eq!(run.code, Some(1));
    run.out
}

#[test]
fn every_format_says_the_same() {
    insta::assert_snapshot!("validate_github", validated("github"));
    insta::assert_snapshot!("validate_junit", validated("junit"));
    insta::assert_snapshot!("validate_sarif", validated("sarif"));
    insta::assert_snapshot!("validate_json", validated("json"));
}

#[test]
fn text_of_a_file_is_no_link_in_sarif() {
    let site = Site::new().file(
        "s.yaml",
        "jitActivationPolicy:\n  '[log in](https://evil.example/x)': 1\n  notificationRecipients: ['![x](javascript:y)']\n",
    );
    let run = site.run(["validate", "s.yaml", "--format", "sarif"]);
    let sarif: Value = serde_json::from_str(&run.out).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let texts: Vec<&str> = results.iter().map(|result| result["message"]["text"].as_str().unwrap()).collect();
    let told = texts.concat();
    assert!(told.contains("[log in] (https://evil.example/x)") && told.contains("![x] (javascript:y)"), "{told}");
    assert!(!told.contains("]("), "{told}");
}

#[test]
fn sarif_and_json_keep_to_their_schemas() {
    let mut schema: Value = serde_json::from_str(include_str!("../sarif-2.1.0.schema.json")).unwrap();
    // As published it has an unbalanced bracket in a pattern, which no validator compiles.
    for part in ["run", "toolComponent"] {
        let language = schema["definitions"][part]["properties"]["language"].as_object_mut().unwrap();
        assert!(language.remove("pattern").is_some());
    }
    let mut sarif: Value = serde_json::from_str(&validated("sarif")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&sarif).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, [""; 0]);
    sarif["runs"][0]["results"][0]["level"] = "fatal".into();
    assert!(!validator.is_valid(&sarif), "the schema is looked at");
    let schema: Value = serde_json::from_str(include_str!("../../schemas/validation.schema.json")).unwrap();
    let json: Value = serde_json::from_str(&validated("json")).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&json));
}

#[test]
fn strict_turns_warnings_into_failures_and_leaves_notes_alone() {
    let site = Site::new()
        .file("warned.yaml", "jitActivationPolicy:\n  entitlementIds: [domain-admins]\n")
        .file("noted.yaml", "jitActivationPolicy:\n  id: x\n");
    let mut text = String::new();
    for args in [
        ["validate", "warned.yaml", "-q"],
        ["validate", "warned.yaml", "--strict"],
        ["validate", "noted.yaml", "--strict"],
    ] {
        text.push_str(&format!("== {}\n{}", args.join(" "), site.run(args).text()));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn files_that_are_none_end_in_a_message() {
    let site = Site::new().file("folder/x.yaml", "{}\n");
    // A hole, so that nothing has to be written.
    std::fs::File::create(site.path("huge.yaml")).unwrap().set_len(100 * 1024 * 1024).unwrap();
    assert!(Command::new("mkfifo").arg(site.path("fifo.yaml")).status().unwrap().success());
    std::os::unix::fs::symlink("loop.yaml", site.path("loop.yaml")).unwrap();
    let aliases: String = (1..60).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1)).collect();
    site.write("bomb.yaml", &format!("a0: &a0 x\n{aliases}"));
    let ids: String = (0..50_000).map(|n| format!("  - {n:032x}\n")).collect();
    site.write(
        "long.yaml",
        &format!("jitActivationPolicy:\n  entitlementIds:\n{}", ids.replace("  - ", "  - \"").replace('\n', "\"\n")),
    );
    let mut text = String::new();
    for file in ["folder", "missing.yaml", "folder/x.yaml/y.yaml", "huge.yaml", "fifo.yaml", "loop.yaml", "long.yaml"] {
        let started = Instant::now();
        text.push_str(&format!("== {file}\n{}", site.run(["validate", file]).text()));
        assert!(started.elapsed() < Duration::from_secs(600), "{file}");
    }
    insta::assert_snapshot!(text);
    let bomb = site.run(["validate", "bomb.yaml"]);
    assert_eq!((bomb.code, bomb.err.matches("error[").count()), (Some(1), 100), "{}", bomb.err);
}

#[test]
fn annotations_are_commands_in_a_ci_log_too() {
    let site = || Site::new().file("a.yaml", "jitActivationPolicy: {maxActivationPeriodMin: 2h}\n");
    let run = |site: &Site| site.run(["validate", "--format", "github", "a.yaml"]).out;
    let annotated = run(&site().variable("CI", "true").variable("GITHUB_ACTIONS", "true"));
    assert_eq!(annotated, run(&site()));
    assert_eq!(annotated.split_once(' ').map(|(command, _)| command), Some("::error"));
}

/// Settings of which one has no effect while the other is on.
const WITHOUT_EFFECT: &str = "\
accessRequestConfig:
  apiVersion: v2
  requestOnBehalfOfConfig: {allowRequestOnBehalfOfAnyoneByAnyone: true, allowRequestOnBehalfOfEmployeeByManager: true}
";

#[test]
fn a_setting_without_effect_is_told_with_its_tenants() {
    let tenant = |name: &str, files: &str| format!("  {name}: {{url: 'practice:{name}.json', settings: [{files}]}}\n");
    let site = Site::new()
        .file("base.yaml", WITHOUT_EFFECT)
        .file(
            "strict.yaml",
            "accessRequestConfig: {requestOnBehalfOfConfig: {allowRequestOnBehalfOfAnyoneByAnyone: false}}\n",
        )
        .file(
            "sailplan.yaml",
            &format!(
                "tenants:\n{}{}{}",
                tenant("dev", "base.yaml"),
                tenant("prod", "base.yaml, strict.yaml"),
                tenant("test", "base.yaml")
            ),
        );
    let text = site.run(["validate"]).text();
    assert_eq!(text.matches("warning[no-effect]").count(), 1, "{text}");
    assert!(
        text.contains("warning[no-effect]: tenants dev, test: accessRequestConfig.requestOnBehalfOfConfig."),
        "{text}"
    );
}

#[test]
fn a_setting_without_effect_in_a_file_of_each_tenant_is_told_once() {
    let mut site = Site::new();
    let mut workspace = "tenants:\n".to_owned();
    for number in 1..=5 {
        site = site.file(&format!("t{number}.yaml"), WITHOUT_EFFECT);
        workspace += &format!("  t{number}: {{url: 'practice:t{number}.json', settings: [t{number}.yaml]}}\n");
    }
    let text = site.file("sailplan.yaml", &workspace).run(["validate"]).text();
    let told = "\
warning[no-effect]: accessRequestConfig.requestOnBehalfOfConfig.
                    allowRequestOnBehalfOfEmployeeByManager has no effect: while anyone may request
                    for anyone, managers may as well (line 3)
 --> t1.yaml:3:114
";
    assert_eq!(text.matches("warning[no-effect]").count(), 1, "{text}");
    assert!(text.contains(told), "{text}");
    let others = "the same in 4 other places: t2.yaml:3:114, t3.yaml:3:114, t4.yaml:3:114,";
    assert!(text.contains(others), "{text}");
}

#[test]
fn a_file_that_a_tenant_lists_twice_is_one_file_of_it() {
    let workspace = "\
tenants:
  dev: {url: 'practice:dev.json', settings: [base.yaml, base.yaml]}
  prod: {url: 'practice:prod.json', settings: [base.yaml]}
";
    let text = Site::new().file("base.yaml", WITHOUT_EFFECT).file("sailplan.yaml", workspace).run(["validate"]).text();
    assert!(text.contains("warning[no-effect]: accessRequestConfig.requestOnBehalfOfConfig."), "{text}");
}

#[test]
fn addresses_that_get_no_credentials_are_told_offline() {
    let site = Site::new().file("settings.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 1h}\n");
    let told = |url: &str| {
        let tenant = format!("{{url: '{url}', settings: [settings.yaml], guardrails: {{deny: [loosens]}}}}");
        site.write("sailplan.yaml", &format!("tenants: {{prod: {tenant}}}\n"));
        let run = site.run(["validate"]);
        // A long message is broken between words.
        let text = run.text().split_whitespace().collect::<Vec<_>>().join(" ");
        (run.code, text.find("error[").and_then(|start| text.get(start..)).map(str::to_owned))
    };
    for url in ["https://acme.api.identitynow.com", "http://127.0.0.1:8080", "practice:t.json", "${NOT_SET}"] {
        assert_eq!(told(url), (Some(0), None), "{url}");
    }
    let host = "error[host-not-allowed]: tenant prod: evil.example is not a host of SailPoint, so no credentials are sent to it";
    let (code, text) = told("https://evil.example");
    assert_eq!((code, text.as_ref().is_some_and(|text| text.starts_with(host))), (Some(1), true), "{text:?}");
    // A plan says it of the tenant, and the file is valid for the others.
    site.write(
        "sailplan.yaml",
        "tenants: {prod: {url: 'https://evil.example', settings: [settings.yaml], guardrails: {deny: []}}}\n",
    );
    assert!(!site.run(["plan"]).text().contains("host-not-allowed"));
}

#[test]
fn the_file_of_a_practice_tenant_that_cannot_be_used_is_told_before_a_plan() {
    for (file, what) in [
        ("../x.json", "the practice tenant's file ../x.json leads out of the workspace's folder"),
        ("/tmp/x.json", "the practice tenant's file /tmp/x.json leads out of the workspace's folder"),
        (".git/x.json", "the practice tenant's file .git/x.json is one of git's own"),
        ("", "there is no file after `practice:`"),
    ] {
        let workspace = format!("tenants:\n  a: {{url: 'practice:{file}', settings: [s.yaml]}}\n");
        let site = Site::new().file("sailplan.yaml", &workspace).file("s.yaml", "{}\n");
        let run = site.run_wide(["validate"]);
        assert_eq!(run.code, Some(1), "{file}: {}", run.text());
        assert!(run.text().contains(&format!("error[tenant-address]: tenant a: {what}")), "{file}: {}", run.text());
    }
}
