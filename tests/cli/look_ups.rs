//! `--look-up` and `lookUps`: names, holders and changes, against the practice tenant's own lists.

use sailplan::practice::Options;
use serde_json::{Value, json};

use crate::harness::{ONE_CHANGE_EACH, Run, Site};

const PAYROLL: &str = "ae735f40-4de9-4163-801d-4a1444e59d35";
const DOMAIN: &str = "38439bbc-264b-447b-acac-a182a466b0e9";

/// One entitlement leaves, one joins, one has a wrong name and one does not exist; approvers of every kind change.
const SETTINGS: &str = "\
jitActivationPolicy:
  entitlementIds:
    - {id: ae735f40-4de9-4163-801d-4a1444e59d35, name: Payroll Admins}
    - {id: 2c9180837dfe6949017e208e25967b22, name: Cloud Root}
    - 11111111-2222-3333-4444-555555555555
  notificationTemplate: JIT Activation
accessRequestConfig:
  apiVersion: v2
  entitlementRequestConfig:
    accessRequestConfig:
      approvalSchemes:
        - {approverType: GOVERNANCE_GROUP, approverId: e3eab852-8315-467f-9de7-70eda97f63c8}
      formDefinitionId: 78258e80-e9e2-4e1a-a11f-ce0b7c62f25d
approvalsConfig:
  TENANT:
    fallbackApprover: {identityID: 5168015d32f890ca15812c9180835d2e, type: IDENTITY}
";

fn site(settings: &str) -> Site {
    Site::new().tenant().workspace(settings)
}

fn scoped(scopes: &[&str]) -> Site {
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    Site::new().tenant_with(|options| Options { scopes: Some(scopes), ..options })
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.text()))
}

/// The requests that are no token and no document.
fn look_ups(site: &Site) -> Vec<String> {
    let documents = ["/oauth/", "/v2026/jit", "/access-request-config", "/beta/", "/generic-approvals"];
    let mut calls = site.calls();
    calls.retain(|call| !documents.iter().any(|path| call.contains(path)));
    calls.sort();
    calls
}

#[test]
fn every_kind_of_id_gets_its_name_and_names_in_files_are_checked() {
    let site = site(SETTINGS);
    let run = site.run(["plan", "--look-up", "names", "--json", "plan.json", "--html", "plan.html"]);
    insta::assert_snapshot!(site.without_digests(&run.text()));
    let plan: Value = serde_json::from_str(&site.read("plan.json")).unwrap();
    assert_eq!((&plan["summary"]["misnamed"], &plan["summary"]["unknownIds"]), (&json!(1), &json!(1)));
    assert_eq!(
        plan["tenants"][0]["lookUps"],
        json!({
            "misnamed": [{
                "kind": "entitlement", "id": PAYROLL, "label": "Payroll Admins", "name": "Payroll Operators",
                "source": {"file": "settings/base.yaml", "line": 2},
            }],
            "unknownIds": [{
                "kind": "entitlement", "id": "11111111-2222-3333-4444-555555555555",
                "setting": "/jitActivationPolicy/entitlementIds", "source": {"file": "settings/base.yaml", "line": 2},
            }],
        })
    );
    let people = &plan["tenants"][0]["resources"][2]["changes"][0]["people"];
    assert_eq!(people, &json!({"5168015d32f890ca15812c9180835d2e": "Alison Ferguso"}));
    let page = site.read("plan.html");
    let doubts = page.split("id=\"doubts\"").nth(1).unwrap();
    let first = doubts.split("<li>").nth(1).unwrap();
    assert!(first.contains("Payroll Admins") && first.contains("the tenant calls it"), "{first}");
    for name in ["Alison Ferguso", "Revocation Desk", "Access Reviewers", "Domain Admins"] {
        assert!(page.contains(name), "{name}");
    }
    assert!(!run.out.contains("Alison"), "a log does not name people: {}", run.out);
}

#[test]
fn an_annotation_stands_on_the_line_of_a_wrong_name_and_an_instance_is_named() {
    let settings = format!("{SETTINGS}  ENTITLEMENT/{DOMAIN}: {{autoApprove: OFF}}\n");
    let site = site(&settings);
    let run = site.run(["plan", "--look-up", "names", "--format", "github"]);
    let lines: Vec<&str> = run.out.lines().filter(|line| line.contains("not known")).collect();
    assert_eq!(
        lines,
        [
            "::warning file=settings/base.yaml,line=2,title=prod%3A not known::the file calls entitlement \
             ae735f40-4de9-4163-801d-4a1444e59d35 \"Payroll Admins\", the tenant calls it \"Payroll Operators\"",
            "::warning file=settings/base.yaml,line=2,title=prod%3A not known::the tenant does not know the entitlement \
             11111111-2222-3333-4444-555555555555 in jitActivationPolicy.entitlementIds",
        ]
    );
    // Without the breaks between lines.
    let text = site.run(["plan", "--look-up", "names"]).out.split_whitespace().collect::<Vec<_>>().join(" ");
    let note = format!("approvalsConfig[ENTITLEMENT/{DOMAIN}] is about the entitlement \"Domain Admins\" ({DOMAIN})");
    assert!(text.contains(&note), "{text}");
}

#[test]
fn people_are_named_in_logs_where_it_is_asked_for() {
    let site = site(SETTINGS);
    let run = site.run(["plan", "--look-up", "names,persons"]);
    assert!(run.out.contains("Alison Ferguso"), "{}", run.out);
    let unnamed = site.run(["plan", "--look-up", "names"]);
    assert!(!unnamed.out.contains("Alison"), "{}", unnamed.out);
    let site = self::site(SETTINGS);
    site.write("sailplan.yaml", &format!("{}lookUps: [names, persons]\n", site.read("sailplan.yaml")));
    assert_eq!(site.run(["plan"]).out.lines().count(), run.out.lines().count());
    let off = site.run(["plan", "--look-up", "persons"]);
    assert!(!off.out.contains("Alison"), "{}", off.out);
}

#[test]
fn each_list_is_asked_as_it_is_documented_and_each_id_once() {
    let site = site(SETTINGS);
    site.run(["plan", "--look-up", "names"]);
    assert_eq!(
        look_ups(&site),
        [
            "GET /entitlements/v1?limit=250&filters=id%20in%20%28%2211111111-2222-3333-4444-555555555555%22%2C%222c9180837dfe6949017e208e25967b22%22%2C%2238439bbc-264b-447b-acac-a182a466b0e9%22%2C%22ae735f40-4de9-4163-801d-4a1444e59d35%22%29",
            "GET /form-definitions/v1?limit=250&offset=0",
            "GET /notification-template-defaults/v1?limit=250&offset=0",
            "GET /notification-templates/v1?limit=250&offset=0",
            "GET /public-identities/v1?limit=250&filters=id%20in%20%28%225168015d32f890ca15812c9180835d2e%22%29",
            "GET /workgroups/v1?limit=250&filters=id%20in%20%28%222c918084660f45d6016617daa9210584%22%2C%22e3eab852-8315-467f-9de7-70eda97f63c8%22%29",
        ]
    );
}

#[test]
fn ids_are_asked_for_in_batches() {
    for (number, requests) in [(1, 1), (81, 2), (251, 4), (10_001, 126)] {
        let id = |n: usize| format!("00000000-0000-4000-8000-{n:012}");
        let ids: Vec<String> = (0..number).map(id).collect();
        // The practice tenant reads its state for every request, so that very many names would take very long.
        let known = if number > 1000 { 0 } else { number };
        let named = ids.iter().take(known).map(|id| json!({"id": id, "name": format!("E {id}")}));
        let named: Vec<Value> = named.collect();
        let state = json!({"jitActivationPolicy": {"id": "p", "entitlementIds": []}, "entitlements": named});
        let settings = format!("jitActivationPolicy: {{entitlementIds: [{}, x1]}}\n", ids.join(", "));
        let site = Site::new().state(&state).tenant().workspace(&settings);
        let run = site.run(["plan", "--look-up", "names", "--format", "json"]);
        let calls = look_ups(&site);
        assert_eq!(calls.len(), if number == 1 { 1 } else { requests }, "{number} ids");
        assert!(calls.iter().all(|call| call.len() < 4096), "{number} ids");
        let plan = json(&run);
        let names = plan["tenants"][0]["resources"][0]["changes"][0]["names"].as_object();
        assert_eq!(names.map_or(0, serde_json::Map::len), known);
        assert_eq!(plan["summary"]["unknownIds"], json!(number + 1 - known), "x1 does not exist either");
    }
}

/// A workspace with entries at the address of the practice tenant: each a name, the variable of its client id, and settings.
fn entries(entries: &[(&str, &str, &str)]) -> Site {
    entries_at(Site::new(), entries)
}

fn entries_at(site: Site, entries: &[(&str, &str, &str)]) -> Site {
    let site =
        site.tenant().variable("OTHER_CLIENT_ID", "another-id").variable("SAILPLAN_ALLOWED_HOSTS", "127.0.0.1:*");
    let mut workspace = "tenants:\n".to_owned();
    for (name, client, settings) in entries {
        site.write(&format!("settings/{name}.yaml"), settings);
        workspace.push_str(&format!(
            "  {name}: {{url: '${{SAIL_BASE_URL}}', clientId: '${{{client}}}', clientSecret: '${{SAIL_CLIENT_SECRET}}', settings: [settings/{name}.yaml]}}\n"
        ));
    }
    site.write("sailplan.yaml", &workspace);
    site
}

const POLICY: &str =
    "jitActivationPolicy: {entitlementIds: [ae735f40-4de9-4163-801d-4a1444e59d35], notificationTemplate: Gone}\n";
const POLICY_AND_MORE: &str = "\
jitActivationPolicy: {entitlementIds: [ae735f40-4de9-4163-801d-4a1444e59d35, 2c9180837dfe6949017e208e25967b22]}
accessRequestConfig: {apiVersion: beta, autoApprovalEnabled: false}
";

#[test]
fn entries_of_one_client_at_one_address_ask_once() {
    let single = entries(&[("prod", "SAIL_CLIENT_ID", POLICY_AND_MORE)]);
    let asked = ["plan", "--look-up", "names,holders,changes", "--json", "plan.json"];
    assert_eq!(single.run(asked).code, Some(0));
    let several = entries(&[
        ("first", "SAIL_CLIENT_ID", POLICY),
        ("second", "SAIL_CLIENT_ID", POLICY_AND_MORE),
        ("third", "SAIL_CLIENT_ID", POLICY),
        ("other", "OTHER_CLIENT_ID", POLICY),
    ]);
    let run = several.run(asked);
    assert_eq!(run.code, Some(0), "{}", run.text());
    let entitlements = "GET /entitlements/v1?limit=250&filters=id%20in%20%28%22";
    let connections = |id: &str, kind: &str| {
        format!(
            "GET /entitlement-connections/v1?count=true&limit=1&filters=entitlement.id%20eq%20%22{id}%22%20and%20type%20eq%20%22{kind}%22"
        )
    };
    let mut expected = vec![
        // The other client asks for what it needs itself.
        format!(
            "{entitlements}38439bbc-264b-447b-acac-a182a466b0e9%22%2C%22ae735f40-4de9-4163-801d-4a1444e59d35%22%29"
        ),
        format!(
            "{entitlements}2c9180837dfe6949017e208e25967b22%22%2C%2238439bbc-264b-447b-acac-a182a466b0e9%22%2C%22ae735f40-4de9-4163-801d-4a1444e59d35%22%29"
        ),
    ];
    for list in ["notification-templates", "notification-template-defaults"] {
        expected.extend(vec![format!("GET /{list}/v1?limit=250&offset=0"); 2]);
    }
    for kind in ["JIT", "STANDING"] {
        expected.push(connections("2c9180837dfe6949017e208e25967b22", kind));
        expected.extend(vec![connections(DOMAIN, kind); 2]);
    }
    // Each search tells of the documents of one resource.
    expected.extend(vec!["POST /search/v1?limit=21".to_owned(); 3]);
    expected.sort();
    assert_eq!(look_ups(&several), expected);
    let plan: Value = serde_json::from_str(&several.read("plan.json")).unwrap();
    let alone: Value = serde_json::from_str(&single.read("plan.json")).unwrap();
    let policy = |tenant: &Value| {
        let resources = tenant["resources"].as_array().unwrap();
        resources.iter().find(|resource| resource["resource"] == "jitActivationPolicy").unwrap().clone()
    };
    for (name, tenant) in ["first", "second", "third", "other"].iter().zip(plan["tenants"].as_array().unwrap()) {
        assert_eq!(tenant["name"], *name);
        let templates = tenant["lookUps"]["unknownIds"].as_array().map_or(0, Vec::len);
        assert_eq!(templates, usize::from(*name != "second"), "the template of its own settings: {tenant:#}");
        let change = &policy(tenant)["changes"][0];
        assert_eq!(change["names"][DOMAIN], "Domain Admins", "{name}");
        assert_eq!(change["holders"].as_array().map(Vec::len), Some(1 + usize::from(*name == "second")), "{name}");
        assert!(policy(tenant)["events"].is_object(), "{name}");
    }
    let of = |plan: &Value, place: usize| policy(&plan["tenants"][place])["changes"].clone();
    let members = |changes: Value| {
        let change =
            changes.as_array().unwrap().iter().find(|change| change["path"] == "/entitlementIds").unwrap().clone();
        (change["names"].clone(), change["holders"].clone())
    };
    assert_eq!(members(of(&plan, 1)), members(of(&alone, 0)), "as if it were alone");
}

#[test]
fn entries_of_one_client_at_one_address_share_its_four_hundred_requests() {
    // Seventeen of these ids fit into one request, so each entry alone needs 212.
    let ids = |entry: &str| (0..3_600).map(|n| format!("{entry}{n:0199}")).collect::<Vec<_>>().join(", ");
    let settings = |entry: &str| format!("jitActivationPolicy: {{entitlementIds: [{}]}}\n", ids(entry));
    let (first, second, other) = (settings("a"), settings("b"), settings("c"));
    let site = entries(&[
        ("first", "SAIL_CLIENT_ID", &first),
        ("second", "SAIL_CLIENT_ID", &second),
        ("other", "OTHER_CLIENT_ID", &other),
    ]);
    let run = site.run(["plan", "--look-up", "names", "--requests-per-second", "0", "--format", "json"]);
    let calls = look_ups(&site);
    let own = calls.iter().filter(|call| call.contains("%22c0")).count();
    assert_eq!((calls.len() - own, own), (400, 212));
    let plan = json(&run);
    let lacking = |place: usize| plan["tenants"][place]["lookUps"]["lacking"].clone();
    let missed = json!(["names of entitlements not looked up for all ids: there are too many for one run"]);
    assert_eq!((lacking(0), lacking(1), lacking(2)), (missed.clone(), missed, Value::Null));
}

#[test]
fn what_is_refused_or_fails_is_said_once_and_the_plan_is_the_same() {
    let scopes = ["idn:jit-policy:read", "idn:access-request-config:read", "sp:approvals:read", "idn:workgroup:read"];
    let site = scoped(&scopes).workspace(SETTINGS).fault("500 GET /workgroups times=9");
    let plain = site.run(["plan", "--format", "json"]);
    let run = site.run(["plan", "--look-up", "names,holders,changes", "--out", "plan.json"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    // How long it waits between tries differs from run to run.
    insta::assert_snapshot!(site.without_digests(&run.out));
    let plan: Value = serde_json::from_str(&site.read("plan.json")).unwrap();
    assert_eq!(plan["digest"], json(&plain)["digest"]);
    let apart = |plan: &Value| {
        let changes = plan["tenants"][0]["resources"].as_array().unwrap().iter();
        changes.map(|resource| resource["changes"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(apart(&plan), apart(&json(&plain)));
    let (before, shown) = (site.calls().len(), site.run(["show", "plan.json"]));
    assert_eq!(site.calls().len(), before);
    assert!(run.out.starts_with(&shown.out), "{}\n{}", run.out, shown.out);
}

#[test]
fn a_user_level_that_is_lacking_is_named() {
    let levels = vec!["POLICY_ADMIN".to_owned()];
    let site = Site::new().tenant_with(|options| Options { user_levels: Some(levels), ..options });
    let site = site.workspace("jitActivationPolicy: {notificationTemplate: x, entitlementIds: [y1]}\n");
    let run = site.run(["plan", "--look-up", "names,holders,changes", "--format", "json"]);
    assert_eq!(
        json(&run)["tenants"][0]["lookUps"]["lacking"],
        json!([
            "names of notification templates not looked up: needs idn:notification-templates:read and the user level \
             ORG_ADMIN",
            "names of SailPoint's own notification templates not looked up: needs \
             idn:notification-template-defaults:read and the user level ORG_ADMIN",
            "holders of entitlements not looked up: needs idn:entitlement-connections:list and the user level ORG_ADMIN",
            "who changed what had drifted cannot be told: needs sp:search:read and one of the user levels ORG_ADMIN, \
             CERT_ADMIN, REPORT_ADMIN, SOURCE_ADMIN, SOURCE_SUBADMIN, ROLE_ADMIN, ROLE_SUBADMIN",
        ])
    );
    assert_eq!(json(&run)["summary"]["unknownIds"], json!(1), "the entitlement alone: templates are not known");
}

#[test]
fn a_hostile_name_is_text_everywhere() {
    let name = "</h3><script>alert(1)</script> **bold** \u{1b}[2J\n::error::x \"no approval at all\"";
    let mut state = json!({
        "jitActivationPolicy": {"id": "p", "entitlementIds": [DOMAIN]},
        "entitlements": [{"id": DOMAIN, "name": name}],
    });
    state["events"] = json!([]);
    let site = Site::new().state(&state).tenant().workspace("jitActivationPolicy: {entitlementIds: [x1]}\n");
    let run = site.run(["plan", "--look-up", "names", "--html", "plan.html", "--markdown", "plan.md"]);
    let (page, comment) = (site.read("plan.html"), site.read("plan.md"));
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script>alert"), "{page}");
    let outside_code = |line: &str| line.split('`').step_by(2).any(|part| part.contains("<script"));
    let in_the_list = |line: &str| line.starts_with("    - ");
    let bare = comment.lines().find(|line| !in_the_list(line) && outside_code(line));
    assert_eq!(bare, None, "{comment}");
    assert!(comment.contains("```diff") && !comment.contains("\n::error"), "{comment}");
    for text in [&run.out, &run.err, &page, &comment] {
        assert!(!text.contains('\u{1b}') && !text.contains("\n::error"), "{text}");
    }
}

#[test]
fn holders_of_what_leaves_and_joins_are_counted() {
    let site =
        site(&format!("jitActivationPolicy: {{entitlementIds: [{PAYROLL}, 2c9180837dfe6949017e208e25967b22]}}\n"));
    let run = site.run(["plan", "--look-up", "names,holders", "--json", "plan.json", "--html", "plan.html"]);
    let text = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Domain Admins (1 person holds it as JIT, 1 permanently)"), "{text}");
    assert!(text.contains("Cloud Root (2 people hold it permanently, none as JIT)"), "{text}");
    let page = site.read("plan.html");
    assert!(page.contains("1 person holds it as JIT, 1 permanently"), "{page}");
    let plan: Value = serde_json::from_str(&site.read("plan.json")).unwrap();
    assert_eq!(
        plan["tenants"][0]["resources"][0]["changes"][0]["holders"],
        json!([
            {"id": "2c9180837dfe6949017e208e25967b22", "jit": 0, "standing": 2},
            {"id": DOMAIN, "jit": 1, "standing": 1},
        ])
    );
    let connections: Vec<String> =
        look_ups(&site).into_iter().filter(|call| call.contains("entitlement-connections")).collect();
    assert_eq!(connections.len(), 4, "two for each that moves, none for what stays: {connections:#?}");
    assert!(connections.iter().all(|call| call.contains("count=true&limit=1&")), "{connections:#?}");
}

fn event(id: &str, days_ago: i64, action: &str, actor: &str) -> Value {
    let at = jiff::Timestamp::now().checked_sub(jiff::SignedDuration::from_hours(24 * days_ago)).unwrap();
    json!({"id": id, "created": at.to_string(), "action": action, "actor": {"name": actor}, "status": "PASSED"})
}

fn drifted() -> Site {
    let state = json!({
        "jitActivationPolicy": {"id": "p", "maxActivationPeriodMins": 120},
        "events": [
            event("1", 40, "JIT-ACTIVATION_POLICY_UPDATED", "too.old"),
            event("2", 3, "JIT-ACTIVATION_POLICY_UPDATED", "Kim Lee"),
            event("3", 2, "JIT-SOMETHING_ELSE", "nobody.else"),
            event("4", 1, "JIT-ACTIVATION_POLICY_UPDATED", "practice.owner"),
            event("5", 1, "AccessRequestConfigUpdated", "other.document"),
        ],
    });
    Site::new().state(&state).tenant().workspace("jitActivationPolicy: {maxActivationPeriodMins: 1h}\n")
}

#[test]
fn audit_events_of_the_document_stand_beside_drift() {
    let site = drifted();
    let run = site.run([
        "plan",
        "--look-up",
        "changes",
        "--json",
        "plan.json",
        "--html",
        "plan.html",
        "--markdown",
        "plan.md",
    ]);
    let plan: Value = serde_json::from_str(&site.read("plan.json")).unwrap();
    let events = &plan["tenants"][0]["resources"][0]["events"];
    assert_eq!(events["sinceReceipt"], json!(false));
    let actors: Vec<&str> =
        events["found"].as_array().unwrap().iter().map(|event| event["actor"].as_str().unwrap()).collect();
    assert_eq!(actors, ["practice.owner", "Kim Lee"]);
    assert_eq!(events["found"][0]["own"], json!(true));
    let (page, comment) = (site.read("plan.html"), site.read("plan.md"));
    assert!(page.contains("Kim Lee") && page.contains("no proof about this setting"), "{page}");
    for log in [&run.out, &run.err, &comment] {
        assert!(!log.contains("Kim Lee"), "{log}");
    }
    assert!(comment.contains("no proof about this setting"), "{comment}");
    let shown = site.run(["show", "plan.json", "--format", "html"]).out;
    assert!(shown.contains("Kim Lee"), "{shown}");
    assert_eq!(look_ups(&site), ["POST /search/v1?limit=21"]);
}

#[test]
fn events_are_looked_for_since_the_last_receipt() {
    let site = drifted();
    assert_eq!(site.run(["apply", "--yes"]).code, Some(0));
    let receipt: Value = serde_json::from_str(&site.read(&site.receipts()[0])).unwrap();
    site.write("settings/base.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 3h}\n");
    let plan = json(&site.run(["plan", "--look-up", "changes", "--format", "json"]));
    let events = &plan["tenants"][0]["resources"][0]["events"];
    assert_eq!((&events["sinceReceipt"], &events["found"]), (&json!(true), &json!([])));
    let seconds = |time: &Value| time.as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second();
    assert!((seconds(&events["since"]) - seconds(&receipt["finishedAt"])).abs() <= 1, "{events}");
}

#[test]
fn entries_that_share_a_search_see_the_events_of_their_own_time() {
    let state = json!({"events": [event("1", 3, "APPROVAL_CONFIG_UPDATED", "Kim Lee")]});
    let (first, second) = (
        "approvalsConfig: {TENANT: {autoApprove: OFF}}\n",
        "approvalsConfig: {ACCESS_REQUEST_APPROVAL: {autoApprove: DIRECT}}\n",
    );
    let site = entries_at(
        Site::new().state(&state),
        &[("first", "SAIL_CLIENT_ID", first), ("second", "SAIL_CLIENT_ID", second)],
    );
    let applied = site.run(["apply", "--yes", "--tenant", "first"]);
    assert_eq!((applied.code, site.receipts().len()), (Some(0), 1), "{}", applied.text());
    site.write("settings/first.yaml", &first.replace("OFF", "DIRECT"));
    let plan = json(&site.run(["plan", "--look-up", "changes", "--format", "json"]));
    let events = |place: usize| plan["tenants"][place]["resources"][0]["events"].clone();
    let actors = |events: &Value| {
        let found = events["found"].as_array().unwrap().iter();
        found.map(|event| event["actor"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((&events(0)["sinceReceipt"], actors(&events(0))), (&json!(true), Vec::new()));
    assert_eq!(
        (&events(1)["sinceReceipt"], actors(&events(1))),
        (&json!(false), vec!["practice.owner".to_owned(), "Kim Lee".to_owned()])
    );
    assert_eq!(look_ups(&site), ["POST /search/v1?limit=21"]);
}

#[test]
fn a_receipt_keeps_what_was_looked_up() {
    let site = site(SETTINGS);
    let run = site.run(["apply", "--yes", "--look-up", "names,holders"]);
    let receipt: Value = serde_json::from_str(&site.read(&site.receipts()[0])).unwrap();
    let policy = site.receipt(&site.receipts()[0])["tenants"][0]["resources"][0].clone();
    let change =
        policy["changes"].as_array().unwrap().iter().find(|change| change["path"] == "/entitlementIds").unwrap();
    assert_eq!(change["names"][DOMAIN], "Domain Admins", "{}", run.text());
    assert_eq!(change["holders"][1], json!({"id": "2c9180837dfe6949017e208e25967b22", "jit": 0, "standing": 2}));
    assert_eq!(receipt["tenants"][0]["lookUps"]["misnamed"][0]["name"], "Payroll Operators");
}

#[test]
fn a_plan_without_look_ups_asks_for_nothing_more() {
    let site = site(ONE_CHANGE_EACH);
    assert_eq!(site.run(["plan"]).code, Some(0));
    assert_eq!((site.calls().len(), look_ups(&site)), (3, Vec::new()));
}

#[test]
fn a_word_that_cannot_be_looked_up_is_told() {
    let site = site(ONE_CHANGE_EACH);
    site.write("sailplan.yaml", &format!("{}lookUps: [names, holder]\n", site.read("sailplan.yaml")));
    let run = site.run(["validate"]);
    assert!(
        run.text().contains("`holder` cannot be looked up") && run.text().contains("did you mean holders?"),
        "{}",
        run.text()
    );
    assert_eq!(site.run(["plan", "--look-up", "name"]).code, Some(64));
}

#[test]
fn pull_writes_ids_with_the_names_of_the_tenant() {
    let site = site(ONE_CHANGE_EACH);
    let run = site.run(["pull", "--look-up", "names", "--resource", "jitActivationPolicy"]);
    assert!(run.out.contains(&format!("    - {{id: {DOMAIN}, name: Domain Admins}}\n")), "{}", run.text());
    assert_eq!(look_ups(&site).len(), 1);
    let plain = site.run(["pull", "--resource", "jitActivationPolicy"]);
    assert!(plain.out.contains(&format!("    - {DOMAIN}\n")), "{}", plain.text());
}

#[test]
fn pull_accept_gives_new_ids_their_names_and_puts_wrong_names_right() {
    let settings = format!(
        "jitActivationPolicy:\n  entitlementIds:\n    - {{id: {PAYROLL}, name: Payroll Admins}} # since March\n    - gone1\n"
    );
    let site = site(&settings);
    let run = site.run(["pull", "--accept", "--yes", "--look-up", "names"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    let written = site.read("settings/base.yaml");
    assert!(written.contains(&format!("- {{id: {PAYROLL}, name: Payroll Operators}} # since March\n")), "{written}");
    assert!(written.contains(&format!("- {{id: {DOMAIN}, name: Domain Admins}}\n")), "{written}");
    assert!(!written.contains("gone1"), "{written}");
}

#[test]
fn pull_accept_into_another_file_takes_the_names_along() {
    let settings = format!("jitActivationPolicy:\n  entitlementIds: [{{id: {DOMAIN}, name: Domain Admins}}]\n");
    let site = site(&settings).file("settings/own.yaml", "{}\n");
    let workspace =
        site.read("sailplan.yaml").replace("[settings/base.yaml]", "[settings/base.yaml, settings/own.yaml]");
    site.write("sailplan.yaml", &workspace);
    let run = site.run(["pull", "--accept", "--yes", "--into", "settings/own.yaml"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    let own = site.read("settings/own.yaml");
    let own: Value = serde_json::from_str(&own).unwrap();
    assert_eq!(own["jitActivationPolicy"]["entitlementIds"], json!([{"id": DOMAIN, "name": "Domain Admins"}, PAYROLL]));
    let run = site.run(["pull", "--accept", "--yes", "--into", "settings/own.yaml", "--look-up", "names"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
}

#[test]
fn doctor_checks_each_look_up() {
    let scopes = ["idn:jit-policy:read", "idn:access-request-config:read", "idn:entitlement:read", "sp:search:read"];
    let site = scoped(&scopes).workspace(ONE_CHANGE_EACH);
    site.write("sailplan.yaml", &format!("{}lookUps: [names, changes, persons]\n", site.read("sailplan.yaml")));
    let run = site.run(["doctor", "--for", "plan"]);
    let lines: Vec<&str> =
        run.out.lines().filter(|line| line.contains("look-up") || line.contains("names of")).collect();
    insta::assert_snapshot!(lines.join("\n"));
    assert_eq!(run.code, Some(0), "a look-up is never needed: {}", run.text());
}

#[test]
fn pull_accept_puts_wrong_names_right_in_a_list_that_did_not_drift() {
    let settings = format!(
        "jitActivationPolicy:\n  entitlementIds:\n    - {{id: {PAYROLL}, name: Payroll Admins}} # since March\n    - {DOMAIN}\n"
    );
    let site = site(&settings);
    let run = site.run(["pull", "--accept", "--yes", "--look-up", "names"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert!(run.out.contains("Accepted 1 name into settings/base.yaml."), "{}", run.text());
    assert_eq!(site.read("settings/base.yaml"), settings.replace("Payroll Admins", "Payroll Operators"));
    let again = site.run(["pull", "--accept", "--yes", "--look-up", "names"]);
    assert_eq!(again.out, "No drift: the settings files say what the tenants say.\n", "{}", again.text());
    assert_eq!(site.calls().iter().filter(|call| call.starts_with("PATCH")).count(), 0);
}

#[test]
fn names_in_a_guardrail_are_held_against_the_tenant() {
    let site = site("jitActivationPolicy: {maxActivationPeriodMins: 2h}\n");
    let keep =
        format!("[{{id: {DOMAIN}, name: Backup Admins}}, {{id: 11111111-2222-3333-4444-555555555555, name: Gone}}]");
    let workspace = site.read("sailplan.yaml");
    site.write(
        "sailplan.yaml",
        &format!("{workspace}    guardrails:\n      keep: {{jitActivationPolicy.entitlementIds: {keep}}}\n"),
    );
    let run = site.run(["plan", "--look-up", "names", "--json", "plan.json"]);
    let plan: Value = serde_json::from_str(&site.read("plan.json")).unwrap();
    let found = &plan["tenants"][0]["lookUps"];
    assert_eq!(
        found["misnamed"],
        json!([{
            "kind": "entitlement", "id": DOMAIN, "label": "Backup Admins", "name": "Domain Admins",
            "source": {"file": "sailplan.yaml", "line": 8},
        }])
    );
    assert_eq!(found["unknownIds"][0]["setting"], "/jitActivationPolicy/entitlementIds");
    assert_eq!(found["unknownIds"][0]["source"], json!({"file": "sailplan.yaml", "line": 8}));
    let text = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("\"Backup Admins\", the tenant calls it \"Domain Admins\" (sailplan.yaml:8)"), "{text}");
    assert_eq!(look_ups(&site).len(), 1, "both ids in one request");
}

#[test]
fn a_change_through_the_api_is_an_audit_event_of_the_practice_tenant() {
    let site = site("jitActivationPolicy: {maxActivationPeriodMins: 1h}\n");
    assert_eq!(site.run(["apply", "--yes"]).code, Some(0));
    site.write("settings/base.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 2h}\n");
    let receipts = site.path(".sailplan");
    std::fs::remove_dir_all(receipts).unwrap();
    let plan = json(&site.run(["plan", "--look-up", "changes", "--format", "json"]));
    let found = &plan["tenants"][0]["resources"][0]["events"]["found"];
    assert_eq!(
        (&found[0]["action"], &found[0]["actor"], &found[0]["own"], &found[0]["status"]),
        (&json!("JIT-ACTIVATION_POLICY_UPDATED"), &json!("practice.owner"), &json!(true), &json!("PASSED"))
    );
    assert_eq!(found.as_array().map(Vec::len), Some(1));
}
