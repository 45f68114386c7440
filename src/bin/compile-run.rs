//! The command `compile-run`.
fn main() {}
