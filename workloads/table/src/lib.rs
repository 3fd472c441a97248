//! Step program: table.
