//! Alternatives of different types as one schema: of a wrong value editors would say only which types there may be, and not
//! what its `errorMessage` says.

use serde_json::{Map, Value, json};

/// What says something about values of one type alone, or nothing about values at all.
const OF_ONE_TYPE: [&str; 15] = [
    "type",
    "description",
    "errorMessage",
    "examples",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "items",
    "minItems",
    "maxItems",
    "properties",
    "required",
    "additionalProperties",
];

/// Returns a schema in which every `oneOf` of different types is one schema with a list of types.
pub fn together(schema: Value) -> Value {
    match schema {
        Value::Array(items) => items.into_iter().map(together).collect(),
        Value::Object(object) => of_object(object.into_iter().map(|(key, value)| (key, together(value))).collect()),
        other => other,
    }
}

fn of_object(mut object: Map<String, Value>) -> Value {
    let Some(Value::Array(alternatives)) = object.get("oneOf") else { return Value::Object(object) };
    let alternatives: Vec<&Map<String, Value>> = alternatives.iter().filter_map(Value::as_object).collect();
    let types: Vec<&str> = alternatives.iter().flat_map(|alternative| types(alternative)).collect();
    let mut distinct = types.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let fit = |alternative: &&Map<String, Value>| {
        alternative.contains_key("type") && alternative.keys().all(|key| OF_ONE_TYPE.contains(&key.as_str()))
    };
    if distinct.len() != types.len() || !alternatives.iter().all(fit) {
        return Value::Object(object);
    }
    let mut merged = Map::new();
    merged.insert("type".to_owned(), json!(types));
    for alternative in alternatives {
        for (key, value) in alternative.iter().filter(|(key, _)| *key != "type" && *key != "description") {
            merged.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
    object.shift_remove("oneOf");
    // What stands beside the alternatives is about all of them.
    merged.extend(object);
    Value::Object(merged)
}

fn types(alternative: &Map<String, Value>) -> Vec<&str> {
    match alternative.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_of_different_types_are_one_schema() {
        let number = json!({"type": "integer", "minimum": 1});
        let text = json!({"type": "string", "pattern": "x"});
        let either = json!({"oneOf": [number, text], "examples": ["2h"], "errorMessage": "a"});
        let or_null = json!({"oneOf": [either, {"type": "null", "description": "b"}], "errorMessage": "c"});
        assert_eq!(
            together(json!({"properties": {"p": or_null}})),
            json!({"properties": {"p": {
                "type": ["integer", "string", "null"], "examples": ["2h"], "errorMessage": "c", "minimum": 1, "pattern": "x",
            }}})
        );
    }

    #[test]
    fn what_would_mean_something_else_stays() {
        for schema in [
            json!({"oneOf": [{"type": "object", "required": ["a"]}, {"type": "object", "required": ["b"]}]}),
            json!({"oneOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]}),
            json!({"oneOf": [{"$ref": "#/definitions/a"}, {"type": "null"}]}),
            json!({"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ] {
            assert_eq!(together(schema.clone()), schema);
        }
    }
}
