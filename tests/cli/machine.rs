//! What goes wrong on the machine that sailplan runs on while it writes to a tenant: full disks and closed outputs. Documents of
//! every kind are written: one that is patched, one that is replaced, and those that are stored and deleted.

use serde_json::{Value, json};

use crate::harness::{Run, Site};

const ITEM: &str = "ENTITLEMENT/38439bbc-264b-447b-acac-a182a466b0e9";

/// A tenant in which one configuration is to be stored and one to be deleted.
pub(crate) fn site() -> Site {
    let settings = format!(
        "jitActivationPolicy: {{maxActivationPeriodMins: 4h}}\n\
         accessRequestConfig: {{apiVersion: v2, reauthorizationEnabled: true}}\n\
         approvalsConfig:\n  {ITEM}: {{autoApprove: DIRECT}}\n  ROLE/2c91808568c529c6: inherit\n"
    );
    let site = Site::new().tenant().workspace(&settings);
    site.edit_live(|state| {
        state["accessRequestConfig"]["reauthorizationEnabled"] = json!(false);
        state["approvalsConfig"]["ROLE/2c91808568c529c6"] = json!({"autoApprove": "INDIRECT"});
    });
    site
}

/// Returns which of the four documents are as desired.
fn holds(site: &Site) -> [bool; 4] {
    let live = site.live();
    [
        live["jitActivationPolicy"]["maxActivationPeriodMins"] == json!(240),
        live["accessRequestConfig"]["reauthorizationEnabled"] == json!(true),
        live["approvalsConfig"][ITEM]["autoApprove"] == json!("DIRECT"),
        live["approvalsConfig"].get("ROLE/2c91808568c529c6").is_none(),
    ]
}

fn is_write(call: &&String) -> bool {
    !call.starts_with("GET") && !call.starts_with("POST")
}

/// A run without faults goes on where the other one ended, and there is nothing left to plan.
fn goes_on(site: &Site) {
    let apply = site.run(["apply", "--yes", "-q"]);
    assert_eq!(apply.code, Some(0), "{}", apply.text());
    assert_eq!(holds(site), [true; 4]);
    let plan = site.run(["plan", "-q", "--detailed-exitcode"]);
    assert_eq!((plan.code, plan.err.as_str()), (Some(0), ""), "{}", plan.text());
}

#[test]
fn on_a_disk_that_fills_up_at_any_place_no_write_is_sent_that_no_receipt_tells() {
    let mut ends = [0; 4];
    for blocks in 0..36 {
        let site = site();
        let run = site.run_after(&format!("trap '' XFSZ; ulimit -f {blocks}"), ["apply", "--yes", "-q"]);
        let code = run.code.unwrap();
        ends[usize::try_from(code).unwrap()] += 1;
        let writes = site.calls().iter().filter(is_write).count();
        let place = format!("{blocks} blocks, {writes} writes: {}", run.text());
        match code {
            0 => assert_eq!((holds(&site), site.receipts().len()), ([true; 4], 1), "{place}"),
            1 => {
                assert!(run.err.contains("cannot be written any more"), "{place}");
                assert_eq!((writes > 0, site.receipts().len()), (true, 1), "{place}");
            }
            3 => {
                assert!(run.err.contains("cannot be written, so nothing was sent"), "{place}");
                assert_eq!((writes, site.receipts().len()), (0, 0), "{place}");
            }
            _ => panic!("{place}"),
        }
        let told = site.receipts().first().map(|receipt| site.run(["show", receipt]).out).unwrap_or_default();
        for (held, name) in holds(&site).into_iter().zip(["jitActivationPolicy", "accessRequestConfig", ITEM, "ROLE/"])
        {
            assert!(!held || told.contains(name), "{name} was written, and its receipt does not tell it\n{place}");
        }
        goes_on(&site);
    }
    assert!(ends[0] > 0 && ends[1] > 0 && ends[3] > 0, "{ends:?}");
}

/// Returns the outcomes in the receipt.
fn outcomes(site: &Site) -> (bool, Vec<Value>) {
    let receipt: Value = serde_json::from_str(&site.read(&site.receipts()[0])).unwrap();
    let resources = receipt["tenants"][0]["resources"].as_array().unwrap();
    (receipt.get("finishedAt").is_some(), resources.iter().map(|entry| entry["outcome"].clone()).collect())
}

#[test]
fn a_run_whose_output_is_closed_or_full_ends_its_work_and_its_receipt() {
    let check = |redirection: &str, flags: [&str; 2], code: i32| {
        let site = site();
        let [flag, value] = flags;
        let run: Run = site.run_after(redirection, ["apply", "--yes", flag, value]);
        assert_eq!(run.code, Some(code), "{redirection} {flags:?}: {}", run.text());
        assert_eq!(holds(&site), [true; 4], "{redirection} {flags:?}: {}", run.text());
        assert_eq!(outcomes(&site), (true, vec![json!("applied"); 4]), "{redirection} {flags:?}");
        if code == 1 {
            let see = "to see what was done: sailplan show .sailplan/receipts/[RECEIPT].json";
            assert!(run.err.contains(see), "{}", run.err);
        }
    };
    for flags in [["--format", "text"], ["--format", "json"]] {
        check("exec >&-", flags, 0);
        check("exec 2>&-", flags, 0);
        check("exec >&- 2>&-", flags, 0);
        check("exec 2>/dev/full", flags, 0);
        check("exec > /dev/full", flags, 1);
    }
}

#[test]
fn a_reader_that_goes_away_ends_no_run() {
    let site = site();
    let script = "mkfifo pipe; (exec < pipe) & exec > pipe";
    let run = site.run_after(script, ["apply", "--yes"]);
    assert!(matches!(run.code, Some(0 | 1)), "{}", run.text());
    assert_eq!(holds(&site), [true; 4], "{}", run.text());
    assert_eq!(outcomes(&site), (true, vec![json!("applied"); 4]));
}
