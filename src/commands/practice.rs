//! `sailplan practice`: a practice tenant over HTTP, for any client.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::streams;
use crate::practice::{Fault, Options, Practice};
use crate::run::interrupt::Interrupts;
use crate::run::runtime;
use crate::ui::{Exit, Stop};
use crate::workspace::load::Context;

/// Serve a practice tenant over HTTP until interrupted. Any client id and secret that are not empty get a token with all
/// scopes. The address is printed to standard output.
#[derive(Args, Debug)]
pub struct PracticeArgs {
    /// Address to listen on: IP:PORT, localhost:PORT, or a port of this machine; port 0 takes any free one
    #[arg(long, value_name = "ADDR", value_parser = address, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The file that keeps the tenant's state; created with SailPoint's example documents if it does not exist
    #[arg(long, value_name = "FILE", value_parser = streams::named(), default_value = ".sailplan/tenant.json")]
    pub state: PathBuf,
    /// Write every request to FILE, one JSON object per line, without secrets
    #[arg(long, value_name = "FILE", value_parser = streams::log())]
    pub record: Option<PathBuf>,
    /// User level of every token, such as ORG_ADMIN; repeatable. Without it, tokens name no level, and none is required
    #[arg(long = "user-level", value_name = "LEVEL", value_parser = level)]
    pub user_levels: Vec<String>,
    /// Scope of every token, such as idn:jit-policy:read; repeatable. Without it, tokens have all scopes
    #[arg(long = "scope", value_name = "SCOPE", value_parser = NonEmptyStringValueParser::new())]
    pub scopes: Vec<String>,
    /// Fail on purpose, such as "429 GET times=2 retry-after=1", "500 PUT" or "drop-after PATCH"; repeatable
    #[arg(long = "fault", value_name = "FAULT", long_help = fault_help())]
    pub faults: Vec<Fault>,
}

fn level(text: &str) -> Result<String, String> {
    let good = !text.is_empty() && text.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_');
    if good { Ok(text.to_owned()) } else { Err("write it as SailPoint does, such as POLICY_ADMIN".to_owned()) }
}

fn fault_help() -> String {
    let kinds = Fault::KINDS.iter().map(|(name, takes, does)| match *takes {
        "" => format!("\n  {name}: {does}"),
        takes => format!("\n  {name} {takes}: {does}"),
    });
    format!(
        "Fail on purpose; repeatable. A fault is KIND [METHOD] [/PATH] [skip=N] [times=N] and what its kind takes, such as \
         \"429 GET times=2 retry-after=1\": it holds for requests with that method and path, after N others, N times \
         (default 1). The kinds:{}",
        kinds.collect::<String>()
    )
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let port = text.strip_prefix("localhost:").or_else(|| text.strip_prefix(':')).unwrap_or(text);
    let local = || port.parse().ok().map(|port: u16| SocketAddr::from(([127, 0, 0, 1], port)));
    text.parse().ok().or_else(local).ok_or_else(|| "write it as IP:PORT, localhost:PORT or PORT".to_owned())
}

/// Runs the command.
///
/// # Errors
///
/// The address is taken or the state file cannot be used.
pub fn run(context: &Context, args: PracticeArgs) -> anyhow::Result<Exit> {
    let PracticeArgs { listen, state, record, user_levels, scopes, faults } = args;
    let given = |list: Vec<String>| (!list.is_empty()).then_some(list);
    let options = Options {
        listen,
        record,
        faults,
        user_levels: given(user_levels),
        scopes: given(scopes),
        ..Options::new(state.clone())
    };
    let practice = Practice::start(options)
        .map_err(|error| Stop::new(Exit::Failed, format!("{error:#}"), "choose another --listen or --state"))?;
    context.ui.result(&format!("{}\n", practice.url()))?;
    if !listen.ip().is_loopback() {
        let text = "other machines can reach this practice tenant, and any credentials let them change it";
        context.ui.warn(text, &["--listen 127.0.0.1:8080 keeps it on this machine".to_owned()]);
    }
    context.ui.say(&format!("A practice tenant, kept in {}. In another terminal:", state.display()));
    context
        .ui
        .say(&format!("  export SAIL_BASE_URL={} SAIL_CLIENT_ID=practice SAIL_CLIENT_SECRET=practice", practice.url()));
    runtime()?.block_on(async {
        let interrupts = Interrupts::listen(context.again());
        practice.run_until(interrupts.reached(1)).await
    })?;
    Ok(Exit::Done)
}
