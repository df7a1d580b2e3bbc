//! Keys whose null says something.

use std::sync::Arc;

use serde::Deserialize as _;
use serde_json::Value;

/// A key that is there, null included: without it serde takes a null for an absent key.
pub fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Arc<Value>>, D::Error> {
    Value::deserialize(deserializer).map(|value| Some(Arc::new(value)))
}
