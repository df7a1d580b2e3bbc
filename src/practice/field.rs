//! The fields of the access request configuration: which generation has which, of what type, with what default.
//! From the schema `AccessRequestConfig` of every API generation.

use serde_json::{Value, json};

use super::scheme;

/// Sets of generations with the same schema, one bit each.
pub(super) mod generations {
    pub(crate) const FLAT: u8 = 1; // beta, v3
    pub(crate) const V2024: u8 = 2; // v2024, v2025
    pub(crate) const V2026: u8 = 4;
    pub(crate) const V1: u8 = 8;
    pub(crate) const V2: u8 = 16;
    pub(super) const NESTED: u8 = V2024 | V2026 | V1 | V2;
    pub(super) const OLD: u8 = FLAT | V2024 | V1;
    pub(super) const ALL: u8 = FLAT | NESTED;
}
use generations::{ALL, FLAT, NESTED, OLD, V1, V2, V2024, V2026};

/// One field, as some generations have it.
pub(super) struct Field {
    /// JSON Pointer in the state file.
    pub(super) stored: &'static str,
    /// JSON Pointer in what these generations answer.
    pub(super) shown: &'static str,
    pub(super) field_type: FieldType,
    pub(super) generations: u8,
}

/// The type of a field.
#[derive(Clone, Copy)]
pub(super) enum FieldType {
    /// Not nullable; left out of a PUT it falls to this value.
    Switch(bool),
    /// 32 bits, nullable, at least and at most.
    Number(i32, i32),
    /// Nullable.
    Text,
    /// A list of approval steps.
    Schemes,
    /// The same steps as one nullable string, such as `sourceOwner, manager`.
    SchemeText,
    /// A nullable identity, of which only the id can be written.
    Identity,
    /// A nullable `{value, timeUnit}`.
    Duration,
}

const fn field(shown: &'static str, field_type: FieldType, generations: u8) -> Field {
    Field { stored: shown, shown, field_type, generations }
}

const ANY: FieldType = FieldType::Number(i32::MIN, i32::MAX);
const OFF: FieldType = FieldType::Switch(false);
const ON: FieldType = FieldType::Switch(true);

/// Where the flat generations' steps are kept.
const GRANT_SCHEMES: &str = "/entitlementRequestConfig/accessRequestConfig/approvalSchemes";
const REQUEST_COMMENT: &str = "/entitlementRequestConfig/accessRequestConfig/requestCommentRequired";
const DENIAL_COMMENT: &str = "/entitlementRequestConfig/accessRequestConfig/denialCommentRequired";

/// Every field, in the order of an answer. Flat and nested names of one thing share `stored`.
#[rustfmt::skip] // A table is read by column.
pub(super) const FIELDS: &[Field] = &[
    field("/approvalsMustBeExternal", OFF, ALL),
    field("/autoApprovalEnabled", OFF, OLD),
    field("/reauthorizationEnabled", OFF, ALL),
    field("/govGroupVisibilityEnabled", OFF, V2026 | V2),
    field("/machineIdentityAccessRequestEnabled", ON, V2),
    field("/requestOnBehalfOfConfig/allowRequestOnBehalfOfAnyoneByAnyone", OFF, ALL),
    field("/requestOnBehalfOfConfig/allowRequestOnBehalfOfEmployeeByManager", OFF, ALL),
    field("/requestOnBehalfOfConfig/allowRequestOnBehalfOfForMachineIdentity", ON, V1 | V2),
    field("/requestOnBehalfOfConfig/allowRequestForMachineByOwner", OFF, V1 | V2),
    field("/approvalReminderAndEscalationConfig/daysUntilEscalation", ANY, OLD),
    field("/approvalReminderAndEscalationConfig/daysBetweenReminders", ANY, OLD),
    field("/approvalReminderAndEscalationConfig/maxReminders", FieldType::Number(1, i32::MAX), FLAT),
    field("/approvalReminderAndEscalationConfig/maxReminders", FieldType::Number(0, 20), V2024 | V1),
    field("/approvalReminderAndEscalationConfig/fallbackApproverRef", FieldType::Identity, OLD),
    field("/entitlementRequestConfig/allowEntitlementRequest", OFF, FLAT),
    Field { stored: REQUEST_COMMENT, shown: "/entitlementRequestConfig/requestCommentsRequired", field_type: OFF, generations: FLAT },
    Field { stored: DENIAL_COMMENT, shown: "/entitlementRequestConfig/deniedCommentsRequired", field_type: OFF, generations: FLAT },
    Field { stored: GRANT_SCHEMES, shown: "/entitlementRequestConfig/grantRequestApprovalSchemes", field_type: FieldType::SchemeText, generations: FLAT },
    field(GRANT_SCHEMES, FieldType::Schemes, NESTED),
    field(REQUEST_COMMENT, OFF, NESTED),
    field(DENIAL_COMMENT, OFF, NESTED),
    field("/entitlementRequestConfig/accessRequestConfig/reauthorizationRequired", OFF, NESTED),
    field("/entitlementRequestConfig/accessRequestConfig/requireEndDate", OFF, NESTED),
    field("/entitlementRequestConfig/accessRequestConfig/maxPermittedAccessDuration", FieldType::Duration, NESTED),
    field("/entitlementRequestConfig/accessRequestConfig/formDefinitionId", FieldType::Text, V1 | V2),
    field("/entitlementRequestConfig/revocationRequestConfig/approvalSchemes", FieldType::Schemes, NESTED),
];

/// Identities that a fallback approver can be: id, name, e-mail. Any other id keeps its name and e-mail null.
const IDENTITIES: [(&str, &str, &str); 4] = [
    ("5168015d32f890ca15812c9180835d2e", "Alison Ferguso", "alison.ferguso@identitysoon.com"),
    ("2c9180867a7c46d0017a7c8dd0b60f5d", "Practice Approver", "approver@example.com"),
    ("2c9180867a7c46d0017a7c8dd0b60f5e", "Practice Manager", "manager@example.com"),
    ("2c9180867a7c46d0017a7c8dd0b60f5f", "Practice Owner", "owner@example.com"),
];

impl FieldType {
    /// What a PUT that leaves the field out stores; `None` takes the field away.
    pub(super) fn default(self) -> Option<Value> {
        match self {
            FieldType::Switch(default) => Some(Value::Bool(default)),
            FieldType::SchemeText => Some(json!([scheme::step("SOURCE_OWNER", None)])),
            FieldType::Number(..)
            | FieldType::Text
            | FieldType::Schemes
            | FieldType::Identity
            | FieldType::Duration => None,
        }
    }

    /// Returns the stored value as this kind shows it; `None` if it cannot, as a workflow has no flat form.
    pub(super) fn show(self, stored: &Value) -> Option<Value> {
        match self {
            FieldType::SchemeText => scheme::to_text(stored),
            FieldType::Schemes => scheme::to_list(stored),
            _ => Some(stored.clone()),
        }
    }

    /// Returns what to store for a value of a PUT, or what the field takes instead. `old` is what is stored now.
    pub(super) fn accept(self, value: &Value, old: Option<&Value>) -> Result<Value, String> {
        let (fits, wanted) = match self {
            FieldType::Switch(_) => (value.is_boolean(), "must be true or false".to_owned()),
            FieldType::Number(least, most) => (is_number(value, least, most), number_wanted(least, most)),
            FieldType::Text => (value.is_null() || value.is_string(), "must be a string or null".to_owned()),
            FieldType::Duration => (value.is_null() || is_duration(value), DURATION_WANTED.to_owned()),
            FieldType::Schemes => return scheme::check_list(value, old).map(|()| value.clone()),
            FieldType::SchemeText => return scheme::from_text(value),
            FieldType::Identity => return identity(value, old),
        };
        if fits { Ok(value.clone()) } else { Err(wanted) }
    }
}

const DURATION_WANTED: &str = "must be null or an object with value, a whole number of 32 bits, and timeUnit, one of HOURS, DAYS, \
                               WEEKS, MONTHS";

fn is_number(value: &Value, least: i32, most: i32) -> bool {
    value.is_null() || value.as_i64().is_some_and(|n| (i64::from(least)..=i64::from(most)).contains(&n))
}

fn number_wanted(least: i32, most: i32) -> String {
    match (least, most) {
        (i32::MIN, _) => "must be a whole number of 32 bits or null".to_owned(),
        (_, i32::MAX) => format!("must be a whole number of at least {least}, or null"),
        _ => format!("must be a whole number from {least} to {most}, or null"),
    }
}

fn is_duration(value: &Value) -> bool {
    let Some(fields) = value.as_object() else {
        return false;
    };
    let whole = fields.get("value").is_none_or(|number| number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()));
    let unit = fields
        .get("timeUnit")
        .is_none_or(|unit| unit.as_str().is_some_and(|unit| ["HOURS", "DAYS", "WEEKS", "MONTHS"].contains(&unit)));
    whole && unit
}

/// Type, name and e-mail are read-only: they stay with the same id, and come from the directory with another.
fn identity(value: &Value, old: Option<&Value>) -> Result<Value, String> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    let id = value.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
    let Some(id) = id else {
        return Err("must be null or an object with the id of an identity".to_owned());
    };
    if let Some(kind) = value.get("type").filter(|kind| !kind.is_null())
        && kind != "IDENTITY"
    {
        return Err("must have the type IDENTITY".to_owned());
    }
    if let Some(old) = old.filter(|old| old.get("id").and_then(Value::as_str) == Some(id)) {
        return Ok(old.clone());
    }
    let known = IDENTITIES.iter().find(|(known, _, _)| *known == id);
    Ok(json!({
        "type": "IDENTITY",
        "id": id,
        "name": known.map(|(_, name, _)| name),
        "email": known.map(|(_, _, email)| email),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_limits() {
        let flat = FieldType::Number(1, i32::MAX);
        assert_eq!(flat.accept(&json!(0), None), Err("must be a whole number of at least 1, or null".to_owned()));
        assert_eq!(flat.accept(&json!(21), None), Ok(json!(21)));
        let nested = FieldType::Number(0, 20);
        assert_eq!(nested.accept(&json!(21), None), Err("must be a whole number from 0 to 20, or null".to_owned()));
        assert_eq!(nested.accept(&json!(0), None), Ok(json!(0)));
        assert_eq!(ANY.accept(&json!(null), None), Ok(json!(null)));
        assert_eq!(
            ANY.accept(&json!(2_147_483_648_i64), None),
            Err("must be a whole number of 32 bits or null".to_owned())
        );
    }

    #[test]
    fn durations_take_both_parts_or_null() {
        assert_eq!(FieldType::Duration.accept(&json!(null), None), Ok(json!(null)));
        let value = json!({"value": 2, "timeUnit": "WEEKS"});
        assert_eq!(FieldType::Duration.accept(&value, None), Ok(value));
        for wrong in [json!(2), json!({"value": "2"}), json!({"timeUnit": "YEARS"})] {
            assert_eq!(FieldType::Duration.accept(&wrong, None), Err(DURATION_WANTED.to_owned()));
        }
    }

    #[test]
    fn an_identity_keeps_what_cannot_be_written() {
        let old = json!({"type": "IDENTITY", "id": "1", "name": "A", "email": "a@example.com"});
        let renamed = json!({"id": "1", "name": "B"});
        assert_eq!(FieldType::Identity.accept(&renamed, Some(&old)), Ok(old.clone()));
        assert_eq!(
            FieldType::Identity
                .accept(&json!({"id": "5168015d32f890ca15812c9180835d2e", "type": "IDENTITY"}), Some(&old)),
            Ok(json!({
                "type": "IDENTITY", "id": "5168015d32f890ca15812c9180835d2e", "name": "Alison Ferguso",
                "email": "alison.ferguso@identitysoon.com"
            }))
        );
        assert_eq!(
            FieldType::Identity.accept(&json!({"id": "2"}), None),
            Ok(json!({"type": "IDENTITY", "id": "2", "name": null, "email": null}))
        );
        assert_eq!(FieldType::Identity.accept(&json!(null), Some(&old)), Ok(json!(null)));
        for (wrong, text) in [
            (json!("1"), "must be null or an object with the id of an identity"),
            (json!({"id": null}), "must be null or an object with the id of an identity"),
            (json!({"id": "1", "type": "ROLE"}), "must have the type IDENTITY"),
        ] {
            assert_eq!(FieldType::Identity.accept(&wrong, Some(&old)), Err(text.to_owned()));
        }
    }
}
