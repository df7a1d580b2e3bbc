//! What the tenant answers in lists: entitlements, people, governance groups, templates, workflows, forms and who holds what,
//! from "List entitlements", "Get list of public identities", "List governance groups", "List notification templates" and
//! their like. The items lie in the state file as the API answers them.

pub(super) mod filter;

use axum::http::{HeaderName, StatusCode};
use reqwest::Url;
use serde_json::{Value, json};

use self::filter::{Filter, Filterable, folded, held};
use super::answer::{Answer, Refusal, json_answer, set_header};
use super::state::State;

/// Most items on a page.
const PAGE: usize = 250;

/// A list that lies on a search index is read this far by offset.
const WINDOW: usize = 10_000;

pub(super) const TOTAL: HeaderName = HeaderName::from_static("x-total-count");

/// A list, as SailPoint documents it.
pub(super) struct List {
    /// Where its items lie in the state file.
    pub(super) key: &'static str,
    paths: &'static [&'static str],
    /// The scopes of which a request needs one.
    pub(super) scopes: &'static [&'static str],
    /// The user levels of which a request needs one; every level will do if there are none.
    pub(super) levels: &'static [&'static str],
    filters: Filterable,
    sorters: &'static [&'static str],
    takes: &'static [&'static str],
    /// Whether it lies on a search index.
    indexed: bool,
    /// The answer is an object with `count` and `results` instead of a bare list.
    wrapped: bool,
}

const PAGED: &[&str] = &["limit", "offset", "filters", "sorters"];
const COUNTED: &[&str] = &["limit", "offset", "filters", "sorters", "count"];
const TEMPLATE_FILTERS: Filterable =
    &[("key", &["eq", "in", "sw"]), ("medium", &["eq", "sw"]), ("locale", &["eq", "sw"])];
const TIMES: &[&str] = &["gt", "lt", "ge", "le"];

pub(super) const LISTS: [List; 8] = [
    List {
        key: "entitlements",
        paths: &["/entitlements/v1", "/v2026/entitlements"],
        scopes: &["idn:entitlement:read", "idn:entitlement:manage"],
        levels: &[],
        filters: &[
            ("id", &["eq", "in"]),
            ("name", &["eq", "in", "sw"]),
            ("value", &["eq", "in", "sw"]),
            ("type", &["eq", "in"]),
            ("attribute", &["eq", "in"]),
            ("source.id", &["eq", "in"]),
            ("owner.id", &["eq", "in"]),
            ("requestable", &["eq"]),
            ("tags", &["eq"]),
            ("privilegeLevel.direct", &["eq"]),
            ("created", TIMES),
            ("modified", TIMES),
        ],
        sorters: &["id", "name", "created", "modified", "type", "attribute", "value", "source.id", "requestable"],
        takes: COUNTED,
        indexed: true,
        wrapped: false,
    },
    List {
        key: "publicIdentities",
        paths: &["/public-identities/v1", "/v2026/public-identities"],
        scopes: &["sp:scopes:default"],
        levels: &[],
        filters: &[
            ("id", &["eq", "in"]),
            ("alias", &["eq", "sw"]),
            ("email", &["eq", "sw"]),
            ("firstname", &["eq", "sw"]),
            ("lastname", &["eq", "sw"]),
        ],
        sorters: &["name"],
        takes: COUNTED,
        indexed: false,
        wrapped: false,
    },
    List {
        key: "workgroups",
        paths: &["/workgroups/v1", "/v2026/workgroups"],
        scopes: &["idn:workgroup:read", "idn:workgroup:manage"],
        levels: &["ORG_ADMIN"],
        filters: &[
            ("id", &["eq", "in", "sw"]),
            ("name", &["eq", "in", "sw"]),
            ("memberships.identityId", &["eq", "in"]),
        ],
        sorters: &["name", "created", "modified", "id", "description"],
        takes: COUNTED,
        indexed: false,
        wrapped: false,
    },
    List {
        key: "notificationTemplates",
        paths: &["/notification-templates/v1", "/v2026/notification-templates"],
        scopes: &["idn:notification-templates:read"],
        levels: &["ORG_ADMIN"],
        filters: TEMPLATE_FILTERS,
        sorters: &["key", "name", "medium"],
        takes: PAGED,
        indexed: false,
        wrapped: false,
    },
    List {
        key: "notificationTemplateDefaults",
        paths: &["/notification-template-defaults/v1", "/v2026/notification-template-defaults"],
        scopes: &["idn:notification-template-defaults:read"],
        levels: &["ORG_ADMIN"],
        filters: TEMPLATE_FILTERS,
        sorters: &[],
        takes: &["limit", "offset", "filters"],
        indexed: false,
        wrapped: false,
    },
    List {
        key: "workflows",
        paths: &["/workflows/v1"],
        scopes: &["sp:workflow:read", "sp:workflow:manage"],
        levels: &[],
        filters: &[],
        sorters: &[],
        takes: &[],
        indexed: false,
        wrapped: false,
    },
    List {
        key: "formDefinitions",
        paths: &["/form-definitions/v1"],
        scopes: &["sp:forms:read", "sp:forms:manage"],
        levels: &["ORG_ADMIN"],
        filters: &[
            ("name", &["eq", "gt", "sw", "in"]),
            ("description", &["eq", "gt", "sw", "in"]),
            ("created", &["eq", "gt", "sw", "in"]),
            ("modified", &["eq", "gt", "sw", "in"]),
        ],
        sorters: &["name", "description", "created", "modified"],
        takes: PAGED,
        indexed: false,
        wrapped: true,
    },
    List {
        key: "entitlementConnections",
        paths: &["/entitlement-connections/v1"],
        scopes: &["idn:entitlement-connections:list"],
        levels: &["ORG_ADMIN"],
        filters: &[
            ("entitlement.id", &["eq", "in"]),
            ("identity.id", &["eq", "in"]),
            ("source.id", &["eq", "in"]),
            ("account.id", &["eq", "in"]),
            ("type", &["eq", "in"]),
            ("standalone", &["eq", "in"]),
            ("identity.name", &["eq", "in", "co"]),
            ("source.name", &["eq", "in", "co"]),
            ("account.name", &["eq", "in", "co"]),
            ("state.value", &["eq", "in", "co"]),
            ("jit.activation", TIMES),
            ("jit.provision", TIMES),
            ("jit.deactivation", TIMES),
            ("jit.deprovision", TIMES),
            ("jit.expiration", TIMES),
        ],
        sorters: &["id", "identity.id", "identity.name", "source.id", "source.name", "entitlement.id", "type"],
        takes: COUNTED,
        indexed: true,
        wrapped: false,
    },
];

/// Returns the list at a path.
pub(super) fn at(path: &str) -> Option<&'static List> {
    LISTS.iter().find(|list| list.paths.contains(&path))
}

impl List {
    /// Answers a GET with this query.
    pub(super) fn answer(&self, state: &State, query: &str) -> Result<Answer, Refusal> {
        let asked = Asked::read(query, self).map_err(Refusal::bad)?;
        let mut items: Vec<&Value> = items(state, self.key)
            .iter()
            .filter(|item| asked.filter.as_ref().is_none_or(|filter| filter.passes(item)))
            .collect();
        sort(&mut items, asked.sorters.iter().map(|(field, falling)| (field.as_str(), *falling)));
        let total = items.len();
        let page: Vec<&Value> = items.into_iter().skip(asked.offset).take(asked.limit).collect();
        let body = if self.wrapped { json!({"count": total, "results": page}) } else { json!(page) };
        let mut answer = json_answer(StatusCode::OK, &body);
        if asked.count {
            set_header(&mut answer, TOTAL, &total.to_string());
        }
        Ok(answer)
    }
}

/// Returns the items under a key of the state file.
pub(super) fn items<'s>(state: &'s State, key: &str) -> &'s [Value] {
    state.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Sorts items by fields, of which the first counts most; each with whether it falls.
pub(super) fn sort<'f>(items: &mut [&Value], fields: impl DoubleEndedIterator<Item = (&'f str, bool)>) {
    for (field, falling) in fields.rev() {
        items.sort_by_cached_key(|item| held(item, field).map(folded));
        if falling {
            items.reverse();
        }
    }
}

/// Returns the parameters of a query. A plus is a plus: SailPoint documents `%20` alone for a blank.
pub(super) fn parameters(query: &str) -> Vec<(String, String)> {
    let Ok(mut url) = Url::parse("http://localhost/") else { return Vec::new() };
    url.set_query(Some(&query.replace('+', "%2B")));
    url.query_pairs().into_owned().collect()
}

/// Reads a number of a query.
pub(super) fn number(name: &str, text: &str, most: usize) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number <= most);
    number.ok_or_else(|| format!("{name} must be a whole number from 0 to {most}, not {text:?}."))
}

/// Reads a flag of a query; SailPoint's Python SDK writes `True`.
pub(super) fn flag(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}

/// What a query asks for.
struct Asked {
    limit: usize,
    offset: usize,
    count: bool,
    filter: Option<Filter>,
    sorters: Vec<(String, bool)>,
}

impl Asked {
    fn read(query: &str, list: &List) -> Result<Asked, String> {
        // A list without paging is answered whole.
        let all = if list.takes.contains(&"limit") { PAGE } else { usize::MAX };
        let mut asked = Asked { limit: all, offset: 0, count: false, filter: None, sorters: Vec::new() };
        for (name, value) in parameters(query) {
            if !list.takes.contains(&name.as_str()) {
                return Err(format!("The practice tenant does not know the parameter {name:?} of this list."));
            }
            match name.as_str() {
                "limit" => asked.limit = number("limit", &value, PAGE)?,
                "offset" => asked.offset = number("offset", &value, usize::MAX)?,
                "count" => asked.count = flag(&value),
                "filters" => {
                    let filter = Filter::parse(&value, list.filters);
                    asked.filter = Some(filter.map_err(|why| format!("The filter {value:?} is not valid: {why}."))?);
                }
                _ => asked.sorters = sorters(&value, list.sorters)?,
            }
        }
        if list.indexed && asked.offset.saturating_add(asked.limit) > WINDOW {
            return Err(format!("offset and limit lead past {WINDOW} items."));
        }
        Ok(asked)
    }
}

fn sorters(text: &str, known: &[&str]) -> Result<Vec<(String, bool)>, String> {
    let sorter = |word: &str| {
        let word = word.trim();
        let (field, falling) = word.strip_prefix('-').map_or((word, false), |field| (field, true));
        if known.contains(&field) {
            Ok((field.to_owned(), falling))
        } else {
            Err(format!("The list is not sorted by {field:?}, only by {}.", known.join(", ")))
        }
    };
    text.split(',').map(sorter).collect()
}
