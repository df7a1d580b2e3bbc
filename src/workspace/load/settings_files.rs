//! The settings files of many tenants, which share some of them: each is read once, and each of its problems told once.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::settings::{self, Desired};
use crate::text::disk::{Files, Once, shown};
use crate::text::problem::{Problem, rules};
use crate::text::source::Source;
use crate::text::threads;
use crate::workspace::{self, Listed};

/// The settings files of one state of the files, each of which is read once for all tenants.
pub struct SettingsFiles<'a> {
    files: Once<'a>,
    reading: settings::Reading,
}

impl<'a> SettingsFiles<'a> {
    /// The files of one state, from the disk or from a revision.
    pub fn of(files: &'a dyn Files) -> SettingsFiles<'a> {
        SettingsFiles { files: Once::new(files), reading: settings::Reading::default() }
    }

    /// Reads the settings files of many tenants side by side, so that [`SettingsFiles::read`] finds them done.
    pub(super) fn read_ahead<'f>(&mut self, tenants: impl Iterator<Item = &'f [Listed]>) {
        let tenants: Vec<&[Listed]> = tenants.collect();
        let paths: BTreeSet<&Path> = tenants.iter().copied().flatten().map(|file| file.path.as_path()).collect();
        self.files.read_ahead(&Vec::from_iter(paths));
        let tenants: Vec<Vec<Arc<Source>>> =
            tenants.into_iter().map(|layers| workspace::read_files(&self.files, layers).0).collect();
        self.reading.read_ahead(&tenants);
    }

    /// Reads the settings files of a tenant, and returns each problem once, though a file may be listed twice.
    pub fn read(&mut self, layers: &[Listed]) -> (Desired, Vec<Problem>) {
        let (sources, mut problems) = workspace::read_files(&self.files, layers);
        let (desired, found) = self.reading.read(&sources, !problems.is_empty());
        problems.extend(found);
        let mut told = HashSet::new();
        problems.retain(|problem| told.insert(problem.clone()));
        (desired, problems)
    }

    /// Gives back the memory of what was read for so many tenants.
    pub(super) fn give_back(self, tenants: usize) {
        threads::give_back(tenants, self.reading);
    }
}

/// The problems of the settings files of all tenants. Tenants share files, and a problem is one problem however many tenants
/// it concerns; whether a setting has no effect depends on the other files of a tenant, so the tenants are named unless they are
/// all that have the file.
#[derive(Default)]
pub(super) struct FoundInFiles<'a> {
    problems: Vec<(Problem, Vec<&'a str>)>,
    numbers: HashMap<Problem, usize>,
    /// How many tenants have each file.
    tenants: HashMap<String, usize>,
}

impl<'a> FoundInFiles<'a> {
    pub(super) fn add(&mut self, tenant: &'a str, files: &[PathBuf], problems: Vec<Problem>) {
        // A file may be listed twice.
        for file in files.iter().collect::<BTreeSet<_>>() {
            *self.tenants.entry(shown(file)).or_default() += 1;
        }
        for problem in problems {
            let next = self.problems.len();
            let number = *self.numbers.entry(problem.clone()).or_insert(next);
            match self.problems.get_mut(number) {
                Some((_, tenants)) => tenants.push(tenant),
                None => self.problems.push((problem, vec![tenant])),
            }
        }
    }

    /// Returns the problems, those about settings without effect last.
    pub(super) fn finish(self) -> impl Iterator<Item = Problem> {
        let FoundInFiles { problems, tenants: having, .. } = self;
        let (no_effect, others): (Vec<_>, Vec<_>) =
            problems.into_iter().partition(|(problem, _)| problem.rule == rules::NO_EFFECT);
        let no_effect = no_effect.into_iter().map(move |(problem, tenants)| {
            let file = problem.place.as_ref().map(|place| &place.source.name);
            if file.and_then(|file| having.get(file)) == Some(&tenants.len()) {
                return problem;
            }
            let what = if tenants.len() == 1 { "tenant" } else { "tenants" };
            Problem { message: format!("{what} {}: {}", tenants.join(", "), problem.message), ..problem }
        });
        others.into_iter().map(|(problem, _)| problem).chain(no_effect)
    }
}
