use super::*;

/// The generation and dotted settings of each resource, and the messages.
fn layers(texts: &[&str]) -> (Vec<String>, Vec<String>) {
    let sources: Vec<Arc<Source>> =
        texts.iter().enumerate().map(|(index, text)| Source::new(format!("{index}.yaml"), *text)).collect();
    let (desired, problems) = read(&sources);
    let wanted = desired.resources.iter().map(|one| {
        let settings: Vec<String> = one.settings.iter().map(|managed| managed.setting.dotted()).collect();
        format!("{} {}: {}", one.key, one.generation.name, settings.join(", "))
    });
    let told = problems.iter().map(|problem| {
        let place = problem.place.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{place} {}: {}", problem.rule, problem.message)
    });
    (wanted.collect(), told.collect())
}

#[test]
fn a_broken_layer_is_no_reason_to_blame_a_later_one() {
    let (_, told) = layers(&[
        "accessRequestConfig:\n  apiVersion: beta\n\tx: 1\n",
        "accessRequestConfig: {reauthorizationEnabled: true}\n",
    ]);
    assert_eq!(told, ["0.yaml:3:1 yaml-tab: a tab where YAML takes only spaces"]);
    let (_, told) =
        layers(&["accessRequestConfig: {apiVersion: bata}\n", "accessRequestConfig: {reauthorizationEnabled: true}\n"]);
    assert_eq!(told, ["0.yaml:1:35 api-version: accessRequestConfig: there is no API generation `bata`"]);
}

#[test]
fn a_default_that_is_not_written_decides_nothing() {
    let base = "jitActivationPolicy: {maxActivationPeriodMins: 2h}\n";
    let named = "jitActivationPolicy: {apiVersion: v1, applyToFutureAssignments: true}\n";
    let wanted = vec!["jitActivationPolicy v1: maxActivationPeriodMins, applyToFutureAssignments".to_owned()];
    assert_eq!(layers(&[base, named]), (wanted.clone(), Vec::new()));
    assert_eq!(layers(&[named, base]), (wanted, Vec::new()));
    let (_, told) = layers(&[named, base, "jitActivationPolicy: {apiVersion: v2026}\n"]);
    assert_eq!(
        told,
        ["2.yaml:1:35 api-version-differs: jitActivationPolicy: apiVersion is v2026 here and v1 in an earlier layer \
          (0.yaml:1:35)"]
    );
}

#[test]
fn a_million_wrong_ids_are_one_mistake() {
    let ids: String = (0..1000).map(|number| format!("    - id-{number}\n")).collect();
    let (_, told) = layers(&[&format!("jitActivationPolicy:\n  entitlementIds:\n{ids}")]);
    assert_eq!(told.len(), 101);
    assert_eq!(
        told.last().map(String::as_str),
        Some("0.yaml:103:7 id-form: 900 more problems of the rule `id-form` are not shown; the first is here")
    );
}

#[test]
fn an_id_that_goes_on_over_the_next_line_is_told_there() {
    const ID: &str = "ae735f40-4de9-4163-801d-4a1444e59d35";
    for id in ["short", ID] {
        let (_, told) =
            layers(&[&format!("jitActivationPolicy:\n  entitlementIds:\n    - {ID}\n    - {id}\n\n      {ID}\n")]);
        let what = "this line belongs to the id above it: it has no dash, and is indented deeper";
        assert_eq!(told, [format!("0.yaml:6:7 id-alone: jitActivationPolicy.entitlementIds: {what}")], "{id}");
    }
}

#[test]
fn items_without_dashes_are_told_to_have_them() {
    let help = |items: &str| {
        let text = format!("jitActivationPolicy:\n  notificationRecipients:\n    {items}\n");
        let (_, problems) = read(&[Source::new("s.yaml", &*text)]);
        problems.into_iter().flat_map(|problem| problem.help).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(help("a@b.c\n    d@e.f"), "put a dash and a space before each line: - ITEM");
    assert_eq!(help("-a@b.c\n    -d@e.f"), "put a space after each dash: - ITEM");
    assert_eq!(help("a@b.c"), "write a list: [a@b.c]");
}

#[test]
fn what_other_languages_have_around_a_value_is_told() {
    for (value, expected) in [
        ("true,", "delete the comma at the end"),
        ("true;", "delete the semicolon at the end"),
        ("true#x", "put a space before the #, which begins a comment then"),
        ("true, or so", "write true or false, or delete the line to leave it unmanaged"),
    ] {
        let text = format!("jitActivationPolicy:\n  applyToFutureAssignments: {value}\n");
        let (_, problems) = read(&[Source::new("s.yaml", &*text)]);
        let helps: Vec<String> = problems.into_iter().flat_map(|problem| problem.help).collect();
        assert_eq!(helps, [expected], "{value}");
    }
    let (_, problems) = read(&[Source::new("s.yaml", "jitActivationPolicy:\n  entitlementIds:\n    - - x\n")]);
    let helps: Vec<String> = problems.into_iter().flat_map(|problem| problem.help).collect();
    assert_eq!(helps, ["write one value here, without a second dash or brackets"]);
}

#[test]
fn without_an_api_version_everything_else_is_told_as_well() {
    let settings = "  reauthorizationEnabled: no\n  nosuch: 1\n  entitlementRequestConfig:\n    accessRequestConfig: \
                    {requestCommentRequired: 3}\n";
    let told = |first: &str| -> Vec<String> {
        let (_, told) = layers(&[&format!("accessRequestConfig:\n{first}{settings}")]);
        told.iter().map(|told| told.split_once(' ').unwrap().1.to_owned()).collect()
    };
    let known = told("  apiVersion: v2\n");
    assert_eq!(known.len(), 3, "{known:?}");
    for (first, rule) in [("", "api-version-missing: "), ("  apiVersion: v9\n", "api-version: ")] {
        let told = told(first);
        let (first, rest) = told.split_first().unwrap();
        assert!(first.starts_with(rule), "{told:?}");
        assert_eq!(rest, known);
    }
    // What only an old generation has is right in it, so nothing is said of it.
    let (_, old) = layers(&["accessRequestConfig: {approvalReminderAndEscalationConfig: {maxReminders: 3}}\n"]);
    assert_eq!(old.len(), 1, "{old:?}");
}

#[test]
fn a_file_of_many_tenants_is_read_once_and_its_settings_are_shared() {
    let base =
        Source::new("base.yaml", "jitActivationPolicy: {entitlementIds: [ae735f40-4de9-4163-801d-4a1444e59d35]}\n");
    let own = Source::new("own.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 1h}\n");
    let mut reading = Reading::default();
    let mut ids = |sources: &[&Arc<Source>]| {
        let sources: Vec<Arc<Source>> = sources.iter().map(|source| Arc::clone(source)).collect();
        let (desired, problems) = reading.read(&sources, false);
        assert_eq!(problems, []);
        desired.resources[0].settings[0].clone()
    };
    let first = ids(&[&base]);
    for layers in [&[&base][..], &[&base, &own], &[&own, &base]] {
        assert_eq!(Arc::ptr_eq(&first, &ids(layers)), layers[0].name == "base.yaml", "{layers:?}");
    }
    assert!(Arc::ptr_eq(&ids(&[&own, &base]), &ids(&[&own, &base])));
}

#[test]
fn a_file_that_is_read_once_means_what_the_files_before_it_make_of_it() {
    let plain = Source::new("plain.yaml", "accessRequestConfig: {reauthorizationEnabled: true}\n");
    let named = |generation: &str| {
        Source::new(format!("{generation}.yaml"), format!("accessRequestConfig: {{apiVersion: {generation}}}\n"))
    };
    let mut reading = Reading::default();
    let mut read = |sources: &[&Arc<Source>]| {
        let sources: Vec<Arc<Source>> = sources.iter().map(|source| Arc::clone(source)).collect();
        let (desired, problems) = reading.read(&sources, false);
        let rules: Vec<&str> = problems.iter().map(|problem| problem.rule.name()).collect();
        (desired.resources.first().map(|wanted| wanted.generation.name), rules)
    };
    let (beta, v2) = (named("beta"), named("v2"));
    for _ in 0..2 {
        assert_eq!(read(&[&beta, &plain]), (Some("beta"), vec![]));
        assert_eq!(read(&[&v2, &plain]), (Some("v2"), vec![]));
        assert_eq!(read(&[&plain]), (None, vec!["api-version-missing"]));
    }
}

#[test]
fn what_is_read_ahead_is_the_same() {
    let base = Source::new("base.yaml", "accessRequestConfig: {apiVersion: beta, reauthorizationEnabled: true}\n");
    let own = |number: usize| match number % 3 {
        0 => Source::new(format!("{number}.yaml"), "accessRequestConfig: {autoApprovalEnabled: true}\n"),
        1 => Source::new(format!("{number}.yaml"), "accessRequestConfig: {autoApprovalEnabled: 1}\n"),
        _ => Source::new(format!("{number}.yaml"), "accessRequestConfig:\n\tx: 1\n"),
    };
    let tenants: Vec<Vec<Arc<Source>>> = (0..67)
        .map(|number| match number % 4 {
            0 => vec![own(number)],
            1 => vec![base.clone(), own(number), own(number + 1)],
            _ => vec![base.clone(), own(number)],
        })
        .collect();
    let (mut ahead, mut plain) = (Reading::default(), Reading::default());
    ahead.read_ahead(&tenants);
    let layers: usize = tenants.iter().map(Vec::len).sum();
    let shared = tenants.iter().filter(|layers| layers.len() > 1).count() - 1;
    assert_eq!(ahead.layers.len(), layers - shared, "the base is parsed once");
    for sources in &tenants {
        let [ahead, plain] = [&mut ahead, &mut plain].map(|reading| format!("{:?}", reading.read(sources, false)));
        assert_eq!(ahead, plain);
    }
    assert_eq!(ahead.layers.len(), layers - shared, "nothing is parsed again");
}
