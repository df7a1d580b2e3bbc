//! What each rule is about, in one sentence: what code scanning shows beside its results.

/// Returns the sentence of a rule.
pub fn about(rule: &str) -> &'static str {
    let found = RULES.binary_search_by(|(name, _)| (*name).cmp(rule)).ok().and_then(|index| RULES.get(index));
    found.map_or("A rule of sailplan.", |(_, about)| about)
}

/// Every rule by name.
const RULES: &[(&str, &str)] = &[
    ("above-maximum", "A default is above its maximum."),
    ("ambiguous-setting", "A name means several settings."),
    ("api-version", "The API generation does not exist."),
    ("api-version-differs", "Layers of one tenant name different API generations."),
    ("api-version-missing", "The API generation must be named."),
    ("approval-scheme", "An approval scheme is entitlementOwner, sourceOwner, manager or workgroup:ID."),
    ("approval-step", "An approval step is a mapping with an approverType."),
    ("approver-id", "Governance groups and workflows need an approverId, other approvers take none."),
    ("approver-type", "The type of approver does not exist."),
    ("day", "A day is written as year, month and day with hyphens."),
    ("duplicate-key", "A key stands twice in one mapping."),
    ("duplicate-member", "A member of a set is listed twice."),
    ("email", "A recipient is an e-mail address."),
    ("empty-file", "A file holds nothing."),
    ("empty-text", "A text is empty."),
    ("file-encoding", "Files are UTF-8."),
    ("file-link-loop", "A symbolic link leads back to itself."),
    ("file-missing", "A file does not exist."),
    ("file-not-regular", "Only regular files are read."),
    ("file-nul", "A file holds a NUL character."),
    ("file-permission", "A file may not be read."),
    ("file-too-large", "Files are at most 64 MiB."),
    ("file-unreadable", "A file cannot be read."),
    ("id-blank", "An id is not empty and has no blanks around it."),
    ("id-form", "An id is usually 32 hexadecimal digits or a UUID."),
    ("key-not-text", "Keys are text."),
    ("limited-twice", "A setting has two limits."),
    ("literal-secret", "Secrets come from the environment, never from a file."),
    ("minutes-range", "Minutes are at least 1 and fit the API's int32."),
    ("missing-key", "A key that is needed is missing."),
    ("no-ceiling", "A limit or allowance names no ceiling."),
    ("no-effect", "A setting has no effect while another one is on."),
    ("no-tenants", "A workspace lists at least one tenant."),
    ("nothing-behind-key", "A key has nothing behind it, which would be null to YAML."),
    ("null-for-object", "An object of several settings cannot be null."),
    ("null-not-allowed", "null clears only what the API can clear."),
    ("number-form", "Numbers are plain decimal whole numbers, since YAML readers disagree on the other forms."),
    ("number-range", "A number is outside its range."),
    ("other-generation", "A setting belongs to another API generation."),
    ("over-limit", "A setting passes a limit of the workspace."),
    ("path-outside", "Paths stay inside the folder of the workspace file."),
    ("read-only", "A read-only field is ignored."),
    ("released-and-set", "A setting is released and set in one file."),
    ("released-nothing", "A release that no earlier layer needs."),
    ("same-tenant", "Two entries of a workspace are at the same address."),
    ("several-documents", "A file holds one YAML document."),
    ("similar-id", "Two ids differ only in letter case or dashes."),
    ("tenant-name", "Names of tenants are letters, digits, hyphens, underscores and dots."),
    ("time-unit", "A unit of time is HOURS, DAYS, WEEKS or MONTHS."),
    ("unknown-key", "A key does not exist where it stands."),
    ("unknown-setting", "A guardrail, limit or allowance names a setting that does not exist."),
    ("unknown-word", "deny names an impact that does not exist."),
    ("value-kind", "A value is of another kind than the setting takes."),
    ("variable-name", "${NAME} names an environment variable."),
    ("variable-unset", "An environment variable is not set."),
    ("workflow-alone", "A workflow decides alone."),
    ("yaml-alias", "Aliases are not supported."),
    ("yaml-anchor", "Anchors are not supported."),
    ("yaml-block", "A block of text starts on the line below its mark."),
    ("yaml-bracket", "Brackets do not match, or their items are not separated."),
    ("yaml-colon", "A colon is missing, misplaced, or has no blank behind it."),
    ("yaml-comment", "A comment stands where none can stand."),
    ("yaml-control-character", "A file holds a control character."),
    ("yaml-dash", "A dash has no blank behind it."),
    ("yaml-directive", "A line that starts with % is an instruction to YAML."),
    ("yaml-escape", "A backslash in double quotes starts no escape."),
    ("yaml-indentation", "A line is indented unlike the lines it belongs to."),
    ("yaml-merge-key", "Merge keys are not supported."),
    ("yaml-quote", "Text needs quotes, or quotes end too early."),
    ("yaml-syntax", "A file is not valid YAML."),
    ("yaml-tab", "YAML is indented with spaces."),
    ("yaml-tag", "Tags are not supported."),
    ("yaml-too-deep", "Lists and mappings are nested too deeply."),
    ("yaml-too-many", "A file holds too many keys and values."),
    ("yaml-unclosed", "A quote or bracket is not closed."),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules that the messages of `tests/cases` name.
    fn told() -> Vec<String> {
        let mut rules = Vec::new();
        for folder in ["valid", "invalid"] {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(folder);
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|end| end == "txt") {
                    let text = std::fs::read_to_string(path).unwrap();
                    for level in ["error[", "warning[", "note["] {
                        let named = text.lines().filter_map(|line| line.strip_prefix(level)?.split_once(']'));
                        rules.extend(named.map(|(rule, _)| rule.to_owned()));
                    }
                }
            }
        }
        rules.sort();
        rules.dedup();
        rules
    }

    #[test]
    fn every_rule_is_described() {
        assert!(RULES.is_sorted());
        assert!(told().len() > 40, "the messages could not be read");
        let unknown: Vec<String> =
            told().into_iter().filter(|rule| !RULES.iter().any(|(name, _)| name == rule)).collect();
        assert_eq!(unknown, [""; 0], "add them to the list");
    }
}
