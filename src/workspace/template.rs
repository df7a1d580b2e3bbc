//! Text of a workspace file in which `${NAME}` stands for a value from the environment.

use crate::text::problem::{Place, Problem, rules};

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
        variables(&self.text)
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

/// Returns what a text with `${NAME}` in it uses, in the order in which it does.
pub(super) fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}

/// Returns whether an environment variable can be called so.
pub(super) fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Returns whether `${name}` can be replaced: it names a variable, or a file of the folder of secrets.
pub(super) fn is_source(name: &str) -> bool {
    name.strip_prefix("file:").map_or_else(
        || is_variable(name),
        |file| {
            let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
            !file.is_empty() && !file.starts_with('.') && file.bytes().all(part)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::Source;

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
