//! What the digest of a plan covers.

use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{PlanFile, ResourceEntry, Status};

/// What the digest of a plan covers, written without a copy of any value.
pub(super) struct Decided<'p>(pub(super) &'p PlanFile);

impl Serialize for Decided<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Decided(plan) = self;
        let mut list = serializer.serialize_seq(None)?;
        for tenant in &plan.tenants {
            for resource in tenant.resources.iter().filter(|resource| resource.status != Status::Failed) {
                list.serialize_element(&DecidedResource(&tenant.url, resource))?;
            }
        }
        // Only where it is used, so that plans of everything keep their digests.
        if !plan.only.is_empty() {
            list.serialize_element(&serde_json::json!({ "only": plan.only }))?;
        }
        list.end()
    }
}

struct DecidedResource<'p>(&'p str, &'p ResourceEntry);

impl Serialize for DecidedResource<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let DecidedResource(url, resource) = self;
        let mut list = serializer.serialize_seq(None)?;
        list.serialize_element(url)?;
        list.serialize_element(&resource.resource)?;
        list.serialize_element(&resource.api_version)?;
        // An absent setting and a null one are two things, so absent is the empty list.
        let changes = resource.changes.iter().map(|change| {
            let before: Vec<&Value> = change.before.as_deref().into_iter().collect();
            (&change.path, before, change.value())
        });
        list.serialize_element(&changes.collect::<Vec<_>>())?;
        // At the end and only where there is one, so that plans without instances keep their digests.
        if let Some(instance) = &resource.instance {
            list.serialize_element(instance)?;
        }
        if let Some(above) = &resource.above {
            list.serialize_element(above)?;
        }
        list.end()
    }
}
