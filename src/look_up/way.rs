//! The way to a list of a tenant: where it is, by which right, and what is said if it cannot be read.

use std::borrow::Cow;

use serde_json::Value;

use super::Budget;
use crate::tenant::{ApiError, Endpoint, Page, Tenant};

/// A list of a tenant.
#[derive(Debug)]
pub struct Way {
    /// What it tells, to follow "cannot read" and to stand before "not looked up".
    pub what: &'static str,
    /// Its path.
    pub(super) path: &'static str,
    /// The scope that a token needs for it.
    pub scope: &'static str,
    /// The user levels of which the owner of the token needs one; every level will do if there are none.
    pub levels: &'static [&'static str],
}

impl Way {
    /// Returns what a token needs for the list.
    pub fn needs(&self) -> String {
        match self.levels {
            [] => self.scope.to_owned(),
            [level] => format!("{} and the user level {level}", self.scope),
            levels => format!("{} and one of the user levels {}", self.scope, levels.join(", ")),
        }
    }

    /// Words why the list was not read.
    pub(super) fn lacking(&self, what: &str, error: &ApiError) -> String {
        match error.status() {
            Some(403) => format!("{what} not looked up: needs {}", self.needs()),
            _ => format!("{what} not looked up: {error}"),
        }
    }

    /// Reads part of the list; `None` if no request is left.
    pub(super) async fn read(&self, tenant: &Tenant, query: &str, budget: &Budget) -> Option<Result<Page, ApiError>> {
        if !budget.take() {
            return None;
        }
        let mark = if query.is_empty() { "" } else { "?" };
        Some(tenant.list(&Endpoint { path: Cow::Owned(format!("{}{mark}{query}", self.path)) }).await)
    }
}

/// Returns the text of a field with dots.
pub(super) fn text<'v>(item: &'v Value, field: &str) -> Option<&'v str> {
    field.split('.').try_fold(item, |value, key| value.get(key))?.as_str()
}
