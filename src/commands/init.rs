//! `sailplan init`: a workspace that works at once, and the CI files of the forge that the repository is on.

mod forge;

use std::path::{Path, PathBuf};

use clap::Args;

use self::forge::{Forge, Install};
use crate::documents::schema::{self, Schema};
use crate::text::disk::{self, Content, Rights, shown};
use crate::text::paths::{is_same_file, plain};
use crate::ui::{Exit, Stop};
use crate::workspace::load::Context;

/// Write a workspace with a practice tenant, ready to plan, and CI files. Existing files are kept.
#[derive(Args, Debug)]
pub struct InitArgs {
    /// The folder to write to
    // Not "directory": clap knows arguments by their names, and the global -C has that one.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// The forge to write CI files for; without it, that of the git remote "origin"
    #[arg(long, value_name = "FORGE", value_enum)]
    pub ci: Option<Forge>,
    /// Where CI gets sailplan: archive:URL#sha256=HEX or git:URL@COMMIT
    ///
    /// An archive is a .tar.gz with the program; a commit is built. Without it, CI fails with a message, before any job gets
    /// credentials.
    #[arg(long, value_name = "SOURCE")]
    pub install: Option<Install>,
}

/// What is written: the quickstart of the repository, so that both stay the same but for where the schemas are.
const FILES: [(&str, &str); 3] = [
    ("sailplan.yaml", include_str!("../../examples/quickstart/sailplan.yaml")),
    ("settings/base.yaml", include_str!("../../examples/quickstart/settings/base.yaml")),
    (".gitignore", include_str!("../../examples/quickstart/.gitignore")),
];

/// The schemas of those files go with them into version control, so that every editor of the team finds them.
const SCHEMAS: [Schema; 3] = [Schema::Workspace, Schema::TenantFile, Schema::Settings];

/// Runs the command.
///
/// # Errors
///
/// A file cannot be written, or `--install` has nothing to change.
pub fn run(context: &Context, args: &InitArgs) -> anyhow::Result<Exit> {
    let remote = if args.ci.is_none() { forge::of_remote(&args.folder) } else { None };
    let chosen = args.ci.or(remote.as_ref().map(|(forge, _)| *forge)).unwrap_or(Forge::None);
    if args.install.is_some() && chosen.pipeline().is_none() {
        let message = "--install is for CI files, and none are written".to_owned();
        return Err(Stop::new(Exit::Usage, message, "name the forge as well: --ci github, gitlab or azure").into());
    }
    let mut text = String::new();
    for (name, content) in FILES {
        // The examples share the schemas two folders further up.
        let content = content.replace("$schema=../../", "$schema=");
        text.push_str(&keep_or_write(&args.folder.join(name), &content)?.line());
    }
    // What belongs to this sailplan, and what the user writes in the files above is not held against it.
    let mut differing = Vec::new();
    for schema in SCHEMAS {
        let path = args.folder.join(schema::FOLDER).join(schema.file());
        let file = keep_or_write(&path, &schema::text(schema)?)?;
        text.push_str(&file.line());
        differing.extend(file.differing());
    }
    let mut ci = write_ci_files(args, chosen)?;
    text.push_str(&ci.lines);
    differing.append(&mut ci.differing);
    context.ui.result(&text)?;
    if args.ci.is_none() && chosen == Forge::None {
        context.ui.say(&no_ci(remote.as_ref().map(|(_, host)| host.as_str())));
    }
    if let (Some(pipeline), Some((top, folder)), Some(Outcome::Differs)) = (chosen.pipeline(), &ci.root, ci.pipeline) {
        tell_other_folder(context, pipeline, top, folder);
    }
    if !differing.is_empty() {
        let (is, it) =
            if differing.len() == 1 { ("file that was there is", "it") } else { ("files that were there are", "one") };
        context.ui.say(&format!(
            "{} {is} kept and not what this sailplan would write: {}. To replace {it}, delete it and run the command again",
            differing.len(),
            differing.join(", ")
        ));
    }
    if let Some(pipeline) = chosen.pipeline() {
        tell_what_ci_needs(context, args.install.as_ref(), pipeline, &ci);
    }
    let place = if args.folder == Path::new(".") { String::new() } else { format!(" -C {}", args.folder.display()) };
    if text.starts_with("written") {
        context.ui.say("For your own tenant, follow the comment above prod in sailplan.yaml");
    }
    context.ui.say(&format!("Next: sailplan{place} plan"));
    Ok(Exit::Done)
}

/// What became of the CI files.
struct CiFiles {
    /// The top of the repository and the workspace's folder from there; `None` outside of a repository.
    root: Option<(PathBuf, PathBuf)>,
    /// A line for each.
    lines: String,
    /// What became of the file that says what to set up.
    pipeline: Option<Outcome>,
    /// Those that were there with something else in them.
    differing: Vec<String>,
    /// Those of them in which `--install` has something to change, and cannot.
    not_installed: Vec<String>,
}

fn write_ci_files(args: &InitArgs, forge: Forge) -> Result<CiFiles, Stop> {
    let mut ci = CiFiles {
        root: forge::root(&args.folder),
        lines: String::new(),
        pipeline: None,
        differing: Vec::new(),
        not_installed: Vec::new(),
    };
    for (name, content) in forge.files() {
        let (path, mut content) = match &ci.root {
            // CI files live at the top of a repository, wherever in it the workspace is.
            Some((top, folder)) => (top.join(name), forge::with_folder(content, folder)),
            None => (args.folder.join(name), (*content).to_owned()),
        };
        let mut installs = false;
        if let Some(source) = &args.install {
            let with_install = forge::with_install(&content, source);
            installs = with_install != content;
            content = with_install;
        }
        let file = keep_or_write(&path, &content)?;
        ci.lines.push_str(&file.line());
        if forge.pipeline() == Some(name) {
            ci.pipeline = Some(file.outcome);
        }
        if installs { &mut ci.not_installed } else { &mut ci.differing }.extend(file.differing());
    }
    Ok(ci)
}

/// Says that a pipeline which was there is for another folder than that of the workspace, if it is.
fn tell_other_folder(context: &Context, pipeline: &str, top: &Path, folder: &Path) {
    let text = disk::read(&top.join(pipeline), Content::Yaml).map(|source| source.text.clone());
    if !forge::is_for(&text.unwrap_or_default(), folder) {
        context.ui.say(&format!(
            "{pipeline} was there already and does not know this workspace: set SAILPLAN_DIR in it to {}, or add a copy of \
             its jobs for that folder. Until then CI does not look after it",
            folder.display()
        ));
    }
}

/// Says what is to be done before CI works: where it gets sailplan, and what the pipeline says.
fn tell_what_ci_needs(context: &Context, install: Option<&Install>, pipeline: &str, ci: &CiFiles) {
    let not_installed = &ci.not_installed;
    match install {
        Some(source) if !not_installed.is_empty() => {
            let (is, it) =
                if not_installed.len() == 1 { ("was there and is", "it") } else { ("were there and are", "them") };
            context.ui.say(&format!(
                "{} {is} kept, so --install changed nothing in {it}: set SAILPLAN_INSTALL in {it} to {source}, or delete \
                 {it} and run the command again",
                not_installed.join(", ")
            ));
        }
        None if ci.pipeline == Some(Outcome::Written) => context.ui.say(&format!(
            "CI does not know where to get sailplan yet: set SAILPLAN_INSTALL at the top of {pipeline}, or remove the \
             file and give --install. Until then CI fails before it sees any credentials"
        )),
        _ => {}
    }
    context.ui.say(&format!(
        "CI plans and applies for every tenant except practice tenants: add yours to sailplan.yaml, and follow \"Set up once\" in {pipeline}"
    ));
}

/// Says why no CI files were written, and what to type for some.
fn no_ci(host: Option<&str>) -> String {
    let why = match host {
        None => "no git remote \"origin\" names the forge".to_owned(),
        Some("") => "the git remote \"origin\" is a folder".to_owned(),
        Some(host) => {
            format!("the git remote \"origin\" is on {host}, which is not a forge that sailplan has CI files for")
        }
    };
    format!(
        "No CI files were written: {why}. sailplan init --ci github, gitlab or azure writes them; elsewhere, such as on \
             Bitbucket or Jenkins, a job runs the same commands"
    )
}

/// Returns a path for people: without `..` where it leads to the same place.
fn neat(path: &Path) -> String {
    let short = plain(path);
    shown(if is_same_file(path, &short) { &short } else { path })
}

/// What became of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Written,
    /// It was there, as it would be written.
    Same,
    /// It was there, with something else in it.
    Differs,
}

/// A file that the command is about.
struct Placed {
    name: String,
    outcome: Outcome,
}

impl Placed {
    /// Returns the line that tells of it.
    fn line(&self) -> String {
        let word = if self.outcome == Outcome::Written { "written" } else { "kept   " };
        format!("{word}  {}\n", self.name)
    }

    /// Returns its name if it was there with something else in it.
    fn differing(&self) -> Option<String> {
        (self.outcome == Outcome::Differs).then(|| self.name.clone())
    }
}

/// Writes a file that does not exist yet.
fn keep_or_write(path: &Path, content: &str) -> Result<Placed, Stop> {
    let name = neat(path);
    if path.symlink_metadata().is_ok() {
        let same = disk::read(path, Content::Document).is_ok_and(|source| source.text == content);
        return Ok(Placed { name, outcome: if same { Outcome::Same } else { Outcome::Differs } });
    }
    disk::create(path, content, Rights::Normal)
        .map_err(|error| Stop::not_written(path.display(), &error, "check the folder and its rights"))?;
    Ok(Placed { name, outcome: Outcome::Written })
}
