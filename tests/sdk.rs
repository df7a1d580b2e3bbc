//! SailPoint's own Python SDK against the practice tenant: `tests/sdk`, where the SDK is installed.

use std::io::Write as _;
use std::process::Command;

use sailplan::practice::{Options, Practice};

#[test]
fn the_python_sdk_reads_changes_and_reads() {
    let Some(python) = std::env::var_os("SAILPLAN_SDK_PYTHON") else {
        // Written past the test runner, which keeps what a passing test prints to itself.
        writeln!(
            std::io::stderr(),
            "left out: SailPoint's Python SDK. python3 -m venv target/sdk, target/sdk/bin/pip install -r \
             tests/sdk/requirements.txt, then SAILPLAN_SDK_PYTHON=target/sdk/bin/python cargo test"
        )
        .unwrap();
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let tenant = Practice::start(Options::new(folder.path().join("tenant.json"))).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/check.py");
    let checks = Command::new(python).args([script, tenant.url()]).current_dir(folder.path()).output().unwrap();
    let said = [checks.stdout, checks.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(checks.status.success() && said[0].ends_with("ok\n"), "{}{}", said[0], said[1]);
}
