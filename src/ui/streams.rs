//! Standard output and standard error: what they can show, and what their last line is.

use std::borrow::Cow;
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use anstream::ColorChoice;

/// Whether the last line of standard error is a question that is not answered yet.
static ASKS: AtomicBool = AtomicBool::new(false);

/// Whether the last line of standard error is one that is drawn again and again.
static DRAWN: Mutex<bool> = Mutex::new(false);

/// Writes to standard error, on a line of its own. A failure is ignored: there is no place left to report it, and it is not a
/// reason to stop half way.
pub(super) fn print_message(text: &str, color: ColorChoice) {
    let mut drawn = DRAWN.lock().unwrap_or_else(PoisonError::into_inner);
    erase(&mut drawn);
    let text = if ASKS.swap(false, Ordering::Relaxed) { Cow::Owned(format!("\n{text}")) } else { Cow::Borrowed(text) };
    let _ = print(&text, color);
}

fn print(text: &str, color: ColorChoice) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    if color == ColorChoice::Never {
        // All at once: the stream that takes colours out writes each piece between two of them on its own.
        stderr.write_all(anstream::adapter::strip_str(text).to_string().as_bytes())?;
        return stderr.flush();
    }
    let mut stderr = anstream::AutoStream::new(stderr, color);
    stderr.write_all(text.as_bytes())?;
    stderr.flush()
}

/// Says whether the last line is a question that is not answered yet, so that the next message begins a new line.
pub(super) fn set_asks(asks: bool) {
    ASKS.store(asks, Ordering::Relaxed);
}

/// Draws a line in place of the one that was drawn before.
pub(super) fn draw(line: &str) {
    let mut drawn = DRAWN.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = io::stderr().lock().write_all(format!("\r\u{1b}[2K{line}").as_bytes());
    let _ = io::stderr().flush();
    *drawn = true;
}

/// Takes a drawn line away.
pub(super) fn erase_drawn() {
    erase(&mut DRAWN.lock().unwrap_or_else(PoisonError::into_inner));
}

fn erase(drawn: &mut bool) {
    if std::mem::take(drawn) {
        let _ = io::stderr().lock().write_all(b"\r\x1b[2K");
        let _ = io::stderr().flush();
    }
}

/// Returns whether a CI system reads what is printed.
pub(super) fn in_ci() -> bool {
    ["CI", "GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"].into_iter().any(on)
}

/// Returns whether `FORCE_COLOR` asks for colours where there is no terminal. anstream reads `CLICOLOR_FORCE` alone.
pub(super) fn forced() -> bool {
    on("FORCE_COLOR") && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Returns whether an environment variable is set to something other than `false` and `0`.
fn on(name: &str) -> bool {
    std::env::var(name).is_ok_and(|value| !value.is_empty() && value != "false" && value != "0")
}

/// Returns the columns of a terminal of this size; in a log what `COLUMNS` says, else 100.
pub(super) fn columns(terminal: Option<(terminal_size::Width, terminal_size::Height)>) -> usize {
    // Zero columns is how some programs say that they do not know.
    let logged = || std::env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns > 0);
    terminal.map(|(width, _)| usize::from(width.0)).or_else(logged).unwrap_or(100).clamp(40, 400)
}
