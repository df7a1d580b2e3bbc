//! What an overview says of one or two changes.

use serde_json::{Value, json};

use super::{Longest, Overview, People, undo};
use crate::documents::fixtures::{change, plan, resource, tenant};
use crate::documents::in_words::QuestionEntry;
use crate::documents::plan::{
    ChangeEntry, PlanFile, RefusalEntry, RefusalKind, ResourceEntry, SourceEntry, TenantEntry, UnmanagedEntry,
};
use crate::documents::requested::{CommitEntry, PullRequestEntry, RequestedEntry};
use crate::plan::cause::Cause;
use crate::report::{html, summary};
use crate::resource::impact::Impact;

const LONGEST_ACTIVATION: &str = "/maxActivationPeriodMins";
const OFFERED: &str = "/defaultMaxActivationPeriodMins";

/// A commit of Ada's; `tickets` is `None` where they are not looked for.
fn commit(id: &str, subject: &str, tickets: Option<&[&str]>) -> CommitEntry {
    CommitEntry {
        commit: id.to_owned(),
        author: "Ada".to_owned(),
        date: "2026-11-20T10:00:00Z".to_owned(),
        subject: subject.to_owned(),
        tickets: tickets.map(|tickets| tickets.iter().map(|ticket| (*ticket).to_owned()).collect()),
        url: None,
    }
}

fn asked(change: ChangeEntry, commits: Vec<CommitEntry>) -> ChangeEntry {
    ChangeEntry { requested: Some(RequestedEntry { commits, unknown: None }), ..change }
}

/// A longest activation that becomes longer or shorter.
fn activation(from: i64, to: i64) -> ChangeEntry {
    let (impact, word) = if to > from { (Impact::Loosens, "longer") } else { (Impact::Tightens, "shorter") };
    let sentence = format!("An activation will be {word}. And more");
    change(LONGEST_ACTIVATION, Some(json!(from)), json!(to), impact, &sentence)
}

fn of_changes(changes: Vec<ChangeEntry>) -> PlanFile {
    let mut entry = resource("jitActivationPolicy", "v1", changes);
    entry.questions = QuestionEntry::of(entry.document().key().unwrap().resource, entry.values());
    of_resource(entry)
}

fn of_resource(entry: ResourceEntry) -> PlanFile {
    let mut plan = plan(vec![tenant("prod", "https://prod.api.identitynow.com", vec![entry])]);
    plan.summary = summary(&plan);
    plan
}

fn overview(plan: &PlanFile) -> Overview {
    Overview::of(plan, Longest::WHOLE, People::Named)
}

fn texts(concerns: &[super::Concern]) -> Vec<&str> {
    concerns.iter().map(|concern| concern.text.as_str()).collect()
}

#[test]
fn no_ticket_is_said_of_what_loosens_where_tickets_are_looked_for() {
    const BADGE: &str = "<span class=\"badge\">no ticket given</span>";
    let bare = |change: ChangeEntry, tickets: Option<&[&str]>| {
        of_changes(vec![asked(change, vec![commit("1a", "Longer", tickets)])])
    };
    let badge = |plan: &PlanFile| {
        let told = overview(plan).entries[0].no_ticket;
        assert_eq!(html::plan(plan).unwrap().contains(BADGE), told);
        told
    };
    assert!(badge(&bare(activation(60, 120), Some(&[]))));
    assert!(!badge(&bare(activation(60, 120), Some(&["IAM-1"]))));
    assert!(!badge(&bare(activation(60, 120), None)), "tickets are not looked for");
    assert!(!badge(&bare(activation(120, 60), Some(&[]))), "it tightens");
    assert!(!badge(&of_changes(vec![activation(60, 120)])), "who asked is not known");
    let two = vec![commit("1a", "Longer", Some(&[])), commit("2b", "IAM-1 longer", Some(&["IAM-1"]))];
    assert!(!badge(&of_changes(vec![asked(activation(60, 120), two)])), "one of the commits names one");
    let mut plan = bare(activation(60, 120), Some(&[]));
    let request = |tickets: &[&str]| PullRequestEntry {
        number: Some("7".to_owned()),
        title: None,
        tickets: Some(tickets.iter().map(|ticket| (*ticket).to_owned()).collect()),
    };
    plan.pull_request = Some(request(&[]));
    assert!(badge(&plan));
    plan.pull_request = Some(request(&["IAM-1"]));
    assert!(!badge(&plan), "the pull request names one");
}

#[test]
fn each_commit_is_asked_once_whether_it_means_what_it_loosens() {
    let offered =
        |commits| asked(change(OFFERED, Some(json!(1)), json!(2), Impact::Loosens, "More is offered"), commits);
    let longer = |commits| asked(activation(60, 120), commits);
    let one = || commit("1a", "Shorter times", None);
    let plan = of_changes(vec![longer(vec![one()]), offered(vec![one()])]);
    assert_eq!(
        texts(&overview(&plan).doubts)[0],
        "Whether “Shorter times” is meant to bring about what loosens here: ask Ada"
    );
    let plan = of_changes(vec![longer(vec![one()]), offered(vec![commit("2b", "Offer more", None)])]);
    let overview_of_two = overview(&plan);
    let told = texts(&overview_of_two.doubts);
    assert!(
        told[0].starts_with("Whether “Shorter times” is meant to bring about this (an activation will be longer)"),
        "{told:?}"
    );
    assert!(told[1].starts_with("Whether “Offer more” is meant to bring about this (more is offered)"), "{told:?}");
    let unknown = of_changes(vec![longer(Vec::new())]);
    assert_eq!(
        texts(&overview(&unknown).doubts)[0],
        "Who asked for what loosens here is not known: ask the engineer who made the plan"
    );
    // What tightens needs no reason, and a rollback has its own.
    let tighter = of_changes(vec![asked(activation(120, 60), vec![one()])]);
    assert_eq!(texts(&overview(&tighter).doubts), [""; 0]);
    let mut rollback = of_changes(vec![longer(vec![one()])]);
    rollback.rolls_back = serde_json::from_value(json!({"receipt": "a.json", "digest": "sha256:1"})).unwrap();
    assert!(!texts(&overview(&rollback).doubts).iter().any(|text| text.contains("is meant to")));
}

#[test]
fn what_a_loosening_leaves_open_comes_before_the_decision_and_the_rest_may_follow() {
    let open = "Whether activations that run now change (SailPoint documents nothing): ask SailPoint";
    let split = |changes: Vec<ChangeEntry>| {
        let overview = overview(&of_changes(changes));
        [overview.doubts, overview.later].map(|list| texts(&list).into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    assert_eq!(split(vec![activation(60, 120)]), [vec![open.to_owned()], Vec::new()]);
    assert_eq!(split(vec![activation(120, 60)]), [Vec::new(), vec![open.to_owned()]]);
    // Of a loosening and a tightening that leave the same open, the loosening counts.
    let extension = change(
        "/maxActivationPeriodExtensionMins",
        Some(json!(60)),
        json!(30),
        Impact::Tightens,
        "An extension will be shorter",
    );
    assert_eq!(split(vec![extension, activation(60, 120)]), [vec![open.to_owned()], Vec::new()]);
    // One question for one person.
    let cleared = change(LONGEST_ACTIVATION, Some(json!(60)), Value::Null, Impact::Loosens, "No maximum");
    let [first, later] = split(vec![cleared]);
    let whom: Vec<&str> = first.iter().filter_map(|text| text.rsplit(": ask ").next()).collect();
    assert_eq!(whom, ["an administrator of the tenant", "who asked for the change", "SailPoint"]);
    assert!(first[0].contains("alone and with its extensions"), "{first:?}");
    assert_eq!(later, [""; 0]);
}

#[test]
fn who_sets_again_what_a_request_overwrites_elsewhere_is_said() {
    let closes = change("/reauthorizationEnabled", Some(json!(false)), json!(true), Impact::Tightens, "They sign in");
    let mut entry = resource("accessRequestConfig", "v1", vec![ChangeEntry { overrides: true, ..closes }]);
    entry.unmanaged = vec![UnmanagedEntry {
        path: "/approvalReminderAndEscalationConfig/daysUntilEscalation".to_owned(),
        value: Some(json!(2).into()),
        loosest: false,
    }];
    entry.unmanaged.push(UnmanagedEntry {
        path: "/approvalReminderAndEscalationConfig/fallbackApproverRef".to_owned(),
        value: None,
        loosest: false,
    });
    let overview = overview(&of_resource(entry));
    assert_eq!(
        texts(&overview.doubts),
        [
            "What the approvals configuration has now as the reminders, the escalation and the fallback approver of approvals: \
             applying this will also overwrite it. Ask an administrator of the tenant to write it down before this is applied, \
             and to compare and restore it afterwards: neither an undo nor the receipt brings it back"
        ]
    );
    assert_eq!(
        overview.doubts[0].parts,
        [
            "Gets the value that the access-request settings hold: the days until the first reminder or, without reminders, \
             until a request is escalated: 2",
            "May be erased, because the access-request settings hold no value: who approves when no approver can be found"
        ]
    );
    assert_eq!(
        overview.entries[0].undo.last().map(String::as_str),
        Some("What it overwrites elsewhere is not put back: an administrator of the tenant sets it again.")
    );
}

#[test]
fn that_access_stays_is_no_surer_in_one_place_than_in_another() {
    let entry = |change: ChangeEntry| resource("accessRequestConfig", "v2", vec![change]);
    let anyone = "/requestOnBehalfOfConfig/allowRequestOnBehalfOfAnyoneByAnyone";
    let opens = change(anyone, Some(json!(false)), json!(true), Impact::Loosens, "Anyone may");
    let told = |change: &ChangeEntry| undo(&entry(change.clone()), change, Some("no".to_owned()));
    assert_eq!(
        told(&opens),
        ["Set it back to no.", "Access that is given meanwhile may stay; take it away separately."]
    );
    let drifted = ChangeEntry { cause: Some(Cause::Drift), impact: Impact::Tightens, ..opens.clone() };
    assert_eq!(
        told(&drifted),
        [
            "This puts the agreed value back. To keep the current one, no, have it agreed in the settings files. Access that was \
          given while it held may stay; review it."
        ]
    );
    // Beside a change that loosens the section about all of them does not say it again.
    let whole = html::plan(&of_resource(entry(opens.clone()))).unwrap();
    assert_eq!(whole.matches("may stay").count(), 1, "{whole}");
    let judged = ChangeEntry { impact: Impact::Review, ..opens };
    assert!(html::plan(&of_resource(entry(judged))).unwrap().contains("Access that was given meanwhile may stay."));
}

#[test]
fn an_unmanaged_setting_says_when_it_has_no_effect() {
    let object = "/entitlementRequestConfig/accessRequestConfig";
    let note = |before: Value, after: Value| {
        let approvers = format!("{object}/approvalSchemes");
        let mut entry = resource(
            "accessRequestConfig",
            "v2",
            vec![change(&approvers, Some(before), after, Impact::Loosens, "Fewer approve")],
        );
        entry.unmanaged = vec![UnmanagedEntry {
            path: format!("{object}/reauthorizationRequired"),
            value: Some(json!(true).into()),
            loosest: false,
        }];
        let page = html::plan(&of_resource(entry)).unwrap();
        let at = page.find(" effect: while these requests need no approval, there is no approver to sign in.");
        at.and_then(|at| page[..at].rsplit(" It ").next().map(str::to_owned))
    };
    let manager = || json!([{"approverType": "MANAGER"}]);
    assert_eq!(note(manager(), json!([])).as_deref(), Some("will have no"));
    assert_eq!(note(json!([]), manager()), None);
    assert_eq!(note(Value::Null, json!([])).as_deref(), Some("will have no"));
}

#[test]
fn the_owner_of_a_rule_knows_that_the_exception_is_theirs() {
    let page = |owner: Option<&str>| {
        let mut plan = of_changes(vec![activation(60, 120)]);
        plan.tenants[0].refusals = vec![RefusalEntry {
            kind: Some(RefusalKind::Deny),
            rule: "deny".to_owned(),
            setting: None,
            message: "loosens is denied".to_owned(),
            source: None,
            guard: Some(SourceEntry { file: "sailplan.yaml".to_owned(), line: 9 }),
            revision: None,
            standing: false,
            owner: owner.map(str::to_owned),
            reason: None,
            help: Vec::new(),
        }];
        html::plan(&plan).unwrap()
    };
    let owned = page(Some("@acme/iam"));
    assert!(
        owned.contains(
            "with the approval of the owner of the rule, and a new plan is made. The rule names @acme&#x2f;iam as its owner. If \
             that is you, or a group that you are in, you decide on an exception."
        ),
        "{owned}"
    );
    let no_owner = page(None);
    assert!(
        no_owner.contains(
            "with the approval of those who review the rule's file (it names no owner), and a new plan is made."
        ),
        "{no_owner}"
    );
}

#[test]
fn who_approves_by_default_stands_beside_what_opens_requests_to_anyone() {
    const APPROVERS: &str = "/entitlementRequestConfig/accessRequestConfig/approvalSchemes";
    const ANYONE: &str = "/requestOnBehalfOfConfig/allowRequestOnBehalfOfAnyoneByAnyone";
    let of_tenant = |name: &str, to: bool, approver: &str| {
        let (impact, sentence) = if to { (Impact::Loosens, "Anyone may") } else { (Impact::Tightens, "No one may") };
        let changes = vec![change(ANYONE, Some(json!(!to)), json!(to), impact, sentence)];
        let mut entry = resource("accessRequestConfig", "v2", changes);
        let value = json!([{"approverType": approver}]);
        entry.unmanaged =
            vec![UnmanagedEntry { path: APPROVERS.to_owned(), value: Some(value.into()), loosest: false }];
        tenant(name, "https://prod.api.identitynow.com", vec![entry])
    };
    let told = |tenants: Vec<TenantEntry>| -> Vec<(Vec<String>, Vec<String>)> {
        overview(&plan(tenants)).entries.into_iter().map(|entry| (entry.tenants.names, entry.beside)).collect()
    };
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let by = |approver: &str| names(&[&format!("who approves requests for entitlements, in order: {approver}")]);
    // The same change is told apart where it depends on something else what it comes to.
    assert_eq!(
        told(vec![
            of_tenant("a", true, "MANAGER"),
            of_tenant("b", true, "SOURCE_OWNER"),
            of_tenant("c", true, "MANAGER")
        ]),
        [(names(&["a", "c"]), by("manager")), (names(&["b"]), by("source owner"))]
    );
    assert_eq!(told(vec![of_tenant("a", false, "MANAGER")]), [(names(&["a"]), Vec::new())]);
}

#[test]
fn a_refusal_shows_what_was_agreed_what_stays_and_what_the_rule_says() {
    let drifted = ChangeEntry {
        cause: Some(Cause::Both),
        agreed: serde_json::from_value(json!({"value": 120})).unwrap(),
        ..activation(480, 600)
    };
    let mut plan = of_changes(vec![drifted]);
    let refusal = |kind: RefusalKind, message: &str| RefusalEntry {
        kind: Some(kind),
        rule: "limits".to_owned(),
        setting: Some("/jitActivationPolicy/maxActivationPeriodMins".to_owned()),
        message: format!("jitActivationPolicy.maxActivationPeriodMins {message}"),
        source: None,
        guard: None,
        revision: None,
        standing: false,
        owner: None,
        reason: Some("Audit".to_owned()),
        help: Vec::new(),
    };
    plan.tenants[0].refusals = vec![
        refusal(RefusalKind::Limits, "is 10h (600 min), and the limit is 4h (240 min)"),
        refusal(RefusalKind::Deny, "loosens: An activation will be longer"),
        refusal(RefusalKind::Deny, "disrupts: It stops"),
        refusal(RefusalKind::Deny, "glows: In the dark"),
    ];
    let overview = overview(&plan);
    let refusals: Vec<_> = overview.refusals().collect();
    let rows = |rows: &[(&'static str, &str)]| rows.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
    let values = [
        ("Setting", "The longest time that a single activation may last"),
        ("Agreed before", "2 hours"),
        ("Now, and stays", "8 hours: changed outside the settings files"),
        ("Asked for", "10 hours: refused"),
    ];
    let limit = ("The rule", "the limit is 4h (240 min)");
    let why = ("Why the rule", "Audit");
    let expected: Vec<(&str, String)> = rows(&[values.as_slice(), &[limit, why]].concat());
    assert_eq!(refusals[0].rows, expected);
    let expected: Vec<(&str, String)> = rows(&[values.as_slice(), &[why]].concat());
    assert_eq!(refusals[1].rows, expected);
    let agreed = [&refusals[0], &refusals[1]].map(|refusal| refusal.agreed.as_deref());
    assert_eq!(agreed, [None, Some("2 hours")], "a limit is measured by itself");
    let bans: Vec<&str> = refusals.iter().map(|refusal| refusal.ban.as_str()).collect();
    assert_eq!(
        bans,
        [
            "a rule limits a value",
            "a rule forbids what gives more access, for longer, or with fewer checks",
            "a rule forbids what stops something for people",
            "a rule forbids changes of this kind here"
        ]
    );
}
