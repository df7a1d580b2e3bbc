//! What to do next, as a command where there is one, and the question that approves a plan.

use super::headline::is_refused;
use crate::documents::plan::PlanFile;
use crate::documents::receipt::Receipt;
use crate::documents::tally::Tally;
use crate::resource::impact::Impact;
use crate::text::list::few;
use crate::text::number::count;
use crate::text::printable::printable;
use crate::text::problem::Severity;

/// How many tenants a question names.
const NAMED: usize = 10;

/// Returns what can be done with a plan that was saved to `file`. `send` is the command that sends it.
pub fn after_saving(plan: &PlanFile, file: &str, send: &str) -> String {
    if plan.tenants.is_empty() && plan.problems.iter().any(|problem| problem.severity == Severity::Error) {
        return format!("Saved the errors to {file}. There is nothing to apply before they are fixed.");
    }
    let saved = format!("Saved the plan to {file}");
    let changes = plan.changes().next().is_some();
    match (&plan.rolls_back, changes) {
        (_, false) => format!("{saved}. It has no changes, so there is nothing to apply."),
        (_, true) if is_refused(plan, &plan.summary) => {
            format!("{saved}. Guardrails stop it: nothing of it can be applied.")
        }
        (Some(_), true) => format!("{saved}. When it is approved, send exactly this: {send}"),
        (None, true) => format!("{saved}. Apply exactly this: {send}"),
    }
}

/// The commands that may follow a run that sent something.
pub struct Next {
    /// Shows what is left.
    pub see: String,
    /// Goes on where the run was interrupted; `None` if it came to its end, or its approval does not hold for what is left.
    pub again: Option<String>,
    /// Puts back what it changed.
    pub undo: String,
}

/// Returns what to do after a run that left its receipt at `file`.
pub fn after_sending(receipt: &Receipt, file: &str, next: &Next) -> Vec<String> {
    let tally = Tally::of(receipt);
    let mut lines = vec![format!("The receipt is {file}")];
    if !tally.all_done() {
        lines.push(format!("To see what is left: {}", next.see));
        lines.extend(next.again.as_ref().map(|again| format!("To go on: {again}")));
    }
    if tally.settings > 0 || tally.doubtful {
        lines.push(format!("To undo it: {}", next.undo));
    }
    lines
}

/// Returns the question that approves the changes of a plan; `sent` are the tenants to which something would be sent.
pub fn question(plan: &PlanFile, sent: &[&str]) -> String {
    let changes = || plan.changes().filter(|(tenant, ..)| sent.contains(&tenant.name.as_str()));
    let settings = count(changes().count(), "setting", "settings");
    let names = few(sent, NAMED);
    let names = printable(&names);
    let place = match sent {
        [_] => names.into_owned(),
        _ => format!("{} tenants ({names})", sent.len()),
    };
    let loosen = changes().filter(|(.., change)| change.impact == Impact::Loosens).count();
    let stop = changes().filter(|(.., change)| change.disrupts).count();
    let told: Vec<String> = [
        (loosen, "loosens", "loosen"),
        (stop, "stops something for people", "stop something for people"),
        (plan.losses.len(), "loss of control", "losses of control"),
    ]
    .into_iter()
    .filter(|(number, ..)| *number > 0)
    .map(|(number, singular, plural)| count(number, singular, plural))
    .collect();
    let told = if told.is_empty() { "Nothing loosens".to_owned() } else { told.join(", ") };
    match &plan.rolls_back {
        Some(_) => format!("Roll back {settings} in {place}? {told}."),
        None => format!("Change {settings} in {place}? {told}."),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::documents::fixtures::{change, plan, resource, tenant};

    fn two_tenants() -> PlanFile {
        let longer = || change("/maxActivationPeriodMins", Some(json!(1)), json!(2), Impact::Loosens, "Longer");
        let shorter =
            change("/maxActivationPeriodExtensionMins", Some(json!(2)), json!(1), Impact::Tightens, "Shorter");
        let of = |name: &str, changes| {
            tenant(name, &format!("https://{name}"), vec![resource("jitActivationPolicy", "v2026", changes)])
        };
        plan(vec![of("dev", vec![longer(), shorter]), of("prod", vec![longer()])])
    }

    #[test]
    fn the_question_names_tenants_and_counts_what_loosens() {
        let plan = two_tenants();
        assert_eq!(question(&plan, &["dev", "prod"]), "Change 3 settings in 2 tenants (dev, prod)? 2 loosen.");
        assert_eq!(question(&plan, &["prod"]), "Change 1 setting in prod? 1 loosens.");
        let names: Vec<String> = (0..12).map(|number| format!("t{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(
            question(&plan, &names),
            "Change 0 settings in 12 tenants (t0, t1, t2, t3, t4, t5, t6, t7, t8, t9 and 2 more)? Nothing loosens."
        );
    }

    #[test]
    fn a_saved_plan_is_followed_by_the_command_that_applies_it_where_it_can_be_applied() {
        let mut plan = two_tenants();
        assert_eq!(
            after_saving(&plan, "p.json", "sailplan apply -f w.yaml p.json"),
            "Saved the plan to p.json. Apply exactly this: sailplan apply -f w.yaml p.json"
        );
        plan.summary.denied = 1;
        assert_eq!(
            after_saving(&plan, "p.json", ""),
            "Saved the plan to p.json. Guardrails stop it: nothing of it can be applied."
        );
        plan.tenants.clear();
        assert_eq!(
            after_saving(&plan, "p.json", ""),
            "Saved the plan to p.json. It has no changes, so there is nothing to apply."
        );
    }
}
