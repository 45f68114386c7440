//! Not part of the crate yet.
