//! What a branch does to control, as problems of the lines that do it, so that every form of a validation shows it.

use super::Compared;
use crate::report::guards;
use crate::text::problem::{Problem, Severity, rules};

/// Returns one problem for each loss, weaker guardrail, move and gain. None of them makes files invalid but a denied loss.
pub(super) fn problems(compared: &Compared<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (loss, entry) in compared.control.losses.iter().zip(&compared.losses) {
        let severity = if entry.denied { Severity::Error } else { Severity::Warning };
        let message = format!("loss of control: {} ({})", guards::loss(entry), guards::loss_at(entry));
        let place = loss.now.as_ref().unwrap_or(&loss.before).clone();
        let problem = Problem { severity, ..Problem::warning(rules::CONTROL_LOST, message) }.at(place);
        problems.push(Problem { help: entry.help.clone(), ..problem });
    }
    for (weaker, entry) in compared.control.weakened.iter().zip(&compared.weakened) {
        let (words, lines) = (guards::weakened(&entry.weakened), guards::weakened_at(&entry.weakened));
        let message = format!("weaker guardrail: {}: {words} ({lines})", entry.tenant);
        let place = weaker.weakened.place.as_ref().or(weaker.weakened.before.as_ref());
        let problem = Problem::warning(rules::GUARDRAIL_WEAKENED, message);
        problems.push(place.map_or(problem.clone(), |place| problem.at(place.clone())));
    }
    problems.extend(compared.control.moved());
    let gained = guards::gained(&compared.gains);
    problems.extend(gained.map(|words| Problem::note(rules::CONTROL_GAINED, words.trim_end_matches('.'))));
    problems
}

/// Returns whether a rule speaks of control, and not of a mistake in a file.
pub(super) fn is_control(rule: &str) -> bool {
    let rules = [rules::CONTROL_LOST, rules::GUARDRAIL_WEAKENED, rules::CONTROL_MOVED, rules::CONTROL_GAINED];
    rules.iter().any(|known| known.name() == rule)
}
