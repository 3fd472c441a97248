//! Step program: nbody.
