//! Settings by tenants, as a grid to look at: what changes where. Tenants that stand alike are one column.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::{Class, Entry, NOT_READ, TenantView};
use crate::documents::grid::{GridCellEntry, GridColumnEntry, GridEntry, GridRowEntry};
use crate::documents::plan::PlanFile;
use crate::report::change::name;
use crate::resource::impact::Weight;
use crate::text::number::count;
use crate::text::printable::printable_line;

/// From how many tenants on a grid says more than the list of changes does.
const TENANTS: usize = 4;

/// Up to how many columns each change is told apart. In more, only what kind of news it is: no reader takes them in.
const SCREEN: usize = 12;

/// The most columns. The other tenants are counted, and the changes name them.
const MOST: usize = 26;

/// Settings by tenants.
#[derive(Debug, Serialize)]
pub struct Grid {
    /// Tenants that stand alike, those with the gravest change first.
    pub columns: Vec<Column>,
    /// Settings that change somewhere, gravest first.
    pub rows: Vec<Row>,
    /// Whether tenants with the same kinds of changes are one column, and not only those with the same changes.
    pub by_kind: bool,
    /// How many tenants have no column, since there are too many different ones.
    pub more: usize,
}

/// Tenants that stand alike.
#[derive(Debug, Serialize)]
pub struct Column {
    /// The tenant, or how many there are; with a letter if several columns have several tenants.
    pub title: String,
    /// Their names.
    pub tenants: Vec<String>,
    /// Whether guardrails stop an apply to them.
    pub refused: bool,
}

/// One setting in every column.
#[derive(Debug, Serialize)]
pub struct Row {
    /// The resource and its setting, with dots.
    pub setting: String,
    /// One for each column.
    pub cells: Vec<Cell>,
}

/// One setting in the tenants of one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Cell {
    /// What kind of news the change is; `None` if there is none.
    pub class: Option<Class>,
    /// The same in a word.
    pub word: &'static str,
    /// The position of the change among the entries, if the columns tell changes apart.
    pub entry: Option<usize>,
}

impl Cell {
    /// The document could not be read.
    const UNREAD: Cell = Cell { class: None, word: NOT_READ, entry: None };
    /// The setting stays as it is.
    const SAME: Cell = Cell { class: None, word: "", entry: None };
}

/// A change in one tenant, as far as a grid tells it.
struct Changed {
    tenant: String,
    document: String,
    setting: String,
    class: Class,
    /// Where it stands among those of its class.
    order: (Weight, bool),
    /// Its position among the entries.
    entry: Option<usize>,
}

/// How a tenant stands, as far as a grid tells it.
struct Stand {
    name: String,
    /// Whether nothing of it could be read.
    unread: bool,
    /// The documents that could not be read or planned.
    failed: HashSet<String>,
    /// Whether guardrails stop an apply to it.
    refused: bool,
}

impl From<&Grid> for GridEntry {
    fn from(grid: &Grid) -> GridEntry {
        let columns = grid.columns.iter().map(|column| {
            let Column { title: _, tenants, refused } = column;
            GridColumnEntry { tenants: tenants.clone(), refused: *refused }
        });
        let rows = grid.rows.iter().map(|Row { setting, cells }| GridRowEntry {
            setting: setting.clone(),
            cells: cells.iter().map(GridCellEntry::from).collect(),
        });
        GridEntry { columns: columns.collect(), rows: rows.collect() }
    }
}

impl From<&Cell> for GridCellEntry {
    fn from(cell: &Cell) -> GridCellEntry {
        match cell.class {
            Some(Class::Loosens) => GridCellEntry::Loosens,
            Some(Class::Stops) => GridCellEntry::Stops,
            Some(Class::Review) => GridCellEntry::Review,
            Some(Class::Drift) => GridCellEntry::Drift,
            Some(Class::Tightens) => GridCellEntry::Tightens,
            Some(Class::Neutral) => GridCellEntry::Neutral,
            None if *cell == Cell::UNREAD => GridCellEntry::NotRead,
            None => GridCellEntry::Same,
        }
    }
}

impl Grid {
    /// Returns the grid of a plan as its readers see it; `None` if nothing changes, or for so few tenants that it says no more
    /// than the list of changes.
    pub(super) fn of(entries: &[Entry], tenants: &[TenantView]) -> Option<Grid> {
        let changes = entries.iter().enumerate().flat_map(|(position, entry)| {
            let of = move |tenant: &'_ String| Changed {
                tenant: tenant.clone(),
                document: entry.resource.clone(),
                setting: entry.setting.clone(),
                class: entry.class,
                order: (entry.rank, entry.moot),
                entry: Some(position),
            };
            entry.tenants.names.iter().map(of)
        });
        let stands = tenants.iter().map(|tenant| {
            let failed = tenant.resources.iter().filter(|resource| resource.failure.is_some());
            Stand {
                name: tenant.name.clone(),
                unread: tenant.failure.is_some(),
                failed: failed.map(|resource| resource.name.clone()).collect(),
                refused: tenant.refusals.iter().any(|refusal| !refusal.standing),
            }
        });
        if tenants.len() < TENANTS {
            return None;
        }
        let (mut changes, stands): (Vec<Changed>, Vec<Stand>) = (changes.collect(), stands.collect());
        let grid = Grid::made(&changes, &stands)?;
        if grid.columns.len() <= SCREEN {
            return Some(grid);
        }
        changes.iter_mut().for_each(|change| change.entry = None);
        Some(Grid::made(&changes, &stands)?.with_columns(MOST))
    }

    /// Returns the grid of kinds of changes with so many columns at most, the gravest ones.
    fn with_columns(mut self, most: usize) -> Grid {
        let others = self.columns.split_off(most.min(self.columns.len()));
        self.by_kind = true;
        self.more = others.iter().map(|column| column.tenants.len()).sum();
        self.rows.iter_mut().for_each(|row| row.cells.truncate(most));
        self
    }

    /// Returns the same without putting the changes into words, so without their positions among the entries.
    pub fn of_plan(plan: &PlanFile) -> Option<Grid> {
        let printed = |text: &str| printable_line(text, usize::MAX).into_owned();
        let changes = plan.changes().map(|(tenant, resource, change)| Changed {
            tenant: printed(&tenant.name),
            document: printed(&resource.document().to_string()),
            setting: printed(&name(resource, change)),
            class: Class::of(change),
            order: (change.weight, change.moot),
            entry: None,
        });
        let stands = plan.tenants.iter().map(|tenant| {
            let failed = tenant.resources.iter().filter(|resource| resource.error.is_some());
            Stand {
                name: printed(&tenant.name),
                unread: tenant.error.is_some(),
                failed: failed.map(|resource| printed(&resource.document().to_string())).collect(),
                refused: tenant.refusals.iter().any(|refusal| !refusal.standing),
            }
        });
        if plan.tenants.len() < TENANTS {
            None
        } else {
            Grid::made(&changes.collect::<Vec<Changed>>(), &stands.collect::<Vec<Stand>>())
        }
    }

    fn made(changes: &[Changed], tenants: &[Stand]) -> Option<Grid> {
        let mut settings: Vec<&Changed> = changes.iter().collect();
        settings.sort_by_key(|change| (change.class, change.order, &change.document, &change.setting));
        let mut known = HashSet::new();
        settings.retain(|change| known.insert((&change.document, &change.setting)));
        if settings.is_empty() {
            return None;
        }
        let found: HashMap<(&str, &str, &str), &Changed> = changes
            .iter()
            .map(|change| ((change.tenant.as_str(), change.document.as_str(), change.setting.as_str()), change))
            .collect();
        let mut stands: Vec<(Vec<Cell>, Column)> = Vec::new();
        let mut known: HashMap<(Vec<Cell>, bool), usize> = HashMap::new();
        for Stand { name, unread, failed, refused } in tenants {
            let cell = |setting: &&Changed| match found.get(&(
                name.as_str(),
                setting.document.as_str(),
                setting.setting.as_str(),
            )) {
                Some(change) => Cell { class: Some(change.class), word: change.class.word(), entry: change.entry },
                None if *unread || failed.contains(&setting.document) => Cell::UNREAD,
                None => Cell::SAME,
            };
            let cells: Vec<Cell> = settings.iter().map(cell).collect();
            let place = *known.entry((cells.clone(), *refused)).or_insert(stands.len());
            match stands.get_mut(place) {
                Some((_, column)) => column.tenants.push(name.clone()),
                None => {
                    let (title, tenants, refused) = (String::new(), vec![name.clone()], *refused);
                    stands.push((cells, Column { title, tenants, refused }));
                }
            }
        }
        // `None` comes first in its own order.
        let gravest = |cells: &[Cell]| {
            cells.iter().filter_map(|cell| cell.class).min().map_or((1, None), |class| (0, Some(class)))
        };
        stands.sort_by_key(|(cells, _)| gravest(cells));
        let several = stands.iter().filter(|(_, column)| column.tenants.len() > 1).count() > 1;
        let mut letters = 'A'..='Z';
        for (_, column) in &mut stands {
            column.title = match column.tenants.as_slice() {
                [tenant] => tenant.clone(),
                tenants => {
                    let letter = letters.next().filter(|_| several).map(|letter| format!("{letter}: "));
                    format!("{}{}", letter.unwrap_or_default(), count(tenants.len(), "tenant", "tenants"))
                }
            };
        }
        let rows = settings.iter().enumerate().map(|(number, setting)| Row {
            setting: format!("{}.{}", setting.document, setting.setting),
            cells: stands.iter().filter_map(|(cells, _)| cells.get(number).copied()).collect(),
        });
        let rows = rows.collect();
        Some(Grid { columns: stands.into_iter().map(|(_, column)| column).collect(), rows, by_kind: false, more: 0 })
    }
}
