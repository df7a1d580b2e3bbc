//! How often and how fast a write is read back and repeated.

use std::time::Duration;

/// How often and how fast a write is read back and repeated.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How often a write is followed by a read before it counts as not done: reads may lag behind (SailPoint documents
    /// nothing about it).
    pub reads: u32,
    /// What lies between two reads that follow a write.
    pub pause: Duration,
    /// How often a write that is known not to have happened is sent again.
    pub resends: u32,
    /// How old a read may be when a write follows it. An older one is repeated: somebody else may have written since.
    pub fresh: Duration,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace { reads: 3, pause: Duration::from_secs(1), resends: 2, fresh: Duration::from_secs(5) }
    }
}
