//! Documents of which a tenant has several: how each is named, whose a tenant answers, and where values come from if one is
//! not stored.

use serde_json::Value;

use super::Setting;
use super::impact::{Effect, Impact, Judgement, Loosest};
use super::kind::whole::Whole;

/// How a resource tells its documents apart.
#[derive(Debug)]
pub struct Instances {
    /// What a name must be, to follow "expected".
    pub expects: &'static str,
    /// The same as a regular expression, for the schema.
    pub pattern: &'static str,
    /// The names that are words, each with what its document is about.
    pub words: &'static [(&'static str, &'static str)],
    /// A name for examples.
    pub example: &'static str,
    /// Returns where the API keeps the document with this name; `None` if it is not a name.
    pub place: fn(&str) -> Option<Place>,
    /// Returns the name of the document whose values hold where this one is not stored; `None` if none is known.
    pub above: fn(&str) -> Option<&'static str>,
}

/// Where the API keeps a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What it is about, such as `ENTITLEMENT`.
    pub scope: String,
    /// The id of that; `None` for the tenant's own, which the token names.
    pub id: Option<String>,
}

/// Whose document a tenant answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The one that was asked for.
    Own,
    /// One above it, whose values hold because the one that was asked for is not stored.
    Inherited,
    /// None: nothing is stored.
    NotStored,
    /// The answer does not say.
    Unclear,
}

impl Instances {
    /// Returns what the document with this name is about, for a reader who does not know the API.
    pub fn about(&self, name: &str) -> String {
        if let Some((_, about)) = self.words.iter().find(|(word, _)| *word == name) {
            return about.trim_end_matches('.').to_owned();
        }
        match (self.place)(name) {
            Some(Place { scope, id: Some(id) }) => {
                format!("The {} {id} only", scope.to_lowercase().replace('_', " "))
            }
            _ => name.to_owned(),
        }
    }

    /// Returns whose document a tenant answered for the one with this name: its `scope` and `id` tell.
    pub fn standing(&self, name: &str, live: &Value) -> Standing {
        if live.as_object().is_none_or(serde_json::Map::is_empty) {
            return Standing::NotStored;
        }
        let text = |key: &str| live.get(key).and_then(Value::as_str);
        let (Some(scope), Some(place)) = (text("scope"), (self.place)(name)) else { return Standing::Unclear };
        let same_id = match (&place.id, text("id")) {
            // The tenant's id is not known here, and a scope has no more than one tenant.
            (None, _) => true,
            (Some(id), Some(found)) => id == found,
            (Some(_), None) if scope == place.scope => return Standing::Unclear,
            (Some(_), None) => false,
        };
        if scope == place.scope && same_id { Standing::Own } else { Standing::Inherited }
    }
}

/// The document itself, as if it were a setting of itself: null where it is not stored. Settings files ask for null by
/// `inherit`, and a rollback writes back what an earlier run deleted.
pub static WHOLE: Setting = Setting {
    pointer: "",
    kind: &Whole,
    nullable: true,
    generations: &[],
    moved: None,
    about: "Whether the configuration is stored.",
    impact: Judgement::Of(stored_or_not, Loosest::Unknown),
    default: None,
};

/// What each difference means is worked out where both documents are known.
fn stored_or_not(_: Option<&Value>, after: Option<&Value>) -> Effect {
    let sentence = match after {
        None => "The configuration will be deleted, and what the tenant has above it will apply, which is not known",
        Some(_) => "A configuration that was deleted will be written back",
    };
    Effect::new(Impact::Review, sentence)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::Key;

    #[test]
    fn scope_and_id_tell_whose_an_answer_is() {
        let standing = |name: &str, live: Value| Key::named("approvalsConfig", Some(name)).unwrap().standing(&live);
        let tenant = || json!({"scope": "TENANT", "id": "9f2c", "autoApprove": "OFF"});
        assert_eq!(standing("TENANT", tenant()), Standing::Own);
        assert_eq!(standing("ROLE/1", tenant()), Standing::Inherited);
        assert_eq!(standing("ROLE/1", json!({"scope": "ROLE", "id": "1"})), Standing::Own);
        assert_eq!(standing("ROLE/1", json!({"scope": "ROLE", "id": "2"})), Standing::Inherited);
        assert_eq!(standing("ROLE/1", json!({"scope": "ROLE"})), Standing::Unclear);
        assert_eq!(standing("ROLE/1", json!({"id": "1", "autoApprove": "OFF"})), Standing::Unclear);
        assert_eq!(standing("ROLE/1", json!({"autoApprove": "OFF"})), Standing::Unclear);
        assert_eq!(standing("ROLE/1", json!({})), Standing::NotStored);
        let own = json!({"scope": "APPROVAL_TYPE", "id": "ACCESS_REQUEST_APPROVAL"});
        assert_eq!(standing("ACCESS_REQUEST_APPROVAL", own.clone()), Standing::Own);
        assert_eq!(standing("ENTITLEMENT/1", own), Standing::Inherited);
        assert_eq!(Key::named("jitActivationPolicy", None).unwrap().standing(&json!({})), Standing::Own);
    }
}
