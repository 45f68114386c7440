//! The command `caucus`.
fn main() {}
