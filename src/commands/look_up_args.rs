//! The flag of commands that look names, holders and changes up.

use clap::Args;

use crate::plan::looked_up::LookUp;
use crate::workspace::load::Loaded;

/// What is looked up.
#[derive(Args, Debug, Default)]
pub struct LookUpArgs {
    /// Look this up in every tenant; overrides lookUps in the workspace
    ///
    /// It takes more requests and rights. If something cannot be looked up, the plan says so, and its changes stay the same.
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',')]
    pub look_up: Option<Vec<LookUp>>,
}

impl LookUpArgs {
    /// Returns what is asked for, by the flag or else by the workspace.
    pub fn asked(&self, loaded: &Loaded) -> Vec<LookUp> {
        self.look_up.clone().unwrap_or_else(|| loaded.look_ups.clone())
    }
}
