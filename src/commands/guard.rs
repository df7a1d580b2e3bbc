//! The flags that lift guards, and the day on which guards are evaluated.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use crate::guardrails::{Lift, Lifts, over_limit};
use crate::run::read::{Planned, Target};
use crate::text::problem::Problem;

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
    /// Holds every tenant against its guards as they are today, in UTC.
    pub fn judge(&self, tenants: &mut [Planned]) {
        let lifts = Lifts { allow: self.allow.clone(), empty: self.allow_empty };
        let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        for tenant in tenants {
            tenant.judge(&lifts, today);
        }
    }
}

/// Returns the limits that settings files pass: they are wrong whatever the tenants hold.
pub fn over_limits(targets: &[Target]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for target in targets {
        for guards in target.rules.iter().map(|set| &set.guards) {
            for (limit, place, message) in target.desired.resources.iter().flat_map(|wanted| over_limit(guards, wanted))
            {
                let problem = Problem::error("over-limit", format!("tenant {}: {message}", target.name));
                problems.push(
                    problem.at(place.clone()).help(format!("keep to the limit of {}; nothing lifts it", limit.place)),
                );
            }
        }
    }
    problems
}
