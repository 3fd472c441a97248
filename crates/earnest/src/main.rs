//! The command line: parses, wires the rooms, prints.
fn main() {}
