//! Secret sharing protocols of Caucus.
