use super::*;
use crate::text::problem::Place;
use crate::text::yaml::Source;

const SAIL: [(&str, &str); 3] = [
    ("SAIL_BASE_URL", "https://acme.api.identitynow.com"),
    ("SAIL_CLIENT_ID", "sail-id"),
    ("SAIL_CLIENT_SECRET", "sail-secret"),
];

fn lookup(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
    let variables: Vec<(String, String)> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    move |name| variables.iter().find(|(one, _)| one == name).map(|(_, value)| value.clone())
}

fn template(text: &str) -> Template {
    Template { text: text.to_owned(), place: Place { source: Source::new("sailplan.yaml", "x"), span: 0..1 } }
}

/// The address as shown, and the client id that would be used or what is wrong.
fn outcome(found: Found) -> (String, Result<Option<String>, String>) {
    let access = found.access.map(|access| access.credentials.map(|one| one.client_id));
    (found.url, access.map_err(|error| error.message))
}

fn tenant(
    url: &str,
    credentials: Option<(&str, &str)>,
    variables: &[(&str, &str)],
) -> (String, Result<Option<String>, String>) {
    let tenant = workspace_tenant(url, credentials);
    outcome(of_tenant(&tenant, &["ACME_KEY"], Path::new(""), lookup(variables)))
}

fn workspace_tenant(url: &str, credentials: Option<(&str, &str)>) -> workspace::Tenant {
    workspace::Tenant {
        name: "prod".to_owned(),
        url: template(url),
        labels: Vec::new(),
        client_id: credentials.map(|(id, _)| template(id)),
        client_secret: credentials.map(|(_, secret)| template(secret)),
        settings: Vec::new(),
        guardrails: Default::default(),
    }
}

#[test]
fn the_variables_of_the_environment_serve_the_address_they_belong_to() {
    let other = "SAIL_CLIENT_ID and SAIL_CLIENT_SECRET belong to the address in SAIL_BASE_URL, and this is another";
    let alone = "SAIL_CLIENT_ID and SAIL_CLIENT_SECRET are set without SAIL_BASE_URL, the address that they belong to";
    let acme = "https://acme.api.identitynow.com";
    let evil = "https://evil.api.identitynow.com";
    let port = "https://acme.api.identitynow.com:8443";
    let template = Some(("${SAIL_CLIENT_ID}", "${SAIL_CLIENT_SECRET}"));
    let own = Some(("${ID}", "${ACME_KEY}"));
    let used = Ok(Some("sail-id".to_owned()));
    let refused = |why: &str| Err(why.to_owned());
    assert_eq!(tenant(acme, None, &SAIL), (acme.to_owned(), used.clone()));
    assert_eq!(tenant(evil, None, &SAIL), (evil.to_owned(), refused(other)));
    assert_eq!(tenant(port, None, &SAIL), (port.to_owned(), refused(other)));
    assert_eq!(tenant(acme, None, &SAIL[1..]), (acme.to_owned(), refused(alone)));
    assert_eq!(tenant(acme, template, &SAIL), (acme.to_owned(), used.clone()));
    assert_eq!(tenant(evil, template, &SAIL), (evil.to_owned(), refused(other)));
    let variables = [("ID", "own-id"), ("ACME_KEY", "own-secret"), SAIL[0], SAIL[1], SAIL[2]];
    assert_eq!(tenant(evil, own, &variables), (evil.to_owned(), Ok(Some("own-id".to_owned()))));
    let flag = |url: &str, variables: &[(&str, &str)]| outcome(of_environment(Some(url), lookup(variables)));
    assert_eq!(flag(evil, &SAIL), (evil.to_owned(), refused(other)));
    assert_eq!(flag(acme, &SAIL[1..]), (acme.to_owned(), used));
}

#[test]
fn the_variables_that_are_missing_are_named() {
    let said = |set: &[usize]| {
        let set: Vec<(&str, &str)> = set.iter().map(|index| SAIL[*index]).collect();
        let failure = of_environment(None, lookup(&set)).access.unwrap_err();
        format!("{}\n{}", failure.message, failure.help.join("\n"))
    };
    let of = "of a personal access token or an API client of the tenant";
    let address =
        "set SAIL_BASE_URL to the tenant's address, https://TENANT.api.identitynow.com, or give it with --url";
    let workspace = "or describe tenants in a workspace: sailplan init";
    let both = format!("set SAIL_CLIENT_ID and SAIL_CLIENT_SECRET to the client id and secret {of}");
    assert_eq!(
        said(&[]),
        format!(
            "no tenant is named: SAIL_BASE_URL, SAIL_CLIENT_ID and SAIL_CLIENT_SECRET are not set, or they are \
             empty\n{address}\n{both}\n{workspace}"
        )
    );
    assert_eq!(
        said(&[1, 2]),
        format!("no tenant is named: SAIL_BASE_URL is not set, or it is empty\n{address}\n{workspace}")
    );
    assert_eq!(said(&[0]), format!("SAIL_CLIENT_ID and SAIL_CLIENT_SECRET are not set, or they are empty\n{both}"));
    let (id, secret) = (format!("set SAIL_CLIENT_ID to the client id {of}"), "SAIL_CLIENT_SECRET");
    assert_eq!(said(&[0, 2]), format!("SAIL_CLIENT_ID is not set, or it is empty\n{id}"));
    assert_eq!(said(&[0, 1]), format!("{secret} is not set, or it is empty\nset {secret} to the client secret {of}"));
    let wrong = |flag: Option<&str>| of_environment(flag, lookup(&[("SAIL_BASE_URL", "acme")])).access.unwrap_err();
    assert_eq!(wrong(None).message, "SAIL_BASE_URL: not the address of a tenant");
    assert_eq!(wrong(Some("acme")).message, "--url: not the address of a tenant");
    // In a workspace they serve the tenant in SAIL_BASE_URL that has no credentials of its own.
    let (_, access) = tenant("https://acme.api.identitynow.com", None, &SAIL[..2]);
    assert_eq!(access, Err("SAIL_CLIENT_SECRET is not set, or it is empty".to_owned()));
    let (_, access) = tenant("https://acme.api.identitynow.com", None, &SAIL[..1]);
    assert_eq!(access, Ok(None));
}

#[test]
fn every_variable_of_a_tenant_that_is_missing_is_named_at_once() {
    let own = Some(("${ID}", "${ACME_KEY}"));
    let acme = "https://acme.api.identitynow.com";
    let why = |url: &str, variables: &[(&str, &str)]| {
        let (url, access) = tenant(url, own, variables);
        (url, access.unwrap_err())
    };
    let said = |names: &str| format!("sailplan.yaml:1:1: the environment variable{names} not set");
    assert_eq!(why("${ADDRESS}", &[]), ("${ADDRESS}".to_owned(), said("s ADDRESS, ID and ACME_KEY are")));
    assert_eq!(why("${ADDRESS}", &[("ID", "i"), ("ACME_KEY", "k")]).1, said(" ADDRESS is"));
    assert_eq!(why("${ADDRESS}", &[("ADDRESS", acme)]), (acme.to_owned(), said("s ID and ACME_KEY are")));
    assert_eq!(why(acme, &[("ID", "i"), ("ACME_KEY", "")]).1, said(" ACME_KEY is"));
    // What must not be shown is not shown because something else is missing.
    assert_eq!(why("${ADDRESS}", &[("ADDRESS", "s3cret")]).0, "${ADDRESS}");
}

#[test]
fn an_address_shows_no_secret() {
    let environment = |url: &str| of_environment(Some(url), lookup(&[])).url;
    assert_eq!(environment("https://id:s3cret@acme.example/x?token=abc"), "https://acme.example/x");
    assert_eq!(environment("s3cret-pasted-here"), "not an address");
    for url in ["https://${ACME_KEY}.api.identitynow.com", "${MY_TOKEN}", "https://x/${SAIL_CLIENT_SECRET}"] {
        let variables = [("ACME_KEY", "s3cret"), ("MY_TOKEN", "s3cret"), ("SAIL_CLIENT_SECRET", "s3cret")];
        let (shown, access) = tenant(url, None, &variables);
        assert_eq!(shown, url);
        assert!(access.is_err_and(|message| message.ends_with("which may hold a secret")), "{url}");
    }
}

#[test]
fn a_variable_in_the_address_is_an_allowed_address_or_is_not_shown() {
    let own = Some(("${ID}", "${ACME_KEY}"));
    let shown = |value: &str, hosts: &str| {
        let variables = [("ADDRESS", value), ("SAILPLAN_ALLOWED_HOSTS", hosts), ("ID", "own-id"), ("ACME_KEY", "k")];
        let (url, access) = tenant("${ADDRESS}", own, &variables);
        let message = access.err().unwrap_or_default();
        assert!(value.starts_with("http") || !format!("{url} {message}").contains(value), "{url} {message}");
        (url, message.split_once("ADDRESS ").map(|(_, what)| what.to_owned()).unwrap_or_default())
    };
    let acme = "https://acme.api.identitynow.com";
    assert_eq!(shown(acme, ""), (acme.to_owned(), String::new()));
    let template = "${ADDRESS}".to_owned();
    let not_address = (template.clone(), "is not the address of a tenant".to_owned());
    let not_allowed =
        (template.clone(), "is an address of neither SailPoint nor a host in SAILPLAN_ALLOWED_HOSTS".to_owned());
    for value in ["s3cret-in-the-wrong-variable", "s3cret.example", "https://id:s3cret@acme.api.identitynow.com"] {
        assert_eq!(shown(value, ""), not_address, "{value}");
    }
    for value in ["https://s3cret.example", "http://127.0.0.1:9", "https://acme.api.identitynow.com:8443"] {
        assert_eq!(shown(value, ""), not_allowed, "{value}");
    }
    for (value, hosts) in [("https://gateway.example", "gateway.example"), ("http://127.0.0.1:9", "127.0.0.1:*")] {
        assert_eq!(shown(value, hosts), (value.to_owned(), String::new()));
    }
    let broken = format!("{acme}\n");
    assert_eq!(shown(&broken, ""), (template, "has a line break in it".to_owned()));
}

#[test]
fn a_practice_tenant_is_the_same_whatever_leads_to_its_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("states")).unwrap();
    std::os::unix::fs::symlink("states", folder.path().join("link")).unwrap();
    let url = |file: &str| found(&format!("practice:{file}"), folder.path(), |_| Ok(None)).url;
    for file in ["states/t.json", "./states/t.json", "x/../states/t.json", "link/t.json", "link/../link/t.json"] {
        assert_eq!(url(file), "practice:states/t.json", "{file}");
    }
    let git = found("practice:.git", folder.path(), |_| Ok(None)).access.unwrap_err();
    assert_eq!(git.message, "the practice tenant's file .git is one of git's own");
}

#[test]
fn what_was_pasted_around_a_credential_is_named() {
    let acme = "https://acme.api.identitynow.com";
    for (value, what) in [
        ("s3cret\n", "has a line break in it"),
        (" s3cret", "begins or ends with a space"),
        ("s3cret\u{a0}", "begins or ends with a space"),
        ("\u{feff}s3cret", "begins or ends with a space"),
        ("\"s3cret\"", "stands in quotation marks"),
        ("\u{201c}s3cret\u{201d}", "stands in quotation marks"),
        ("s3\tcret", "has a tab or another control character in it"),
        ("s3\u{200b}cret", "has a character in it that looks like another one or cannot be seen"),
        ("s3\u{2013}cret", "has a character in it that looks like another one or cannot be seen"),
        ("s3\u{441}ret", "has a character in it that looks like another one or cannot be seen"),
        ("********", "is masked: it is only asterisks"),
        ("${ACME_KEY}", "is a placeholder that was not filled in"),
        ("{{ acme_key }}", "is a placeholder that was not filled in"),
        ("$(ACME_KEY)", "is a placeholder that was not filled in"),
        ("<secret>", "is a placeholder that was not filled in"),
        ("null", "is a placeholder that was not filled in"),
    ] {
        let variables = [("ID", "own-id"), ("ACME_KEY", value)];
        let (_, access) = tenant(acme, Some(("${ID}", "${ACME_KEY}")), &variables);
        assert_eq!(access, Err(format!("the value of ACME_KEY {what}")));
        let sail = [SAIL[0], ("SAIL_CLIENT_ID", value), SAIL[2]];
        let (_, access) = outcome(of_environment(None, lookup(&sail)));
        assert_eq!(access, Err(format!("the value of SAIL_CLIENT_ID {what}")));
    }
    let base = [("SAIL_BASE_URL", "https://acme.api.identitynow.com\r\n")];
    let (_, access) = outcome(of_environment(None, lookup(&base)));
    assert_eq!(access, Err("the value of SAIL_BASE_URL has a line break in it".to_owned()));
}

#[test]
fn a_credential_can_be_a_file_of_the_folder_of_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let acme = "https://acme.api.identitynow.com";
    let path = folder.path().to_str().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    put("prod-id", "own-id\n");
    put("prod.secret", "own-secret\r\n");
    put("empty", "\n");
    put("pasted", "two\nlines\n");
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    let access = |id: &str, secret: &str, folder: &str| {
        let variables = [("SAILPLAN_SECRETS_DIR", folder)];
        let tenant = workspace_tenant(acme, Some((id, secret)));
        let found = of_tenant(&tenant, &[], Path::new(""), lookup(&variables));
        found.access.map(|access| access.credentials.unwrap()).map_err(|failure| failure.message)
    };
    let credentials = access("${file:prod-id}", "${file:prod.secret}", path).unwrap();
    use secrecy::ExposeSecret as _;
    assert_eq!(credentials.client_id, "own-id");
    assert_eq!(credentials.client_secret.expose_secret(), "own-secret");
    assert!(!credentials.loopback);
    let why = |name: &str, folder: &str| access("id", &format!("${{file:{name}}}"), folder).unwrap_err();
    assert_eq!(why("prod.secret", ""), "${file:prod.secret} is a file in SAILPLAN_SECRETS_DIR, which is not set");
    assert_eq!(why("empty", path), "${file:empty} cannot be read: it is empty");
    assert_eq!(why("pasted", path), "the value of ${file:pasted} has a line break in it");
    for name in ["gone", "folder"] {
        let message = why(name, path);
        assert!(message.starts_with(&format!("${{file:{name}}} cannot be read: ")), "{message}");
    }
    // Nothing outside of the folder has such a name.
    for name in ["../x", "a/b", ".hidden", ""] {
        let message = why(name, path);
        assert!(!message.contains("own-"), "{message}");
        assert!(!crate::workspace::template::is_source(&format!("file:{name}")), "{name}");
    }
}

#[test]
fn credentials_of_a_workspace_may_not_go_to_this_machine_unless_it_is_named() {
    let loopback = |credentials: Option<(&str, &str)>| {
        let here = "http://127.0.0.1:8080";
        let variables = [("SAIL_BASE_URL", here), SAIL[1], SAIL[2], ("ID", "own-id"), ("ACME_KEY", "own-secret")];
        let tenant = workspace_tenant(here, credentials);
        let found = of_tenant(&tenant, &[], Path::new(""), lookup(&variables));
        found.access.unwrap().credentials.unwrap().loopback
    };
    assert!(loopback(None));
    assert!(loopback(Some(("${SAIL_CLIENT_ID}", "${SAIL_CLIENT_SECRET}"))));
    assert!(!loopback(Some(("${ID}", "${ACME_KEY}"))));
    assert!(!loopback(Some(("${SAIL_CLIENT_ID}", "${ACME_KEY}"))));
}
