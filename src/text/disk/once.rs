//! Files of which each is read once, however many of its readers ask for it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Files;
use crate::text::problem::Problem;
use crate::text::source::Source;

/// One state of the files, of which each is read once.
pub struct Once<'a> {
    files: &'a dyn Files,
    read: RefCell<HashMap<PathBuf, Result<Arc<Source>, Problem>>>,
}

impl<'a> Once<'a> {
    /// Starts with nothing read.
    pub fn new(files: &'a dyn Files) -> Once<'a> {
        Once { files, read: RefCell::default() }
    }

    /// Reads files together, so that [`Files::read`] finds them done.
    pub fn read_ahead(&self, paths: &[&Path]) {
        let read = paths.iter().map(|path| path.to_path_buf()).zip(self.files.read_all(paths));
        self.read.borrow_mut().extend(read);
    }
}

impl Files for Once<'_> {
    fn read(&self, path: &Path) -> Result<Arc<Source>, Problem> {
        if let Some(read) = self.read.borrow().get(path) {
            return read.clone();
        }
        let read = self.files.read(path);
        self.read.borrow_mut().insert(path.to_owned(), read.clone());
        read
    }

    fn confined(&self, folder: &Path, path: &Path) -> Option<PathBuf> {
        self.files.confined(folder, path)
    }

    fn names_in(&self, folder: &Path) -> Result<Vec<String>, Problem> {
        self.files.names_in(folder)
    }
}
