//! `sailplan schema`: what it prints, and what `--all` writes and leaves alone.

use crate::harness::Site;

/// Every schema with what `sailplan schema NAME` prints.
fn printed(site: &Site) -> Vec<(String, String)> {
    let names = [
        "allowances",
        "diagnosis",
        "explanation",
        "plan",
        "receipt",
        "settings",
        "tenant-file",
        "tenants",
        "validation",
        "version",
        "workspace",
    ];
    let run = |name| site.run(["schema", name]);
    names.map(|name| (format!("{name}.schema.json"), run(name).out)).to_vec()
}

#[test]
fn all_of_them_are_written_into_a_folder_and_written_again() {
    let site = Site::new();
    let files = printed(&site);
    for time in ["new", "again"] {
        let run = site.run(["schema", "--all", "a/schemas"]);
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{time}");
        let mut told: Vec<&str> = run.out.lines().collect();
        told.sort_unstable();
        let expected: Vec<String> = files.iter().map(|(name, _)| format!("written  a/schemas/{name}")).collect();
        assert_eq!(told, expected, "{time}");
        for (name, text) in &files {
            assert!(site.read(&format!("a/schemas/{name}")) == *text, "{name}, {time}");
        }
        // What another version wrote is replaced.
        site.write("a/schemas/plan.schema.json", &site.read("a/schemas/plan.schema.json").replace("tenants", "x"));
    }
}

#[test]
fn a_file_of_somebody_else_stays() {
    let allowances = Site::new().run(["schema", "allowances"]).out;
    for text in ["mine", "{}", &allowances] {
        let site = Site::new().file("plan.schema.json", text);
        let run = site.run(["schema", "--all", "."]);
        assert_eq!(
            (run.code, run.err.as_str()),
            (
                Some(1),
                "error: plan.schema.json cannot be written: the file exists and was not written by sailplan\n  \
                 help: check the folder and its rights, or name another folder\n"
            )
        );
        assert_eq!(site.read("plan.schema.json"), text);
    }
}

#[test]
fn one_schema_or_all_of_them() {
    let site = Site::new();
    let run = site.run(["schema", "receipt", "--all", "."]);
    assert_eq!(run.code, Some(64), "{}", run.text());
    assert_eq!(std::fs::read_dir(site.path("")).unwrap().count(), 0);
    assert_eq!(site.run(["schema"]).out, site.run(["schema", "settings"]).out);
}
