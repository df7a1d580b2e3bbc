//! Parses the command line, runs the command, prints the failure, picks the exit code.

fn main() {}
