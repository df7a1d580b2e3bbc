//! Parses the command line, runs the command, shows the failure, picks the exit code.

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use sailplan::cli::{self, Cli, flag_hint};
use sailplan::ui::{Exit, Stop, Ui};

fn main() -> ExitCode {
    if let Some(flag) = std::env::args().skip(1).take_while(|arg| arg != "--").find_map(|arg| single_dash(&arg)) {
        Ui::plain().stop(&flag);
        return ExitCode::from(flag.exit.code());
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(usage(&error)),
    };
    let ui = Ui::new(&cli.global);
    let exit = match cli::run(cli) {
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

/// Terraform takes `-out=FILE`, which here would be `-o` with the file `ut=FILE`.
fn single_dash(arg: &str) -> Option<Stop> {
    let name = arg.strip_prefix('-').filter(|name| !name.starts_with('-'))?;
    let name = name.split('=').next().filter(|name| name.len() > 2)?;
    let hint = flag_hint(name)?;
    Some(Stop::new(Exit::Usage, format!("-{name} is not a flag of sailplan: long flags have two dashes"), hint))
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
