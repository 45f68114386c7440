//! The benchmark script: that all of it works, not how fast anything is.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Site, root};

#[test]
fn every_benchmark_runs_with_small_sizes() {
    let site = Site::new();
    let programs = Path::new(env!("CARGO_BIN_EXE_caucus")).parent().unwrap();
    let mut command = Command::new(root().join("scripts/bench"));
    command.args(["--quick", "--no-bound", "--times", "1", "--markdown", "--json"]);
    command.arg(site.path("bench.json")).arg("--certs").arg(site.path("certs"));
    command.arg("--bin").arg(programs);
    // All but the example of many nodes, whose port other tests need.
    command.args(["product", "open", "input", "AND", "comparison", "equality", "sfix"]);
    command.args(["decomposition", "shuffle", "sort", "AES", "compilation", "command"]);
    let finished = site.start(&mut command).succeed();
    let json = std::fs::read(site.path("bench.json")).unwrap();
    let found: Value = serde_json::from_slice(&json).unwrap();
    let rows = found["rows"].as_array().unwrap();
    let row = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap();
    assert_eq!(row("dependent products 10^4")["rounds"], 100);
    // Bits are sent as such: an eighth of a byte for each conjunction, and a header of each message.
    let sent = row("AND of 6.4·10^7 bits, 10 times")["bytes_per_unit"].as_f64().unwrap();
    assert!((0.125..0.126).contains(&sent), "{sent}");
    assert!(row("sort 10^4")["memory"].as_f64().unwrap() > 1e6);
    let table = finished.stdout.lines().filter(|line| line.starts_with("| ")).count();
    assert_eq!(table, rows.len() + 2, "{}", finished.stdout);
}
