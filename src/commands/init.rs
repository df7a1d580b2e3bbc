//! `sailplan init`: a workspace that works at once, and the CI files of the forge that the repository is on.

mod forge;

use std::path::{Path, PathBuf};

use clap::Args;

use self::forge::{Forge, Install};
use crate::documents::schema::{self, Schema};
use crate::text::disk::shown;
use crate::text::disk::{self, Rights};
use crate::ui::{Exit, Stop};
use crate::workspace::load::Context;

/// Write a workspace that works at once against a practice tenant, and CI files. Existing files are kept.
#[derive(Args, Debug)]
pub struct InitArgs {
    /// The folder to write to
    // Not "directory": clap knows arguments by their names, and the global -C has that one.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// Whose CI files to write; without it, those of the forge that the git remote "origin" is on
    #[arg(long, value_name = "FORGE", value_enum)]
    pub ci: Option<Forge>,
    /// Where CI gets sailplan: archive:URL#sha256=HEX, a .tar.gz with the program, or git:URL@COMMIT, built from that commit.
    /// Without it, CI fails and says so, before it sees any credentials
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
    let chosen = args.ci.unwrap_or_else(|| forge::of_remote(&args.folder));
    if args.install.is_some() && chosen.pipeline().is_none() {
        let message = "--install is for CI files, and none are written".to_owned();
        return Err(Stop::new(Exit::Usage, message, "name the forge as well: --ci github, gitlab or azure").into());
    }
    let mut text = String::new();
    for (name, content) in FILES {
        // The examples share the schemas two folders further up.
        let content = content.replace("$schema=../../", "$schema=");
        text.push_str(&keep_or_write(&args.folder.join(name), &content)?);
    }
    for schema in SCHEMAS {
        let path = args.folder.join(schema::FOLDER).join(schema.file());
        text.push_str(&keep_or_write(&path, &schema::text(schema)?)?);
    }
    let root = forge::root(&args.folder);
    let mut kept = false;
    for (number, (name, content)) in chosen.files().iter().enumerate() {
        let (path, mut content) = match &root {
            // CI files live at the top of a repository, wherever in it the workspace is.
            Some((top, folder)) => (top.join(name), forge::with_folder(content, folder)),
            None => (args.folder.join(name), (*content).to_owned()),
        };
        if let Some(source) = &args.install {
            content = forge::with_install(&content, source);
        }
        kept |= number == 0 && path.symlink_metadata().is_ok();
        text.push_str(&keep_or_write(&path, &content)?);
    }
    context.ui.result(&text)?;
    if let Some(pipeline) = chosen.pipeline() {
        match &args.install {
            Some(source) if kept => context
                .ui
                .say(&format!("{pipeline} was there already: set SAILPLAN_INSTALL in it to {source}")),
            None if !kept => context.ui.say(&format!(
                "CI does not know yet where to get sailplan: set SAILPLAN_INSTALL at the top of {pipeline}, or remove the \
                 file and give --install. Until then CI fails before it sees any credentials"
            )),
            _ => {}
        }
        context.ui.say(&format!(
            "CI looks after every tenant but practice tenants: add yours to sailplan.yaml, and follow \"Set up once\" in {pipeline}"
        ));
    }
    let place = if args.folder == Path::new(".") { String::new() } else { format!(" -C {}", args.folder.display()) };
    context.ui.say(&format!("Next: sailplan{place} plan"));
    Ok(Exit::Done)
}

/// Writes a file that does not exist yet and returns the line that says so.
fn keep_or_write(path: &Path, content: &str) -> Result<String, Stop> {
    if path.symlink_metadata().is_ok() {
        return Ok(format!("kept     {}\n", shown(path)));
    }
    disk::create(path, content, Rights::Normal).map_err(|error| {
        let message = format!("{} cannot be written: {error}", path.display());
        Stop::new(Exit::Failed, message, "check the folder and its rights")
    })?;
    Ok(format!("written  {}\n", shown(path)))
}
