//! Runs on one machine that write to the same tenant wait for each other. The lock belongs to the address, so it holds for
//! two checkouts and two names of a tenant as well.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::documents::seal;
use crate::text::disk::{self, Held, shown};
use crate::text::paths::real_path;
use crate::ui::{Exit, Stop, Ui};
use crate::workspace::Target;
use crate::workspace::access::Location;
use crate::workspace::load::variable;

/// How long to wait before another look at a lock that is taken.
const PAUSE: Duration = Duration::from_millis(100);

/// The locks of a run. They are released when it is dropped, or the process ends.
#[derive(Debug)]
pub struct Locks {
    _held: Vec<Held>,
}

impl Locks {
    /// Takes the locks of all targets that can be reached, waiting for other runs as long as `timeout`.
    ///
    /// # Errors
    ///
    /// Another run holds one for longer, or the folder of the locks is not this user's own.
    pub async fn take(targets: &[Target], timeout: Duration, ui: Ui) -> Result<Locks, Stop> {
        // In one order, or two runs would wait for each other.
        let addresses: BTreeMap<String, &str> = targets.iter().filter_map(address).collect();
        let folder = match disk::user_folder(variable("XDG_RUNTIME_DIR").map(PathBuf::from)) {
            Ok(folder) => folder,
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Err(not_own(&error)),
            Err(error) => {
                let text = format!("other runs on this machine are not waited for: no folder for locks: {error}");
                ui.warn(&text, &["set TMPDIR to a folder that this user can write to".to_owned()]);
                return Ok(Locks { _held: Vec::new() });
            }
        };
        let since = Instant::now();
        let mut held = Vec::new();
        for (address, url) in addresses {
            let sum = seal::sha256(&address);
            let name: String = sum.trim_start_matches("sha256:").chars().take(32).collect();
            held.push(take(&folder.join(format!("{name}.lock")), url, since, timeout, ui).await?);
        }
        Ok(Locks { _held: held })
    }
}

async fn take(path: &Path, url: &str, since: Instant, timeout: Duration, ui: Ui) -> Result<Held, Stop> {
    let mut told = false;
    loop {
        let found = disk::hold(path).map_err(|error| {
            let message = format!("the lock {} cannot be taken: {error}; nothing was sent", shown(path));
            Stop::new(Exit::Refused, message, "delete the file, or set TMPDIR to another folder")
        })?;
        if let Some(held) = found {
            return Ok(held);
        }
        if since.elapsed() >= timeout {
            let seconds = timeout.as_secs_f64();
            let message =
                format!("another run on this machine has been writing to {url} for {seconds} s; nothing was sent");
            let help = "run the command again when it has ended, or give --lock-timeout SECONDS to wait longer";
            return Err(Stop::new(Exit::Refused, message, help));
        }
        if !told {
            ui.warn(&format!("another run on this machine is writing to {url}; waiting"), &[]);
            told = true;
        }
        sleep(PAUSE.min(timeout)).await;
    }
}

fn not_own(error: &io::Error) -> Stop {
    Stop::new(
        Exit::Refused,
        format!("the folder for the locks of this user cannot be used: {error}; nothing was sent"),
        "set XDG_RUNTIME_DIR or TMPDIR to a folder that only this user can write to",
    )
}

/// Returns what the lock of a target stands for, and its name for people.
fn address(target: &Target) -> Option<(String, &str)> {
    let access = target.access.as_ref().ok()?;
    let address = match &access.location {
        Location::Address(address) => address.place(),
        Location::Practice(file) => format!("practice:{}", real_path(file).display()),
    };
    Some((address, &target.url))
}
