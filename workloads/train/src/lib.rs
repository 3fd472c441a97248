//! Step program: train.
