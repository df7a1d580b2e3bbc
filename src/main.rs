//! Parses the command line, runs the command, shows the failure, picks the exit code.

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use sailplan::cli::{Cli, flag_hint};
use sailplan::commands;
use sailplan::ui::{Exit, Stop, Ui};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(usage(&error)),
    };
    let ui = Ui::new(&cli.global);
    let exit = match commands::run(cli) {
        Ok(exit) => exit,
        Err(error) => match error.downcast_ref::<Stop>() {
            Some(stop) => {
                ui.stop(stop);
                stop.exit
            }
            None => {
                ui.error(&format!("{error:#}"), &[]);
                Exit::Failed
            }
        },
    };
    ExitCode::from(exit.code())
}

/// Shows what is wrong with the command line. clap would end with 2, which means something else here.
fn usage(error: &clap::Error) -> u8 {
    let _ = error.print();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return Exit::Done.code();
    }
    if let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg)
        && error.kind() == ErrorKind::UnknownArgument
        && let Some(hint) = flag_hint(flag)
    {
        Ui::plain().error(hint, &[]);
    }
    Exit::Usage.code()
}
