//! What the author of a branch, or somebody in the tenant, tries: each try as it was found.

use std::os::unix::fs::symlink;

use crate::harness::Site;

/// Lines of a log that a CI system would run.
fn commands(text: &str) -> Vec<&str> {
    let is_command = |line: &&str| line.trim().starts_with("::") || line.contains("##vso[") || line.contains("##[");
    text.lines().filter(is_command).collect()
}

#[test]
fn text_of_a_file_is_no_command_in_a_log_of_any_width() {
    let settings = "\
jitActivationPolicy:
  entitlementIds: ['xx ::stop-commands::p', 'XX ::stop-commands::p', '##vso[task.setvariable variable=x]y', '##[error]x']
  notificationTemplate: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ::error::x'
  'unknown aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ::error::x': 1
";
    let known: String =
        settings.lines().filter(|line| !line.contains("unknown")).map(|line| format!("{line}\n")).collect();
    let site = Site::new().tenant().file("bad.yaml", settings).file("good.yaml", &known);
    for width in ["40", "47", "55", "61", "70", "77", "90", "100", "120", "200"] {
        let mut log = String::new();
        for args in [["validate", "bad.yaml"], ["validate", "good.yaml"], ["plan", "good.yaml"], ["plan", "bad.yaml"]] {
            for color in ["always", "never"] {
                let mut command = site.command();
                command.args(args).args(["--color", color]).env("GITHUB_ACTIONS", "true").env("COLUMNS", width);
                let output = command.output().unwrap();
                log.push_str(&String::from_utf8(output.stdout).unwrap());
                log.push_str(&String::from_utf8(output.stderr).unwrap());
            }
        }
        assert!(log.contains("stop-commands"), "{log}");
        assert_eq!(commands(&log), [""; 0], "{width}");
    }
}

#[test]
fn what_pull_prints_in_ci_is_yaml_and_no_command() {
    let ids = ["##vso[task.setvariable variable=x]y", "##[error]x", "::error::x", "section_start:1:x", "a: ##[x]"];
    let live = serde_json::json!({
        "jitActivationPolicy": {"id": "1", "entitlementIds": ids, "notificationTemplate": "##[group]x"},
        "accessRequestConfig": {"reauthorizationEnabled": false, "##[warning]new": "::error::x"},
    });
    let site = Site::new().state(&live).tenant();
    let output = site.command().args(["pull"]).envs([("CI", "true"), ("TF_BUILD", "True")]).output().unwrap();
    let run = site.read_output(output);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(commands(&run.text()), [""; 0], "{}", run.text());
    site.write("pulled.yaml", &run.out);
    let plan = site.run(["plan", "pulled.yaml", "--detailed-exitcode"]);
    assert_eq!(plan.code, Some(0), "{}\n{}", run.out, plan.text());
    assert!(plan.out.contains("No changes"), "{}", plan.text());
}

#[test]
fn a_recipient_that_looks_the_same_is_another_and_equal_ones_keep_their_spelling() {
    let live = serde_json::json!({
        "jitActivationPolicy": {"id": "1", "notificationRecipients": ["kim@example.com", "Ann@example.com"]},
        "accessRequestConfig": {},
    });
    let settings =
        "jitActivationPolicy:\n  notificationRecipients: [\u{212a}im@example.com, ann@EXAMPLE.com, new@example.com]\n";
    let site = Site::new().state(&live).tenant().file("s.yaml", settings);
    let plan = site.run(["plan", "s.yaml"]);
    assert!(plan.out.contains("- kim@example.com") && plan.out.contains("loosens"), "{}", plan.out);
    assert_eq!(site.run(["apply", "s.yaml", "--yes"]).code, Some(0));
    let recipients = serde_json::json!(["Ann@example.com", "new@example.com", "\u{212a}im@example.com"]);
    assert_eq!(site.live()["jitActivationPolicy"]["notificationRecipients"], recipients);
}

#[test]
fn very_long_lists_of_mistakes_take_no_longer_than_reading_them() {
    let steps = "manager, ".repeat(80_000);
    let wrong = "manage, ".repeat(5_000);
    let pairs: String = (0..10_000).map(|id| format!("    - a{id:031x}\n    - A{id:031x}\n")).collect();
    let keys: String = (0..20_000).map(|key| format!("  key{key}: 1\n")).collect();
    let required: String = (0..5_000).map(|number| format!("nothing{number}, ")).collect();
    for (name, text) in [
        (
            "steps",
            format!(
                "accessRequestConfig:\n  apiVersion: beta\n  entitlementRequestConfig:\n    grantRequestApprovalSchemes: \"{steps}manager\"\n"
            ),
        ),
        (
            "wrong",
            format!(
                "accessRequestConfig:\n  apiVersion: beta\n  entitlementRequestConfig:\n    grantRequestApprovalSchemes: \"{wrong}manager\"\n"
            ),
        ),
        ("keys", format!("jitActivationPolicy:\n{keys}")),
        ("pairs", format!("jitActivationPolicy:\n  entitlementIds:\n{pairs}")),
    ] {
        let site = Site::new().file("s.yaml", &text);
        let started = std::time::Instant::now();
        let run = site.run(["validate", "s.yaml"]);
        assert_eq!(run.code, Some(if ["steps", "pairs"].contains(&name) { 0 } else { 1 }), "{name}: {}", run.err);
        assert!(started.elapsed().as_secs() < 60, "{name} took {:?}", started.elapsed());
    }
    let workspace = format!(
        "tenants:\n  prod:\n    url: practice:t.json\n    settings: [s.yaml]\n    guardrails: {{require: [{required}nothing]}}\n"
    );
    let site = Site::new().file("sailplan.yaml", &workspace).file("s.yaml", "jitActivationPolicy: {}\n");
    let started = std::time::Instant::now();
    assert_eq!(site.run(["validate"]).code, Some(1));
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn many_entries_layers_guardrails_and_documents_take_no_longer_than_reading_them() {
    let tenant = |name: &str, settings: &str| {
        format!("  {name}: {{url: 'practice:t.json', labels: {{ring: r}}, settings: [{settings}]}}\n")
    };
    let many = |number: usize, entry: &dyn Fn(usize) -> String| (0..number).map(entry).collect::<String>();
    let one = tenant("prod", "s.yaml");
    let no_ring = |number: usize| format!("{{for: {{ring: r{number}}}, deny: [loosens]}}");
    let documents = many(20_000, &|number| format!("  ENTITLEMENT/{number:032x}: {{autoApprove: OFF}}\n"));
    for (name, workspace, settings, code) in [
        ("entries", many(5_000, &|number| tenant(&format!("t{number}"), "s.yaml")), "", 1),
        ("layers", tenant("prod", &"s.yaml, ".repeat(5_000)), "", 0),
        (
            "guardrails",
            format!("{one}guardrails:\n{}", many(2_000, &|number| format!("  - {}\n", no_ring(number)))),
            "",
            0,
        ),
        ("on one line", format!("{one}guardrails: [{}]\n", many(2_000, &|number| no_ring(number) + ", ")), "", 0),
        (
            "guardrails of many",
            format!(
                "{}guardrails:\n{}",
                many(600, &|number| tenant(&format!("t{number}"), "s.yaml")
                    .replace("t.json", &format!("t{number}.json"))),
                many(600, &|number| format!("  - {}\n", no_ring(number)))
            ),
            "",
            0,
        ),
        ("documents", tenant("prod", "s.yaml, s.yaml"), documents.as_str(), 0),
    ] {
        let settings = match settings {
            "" => "jitActivationPolicy: {maxActivationPeriodMins: 2h}\n".to_owned(),
            documents => format!("approvalsConfig:\n{documents}"),
        };
        let site = Site::new().file("s.yaml", &settings).file("sailplan.yaml", &format!("tenants:\n{workspace}"));
        let started = std::time::Instant::now();
        let run = site.run(["validate"]);
        let shown = run.err.get(..run.err.len().min(600));
        assert_eq!(run.code, Some(code), "{name}: {shown:?}");
        assert!(started.elapsed().as_secs() < 60, "{name} took {:?}", started.elapsed());
    }
}

#[test]
fn a_workspace_file_that_is_a_link_out_of_the_repository_is_not_read() {
    let site = Site::new().file("outside/secret.yaml", "first: s3cret-line\n").file("repository/.git/HEAD", "ref: x\n");
    symlink(site.path("outside/secret.yaml"), site.path("repository/sailplan.yaml")).unwrap();
    for args in [["-C", "repository", "validate"], ["-f", "repository/sailplan.yaml", "validate"]] {
        let run = site.run(args);
        assert_eq!(run.code, Some(1), "{}", run.text());
        assert!(run.err.contains("is a link that leads out of the repository"), "{}", run.text());
        assert!(!run.text().contains("s3cret-line"), "{}", run.text());
    }
}

#[test]
fn a_settings_file_that_is_a_link_out_of_the_repository_is_not_read() {
    let site = Site::new().file("outside/secret.yaml", "first: s3cret-line\n").file("repository/.git/HEAD", "ref: x\n");
    symlink(site.path("outside/secret.yaml"), site.path("repository/s.yaml")).unwrap();
    symlink(site.path("outside"), site.path("repository/folder")).unwrap();
    for file in ["s.yaml", "folder/secret.yaml"] {
        for args in [&["validate"][..], &["plan"], &["migrate", "--to", "v2", "--offline"]] {
            let run =
                site.read_output(site.command().args(["-C", "repository"]).args(args).arg(file).output().unwrap());
            assert_eq!(run.code, Some(1), "{args:?}: {}", run.text());
            assert!(
                run.err.contains("is a symbolic link that leads out of the repository"),
                "{args:?}: {}",
                run.text()
            );
            assert!(!run.text().contains("s3cret-line"), "{}", run.text());
        }
    }
}

#[test]
fn a_workspace_above_the_repository_is_not_used() {
    let workspace = "tenants: {t: {url: 'practice:t.json', settings: []}}\n";
    let site =
        Site::new().file("sailplan.yaml", workspace).file("repository/.git/HEAD", "ref: x\n").file("plain/x", "");
    let run = site.run(["-C", "repository", "plan"]);
    assert_eq!(run.code, Some(64), "{}", run.text());
    assert!(run.err.contains("there is no sailplan.yaml here or above"), "{}", run.text());
    assert_eq!(site.run(["-C", "plain", "plan"]).code, Some(0));
}

/// Gives a file or folder to another user; `false` if this user may not.
fn give_away(site: &Site, name: &str) -> bool {
    match std::os::unix::fs::chown(site.path(name), Some(65_534), Some(65_534)) {
        Ok(()) => true,
        // Only root may.
        Err(error) => {
            assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied, "{error}");
            false
        }
    }
}

#[test]
fn a_workspace_in_a_folder_of_another_user_is_not_used() {
    let workspace = "tenants: {t: {url: 'practice:t.json', settings: []}}\n";
    let site = Site::new().file("shared/sailplan.yaml", workspace).file("shared/deep/mine/x", "");
    assert_eq!(site.run(["-C", "shared/deep/mine", "plan"]).code, Some(0));
    // The folder above, one between, and the file alone.
    for given in ["shared", "shared/deep"] {
        if !give_away(&site, given) {
            return;
        }
        let run = site.run(["-C", "shared/deep/mine", "plan"]);
        assert_eq!(run.code, Some(64), "{given}: {}", run.text());
        assert!(run.err.contains("there is no sailplan.yaml here or above"), "{}", run.text());
        std::os::unix::fs::chown(site.path(given), Some(0), Some(0)).unwrap();
        assert_eq!(site.run(["-C", "shared/deep/mine", "plan"]).code, Some(0));
    }
    // Who names it, means it.
    assert!(give_away(&site, "shared"));
    assert_eq!(site.run(["-f", "shared/sailplan.yaml", "plan"]).code, Some(0));
}

#[test]
fn a_folder_for_locks_of_another_user_is_not_used() {
    let site = Site::new().tenant().workspace("jitActivationPolicy: {maxActivationPeriodMins: 4h}\n");
    // Only root can give it away, so this user is the one with the id 0.
    let folder = site.path("tmp/sailplan-0");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let tmp = site.path("tmp").display().to_string();
    let site = site.variable("TMPDIR", &tmp);
    if !give_away(&site, "tmp/sailplan-0") {
        return;
    }
    let run = site.run(["apply", "--yes", "-q"]);
    assert_eq!((run.code, site.writes().len()), (Some(3), 0), "{}", run.text());
    assert!(run.err.contains("cannot be used"), "{}", run.text());
}

#[test]
fn no_output_and_no_lock_follows_a_link_out_of_the_repository() {
    let site = Site::new().tenant().file("repository/s.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 4h}\n");
    site.write("repository/.git/HEAD", "ref: x\n");
    site.write("outside.json", "");
    symlink(site.path("outside.json"), site.path("repository/plan.json")).unwrap();
    symlink(site.path(""), site.path("repository/out")).unwrap();
    for out in ["plan.json", "out/new.json"] {
        let run = site.run(["-C", "repository", "plan", "s.yaml", "--out", out]);
        assert_eq!(run.code, Some(64), "{}", run.text());
        assert!(run.err.contains("a symbolic link leads out of the repository"), "{}", run.text());
    }
    for args in [
        &["pull", "--out", "out/new.json"][..],
        &["apply", "s.yaml", "--yes", "--receipt", "out/new.json"],
        &["init", "out/new.json"],
        &["man", "--dir", "out/new.json"],
    ] {
        let run = site.read_output(site.command().args(["-C", "repository"]).args(args).output().unwrap());
        assert!(matches!(run.code, Some(1 | 3 | 64)), "{args:?}: {}", run.text());
        assert!(run.err.contains("a symbolic link leads out of the repository"), "{args:?}: {}", run.text());
        assert!(!site.path("new.json").exists(), "{args:?}");
    }
    assert_eq!(site.writes(), [""; 0]);
    assert_eq!((site.read("outside.json").as_str(), site.path("new.json").exists()), ("", false));
    site.write("repository/sailplan.yaml", "tenants: {t: {url: 'practice:t.json', settings: [s.yaml]}}\n");
    symlink(site.path("made"), site.path("repository/t.json.lock")).unwrap();
    let run = site.run(["-C", "repository", "plan"]);
    assert_eq!((run.code, site.path("made").exists()), (Some(1), false), "{}", run.text());
}

#[test]
fn credentials_of_a_workspace_go_to_this_machine_only_where_it_is_named() {
    let workspace = "\
tenants:
  prod:
    url: ${ADDRESS}
    clientId: ${ACME_CLIENT_ID}
    clientSecret: ${ACME_CLIENT_SECRET}
    settings: [s.yaml]
";
    let site = Site::new().tenant().file("sailplan.yaml", workspace);
    site.write("s.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 4h}\n");
    let address = site.url().to_owned();
    let site = site
        .variable("ADDRESS", &address)
        .variable("ACME_CLIENT_ID", "an-id")
        .variable("ACME_CLIENT_SECRET", "a-secret-1");
    let refused = site.run(["plan"]);
    assert_eq!((refused.code, site.calls().len()), (Some(1), 0), "{}", refused.text());
    assert!(!refused.text().contains("[TENANT]") && refused.text().contains("ADDRESS"), "{}", refused.text());
    site.write("sailplan.yaml", &workspace.replace("${ADDRESS}", &address));
    let refused = site.run(["plan"]);
    assert_eq!((refused.code, site.calls().len()), (Some(1), 0), "{}", refused.text());
    let named = site.variable("SAILPLAN_ALLOWED_HOSTS", "127.0.0.1:*");
    assert_eq!(named.run(["plan"]).code, Some(0));
}

#[test]
fn a_command_line_with_names_of_files_is_no_command_in_a_log() {
    let site = Site::new();
    for hostile in [
        "\n::stop-commands::p",
        "##vso[task.setvariable variable=x]y",
        "section_start:1:x\r\u{1b}[0K",
        "\u{1b}[2J\u{202e}",
    ] {
        for args in [
            ["validate", &format!("--{hostile}")],
            ["validate", &format!("-C{hostile}")],
            ["plan", &format!("--allow={hostile}")],
        ] {
            let mut command = site.command();
            command.args(args).args(["--color", "always"]).env("GITHUB_ACTIONS", "true");
            let run = site.read_output(command.output().unwrap());
            assert_eq!(run.code, Some(64), "{args:?}: {}", run.text());
            assert_eq!(commands(&run.text()), [""; 0], "{}", run.text());
            let acts = |c: char| c.is_control() && !matches!(c, '\n' | '\u{1b}') || c == '\u{202e}';
            assert!(!run.err.contains(acts) && !run.err.contains("section_start:1"), "{:?}", run.err);
            assert!(!run.err.contains("\u{1b}[2J") && !run.err.contains("\u{1b}[0K"), "{:?}", run.err);
        }
    }
}

#[test]
fn an_argument_that_is_not_unicode_is_told_and_no_panic() {
    use std::os::unix::ffi::OsStrExt as _;
    let site = Site::new();
    let name = std::ffi::OsStr::from_bytes(b"a\xff.yaml");
    let run = site.read_output(site.command().arg("validate").arg(name).output().unwrap());
    assert_eq!(run.code, Some(1), "{}", run.text());
    assert!(run.err.contains("there is no file"), "{}", run.text());
    let run = site.read_output(site.command().arg(name).output().unwrap());
    assert_eq!(run.code, Some(64), "{}", run.text());
}

#[test]
fn a_second_name_of_an_address_doubles_no_bound_and_sheds_no_guardrail() {
    let site =
        Site::new().tenant().file("b.yaml", "accessRequestConfig: {apiVersion: beta, autoApprovalEnabled: false}\n");
    site.write("a.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 4h}\n");
    let entry = |name: &str, url: &str, more: &str| {
        format!(
            "  {name}: {{url: '{url}', clientId: '${{A}}', clientSecret: '${{B}}', settings: [{name}.yaml]{more}}}\n"
        )
    };
    let guarded = ", guardrails: {maxChanges: 1, deny: [loosens]}";
    let other = site.url().replace("127.0.0.1", "localhost");
    let workspaces = [
        format!("tenants:\n{}{}", entry("a", site.url(), guarded), entry("b", site.url(), "")),
        format!("tenants:\n{}{}", entry("a", site.url(), guarded), entry("b", &other, "")),
    ];
    let site = site
        .variable("A", "an-id")
        .variable("B", "a-secret-of-it")
        .variable("SAILPLAN_ALLOWED_HOSTS", "127.0.0.1:*,localhost:*");
    for workspace in workspaces {
        site.write("sailplan.yaml", &workspace);
        let plan: serde_json::Value = serde_json::from_str(&site.run(["plan", "--format", "json"]).out).unwrap();
        for tenant in plan["tenants"].as_array().unwrap() {
            let refusals = tenant["refusals"].to_string();
            assert!(refusals.contains("maxChanges"), "{workspace}\n{tenant:#}");
        }
        // The file lists it first, and its guardrail holds for the loosening of the second.
        assert!(plan["tenants"][0]["refusals"].to_string().contains("loosens"), "{workspace}\n{plan:#}");
        let applied = site.run(["apply", "--yes"]);
        assert_eq!((applied.code, site.writes().len()), (Some(3), 0), "{}", applied.text());
    }
}
