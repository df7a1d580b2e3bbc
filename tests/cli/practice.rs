//! The practice tenant's rules and the catalogue are two readings of SailPoint's documents: where they differ, one of
//! them is wrong.

use reqwest::{Client, Method};
use sailplan::testing::{CATALOGUE, Generation, Key, Write, document};
use serde_json::{Value, json};

use crate::harness::Site;

/// What no setting takes.
const WRONG: &str = "[0]";

/// A practice tenant with a client that has a token.
struct Asked {
    site: Site,
    client: Client,
    token: String,
}

impl Asked {
    async fn new() -> Asked {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().build().unwrap();
        let site = Site::new().tenant();
        let form = [("grant_type", "client_credentials"), ("client_id", "me"), ("client_secret", "hush")];
        let answer = client.post(format!("{}/oauth/token", site.url())).form(&form).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        let token = answer["access_token"].as_str().unwrap().to_owned();
        Asked { site, client, token }
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let mut request = self.client.request(method, format!("{}{path}", self.site.url()));
        request = request.bearer_auth(&self.token).header("X-SailPoint-Experimental", "true");
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// Returns whether the tenant knows a field of a generation: then it refuses a value of the wrong type.
    async fn knows(&self, key: &Key, generation: &Generation, live: &Value, pointer: &str) -> bool {
        let wrong: Value = serde_json::from_str(WRONG).unwrap();
        let (method, body) = match key.resource.write {
            Write::Patch => (Method::PATCH, json!([{"op": "replace", "path": pointer, "value": wrong}])),
            Write::Put { .. } => (Method::PUT, with(live.clone(), pointer, wrong)),
        };
        let (status, answer) = self.send(method, &generation.write_path_of(key), Some(&body)).await;
        assert!([200, 400].contains(&status), "{status} {answer}");
        let told = answer["messages"][0]["text"].as_str().unwrap_or_default();
        status == 400 && !told.contains("is not supported")
    }
}

/// Returns the document with a value at a pointer, in objects that are made where they are missing.
fn with(mut document: Value, pointer: &str, value: Value) -> Value {
    let mut place = &mut document;
    for key in pointer.split('/').skip(1) {
        place = &mut place[key];
    }
    *place = value;
    document
}

#[tokio::test]
async fn the_practice_tenant_has_the_settings_of_the_catalogue_in_the_same_generations() {
    let asked = Asked::new().await;
    let fresh = asked.site.read("tenant-state.json");
    let mut differences = Vec::new();
    let mut known = 0;
    for resource in CATALOGUE {
        let key = Key::named(resource.name, resource.instances.map(|instances| instances.example)).unwrap();
        for generation in resource.generations {
            let (_, live) = asked.send(Method::GET, &generation.path_of(&key), None).await;
            for pointer in document::unknown(resource, &live) {
                differences
                    .push(format!("only the practice tenant has {}{pointer} in {}", resource.name, generation.name));
            }
            for setting in resource.distinct() {
                let (here, pointer) = (resource.setting_in(generation, setting.pointer).is_some(), setting.pointer);
                let there = asked.knows(&key, generation, &live, pointer).await;
                known += usize::from(there);
                if here != there {
                    let who = if here { "only the catalogue" } else { "only the practice tenant" };
                    differences.push(format!("{who} has {}{pointer} in {}", resource.name, generation.name));
                }
                asked.site.write("tenant-state.json", &fresh);
            }
        }
    }
    assert!(
        differences.is_empty(),
        "look into SailPoint's documents; the practice tenant's rules are in src/practice/field.rs, \
         src/practice/jit.rs and src/practice/approvals.rs: {differences:#?}"
    );
    assert!(known > 100, "{known}");
}
