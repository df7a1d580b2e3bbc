//! The flags that lift guardrails.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use crate::guardrails::{Lift, Lifts};

/// What guardrails let through in this run.
#[derive(Args, Clone, Debug)]
pub struct GuardArgs {
    /// Lift this guardrail for this run: a word of deny, or maxChanges
    #[arg(long, value_name = "WORD", value_parser = PossibleValuesParser::new(Lift::WORDS).try_map(|word| word.parse::<Lift>()))]
    pub allow: Vec<Lift>,
    /// Let entitlementIds be emptied
    #[arg(long)]
    pub allow_empty: bool,
}

impl GuardArgs {
    /// Returns what the flags lift.
    pub fn lifts(&self) -> Lifts {
        Lifts { allow: self.allow.clone(), empty: self.allow_empty, receipt: None }
    }

    /// Returns the flags as they are typed.
    pub fn typed(&self) -> Vec<String> {
        let allow = self.allow.iter().map(|lift| format!("--allow {lift}"));
        allow.chain(self.allow_empty.then(|| "--allow-empty".to_owned())).collect()
    }
}
