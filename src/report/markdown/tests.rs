use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{GITHUB_LIMIT, SMALLEST_LIMIT, length, plan};
use crate::documents::fixtures;
use crate::documents::plan::{ChangeEntry, PlanFile, RefusalEntry, SourceEntry};
use crate::resource::impact::Impact;

const TENANTS: usize = 300;
const CHANGES: usize = 5_000;

fn name(tenant: usize) -> String {
    format!("customer-{tenant:03}-prod")
}

/// 5,000 changes in 300 tenants, every setting with values of its own; `impact` says what the n-th change means.
fn fleet(impact: fn(usize) -> Impact) -> PlanFile {
    let change = |tenant: usize, index: usize| {
        let sentence =
            format!("A sentence of the usual length about setting {index} of tenant {tenant} and what it means");
        let path = format!("/someGroupOfSettings/settingNumber{index:02}");
        let value = json!(tenant * 100 + index);
        let change = fixtures::change(&path, Some(Value::Null), value, impact(tenant * 17 + index), &sentence);
        let source = SourceEntry { file: format!("settings/tenant-{tenant:03}.yaml"), line: index + 1 };
        ChangeEntry { source, ..change }
    };
    let tenants = (0..TENANTS).map(|tenant| {
        let number = CHANGES / TENANTS + usize::from(tenant < CHANGES % TENANTS);
        let changes = (0..number).map(|index| change(tenant, index)).collect();
        let mut resource = fixtures::resource("accessRequestConfig", "v2", changes);
        resource.warnings = vec![format!("something that only concerns tenant {tenant}")];
        let url = format!("https://customer-{tenant:03}.api.identitynow.com");
        fixtures::tenant(&name(tenant), &url, vec![resource])
    });
    let mut plan = fixtures::plan(tenants.collect());
    plan.workspace = Some("infra/sailplan.yaml".to_owned());
    plan.summary.verdict = "Plan: many settings to change.".to_owned();
    plan
}

/// Reads the loosenings back from the comment: tenant and setting of each, however they are told.
fn loosenings(markdown: &str) -> Vec<(String, String)> {
    let section = markdown.split("### Loosens").nth(1).unwrap_or_default();
    let section = section.split("\n\n").nth(2).unwrap_or_default();
    let mut names: BTreeMap<usize, String> = BTreeMap::new();
    let mut found = Vec::new();
    let mut setting = String::new();
    let quoted = |text: &str| -> Vec<String> { text.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    for line in section.lines() {
        if let Some(key) = line.strip_prefix("- tenants: ") {
            for part in key.split(", ") {
                let (number, name) = part.split_once(' ').unwrap();
                names.insert(number.parse().unwrap(), name.trim_matches('`').to_owned());
            }
        } else if let Some((head, numbers)) = line.split_once(": tenants ") {
            for range in numbers.split(", ") {
                let (first, last) = range.split_once('–').unwrap_or((range, range));
                let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
                found.extend((first..=last).map(|number| (names[&number].clone(), quoted(head)[0].clone())));
            }
        } else if let Some(tenants) = line.strip_prefix("  - in ") {
            let tenants = tenants.split(';').next().unwrap();
            found.extend(quoted(tenants).into_iter().map(|tenant| (tenant, setting.clone())));
        } else if line.starts_with("- ") {
            let parts = quoted(line);
            setting = parts[0].clone();
            if line.ends_with(": all 300 tenants") {
                found.extend((0..TENANTS).map(|tenant| (name(tenant), setting.clone())));
            } else if !line.contains(" → ") {
                found.extend(parts.into_iter().skip(1).map(|tenant| (tenant, setting.clone())));
            }
        }
    }
    found.sort();
    found
}

fn expected(plan: &PlanFile) -> Vec<(String, String)> {
    let mut expected: Vec<(String, String)> = plan
        .changes()
        .filter(|(.., change)| change.impact == Impact::Loosens)
        .map(|(tenant, resource, change)| {
            (tenant.name.clone(), format!("{}{}", resource.resource, change.path.replace('/', ".")))
        })
        .collect();
    expected.sort();
    expected
}

#[test]
fn every_loosening_of_a_large_fleet_fits_a_comment() {
    // Told in whole sentences, by the names of tenants, by their numbers, as all of them.
    let few: fn(usize) -> Impact = |n| if n % 50 == 0 { Impact::Loosens } else { Impact::Tightens };
    let third: fn(usize) -> Impact = |n| [Impact::Loosens, Impact::Neutral, Impact::Review][n % 3];
    let most: fn(usize) -> Impact = |n| if n % 7 == 0 { Impact::Review } else { Impact::Loosens };
    let all: fn(usize) -> Impact = |_| Impact::Loosens;
    for impact in [few, third, most, all] {
        let fleet = fleet(impact);
        let text = plan(&fleet, GITHUB_LIMIT, "The full plan: sailplan show --full plan.json");
        assert!(length(&text) <= GITHUB_LIMIT, "{}", length(&text));
        assert_eq!(loosenings(&text), expected(&fleet));
        assert_eq!(text.lines().next(), Some("**Plan: many settings to change.**"));
        assert!(text.contains("> **Cut to fit 65536 characters.** Not shown, or shortened: "));
    }
}

#[test]
fn no_limit_is_passed() {
    let fleet = fleet(|n| if n % 2 == 0 { Impact::Loosens } else { Impact::Review });
    for limit in [SMALLEST_LIMIT, 5_000, 32_768, 150_000, 1_000_000] {
        let text = plan(&fleet, limit, "The full plan: sailplan show --full plan.json");
        assert!(length(&text) <= limit, "{limit}: {}", length(&text));
    }
}

/// A setting, what its change means, and in which tenants it changes.
type Changed = (&'static str, Impact, fn(usize) -> bool);

/// A plan of 1,000 tenants for a few settings, each changed in the same way in some of them.
fn alike(settings: &[Changed]) -> PlanFile {
    let tenants = (0..1000).map(|tenant| {
        let here = settings.iter().filter(|(.., changes_in)| changes_in(tenant));
        let changes = here.map(|(path, impact, _)| {
            fixtures::change(path, Some(json!(1)), json!(2), *impact, "A sentence about what it means")
        });
        let resource = fixtures::resource("accessRequestConfig", "v2", changes.collect());
        fixtures::tenant(&name(tenant), "https://a.api.identitynow.com", vec![resource])
    });
    fixtures::plan(tenants.collect())
}

#[test]
fn each_long_list_of_tenants_is_written_out_once_in_a_fold() {
    let fleet = alike(&[
        ("/first", Impact::Loosens, |tenant| tenant < 880),
        ("/second", Impact::Review, |tenant| tenant < 880),
        ("/third", Impact::Review, |tenant| tenant >= 600),
        ("/fourth", Impact::Loosens, |tenant| tenant != 57),
    ]);
    let text = plan(&fleet, GITHUB_LIMIT, "The full plan: sailplan show --full plan.json");
    let (told, lists) = text.split_once("<details><summary>Long lists of tenants, by name</summary>").unwrap();
    for line in told.lines() {
        assert!(length(line) < 400, "{line}");
    }
    let (first, second) = (name(9), name(609));
    assert_eq!(told.matches(&format!("`{first}` and 870 more (list 1); `")).count(), 2, "{told}");
    assert_eq!(told.matches(&format!("`{second}` and 390 more (list 2); `")).count(), 1, "{told}");
    assert!(told.contains("  - in all 1000 tenants except `customer-057-prod`; `"), "{told}");
    for tenant in 0..1000 {
        let expected = usize::from(tenant < 880) + usize::from(tenant >= 600);
        assert!(lists.matches(&format!("`{}`", name(tenant))).count() >= expected, "{tenant}: {lists}");
    }
}

#[test]
fn a_list_of_tenants_is_cut_before_a_change_that_loosens() {
    let fleet = alike(&[
        ("/first", Impact::Loosens, |tenant| tenant < 880),
        ("/second", Impact::Loosens, |tenant| tenant >= 600),
        ("/third", Impact::Loosens, |tenant| tenant % 2 == 0),
    ]);
    for limit in [SMALLEST_LIMIT, 32_768] {
        let text = plan(&fleet, limit, "The full plan: sailplan show --full plan.json");
        assert!(length(&text) <= limit, "{limit}: {}", length(&text));
        for setting in ["first", "second", "third"] {
            assert!(text.contains(&format!("- `accessRequestConfig.{setting}`: `1` → `2`\n")), "{limit}: {text}");
        }
        assert!(text.contains(" under “Long lists of tenants, by name”"), "{limit}: {text}");
    }
}

#[test]
fn a_guardrail_that_stops_many_tenants_in_the_same_way_is_told_once() {
    let mut fleet = alike(&[("/first", Impact::Loosens, |tenant| tenant < 880)]);
    let refusal = RefusalEntry {
        kind: None,
        rule: "deny".to_owned(),
        setting: Some("/accessRequestConfig/first".to_owned()),
        message: "loosens".to_owned(),
        source: None,
        guard: Some(SourceEntry { file: "sailplan.yaml".to_owned(), line: 3 }),
        revision: None,
        standing: false,
        owner: None,
        reason: None,
        help: vec!["leave the value as it is".to_owned()],
    };
    for tenant in fleet.tenants.iter_mut().take(880) {
        tenant.refusals = vec![refusal.clone()];
    }
    let text = plan(&fleet, GITHUB_LIMIT, "whole");
    let (_, refused) = text.split_once("### Refused\n").unwrap();
    let (refused, _) = refused.split_once("\n### ").unwrap();
    assert_eq!(refused.matches("\n- ").count(), 1, "{refused}");
    assert!(refused.contains("`customer-009-prod` and 870 more (list 1): "), "{refused}");
    assert_eq!(refused.matches("leave the value as it is").count(), 1, "{refused}");
}
