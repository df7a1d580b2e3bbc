//! The page in a browser: `tests/browser` drives Chromium, where there is one.

use std::io::Write as _;
use std::process::Command;

#[test]
fn the_page_in_a_browser() {
    if std::env::var_os("SAILPLAN_BROWSER").is_none() {
        // Written past the test runner, which keeps what a passing test prints to itself.
        writeln!(
            std::io::stderr(),
            "left out: the page in a browser. With Chromium and Node.js 20: npm ci --prefix tests/browser, then \
             SAILPLAN_BROWSER=1 cargo test"
        )
        .unwrap();
        return;
    }
    let checks = Command::new("npm")
        .args(["test", "--silent", "--prefix", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser")])
        .env("SAILPLAN_BINARY", env!("CARGO_BIN_EXE_sailplan"))
        .output()
        .unwrap();
    assert!(
        checks.status.success(),
        "{}{}",
        String::from_utf8_lossy(&checks.stdout),
        String::from_utf8_lossy(&checks.stderr)
    );
}
