//! Parts of the tenants: `--shard` on several machines, and parts of an approved plan.

use std::collections::BTreeSet;
#[cfg(unix)]
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::harness::{Run, Site};

/// A workspace of practice tenants, every third of ring dev; tenant t2 wants something else than the others.
fn fleet(tenants: usize) -> Site {
    let site = Site::new().file("settings/base.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 1h}\n");
    site.write("settings/own.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 90m}\n");
    site.write("sailplan.yaml", "tenantsFrom: [tenants/*.yaml]\n");
    for tenant in 0..tenants {
        let ring = if tenant % 3 == 0 { "dev" } else { "prod" };
        let own = if tenant == 2 { ", settings/own.yaml" } else { "" };
        site.write(
            &format!("tenants/t{tenant}.yaml"),
            &format!(
                "url: practice:.sailplan/t{tenant}.json\nlabels: {{ring: {ring}}}\nsettings: [settings/base.yaml{own}]\n"
            ),
        );
    }
    site
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn names(document: &Value) -> Vec<&str> {
    document["tenants"].as_array().unwrap().iter().map(|tenant| tenant["name"].as_str().unwrap()).collect()
}

/// Takes out what differs from run to run.
fn timeless(mut plan: Value) -> Value {
    plan.as_object_mut().unwrap().retain(|key, _| !matches!(key.as_str(), "createdAt" | "checksum"));
    for tenant in plan["tenants"].as_array_mut().unwrap() {
        tenant.as_object_mut().unwrap().remove("readAt");
    }
    plan
}

fn code(run: &Run, expected: i32) {
    assert_eq!(run.code, Some(expected), "{}", run.text());
}

#[test]
fn the_parts_of_a_plan_are_the_whole_and_so_are_those_of_its_apply() {
    let site = fleet(8);
    code(&site.run(["plan", "--out", "whole.json"]), 0);
    let mut seen = BTreeSet::new();
    for part in ["1/3", "2/3", "3/3"] {
        let out = format!("part-{}.json", &part[..1]);
        code(&site.run(["plan", "--shard", part, "--out", &out]), 0);
        let plan = json(&site.read(&out));
        assert!(names(&plan).iter().all(|name| seen.insert((*name).to_owned())), "{part}: {:?}", names(&plan));
        assert_eq!(plan["selection"], serde_json::json!([format!("--shard {part}")]));
    }
    assert_eq!(seen.len(), 8);
    let parts = ["part-3.json", "part-1.json", "part-2.json"];
    code(&site.run(["show", parts[0], parts[1], parts[2], "--json", "merged.json"]), 0);
    let (whole, merged) = (json(&site.read("whole.json")), json(&site.read("merged.json")));
    assert_eq!(timeless(merged), timeless(whole.clone()));
    let text = |run: Run| run.out;
    assert_eq!(text(site.run(["show", parts[1], parts[0], parts[2]])), text(site.run(["show", "merged.json"])));

    for part in ["1/3", "2/3", "3/3"] {
        code(&site.run(["apply", "merged.json", "--shard", part]), 0);
    }
    let receipts: Vec<Value> = site.receipts().iter().map(|name| site.receipt(name)).collect();
    let applied: Vec<String> =
        receipts.iter().flat_map(|receipt| names(receipt).into_iter().map(str::to_owned).collect::<Vec<_>>()).collect();
    assert_eq!(applied.iter().cloned().collect::<BTreeSet<_>>(), seen);
    assert_eq!(applied.len(), 8);
    for receipt in &receipts {
        assert_eq!(receipt["digest"], whole["digest"]);
    }
    // They are read as one.
    let list = site.run(["receipts"]);
    let parts = receipts.len();
    assert!(
        list.out.contains(&format!("{parts} of 3 parts of one run\n  Apply complete! 8 settings changed")),
        "{}",
        list.out
    );
    assert_eq!(list.out.matches("rollback .sailplan/receipts/").count(), parts, "{}", list.out);
    let after = site.run(["plan", "--detailed-exitcode"]);
    code(&after, 0);
    // A pod that is started again finds the run settled.
    for part in ["1/3", "2/3", "3/3"] {
        code(&site.run(["apply", "merged.json", "--shard", part]), 0);
    }
    assert_eq!(site.receipts().len(), receipts.len());
}

#[test]
fn what_is_no_whole_run_is_not_shown_as_one() {
    let site = fleet(4);
    for part in ["1/2", "2/2", "1/3"] {
        code(&site.run(["plan", "--shard", part, "--out", &format!("{}.json", part.replace('/', "-"))]), 0);
    }
    for (files, why) in [
        (["1-2.json", "1-2.json"], "part 1/2 is there twice"),
        (["1-2.json", "1-3.json"], "one is part of 2, another of 3"),
    ] {
        let run = site.run(["show", files[0], files[1]]);
        code(&run, 3);
        assert!(run.err.contains(why), "{}", run.err);
    }
    code(&site.run(["apply", "--yes", "--receipt", "done.json"]), 0);
    let run = site.run(["show", "done.json", "1-2.json"]);
    code(&run, 3);
    assert!(run.err.contains("done.json: this is a receipt"), "{}", run.err);
    assert!(run.err.contains("sailplan receipts FILE"), "{}", run.err);
    // One part alone is shown as what it is.
    let run = site.run(["show", "1-2.json"]);
    code(&run, 0);
    assert!(run.out.contains("--shard 1/2"), "{}", run.out);
}

#[test]
fn parts_made_from_different_states_of_the_files_are_not_merged() {
    let site = fleet(8);
    let plan = |part: &str| code(&site.run(["plan", "--shard", part, "--out", &format!("{}.json", &part[..1])]), 0);
    let merged = || site.run(["show", "1.json", "2.json"]);
    plan("1/2");
    site.write("settings/base.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 3h}\n");
    plan("2/2");
    let run = merged();
    code(&run, 3);
    let states = "these files are not one plan: they were made from different states of the files: ";
    assert!(run.err.contains(&format!("{states}settings/base.yaml is not the same")), "{}", run.err);
    plan("1/2");
    code(&merged(), 0);
    site.write("tenants/t9.yaml", "url: practice:.sailplan/t9.json\nsettings: [settings/base.yaml]\n");
    plan("2/2");
    let run = merged();
    code(&run, 3);
    assert!(run.err.contains(&format!("{states}the workspace file, or a file of a tenant")), "{}", run.err);
}

#[test]
fn an_empty_part_ends_with_0() {
    let site = fleet(1);
    let has = |part: &str| names(&json(&site.run(["plan", "--shard", part, "--format", "json"]).out)).len();
    let (full, empty) = if has("1/2") == 1 { ("1/2", "2/2") } else { ("2/2", "1/2") };
    assert_eq!((has(full), has(empty)), (1, 0));
    for command in [&["plan", "--out", "empty.json"][..], &["apply", "--yes"], &["validate"]] {
        let args: Vec<&str> = command.iter().copied().chain(["--shard", empty]).collect();
        let run = site.read_output(site.command().args(&args).output().unwrap());
        code(&run, 0);
        assert!(run.err.contains(&format!("shard {empty} has none of the chosen tenants")), "{}", run.text());
        assert!(!run.text().contains("errors"), "{}", run.text());
    }
    let comment = site.run(["show", "empty.json", "--format", "markdown"]).out;
    assert!(comment.contains(&format!("No plan: shard {empty} has none of the chosen tenants")), "{comment}");
    assert!(!comment.contains("errors"), "{comment}");
    code(&site.run(["apply", "empty.json", "--shard", empty]), 0);
    assert_eq!(site.receipts(), [""; 0]);
    code(&site.run(["plan", "--shard", full, "--out", "full.json"]), 0);
    let shown = site.run(["show", "empty.json"]);
    assert!(shown.out.ends_with("No tenant to plan for.\n"), "{}", shown.text());
    code(&site.run(["show", "full.json", "empty.json"]), 0);
    code(&site.run(["plan", "--tenant", "none", "--shard", empty]), 64);
}

#[test]
fn the_environment_can_name_the_part() {
    let plan = |site: &Site| site.run(["plan", "--shard", "auto", "--format", "json"]);
    let part = |run: &Run| json(&run.out)["selection"][0].as_str().unwrap().to_owned();
    let gitlab = fleet(3).variable("CI_NODE_INDEX", "2").variable("CI_NODE_TOTAL", "3");
    assert_eq!(part(&plan(&gitlab)), "--shard 2/3");
    let kubernetes = fleet(3).variable("JOB_COMPLETION_INDEX", "2").variable("SAILPLAN_SHARDS", "3");
    assert_eq!(part(&plan(&kubernetes)), "--shard 3/3");
    let run = plan(&fleet(3));
    code(&run, 64);
    assert!(run.err.contains("CI_NODE_INDEX"), "{}", run.err);
    code(&fleet(3).run(["plan", "--shard", "4/3"]), 64);
    code(
        &Site::new()
            .tenant()
            .file("a.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 1h}\n")
            .run(["plan", "a.yaml", "--shard", "1/2"]),
        64,
    );
}

#[test]
fn a_part_of_an_approved_plan_is_sent_ring_by_ring() {
    let site = fleet(6);
    code(&site.run(["plan", "--out", "plan.json"]), 0);
    let digest = json(&site.read("plan.json"))["digest"].clone();
    let run = site.run(["apply", "plan.json", "--tenant", "nothing*"]);
    code(&run, 64);
    let run = site.run(["apply", "plan.json", "--label", "ring=dev"]);
    code(&run, 0);
    let receipts = site.receipts();
    let first = site.receipt(&receipts[0]);
    assert_eq!((names(&first), &first["digest"]), (vec!["t0", "t3"], &digest));
    assert_eq!(first["evidence"]["flags"], serde_json::json!(["--label ring=dev"]));
    assert_eq!(first["evidence"]["approval"]["planDigest"], digest);
    // The settings of a ring that is not sent may be ahead of the plan.
    site.write("tenants/t1.yaml", &site.read("tenants/t1.yaml").replace("settings/base.yaml", "settings/own.yaml"));
    code(&site.run(["apply", "plan.json", "--tenant", "t2"]), 0);
    code(&site.run(["apply", "plan.json", "--label", "ring=prod"]), 3);
    code(&site.run(["apply", "plan.json", "--tenant", "t4", "--tenant", "t5"]), 0);
    assert_eq!(site.receipts().len(), 3);
}

#[test]
fn a_chosen_tenant_that_left_the_checkout_refuses() {
    let site = fleet(3);
    code(&site.run(["plan", "--out", "plan.json"]), 0);
    std::fs::remove_file(site.path("tenants/t1.yaml")).unwrap();
    code(&site.run(["apply", "plan.json", "--label", "ring=dev"]), 0);
    let run = site.run(["apply", "plan.json", "--label", "ring=prod"]);
    code(&run, 3);
    assert!(run.err.contains("tenant t1 of the plan is not in the checkout"), "{}", run.err);
}

/// The container of the example's Indexed Job: its arguments and its environment.
#[cfg(unix)]
fn container() -> (Vec<String>, Vec<(String, String)>) {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/kubernetes/apply.yaml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    let lines = || manifest.lines().map(str::trim);
    let args = lines().find_map(|line| line.strip_prefix("args: ")).unwrap();
    let variables =
        lines().filter_map(|line| line.strip_prefix("- { name: ")?.strip_suffix(" }")?.split_once(", value: "));
    let variables = variables.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned()));
    (serde_json::from_str(args).unwrap(), variables.collect())
}

/// Returns a pod of the Job, with the folders of the image and the Secret where the site has them.
#[cfg(unix)]
fn pod(site: &Site, index: usize) -> Command {
    let (args, variables) = container();
    let here = |text: &str| {
        let text = text.replace("/workspace", &site.path("").display().to_string());
        text.replace("/run/sailplan/clients", &site.path("clients").display().to_string())
    };
    let mut command = site.bare_command();
    command.args(args.iter().map(|arg| here(arg)));
    command.envs(variables.iter().map(|(name, value)| (name, here(value))));
    command.env("JOB_COMPLETION_INDEX", index.to_string()).env("SAILPLAN_ALLOWED_HOSTS", "127.0.0.1:*");
    command
}

#[cfg(unix)]
#[test]
fn the_pods_of_the_example_job_apply_their_parts_and_another_pod_settles_what_a_killed_one_left() {
    let site = fleet(5).tenant().fault("stall PATCH").variable("SAILPLAN_ALLOWED_HOSTS", "127.0.0.1:*");
    let site = site.file("clients/prod-id", "id").file("clients/prod-secret", "secret-of-the-test");
    let credentials = "clientId: '${file:prod-id}'\nclientSecret: '${file:prod-secret}'\n";
    let settings = "settings: [settings/base.yaml]\n";
    site.write("tenants/prod.yaml", &format!("url: {}\n{credentials}{settings}", site.url()));
    let planned = |args: &[&str]| {
        let mut command = site.bare_command();
        command.env("SAILPLAN_SECRETS_DIR", site.path("clients")).arg("plan").args(args);
        let run = site.read_output(command.output().unwrap());
        code(&run, 0);
        run
    };
    planned(&["--out", "plan.json"]);
    let has_prod = |index: &usize| {
        let plan = json(&planned(&["--shard", &format!("{}/4", index + 1), "--format", "json"]).out);
        names(&plan).contains(&"prod")
    };
    let index = (0..4).find(has_prod).unwrap();

    let mut killed = pod(&site, index).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    site.wait_for(|site| site.writes().len() == 1);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let left = site.receipts();
    assert!(left.len() == 1 && site.receipt(&left[0]).get("finishedAt").is_none());

    for index in 0..4 {
        code(&site.read_output(pod(&site, index).output().unwrap()), 0);
    }
    assert_eq!(site.writes().len(), 1, "what was under way was read back and not sent again");
    let receipts = site.receipts();
    let prod = site.receipt(&left[0]);
    assert!(prod.get("finishedAt").is_some(), "{prod:#}");
    let settled = prod["tenants"].as_array().unwrap().iter().find(|tenant| tenant["name"] == "prod").unwrap();
    assert_eq!(settled["resources"][0]["outcome"], "applied", "{settled:#}");
    for index in 0..4 {
        let again = site.read_output(pod(&site, index).output().unwrap());
        code(&again, 0);
        assert!(
            again.out.ends_with("Apply complete! Nothing was left to change.\n")
                || again.err.contains("has none of the chosen tenants"),
            "{}",
            again.text()
        );
    }
    assert_eq!(site.receipts(), receipts);
    assert!(planned(&[]).out.contains("No changes in 6 managed settings of 6 tenants"));
}
