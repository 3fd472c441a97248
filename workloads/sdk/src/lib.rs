//! What a step program is written with.
