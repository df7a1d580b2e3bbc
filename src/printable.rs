//! Hostile text made harmless before it is shown.
