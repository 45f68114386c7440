//! The target that `CAUCUS_FUZZ` names, under libFuzzer.

#![no_main]

use std::sync::LazyLock;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("CAUCUS_FUZZ").unwrap_or_default();
    caucus_fuzz::find(&name).unwrap_or_else(|| panic!("CAUCUS_FUZZ={name}: no such target")).1
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| TARGET(bytes));
