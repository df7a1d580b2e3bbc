//! Faults on request: what goes wrong, for which requests, how often.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::Value;

/// Something that goes wrong on request, written as `KIND [METHOD] [/PATH] [NAME=VALUE ...]`:
///
/// ```
/// # use sailplan::practice::Fault;
/// # fn main() -> anyhow::Result<()> {
/// let limit: Fault = "429 GET /beta times=2 retry-after=1".parse()?;
/// let lost: Fault = "drop-after PATCH skip=1".parse()?;
/// let other: Fault = "edit PUT set='/autoApprovalEnabled=true'".parse()?;
/// # Ok(())
/// # }
/// ```
///
/// `METHOD` is in capitals; `/PATH` is any part of the path. Without them every request counts, the token request too.
/// `skip=N` lets the first N requests pass, `times=N` (default 1) says how many fail then. A value with blanks stands
/// in single quotes. [`Fault::KINDS`] lists the kinds.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub(super) method: Option<Method>,
    pub(super) path: String,
    pub(super) skip: u32,
    pub(super) times: u32,
    pub(super) kind: Kind,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Status { status: StatusCode, retry_after: String },
    DropBefore,
    DropAfter,
    DropBody,
    Stall(Duration),
    StallBody(Duration),
    Empty,
    Html,
    BadJson,
    WrongTypes,
    Huge,
    Ignore,
    Late(u32),
    Lag,
    Edit(Edit),
    OtherForm(String),
    Redirect(String),
    EncodingUtf8,
    Clock(Duration),
}

/// A change by another client.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Edit {
    pub(super) pointer: String,
    pub(super) value: Value,
}

impl Fault {
    /// Every kind, with the values it takes and what it does.
    pub const KINDS: &[(&str, &str, &str)] = &[
        (
            "400..599",
            "retry-after=TEXT",
            "answers that status without doing anything; only 429 takes retry-after (default 1; empty sends none)",
        ),
        ("not-found", "", "the same as 404"),
        ("drop-before", "", "closes the connection without doing anything"),
        ("drop-after", "", "does what was asked, then closes the connection without an answer"),
        ("drop-body", "", "does what was asked, then closes the connection half-way through the answer's body"),
        ("stall", "seconds=N", "does what was asked, then waits (default 5) before it answers"),
        ("stall-body", "seconds=N", "does what was asked, then waits (default 5) half-way through the answer's body"),
        ("empty", "", "does what was asked and answers without a body"),
        ("html", "", "does what was asked and answers with a web page"),
        ("bad-json", "", "does what was asked and answers with half of the JSON"),
        ("wrong-types", "", "does what was asked and answers with every value in another type"),
        ("huge", "", "does what was asked and answers with a body that never ends"),
        ("ignore", "", "a write: answers as if it had been done, and stores nothing"),
        (
            "late",
            "after=N",
            "a write: answers 504, and is carried out when the Nth request after it arrives (default 1)",
        ),
        ("lag", "", "a read after a write: answers the document from before that write"),
        ("edit", "set=/POINTER=VALUE", "changes the stored document before the request is handled"),
        (
            "other-form",
            "as=/PATH",
            "a read of the access request configuration: answers the document of the generation at that path",
        ),
        ("redirect", "to=URL", "answers 307 with that Location"),
        ("clock", "seconds=N", "does what was asked and answers with a Date that is N seconds (default 3600) ahead"),
        ("encoding-utf8", "", "answers 400 with Content-Encoding: UTF-8, which is not a coding"),
    ];

    fn applies_to(&self, method: &Method, path: &str, facts: RequestFacts) -> bool {
        let fits = match self.kind {
            Kind::Ignore | Kind::Late(_) => facts.document && method != Method::GET,
            Kind::Lag => facts.written && method == Method::GET,
            Kind::Edit(_) => facts.document,
            Kind::OtherForm(_) => facts.document && method == Method::GET,
            _ => true,
        };
        fits && self.times > 0 && self.method.as_ref().is_none_or(|m| m == method) && path.contains(&self.path)
    }
}

/// What faults have to know of a request.
#[derive(Clone, Copy)]
pub(super) struct RequestFacts {
    /// It names one of the documents.
    pub(super) document: bool,
    /// That document was written before.
    pub(super) written: bool,
}

/// The faults that are due at one request.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Due {
    pub(super) edits: Vec<Edit>,
    pub(super) kind: Option<Kind>,
}

/// Returns the faults that are due at this request, and counts them. Edits go together with another fault; of the others
/// the first wins.
pub(super) fn due(faults: &mut [Fault], method: &Method, path: &str, facts: RequestFacts) -> Due {
    let mut found = Due::default();
    for fault in faults.iter_mut().filter(|fault| fault.applies_to(method, path, facts)) {
        if fault.skip > 0 {
            fault.skip -= 1;
            continue;
        }
        match &fault.kind {
            Kind::Edit(edit) => found.edits.push(edit.clone()),
            _ if found.kind.is_some() => continue,
            kind => found.kind = Some(kind.clone()),
        }
        fault.times -= 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fault(text: &str) -> Fault {
        text.parse().unwrap()
    }

    const WRITTEN: RequestFacts = RequestFacts { document: true, written: true };

    #[test]
    fn faults_are_counted_and_follow_each_other() {
        let mut faults = vec![fault("empty GET times=2 skip=1"), fault("html"), fault("edit set=/a=1")];
        let mut kinds = || due(&mut faults, &Method::GET, "/x", WRITTEN);
        assert_eq!(
            kinds(),
            Due { edits: vec![Edit { pointer: "/a".to_owned(), value: json!(1) }], kind: Some(Kind::Html) }
        );
        assert_eq!(kinds(), Due { edits: vec![], kind: Some(Kind::Empty) });
        assert_eq!(kinds(), Due { edits: vec![], kind: Some(Kind::Empty) });
        assert_eq!(kinds(), Due::default());
    }

    #[test]
    fn method_path_and_facts_choose() {
        let kind = |text: &str, method: Method, path: &str, facts: RequestFacts| {
            due(&mut [fault(text)], &method, path, facts).kind
        };
        assert_eq!(kind("empty PUT /beta", Method::PUT, "/beta/x", WRITTEN), Some(Kind::Empty));
        assert_eq!(kind("empty PUT /beta", Method::GET, "/beta/x", WRITTEN), None);
        assert_eq!(kind("empty PUT /beta", Method::PUT, "/v3/x", WRITTEN), None);
        assert_eq!(kind("ignore", Method::GET, "/x", WRITTEN), None);
        assert_eq!(kind("ignore", Method::PATCH, "/x", WRITTEN), Some(Kind::Ignore));
        assert_eq!(kind("late", Method::GET, "/x", WRITTEN), None);
        assert_eq!(kind("late after=3", Method::PUT, "/x", WRITTEN), Some(Kind::Late(3)));
        assert_eq!(kind("lag", Method::PUT, "/x", WRITTEN), None);
        assert_eq!(kind("lag", Method::GET, "/x", RequestFacts { document: true, written: false }), None);
        assert_eq!(kind("lag", Method::GET, "/x", WRITTEN), Some(Kind::Lag));
    }
}
