//! What forges show beside a plan: annotations on the lines that ask for changes, and GitLab's count of them.

use super::change::{meaning, row};
use super::{guards, looked_up, unread};
use crate::documents::plan::{ChangeEntry, PlanFile, ResourceEntry, TenantEntry};
use crate::resource::impact::Impact;
use crate::text::printable::{log_line, printable, printable_line};
use crate::text::problem::Severity;

/// Whose log commands annotate a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commands {
    /// GitHub Actions: `::warning file=,line=::`.
    GitHub,
    /// Azure Pipelines: `##vso[task.logissue]`.
    Azure,
}

/// Returns one log command for every change, and for everything that stops the plan. What loosens is a warning.
/// `located` turns a file as the plan names it into its path from the root of the repository.
pub fn annotations(plan: &PlanFile, commands: Commands, located: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    for problem in &plan.problems {
        let level = if problem.severity == Severity::Error { Level::Error } else { Level::Warning };
        let place = problem.file.as_deref().map(&located);
        text.push_str(&commands.line(level, place.as_deref(), problem.line, &problem.rule, &problem.message));
    }
    for tenant in &plan.tenants {
        let tenant_error = tenant.error.iter().map(|error| (tenant.name.clone(), error));
        let errors = tenant.resources.iter().filter_map(|resource| {
            Some((format!("{}: {}", tenant.name, resource.document()), resource.error.as_ref()?))
        });
        for (title, error) in tenant_error.chain(errors) {
            text.push_str(&commands.line(Level::Error, None, None, &title, &error.message));
        }
    }
    for (tenant, refusal) in
        plan.tenants.iter().flat_map(|tenant| tenant.refusals.iter().map(move |refusal| (tenant, refusal)))
    {
        // A line of another revision is not a line of the checkout.
        let guard = refusal.guard.as_ref().filter(|_| refusal.revision.is_none());
        let source = refusal.source.as_ref().or(guard);
        let file = source.map(|source| located(&source.file));
        let title = format!("{}: refused", tenant.name);
        let message = guards::refusal(refusal);
        text.push_str(&commands.line(
            Level::Error,
            file.as_deref(),
            source.map(|source| source.line),
            &title,
            &message,
        ));
    }
    for (tenant, look_ups) in plan.tenants.iter().filter_map(|tenant| Some((tenant, tenant.look_ups.as_ref()?))) {
        let title = format!("{}: not known", tenant.name);
        let misnamed = look_ups.misnamed.iter();
        let misnamed = misnamed.map(|entry| (&entry.source, looked_up::misnamed(entry, look_ups.persons)));
        let unknown = look_ups.unknown_ids.iter().map(|entry| (&entry.source, looked_up::unknown(entry)));
        for (source, message) in misnamed.chain(unknown) {
            let file = located(&source.file);
            text.push_str(&commands.line(Level::Warning, Some(&file), Some(source.line), &title, &message));
        }
    }
    for loss in &plan.losses {
        let level = if loss.denied { Level::Error } else { Level::Warning };
        let source = loss.source.as_ref().unwrap_or(&loss.before);
        let title = format!("{}: loss of control", loss.tenant);
        let message = format!("{} ({})", guards::loss(loss), guards::loss_at(loss));
        text.push_str(&commands.line(level, Some(&located(&source.file)), Some(source.line), &title, &message));
    }
    let own = plan.tenants.iter().flat_map(|tenant| tenant.weakened.iter().map(move |entry| (&tenant.name, entry)));
    let elsewhere = plan.weakened.iter().map(|entry| (&entry.tenant, &entry.weakened));
    for (tenant, weakened) in own.chain(elsewhere) {
        let file = weakened.source.as_ref().map(|source| located(&source.file));
        let line = weakened.source.as_ref().map(|source| source.line);
        let title = format!("{tenant}: {}", Impact::Loosens.word());
        let message = guards::weakened(weakened);
        text.push_str(&commands.line(Level::Warning, file.as_deref(), line, &title, &message));
    }
    for (tenant, resource, change) in plan.changes() {
        let level = if change.impact == Impact::Loosens { Level::Warning } else { Level::Notice };
        let file = located(&change.source.file);
        let (title, message) = change_words(tenant, resource, change);
        text.push_str(&commands.line(level, Some(&file), Some(change.source.line), &title, &message));
    }
    text
}

fn change_words(tenant: &TenantEntry, resource: &ResourceEntry, change: &ChangeEntry) -> (String, String) {
    let row = row(resource, change, &change.names);
    (
        format!("{}: {}", tenant.name, meaning(change)),
        format!("{}.{}: {} -> {}: {}", resource.document(), row.setting, row.before, row.after, change.sentence),
    )
}

#[derive(Clone, Copy)]
enum Level {
    Error,
    Warning,
    Notice,
}

impl Commands {
    fn line(self, level: Level, file: Option<&str>, line: Option<usize>, title: &str, message: &str) -> String {
        // Neither forge shows more than some thousand characters.
        let message = printable_line(message, 1000);
        let message = log_line(&message);
        let harmless = |text: &str| log_line(&printable(text)).into_owned();
        let (title, file) = (harmless(title), file.map(harmless));
        let file = file.as_deref();
        match self {
            Commands::GitHub => {
                let level = match level {
                    Level::Error => "error",
                    Level::Warning => "warning",
                    Level::Notice => "notice",
                };
                let mut properties = Vec::new();
                properties.extend(file.map(|file| format!("file={}", github_property(file))));
                properties.extend(line.map(|line| format!("line={line}")));
                properties.push(format!("title={}", github_property(&title)));
                format!("::{level} {}::{}\n", properties.join(","), github(&message))
            }
            Commands::Azure => {
                let level = if matches!(level, Level::Error) { "error" } else { "warning" };
                let mut properties = vec![format!("type={level}")];
                properties.extend(file.map(|file| format!("sourcepath={}", azure_property(file))));
                properties.extend(line.map(|line| format!("linenumber={line}")));
                let message = format!("{title}: {message}");
                format!("##vso[task.logissue {}]{}\n", properties.join(";"), azure(&message))
            }
        }
    }
}

/// The escapes of GitHub's workflow commands; `%` first, or the others would be escaped twice.
pub(super) fn github(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

pub(super) fn github_property(text: &str) -> String {
    github(text).replace(':', "%3A").replace(',', "%2C")
}

/// The escapes of Azure's logging commands.
fn azure(text: &str) -> String {
    text.replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

fn azure_property(text: &str) -> String {
    azure(text).replace(';', "%3B").replace(']', "%5D")
}

/// Returns the plan as GitLab's report of type `terraform`, which a merge request shows as a widget: what comes under
/// control is added there, a change is a change, and a loss of control is a deletion.
pub fn gitlab_terraform(plan: &PlanFile) -> String {
    // Counts of a part would be read as the counts of the whole: without them GitLab says that there is no report.
    let missing: Vec<String> = unread::missing(plan).iter().map(unread::Missing::clause).collect();
    if !missing.is_empty() {
        return format!("{}\n", serde_json::json!({"incomplete": missing.join("; ")}));
    }
    let gained: usize = plan.gains.iter().map(|gain| gain.settings.len()).sum();
    let counts = serde_json::json!({"create": gained, "update": plan.changes().count(), "delete": plan.losses.len()});
    format!("{counts}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_and_messages_are_escaped() {
        let line = |commands: Commands| {
            commands.line(
                Level::Warning,
                Some("a:b,c%;].yaml"),
                Some(3),
                "prod: loosens, disrupts",
                "100% ::error::x\n##vso[task.setvariable]y",
            )
        };
        assert_eq!(
            line(Commands::GitHub),
            "::warning file=a%3Ab%2Cc%25;].yaml,line=3,title=prod%3A loosens%2C disrupts::100%25 ::error::x\\n\\u{23}#vso[task.setvariable]y\n"
        );
        assert_eq!(
            line(Commands::Azure),
            "##vso[task.logissue type=warning;sourcepath=a:b,c%AZP25%3B%5D.yaml;linenumber=3]prod: loosens, disrupts: 100%AZP25 ::error::x\\n\\u{23}#vso[task.setvariable]y\n"
        );
    }
}
