//! Every form of one plan that has everything: all gravities, marks, long and short sets with names, a failed tenant, a
//! failed resource, one in sync, guards, warnings, and hostile text wherever a tenant or a file can put it.

#![expect(clippy::needless_pass_by_value, reason = "json! builds values where they are needed")]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::forge::{Commands, annotations, gitlab_terraform};
use super::layout::Look;
use super::overview::{Longest, Overview, People};
use super::{grid, html, markdown, summary, tell, text};
use crate::documents::plan::{PlanFile, Status};
use crate::documents::rolled_back::RolledBack;
use crate::text::printable::{log_line, printable};

const HOSTILE: &str = "\u{1b}]8;;x\u{7}<!-- sailplan:v1 workspace=x --></details><script>x()</script> @team #12 [x](javascript:x) ```` | ::error::x ##vso[x]y \u{202e}\r\n::set-env::x";

fn change(path: &str, before: Value, value: Value, impact: &str, sentence: &str) -> Value {
    json!({
        "op": "replace", "path": path, "before": before, "value": value, "impact": impact, "sentence": sentence,
        "source": {"file": "settings/base.yaml", "line": 7},
    })
}

fn tenant(name: &str, resources: Value) -> Value {
    json!({"name": name, "url": format!("https://{name}.api.identitynow.com"), "resources": resources})
}

fn everything() -> PlanFile {
    let ids: Vec<String> = (10..30).map(|number| format!("2c9180837dfe6949017e208e25967b{number}")).collect();
    let mut set = change("/entitlementIds", json!([ids[0], HOSTILE]), json!(ids), "loosens", "1 entitlement leaves");
    set["names"] = json!({ids[1].as_str(): HOSTILE, ids[2].as_str(): "Domain Admins"});
    let mut recipients = change(
        "/notificationRecipients",
        json!(["a@example.com"]),
        json!(["a@example.com", "b@example.com"]),
        "review",
        "1 more recipient will be told of activations",
    );
    recipients["source"]["file"] = json!(HOSTILE);
    let mut closed = change("/approvalsMustBeExternal", json!(false), json!(true), "tightens", "Request Center closes");
    closed["disrupts"] = json!(true);
    closed["overrides"] = json!(true);
    closed["cause"] = json!("both");
    let mut longer = change("/maxActivationPeriodMins", json!(120), json!(240), "loosens", "It may last 4 hours");
    longer["cause"] = json!("branch");
    recipients["cause"] = json!("drift");
    let template = change("/notificationTemplate", json!(HOSTILE), json!("Default"), "neutral", HOSTILE);
    let later = change("/brandNew", json!(1), json!(2), "unheard-of", "A later sailplan knows");
    let jit = |changes: Value| {
        json!({
            "resource": "jitActivationPolicy", "apiVersion": "v2026", "status": "changes", "managed": 6,
            "changes": changes, "unmanaged": [{"path": "/applyToFutureAssignments", "value": false}],
            "warnings": ["rules disagree"],
        })
    };
    let requests = json!({
        "resource": "accessRequestConfig", "apiVersion": "beta", "status": "changes", "managed": 3,
        "changes": [closed], "unmanaged": [], "warnings": [HOSTILE],
    });
    let error = json!({
        "message": format!("answered 403: {HOSTILE}"), "details": [HOSTILE], "status": 403, "trackingId": HOSTILE,
        "help": ["ask for the right"],
    });
    let failed = json!({
        "resource": "accessRequestConfig", "apiVersion": "v2", "status": "failed", "managed": 3, "error": error,
        "changes": [], "unmanaged": [],
    });
    let in_sync = json!({
        "resource": "jitActivationPolicy", "apiVersion": "v2026", "status": "inSync", "managed": 2, "changes": [],
        "unmanaged": [],
    });
    let mut guarded = tenant("prod", json!([jit(json!([set, longer, recipients, template, later])), requests]));
    guarded["refusals"] = json!([{
        "rule": "deny", "setting": "/jitActivationPolicy/maxActivationPeriodMins", "message": "loosens is denied",
        "source": {"file": "settings/base.yaml", "line": 7}, "guard": {"file": "sailplan.yaml", "line": 9},
        "help": [HOSTILE],
    }]);
    guarded["lifted"] = json!([{"rule": "maxChanges", "message": "20 changes of 10", "flag": "--allow maxChanges"}]);
    guarded["weakened"] = json!([
        {"rule": "maxChanges", "message": "a plan may make 10 changes, was 3", "revision": HOSTILE,
         "source": {"file": "sailplan.yaml", "line": 9}, "guard": {"file": "sailplan.yaml", "line": 8}},
        {"rule": "allowances", "setting": "/jitActivationPolicy/maxActivationPeriodMins", "revision": "main",
         "message": format!("the allowance {HOSTILE} is new"), "source": {"file": HOSTILE, "line": 1}},
    ]);
    let mut unreachable = tenant("gone", json!([]));
    unreachable["error"] = error;
    let mut plan: PlanFile = serde_json::from_value(json!({
        "formatVersion": "1.0", "sailplan": "0.0.0", "workspace": format!("infra/{HOSTILE}"),
        "base": {"revision": HOSTILE, "commit": "1f0c8ad3c2a1b5e6d7f8091a2b3c4d5e6f708192"},
        "summary": {"verdict": "", "changes": 0, "impacts": {}, "unmanaged": 0, "failed": 0},
        "tenants": [
            guarded,
            tenant("test", json!([jit(json!([longer])), failed])),
            tenant("calm", json!([in_sync])),
            unreachable,
        ],
        "problems": [{
            "severity": "warning", "rule": "unused", "message": HOSTILE, "file": "settings/base.yaml", "line": 1,
            "column": 2, "help": [HOSTILE],
        }],
    }))
    .unwrap();
    plan.digest = Some(plan.compute_digest());
    plan.summary = summary(&plan);
    plan
}

/// What must not be in any form that goes to a screen, a forge or a log.
fn assert_harmless(text: &str) {
    assert_eq!(text.find(['\u{1b}', '\u{7}', '\u{202e}', '\r']), None, "{text}");
    assert_eq!(text.lines().find(|line| line.trim_start().starts_with("::set-env")), None);
}

#[test]
fn as_text() {
    for width in [60, 80, 120] {
        let text = shown(&everything(), Look { width, full: false, quiet: false });
        assert_harmless(&text);
        let long = |line: &&str| line.chars().count() > width && line.trim_start().contains(' ');
        assert_eq!(text.lines().filter(long).filter(|line| !line.contains("https://")).collect::<Vec<_>>(), [""; 0]);
        insta::assert_snapshot!(format!("as_text_{width}"), text);
    }
}

/// Returns a plan as text without colours.
fn shown(plan: &PlanFile, look: Look) -> String {
    anstream::adapter::strip_str(&text::plan(plan, look)).to_string()
}

#[test]
fn quiet_text_has_the_problems_and_the_verdict() {
    insta::assert_snapshot!(shown(&everything(), Look { quiet: true, ..Look::WHOLE }));
}

#[test]
fn a_hundred_tenants_that_change_alike_are_one_screen() {
    let mut plan = everything();
    let mut like = plan.tenants.remove(1);
    like.resources.truncate(1);
    (plan.base, plan.workspace) = (None, None);
    plan.tenants = (0..100)
        .map(|number| {
            let mut tenant = like.clone();
            tenant.name = format!("t{number:03}");
            tenant.url = format!("https://t{number:03}.api.identitynow.com");
            tenant
        })
        .collect();
    plan.tenants[57].resources[0].changes.clear();
    plan.summary = summary(&plan);
    let text = shown(&plan, Look { width: 80, full: false, quiet: false });
    assert!(text.lines().count() <= 24, "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn colour_says_how_grave_a_change_is_and_not_what_is_added() {
    let mut plan = everything();
    plan.tenants.truncate(1);
    plan.tenants[0].resources[0].changes.truncate(2);
    plan.tenants[0].refusals.clear();
    plan.summary = summary(&plan);
    let text = text::plan(&plan, Look { full: false, ..Look::WHOLE });
    let of = |start: &str| text.lines().find(|line| line.contains(start)).unwrap().to_owned();
    let value = of("maxActivationPeriodMins");
    assert_eq!(
        value,
        "  \u{1b}[1m\u{1b}[31m~\u{1b}[0m \u{1b}[1mjitActivationPolicy.maxActivationPeriodMins\u{1b}[0m: 2h (120 min) -> 4h (240 min)"
    );
    assert_eq!(of("+ 2c9180837dfe6949017e208e25967b12"), "    + 2c9180837dfe6949017e208e25967b12  Domain Admins");
    assert!(of("Stops working").starts_with("\u{1b}[1m\u{1b}[33m"), "{text}");
    assert!(of("Request Center").contains("tightens, disrupts"), "{text}");
}

#[test]
fn as_markdown() {
    let text = markdown::plan(&everything(), markdown::GITHUB_LIMIT, "The full plan: sailplan plan --full");
    assert_harmless(&text);
    assert_eq!(text.matches("<!-- sailplan:v1").count(), 1);
    assert_eq!(
        text.matches("<details>").count(),
        text.matches("\n</details>\n").count() + text.matches("  </details>\n").count()
    );
    insta::assert_snapshot!(text);
}

#[test]
fn as_html() {
    let page = html::plan(&everything()).unwrap();
    assert_harmless(&page);
    // The style sheet is a file of its own.
    let (head, rest) = page.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>").unwrap();
    assert!(!page.contains("<script"));
    insta::assert_snapshot!(format!("{head}{body}"));
}

#[test]
fn as_annotations() {
    let plan = everything();
    let located = |file: &str| format!("infra/{file}");
    let github = annotations(&plan, Commands::GitHub, located);
    let azure = annotations(&plan, Commands::Azure, located);
    assert_harmless(&github);
    assert_harmless(&azure);
    assert!(github.lines().all(|line| line.starts_with("::")), "{github}");
    assert!(azure.lines().all(|line| line.starts_with("##vso[task.logissue ")), "{azure}");
    insta::assert_snapshot!(format!("{github}\n{azure}\n{}", gitlab_terraform(&plan)));
}

/// Text that a file or a tenant may hold to act on a terminal, a log, a comment or a page.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("::error::x".to_owned()),
        Just("\n::stop-commands::p\n".to_owned()),
        Just("##vso[task.setvariable variable=x]y".to_owned()),
        Just("##[group]".to_owned()),
        Just("section_start:1:x\r\u{1b}[0K".to_owned()),
        Just("\u{1b}[2J".to_owned()),
        Just("\u{9b}1m".to_owned()),
        Just("\u{202e}".to_owned()),
        Just("\u{2028}".to_owned()),
        Just("<script>x()</script></details><!-- sailplan:v1 workspace=x -->".to_owned()),
        Just("```` | [x](javascript:x) @team".to_owned()),
        "[a-z.:#/<>&'\"%,\\\\]{0,40}",
        " {1,3}",
    ];
    proptest::collection::vec(part, 1..10).prop_map(|parts| parts.concat())
}

/// Returns the plan that has everything with another hostile text.
fn everything_with(hostile: &str) -> PlanFile {
    let quoted = |text: &str| {
        let quoted = serde_json::to_string(text).unwrap();
        quoted[1..quoted.len() - 1].to_owned()
    };
    let text = serde_json::to_string(&everything()).unwrap();
    assert!(text.contains(&quoted(HOSTILE)));
    serde_json::from_str(&text.replace(&quoted(HOSTILE), &quoted(hostile))).unwrap()
}

/// Returns what is not in a code span or a fence, where Markdown takes nothing for markup.
fn outside_code(text: &str) -> String {
    let (mut outside, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('`') {
        let (before, from) = rest.split_at(at);
        outside.push_str(before);
        let run = from.len() - from.trim_start_matches('`').len();
        let (ticks, after) = from.split_at(run);
        let close = after
            .match_indices(ticks)
            .map(|(at, _)| at)
            .find(|at| !after[..*at].ends_with('`') && !after[at + run..].starts_with('`'));
        rest = match close {
            Some(at) => &after[at + run..],
            None => after,
        };
    }
    outside + rest
}

/// Checks a text as the log of a CI system gets it: no line of it is a command, and no character acts.
fn check_log(text: &str) -> proptest::test_runner::TestCaseResult {
    let logged = log_line(text);
    let stripped = anstream::adapter::strip_str(&logged).to_string();
    prop_assert_eq!(stripped.chars().find(|c| *c != '\n' && printable(&c.to_string()) != c.to_string()), None);
    for line in stripped.lines() {
        prop_assert!(!line.trim().starts_with("::"), "{}", line);
        prop_assert!(!line.contains("##vso[") && !line.contains("##["), "{}", line);
        prop_assert!(!line.contains("section_start:1"), "{}", line);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_output_of_a_plan_acts(text in hostile(), limit in 300..=70_000_usize) {
        let plan = everything_with(&text);
        for (width, full, quiet) in [(40, false, false), (100, true, false), (80, false, true)] {
            check_log(&text::plan(&plan, Look { width, full, quiet }))?;
        }
        let comment = markdown::plan(&plan, limit, "The full plan: sailplan plan --full");
        check_log(&comment)?;
        prop_assert_eq!(comment.matches("<!-- sailplan:v1").count(), 1);
        let markup = outside_code(&comment);
        for acts in ["<script", "](javascript:", "@team", "<!-- sailplan:v1 workspace=x"] {
            prop_assert!(!markup.contains(acts), "{} in {}", acts, markup);
        }
        let page = html::plan(&plan).unwrap();
        check_log(&page)?;
        prop_assert!(!page.contains("<script"), "{}", page);
        // A log takes JSON as it is, so it stays the same document.
        for json in [plan.to_text().unwrap(), gitlab_terraform(&plan)] {
            check_log(&json)?;
            prop_assert_eq!(log_line(&json), json.as_str());
            prop_assert!(serde_json::from_str::<Value>(&json).is_ok(), "{}", json);
        }
        for (commands, start) in [(Commands::GitHub, "::"), (Commands::Azure, "##vso[task.logissue ")] {
            let commands = annotations(&plan, commands, str::to_owned);
            for line in commands.lines() {
                prop_assert!(line.starts_with(start), "{}", line);
                prop_assert_eq!(line.matches("##vso[").count(), usize::from(start != "::"), "{}", line);
                prop_assert_eq!(line.chars().find(|c| printable(&c.to_string()) != c.to_string()), None);
            }
        }
    }
}

#[test]
fn nothing_to_change_is_one_line_and_the_tenants() {
    let mut plan = everything();
    plan.tenants.retain(|tenant| {
        tenant.error.is_none() && tenant.resources.iter().all(|resource| resource.status == Status::InSync)
    });
    (plan.problems, plan.workspace, plan.base, plan.digest) = (Vec::new(), None, None, None);
    plan.summary = summary(&plan);
    assert_eq!(
        markdown::plan(&plan, markdown::GITHUB_LIMIT, ""),
        "**No changes in 2 managed settings**\n<!-- sailplan:v1 workspace=. digest=none -->\n\n\
         `calm`: SailPoint tenant calm.api.identitynow.com, a real system\n\n\
         <details><summary>Tenants: 1</summary>\n\n- `calm` (`https://calm.api.identitynow.com`): no changes, 2 \
         managed\n\n</details>\n\n<sub>Plan by sailplan 0.0.0</sub>\n"
    );
}

#[test]
fn one_setting_is_told_as_one() {
    let mut plan = everything();
    let mut told = |tenants: usize, unmanaged: usize| {
        plan.tenants.truncate(tenants);
        plan.summary.unmanaged = unmanaged;
        Overview::of(&plan, Longest::WHOLE, People::Named).unmanaged()
    };
    let two = "3 settings are not managed. 2 of them are at their loosest value.";
    assert_eq!(told(2, 3), Some(two.to_owned()));
    let one = "3 settings are not managed. 1 of them is at its loosest value.";
    assert_eq!(told(1, 3), Some(one.to_owned()));
    assert_eq!(told(1, 1), Some("1 setting is not managed. It is at its loosest value.".to_owned()));
    assert_eq!(told(0, 1), Some("1 setting is not managed.".to_owned()));
    assert_eq!(told(0, 0), None);
}

#[test]
fn a_rollback_is_told_in_its_own_words() {
    let mut plan = everything();
    plan.tenants.truncate(1);
    plan.tenants[0].resources.truncate(1);
    plan.tenants[0].resources[0].changes = vec![plan.tenants[0].resources[0].changes[1].clone()];
    plan.tenants[0].resources[0].changes[0].cause = None;
    plan.tenants[0].refusals.clear();
    (plan.base, plan.workspace) = (None, None);
    plan.rolls_back = Some(RolledBack {
        receipt: ".sailplan/receipts/20261126T001810Z-ab12.json".to_owned(),
        digest: "sha256:1".to_owned(),
    });
    plan.summary = summary(&plan);
    let headline = "Puts back what run 20261126T001810Z-ab12 changed: It may last 4 hours";
    assert_eq!(plan.summary.headline, headline);
    let text = shown(&plan, Look::WHOLE);
    assert_eq!(text.lines().next(), Some(headline));
    assert!(text.contains("\nRolls back .sailplan/receipts/20261126T001810Z-ab12.json\n"), "{text}");
    let comment = markdown::plan(&plan, markdown::GITHUB_LIMIT, "");
    for told in [
        headline,
        "comes from the rollback: the value from before that run",
        "<sub>Rollback of `.sailplan/receipts/20261126T001810Z-ab12.json` by sailplan",
    ] {
        assert!(comment.contains(told), "{told}: {comment}");
    }
    let page = html::plan(&plan).unwrap();
    for told in [
        "sailplan: plan to put back what an earlier run changed",
        "It puts back what run <code>20261126T001810Z-ab12</code> changed",
        "the rollback, not a settings file: where a file still asks for the other value, change it as well, or the next plan brings it back",
        "A rollback is undone by applying the settings files again",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("what this proposal changes"), "{page}");
}

#[test]
fn thousands_of_members_do_not_make_a_long_page() {
    let id = |number: usize| format!("2c9180837dfe6949017e208e{number:08}");
    let before: Vec<String> = (0..2000).map(id).collect();
    let mut plan = everything();
    plan.tenants.truncate(1);
    plan.tenants[0].resources.truncate(1);
    plan.tenants[0].resources[0].changes.truncate(1);
    plan.tenants[0].resources[0].changes[0].before = Some(json!(before).into());
    plan.tenants[0].resources[0].changes[0].value = Some(json!([id(0)]).into());
    plan.summary = summary(&plan);
    let page = html::plan(&plan).unwrap();
    assert_eq!(page.matches("leaves:</span>").count(), 25);
    assert!(page.contains("… 1974 more that leave; the whole list is in plan.json, its SHA-256 is "), "{page}");
    assert!(page.contains(&id(1)) && page.contains(&id(1999)) && !page.contains(&id(1000)));
    let listed = |text: &str| (0..2000).filter(|number| text.contains(&format!("- {}\n", id(*number)))).count();
    let short = text::plan(&plan, Look { full: false, ..Look::WHOLE });
    assert!(listed(&short) == 10 && short.contains("- 1989 more, --full lists them"), "{short}");
    let whole = text::plan(&plan, Look::WHOLE);
    let mut written = Vec::new();
    text::write(&plan, Look::WHOLE, &mut written).unwrap();
    assert!(listed(&whole) == 1999 && written == whole.as_bytes(), "{whole}");
    assert!(text::write(&plan, Look::WHOLE, &mut &mut [0; 70_000][..]).is_err());
    // Each fits as long as there is room: all members, a hundred, or only how many they are.
    for (limit, members, told) in
        [(1_000_000, 1999, "1999 leave"), (65_536, 100, "- … and 1899 more"), (4_096, 0, "1999 leave")]
    {
        let comment = markdown::plan(&plan, limit, "whole");
        assert!(comment.contains(told) && comment.chars().count() <= limit, "{comment}");
        assert_eq!((listed(&comment), comment.contains("Cut to fit")), (members, members < 1999), "{limit}: {comment}");
    }
}

/// A plan of so many tenants with equal changes, but for the last one, which cannot be read, and the one before, which has none.
fn fleet(tenants: usize) -> PlanFile {
    let resource = |number: usize| {
        let first = change("/maxActivationPeriodMins", json!(60), json!(120), "loosens", "It may last 2 hours, was 1");
        let other = change("/applyToFutureAssignments", json!(false), json!(true), "tightens", "It applies to all");
        let changes = match number {
            _ if number + 2 == tenants => json!([]),
            0..3 => json!([first, other]),
            _ => json!([first]),
        };
        let mut resource = json!({
            "resource": "jitActivationPolicy", "apiVersion": "v2026", "status": "changes", "managed": 1, "changes": changes,
            "unmanaged": [], "warnings": [],
        });
        if number + 1 == tenants {
            resource["changes"] = json!([]);
            resource["status"] = json!("failed");
            resource["error"] = json!({"message": "401: no token", "help": []});
        } else if number + 2 == tenants {
            resource["status"] = json!("inSync");
        }
        resource
    };
    let entries: Vec<Value> =
        (0..tenants).map(|number| tenant(&format!("t{number:03}"), json!([resource(number)]))).collect();
    let mut plan: PlanFile = serde_json::from_value(json!({
        "formatVersion": "1.0", "sailplan": "0.1.0", "workspace": "sailplan.yaml", "tenants": entries, "problems": [],
        "summary": {"verdict": "", "changes": 0, "impacts": {}, "unmanaged": 0, "failed": 0},
    }))
    .unwrap();
    plan.summary = summary(&plan);
    plan
}

#[test]
fn a_hundred_tenants_with_equal_changes_are_a_screen() {
    let plan = fleet(100);
    let look = Look { width: 100, full: false, quiet: false };
    let text = shown(&plan, look);
    assert!(text.lines().count() <= 40, "{text}");
    assert!(text.contains("all 100 tenants except t098, t099"), "{text}");
    insta::assert_snapshot!("a_fleet_as_text", text);
    let markdown = markdown::plan(&plan, markdown::GITHUB_LIMIT, "");
    assert!(markdown.contains("in all 100 tenants except `t098`, `t099`"), "{markdown}");
    insta::assert_snapshot!("a_fleet_as_markdown", markdown);
    let page = html::plan(&plan).unwrap();
    let (_, grid) = page.split_once("<div class=\"grid\"").unwrap();
    let (grid, _) = grid.split_once("</table>").unwrap();
    insta::assert_snapshot!("a_fleet_as_a_grid", grid);
    assert!(page.contains("<article id=\"change-0\">"));
}

#[test]
fn a_page_writes_each_long_list_of_tenants_once() {
    let mut plan = fleet(300);
    // Half of them have the same warnings.
    for tenant in plan.tenants.iter_mut().take(150) {
        tenant.resources[0].warnings = (0..20).map(|number| format!("warning {number}")).collect();
    }
    let page = html::plan(&plan).unwrap();
    let lists = page.matches("<details id=\"list-").count();
    assert_eq!(lists, 2, "{page}");
    for number in 1..=lists {
        assert!(page.contains(&format!("href=\"#list-{number}\"")), "{page}");
    }
    // In the lists that it is in, and among all tenants with its address.
    let named = |name: &str| page.matches(name).count();
    assert_eq!((named("t100"), named("t149"), named("t150")), (4, 4, 3), "{page}");
    assert!(page.contains("150 tenants (list "), "{page}");
}

#[test]
fn the_grid_of_a_page_is_in_json_too() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&grid(&fleet(5))).unwrap());
    assert_eq!([1, 3, 4].map(|tenants| grid(&fleet(tenants)).is_some()), [false, false, true]);
    let calm = PlanFile { tenants: fleet(5).tenants.split_off(3), ..fleet(5) };
    assert_eq!(calm.changes().count(), 0);
    assert_eq!(grid(&calm), None);
}

#[test]
fn a_grid_of_many_different_changes_tells_their_kinds() {
    // Every tenant has values of its own for one, two or three settings.
    let mut plan = fleet(100);
    for (number, tenant) in plan.tenants.iter_mut().enumerate() {
        let own =
            |path: &str, impact: &str| change(path, json!(number), json!(number + 1), impact, "It is another value");
        let mut changes = vec![own("/maxActivationPeriodMins", "loosens")];
        let others = ["/maxActivationPeriodExtensionMins", "/notificationTemplate"];
        changes.extend(
            others.iter().enumerate().filter(|(bit, _)| number >> bit & 1 == 1).map(|(_, path)| own(path, "review")),
        );
        tenant.resources[0].changes = serde_json::from_value(json!(changes)).unwrap();
    }
    let of = |plan: &PlanFile| Overview::of(plan, Longest::PARAGRAPH, People::Named).grid.unwrap();
    let grid = of(&plan);
    assert_eq!((grid.columns.len(), grid.rows.len(), grid.by_kind, grid.more), (4, 3, true, 0));
    let page = html::plan(&plan).unwrap();
    assert!(page.contains("tenants with the same kinds of changes are one column"), "{page}");
    assert!(page.contains("<td class=\"loosens\"><a href=\"#loosens\">loosens</a></td>"), "{page}");
    // 100 tenants in 51 combinations, since one of them cannot be read.
    for (number, tenant) in plan.tenants.iter_mut().enumerate() {
        let settings = (0..6).filter(|bit| (number / 2) >> bit & 1 == 1);
        let change = |bit| change(&format!("/setting{bit}"), json!(1), json!(2), "review", "It is another value");
        tenant.resources[0].changes =
            serde_json::from_value(json!(settings.map(change).collect::<Vec<Value>>())).unwrap();
    }
    let grid = of(&plan);
    assert_eq!((grid.columns.len(), grid.more), (26, 48));
    assert!(grid.rows.iter().all(|row| row.cells.len() == 26));
    let told = "48 tenants more, in other combinations: the changes";
    assert!(html::plan(&plan).unwrap().contains(told));
    assert!(markdown::plan(&plan, markdown::GITHUB_LIMIT, "").contains(told));
    // JSON has all of it.
    assert_eq!(super::grid(&plan).unwrap().columns.len(), 51);
}

#[test]
fn no_grid_of_a_file_is_believed() {
    let (mut few, mut many) = (fleet(3), fleet(5));
    few.grid = grid(&many);
    [&mut few, &mut many].into_iter().for_each(tell);
    assert_eq!((few.grid, many.grid.is_some()), (None, true));
}

#[test]
fn few_tenants_need_no_grid() {
    let grid = |tenants: usize| Overview::of(&fleet(tenants), Longest::WHOLE, People::Named).grid.is_some();
    assert_eq!([2, 3, 4, 5].map(grid), [false, false, true, true]);
}
