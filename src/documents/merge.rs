//! The parts of one plan, made side by side on several machines, as the plan that one machine would have made.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::Hash;

use super::plan::{PlanFile, ShardEntry, TenantEntry};
use crate::text::list::few;
use crate::text::printable::printable_line;

/// The longest name of a file in a message, in characters.
const LONGEST: usize = 200;

/// Puts the parts of a plan together. The summary and the grid are left to be worked out.
///
/// # Errors
///
/// They are no parts of one plan, or some are missing: the message says which.
pub fn merge(parts: Vec<PlanFile>) -> Result<PlanFile, String> {
    let mut parts = parts.into_iter();
    let Some(mut whole) = parts.next() else { return Err("no plan is named".to_owned()) };
    let Some(ShardEntry { number, of, positions, workspace_files, settings_files }) = whole.shard.take() else {
        return Err("only plans of --shard are parts of one plan".to_owned());
    };
    let mut files = MadeFrom { workspace: workspace_files, settings: settings_files };
    let mut numbers = BTreeSet::from([number]);
    let mut tenants: Vec<(usize, TenantEntry)> =
        positions.into_iter().zip(std::mem::take(&mut whole.tenants)).collect();
    whole.selection.retain(|flag| !flag.starts_with("--shard "));
    for mut part in parts {
        let Some(ShardEntry { number, of: other, positions, workspace_files, settings_files }) = part.shard.take()
        else {
            return Err("only plans of --shard are parts of one plan".to_owned());
        };
        part.selection.retain(|flag| !flag.starts_with("--shard "));
        if other != of {
            return Err(format!("one is part of {of}, another of {other}"));
        }
        if !numbers.insert(number) {
            return Err(format!("part {number}/{of} is there twice"));
        }
        if let Some(what) = differs(&whole, &part) {
            return Err(format!("{what} is not the same in all of them"));
        }
        if let Some(file) = files.add(MadeFrom { workspace: workspace_files, settings: settings_files }) {
            return Err(format!(
                "they were made from different states of the files: {file} is not the same in all of them"
            ));
        }
        tenants.extend(positions.into_iter().zip(part.tenants));
        whole.created_at = [whole.created_at, part.created_at].into_iter().flatten().min();
        add(&mut whole.problems, part.problems);
        add(&mut whole.losses, part.losses);
        add(&mut whole.gains, part.gains);
        add(&mut whole.weakened, part.weakened);
    }
    let missing: Vec<String> =
        (1..=of).filter(|number| !numbers.contains(number)).map(|number| format!("{number}/{of}")).collect();
    if !missing.is_empty() {
        let word = if missing.len() == 1 { "part" } else { "parts" };
        return Err(format!("{word} {} missing", listed(&missing)));
    }
    tenants.sort_by_key(|(position, _)| *position);
    // A part knows its own changes alone.
    whole.tenants = tenants.into_iter().map(|(_, tenant)| TenantEntry { asks: None, ..tenant }).collect();
    whole.digest = (!whole.tenants.is_empty()).then(|| whole.compute_digest());
    (whole.against, whole.grid) = (None, None);
    whole.marker = whole.marker.take().map(|_| whole.marker());
    Ok(whole)
}

/// The files that parts were made from, each with its SHA-256, as far as the parts tell.
struct MadeFrom {
    workspace: Option<String>,
    settings: BTreeMap<String, String>,
}

impl MadeFrom {
    /// Adds the files of another part; returns what was another file there, if anything was.
    fn add(&mut self, part: MadeFrom) -> Option<String> {
        let differs = |one: &Option<String>, other: &Option<String>| {
            one.as_ref().zip(other.as_ref()).is_some_and(|(one, other)| one != other)
        };
        if differs(&self.workspace, &part.workspace) {
            return Some("the workspace file, or a file of a tenant or of allowances that it names,".to_owned());
        }
        self.workspace = self.workspace.take().or(part.workspace);
        for (file, sum) in part.settings {
            if self.settings.get(&file).is_some_and(|known| *known != sum) {
                return Some(printable_line(&file, LONGEST).into_owned());
            }
            self.settings.insert(file, sum);
        }
        None
    }
}

fn listed(missing: &[String]) -> String {
    const NAMED: usize = 10;
    let are = if missing.len() == 1 { "is" } else { "are" };
    format!("{} {are}", few(missing, NAMED))
}

/// Returns what tells two plans apart that cannot be parts of one.
fn differs(whole: &PlanFile, part: &PlanFile) -> Option<&'static str> {
    let commit = |plan: &PlanFile| plan.checkout.as_ref().map(|head| head.commit.clone());
    let base = |plan: &PlanFile| plan.base.as_ref().map(|base| base.commit.clone());
    let rolls_back = |plan: &PlanFile| plan.rolls_back.is_some();
    let facts = [
        (whole.workspace == part.workspace, "the workspace"),
        (whole.selection == part.selection, "the choice of tenants"),
        (whole.only == part.only, "--only"),
        (commit(whole) == commit(part), "the commit of the settings"),
        (base(whole) == base(part), "--base"),
        (whole.name == part.name, "--marker"),
        (!rolls_back(whole) && !rolls_back(part), "what it is for"),
        (whole.sailplan == part.sailplan, "the version of sailplan"),
    ];
    facts.into_iter().find(|(same, _)| !same).map(|(_, what)| what)
}

/// Adds what is not there yet.
fn add<T: Eq + Hash>(whole: &mut Vec<T>, part: Vec<T>) {
    let mut known: HashSet<&T> = whole.iter().collect();
    let new: Vec<bool> = part.iter().map(|entry| known.insert(entry)).collect();
    whole.extend(part.into_iter().zip(new).filter_map(|(entry, new)| new.then_some(entry)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::fixtures;

    fn part(number: u32, of: u32, tenants: &[(usize, &str)]) -> PlanFile {
        let entry = |name: &str| fixtures::tenant(name, &format!("https://{name}.example"), Vec::new());
        let mut plan = fixtures::plan(tenants.iter().map(|(_, name)| entry(name)).collect());
        plan.selection = vec!["--label ring=prod".to_owned(), format!("--shard {number}/{of}")];
        plan.shard = Some(ShardEntry {
            number,
            of,
            positions: tenants.iter().map(|(at, _)| *at).collect(),
            workspace_files: None,
            settings_files: BTreeMap::new(),
        });
        plan
    }

    #[test]
    fn parts_in_any_order_are_the_whole_in_the_order_of_the_workspace() {
        let parts = vec![part(3, 3, &[]), part(1, 3, &[(1, "b"), (4, "e")]), part(2, 3, &[(0, "a"), (2, "c")])];
        let whole = merge(parts).unwrap();
        let names: Vec<&str> = whole.tenants.iter().map(|tenant| tenant.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "e"]);
        assert_eq!((whole.selection, whole.shard), (vec!["--label ring=prod".to_owned()], None));
    }

    #[test]
    fn what_is_no_part_of_one_plan_is_refused() {
        let one = || part(1, 2, &[(0, "a")]);
        let refused = |other: PlanFile| merge(vec![one(), other]).unwrap_err();
        assert_eq!(merge(Vec::new()).unwrap_err(), "no plan is named");
        assert_eq!(merge(vec![one()]).unwrap_err(), "part 2/2 is missing");
        assert_eq!(
            merge(vec![part(2, 20, &[])]).unwrap_err(),
            "parts 1/20, 3/20, 4/20, 5/20, 6/20, 7/20, 8/20, 9/20, 10/20, 11/20 and 9 more are missing"
        );
        assert_eq!(refused(one()), "part 1/2 is there twice");
        assert_eq!(refused(part(2, 3, &[])), "one is part of 2, another of 3");
        let whole = PlanFile { shard: None, ..part(2, 2, &[(1, "b")]) };
        assert_eq!(refused(whole), "only plans of --shard are parts of one plan");
        let other = PlanFile { only: vec!["/x".to_owned()], ..part(2, 2, &[(1, "b")]) };
        assert_eq!(refused(other), "--only is not the same in all of them");
    }

    #[test]
    fn parts_of_different_states_of_the_files_are_refused() {
        let made_from = |number: u32, workspace: &str, settings: &[(&str, &str)]| {
            let mut plan = part(number, 2, &[]);
            let shard = plan.shard.as_mut().unwrap();
            shard.workspace_files = Some(workspace.to_owned());
            shard.settings_files = settings.iter().map(|(file, sum)| ((*file).to_owned(), (*sum).to_owned())).collect();
            plan
        };
        let one = || made_from(1, "w", &[("base.yaml", "b"), ("one.yaml", "1")]);
        let merged = |other: PlanFile| merge(vec![one(), other]).map(|_| ());
        assert_eq!(merged(made_from(2, "w", &[("base.yaml", "b"), ("two.yaml", "2")])), Ok(()));
        // A plan of an earlier sailplan does not tell.
        assert_eq!(merged(part(2, 2, &[])), Ok(()));
        let states = "they were made from different states of the files";
        assert_eq!(
            merged(made_from(2, "w", &[("base.yaml", "other")])),
            Err(format!("{states}: base.yaml is not the same in all of them"))
        );
        assert_eq!(
            merged(made_from(2, "other", &[])),
            Err(format!(
                "{states}: the workspace file, or a file of a tenant or of allowances that it names, is not the same in all of them"
            ))
        );
    }
}
