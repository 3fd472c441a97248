//! Step program: infer.
