//! The practice tenant over real HTTP.

mod approvals;
mod documents;
mod faults;
mod life;
mod lists;

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use tempfile::TempDir;

use super::{Options, Practice};

/// A practice tenant with a client that has a token.
struct Bench {
    practice: Practice,
    client: Client,
    token: String,
    folder: TempDir,
}

fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

async fn log_in(client: &Client, url: &str) -> Value {
    let form = [("grant_type", "client_credentials"), ("client_id", "me"), ("client_secret", "hush")];
    client.post(format!("{url}/oauth/token")).form(&form).send().await.unwrap().json().await.unwrap()
}

impl Bench {
    async fn new() -> Bench {
        Bench::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Options)) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let mut options = Options::new(folder.path().join("tenant.json"));
        change(&mut options);
        let practice = Practice::start(options).unwrap();
        let client = client();
        let token = log_in(&client, practice.url()).await["access_token"].as_str().unwrap().to_owned();
        Bench { practice, client, token, folder }
    }

    fn fault(&self, text: &str) {
        self.practice.inject(text.parse().unwrap());
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.practice.url()))
            .bearer_auth(&self.token)
            .header("X-SailPoint-Experimental", "true")
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Response {
        self.request(method, path).json(body).send().await.unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        let response = self.request(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    async fn put(&self, path: &str, body: &Value) -> Value {
        let response = self.send(Method::PUT, path, body).await;
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    /// Sends one JIT operation; returns the status and the answer.
    async fn patch(&self, path: &str, value: &Value) -> (u16, Value) {
        let body = serde_json::json!([{"op": "replace", "path": path, "value": value}]);
        let response = self.send(Method::PATCH, JIT, &body).await;
        (response.status().as_u16(), response.json().await.unwrap())
    }

    fn write_state(&self, text: &str) {
        std::fs::write(self.folder.path().join("tenant.json"), text).unwrap();
    }
}

const JIT: &str = "/jit-activation-config/v1/policy";
const BETA: &str = "/beta/access-request-config";
const V2: &str = "/access-request-config/v2";

/// Status and the first text of an error document.
async fn refused(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, body["messages"][0]["text"].as_str().unwrap().to_owned())
}
