//! What is wrong in settings files, by the lists of the tenant, in words.

use crate::documents::looked_up::{MisnamedEntry, UnknownIdEntry};
use crate::resource::named::printed_pointer;

/// Returns that a file calls something by another name than the tenant. `people` says whether people may be named.
pub fn misnamed(entry: &MisnamedEntry, people: bool) -> String {
    let MisnamedEntry { kind, id, label, name, source: _ } = entry;
    if kind == "person" && !people {
        return format!("the file calls {kind} {id} by another name than the tenant");
    }
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "'"));
    format!("the file calls {kind} {id} {}, the tenant calls it {}", quoted(label), quoted(name))
}

/// Returns that an id in a file is not one of the tenant's.
pub fn unknown(entry: &UnknownIdEntry) -> String {
    let UnknownIdEntry { kind, id, setting, source: _ } = entry;
    format!("the tenant does not know the {kind} {id} in {}", printed_pointer(setting))
}
