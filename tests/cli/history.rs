//! Which history `--base` asks: the one whose `.git` lies above the workspace, whatever a branch adds to its own files.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::base::{SETTINGS, WORKSPACE, git, refusals};
use crate::harness::{Run, Site};

/// A workspace without anything that holds a plan back.
fn unguarded() -> String {
    WORKSPACE.replace("[loosens]", "[]").replace("s: 5\n", "s: 50\n").replace("5h", "90h")
}

/// Writes the workspace into a folder of the site.
fn write(site: &Site, folder: &str, settings: &str, workspace: &str) {
    site.write(&format!("{folder}settings/base.yaml"), settings);
    site.write(&format!("{folder}sailplan.yaml"), workspace);
    site.write(&format!("{folder}allowances.yaml"), "[]\n");
}

fn init(site: &Site, folder: &str) {
    git(site, &["-C", folder, "init", "-q", "-b", "main"]);
}

fn commit(site: &Site, folder: &str) {
    git(site, &["-C", folder, "add", "-A"]);
    git(site, &["-C", folder, "reset", "-q", "--", "tenant-state.json"]);
    git(site, &["-C", folder, "commit", "-q", "--allow-empty", "-m", "x"]);
}

/// A repository with the workspace in `iam/`: guarded on the branch main, and on the branch topic without its guards and
/// with a longer maximum.
fn loosened() -> Site {
    loosened_with("sha1")
}

/// As [`loosened`], where commits are named by the digits of another hash.
fn loosened_with(hash: &str) -> Site {
    let site = Site::new().tenant();
    git(&site, &["init", "-q", "-b", "main", &format!("--object-format={hash}")]);
    write(&site, "iam/", SETTINGS, WORKSPACE);
    site.write("other.txt", "x\n");
    commit(&site, ".");
    git(&site, &["checkout", "-q", "-b", "topic"]);
    write(&site, "iam/", &SETTINGS.replace("2h", "9h"), &unguarded());
    commit(&site, ".");
    site
}

fn rev_parse(site: &Site, name: &str) -> String {
    let output = Command::new("git").args(["rev-parse", name]).current_dir(site.path("")).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Adds a repository to the files of the folder `iam/`, as `git init --bare` would lay it out. Its history has the
/// workspace without guardrails, where the value of the branch is the agreed one.
fn forge(site: &Site, config: &str) {
    let author = Site::new();
    init(&author, ".");
    write(&author, "", &SETTINGS.replace("2h", "9h"), &unguarded());
    commit(&author, ".");
    commit(&author, ".");
    for part in ["HEAD", "objects", "refs"] {
        let (from, to) = (author.path(".git").join(part), site.path("iam").join(part));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(from, to).unwrap();
        }
    }
    site.write("iam/config", config);
}

fn document(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.text()))
}

/// Checks that a plan is held to the guardrails of the honest history.
fn held(run: &Run) {
    assert_eq!(run.code, Some(3), "{}", run.text());
    let plan = document(run);
    assert!(refusals(&plan).to_string().contains("\"deny\""), "{}", run.text());
    assert_eq!(plan["tenants"][0]["resources"][0]["changes"][0]["cause"], "branch");
}

#[test]
fn files_that_look_like_a_repository_are_not_asked() {
    let site = loosened();
    held(&site.run(["-C", "iam", "plan", "--base=HEAD^1", "--format", "json"]));
    forge(&site, "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n");
    git(&site, &["add", "-A", "iam"]);
    git(&site, &["commit", "-q", "--amend", "-m", "x"]);
    held(&site.run(["-C", "iam", "plan", "--base=HEAD^1", "--format", "json"]));
    held(&site.run(["plan", "-f", "iam/sailplan.yaml", "--base=HEAD^1", "--format", "json"]));
}

/// Where a program that git was made to start leaves a mark.
fn partial(site: &Site) -> (std::path::PathBuf, String) {
    let mark = site.path("mark");
    let config = format!(
        "[core]\n\trepositoryformatversion = 1\n\tbare = false\n\tworktree = .\n[extensions]\n\tpartialClone = evil\n\
         [remote \"evil\"]\n\turl = ext::sh -c \"env>{}\"\n\tpromisor = true\n[protocol \"ext\"]\n\tallow = always\n",
        mark.display()
    );
    (mark, config)
}

#[test]
fn what_a_history_lacks_is_fetched_by_nothing() {
    // In files of the branch.
    let site = loosened();
    let (mark, config) = partial(&site);
    forge(&site, &config);
    for entry in std::fs::read_dir(site.path("iam/objects")).unwrap() {
        let folder = entry.unwrap().path();
        if folder.file_name().unwrap().len() == 2 {
            std::fs::remove_dir_all(folder).unwrap();
        }
    }
    held(&site.run(["-C", "iam", "plan", "--base=HEAD^1", "--format", "json"]));
    assert!(!mark.exists());
    // In the repository itself, as a partial clone would have it.
    let site = loosened();
    let (mark, config) = partial(&site);
    let blob = rev_parse(&site, "main:iam/sailplan.yaml");
    let (folder, file) = blob.split_at(2);
    std::fs::remove_file(site.path(".git/objects").join(folder).join(file)).unwrap();
    site.write(".git/config", &config.replace("\tworktree = .\n", ""));
    // The folder, and what is left in it, goes with the site.
    let site = site.variable("ACME_SECRET", "live-secret");
    let run = site.run(["-C", "iam", "plan", "--base=main"]);
    assert_eq!(run.code, Some(3), "{}", run.text());
    assert!(run.err.contains("--refetch --no-filter"), "{}", run.text());
    assert!(!mark.exists());
}

#[test]
fn no_program_of_the_repository_runs_and_git_sees_no_credential() {
    let site = loosened().variable("GIT_DIR", "/nowhere").variable("GIT_WORK_TREE", "/nowhere");
    let site = site.variable("GIT_CONFIG_COUNT", "1").variable("GIT_CONFIG_KEY_0", "core.bare");
    let site = site.variable("GIT_CONFIG_VALUE_0", "true").variable("GIT_OBJECT_DIRECTORY", "/nowhere");
    let site = site.variable("GIT_TRACE", &Site::new().path("trace").display().to_string());
    let mark = site.path("mark");
    let script = format!("#!/bin/sh\nenv >{}\n", mark.display());
    site.write("run.sh", &script);
    let program = site.path("run.sh");
    let status = Command::new("chmod").arg("+x").arg(&program).status().unwrap();
    assert!(status.success());
    let mut config = site.read(".git/config");
    for key in ["fsmonitor", "pager", "sshCommand", "alternateRefsCommand", "askPass", "editor"] {
        config.push_str(&format!("[core]\n\t{key} = {}\n", program.display()));
    }
    config.push_str(&format!("[diff \"x\"]\n\ttextconv = {0}\n[filter \"x\"]\n\tsmudge = {0}\n", program.display()));
    config.push_str(&format!("[pager]\n\tls-tree = {0}\n\tcat-file = {0}\n\trev-parse = {0}\n", program.display()));
    site.write(".git/config", &config);
    for hook in ["post-checkout", "reference-transaction", "post-index-change"] {
        site.write(&format!(".git/hooks/{hook}"), &script);
        let status = Command::new("chmod").arg("+x").arg(site.path(".git/hooks").join(hook)).status().unwrap();
        assert!(status.success());
    }
    site.write("iam/.gitattributes", "* diff=x filter=x\n");
    held(&site.run(["-C", "iam", "plan", "--base=main", "--format", "json"]));
    assert!(!mark.exists());
    // A git that writes down what it is given.
    let seen = site.path("seen");
    let real = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|folder| folder.join("git"))
        .find(|program| program.is_file())
        .unwrap();
    site.write(
        "bin/git",
        &format!("#!/bin/sh\n{{ env; echo \"$*\"; }} >>{}\nexec {} \"$@\"\n", seen.display(), real.display()),
    );
    assert!(Command::new("chmod").arg("+x").arg(site.path("bin/git")).status().unwrap().success());
    let mut command = site.command();
    command.env("PATH", format!("{}:/usr/bin:/bin", site.path("bin").display()));
    let run =
        site.read_output(command.args(["-C", "iam", "plan", "--base=main", "--format", "json"]).output().unwrap());
    held(&run);
    let seen = std::fs::read_to_string(seen).unwrap();
    assert!(seen.contains("GIT_NO_LAZY_FETCH=1"), "{seen}");
    // What the programs above would need another command of git for.
    for setting in ["core.fsmonitor=false", "core.hooksPath=/dev/null", "core.sshCommand=false", "protocol.allow=never"]
    {
        let asked: Vec<&str> = seen.lines().filter(|line| line.contains("--no-pager")).collect();
        assert!(asked.len() > 3 && asked.iter().all(|line| line.contains(setting)), "{setting}: {asked:#?}");
    }
    assert!(!seen.contains("secret-of-the-test") && !seen.contains("GIT_OBJECT_DIRECTORY"), "{seen}");
}

#[test]
fn a_git_of_the_checkout_is_not_started() {
    let site = loosened();
    let mark = site.path("mark");
    site.write("iam/git", &format!("#!/bin/sh\ntouch {}\n", mark.display()));
    assert!(Command::new("chmod").arg("+x").arg(site.path("iam/git")).status().unwrap().success());
    let path = std::env::var("PATH").unwrap();
    for relative in [".", ""] {
        let mut command = site.command();
        command.env("PATH", format!("{relative}:{path}"));
        let args = ["-C", "iam", "plan", "--base=main", "--format", "json"];
        held(&site.read_output(command.args(args).output().unwrap()));
    }
    assert!(!mark.exists());
}

#[test]
fn a_name_that_means_two_commits_is_refused() {
    let site = loosened();
    git(&site, &["update-ref", "refs/remotes/origin/main", "main"]);
    let plan = |name: &str| site.run(["-C", "iam", "plan", &format!("--base={name}"), "--format", "json"]);
    held(&plan("origin/main"));
    held(&plan("main"));
    // What an author can push, and an ordinary clone fetches.
    git(&site, &["tag", "origin/main", "topic"]);
    git(&site, &["tag", "main", "topic"]);
    let short = rev_parse(&site, "refs/heads/main");
    let short = short.get(..9).unwrap();
    git(&site, &["update-ref", "refs/tags/HEAD", "topic"]);
    let told: Vec<String> =
        ["origin/main", "main", "main~0", "main^0", "HEAD"].iter().map(|name| plan(name).text()).collect();
    insta::assert_snapshot!(told.concat());
    held(&plan(short));
    git(&site, &["update-ref", &format!("refs/tags/{short}"), "topic"]);
    let run = plan(short);
    assert!(run.code == Some(3) && run.err.contains("means more than one commit"), "{}", run.text());
    for full in ["refs/remotes/origin/main", "refs/heads/main", "refs/heads/main^0", "refs/heads/topic^1"] {
        held(&plan(full));
    }
    // A search for words in messages finds what the author wrote.
    for searched in [":/x", "topic^{/x}"] {
        let run = plan(searched);
        assert_eq!((run.code, run.out.as_str()), (Some(64), ""), "{searched}: {}", run.text());
    }
}

#[test]
fn the_start_of_a_commit_that_is_also_a_tag_is_refused_whatever_the_hash() {
    for (hash, length) in [("sha1", 40), ("sha256", 64)] {
        let site = loosened_with(hash);
        let commit = rev_parse(&site, "refs/heads/main");
        assert_eq!(commit.len(), length);
        let plan = |name: &str| site.run(["-C", "iam", "plan", &format!("--base={name}"), "--format", "json"]);
        for digits in [7, 39, 40, 41, 63, 64].into_iter().filter(|digits| *digits <= length) {
            let name = commit.get(..digits).unwrap();
            let described = format!("v1-1-g{name}");
            git(&site, &["update-ref", &format!("refs/tags/{name}"), "topic"]);
            git(&site, &["update-ref", &format!("refs/tags/{described}"), "topic"]);
            if digits == length {
                // git takes the whole name for the commit, whatever tags there are.
                held(&plan(name));
            } else {
                let run = plan(name);
                assert!(
                    run.code == Some(3) && run.err.contains("means more than one commit"),
                    "{digits}: {}",
                    run.text()
                );
            }
            let run = plan(&described);
            assert!(run.code == Some(3) && run.err.contains("means more than one commit"), "{digits}: {}", run.text());
        }
    }
}

#[test]
fn the_commit_is_shown_wherever_the_revision_is() {
    let site = loosened();
    let run = site.run(["-C", "iam", "plan", "--base=main", "--markdown", "../plan.md", "--html", "../plan.html"]);
    let commit = rev_parse(&site, "main");
    for text in [&site.read("plan.md"), &site.read("plan.html")] {
        assert!(text.contains(&commit), "{text}");
    }
    assert!(run.out.contains("Compared with main (commit [COMMIT]).\n"), "{}", run.out);
}

#[test]
fn a_submodule_that_the_revision_does_not_have_is_refused() {
    let site = Site::new().tenant();
    init(&site, ".");
    write(&site, "iam/", SETTINGS, WORKSPACE);
    commit(&site, ".");
    git(&site, &["checkout", "-q", "-b", "topic"]);
    git(&site, &["rm", "-r", "-q", "iam"]);
    write(&site, "iam/", &SETTINGS.replace("2h", "9h"), &unguarded());
    init(&site, "iam");
    commit(&site, "iam");
    // A repository in the folder, and the same registered as a submodule.
    let plan = |base: &str| site.run(["-C", "iam", "plan", &format!("--base={base}")]);
    let nested = plan("main").text();
    commit(&site, ".");
    insta::assert_snapshot!([nested, plan("main").text()].concat());
    // Where the revision has the submodule, its commit there is the base.
    let base = plan("topic");
    assert_eq!(base.code, Some(0), "{}", base.text());
    write(&site, "iam/", SETTINGS, WORKSPACE);
    commit(&site, "iam");
    git(&site, &["-C", "iam", "branch", "-q", "topic"]);
    git(&site, &["checkout", "-q", "-b", "guarded"]);
    commit(&site, ".");
    write(&site, "iam/", &SETTINGS.replace("2h", "9h"), &unguarded());
    commit(&site, "iam");
    held(&site.run(["-C", "iam", "plan", "--base=guarded", "--format", "json"]));
    assert_eq!(plan("main").code, Some(3));
    assert_eq!(site.requests().iter().filter(|request| request.method != "GET").count(), 2);
}

#[test]
fn a_link_into_a_submodule_sheds_no_guardrail() {
    let site = Site::new().tenant();
    init(&site, ".");
    write(&site, "iam/", SETTINGS, WORKSPACE);
    site.write("library/x", "x\n");
    init(&site, "library");
    commit(&site, "library");
    commit(&site, ".");
    git(&site, &["checkout", "-q", "-b", "topic"]);
    write(&site, "library/", &SETTINGS.replace("2h", "9h"), &unguarded());
    commit(&site, "library");
    git(&site, &["rm", "-r", "-q", "iam"]);
    symlink("library", site.path("iam")).unwrap();
    commit(&site, ".");
    held(&site.run(["-C", "iam", "plan", "--base=main", "--format", "json"]));
}

#[test]
fn a_link_out_of_the_repository_does_not_choose_the_history() {
    let site = Site::new().tenant();
    for folder in ["repository", "elsewhere"] {
        std::fs::create_dir(site.path(folder)).unwrap();
        init(&site, folder);
    }
    write(&site, "elsewhere/", SETTINGS, &unguarded());
    commit(&site, "elsewhere");
    symlink("../elsewhere", site.path("repository/iam")).unwrap();
    let run = site.run(["-C", "repository/iam", "plan", "--base=main"]);
    assert_eq!(run.code, Some(1), "{}", run.text());
    assert!(run.err.contains("-C repository/iam is a link that leads out of the repository"), "{}", run.text());
    let mut command = site.command();
    let inside = site.path("repository/iam");
    command.current_dir(&inside).env("PWD", &inside).args(["plan", "--base=main"]);
    let run = site.read_output(command.output().unwrap());
    assert_eq!((run.code, site.calls().len()), (Some(3), 0), "{}", run.text());
    assert!(run.err.contains("the working directory is a link"), "{}", run.text());
    assert_eq!(site.run(["-C", "elsewhere", "plan", "--base=main"]).code, Some(0));
}

#[test]
fn a_work_tree_inside_its_repository_is_not_a_nested_one() {
    let site = loosened();
    git(&site, &["worktree", "add", "-q", "trees/topic", "-b", "again", "topic"]);
    held(&site.run(["-C", "trees/topic/iam", "plan", "--base=main", "--format", "json"]));
    // A repository above that has nothing to do with it can be left out.
    let site = Site::new().tenant();
    init(&site, ".");
    write(&site, "repo/iam/", SETTINGS, WORKSPACE);
    init(&site, "repo");
    commit(&site, "repo");
    assert_eq!(site.run(["-C", "repo/iam", "plan", "--base=main"]).code, Some(3));
    let ceiling = site.path("").canonicalize().unwrap().display().to_string();
    let site = site.variable("GIT_CEILING_DIRECTORIES", &ceiling);
    assert_eq!(site.run(["-C", "repo/iam", "plan", "--base=main"]).code, Some(0));
}

#[cfg(unix)]
#[test]
fn a_repository_of_another_user_says_how_to_trust_it() {
    let site = loosened();
    // What git itself takes for another owner, in its own tests.
    let real = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|folder| folder.join("git"))
        .find(|program| program.is_file())
        .unwrap();
    let script = format!("#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {} \"$@\"\n", real.display());
    site.write("bin/git", &script);
    assert!(Command::new("chmod").arg("+x").arg(site.path("bin/git")).status().unwrap().success());
    let mut command = site.command();
    command.env("PATH", format!("{}:/usr/bin:/bin", site.path("bin").display()));
    let run = site.read_output(command.args(["-C", "iam", "plan", "--base=main"]).output().unwrap());
    insta::assert_snapshot!(run.text());
    // Trusted by the configuration of the user, and never by that of the repository.
    let trusted = format!("[safe]\n\tdirectory = {}\n", site.path("").canonicalize().unwrap().display());
    let with = |file: &str| {
        let mut command = site.command();
        command.env("PATH", format!("{}:/usr/bin:/bin", site.path("bin").display()));
        command.env("GIT_CONFIG_GLOBAL", site.path(file));
        site.read_output(command.args(["-C", "iam", "plan", "--base=main", "--format", "json"]).output().unwrap())
    };
    site.write("trusting", &trusted);
    site.write("wary", "");
    held(&with("trusting"));
    site.write(".git/config", &(site.read(".git/config") + &trusted));
    assert_eq!(with("wary").code, Some(3));
}
