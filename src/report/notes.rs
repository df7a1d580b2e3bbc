//! What else to know, for a reader who does not know the names of the API.

use crate::report::change::about;
use crate::resource::{Resource, Setting};

/// Returns a note that begins with the name of its document with what its settings decide in the place of their names.
pub fn in_plain_words(note: &str) -> String {
    let Some((document, told)) = note.split_once(": ") else { return note.to_owned() };
    let name = document.split('[').next().unwrap_or(document);
    let Some(resource) = Resource::named(name) else { return note.to_owned() };
    let mut settings: Vec<&Setting> = resource.distinct().collect();
    // The name of one may be the beginning of another's.
    settings.sort_by_key(|setting| std::cmp::Reverse(setting.pointer.len()));
    let told = settings
        .iter()
        .fold(told.to_owned(), |told, setting| told.replace(&setting.dotted(), &format!("“{}”", about(setting))));
    match document.strip_prefix(name) {
        Some(instance) if !instance.is_empty() => format!("{} {instance}: {told}", resource.title),
        _ => format!("{}: {told}", resource.title),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_named_by_what_they_decide() {
        let note = "accessRequestConfig: requestOnBehalfOfConfig.allowRequestOnBehalfOfEmployeeByManager has no effect: \
                    while anyone may request for anyone, managers may as well";
        assert_eq!(
            in_plain_words(note),
            "access-request settings: “Whether managers may ask for access for the people who report to them” has no \
             effect: while anyone may request for anyone, managers may as well"
        );
        assert_eq!(in_plain_words("nothing: here"), "nothing: here");
    }
}
