//! Every rule that a problem can break. A rule has no public constructor, so a problem cannot name one that is not here.

use std::fmt;

/// What a problem breaks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rule(&'static Entry);

#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Entry {
    name: &'static str,
    about: &'static str,
}

impl Rule {
    /// Returns its stable name, in kebab case.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0.name)
    }
}

/// Returns what the rule of a name is about, in one sentence: what code scanning shows beside its results.
#[must_use]
pub fn about(name: &str) -> &'static str {
    ALL.iter().find(|rule| rule.name() == name).map_or("A rule of sailplan.", |rule| rule.0.about)
}

macro_rules! rules {
    ($($constant:ident: $name:literal, $about:literal;)*) => {
        $(#[doc = $about] pub const $constant: Rule = Rule(&Entry { name: $name, about: $about });)*

        /// Every rule.
        const ALL: &[Rule] = &[$($constant),*];
    };
}

rules! {
    ABOVE_MAXIMUM: "above-maximum", "A default is above its maximum.";
    ADDRESS_UNKNOWN: "address-unknown", "An address of the base revision cannot be compared, since a variable in it is not set.";
    AMBIGUOUS_SETTING: "ambiguous-setting", "A name means several settings.";
    API_VERSION: "api-version", "The API generation does not exist.";
    API_VERSION_DIFFERS: "api-version-differs", "Layers of one tenant name different API generations.";
    API_VERSION_MISSING: "api-version-missing", "The API generation must be named.";
    APPROVAL_SCHEME: "approval-scheme", "An approval scheme is entitlementOwner, sourceOwner, manager or workgroup:ID.";
    APPROVAL_STEP: "approval-step", "An approval step is a mapping with an approverType.";
    APPROVER_ID: "approver-id", "Governance groups and workflows need an approverId, other approvers take none.";
    APPROVER_TYPE: "approver-type", "The type of approver does not exist.";
    BASE_SETTINGS: "base-settings", "The settings of a tenant have errors in the base revision, so the causes of its changes and what it no longer manages are not known.";
    BASE_WORKSPACE: "base-workspace", "Another workspace file of the checkout has errors, so its tenants count as missing.";
    CONTROL_GAINED: "control-gained", "Settings come under control.";
    CONTROL_LOST: "control-lost", "Something that the base revision decides is no longer decided.";
    CONTROL_MOVED: "control-moved", "A tenant has another name or stands in another workspace file.";
    DAY: "day", "A day is written as year, month and day with hyphens.";
    DUPLICATE_KEY: "duplicate-key", "A key stands twice in one mapping.";
    DUPLICATE_MEMBER: "duplicate-member", "A member of a set is listed twice.";
    DUPLICATE_TENANT: "duplicate-tenant", "Two tenants of a workspace have one name.";
    EMAIL: "email", "A recipient is an e-mail address.";
    EMPTY_FILE: "empty-file", "A file holds nothing.";
    EMPTY_RELEASE: "empty-release", "An allowance releases at least one setting.";
    EMPTY_SCOPE: "empty-scope", "`for` names at least one label or address, each with a value.";
    EMPTY_TEXT: "empty-text", "A text is empty.";
    ENDED_ALLOWANCE: "ended-allowance", "An allowance has ended and can be deleted.";
    ENDING_ALLOWANCE: "ending-allowance", "An allowance ends soon.";
    FILE_ENCODING: "file-encoding", "Files are UTF-8.";
    FILE_LINK_LOOP: "file-link-loop", "A symbolic link leads back to itself.";
    FILE_MISSING: "file-missing", "A file does not exist.";
    FILE_NOT_REGULAR: "file-not-regular", "Only regular files are read.";
    FILE_NUL: "file-nul", "A file holds a NUL character.";
    FILE_PERMISSION: "file-permission", "A file may not be read.";
    FILE_TOO_LARGE: "file-too-large", "Files are at most 64 MiB.";
    FILE_UNREADABLE: "file-unreadable", "A file cannot be read.";
    FITS_NO_TENANT: "fits-no-tenant", "A set of guardrails is for no tenant of the workspace.";
    GIT: "git", "A file of the base revision cannot be read from git.";
    GUARDRAIL_WEAKENED: "guardrail-weakened", "A guardrail is weaker than in the base revision.";
    HOST: "host", "An address that a set of guardrails is for is the host alone.";
    HOST_NOT_ALLOWED: "host-not-allowed", "Credentials are not sent to the host of a tenant.";
    ID_ALONE: "id-alone", "A text where an id belongs holds one id and nothing else.";
    ID_BLANK: "id-blank", "An id is not empty and has no spaces around it.";
    ID_FORM: "id-form", "An id is usually 32 hexadecimal digits or a UUID.";
    KEPT_MEMBER: "kept-member", "A member that must stay in its set is not listed.";
    KEY_NOT_TEXT: "key-not-text", "Keys are text.";
    LIMIT_WITHOUT_EFFECT: "limit-without-effect", "A limit that no change can exceed.";
    LIMITED_TWICE: "limited-twice", "A setting has two limits.";
    LITERAL_SECRET: "literal-secret", "Secrets come from the environment, never from a file.";
    MARKUP: "markup", "A value has no markup of a page, chat or wiki in it.";
    MIND: "mind", "A setting does less or more than it says, because of another one.";
    MINUTES_RANGE: "minutes-range", "Minutes are at least 1 and fit the API's int32.";
    MISSING_KEY: "missing-key", "A key that is needed is missing.";
    NEW_WORKSPACE: "new-workspace", "The base revision has no workspace file, and so no guardrails.";
    NO_APPROVAL: "no-approval", "No way is left to approve an apply.";
    NO_CEILING: "no-ceiling", "A limit or allowance names no ceiling.";
    NO_EFFECT: "no-effect", "A setting has no effect while another one is on.";
    NO_GUARDRAIL: "no-guardrail", "A tenant has no guardrail.";
    NO_MATCH: "no-match", "A pattern of `tenantsFrom` matches no file.";
    NO_TENANTS: "no-tenants", "A workspace lists at least one tenant.";
    NOT_A_SET: "not-a-set", "Only sets have members to keep.";
    NOTHING_BEHIND_KEY: "nothing-behind-key", "A key has nothing after it, which would be null to YAML.";
    NULL_FOR_OBJECT: "null-for-object", "An object of several settings cannot be null.";
    NULL_NOT_ALLOWED: "null-not-allowed", "null clears only what the API can clear.";
    NUMBER_ELSEWHERE: "number-elsewhere", "A number is above what other API generations take.";
    NUMBER_FORM: "number-form", "Numbers are plain decimal whole numbers, since YAML readers disagree on the other forms.";
    NUMBER_RANGE: "number-range", "A number is outside its range.";
    ODD_CHARACTER: "odd-character", "A character looks like one of the keyboard, or cannot be seen.";
    OTHER_GENERATION: "other-generation", "A setting belongs to another API generation.";
    OVER_LIMIT: "over-limit", "A setting passes a limit of the workspace.";
    PASTED_LINE: "pasted-line", "A line that was copied with the file is not part of it.";
    PATH_OUTSIDE: "path-outside", "Paths stay inside the folder of the workspace file.";
    PATTERN: "pattern", "A pattern of `tenantsFrom` has `*` only in its last part.";
    PLACEHOLDER: "placeholder", "A placeholder was not filled in, or a script printed no value.";
    READ_ONLY: "read-only", "A read-only field is ignored.";
    RELEASE_ALONE: "release-alone", "An allowance permits changes or a release, not both.";
    RELEASED_AND_SET: "released-and-set", "A setting is released and set in one file.";
    RELEASED_NOTHING: "released-nothing", "A release that no earlier layer needs.";
    REQUIRED_SETTING: "required-setting", "A setting that must be managed is not.";
    SAME_TENANT: "same-tenant", "Two entries of a workspace are at the same address.";
    SCHEDULE: "schedule", "A schedule is five fields of cron, a word such as @daily, or @every with a period.";
    SEVERAL_DOCUMENTS: "several-documents", "A file holds one YAML document.";
    SIMILAR_ID: "similar-id", "Two ids differ only in letter case or dashes.";
    TENANT_ADDRESS: "tenant-address", "The `url` of a tenant is an https address, or practice:FILE.";
    TENANT_NAME: "tenant-name", "Names of tenants are letters, digits, hyphens, underscores and dots.";
    TICKET_PATTERN: "ticket-pattern", "A pattern of tickets is a regular expression that matches one ticket.";
    TIME_UNIT: "time-unit", "A unit of time is HOURS, DAYS, WEEKS or MONTHS.";
    TRAILING_LINE_BREAK: "trailing-line-break", "A text ends with a line break, which is sent with it.";
    UNJUDGED_GUARDRAIL: "unjudged-guardrail", "A guardrail cannot be judged: nothing of its resource is managed.";
    UNKNOWN_KEY: "unknown-key", "A key does not exist where it stands.";
    UNKNOWN_SETTING: "unknown-setting", "A guardrail, limit or allowance names a setting that does not exist.";
    UNKNOWN_TENANT: "unknown-tenant", "An allowance is for a tenant that does not exist.";
    UNKNOWN_WORD: "unknown-word", "A word of deny, apply, lift or lookUps does not exist.";
    URL_VARIABLE: "url-variable", "In an address, a variable is all of it.";
    VALUE_KIND: "value-kind", "A value is of another kind than the setting takes.";
    VARIABLE_NAME: "variable-name", "${NAME} names an environment variable.";
    VARIABLE_UNSET: "variable-unset", "An environment variable is not set.";
    WORD: "word", "A setting takes one of a few words.";
    WORKFLOW_ALONE: "workflow-alone", "A workflow decides alone.";
    WORKFLOW_LEVEL: "workflow-level", "SailPoint documents workflows as approvers of single entitlements only.";
    YAML_ALIAS: "yaml-alias", "Aliases are not supported.";
    YAML_ANCHOR: "yaml-anchor", "Anchors are not supported.";
    YAML_BLOCK: "yaml-block", "A block of text starts on the line below its mark.";
    YAML_BRACKET: "yaml-bracket", "Brackets do not match, or their items are not separated.";
    YAML_COLON: "yaml-colon", "A colon is missing, misplaced, or has no space after it.";
    YAML_COMMENT: "yaml-comment", "A comment stands where none can stand.";
    YAML_CONTROL_CHARACTER: "yaml-control-character", "A file holds a control character.";
    YAML_DASH: "yaml-dash", "A dash has no space after it.";
    YAML_DIRECTIVE: "yaml-directive", "A line that starts with % is an instruction to YAML.";
    YAML_ESCAPE: "yaml-escape", "A backslash in double quotes starts no escape.";
    YAML_INDENTATION: "yaml-indentation", "A line is indented unlike the lines it belongs to.";
    YAML_MERGE_KEY: "yaml-merge-key", "Merge keys are not supported.";
    YAML_QUOTE: "yaml-quote", "Text needs quotes, or quotes end too early.";
    YAML_SYNTAX: "yaml-syntax", "A file is not valid YAML.";
    YAML_TAB: "yaml-tab", "YAML is indented with spaces.";
    YAML_TAG: "yaml-tag", "Tags are not supported.";
    YAML_TOO_DEEP: "yaml-too-deep", "Lists and mappings are nested too deeply.";
    YAML_TOO_MANY: "yaml-too-many", "A file holds too many keys and values.";
    YAML_UNCLOSED: "yaml-unclosed", "A quote or bracket is not closed.";
}

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
    fn every_rule_has_a_name_of_its_own_and_the_messages_name_no_other() {
        let names: Vec<&str> = ALL.iter().map(|rule| rule.name()).collect();
        assert!(names.is_sorted_by(|one, other| one < other), "{names:?}");
        assert!(told().len() > 40, "the messages could not be read");
        let unknown: Vec<String> = told().into_iter().filter(|rule| !names.contains(&rule.as_str())).collect();
        assert_eq!(unknown, [""; 0]);
        for rule in [GIT, NEW_WORKSPACE, BASE_SETTINGS] {
            assert_eq!(about(rule.name()), rule.0.about);
        }
        assert_eq!(about("no such rule"), "A rule of sailplan.");
    }
}
