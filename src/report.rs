//! Statistics of a run: the lines on stderr and the JSON file.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::progress::Progress;

/// Writes the reports of all parties that this command ran, as one JSON object.
pub(crate) fn write(path: &Path, program: &str, protocol: &str, parties: &[Value]) -> Result<()> {
    let all = json!({ "program": program, "protocol": protocol, "parties": parties });
    let text = serde_json::to_string_pretty(&all)? + "\n";
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// The closing lines of a successful run, from the first party's report.
pub(crate) fn summary(report: &Value, progress: &Progress) {
    let number = |name: &str| report.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    let party = number("party");
    progress.line(&format!("Time = {:.6} seconds", number("seconds")));
    progress.line(&format!(
        "Data sent = {} in {} rounds (party {party}); global data sent = {} (all parties)",
        megabytes(number("bytes_sent")),
        number("rounds"),
        megabytes(number("bytes_global")),
    ));
}

fn megabytes(bytes: f64) -> String {
    format!("{} MB", bytes / 1e6)
}
