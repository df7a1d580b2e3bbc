//! Queries of lists: filters are escaped, then encoded once.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands for itself in a query.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Most ids in one filter: with the longest usual ids the address stays under 4 kB.
const IN_ONE_FILTER: usize = 80;

/// Most bytes of ids in one filter, as they are sent.
const BYTES_IN_ONE_FILTER: usize = 3700;

/// Returns a value as a filter writes it.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Returns a filter as a query carries it.
pub(super) fn encoded(filter: &str) -> String {
    utf8_percent_encode(filter, QUERY).to_string()
}

/// Returns the filters that together find every one of these ids.
pub(super) fn in_batches<'a>(field: &str, ids: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut batches: Vec<Vec<String>> = Vec::new();
    let mut bytes = 0;
    for id in ids {
        let id = quoted(id);
        let size = encoded(&id).len() + 3;
        match batches.last_mut().filter(|batch| batch.len() < IN_ONE_FILTER && bytes + size <= BYTES_IN_ONE_FILTER) {
            Some(batch) => {
                batch.push(id);
                bytes += size;
            }
            None => {
                batches.push(vec![id]);
                bytes = size;
            }
        }
    }
    batches.iter().map(|batch| format!("{field} in ({})", batch.join(","))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_leave_its_filter() {
        let filters = in_batches("id", ["a\" or id eq \"b", "c\\", "#&+ä"]);
        assert_eq!(filters, [r##"id in ("a\" or id eq \"b","c\\","#&+ä")"##]);
        let sent = encoded("id eq \"a b+#&\"");
        assert_eq!(sent, "id%20eq%20%22a%20b%2B%23%26%22");
    }

    #[test]
    fn ids_are_asked_for_eighty_at_a_time_and_in_short_addresses() {
        let batches = |number: usize, length: usize| {
            let ids: Vec<String> = (0..number).map(|id| format!("{id:0length$}")).collect();
            let filters = in_batches("id", ids.iter().map(String::as_str));
            assert!(filters.iter().all(|filter| encoded(filter).len() < 4000));
            filters.len()
        };
        let counted: Vec<usize> = [0, 1, 80, 81, 251, 10_001].into_iter().map(|number| batches(number, 36)).collect();
        assert_eq!(counted, [0, 1, 1, 2, 4, 126]);
        assert_eq!(batches(80, 200), 5);
    }
}
