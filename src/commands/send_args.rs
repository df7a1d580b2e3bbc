//! The flags of commands that send a plan: `apply` and `rollback`.

use std::path::PathBuf;

use clap::Args;

use super::guard_args::GuardArgs;
use super::look_up_args::LookUpArgs;
use super::streams;
use crate::run::send::{Approval, Options, ReceiptFormat};
use crate::workspace::load::Context;

/// How changes are approved, sent and reported.
#[derive(Args, Debug)]
pub struct SendArgs {
    /// Do not ask
    #[arg(short = 'y', long, visible_alias = "auto-approve")]
    pub yes: bool,
    /// Do not ask, and continue only if the new plan has this digest
    #[arg(long, value_name = "DIGEST", value_parser = digest, conflicts_with = "yes")]
    pub approved: Option<String>,
    /// Start nothing new after the first failure, such as a tenant or resource that cannot be read or is refused; finish what is
    /// under way
    #[arg(long)]
    pub fail_fast: bool,
    /// Also write the receipt to FILE
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
    /// What guardrails let through.
    #[command(flatten)]
    pub guards: GuardArgs,
    /// What is looked up.
    #[command(flatten)]
    pub look_ups: LookUpArgs,
    /// What to write to standard output; json is the receipt
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ReceiptFormat::Text)]
    pub format: ReceiptFormat,
    /// List every member of long sets
    #[arg(long)]
    pub full: bool,
}

/// Reads the digest of a plan, so that nothing is asked of a tenant for one that no plan can have.
fn digest(text: &str) -> Result<String, &'static str> {
    let digits = text.strip_prefix("sha256:").filter(|digits| digits.len() == 64);
    let is_one = digits.is_some_and(|digits| digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')));
    if is_one { Ok(text.to_owned()) } else { Err("write sha256: and its 64 digits, as sailplan plan shows it") }
}

impl SendArgs {
    /// Returns what will approve the plan.
    pub(crate) fn approval(&self, context: &Context) -> Approval<'_> {
        match (&self.approved, self.yes) {
            (Some(digest), _) => Approval::Digest(digest),
            (None, true) => Approval::Flag,
            (None, false) if context.ui.can_ask() => Approval::Ask,
            (None, false) => Approval::Missing,
        }
    }

    /// Returns what goes to standard output.
    pub(crate) fn format(&self) -> ReceiptFormat {
        if self.receipt.as_deref().is_some_and(streams::is_dash) { ReceiptFormat::Json } else { self.format }
    }

    /// Returns how the plan is sent and reported.
    pub(crate) fn options(&self) -> Options<'_> {
        Options {
            fail_fast: self.fail_fast,
            receipt: self.receipt.as_deref().filter(|path| !streams::is_dash(path)),
            lifts: self.guards.lifts(),
            again: false,
            flags: self.guards.typed(),
            format: self.format(),
            full: self.full,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_digest_of_a_plan_is_one() {
        let right = format!("sha256:{}", "0a".repeat(32));
        assert_eq!(digest(&right), Ok(right.clone()));
        for wrong in ["", "abc", "sha256:", "sha256:0a", &right[7..], &right.to_uppercase(), &format!("{right}0")] {
            assert!(digest(wrong).is_err(), "{wrong}");
        }
    }
}
