//! What the documents of the tenant have in common: a place in the state file, the paths that lead there, what a request may
//! do and which rights it needs.

use axum::http::Method;
use serde_json::Value;

use super::answer::Refusal;
use super::state::State;

/// A document, as a path names it.
pub(super) trait Document: Send + Sync {
    /// The key of the state file under which it lies.
    fn key(&self) -> &'static str;

    /// The methods that its path takes.
    fn methods(&self) -> &'static [Method];

    /// The scopes of which a request needs one.
    fn scopes(&self, method: &Method) -> &'static [&'static str];

    /// The user levels of which a request needs one; every level will do if there are none.
    fn levels(&self, method: &Method) -> &'static [&'static str];

    /// Whether requests need `X-SailPoint-Experimental: true`.
    fn experimental(&self) -> bool {
        false
    }

    /// Whether answers carry `X-Deprecated: true`.
    fn deprecated(&self) -> bool {
        false
    }

    /// Returns why there can be no such document; asked once the request may read it.
    fn check(&self) -> Result<(), Refusal> {
        Ok(())
    }

    /// Returns what a GET answers. `form` is the path of another generation in whose form a fault shows it.
    fn show(&self, state: &State, form: Option<&str>) -> Result<Value, Refusal>;

    /// Does what a request asks and returns the body of the answer; `None` for an answer without one. `body` is that of the
    /// request, read only if it needs one.
    fn write(
        &self,
        state: &mut State,
        method: &Method,
        body: &dyn Fn() -> Result<Value, Refusal>,
    ) -> Result<Option<Value>, Refusal>;

    /// Sets one value as another client might, unchecked.
    fn edit(&self, state: &mut State, pointer: &str, value: Value);
}
