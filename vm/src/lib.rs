//! The vector machine of Caucus.
