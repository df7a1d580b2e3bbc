//! The configuration's names and rules.
