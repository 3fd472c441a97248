//! Keys, encrypted key files and signing.
