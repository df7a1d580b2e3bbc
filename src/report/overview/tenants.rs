//! For which tenants of a plan something holds.

use std::collections::HashSet;

use serde::Serialize;

/// The tenants that something holds for.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tenants {
    /// Their names.
    pub names: Vec<String>,
    /// How many tenants the plan is for.
    pub total: usize,
    /// Whether these are all the tenants of a plan for several.
    pub everywhere: bool,
    /// The others, if these are many and all but a few.
    pub but: Vec<String>,
}

/// Up to how many tenants are named wherever they are meant, and up to how many exceptions.
pub(super) const NAMED: usize = 10;

impl Tenants {
    /// Returns tenants among `all` of a plan.
    pub(super) fn among(names: Vec<String>, all: &[String]) -> Tenants {
        if names == all {
            return Tenants { everywhere: all.len() > 1, but: Vec::new(), total: all.len(), names };
        }
        let named: HashSet<&String> = names.iter().collect();
        let everywhere = all.len() > 1 && named.len() == all.len();
        let others = all.len().saturating_sub(names.len());
        // The exceptions are all named, so they say more than the first names of many.
        let but = if names.len() > NAMED && (1..=NAMED).contains(&others) && others * 2 <= names.len() {
            all.iter().filter(|name| !named.contains(name)).cloned().collect()
        } else {
            Vec::new()
        };
        Tenants { everywhere, but, total: all.len(), names }
    }

    /// Returns them by name, or that it is all of them, or all but a few; `list` writes names.
    pub(in crate::report) fn told(&self, list: impl Fn(&[String]) -> String) -> String {
        match (self.everywhere, self.but.as_slice()) {
            (true, _) => format!("all {} tenants", self.total),
            (false, []) => list(&self.names),
            (false, but) => format!("all {} tenants except {}", self.total, list(but)),
        }
    }
}
