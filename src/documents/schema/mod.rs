//! The published JSON Schemas (draft 7, the newest that the YAML language server documents), made from the catalogue and
//! from the types of the documents.
#![expect(clippy::indexing_slicing, reason = "indexing by key adds to the JSON objects that are built here")]

mod guardrails;
mod settings;
mod together;
mod workspace;

use clap::ValueEnum;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use self::guardrails::allowances;
use self::settings::settings;
use self::together::together;
use self::workspace::{tenant_file, workspace};
use crate::documents::doctor::Diagnosis;
use crate::documents::listing::TenantList;
use crate::documents::plan::PlanFile;
use crate::documents::receipt::Receipt;
use crate::documents::validation::Validation;
use crate::documents::version::Version;
use crate::resource::explain::Explanation;

/// The folder beside a workspace file in which `sailplan init` puts schemas for editors.
pub const FOLDER: &str = "schemas";

/// What there is a schema of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Schema {
    /// Settings files
    Settings,
    /// The workspace file sailplan.yaml
    Workspace,
    /// Files of single tenants, which tenantsFrom in the workspace file names
    TenantFile,
    /// Files of allowances
    Allowances,
    /// Plans, as plan --format json prints them
    Plan,
    /// Receipts
    Receipt,
    /// What validate --format json prints
    Validation,
    /// What explain --format json prints
    Explanation,
    /// What tenants --format json prints
    Tenants,
    /// What doctor --format json prints
    Diagnosis,
    /// What version --format json prints
    Version,
}

impl Schema {
    /// Every schema.
    pub const ALL: [Schema; 11] = [
        Schema::Settings,
        Schema::Workspace,
        Schema::TenantFile,
        Schema::Allowances,
        Schema::Plan,
        Schema::Receipt,
        Schema::Validation,
        Schema::Explanation,
        Schema::Tenants,
        Schema::Diagnosis,
        Schema::Version,
    ];

    /// Returns the file in `schemas/` that holds it.
    pub fn file(self) -> &'static str {
        match self {
            Schema::Settings => "settings.schema.json",
            Schema::Workspace => "workspace.schema.json",
            Schema::TenantFile => "tenant-file.schema.json",
            Schema::Allowances => "allowances.schema.json",
            Schema::Plan => "plan.schema.json",
            Schema::Receipt => "receipt.schema.json",
            Schema::Validation => "validation.schema.json",
            Schema::Explanation => "explanation.schema.json",
            Schema::Tenants => "tenants.schema.json",
            Schema::Diagnosis => "diagnosis.schema.json",
            Schema::Version => "version.schema.json",
        }
    }
}

/// Returns a schema as text.
///
/// # Errors
///
/// The schema cannot be written as JSON.
pub fn text(schema: Schema) -> serde_json::Result<String> {
    let generator = || SchemaSettings::draft07().into_generator();
    let value = match schema {
        Schema::Settings => together(settings()),
        Schema::Workspace => together(workspace()),
        Schema::TenantFile => together(tenant_file()),
        Schema::Allowances => together(allowances()),
        Schema::Plan => sealed(generator().into_root_schema_for::<PlanFile>().to_value()),
        Schema::Receipt => sealed(generator().into_root_schema_for::<Receipt>().to_value()),
        Schema::Validation => generator().into_root_schema_for::<Validation>().to_value(),
        Schema::Explanation => generator().into_root_schema_for::<Explanation>().to_value(),
        Schema::Tenants => generator().into_root_schema_for::<TenantList>().to_value(),
        Schema::Diagnosis => generator().into_root_schema_for::<Diagnosis>().to_value(),
        Schema::Version => generator().into_root_schema_for::<Version>().to_value(),
    };
    Ok(format!("{}\n", serde_json::to_string_pretty(&value)?))
}

/// Returns the title of a schema, as its text says; `None` if the text is not a JSON Schema of the draft used here.
pub fn title(text: &str) -> Option<String> {
    let schema: Value = serde_json::from_str(text).ok()?;
    let title = schema.get("title")?.as_str()?;
    (schema.get("$schema")? == DRAFT).then(|| title.to_owned())
}

const DRAFT: &str = "http://json-schema.org/draft-07/schema#";

/// Adds what [`crate::documents::seal::Sealed`] adds to the document.
fn sealed(mut schema: Value) -> Value {
    schema["properties"]["checksum"] = json!({
        "description": "SHA-256 over the rest of the document, to tell a file that was damaged or edited.",
        "type": "string",
    });
    if let Some(required) = schema["required"].as_array_mut() {
        required.push(json!("checksum"));
    }
    schema
}
fn text_of(about: &str) -> Value {
    json!({"description": about, "type": "string", "pattern": "\\S"})
}
