//! How many threads some work is worth.

use std::thread;

/// For fewer pieces a thread costs more than it saves.
const MANY: usize = 64;
/// With more threads the memory grows faster than the speed.
const MOST: usize = 4;

/// Returns on how many threads so many pieces are best worked on, each piece about as much as a settings file.
pub fn for_pieces(pieces: usize) -> usize {
    if pieces < MANY {
        return 1;
    }
    thread::available_parallelism().map_or(1, usize::from).min(MOST)
}
