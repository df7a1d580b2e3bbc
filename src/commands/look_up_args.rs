//! The flag of commands that look names, holders and changes up.

use clap::Args;

use crate::plan::looked_up::LookUp;
use crate::workspace::load::Loaded;

/// What is looked up.
#[derive(Args, Debug, Default)]
pub struct LookUpArgs {
    /// Look this up in every tenant, instead of what lookUps in the workspace says
    ///
    /// It takes more requests and rights; what cannot be looked up is said, and the plan is the same.
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',')]
    pub look_up: Option<Vec<LookUp>>,
}

impl LookUpArgs {
    /// Returns what is asked for, by the flag or else by the workspace.
    pub fn asked(&self, loaded: &Loaded) -> Vec<LookUp> {
        self.look_up.clone().unwrap_or_else(|| loaded.look_ups.clone())
    }
}
