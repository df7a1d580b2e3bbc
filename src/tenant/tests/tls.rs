//! Certificates and handshakes.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio_rustls::{TlsAcceptor, rustls};

use super::super::HttpOptions;
use super::super::script::{Script, ok};
use super::{CONFIG, LINE_GET, LINE_TOKEN, document, get, options, said, tenant_with, token};

/// A server's TLS, and the certificate authority that vouches for it, as PEM.
fn authority() -> (TlsAcceptor, String) {
    let ca_key = rcgen::KeyPair::generate().unwrap();
    let mut ca = rcgen::CertificateParams::new([]).unwrap();
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let ca_pem = ca.self_signed(&ca_key).unwrap().pem();
    let issuer = rcgen::Issuer::new(ca, ca_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let server = rcgen::CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let certificate = server.signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), ca_pem)
}

#[tokio::test]
async fn a_certificate_authority_of_ones_own_can_be_added() {
    let (tls, ca) = authority();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    // Several certificates in one file are all read.
    std::fs::write(&path, authority().1 + &ca).unwrap();
    let server = Script::start_tls(vec![token(), get(ok("{}"))], tls).await;
    let trusting = HttpOptions { ca_cert: Some(path.clone()), ..options() };
    let read = tenant_with(&server.url(), trusting.clone()).get(&CONFIG).await.unwrap();
    assert_eq!(read, document(json!({})));
    assert_eq!(server.lines(), [LINE_TOKEN, LINE_GET]);

    let error = tenant_with(&server.url(), options()).get(&CONFIG).await.unwrap_err();
    assert_eq!(said(&error), ["POST /oauth/token at 127.0.0.1: its certificate is not trusted: UnknownIssuer"]);
    assert_eq!(
        error.hint().unwrap(),
        "if a proxy or server of your own stands there, give its certificate authority with --ca-cert FILE"
    );

    for (content, reason) in [
        ("", "no certificate in this file"),
        ("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", "not a PEM file of certificates"),
    ] {
        std::fs::write(&path, content).unwrap();
        let error = tenant_with(&server.url(), trusting.clone()).get(&CONFIG).await.unwrap_err();
        assert_eq!(
            said(&error),
            [format!("POST /oauth/token at 127.0.0.1: cannot prepare TLS: {}: {reason}", path.display())]
        );
    }
}

#[tokio::test]
async fn a_handshake_that_stalls_ends_with_the_connect_timeout() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", silent.local_addr().unwrap());
    let options = HttpOptions { retries: 0, connect_timeout: Duration::from_millis(200), ..options() };
    let error = tenant_with(&url, options).get(&CONFIG).await.unwrap_err();
    assert_eq!(said(&error), ["POST /oauth/token at 127.0.0.1: no connection within 200ms"]);
}
