use std::fs;

use serde_json::json;

use super::files::file_name;
use super::*;
use crate::documents::evidence::Evidence;
use crate::documents::fixtures;
use crate::documents::plan::Operation;
use crate::documents::receipt::OperationEntry;

fn receipt(tenants: &[&str]) -> Receipt {
    let tenant = |name: &&str| {
        let url = format!("https://{}.api.identitynow.com", name.to_lowercase());
        fixtures::tenant_receipt(name, &url, vec![fixtures::resource_receipt("jitActivationPolicy", "v2026")])
    };
    let evidence = Evidence { host: Some("here".to_owned()), ..Evidence::default() };
    Receipt { evidence, ..fixtures::receipt(tenants.iter().map(tenant).collect()) }
}

fn send(entry: &mut ResourceReceipt) {
    entry.started_at = Some("2026-11-21T00:00:01Z".to_owned());
    entry.before = json!({"maxActivationPeriodMins": 120});
    entry.operations = vec![OperationEntry {
        op: Operation::Replace,
        path: "/maxActivationPeriodMins".to_owned(),
        value: Some(json!(240).into()),
    }];
}

fn finish(entry: &mut ResourceReceipt) {
    entry.outcome = Outcome::Applied;
    entry.after = Some(json!({"maxActivationPeriodMins": 240}));
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

const NAME: &str = "20261121T000000Z-0123456789ab";

#[test]
fn what_is_recorded_is_read_at_any_time_and_ends_in_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), None, receipt(&["prod", "test"])).unwrap();
    let path = journal.path().to_owned();
    assert_eq!(names(folder.path()), [format!("{NAME}.d"), format!("{NAME}.json"), format!("{NAME}.lock")]);
    assert_eq!(read(&path).unwrap().0, receipt(&["prod", "test"]));
    let pending = fs::read_to_string(&path).unwrap();

    journal.record(0, 0, send).unwrap();
    journal.record(0, 0, finish).unwrap();
    journal.record(1, 0, send).unwrap();
    let mut expected = receipt(&["prod", "test"]);
    send(&mut expected.tenants[0].resources[0]);
    finish(&mut expected.tenants[0].resources[0]);
    send(&mut expected.tenants[1].resources[0]);
    assert_eq!(read(&path).unwrap().0, expected);
    assert_eq!(fs::read_to_string(&path).unwrap(), pending);
    assert_eq!(journal.receipt.tenants[0].resources[0].before, Value::Null);

    journal.record(1, 0, |entry| entry.outcome = Outcome::Unknown).unwrap();
    expected.tenants[1].resources[0].outcome = Outcome::Unknown;
    journal.receipt.finished_at = Some("2026-11-21T00:00:02Z".to_owned());
    expected.finished_at = Some("2026-11-21T00:00:02Z".to_owned());
    let (closed, kept) = journal.close();
    kept.unwrap();
    assert_eq!(closed.path.as_deref(), Some(path.as_path()));
    assert_eq!(names(folder.path()), [format!("{NAME}.json")]);
    assert_eq!(fs::read_to_string(&path).unwrap(), expected.to_text().unwrap());
}

#[test]
fn a_run_that_sent_nothing_leaves_only_the_copy() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.json");
    let kept = folder.path().join("receipts");
    let mut journal = Journal::open(&kept, Some(&copy), receipt(&["prod"])).unwrap();
    journal.record(0, 0, |entry| entry.outcome = Outcome::Skipped).unwrap();
    journal.receipt.finished_at = Some("2026-11-21T00:00:02Z".to_owned());
    let (closed, result) = journal.close();
    result.unwrap();
    assert_eq!((closed.path, names(&kept).len()), (None, 0));
    assert_eq!(Receipt::parse(&fs::read_to_string(&copy).unwrap()), Ok(closed.receipt));
}

#[test]
fn a_receipt_never_takes_the_place_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join(format!("{NAME}.json"));
    fs::write(&first, "the receipt of another run").unwrap();
    let journal = Journal::open(folder.path(), None, receipt(&[])).unwrap();
    assert_eq!(journal.path(), folder.path().join(format!("{NAME}-2.json")));
    let another = Journal::open(folder.path(), None, receipt(&[])).unwrap();
    assert_eq!(another.path(), folder.path().join(format!("{NAME}-3.json")));
    assert_eq!(fs::read_to_string(&first).unwrap(), "the receipt of another run");
}

#[test]
fn a_copy_that_cannot_be_written_is_named_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("receipts");
    fs::write(folder.path().join("mine"), "mine").unwrap();
    for copy in ["mine", "mine/copy.json", "/dev/null/copy.json"] {
        let copy = folder.path().join(copy);
        let refused = Journal::open(&kept, Some(&copy), receipt(&["prod"])).unwrap_err();
        assert_eq!((refused.path, kept.exists()), (copy, false));
    }
    // And the other way round.
    fs::write(&kept, "a file where a folder must be").unwrap();
    let copy = folder.path().join("copy.json");
    let refused = Journal::open(&kept, Some(&copy), receipt(&["prod"])).unwrap_err();
    assert_eq!((refused.path, copy.exists()), (kept.join(format!("{NAME}.json")), false));
}

#[test]
fn only_the_receipt_of_a_process_that_is_gone_is_claimed() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), None, receipt(&["prod"])).unwrap();
    journal.record(0, 0, send).unwrap();
    let path = journal.path().to_owned();
    let (receipt, _) = read(&path).unwrap();
    assert_eq!(owner(&path, &receipt, Some("here")), Owner::Lives);
    assert!(claim(&path).unwrap().is_none());
    drop(journal);
    assert_eq!(owner(&path, &receipt, Some("here")), Owner::Gone);
    assert_eq!(owner(&path, &receipt, Some("there")), Owner::Elsewhere("here".to_owned()));
    let mut first = claim(&path).unwrap().unwrap();
    assert!(claim(&path).unwrap().is_none(), "one process completes it");
    assert_eq!(first.receipt, receipt);
    first.receipt.finished_at = Some("2026-11-21T00:00:02Z".to_owned());
    finish(&mut first.receipt.tenants[0].resources[0]);
    let expected = first.receipt.clone();
    first.complete().unwrap();
    assert_eq!(read(&path).unwrap().0, expected);
    assert_eq!(names(folder.path()), [format!("{NAME}.json")]);
    assert!(claim(&path).unwrap().is_none(), "it is complete");
}

#[test]
fn a_receipt_that_was_changed_meanwhile_is_not_completed() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path(), None, receipt(&["prod"])).unwrap();
    let path = journal.path().to_owned();
    drop(journal);
    let claim = claim(&path).unwrap().unwrap();
    let text = fs::read_to_string(&path).unwrap().replace('\n', "\n ");
    fs::write(&path, &text).unwrap();
    assert_eq!(claim.complete().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_line_that_was_cut_short_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), None, receipt(&["prod"])).unwrap();
    journal.record(0, 0, send).unwrap();
    journal.record(0, 0, finish).unwrap();
    let log = folder.path().join(format!("{NAME}.d/prod.jsonl"));
    let text = fs::read_to_string(&log).unwrap();
    fs::write(&log, &text[..text.len() - 10]).unwrap();
    let (found, _) = read(journal.path()).unwrap();
    let entry = &found.tenants[0].resources[0];
    assert_eq!((entry.outcome, entry.operations.len()), (Outcome::Pending, 1));
}

#[test]
fn tenants_never_share_a_file() {
    let long = "x".repeat(300);
    let names = ["prod", "Prod", "PROD", "prod.", "../prod", "a/b", "a:b", "", "über", &long];
    let mut files: Vec<String> = names.iter().map(|name| file_name(name)).collect();
    assert!(files.iter().all(|name| name.len() < 70 && !name.contains(['/', ':'])), "{files:?}");
    assert!(files.iter().all(|name| name.to_lowercase() == *name));
    files.sort();
    files.dedup();
    assert_eq!(files.len(), names.len());
}

#[test]
fn many_tenants_cost_no_more_than_few() {
    let written = |tenants: usize| -> u64 {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<String> = (0..tenants).map(|number| format!("t{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut journal = Journal::open(folder.path(), None, receipt(&names)).unwrap();
        let pending = journal.path().metadata().unwrap().len();
        for tenant in 0..tenants {
            journal.record(tenant, 0, send).unwrap();
            journal.record(tenant, 0, finish).unwrap();
        }
        let logs = disk::files_in(&folder.path().join(format!("{NAME}.d")));
        pending + logs.iter().map(|log| log.metadata().unwrap().len()).sum::<u64>()
    };
    let (few, many) = (written(4), written(40));
    assert!(many < 11 * few, "4 tenants write {few} bytes, 40 write {many}");
}

#[test]
fn what_killed_processes_left_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    // Killed after the lock and before the receipt.
    fs::write(folder.path().join("20261120T000000Z-0.lock"), "").unwrap();
    fs::create_dir(folder.path().join("20261120T000000Z-0.d")).unwrap();
    let journal = Journal::open(folder.path(), None, receipt(&[])).unwrap();
    assert_eq!(names(folder.path()).len(), 3);
    drop(journal);
}
