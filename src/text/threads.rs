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

/// Works on all pieces in their order, on several threads where that is worth it: `work` gets some that follow one another.
pub fn in_parts<P: Sync, R: Send>(pieces: &[P], work: impl Fn(&[P]) -> Vec<R> + Sync) -> Vec<R> {
    let threads = for_pieces(pieces.len());
    if threads == 1 {
        return work(pieces);
    }
    thread::scope(|scope| {
        let work = &work;
        let parts = pieces.chunks(pieces.len().div_ceil(threads));
        let working: Vec<_> = parts.map(|part| (part, scope.spawn(move || work(part)))).collect();
        // A thread that fails fails here again.
        working.into_iter().flat_map(|(part, done)| done.join().unwrap_or_else(|_| work(part))).collect()
    })
}
