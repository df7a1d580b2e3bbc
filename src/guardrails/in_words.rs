//! What is said of a guardrail by the settings files alone and by a plan alike.

use super::subject::Subject;
use crate::resource::Generation;

/// Says that a setting must be managed and is not, and what to do.
pub(super) fn required(subject: &Subject) -> (String, String) {
    (
        format!("{subject} must be managed, and no settings file of the tenant sets it"),
        format!("set {subject} in a settings file"),
    )
}

/// Says that a setting cannot be judged because nothing of its document is managed, and what to do.
pub(super) fn unjudged(subject: &Subject) -> (String, String) {
    let title = subject.key.resource.title;
    (format!("nothing of the {title} is managed, so {subject} cannot be judged"), manage(subject))
}

/// Says that a limit cannot be judged in a generation that does not have its setting. Another setting may do the same under
/// another name, and nothing holds that one.
pub(super) fn not_in(generation: &Generation, subject: &Subject) -> String {
    format!("{subject} does not exist in {}, so its limit cannot be judged", generation.name)
}

/// Says what to do about a setting that cannot be judged.
pub(super) fn manage(subject: &Subject) -> String {
    format!("manage a setting of it, or take the guardrail for {subject} away")
}

/// Says that an allowance permits what breaks a limit.
pub(super) fn may_permit(subject: &Subject) -> String {
    format!("an allowance for {subject} permits it up to a value, until a date")
}
