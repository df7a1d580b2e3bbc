//! The state file: read for every request, replaced in one step.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::access_request::{self, with_defaults};
use super::state::State;

/// SailPoint's published examples, spread over the fields of every generation.
const EXAMPLE: &str = include_str!("example.json");

/// How long a change waits for another process that is changing the same file.
const PATIENCE: Duration = Duration::from_secs(10);

/// Returns a new tenant: SailPoint's published examples, with defaults for the fields that they lack.
fn fresh() -> anyhow::Result<State> {
    let mut state = State::parse(EXAMPLE.as_bytes())?;
    let access = with_defaults(access_request::stored(&state));
    state.set(access_request::KEY, Some(access));
    Ok(state)
}

/// Where the state is kept.
pub(super) struct Store {
    path: PathBuf,
}

impl Store {
    /// Opens the state file; a missing one is written, its folder included, with SailPoint's published examples.
    pub(super) fn open(path: &Path) -> anyhow::Result<Store> {
        let path = std::path::absolute(path).with_context(|| format!("state file {} has no path", path.display()))?;
        let store = Store { path };
        if !store.path.exists() {
            if let Some(folder) = store.path.parent() {
                fs::create_dir_all(folder).with_context(|| {
                    format!("cannot create the folder {} for the practice tenant's state", folder.display())
                })?;
            }
            let _lock = store.lock_now()?;
            // Another process may have been first.
            if !store.path.exists() {
                store.write(&fresh()?)?;
            }
        }
        store.read()?;
        Ok(store)
    }

    /// Returns the state as it is now.
    pub(super) fn read(&self) -> anyhow::Result<State> {
        let shown = self.path.display();
        // Reading a FIFO would wait for ever.
        let kind = fs::metadata(&self.path)
            .with_context(|| format!("cannot read the practice tenant's state file {shown}"))?;
        if !kind.is_file() {
            bail!("the practice tenant's state {shown} is not a file; name another one");
        }
        let text =
            fs::read(&self.path).with_context(|| format!("cannot read the practice tenant's state file {shown}"))?;
        State::parse(&text).map_err(|error| {
            anyhow::anyhow!(
                "the practice tenant's state file {shown} is broken: {error}; fix it, or delete it to start again \
                 with the example documents"
            )
        })
    }

    /// Replaces the state in one step: a reader sees the old one or the new one. The caller holds the lock.
    pub(super) fn write(&self, state: &State) -> anyhow::Result<()> {
        let mut text = state.to_text()?;
        text.push(b'\n');
        self.put(&text)
    }

    fn put(&self, text: &[u8]) -> anyhow::Result<()> {
        // A rename would replace a symbolic link instead of the file behind it.
        let target = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let folder = target.parent().unwrap_or(Path::new("."));
        let write = || -> std::io::Result<()> {
            let mut file = tempfile::Builder::new().prefix(".practice-").tempfile_in(folder)?;
            if let Ok(old) = fs::metadata(&target) {
                file.as_file().set_permissions(old.permissions())?;
            }
            file.write_all(text)?;
            file.as_file().sync_all()?;
            file.persist(&target)?;
            Ok(())
        };
        write().with_context(|| format!("cannot write the practice tenant's state file {}", target.display()))
    }

    /// Waits until no other process, and no other practice tenant of this one, is changing the file.
    pub(super) async fn lock(&self) -> anyhow::Result<File> {
        let file = self.lock_file()?;
        let since = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if since.elapsed() < PATIENCE => {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                Err(error) => {
                    return Err(error).with_context(|| {
                        format!("another process keeps the practice tenant's state {} locked", self.path.display())
                    });
                }
            }
        }
    }

    fn lock_now(&self) -> anyhow::Result<File> {
        let file = self.lock_file()?;
        file.lock().with_context(|| format!("cannot lock the practice tenant's state {}", self.path.display()))?;
        Ok(file)
    }

    /// A file of its own, because the state file is a new one after every change.
    fn lock_file(&self) -> anyhow::Result<File> {
        let mut name = self.path.clone().into_os_string();
        name.push(".lock");
        // A link would make a file wherever it leads.
        if Path::new(&name).is_symlink() {
            bail!("the lock file {} is a symbolic link; delete it", Path::new(&name).display());
        }
        File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&name)
            .with_context(|| format!("cannot create the lock file {}", Path::new(&name).display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_missing_file_is_created_with_the_published_examples() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/tenant.json");
        let state = Store::open(&path).unwrap().read().unwrap();
        let example = State::parse(EXAMPLE.as_bytes()).unwrap();
        let jit = |state: &State| state.get("jitActivationPolicy").cloned();
        assert_eq!((jit(&state), &jit(&state).unwrap()["maxActivationPeriodMins"]), (jit(&example), &json!(120)));
        let access = |state: &State| access_request::stored(state);
        assert_eq!(access(&state), with_defaults(access(&example)));
        assert_eq!(access(&state)["autoApprovalEnabled"], json!(true));
    }

    #[test]
    fn a_change_keeps_unknown_keys() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tenant.json");
        fs::write(&path, r#"{"mine": 1.50, "accessRequestConfig": {"a": 1}}"#).unwrap();
        let store = Store::open(&path).unwrap();
        let mut state = store.read().unwrap();
        assert_eq!(state.get("jitActivationPolicy"), None);
        state.set("accessRequestConfig", Some(json!({"a": 2})));
        store.write(&state).unwrap();
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            "{\n  \"mine\": 1.50,\n  \"accessRequestConfig\": {\n    \"a\": 2\n  }\n}\n"
        );
    }

    #[test]
    fn a_broken_file_is_named_and_can_be_reset() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tenant.json");
        let cases = [
            ("", "EOF while parsing a value at line 1 column 0"),
            ("[]", "it is not a JSON object"),
            (r#"{"jitActivationPolicy": 1}"#, "jitActivationPolicy is neither an object nor null"),
        ];
        for (text, reason) in cases {
            fs::write(&path, text).unwrap();
            let error = Store::open(&path).err().unwrap();
            assert_eq!(
                error.to_string(),
                format!(
                    "the practice tenant's state file {} is broken: {reason}; fix it, or delete it to start again \
                     with the example documents",
                    path.display()
                )
            );
        }
    }

    #[test]
    fn a_folder_is_no_state_file() {
        let folder = tempfile::tempdir().unwrap();
        let error = Store::open(folder.path()).err().unwrap();
        assert_eq!(
            error.to_string(),
            format!("the practice tenant's state {} is not a file; name another one", folder.path().display())
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real.json"), folder.path().join("link.json"));
        fs::write(&real, "{}").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let store = Store::open(&link).unwrap();
        let mut state = store.read().unwrap();
        state.set("accessRequestConfig", Some(json!({})));
        store.write(&state).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "{\n  \"accessRequestConfig\": {}\n}\n");
    }
}
