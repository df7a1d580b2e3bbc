//! What a thread would print, for tests that look at it in the process.

use std::cell::RefCell;

thread_local! {
    static HEARD: RefCell<Option<(String, String)>> = const { RefCell::new(None) };
}

/// Keeps what this thread prints from now on.
pub fn listen() {
    HEARD.set(Some(Default::default()));
}

/// Returns standard output and standard error since [`listen`], and prints again.
pub fn take() -> (String, String) {
    HEARD.take().unwrap_or_default()
}

pub(super) fn listens() -> bool {
    HEARD.with_borrow(Option::is_some)
}

pub(super) fn keep(text: &str, out: bool) -> bool {
    HEARD.with_borrow_mut(|heard| {
        let Some((output, error)) = heard else { return false };
        let heard = if out { output } else { error };
        heard.push_str(text);
        true
    })
}
