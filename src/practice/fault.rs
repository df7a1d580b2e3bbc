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
/// `skip=N` lets the first N requests pass, `times=N` (default 1) says how many are hit then. A value with blanks stands
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
    Lag,
    Edit(Edit),
    OtherForm(String),
    Redirect(String),
    EncodingUtf8,
}

/// A change by somebody else.
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
        ("lag", "", "a read after a write: answers the document from before that write"),
        ("edit", "set=/POINTER=VALUE", "changes the stored document before the request is handled"),
        (
            "other-form",
            "as=/PATH",
            "a read of the access request configuration: answers the document of the generation at that path",
        ),
        ("redirect", "to=URL", "answers 307 with that Location"),
        ("encoding-utf8", "", "answers 400 with Content-Encoding: UTF-8, which is no coding"),
    ];

    fn hits(&self, method: &Method, path: &str, scene: Scene) -> bool {
        let applies = match self.kind {
            Kind::Ignore => scene.document && method != Method::GET,
            Kind::Lag => scene.written && method == Method::GET,
            Kind::Edit(_) => scene.document,
            Kind::OtherForm(_) => scene.document && method == Method::GET,
            _ => true,
        };
        applies && self.times > 0 && self.method.as_ref().is_none_or(|m| m == method) && path.contains(&self.path)
    }
}

/// What a request is about, as far as faults care.
#[derive(Clone, Copy)]
pub(super) struct Scene {
    /// It names one of the documents.
    pub(super) document: bool,
    /// That document was written before.
    pub(super) written: bool,
}

/// What hits one request.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Hit {
    pub(super) edits: Vec<Edit>,
    pub(super) kind: Option<Kind>,
}

/// Returns what hits this request, and counts it. Edits go together with another fault; of the others the first wins.
pub(super) fn fire(faults: &mut [Fault], method: &Method, path: &str, scene: Scene) -> Hit {
    let mut hit = Hit::default();
    for fault in faults.iter_mut().filter(|fault| fault.hits(method, path, scene)) {
        if fault.skip > 0 {
            fault.skip -= 1;
            continue;
        }
        match &fault.kind {
            Kind::Edit(edit) => hit.edits.push(edit.clone()),
            _ if hit.kind.is_some() => continue,
            kind => hit.kind = Some(kind.clone()),
        }
        fault.times -= 1;
    }
    hit
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fault(text: &str) -> Fault {
        text.parse().unwrap()
    }

    const SCENE: Scene = Scene { document: true, written: true };

    #[test]
    fn faults_are_counted_and_follow_each_other() {
        let mut faults = vec![fault("empty GET times=2 skip=1"), fault("html"), fault("edit set=/a=1")];
        let mut kinds = || fire(&mut faults, &Method::GET, "/x", SCENE);
        assert_eq!(
            kinds(),
            Hit { edits: vec![Edit { pointer: "/a".to_owned(), value: json!(1) }], kind: Some(Kind::Html) }
        );
        assert_eq!(kinds(), Hit { edits: vec![], kind: Some(Kind::Empty) });
        assert_eq!(kinds(), Hit { edits: vec![], kind: Some(Kind::Empty) });
        assert_eq!(kinds(), Hit::default());
    }

    #[test]
    fn method_path_and_scene_choose() {
        let hit =
            |text: &str, method: Method, path: &str, scene: Scene| fire(&mut [fault(text)], &method, path, scene).kind;
        assert_eq!(hit("empty PUT /beta", Method::PUT, "/beta/x", SCENE), Some(Kind::Empty));
        assert_eq!(hit("empty PUT /beta", Method::GET, "/beta/x", SCENE), None);
        assert_eq!(hit("empty PUT /beta", Method::PUT, "/v3/x", SCENE), None);
        assert_eq!(hit("ignore", Method::GET, "/x", SCENE), None);
        assert_eq!(hit("ignore", Method::PATCH, "/x", SCENE), Some(Kind::Ignore));
        assert_eq!(hit("lag", Method::PUT, "/x", SCENE), None);
        assert_eq!(hit("lag", Method::GET, "/x", Scene { document: true, written: false }), None);
        assert_eq!(hit("lag", Method::GET, "/x", SCENE), Some(Kind::Lag));
    }
}
