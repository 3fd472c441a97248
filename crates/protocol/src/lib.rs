//! The rules: state, transactions, hooks and invariants, as a pure function.
