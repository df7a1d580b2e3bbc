//! The workspace file `sailplan.yaml`: which tenants there are, where, and which settings files each follows.

pub mod access;
pub mod base;
mod check;
pub mod load;
pub mod next;
pub mod target;
mod tenant_files;

pub use target::Target;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use regex_lite::Regex;

use crate::guardrails::set::Set;
use crate::guardrails::{Guardrails, written};
use crate::plan::looked_up::LookUp;
use crate::resource::Resource;
use crate::tenant::Address;
use crate::text::characters::first_odd;
use crate::text::disk::{self, Files};
use crate::text::printable::printable_line;
use crate::text::problem::{Place, Problem, Severity, rules};
use crate::text::reader::{Reader, nearest, pasted, quote};
use crate::text::repository::roots;
use crate::text::yaml::{self, Node, Source};

/// The name under which the workspace file is looked for.
pub const FILE_NAME: &str = "sailplan.yaml";

/// A workspace file after reading.
#[derive(Debug)]
pub struct Workspace {
    /// The file.
    pub path: PathBuf,
    /// Its tenants, in the order of the file.
    pub tenants: Vec<Tenant>,
    /// The sets of guardrails for several tenants.
    pub sets: Vec<Set>,
    /// The files of allowances.
    pub allowances: Vec<Listed>,
    /// The files of tenants that have one.
    pub tenant_files: Vec<PathBuf>,
    /// What a ticket looks like in the titles of commits and pull requests.
    pub ticket: Option<Regex>,
    /// What plan, apply, rollback and pull look up.
    pub look_ups: Vec<LookUp>,
}

/// A file to read.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The file.
    pub path: PathBuf,
    /// Where the workspace names it; none where the command line does.
    pub place: Option<Place>,
}

impl Listed {
    /// Returns files that the command line names.
    pub fn typed(paths: &[PathBuf]) -> Vec<Listed> {
        paths.iter().map(|path| Listed { path: path.clone(), place: None }).collect()
    }

    /// Returns the files without their places.
    pub fn paths(files: &[Listed]) -> Vec<PathBuf> {
        files.iter().map(|file| file.path.clone()).collect()
    }
}

/// What could be read of a workspace file that has errors: its other files can be checked all the same.
#[derive(Debug)]
pub struct Wrong {
    /// Every problem of the file.
    pub problems: Vec<Problem>,
    /// The entries by name, each with its settings files in layer order.
    pub settings: Vec<(String, Vec<Listed>)>,
    /// The files of allowances.
    pub allowances: Vec<Listed>,
    /// The files of tenants that have one.
    pub tenant_files: Vec<PathBuf>,
}

impl From<Vec<Problem>> for Wrong {
    fn from(problems: Vec<Problem>) -> Wrong {
        Wrong { problems, settings: Vec::new(), allowances: Vec::new(), tenant_files: Vec::new() }
    }
}

impl Workspace {
    /// Returns the names of all variables that hold secrets.
    pub fn secrets(&self) -> Vec<&str> {
        let secrets = self.tenants.iter().filter_map(|tenant| tenant.client_secret.as_ref());
        secrets.flat_map(Template::variables).collect()
    }

    /// Returns the sets that are for a tenant at the address `url`, in the order of the file. An address that is not known
    /// is every address.
    pub fn sets_for<'a>(&'a self, tenant: &'a Tenant, url: &str) -> impl Iterator<Item = &'a Set> {
        let names = if self.sets.is_empty() { None } else { names_of(url) };
        self.sets.iter().filter(move |set| set.scope.fits(&tenant.labels, names.as_deref()))
    }

    /// Returns the guardrails that hold for a tenant at the address `url`: those of the sets for it, and its own.
    pub fn guardrails(&self, tenant: &Tenant, url: &str) -> Guardrails {
        let sets = self.sets_for(tenant, url);
        sets.fold(Guardrails::default(), |sum, set| sum.and(&set.guardrails)).and(&tenant.guardrails)
    }
}

/// One tenant of a workspace.
#[derive(Debug)]
pub struct Tenant {
    /// Its name in the workspace.
    pub name: String,
    /// Where it is reached, `${NAME}` not yet replaced.
    pub url: Template,
    /// Labels to choose tenants by.
    pub labels: Vec<(String, String)>,
    /// The client id, where the tenant needs credentials.
    pub client_id: Option<Template>,
    /// The client secret; always from the environment.
    pub client_secret: Option<Template>,
    /// The settings files, in layer order.
    pub settings: Vec<Listed>,
    /// Its own guardrails; those of the sets that fit hold beside them, see [`Workspace::guardrails`].
    pub guardrails: Guardrails,
}

/// Text in which `${NAME}` stands for an environment variable and `${file:NAME}` for a file in `SAILPLAN_SECRETS_DIR`.
#[derive(Clone, Debug)]
pub struct Template {
    /// The text as written.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

impl Template {
    /// Returns what the text uses: names of variables, and `file:NAME`.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
    }

    /// Returns the text with every `${NAME}` and `${file:NAME}` replaced by what `variable` gives.
    ///
    /// # Errors
    ///
    /// A variable is unset, empty or not a name; the problem names it and never a value.
    pub fn expand(&self, variable: impl Fn(&str) -> Option<String>) -> Result<String, Problem> {
        let mut expanded = String::new();
        let mut rest = self.text.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            expanded.push_str(before);
            let Some((name, after)) = after.split_once('}').filter(|(name, _)| is_source(name)) else {
                return Err(Problem::error(rules::VARIABLE_NAME, "`${` is not followed by a variable name and `}`")
                    .at(self.place.clone())
                    .help("write ${NAME}, with letters, digits and underscores, or ${file:NAME}"));
            };
            match variable(name).filter(|value| !value.is_empty()) {
                Some(value) => expanded.push_str(&value),
                None => {
                    return Err(Problem::error(
                        rules::VARIABLE_UNSET,
                        format!("the environment variable {name} is not set"),
                    )
                    .at(self.place.clone())
                    .help(format!("set {name} and run the command again")));
                }
            }
            rest = after;
        }
        expanded.push_str(rest);
        Ok(expanded)
    }
}

/// Returns the names by which a set of guardrails knows an address; `None` if the address is not known.
fn names_of(url: &str) -> Option<Vec<String>> {
    if url.starts_with("practice:") {
        return Some(vec![url.to_owned()]);
    }
    let address = Address::parse(url).ok()?;
    let (_, authority) = address.as_str().split_once("://")?;
    Some(vec![address.host().to_owned(), authority.to_owned()])
}

fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Returns whether `${name}` can be replaced: it names a variable, or a file of the folder of secrets.
fn is_source(name: &str) -> bool {
    name.strip_prefix("file:").map_or_else(
        || is_variable(name),
        |file| {
            let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
            !file.is_empty() && !file.starts_with('.') && file.bytes().all(part)
        },
    )
}

/// Returns the workspace file in `directory` or the nearest folder above it: up to the top of its git repository, else up to
/// the first folder of another owner, who could choose what is sent where.
pub fn find(directory: &Path) -> Option<PathBuf> {
    let owner = disk::owner(directory);
    let same = |path: &Path| owner == disk::owner(path);
    let top = roots(directory).into_iter().next().filter(|top| same(&top.join(".git")));
    let mut folders = directory.ancestors().take_while(|folder| top.is_some() || same(folder));
    let inside = |folder: &Path| top.as_ref().is_none_or(|top| folder.starts_with(top));
    let file = folders.by_ref().take_while(|folder| inside(folder)).map(|folder| folder.join(FILE_NAME));
    let mut files = file.filter(|file| file.symlink_metadata().is_ok());
    files.next().filter(|file| file.parent() == Some(directory) || same(file))
}

/// Reads a workspace file.
///
/// # Errors
///
/// The file has errors.
pub fn read(files: &dyn Files, path: &Path) -> Result<(Workspace, Vec<Problem>), Wrong> {
    let source = files.read(path).map_err(|problem| vec![problem])?;
    read_source(files, &source, path)
}

/// Like [`read`], for the text of the file at `path`.
///
/// # Errors
///
/// The text has errors.
pub fn read_source(files: &dyn Files, source: &Arc<Source>, path: &Path) -> Result<(Workspace, Vec<Problem>), Wrong> {
    let node = yaml::parse(source)?;
    let mut reader = Reader::new(source);
    reader.placeholders =
        "write the value; only `url`, `clientId` and `clientSecret` take ${NAME}, from the environment";
    let folder = Folder { files, path: path.parent().unwrap_or(Path::new("")) };
    let contents = read_workspace(&node, &mut reader, &folder);
    let Contents { tenants, settings, sets, allowances, tenant_files, ticket, look_ups, problems: of_tenants } =
        contents;
    let mut problems = reader.finish();
    problems.extend(of_tenants);
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(Wrong { problems, settings, allowances, tenant_files });
    }
    Ok((Workspace { path: path.to_owned(), tenants, sets, allowances, tenant_files, ticket, look_ups }, problems))
}

#[derive(Default)]
struct Contents {
    tenants: Vec<Tenant>,
    /// The settings files of every entry, also of one that is no tenant because of a mistake in it.
    settings: Vec<(String, Vec<Listed>)>,
    sets: Vec<Set>,
    allowances: Vec<Listed>,
    tenant_files: Vec<PathBuf>,
    ticket: Option<Regex>,
    look_ups: Vec<LookUp>,
    /// What is wrong with files of tenants.
    problems: Vec<Problem>,
}

/// Where the files are that a workspace names.
struct Folder<'a> {
    files: &'a dyn Files,
    path: &'a Path,
}

fn read_workspace(node: &Node<'_>, reader: &mut Reader, folder: &Folder<'_>) -> Contents {
    let mut contents = Contents::default();
    let mut listed = false;
    let mut from = None;
    for (key, value) in reader.map(node, "a mapping with `tenants`").unwrap_or_default() {
        match key.text.as_ref() {
            "tenants" => {
                listed = true;
                for (name, tenant) in reader.map(value, "a mapping from names to tenants").unwrap_or_default() {
                    reader.context = format!("tenant {}", printable_line(&name.text, 60));
                    if !is_name(&name.text) {
                        let help = "use letters, digits, hyphens, underscores and dots";
                        let what = format!("{} is not a name for a tenant", quote(&name.text));
                        reader.error(rules::TENANT_NAME, &name.span, &what, "", help);
                    }
                    let mut settings = Vec::new();
                    contents.tenants.extend(read_tenant(name, tenant, reader, folder, &mut settings));
                    contents.settings.push((name.text.to_string(), settings));
                    reader.context.clear();
                }
                if matches!(&value.value, yaml::Value::Map(entries) if entries.is_empty()) {
                    reader.invalid::<()>(
                        value,
                        rules::NO_TENANTS,
                        "no tenant is listed",
                        "add one: `sailplan init` shows how",
                    );
                }
            }
            // After `tenants`, whatever the order of the keys.
            "tenantsFrom" => {
                listed = true;
                from = Some(value);
            }
            "guardrails" => contents.sets = written::sets(value, reader),
            "allowances" => {
                for item in reader.list(value, "a list of files").unwrap_or_default() {
                    contents.allowances.extend(inside(item, reader, folder));
                }
            }
            "ticketPattern" => contents.ticket = ticket_pattern(value, reader),
            "lookUps" => contents.look_ups = look_ups(value, reader),
            name => {
                let settings = Resource::named(name).is_some();
                let help = if settings { "it belongs in a settings file, listed as `settings: [FILE]`" } else { "" };
                reader.unknown_key(key, WORKSPACE_KEYS, help);
            }
        }
    }
    if let Some(from) = from {
        tenant_files::read(from, reader, folder, &mut contents);
        if matches!(&from.value, yaml::Value::List(patterns) if patterns.is_empty()) {
            reader.invalid::<()>(
                from,
                rules::NO_TENANTS,
                "no file of tenants is named",
                "name them as in tenantsFrom: [tenants/*.yaml], or delete the key",
            );
        }
    }
    if !listed && !reader.failed() {
        reader.invalid::<()>(
            node,
            rules::MISSING_KEY,
            "`tenants` is missing",
            "`sailplan init` writes a file to start from",
        );
    }
    contents
}

fn look_ups(node: &Node<'_>, reader: &mut Reader) -> Vec<LookUp> {
    let words = LookUp::ALL.map(LookUp::word);
    let mut found = Vec::new();
    for item in reader.list(node, "a list of names, holders, changes and persons").unwrap_or_default() {
        let Some(text) = reader.text(item, "one of names, holders, changes and persons") else { continue };
        match LookUp::named(&text) {
            Some(look_up) => found.push(look_up),
            None => {
                let help = match nearest(&text, words) {
                    Some(near) => format!("did you mean {near}?"),
                    None => format!("write one of {}", words.join(", ")),
                };
                let what = format!("{} cannot be looked up", quote(&text));
                reader.invalid::<()>(item, rules::UNKNOWN_WORD, &what, &help);
            }
        }
    }
    found
}

/// The longest pattern taken: what it costs to search grows with it.
const LONGEST_PATTERN: usize = 200;

fn ticket_pattern(node: &Node<'_>, reader: &mut Reader) -> Option<Regex> {
    let text = reader.text(node, "a regular expression, such as \"[A-Z][A-Z0-9]+-[0-9]+\"")?;
    let why = match Regex::new(&text) {
        _ if text.len() > LONGEST_PATTERN => format!("it is longer than {LONGEST_PATTERN} bytes"),
        Ok(pattern) if pattern.is_match("") => {
            "it matches the empty text, so it would find a ticket everywhere".to_owned()
        }
        Ok(pattern) => return Some(pattern),
        Err(error) => error.to_string(),
    };
    reader.invalid(
        node,
        rules::TICKET_PATTERN,
        &format!("`ticketPattern` cannot be used: {why}"),
        "write a regular expression that matches one ticket, such as \"[A-Z][A-Z0-9]+-[0-9]+\"",
    )
}

const WORKSPACE_KEYS: [&str; 6] = ["tenants", "tenantsFrom", "guardrails", "allowances", "lookUps", "ticketPattern"];

/// Returns whether a tenant can be called so.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

const TENANT_KEYS: [&str; 7] = ["url", "labels", "clientId", "clientSecret", "settings", "guardrails", "limits"];

fn read_tenant(
    name: &yaml::Key<'_>,
    node: &Node<'_>,
    reader: &mut Reader,
    folder: &Folder<'_>,
    settings: &mut Vec<Listed>,
) -> Option<Tenant> {
    let (mut url, mut client_id, mut client_secret) = (None, None, None);
    let mut labels = Vec::new();
    let entries = reader.map(node, "a mapping with `url` and `settings`")?;
    for (key, value) in entries {
        match key.text.as_ref() {
            "url" => url = address(value, reader),
            "clientId" => client_id = template(value, reader, "a client id"),
            "clientSecret" => client_secret = secret(value, reader),
            "labels" => {
                for (label, value) in reader.map(value, "a mapping from labels to values").unwrap_or_default() {
                    if !reader.tell_odd_key(label)
                        && let Some(text) = reader.meant_text(value, "the label's value as text", pasted::Text::Exact)
                    {
                        labels.push((label.text.to_string(), text));
                    }
                }
            }
            "settings" => {
                for item in reader.list(value, "a list of settings files").unwrap_or_default() {
                    settings.extend(inside(item, reader, folder));
                }
            }
            // Read first, whatever the order of the keys: `limits` adds to them.
            "guardrails" | "limits" => {}
            _ => reader.unknown_key(key, TENANT_KEYS, ""),
        }
    }
    let entry = |name: &str| entries.iter().find(|(key, _)| key.text == name).map(|(_, value)| value);
    let mut guardrails = entry("guardrails").map(|value| written::of_tenant(value, reader)).unwrap_or_default();
    if let Some(value) = entry("limits") {
        written::limits(value, reader, &mut guardrails);
    }
    let missing = |key: &str| !entries.iter().any(|(one, _)| one.text == key);
    for (key, help) in
        [("url", "add `url: https://TENANT.api.identitynow.com`"), ("settings", "add `settings: [FILE]`")]
    {
        if missing(key) {
            reader.error(rules::MISSING_KEY, &name.span, &format!("`{key}` is missing"), "", help);
        }
    }
    for (one, other) in [("clientId", "clientSecret"), ("clientSecret", "clientId")] {
        if missing(one) && !missing(other) {
            reader.error(rules::MISSING_KEY, &name.span, &format!("`{one}` is missing beside `{other}`"), "", "add it");
        }
    }
    let settings = settings.clone();
    Some(Tenant { name: name.text.to_string(), url: url?, labels, client_id, client_secret, settings, guardrails })
}

/// Part of an address could be looked up, and be printed, whatever the variable holds; as a whole it is checked.
fn address(node: &Node<'_>, reader: &mut Reader) -> Option<Template> {
    let template = template(node, reader, "an address such as https://acme.api.identitynow.com")?;
    let whole = template.text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    if template.text.contains("${") && !whole.is_some_and(is_variable) {
        return reader.invalid(
            node,
            rules::URL_VARIABLE,
            "a variable can only be the whole address",
            "write the address itself, or url: ${NAME} with a variable that holds all of it",
        );
    }
    if whole.is_none()
        && !template.text.starts_with("practice:")
        && let Err(error) = Address::parse(&template.text)
    {
        return reader.invalid(node, rules::TENANT_ADDRESS, &error.to_string(), &error.hint());
    }
    Some(template)
}

fn template(node: &Node<'_>, reader: &mut Reader, expects: &str) -> Option<Template> {
    let text = reader.text(node, expects)?;
    let template = Template { text, place: reader.place(&node.span) };
    if template.text.trim() != template.text || first_odd(&template.text, true).is_some() {
        return reader.invalid(node, rules::MARKUP, "this begins or ends with a space", "delete the space");
    }
    if !template.text.contains("${") {
        return reader.as_meant(node, pasted::Text::Exact).then_some(template);
    }
    // What stands for a variable is no placeholder; that it can be looked up is seen without looking.
    if let Err(problem) = template.expand(|_| Some(String::from("x"))) {
        reader.error(problem.rule, &node.span, &problem.message, "", &problem.help.join("; "));
        return None;
    }
    Some(template)
}

/// A secret in a file is a leaked secret, so only the whole text `${NAME}` or `${file:NAME}` is taken. The line is drawn without its value
/// ([`crate::text::problem::render`]), and no message may show it either.
fn secret(node: &Node<'_>, reader: &mut Reader) -> Option<Template> {
    if let yaml::Value::Text { text, .. } = &node.value
        && let Some(name) = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'))
        && is_source(name)
    {
        return Some(Template { text: text.to_string(), place: reader.place(&node.span) });
    }
    reader.invalid(
        node,
        rules::LITERAL_SECRET,
        "the secret must come from the environment, one in a file is refused",
        "write clientSecret: ${NAME} and set NAME in the environment, or ${file:NAME}; if this was a real secret, revoke it",
    )
}

/// Returns the path of a file that the workspace names: relative to its folder, and inside it.
fn inside(node: &Node<'_>, reader: &mut Reader, folder: &Folder<'_>) -> Option<Listed> {
    let text = reader.meant_text(node, "the path of a file", pasted::Text::Path)?;
    match folder.files.confined(folder.path, Path::new(&text)) {
        Some(path) => Some(Listed { path, place: Some(reader.place(&node.span)) }),
        None => reader.invalid(
            node,
            rules::PATH_OUTSIDE,
            &format!("{} leads out of the folder of the workspace file", quote(&text)),
            "move the file below the workspace file and name it relative to that",
        ),
    }
}

/// Reads files: those that can be read, and the problems of the others. A file of which no line can be shown, such as a
/// missing one, is reported where it is named.
pub fn read_files(files: &dyn Files, listed: &[Listed]) -> (Vec<Arc<Source>>, Vec<Problem>) {
    let mut sources = Vec::new();
    let mut problems = Vec::new();
    for file in listed {
        match files.read(&file.path) {
            Ok(source) => sources.push(source),
            Err(mut problem) => {
                let shows_a_line = problem.place.as_ref().is_some_and(|place| !place.source.text.is_empty());
                if !shows_a_line && file.place.is_some() {
                    problem.place.clone_from(&file.place);
                }
                problems.push(if problem.rule == rules::FILE_MISSING { pasted::explained(problem) } else { problem });
            }
        }
    }
    (sources, problems)
}

#[cfg(test)]
mod pasted_tests;
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_reads_only_named_variables() {
        let source = Source::new("sailplan.yaml", "x");
        let expand = |text: &str| {
            let place = Place { source: source.clone(), span: 0..1 };
            Template { text: text.to_owned(), place }
                .expand(|name| (name == "A_1").then(|| "value".to_owned()))
                .map_err(|problem| problem.message)
        };
        assert_eq!(expand("https://${A_1}.example"), Ok("https://value.example".to_owned()));
        assert_eq!(expand("no variable, $A_1"), Ok("no variable, $A_1".to_owned()));
        assert_eq!(expand("${B}"), Err("the environment variable B is not set".to_owned()));
        assert_eq!(expand("${A 1}"), Err("`${` is not followed by a variable name and `}`".to_owned()));
        assert_eq!(expand("${A_1"), Err("`${` is not followed by a variable name and `}`".to_owned()));
    }
}
