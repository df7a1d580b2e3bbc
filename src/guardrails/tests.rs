use jiff::civil::{Date, date};
use serde_json::json;

use super::subject::Subject;
use super::*;
use crate::documents::plan::{RefusalEntry, RefusalKind, SourceEntry};
use crate::documents::schema::{self, Schema};
use crate::plan::{self, Comparison};
use crate::settings::{self, Desired};
use crate::text::number::count;
use crate::text::problem::Severity;
use crate::text::reader::Reader;
use crate::text::yaml::{self, Source};

const TODAY: Date = date(2026, 11, 22);

fn desired(yaml: &str) -> Desired {
    let (desired, problems) = settings::read(&[Source::new("settings.yaml", yaml)]);
    assert!(problems.iter().all(|problem| problem.severity != Severity::Error), "{problems:#?}");
    desired
}

/// Reads `guardrails` and `limits` as they stand in a tenant of a workspace.
pub(super) fn guards(yaml: &str) -> Result<Guardrails, Vec<String>> {
    let source = Source::new("sailplan.yaml", yaml);
    let node = yaml::parse(&source).unwrap();
    let mut reader = Reader::new(&source);
    let mut guards = Guardrails::default();
    for (key, value) in reader.map(&node, "a mapping").unwrap() {
        match key.text.as_ref() {
            "guardrails" => guards = written::of_tenant(value, &mut reader),
            "limits" => written::limits(value, &mut reader, &mut guards),
            other => panic!("{other}"),
        }
    }
    if reader.failed() { Err(told(reader.problems)) } else { Ok(guards) }
}

fn told(problems: Vec<crate::text::problem::Problem>) -> Vec<String> {
    problems.into_iter().map(|one| format!("{}: {} -- {}", one.rule, one.message, one.help.join("; "))).collect()
}

fn allowances(yaml: &str) -> Result<Vec<Allowance>, Vec<String>> {
    let (allowances, problems) = allowance::read(&[Source::new("allowances.yaml", yaml)]);
    if problems.is_empty() { Ok(allowances) } else { Err(told(problems)) }
}

struct Case {
    guards: &'static str,
    allowances: &'static str,
    settings: &'static str,
    live: Value,
    lifts: Lifts,
}

impl Case {
    fn new(guards: &'static str, settings: &'static str, live: Value) -> Case {
        Case { guards, allowances: "[]", settings, live, lifts: Lifts::default() }
    }

    fn allowances(mut self, allowances: &'static str) -> Case {
        self.allowances = allowances;
        self
    }

    fn allow(mut self, lift: Lift) -> Case {
        self.lifts.allow.push(lift);
        self
    }

    fn judged(&self) -> Judged {
        let desired = desired(self.settings);
        let comparisons: Vec<Comparison> =
            desired.resources.iter().map(|wanted| plan::compare(wanted, &self.live).unwrap()).collect();
        let resources: Vec<_> = desired.resources.iter().zip(comparisons.iter().map(Some)).collect();
        let rules = RuleSet {
            tenant: "prod".to_owned(),
            guardrails: guards(self.guards).unwrap(),
            allowances: Arc::new(allowances(self.allowances).unwrap()),
            ..RuleSet::default()
        };
        judge(&Proposal { tenant: "prod", resources }, &[], &[rules], &self.lifts, TODAY)
    }

    /// Rule and message of each refusal.
    fn refused(&self) -> Vec<String> {
        self.judged().refusals.into_iter().map(|one| format!("{}: {}", one.guardrail, one.message)).collect()
    }

    /// Rule of each lifted guardrail, and what lifted it.
    fn lifted(&self) -> Vec<String> {
        let by = |lifted: &Lifted| match &lifted.by {
            LiftedBy::Flag(flag) => flag.clone(),
            LiftedBy::Receipt(receipt) => receipt.clone(),
            LiftedBy::Allowance(allowance) => allowance.ticket.clone(),
        };
        self.judged().lifted.iter().map(|lifted| format!("{} by {}", lifted.guardrail, by(lifted))).collect()
    }
}

const DENY: &str = "guardrails: {deny: [loosens]}";
const FOUR_HOURS: &str = "jitActivationPolicy: {maxActivationPeriodMins: 4h}";
const SENTENCE: &str = "jitActivationPolicy.maxActivationPeriodMins loosens: A single activation will last at most 4 hours instead of 2 hours";

fn two_hours() -> Value {
    json!({"maxActivationPeriodMins": 120})
}

mod allowances;
mod approvals;
mod bounds;
mod files;
mod lift;

#[test]
fn deny_refuses_each_change_that_carries_the_word() {
    let flat = |settings: &'static str| settings;
    let none: [String; 0] = [];
    for (word, settings, live, refused) in [
        ("loosens", FOUR_HOURS, two_hours(), vec![format!("deny: {SENTENCE}")]),
        ("tightens", FOUR_HOURS, two_hours(), none.to_vec()),
        (
            "review",
            FOUR_HOURS,
            json!({}),
            vec![
                "deny: jitActivationPolicy.maxActivationPeriodMins review: A single activation will last at most 4 hours; no limit \
                 is set now"
                    .to_owned(),
            ],
        ),
        (
            "neutral",
            "jitActivationPolicy: {notificationTemplate: x}",
            json!({}),
            vec![
                "deny: jitActivationPolicy.notificationTemplate neutral: Activation messages will be written with another template"
                    .to_owned(),
            ],
        ),
        (
            "disrupts",
            flat("accessRequestConfig: {apiVersion: beta, approvalsMustBeExternal: true, autoApprovalEnabled: false}"),
            json!({"approvalsMustBeExternal": false, "autoApprovalEnabled": true}),
            vec![
                "deny: accessRequestConfig.approvalsMustBeExternal disrupts: The Request Center will be closed to everyone but org admins: requests will be approved in an external system only"
                    .to_owned(),
            ],
        ),
        (
            "overrides",
            flat("accessRequestConfig: {apiVersion: beta, autoApprovalEnabled: false}"),
            json!({"autoApprovalEnabled": true, "approvalReminderAndEscalationConfig": {"maxReminders": 3}}),
            vec![
                "deny: accessRequestConfig.autoApprovalEnabled overrides: A request will not be approved automatically when requester and approver are the same person"
                    .to_owned(),
            ],
        ),
        (
            "overrides",
            flat("accessRequestConfig: {apiVersion: beta, autoApprovalEnabled: false}"),
            json!({"autoApprovalEnabled": true}),
            none.to_vec(),
        ),
    ] {
        let guards = format!("guardrails: {{deny: [{word}]}}").leak();
        assert_eq!(Case::new(guards, settings, live.clone()).refused(), refused, "{word} {settings}");
        let lifted = Case::new(guards, settings, live).allow(Lift::Deny(Word::named(word).unwrap()));
        assert_eq!(lifted.refused(), none, "{word} {settings}");
        assert_eq!(lifted.lifted(), vec![format!("deny by --allow {word}"); refused.len()]);
    }
}

#[test]
fn a_refusal_names_both_lines_and_the_way_out() {
    let source = |file: &str| SourceEntry { file: file.to_owned(), line: 1 };
    let judged = Case::new(DENY, FOUR_HOURS, two_hours()).judged();
    assert_eq!((judged.lifted.len(), judged.weakened.len()), (0, 0));
    assert_eq!(
        judged.refusals.iter().map(RefusalEntry::from).collect::<Vec<_>>(),
        [RefusalEntry {
            kind: Some(RefusalKind::Deny),
            standing: false,
            owner: None,
            reason: None,
            rule: "deny".to_owned(),
            setting: Some("/jitActivationPolicy/maxActivationPeriodMins".to_owned()),
            message: SENTENCE.to_owned(),
            source: Some(source("settings.yaml")),
            guard: Some(source("sailplan.yaml")),
            revision: None,
            help: vec![
                "change or withdraw settings.yaml:1:23".to_owned(),
                "if it was changed outside git, take the tenant's value over into the file: sailplan pull --accept"
                    .to_owned(),
                "an allowance for jitActivationPolicy.maxActivationPeriodMins permits it up to a value, until a date"
                    .to_owned(),
                "--allow loosens lifts it for one run".to_owned(),
            ],
        }]
    );
}

#[test]
fn an_allowance_reaches_to_its_value_and_its_day() {
    let refused = format!("deny: {SENTENCE}");
    for (tenant, setting, up_to, until, lifted) in [
        ("prod", "/jitActivationPolicy/maxActivationPeriodMins", "4h", "2026-11-22", true),
        ("pr*", "maxActivationPeriodMins", "6h", "2026-11-23", true),
        ("prod", "maxActivationPeriodMins", "239", "2026-11-23", false),
        ("prod", "maxActivationPeriodMins", "6h", "2026-11-21", false),
        ("prod", "maxActivationPeriodMins", "null", "2026-11-23", false),
        ("prod", "maxActivationPeriodExtensionMins", "6h", "2026-11-23", false),
        ("test", "maxActivationPeriodMins", "6h", "2026-11-23", false),
    ] {
        let file = format!(
            "- {{tenant: '{tenant}', setting: {setting}, upTo: {up_to}, reason: audit, ticket: IAM-1, until: {until}}}"
        );
        let case = Case::new(DENY, FOUR_HOURS, two_hours()).allowances(file.clone().leak());
        let (expected, by) = if lifted { (vec![], vec!["deny by IAM-1"]) } else { (vec![refused.clone()], vec![]) };
        assert_eq!((case.refused(), case.lifted()), (expected, by.into_iter().map(str::to_owned).collect()), "{file}");
    }
}

#[test]
fn what_an_allowance_reaches_lies_with_the_kind() {
    for (settings, live, setting, up_to, reaches) in [
        ("jitActivationPolicy: {maxActivationPeriodMins: null}", two_hours(), "maxActivationPeriodMins", "99d", false),
        ("jitActivationPolicy: {maxActivationPeriodMins: null}", two_hours(), "maxActivationPeriodMins", "null", true),
        (
            "jitActivationPolicy: {applyToFutureAssignments: false}",
            json!({}),
            "applyToFutureAssignments",
            "false",
            true,
        ),
        (
            "jitActivationPolicy: {applyToFutureAssignments: false}",
            json!({}),
            "applyToFutureAssignments",
            "true",
            false,
        ),
        // The size of the result would say that three who leave are fewer than two.
        (
            "jitActivationPolicy: {entitlementIds: [d]}",
            json!({"entitlementIds": ["a", "b", "d"]}),
            "entitlementIds",
            "2",
            true,
        ),
        (
            "jitActivationPolicy: {entitlementIds: [d]}",
            json!({"entitlementIds": ["a", "b", "c", "d"]}),
            "entitlementIds",
            "2",
            false,
        ),
        (
            "jitActivationPolicy: {entitlementIds: [c]}",
            json!({"entitlementIds": ["a", "b"]}),
            "entitlementIds",
            "2",
            false,
        ),
    ] {
        let file = format!(
            "- {{tenant: prod, setting: {setting}, upTo: {up_to}, reason: audit, ticket: IAM-1, until: 2026-12-31}}"
        );
        let case = Case::new(DENY, settings, live).allowances(file.leak());
        assert_eq!(case.refused().is_empty(), reaches, "{settings} up to {up_to}");
        assert_eq!(case.lifted().len(), usize::from(reaches), "{settings} up to {up_to}");
    }
}

#[test]
fn a_refusal_tells_why_the_allowance_does_not_help() {
    let case = Case::new(DENY, FOUR_HOURS, two_hours()).allowances(
        "- {tenant: prod, setting: maxActivationPeriodMins, upTo: 3h, reason: a, ticket: IAM-1, until: 2026-12-31}\n\
         - {tenant: prod, setting: maxActivationPeriodMins, upTo: 6h, reason: a, ticket: IAM-2, until: 2026-11-21}\n",
    );
    assert_eq!(
        case.judged().refusals[0].help,
        [
            "change or withdraw settings.yaml:1:23",
            "if it was changed outside git, take the tenant's value over into the file: sailplan pull --accept",
            "the allowance IAM-1 (allowances.yaml:1:3) reaches only to 3h (180 min)",
            "the allowance IAM-2 (allowances.yaml:2:3), up to 6h (360 min), ended on 2026-11-21",
            "an allowance for jitActivationPolicy.maxActivationPeriodMins permits it up to a value, until a date",
            "--allow loosens lifts it for one run",
        ]
    );
}

#[test]
fn max_changes_counts_members_one_by_one() {
    let settings = "jitActivationPolicy: {entitlementIds: [c, d], maxActivationPeriodMins: 4h, notificationRecipients: \
                    [A@example.com]}";
    let live = json!({"entitlementIds": ["a", "b"], "maxActivationPeriodMins": 120,
        "notificationRecipients": ["a@example.com", "b@example.com"]});
    let message = |number: usize, most: usize| {
        let number = count(number, "change", "changes");
        vec![format!("maxChanges: {number}, more than {most} (members of a set count one by one)")]
    };
    let case = |guards| Case::new(guards, settings, live.clone());
    let (six, five) = ("guardrails: {maxChanges: 6}", "guardrails: {maxChanges: 5}");
    assert_eq!(case(six).refused(), [""; 0]);
    let one =
        Case::new("guardrails: {maxChanges: 0}", "jitActivationPolicy: {maxActivationPeriodMins: 4h}", two_hours());
    assert_eq!(one.refused(), message(1, 0));
    assert_eq!(case(five).refused(), message(6, 5));
    let lifted = case(five).allow(Lift::MaxChanges);
    assert_eq!((lifted.refused(), lifted.lifted()), (vec![], vec!["maxChanges by --allow maxChanges".to_owned()]));
    let allowance = "- {tenant: prod, setting: entitlementIds, upTo: 4, reason: a, ticket: IAM-1, until: 2026-12-31}";
    let lifted = case(five).allowances(allowance);
    assert_eq!((lifted.refused(), lifted.lifted()), (vec![], vec!["maxChanges by IAM-1".to_owned()]));
    let most = "guardrails: {maxChanges: 1}";
    assert_eq!(
        case(most).allowances(allowance).refused(),
        ["maxChanges: 2 changes without an allowance, more than 1 (members of a set count one by one)"]
    );
    assert_eq!(
        Case::new("guardrails: {maxChanges: 0}", FOUR_HOURS, json!({"maxActivationPeriodMins": 240})).refused(),
        [""; 0]
    );
}

#[test]
fn require_looks_at_what_is_managed_and_readable() {
    let guardrails = guards("guardrails: {require: [/accessRequestConfig/autoApprovalEnabled]}").unwrap();
    let rules = [RuleSet { guardrails, ..RuleSet::default() }];
    let judged = |settings: &str, read: bool| -> Vec<String> {
        let desired = desired(settings);
        let comparison = Comparison::default();
        let resources: Vec<_> = desired.resources.iter().map(|one| (one, read.then_some(&comparison))).collect();
        let judged = judge(&Proposal { tenant: "prod", resources }, &[], &rules, &Lifts::default(), TODAY);
        judged.refusals.into_iter().map(|one| one.message).collect()
    };
    let managed = "accessRequestConfig: {apiVersion: beta, autoApprovalEnabled: false}";
    let absent = "accessRequestConfig.autoApprovalEnabled must be managed, and no settings file of the tenant sets it";
    assert_eq!(judged(managed, true), [""; 0]);
    assert_eq!(
        judged(managed, false),
        ["accessRequestConfig.autoApprovalEnabled must be managed, and the access-request settings could not be read"]
    );
    assert_eq!(judged(FOUR_HOURS, true), [absent]);
    assert_eq!(judged("accessRequestConfig: {apiVersion: beta, reauthorizationEnabled: true}", true), [absent]);
}

#[test]
fn entitlements_are_emptied_only_by_name() {
    let case =
        |settings| Case::new("{}", settings, json!({"entitlementIds": ["a"], "notificationRecipients": ["a@b.c"]}));
    let message = "empty: jitActivationPolicy.entitlementIds would be emptied: 1 entitlement will leave JIT control and may \
                   then be held permanently; none will be left under it";
    assert_eq!(case("jitActivationPolicy: {entitlementIds: []}").refused(), [message]);
    let mut emptied =
        case("jitActivationPolicy: {entitlementIds: null}").allow(Lift::Deny(Word::Impact(Impact::Loosens)));
    assert_eq!(emptied.refused(), [message]);
    emptied.lifts.empty = true;
    assert_eq!((emptied.refused(), emptied.lifted()), (vec![], vec!["empty by --allow-empty".to_owned()]));
    assert_eq!(case("jitActivationPolicy: {notificationRecipients: []}").refused(), [""; 0]);
}

#[test]
fn mistakes_in_guards_are_told_all_at_once() {
    let file = "\
guardrails:
  deny: [loosen, 5, nothing-like-it]
  maxChanges: -1
  maxchanges: 3
  require: [/jitActivationPolicy/maxActivationPeriodMin, requestOnBehalfOfConfig]
limits:
  maxActivationPeriodMins: null
  applyToFutureAssignments: no
  entitlementIds: [a]
  /jitActivationPolicy/maxActivationPeriodExtensionMins: 1h
  maxActivationPeriodExtensionMins: 2h
";
    assert_eq!(
        guards(file).unwrap_err(),
        [
            "unknown-word: there is no impact `loosen` -- did you mean `loosens`?",
            "value-kind: expected one of loosens, review, tightens, neutral, disrupts, overrides -- put it in quotes: \
             \"5\"; without them YAML reads a number",
            "unknown-word: there is no impact `nothing-like-it` -- write one of loosens, review, tightens, neutral, \
             disrupts, overrides",
            "number-range: must be a whole number of changes, 0 or more -- ",
            "unknown-key: unknown key `maxchanges` -- did you mean `maxChanges`?",
            "unknown-setting: there is no setting `/jitActivationPolicy/maxActivationPeriodMin` -- did you mean \
             `/jitActivationPolicy/maxActivationPeriodMins`?",
            "unknown-setting: there is no setting `requestOnBehalfOfConfig` -- name a setting as \
             RESOURCE.SETTING or by its last key; sailplan explain lists them",
            "no-ceiling: jitActivationPolicy.maxActivationPeriodMins: null is not a limit, expected a whole number of \
             minutes, such as 120, 120m, 2h, 1h30m, 1d or PT2H -- write the highest value that is allowed, or delete \
             the line",
            "value-kind: jitActivationPolicy.applyToFutureAssignments: expected true or false -- write false: YAML 1.2 has no \
             other word for it",
            "value-kind: jitActivationPolicy.entitlementIds: expected a whole number of members, 0 or more -- ",
            "limited-twice: jitActivationPolicy.maxActivationPeriodExtensionMins has a limit already -- delete one of \
             them",
        ]
    );
}

#[test]
fn an_allowance_says_everything_and_the_schema_agrees() {
    let schema: Value = serde_json::from_str(&schema::text(Schema::Allowances).unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let whole = json!({"tenant": "prod", "setting": "maxActivationPeriodMins", "upTo": "6h", "reason": "audit",
        "ticket": "IAM-1", "until": "2026-12-31"});
    let with = |key: &str, value: Value| {
        let mut one = whole.clone();
        one[key] = value;
        one
    };
    let without = |key: &str| {
        let mut one = whole.clone();
        one.as_object_mut().unwrap().remove(key);
        one
    };
    for (one, told) in [
        (whole.clone(), vec![]),
        (with("upTo", Value::Null), vec![]),
        (
            without("ticket"),
            vec![
                "missing-key: this allowance has no ticket -- an exception says for which tenant and setting, how far, \
                  why, by which ticket and until which day",
            ],
        ),
        (
            with("reason", json!(" ")),
            vec!["empty-text: expected the reason as text, this is empty -- write it, or delete the line"],
        ),
        (with("until", json!("31.12.2026")), vec!["day: expected a day, such as 2026-12-31 -- write 2026-12-31"]),
        (
            with("until", json!("the last of December")),
            vec!["day: expected a day, such as 2026-12-31 -- write year, month and day with hyphens"],
        ),
        (with("untill", json!("x")), vec!["unknown-key: unknown key `untill` -- did you mean `until`?"]),
        (
            with("setting", json!("maxActivationPeriod")),
            vec![
                "unknown-setting: there is no setting `maxActivationPeriod` -- did you mean `maxActivationPeriodMins`?",
            ],
        ),
        (
            with("upTo", json!(0)),
            vec![
                "minutes-range: jitActivationPolicy.maxActivationPeriodMins: expected at least 1 minute, this is 0 -- \
                 write null to clear the setting, or delete the line to leave it unmanaged",
            ],
        ),
    ] {
        let read = allowances(&json!([one]).to_string()).map(|_| ()).err().unwrap_or_default();
        assert_eq!(read, told, "{one}");
        assert_eq!(schema.is_valid(&json!([one])), told.is_empty(), "{one} by the schema");
    }
    let day = "- {tenant: prod, setting: maxActivationPeriodMins, upTo: 6h, reason: a, ticket: b, until: 2026-02-30}";
    assert_eq!(allowances(day).unwrap_err().len(), 1);
}

#[test]
fn every_word_of_the_command_line_is_a_guardrail() {
    let words: Vec<String> = Lift::WORDS.iter().map(|word| word.parse::<Lift>().unwrap().to_string()).collect();
    assert_eq!(words, Lift::WORDS);
    assert!(Word::ALL.iter().all(|word| Lift::WORDS.contains(&word.text())), "every word of `deny` can be lifted");
    assert_eq!("loosen".parse::<Lift>(), Err(format!("write one of {}", Lift::WORDS.join(", "))));
}

#[test]
fn a_way_back_is_let_through_where_it_was_before() {
    let case = Case::new(
        "guardrails: {deny: [loosens], maxChanges: 0, require: [autoApprovalEnabled]}\nlimits: {maxActivationPeriodMins: 3h}",
        FOUR_HOURS,
        two_hours(),
    );
    let judged = |rules: &RuleSet, lifts: &Lifts| -> (Vec<String>, Vec<String>) {
        let desired = desired(case.settings);
        let comparison = plan::compare(&desired.resources[0], &case.live).unwrap();
        let resources = vec![(&desired.resources[0], Some(&comparison))];
        let judged = judge(&Proposal { tenant: "prod", resources }, &[], std::slice::from_ref(rules), lifts, TODAY);
        (
            judged.refusals.into_iter().map(|refusal| refusal.guardrail.to_string()).collect(),
            judged.lifted.into_iter().map(|lifted| format!("{} by {:?}", lifted.guardrail, lifted.by)).collect(),
        )
    };
    let rules = RuleSet { guardrails: guards(case.guards).unwrap(), ..RuleSet::default() };
    let (refused, lifted) = judged(&rules, &Lifts::default());
    assert_eq!((refused.join(" "), lifted.len()), ("deny maxChanges require limits".to_owned(), 0));
    let rollback = Lifts { receipt: Some("r.json".to_owned()), ..Lifts::default() };
    let (refused, lifted) = judged(&rules, &rollback);
    assert_eq!(
        (refused.join(" "), lifted.join(" ")),
        ("maxChanges limits".to_owned(), "deny by Receipt(\"r.json\")".to_owned())
    );
}

#[test]
fn durations_pass_a_limit_that_cannot_be_compared() {
    let pointer = "/accessRequestConfig/entitlementRequestConfig/accessRequestConfig/maxPermittedAccessDuration";
    let guards = format!("limits: {{{pointer}: {{value: 2, timeUnit: WEEKS}}}}").leak();
    for (number, unit, refused) in [
        (14, "DAYS", None),
        (15, "DAYS", Some("15 days, and the limit is 2 weeks")),
        (1, "MONTHS", Some("1 month, which cannot be compared with the limit 2 weeks")),
    ] {
        let settings = format!(
            "accessRequestConfig: {{apiVersion: v2, entitlementRequestConfig: {{accessRequestConfig: \
             {{maxPermittedAccessDuration: {{value: {number}, timeUnit: {unit}}}}}}}}}"
        );
        let expected: Vec<String> = refused
            .into_iter()
            .map(|end| format!("limits: {}: {end}", crate::resource::dotted(pointer)))
            .map(|text| text.replace("Duration: ", "Duration is "))
            .collect();
        assert_eq!(Case::new(guards, settings.leak(), json!({})).refused(), expected, "{number} {unit}");
    }
}

#[test]
fn a_setting_that_generations_bound_differently_is_one_setting() {
    let pointers: Vec<String> = Subject::names().into_iter().map(|(name, _)| name).collect();
    let mut distinct = pointers.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), pointers.len());
    assert_eq!(guards("limits: {maxReminders: 5}").map(|guards| guards.limits.len()), Ok(1));
}
