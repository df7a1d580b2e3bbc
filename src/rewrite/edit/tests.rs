use serde_json::json;

use super::*;

fn path(dotted: &str) -> Vec<String> {
    dotted.split('.').map(str::to_owned).collect()
}

fn set(dotted: &str, value: Json) -> Edit {
    Edit::Set { path: path(dotted), value }
}

fn jit(key: &str, value: Json) -> Edit {
    set(&format!("jitActivationPolicy.{key}"), value)
}

fn access(keys: &str, value: Json) -> Edit {
    set(&format!("accessRequestConfig.{keys}"), value)
}

fn edited(text: &str, edits: &[Edit]) -> String {
    match edit("the settings file", text, edits) {
        Ok(text) => text,
        Err(error) => format!("{error}"),
    }
}

const FILE: &str = "\
# The policy of production.
jitActivationPolicy:   # the policy
  maxActivationPeriodMins: 2h          # two hours
  defaultMaxActivationPeriodMins: 120  # minutes
  maxActivationPeriodExtensionMins: PT2H
  entitlementIds:
    # the first
    - aaa   # A
    # about b
    - {id: bbb, name: Domain Admins}    # B

    # about c
    - \"ccc\"
  # behind the list
  notificationTemplate: 'x'   # quoted
  notificationRecipients: [a@example.com, \"b@example.com\"]  # both
  applyToFutureAssignments: true

# the rest
accessRequestConfig:
  apiVersion: beta
  # the end
";

/// Compares as the lines that differ, `-` of the file and `+` of the edited one.
fn changed(old: &str, edits: &[Edit]) -> String {
    let new = edited(old, edits);
    similar::TextDiff::from_lines(old, new.as_str())
        .iter_all_changes()
        .filter(|change| change.tag() != similar::ChangeTag::Equal)
        .map(|change| format!("{}{change}", change.tag()))
        .collect()
}

#[test]
fn minutes_keep_their_unit_and_their_comment() {
    let edits = [
        jit("maxActivationPeriodMins", json!(180)),
        jit("maxActivationPeriodExtensionMins", json!(90)),
        jit("defaultMaxActivationPeriodMins", json!(180)),
    ];
    assert_eq!(
        changed(FILE, &edits),
        "\
-  maxActivationPeriodMins: 2h          # two hours
-  defaultMaxActivationPeriodMins: 120  # minutes
-  maxActivationPeriodExtensionMins: PT2H
+  maxActivationPeriodMins: 3h          # two hours
+  defaultMaxActivationPeriodMins: 180  # minutes
+  maxActivationPeriodExtensionMins: PT1H30M
"
    );
}

#[test]
fn a_list_loses_and_gains_single_lines() {
    assert_eq!(
        changed(FILE, &[jit("entitlementIds", json!(["bbb", "ddd", "38439e10"]))]),
        "\
-    # the first
-    - aaa   # A
-    # about c
-    - \"ccc\"
+    - ddd
+    - '38439e10'
"
    );
    assert_eq!(
        changed(FILE, &[jit("notificationRecipients", json!(["B@example.com", "c@example.com"]))]),
        "\
-  notificationRecipients: [a@example.com, \"b@example.com\"]  # both
+  notificationRecipients: [\"b@example.com\", c@example.com]  # both
"
    );
    assert_eq!(
        changed(FILE, &[jit("entitlementIds", json!([]))]),
        "\
-  entitlementIds:
-    # the first
-    - aaa   # A
-    # about b
-    - {id: bbb, name: Domain Admins}    # B
+  entitlementIds: []
-    # about c
-    - \"ccc\"
"
    );
}

#[test]
fn a_missing_key_comes_last_with_the_objects_around_it() {
    let edits = [
        access("requestOnBehalfOfConfig.allowRequestOnBehalfOfAnyoneByAnyone", json!(false)),
        access("entitlementRequestConfig.grantRequestApprovalSchemes", json!("sourceOwner, workgroup:x")),
    ];
    assert_eq!(
        changed(FILE, &edits),
        "\
+  requestOnBehalfOfConfig:
+    allowRequestOnBehalfOfAnyoneByAnyone: false
+  entitlementRequestConfig:
+    grantRequestApprovalSchemes:
+      - sourceOwner
+      - workgroup:x
"
    );
}

#[test]
fn every_form_is_edited_in_its_own_way() {
    let ids = "jitActivationPolicy.entitlementIds";
    let minutes = "jitActivationPolicy.maxActivationPeriodMins";
    let schemes = "accessRequestConfig.entitlementRequestConfig.grantRequestApprovalSchemes";
    let approver = "accessRequestConfig.approvalReminderAndEscalationConfig.fallbackApproverRef";
    let reference = json!({"type": "IDENTITY", "id": "new"});
    let j = "jitActivationPolicy:";
    let a = "accessRequestConfig:\n  entitlementRequestConfig:";
    let r = "accessRequestConfig:\n  approvalReminderAndEscalationConfig:";
    let cases: Vec<(String, &str, Json, String)> = vec![
        // A value on the line below its key.
        (
            format!("{j}\n  maxActivationPeriodMins:\n    2h # A\n"),
            minutes,
            json!(180),
            format!("{j}\n  maxActivationPeriodMins:\n    3h # A\n"),
        ),
        (
            format!("{j}\n  maxActivationPeriodMins: 2h # A"),
            minutes,
            Json::Null,
            format!("{j}\n  maxActivationPeriodMins: null # A"),
        ),
        (
            format!("{j}\n  maxActivationPeriodMins: ~\n"),
            minutes,
            json!(60),
            format!("{j}\n  maxActivationPeriodMins: 1h\n"),
        ),
        (
            format!("{j} {{\"maxActivationPeriodMins\": \"2h\"}}\n"),
            minutes,
            json!(180),
            format!("{j} {{\"maxActivationPeriodMins\": \"3h\"}}\n"),
        ),
        (format!("{j} {{}} # none\n"), minutes, json!(180), format!("{j} {{maxActivationPeriodMins: 3h}} # none\n")),
        (
            "{}".to_owned(),
            minutes,
            json!(180),
            "{\"jitActivationPolicy\": {\"maxActivationPeriodMins\": \"3h\"}}".to_owned(),
        ),
        (
            "{} # none\n".to_owned(),
            minutes,
            json!(180),
            "{jitActivationPolicy: {maxActivationPeriodMins: 3h}} # none\n".to_owned(),
        ),
        // Line ends and byte order mark.
        (
            format!("\u{feff}{j}\r\n  entitlementIds:\r\n  - aaa # A\r\n  - bbb # B\r\n"),
            ids,
            json!(["aaa", "ccc"]),
            format!("\u{feff}{j}\r\n  entitlementIds:\r\n  - aaa # A\r\n  - ccc\r\n"),
        ),
        // No line end at the end.
        (
            format!("{j}\n  entitlementIds:\n    -   aaa\n    -   bbb"),
            ids,
            json!(["aaa", "ccc"]),
            format!("{j}\n  entitlementIds:\n    -   aaa\n    -   ccc"),
        ),
        // null and brackets grow.
        (
            format!("{j}\n    entitlementIds: null # none yet\n    notificationTemplate: x\n"),
            ids,
            json!(["aaa", "bbb"]),
            format!("{j}\n    entitlementIds: # none yet\n        - aaa\n        - bbb\n    notificationTemplate: x\n"),
        ),
        (
            format!("{j}\n  entitlementIds: [] # none yet\n"),
            ids,
            json!(["aaa", "bbb"]),
            format!("{j}\n  entitlementIds: [aaa, bbb] # none yet\n"),
        ),
        // Brackets over several lines, with and without a comma at the end.
        (
            format!("{j}\n  entitlementIds: [\n    aaa, # A\n    bbb, # B\n    ccc # C\n  ]\n"),
            ids,
            json!(["bbb", "ccc", "ddd"]),
            format!("{j}\n  entitlementIds: [\n    bbb, # B\n    ccc, # C\n    ddd\n  ]\n"),
        ),
        (
            format!("{j}\n  entitlementIds: [\n    aaa, # A\n    bbb, # B\n  ]\n"),
            ids,
            json!(["aaa", "ddd"]),
            format!("{j}\n  entitlementIds: [\n    aaa, # A\n    ddd,\n  ]\n"),
        ),
        (
            format!("{j}\n  entitlementIds: [\n    aaa, # A\n    bbb # B\n  ]\n"),
            ids,
            json!(["aaa"]),
            format!("{j}\n  entitlementIds: [\n    aaa, # A\n  ]\n"),
        ),
        (
            format!("{j}\n  entitlementIds: [aaa, bbb, ccc, ]\n"),
            ids,
            json!(["aaa"]),
            format!("{j}\n  entitlementIds: [aaa, ]\n"),
        ),
        // An item of several lines, and one below its dash.
        (
            format!("{j}\n  entitlementIds:\n    - id: aaa # A\n      name: x\n    -\n      bbb # B\n    - ccc\n"),
            ids,
            json!(["ccc"]),
            format!("{j}\n  entitlementIds:\n    - ccc\n"),
        ),
        // Order counts in approval schemes; text stays text, a list stays a list.
        (
            format!("{a}\n    grantRequestApprovalSchemes: 'manager,sourceOwner' # who\n"),
            schemes,
            json!("manager, entitlementOwner"),
            format!("{a}\n    grantRequestApprovalSchemes: 'manager,entitlementOwner' # who\n"),
        ),
        (
            format!("{a}\n    grantRequestApprovalSchemes: manager\n"),
            schemes,
            json!(""),
            format!("{a}\n    grantRequestApprovalSchemes: []\n"),
        ),
        (
            format!("{a}\n    grantRequestApprovalSchemes:\n      - manager # M\n      - sourceOwner # S\n"),
            schemes,
            json!("sourceOwner, entitlementOwner, manager"),
            format!(
                "{a}\n    grantRequestApprovalSchemes:\n      - sourceOwner # S\n      - entitlementOwner\n      - manager\n"
            ),
        ),
        // A reference: name and address belong to the old identity.
        (
            format!("{r}\n    fallbackApproverRef: # F\n      # who\n      id: old # I\n      name: Old\n"),
            approver,
            reference.clone(),
            format!("{r}\n    fallbackApproverRef: # F\n      # who\n      id: new # I\n"),
        ),
        (
            format!("{r}\n    fallbackApproverRef: {{id: old, type: IDENTITY, email: null}}\n"),
            approver,
            reference.clone(),
            format!("{r}\n    fallbackApproverRef: {{id: new, type: IDENTITY}}\n"),
        ),
        (
            format!("{r}\n    fallbackApproverRef: # F\n      id: old # I\n    maxReminders: 1\n"),
            approver,
            Json::Null,
            format!("{r}\n    fallbackApproverRef: null # F\n    maxReminders: 1\n"),
        ),
        (
            format!("{r}\n    fallbackApproverRef: null\n    maxReminders: 1\n"),
            approver,
            reference,
            format!("{r}\n    fallbackApproverRef:\n      id: new\n    maxReminders: 1\n"),
        ),
    ];
    for (old, dotted, value, new) in cases {
        assert_eq!(edited(&old, &[set(dotted, value.clone())]), new, "{dotted} = {value} in\n{old}");
    }
}

#[test]
fn what_is_removed_takes_empty_objects_with_it() {
    let text = "a: 1 # A\nb: # B\n  # first\n  c: # C\n    d: 1\n    e: 2 # E\n  f: {g: 1, h: 2}\n";
    let remove = |dotted: &str| Edit::Remove { path: path(dotted) };
    for (removed, left) in [
        (vec!["b.c.d"], "a: 1 # A\nb: # B\n  # first\n  c: # C\n    e: 2 # E\n  f: {g: 1, h: 2}\n"),
        (vec!["b.c.d", "b.c.e"], "a: 1 # A\nb: # B\n  f: {g: 1, h: 2}\n"),
        (vec!["b.f.h", "b.c"], "a: 1 # A\nb: # B\n  f: {g: 1}\n"),
        (vec!["b.f.g", "b.f.h", "b.c"], "a: 1 # A\n"),
        (vec!["a", "b"], "{}\n"),
        (vec!["b.x"], "there is no `b.x` in the file"),
    ] {
        let edits: Vec<Edit> = removed.iter().map(|dotted| remove(dotted)).collect();
        assert_eq!(edited(text, &edits), left, "{removed:?}");
    }
}

#[test]
fn a_comment_goes_with_what_it_describes() {
    let ids = |ids: &[&str]| set("l.m", Json::from(ids));
    let remove = |dotted: &str| Edit::Remove { path: path(dotted) };
    for (text, edit, new) in [
        ("l:\n  m:\n    # X\n    - x\n    # Y\n    - y\n", ids(&["x", "z"]), "l:\n  m:\n    # X\n    - x\n    - z\n"),
        ("l:\n  m:\n    # X\n    - x\n", ids(&["z"]), "l:\n  m:\n    - z\n"),
        // Above the first member, and the comment stays with it.
        ("l:\n  m:\n    # X\n    - x\n", ids(&["z", "x"]), "l:\n  m:\n    - z\n    # X\n    - x\n"),
        ("l:\n  m: [\n    # X\n    x,\n    # Y\n    y\n  ]\n", ids(&["y"]), "l:\n  m: [\n    # Y\n    y\n  ]\n"),
        // A blank line or another indentation: it describes something else.
        ("l:\n  m:\n    # all\n\n    - x\n    - y\n", ids(&["y"]), "l:\n  m:\n    # all\n\n    - y\n"),
        ("l:\n  # all\n  m:\n    - x\n    - y\n", ids(&["y"]), "l:\n  # all\n  m:\n    - y\n"),
        ("# file\n\n# one\n# two\na: 1\nb: 2\n", remove("a"), "# file\n\nb: 2\n"),
        ("# yaml-language-server: $schema=x\na: 1\nb: 2\n", remove("a"), "# yaml-language-server: $schema=x\nb: 2\n"),
        ("a:\n  b: 1\n  # inside\n# C\nc: 2\n", remove("a"), "# C\nc: 2\n"),
        ("# A\na: 1\n", remove("a"), "{}\n"),
        ("a: 1\n# B\nb: 2", remove("b"), "a: 1"),
    ] {
        assert_eq!(edited(text, &[edit]), new, "{text}");
    }
}

#[test]
fn an_object_moves_one_object_deeper_with_its_comments() {
    let nest = |renamed: &[(&str, &str)]| Edit::Nest {
        path: path("a"),
        object: "in".to_owned(),
        renamed: renamed.iter().map(|(old, new)| ((*old).to_owned(), (*new).to_owned())).collect(),
    };
    for (text, edit, new) in [
        (
            "a: # A\n  # first\n  'b' : 1 # B\n\n  c:\n    d: |\n      x\n# end\ne: 1\n",
            nest(&[("b", "yes")]),
            "a: # A\n  in:\n    # first\n    'yes' : 1 # B\n\n    c:\n      d: |\n        x\n# end\ne: 1\n",
        ),
        ("a:\r\n    b: 1", nest(&[]), "a:\r\n    in:\r\n        b: 1"),
        ("a: {b: 1, \"c\": 2} # A\n", nest(&[("c", "d")]), "a: {in: {b: 1, d: 2}} # A\n"),
        (
            "a: {b: 1, c: 2}\n",
            nest(&[("b", "c")]),
            "the edited file would not say what was asked at `a`; nothing was changed",
        ),
        ("b: {}\n", nest(&[]), "there is no `a` in the file"),
        (
            "a: 1\n",
            nest(&[]),
            "the settings file:1:4: `a` is written in a form that cannot be edited in place: it is not an object",
        ),
        (
            "? a\n: b: 1\n  c: 2\n",
            nest(&[]),
            "the settings file:1:3: `a` is written in a form that cannot be edited in place: it does not stand on lines of \
             its own",
        ),
    ] {
        assert_eq!(edited(text, &[edit]), new, "{text}");
    }
}

#[test]
fn a_value_is_written_over_in_its_place() {
    let overwrite = |dotted: &str, value: Json| Edit::Overwrite { path: path(dotted), value };
    let text = "a:\n  b:   'x'  # B\n  c:\n    - y # first\n\n    - [1, \"2\"]   # second\n";
    for (dotted, value, new) in [
        ("a.b", json!(["p", {"q": 1}]), text.replace("'x'", "[p, {q: 1}]")),
        ("a.c.0", json!({"q": "7"}), text.replace("y #", "{q: '7'} #")),
        ("a.c.1.1", json!(true), text.replace("\"2\"", "true")),
        ("a.c.2", json!(1), "there is no `a.c.2` in the file".to_owned()),
        (
            "a",
            json!(1),
            "the settings file:2:3: `a` is written in a form that cannot be edited in place: it is an object"
                .to_owned(),
        ),
    ] {
        assert_eq!(edited(text, &[overwrite(dotted, value)]), new, "{dotted}");
    }
}

#[test]
fn what_cannot_be_edited_line_by_line_is_left_alone() {
    for (text, dotted, value, told) in [
        (
            "jitActivationPolicy: [1]\n",
            "jitActivationPolicy.maxActivationPeriodMins",
            json!(60),
            "the settings file:1:22: `jitActivationPolicy.maxActivationPeriodMins` is written in a form that cannot be \
             edited in place: a value stands where an object should be",
        ),
        (
            "jitActivationPolicy:\n  maxActivationPeriodMins: 2h\n",
            "jitActivationPolicy.maxActivationPeriodMins",
            json!(0),
            "the edited file would not say what was asked at `jitActivationPolicy.maxActivationPeriodMins`; nothing was \
             changed",
        ),
        ("a: [\n", "a", json!(1), "the file is not valid YAML"),
    ] {
        assert_eq!(edited(text, &[set(dotted, value)]), told);
    }
}
