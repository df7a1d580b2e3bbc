//! The access request configuration: one stored document, seen through the schema of each API generation. Rules from
//! SailPoint's "Get Access Request Configuration" and "Update Access Request Configuration".

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value};

use super::answer::Refusal;
use super::document::Document;
use super::field::{FIELDS, Field, generations};
use super::state::State;

/// Where the configuration lies in the state file.
pub(super) const KEY: &str = "accessRequestConfig";

/// Returns the document at a path.
pub(super) fn at(path: &str) -> Option<Box<dyn Document>> {
    let generation = GENERATIONS.iter().find(|generation| generation.path == path)?;
    Some(Box::new(Seen(generation)))
}

/// Returns the configuration as it is stored; empty if the file has none, because every tenant has one.
pub(super) fn stored(state: &State) -> Value {
    state.get(KEY).cloned().unwrap_or_else(|| Value::Object(Map::new()))
}

/// The configuration as one generation sees it.
struct Seen(&'static Generation);

impl Document for Seen {
    fn key(&self) -> &'static str {
        KEY
    }

    fn methods(&self) -> &'static [Method] {
        &[Method::GET, Method::PUT]
    }

    fn scopes(&self, method: &Method) -> &'static [&'static str] {
        if *method == Method::GET { &["idn:access-request-config:read"] } else { &["idn:access-request-config:manage"] }
    }

    fn levels(&self, method: &Method) -> &'static [&'static str] {
        if *method == Method::GET { &[] } else { &["ORG_ADMIN"] }
    }

    fn experimental(&self) -> bool {
        self.0.experimental
    }

    fn deprecated(&self) -> bool {
        self.0.deprecated
    }

    fn show(&self, state: &State, form: Option<&str>) -> Result<Value, Refusal> {
        let other = form.and_then(|path| GENERATIONS.iter().find(|other| other.path == path));
        Ok(other.unwrap_or(self.0).view(&stored(state)))
    }

    fn write(
        &self,
        state: &mut State,
        _: &Method,
        body: &dyn Fn() -> Result<Value, Refusal>,
    ) -> Result<Option<Value>, Refusal> {
        let new = self
            .0
            .replaced(&stored(state), &body()?)
            .map_err(|texts| Refusal::Problem { status: StatusCode::BAD_REQUEST, texts })?;
        let shown = self.0.view(&new);
        state.set(KEY, Some(new));
        Ok(Some(shown))
    }

    fn edit(&self, state: &mut State, pointer: &str, value: Value) {
        let mut configuration = stored(state);
        self.0.edit(&mut configuration, pointer, value);
        state.set(KEY, Some(configuration));
    }
}

/// One generation of the endpoint.
#[derive(Debug, PartialEq)]
pub(super) struct Generation {
    pub(super) path: &'static str,
    /// Its bit in [`generations`].
    fields: u8,
    /// Answers carry `X-Deprecated: true`.
    deprecated: bool,
    /// Requests need `X-SailPoint-Experimental: true`.
    experimental: bool,
}

pub(super) const GENERATIONS: [Generation; 7] = [
    Generation::deprecated("/beta/access-request-config", generations::FLAT),
    Generation::deprecated("/v3/access-request-config", generations::FLAT),
    Generation::deprecated("/v2024/access-request-config", generations::V2024),
    Generation::deprecated("/v2025/access-request-config", generations::V2024),
    Generation::experimental("/v2026/access-request-config", generations::V2026),
    Generation::deprecated("/access-request-config/v1", generations::V1),
    Generation::experimental("/access-request-config/v2", generations::V2),
];

impl Generation {
    const fn deprecated(path: &'static str, fields: u8) -> Generation {
        Generation { path, fields, deprecated: true, experimental: false }
    }

    const fn experimental(path: &'static str, fields: u8) -> Generation {
        Generation { path, fields, deprecated: false, experimental: true }
    }

    fn fields(&self) -> impl Iterator<Item = &'static Field> {
        FIELDS.iter().filter(move |field| field.generations & self.fields != 0)
    }

    /// Pointers of the objects in this generation's document, an outer one before the objects in it.
    fn objects(&self) -> Vec<&'static str> {
        let mut objects = vec![""];
        for field in self.fields() {
            for (end, _) in field.shown.match_indices('/').skip(1) {
                if let Some(object) = field.shown.get(..end)
                    && !objects.contains(&object)
                {
                    objects.push(object);
                }
            }
        }
        objects
    }

    /// Returns the stored document as this generation answers it. Nothing is filled in: what is not stored is absent.
    fn view(&self, stored: &Value) -> Value {
        let stored = &spelled_as_stored(stored.clone());
        let mut view = Value::Object(Map::new());
        for field in self.fields() {
            if let Some(shown) = stored.pointer(field.stored).and_then(|value| field.field_type.show(value)) {
                put(&mut view, field.shown, shown);
            }
        }
        for object in self.objects() {
            match stored.pointer(object) {
                None => {}
                Some(Value::Object(fields)) => {
                    if view.pointer(object).is_none() {
                        put(&mut view, object, Value::Object(Map::new()));
                    }
                    for (key, value) in unknown(object, fields) {
                        put(&mut view, &child(object, key), value.clone());
                    }
                }
                Some(other) => put(&mut view, object, other.clone()),
            }
        }
        view
    }

    /// Returns the stored document after a PUT of `body`, or what is wrong with the body. Fields that this generation does
    /// not have stay; its own fall to their defaults where the body leaves them out; unknown ones stay only if given.
    fn replaced(&self, stored: &Value, body: &Value) -> Result<Value, Vec<String>> {
        if !body.is_object() {
            return Err(vec!["The body must be an object.".to_owned()]);
        }
        let stored = spelled_as_stored(stored.clone());
        let mut problems: Vec<String> = Vec::new();
        for object in self.objects() {
            if !matches!(body.pointer(object), None | Some(Value::Object(_))) {
                problems.push(format!("{} must be an object.", dotted(object)));
            }
        }
        let mut next = stored.clone();
        for field in self.fields() {
            let old = stored.pointer(field.stored);
            match body.pointer(field.shown) {
                Some(value) => match field.field_type.accept(value, old) {
                    Ok(value) => put(&mut next, field.stored, value),
                    Err(text) => problems.push(format!("{} {text}.", dotted(field.shown))),
                },
                // The client was not shown it, so it could not send it back.
                None if old.is_some_and(|old| field.field_type.show(old).is_none()) => {}
                None => match field.field_type.default() {
                    Some(default) => put(&mut next, field.stored, default),
                    None => remove(&mut next, field.stored),
                },
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        for object in self.objects() {
            self.replace_unknown(object, &stored, body, &mut next);
        }
        Ok(next)
    }

    fn replace_unknown(&self, object: &str, stored: &Value, body: &Value, next: &mut Value) {
        if let Some(fields) = stored.pointer(object).and_then(Value::as_object) {
            for (key, _) in unknown(object, fields) {
                if body.pointer(&child(object, key)).is_none() {
                    remove(next, &child(object, key));
                }
            }
        }
        match body.pointer(object).and_then(Value::as_object) {
            Some(fields) => {
                if !next.pointer(object).is_some_and(Value::is_object) {
                    put(next, object, Value::Object(Map::new()));
                }
                for (key, value) in unknown(object, fields) {
                    put(next, &child(object, key), value.clone());
                }
            }
            None if next.pointer(object).and_then(Value::as_object).is_some_and(Map::is_empty) => {
                remove(next, object);
            }
            None => {}
        }
    }

    /// Sets one value as another client might, unchecked. `pointer` is one of this generation's document.
    fn edit(&self, stored: &mut Value, pointer: &str, value: Value) {
        *stored = spelled_as_stored(std::mem::take(stored));
        let field = self.fields().find(|field| field.shown == pointer);
        put(stored, field.map_or(pointer, |field| field.stored), value);
    }
}

/// Returns the stored document of a tenant with the default of every field that it lacks, where SailPoint documents one.
pub(super) fn with_defaults(mut stored: Value) -> Value {
    for field in FIELDS {
        if let (None, Some(default)) = (stored.pointer(field.stored), field.field_type.default()) {
            put(&mut stored, field.stored, default);
        }
    }
    stored
}

/// A state file may hold a document copied from beta or v3: its flat names become the stored ones.
fn spelled_as_stored(mut stored: Value) -> Value {
    for field in FIELDS.iter().filter(|field| field.stored != field.shown) {
        if let Some(value) = stored.pointer(field.shown).cloned() {
            remove(&mut stored, field.shown);
            if stored.pointer(field.stored).is_none() {
                put(&mut stored, field.stored, value);
            }
        }
    }
    stored
}

/// Returns the entries of an object that are no field of any generation, nor lead to one.
fn unknown<'a>(object: &str, fields: &'a Map<String, Value>) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let object = object.to_owned();
    fields.iter().filter(move |(key, _)| {
        let pointer = child(&object, key);
        let leads =
            |known: &str| known.strip_prefix(&pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        !FIELDS.iter().any(|field| leads(field.stored) || leads(field.shown))
    })
}

fn child(object: &str, key: &str) -> String {
    format!("{object}/{}", key.replace('~', "~0").replace('/', "~1"))
}

fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

/// Sets the value at a JSON Pointer, creating the objects on the way.
pub(super) fn put(document: &mut Value, pointer: &str, value: Value) {
    let mut place = document;
    for part in pointer.split('/').skip(1) {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let Some(fields) = place.as_object_mut() else {
            return;
        };
        place = fields.entry(part.replace("~1", "/").replace("~0", "~")).or_insert(Value::Null);
    }
    *place = value;
}

fn remove(document: &mut Value, pointer: &str) {
    let Some((parent, key)) = pointer.rsplit_once('/') else {
        return;
    };
    if let Some(fields) = document.pointer_mut(parent).and_then(Value::as_object_mut) {
        fields.shift_remove(&key.replace("~1", "/").replace("~0", "~"));
    }
}
