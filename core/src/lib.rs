//! Rings, randomness, wire format, links and identities of Caucus.
