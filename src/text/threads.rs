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

/// Does two things, side by side if so many pieces are worth it, and returns what came of both.
pub fn both<A, B: Send>(pieces: usize, first: impl FnOnce() -> A, second: impl Fn() -> B + Sync) -> (A, B) {
    if for_pieces(pieces) == 1 {
        return (first(), second());
    }
    thread::scope(|scope| {
        let beside = scope.spawn(&second);
        let first = first();
        // A thread that fails fails here again.
        (first, beside.join().unwrap_or_else(|_| second()))
    })
}

/// Gives back the memory of so many pieces, on a thread of its own if they are worth it.
pub fn give_back<T: Send + 'static>(pieces: usize, memory: T) {
    if for_pieces(pieces) > 1 {
        thread::spawn(move || drop(memory));
    }
}

/// Works on all pieces in their order, on several threads where that is worth it: `work` gets some that follow one another.
pub fn in_parts<P: Sync, R: Send>(pieces: &[P], work: impl Fn(&[P]) -> Vec<R> + Sync) -> Vec<R> {
    let threads = for_pieces(pieces.len());
    if threads == 1 {
        return work(pieces);
    }
    thread::scope(|scope| {
        let work = &work;
        let mut parts = pieces.chunks(pieces.len().div_ceil(threads));
        let own = parts.next().unwrap_or_default();
        let working: Vec<_> = parts.map(|part| (part, scope.spawn(move || work(part)))).collect();
        let own = work(own);
        // A thread that fails fails here again.
        let others = working.into_iter().flat_map(|(part, done)| done.join().unwrap_or_else(|_| work(part)));
        own.into_iter().chain(others).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_results_are_in_the_order_of_the_pieces() {
        for length in [0, 1, MANY - 1, MANY, 1000] {
            let pieces: Vec<usize> = (0..length).collect();
            assert_eq!(in_parts(&pieces, <[usize]>::to_vec), pieces);
            assert_eq!(both(length, || 1, || 2), (1, 2));
        }
    }
}
