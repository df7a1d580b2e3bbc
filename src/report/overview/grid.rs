//! Settings by tenants, as a grid to look at: what changes where. Tenants that stand alike are one column.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::{Class, Entry, Group, TenantView};
use crate::documents::grid::{GridCellEntry, GridColumnEntry, GridEntry, GridRowEntry};
use crate::text::number::count;

/// From how many tenants on a grid says more than the list of changes does.
const TENANTS: usize = 4;

/// The word of a cell whose document could not be read.
const NOT_READ: &str = "not read";

/// Settings by tenants.
#[derive(Debug, Serialize)]
pub struct Grid {
    /// Tenants that stand alike, those with the gravest change first.
    pub columns: Vec<Column>,
    /// Settings that change somewhere, gravest first.
    pub rows: Vec<Row>,
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
    /// The position of the change among the entries.
    pub entry: Option<usize>,
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
            None if cell.word == NOT_READ => GridCellEntry::NotRead,
            None => GridCellEntry::Same,
        }
    }
}

impl Grid {
    /// Returns whether a grid of so many tenants says more than the list of changes does.
    pub fn is_worth(tenants: usize) -> bool {
        tenants >= TENANTS
    }

    /// Returns the grid of a plan; `None` if nothing changes, or for so few tenants that it says no more than the list of changes.
    pub(super) fn of(entries: &[Entry], groups: &[Group], tenants: &[TenantView]) -> Option<Grid> {
        if !Grid::is_worth(tenants.len()) || entries.is_empty() {
            return None;
        }
        let mut settings: Vec<&Entry> =
            groups.iter().flat_map(|group| &group.entries).filter_map(|position| entries.get(*position)).collect();
        let mut known = HashSet::new();
        settings.retain(|entry| known.insert((&entry.resource, &entry.setting)));
        let mut changes: HashMap<(&str, &str, &str), usize> = HashMap::new();
        for (position, entry) in entries.iter().enumerate() {
            for tenant in &entry.tenants.names {
                changes.insert((tenant.as_str(), entry.resource.as_str(), entry.setting.as_str()), position);
            }
        }
        let mut stands: Vec<(Vec<Cell>, Column)> = Vec::new();
        let mut known: HashMap<(Vec<Cell>, bool), usize> = HashMap::new();
        for tenant in tenants {
            let failed = tenant.resources.iter().filter(|resource| resource.failure.is_some());
            let failed: HashSet<&str> = failed.map(|resource| resource.name.as_str()).collect();
            let cells: Vec<Cell> = settings
                .iter()
                .map(|setting| {
                    let key = (tenant.name.as_str(), setting.resource.as_str(), setting.setting.as_str());
                    let position = changes.get(&key).copied();
                    match position.and_then(|position| Some((position, entries.get(position)?.class))) {
                        Some((position, class)) => {
                            Cell { class: Some(class), word: class.word(), entry: Some(position) }
                        }
                        None if tenant.failure.is_some() || failed.contains(setting.resource.as_str()) => {
                            Cell { class: None, word: NOT_READ, entry: None }
                        }
                        None => Cell { class: None, word: "", entry: None },
                    }
                })
                .collect();
            let refused = tenant.refusals.iter().any(|refusal| !refusal.standing);
            let place = *known.entry((cells.clone(), refused)).or_insert(stands.len());
            match stands.get_mut(place) {
                Some((_, column)) => column.tenants.push(tenant.name.clone()),
                None => {
                    stands.push((cells, Column { title: String::new(), tenants: vec![tenant.name.clone()], refused }));
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
            setting: setting.path(),
            cells: stands.iter().filter_map(|(cells, _)| cells.get(number).copied()).collect(),
        });
        let rows = rows.collect();
        Some(Grid { columns: stands.into_iter().map(|(_, column)| column).collect(), rows })
    }
}
