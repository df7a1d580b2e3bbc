//! Puts the functions that a plan runs side by side in the program, see build/order.ld.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build/order.ld");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    // The linkers that Rust brings or calls on Linux read the file. One that somebody chose may not.
    let chosen = env::var_os("RUSTC_LINKER").is_some()
        || env::var("CARGO_ENCODED_RUSTFLAGS").is_ok_and(|flags| flags.contains("link") || flags.contains("ld="));
    if is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux") && !chosen {
        let folder = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
        // Two arguments: with -Wl, a comma in the folder's name would part it.
        println!("cargo::rustc-link-arg-bin=sailplan=-T");
        println!("cargo::rustc-link-arg-bin=sailplan={folder}/build/order.ld");
    }
}
