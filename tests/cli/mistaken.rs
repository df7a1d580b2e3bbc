//! A file that is given to the wrong command: it says what the file is and which command takes it.

use crate::harness::Site;

const SETTINGS: &str = "jitActivationPolicy: {maxActivationPeriodMins: 4h}\n";

#[test]
fn a_file_for_another_command_is_told_what_it_is() {
    let site = Site::new().tenant().file("settings.yaml", SETTINGS).file("its workspace.yaml", "tenants: {}\n");
    let plan = ["plan", "-q", "settings.yaml", "--out", "plan.json", "--html", "page.html", "--markdown", "comment.md"];
    assert_eq!(site.run(plan).code, Some(0));
    assert_eq!(site.run(["apply", "-qy", "settings.yaml", "--receipt", "receipt.json"]).code, Some(0));
    let asked = site.calls().len();
    let mut told = String::new();
    for words in [
        ["show", "settings.yaml"],
        ["show", "its workspace.yaml"],
        ["show", "page.html"],
        ["show", "comment.md"],
        ["apply", "receipt.json"],
        ["apply", "page.html"],
        ["rollback", "plan.json"],
        ["rollback", "settings.yaml"],
        ["validate", "plan.json"],
        ["validate", "receipt.json"],
        ["validate", "comment.md"],
        ["plan", "plan.json"],
        ["receipts", "plan.json"],
        ["receipts", "settings.yaml"],
        ["explain", "plan.json"],
        ["explain", "settings.yaml"],
        ["explain", "its workspace.yaml"],
    ] {
        let run = site.run(words);
        assert_eq!(run.out, "", "{words:?}");
        told.push_str(&format!("$ sailplan {}\n{}exit {:?}\n\n", words.join(" "), run.err, run.code.unwrap()));
    }
    insta::assert_snapshot!(told);
    assert_eq!(site.calls().len(), asked, "nothing is asked of a tenant");
}

#[test]
fn settings_in_json_are_settings() {
    let site =
        Site::new().tenant().file("settings.json", r#"{"jitActivationPolicy": {"maxActivationPeriodMins": 240}}"#);
    let run = site.run(["validate", "settings.json"]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), "Valid: 1 file.\n"), "{}", run.err);
}
