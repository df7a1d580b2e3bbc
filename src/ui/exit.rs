//! How a command ends: its exit code, and why it stopped if it did.

use std::fmt;
use std::io;

/// The exit codes, as help, manual and README show them.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    done; for plan, with or without changes
  1    something failed, also when part was done, or part was refused after something was sent
  2    plan --detailed-exitcode found changes, or plan --against differences
  3    refused, and nothing was sent to any tenant
  64   the command line is wrong
  130  interrupted
Where several apply, the first of 130, 64, 1, 3, 2 wins.";

/// The exit code of a command, in the order in which they win.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 130: interrupted.
    Interrupted,
    /// 64: the command line is wrong.
    Usage,
    /// 1: something failed.
    Failed,
    /// 3: refused before anything was sent.
    Refused,
    /// 2: `plan --detailed-exitcode` found changes.
    Changes,
    /// 0: done.
    Done,
}

impl Exit {
    /// Returns the number that the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Exit::Interrupted => 130,
            Exit::Usage => 64,
            Exit::Failed => 1,
            Exit::Refused => 3,
            Exit::Changes => 2,
            Exit::Done => 0,
        }
    }
}

/// A reason to end the command: what happened and what to do next.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Stop {
    /// The exit code.
    pub exit: Exit,
    /// What happened.
    pub message: String,
    /// The particulars, one line each.
    pub details: Vec<String>,
    /// What to do next, one line each.
    pub help: Vec<String>,
}

impl Stop {
    /// A reason to end the command.
    pub fn new(exit: Exit, message: impl Into<String>, help: impl Into<String>) -> Stop {
        let help = help.into();
        Stop {
            exit,
            message: message.into(),
            details: Vec::new(),
            help: if help.is_empty() { Vec::new() } else { vec![help] },
        }
    }

    /// A file that cannot be written, by the name that the user knows it by.
    pub fn not_written(name: impl fmt::Display, error: &io::Error, help: impl Into<String>) -> Stop {
        Stop::new(Exit::Failed, format!("{name} cannot be written: {error}"), help)
    }
}
