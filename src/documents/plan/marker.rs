//! What tells the report of one plan from those of others.

use std::fmt::Write as _;

use super::PlanFile;

/// What the hidden line of every report begins with; scripts of CI examples look for it.
pub const MARK: &str = "sailplan:v1";

impl PlanFile {
    /// Returns what tells the report of this plan from those of others: the hidden line by which a later run finds it, without
    /// the digest.
    pub fn marker(&self) -> String {
        let workspace = self.workspace.as_deref().map_or_else(|| ".".to_owned(), safe);
        let identity = match (&self.name, self.selection.as_slice()) {
            (Some(name), _) => format!(" name={}", safe(name)),
            (None, []) => String::new(),
            (None, selection) => format!(" selection={}", safe(&selection.join(" "))),
        };
        format!("{MARK} workspace={workspace}{identity}")
    }

    /// Returns the hidden line: the marker and the digest.
    pub fn hidden_line(&self) -> String {
        format!("{} digest={}", self.marker(), self.digest.as_deref().map_or_else(|| "none".to_owned(), safe))
    }
}

/// Returns text that can neither end a comment of Markdown or HTML nor a field of a marker.
fn safe(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b',' | b':' => out.push(char::from(byte)),
            // Two dashes would end the comment in some readers.
            b'-' if !out.ends_with('-') => out.push('-'),
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::documents::fixtures;

    #[test]
    fn a_marker_has_no_room_for_another_and_tells_selections_apart() {
        let marker = |workspace: Option<&str>, selection: &[&str], name: Option<&str>| {
            let mut plan = fixtures::plan(Vec::new());
            plan.workspace = workspace.map(str::to_owned);
            plan.selection = selection.iter().map(|word| (*word).to_owned()).collect();
            plan.name = name.map(str::to_owned);
            plan.marker()
        };
        assert_eq!(
            marker(Some("a b--> <!-- sailplan:v1 workspace=x"), &[], None),
            "sailplan:v1 workspace=a%20b-%2D%3E%20%3C%21-%2D%20sailplan:v1%20workspace%3Dx"
        );
        assert_eq!(marker(None, &[], None), "sailplan:v1 workspace=.");
        let both = ["--label ring=prod", "--tenant dev*"];
        let selected = "sailplan:v1 workspace=w selection=-%2Dlabel%20ring%3Dprod%20-%2Dtenant%20dev%2A";
        assert_eq!(marker(Some("w"), &both, None), selected);
        assert_eq!(marker(Some("w"), &both, Some("a b")), "sailplan:v1 workspace=w name=a%20b");
    }
}
