//! Traces of the nodes of a run, merged into one in the Trace Event format, which Chrome (`chrome://tracing`) and Perfetto
//! show.

use std::path::{Path, PathBuf};

use anyhow::Result;
use caucus_core::clock::Offset;
use caucus_core::ids::NodeId;
use caucus_core::trace::{FORMAT, NodeTrace, Span};
use serde_json::{Map, Value, json};

use crate::failure::{Code, failure};

/// A trace, and the node that it is of.
#[derive(Debug)]
struct Part {
    file: PathBuf,
    node: NodeId,
    trace: NodeTrace,
}

/// Reads traces of nodes and merges them.
pub(crate) fn merge_files(files: &[PathBuf]) -> Result<Value> {
    merge(files.iter().map(|file| read(file)).collect::<Result<_>>()?)
}

fn read(file: &Path) -> Result<Part> {
    let wrong = |what: String| failure(Code::Usage, format!("{}: {what}", file.display()));
    let bytes = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
    let trace: NodeTrace = serde_json::from_slice(&bytes).map_err(|error| {
        wrong(format!("this is no trace of a node, as `--trace` writes it: {error}"))
    })?;
    if trace.caucus_trace != FORMAT {
        let found = trace.caucus_trace;
        return Err(wrong(format!("it has format {found}, and this version reads {FORMAT}")));
    }
    let node = trace.node.parse().map_err(|error| wrong(format!("{error}")))?;
    if let Some(span) = trace.spans.iter().find(|it| it.lane as usize >= trace.lanes.len()) {
        return Err(wrong(format!("`{}` is in no lane that it names", span.name)));
    }
    Ok(Part { file: file.to_owned(), node, trace })
}

/// Merges traces of one run.
fn merge(mut parts: Vec<Part>) -> Result<Value> {
    parts.sort_by_key(|part| part.node);
    for pair in parts.windows(2) {
        let [one, other] = [&pair[0], &pair[1]].map(|part| part.file.display());
        if pair[0].trace.run != pair[1].trace.run {
            let runs = [&pair[0], &pair[1]].map(|part| part.trace.run.as_str());
            let text = format!(
                "{one} and {other} are of different runs ({} and {}): give files of one run",
                runs[0], runs[1]
            );
            return Err(failure(Code::Usage, text));
        }
        if pair[0].node == pair[1].node {
            let text = format!("{one} and {other} are both of {}: give one of them", pair[0].node);
            return Err(failure(Code::Usage, text));
        }
    }
    let reference = Reference::of(&parts);
    let offsets: Vec<i128> = parts.iter().map(|part| reference.offset(&part.trace)).collect();
    let time = |span: &Span, offset: i128| i128::from(span.begin) + offset;
    let all = parts.iter().zip(&offsets);
    let begins = all.flat_map(|(part, offset)| part.trace.spans.iter().map(|it| time(it, *offset)));
    let zero = begins.min().unwrap_or(0);
    let mut events = Vec::new();
    let mut nodes = Map::new();
    let mut spans = Vec::new();
    for (pid, (part, offset)) in parts.iter().zip(&offsets).enumerate() {
        let Part { node, trace, .. } = part;
        describe(pid, part, &mut events);
        nodes.insert(node.to_string(), node_data(trace));
        spans.extend(trace.spans.iter().map(|span| (time(span, *offset) - zero, pid, span)));
    }
    // The longer one first, of two that begin at the same time: it has the other within it.
    spans.sort_by_key(|(begin, pid, span)| (*begin, *pid, std::cmp::Reverse(span.nanos)));
    events.extend(spans.iter().map(|(begin, pid, span)| event(*begin, *pid, span)));
    let first = parts.first().map(|part| &part.trace);
    Ok(json!({
        "displayTimeUnit": "ms",
        "otherData": {
            "run": first.map(|it| &it.run),
            "program": first.map(|it| &it.program),
            "nodes": nodes,
        },
        "traceEvents": events,
    }))
}

/// How times of nodes become comparable whose clocks were not compared: by what their machines take for the time.
struct Reference {
    /// From nanoseconds since 1970 to the clock of P0's main node.
    from_unix: i128,
}

impl Reference {
    fn of(parts: &[Part]) -> Self {
        let compared = parts.iter().find_map(|part| Some((&part.trace, part.trace.to_first?)));
        let from_unix = compared
            .map_or(0, |(trace, offset)| i128::from(offset.nanos) - i128::from(trace.unix_nanos));
        Self { from_unix }
    }

    fn offset(&self, trace: &NodeTrace) -> i128 {
        let by_date = || i128::from(trace.unix_nanos) + self.from_unix;
        trace.to_first.map_or_else(by_date, |offset| offset.nanos.into())
    }
}

fn microseconds(nanos: i128) -> f64 {
    nanos as f64 / 1000.0
}

/// Names and order of a node and its lanes.
fn describe(pid: usize, part: &Part, events: &mut Vec<Value>) {
    let Part { node, trace, .. } = part;
    let clock = match trace.to_first {
        Some(Offset { error_nanos, .. }) => format!("clock ± {} µs", error_nanos.div_ceil(1000)),
        None => "clock not compared: times may be far off".to_owned(),
    };
    let mut tell = |name: &str, tid: usize, args: Value| {
        events.push(json!({ "ph": "M", "name": name, "pid": pid, "tid": tid, "args": args }));
    };
    tell("process_name", 0, json!({ "name": node.to_string() }));
    tell("process_sort_index", 0, json!({ "sort_index": pid }));
    tell("process_labels", 0, json!({ "labels": clock }));
    for (tid, lane) in trace.lanes.iter().enumerate() {
        tell("thread_name", tid, json!({ "name": lane }));
    }
}

/// What is known of a node besides.
fn node_data(trace: &NodeTrace) -> Value {
    json!({
        "clock_error_us": trace.to_first.map(|it| microseconds(it.error_nanos.into())),
        "spans": trace.spans.len(),
        "dropped": trace.dropped,
    })
}

fn event(begin: i128, pid: usize, span: &Span) -> Value {
    let mut event = json!({
        "name": span.name,
        "pid": pid,
        "tid": span.lane,
        "ts": microseconds(begin),
        "args": span.figures,
    });
    if let Some(fields) = event.as_object_mut() {
        if span.nanos == 0 {
            fields.extend([("ph".to_owned(), "i".into()), ("s".to_owned(), "t".into())]);
        } else {
            let dur = microseconds(span.nanos.into());
            fields.extend([("ph".to_owned(), "X".into()), ("dur".to_owned(), dur.into())]);
        }
    }
    event
}

#[cfg(test)]
mod tests {
    use caucus_core::trace::Figures;

    use super::*;

    fn part(node: &str, run: &str, to_first: Option<i64>, begins: &[u64]) -> Part {
        let span = |begin: &u64| Span {
            lane: 0,
            name: "mul".into(),
            begin: *begin,
            nanos: 500,
            figures: Figures::new(),
        };
        Part {
            file: format!("{node}-{run}.json").into(),
            node: node.parse().unwrap(),
            trace: NodeTrace {
                caucus_trace: FORMAT,
                node: node.into(),
                run: run.into(),
                program: "sum".into(),
                unix_nanos: 1_000_000,
                to_first: to_first.map(|nanos| Offset { nanos, error_nanos: 1_500 }),
                lanes: vec!["main thread".into()],
                spans: begins.iter().map(span).collect(),
                dropped: 3,
            },
        }
    }

    /// The spans of a merged trace: process and time.
    fn times(merged: &Value) -> Vec<(u64, f64)> {
        let events = merged["traceEvents"].as_array().unwrap();
        let spans = events.iter().filter(|it| it["ph"] == "X");
        spans.map(|it| (it["pid"].as_u64().unwrap(), it["ts"].as_f64().unwrap())).collect()
    }

    #[test]
    fn spans_are_sorted_by_corrected_times() {
        let parts = vec![
            part("P1", "a", Some(-10_000), &[12_000, 15_000]),
            part("P0.W0", "a", Some(3_000), &[0]),
            part("P0", "a", Some(0), &[1_000, 4_000]),
        ];
        let merged = merge(parts).unwrap();
        let expected = [(0, 0.0), (2, 1.0), (1, 2.0), (0, 3.0), (2, 4.0)];
        assert_eq!(times(&merged), expected);
        let names = merged["traceEvents"].as_array().unwrap().iter();
        let names = names.filter(|it| it["name"] == "process_name").map(|it| &it["args"]["name"]);
        assert_eq!(names.collect::<Vec<_>>(), ["P0", "P0.W0", "P1"]);
        assert_eq!(merged["otherData"]["nodes"]["P1"]["clock_error_us"], 1.5);
        assert_eq!(merged["otherData"]["nodes"]["P1"]["dropped"], 3);
    }

    #[test]
    fn clocks_that_were_not_compared_are_taken_from_the_date_and_marked() {
        let mut late = part("P1", "a", None, &[0]);
        late.trace.unix_nanos += 7_000;
        let merged = merge(vec![part("P0", "a", Some(2_000), &[0]), late]).unwrap();
        assert_eq!(times(&merged), [(0, 0.0), (1, 7.0)]);
        let text = merged.to_string();
        assert!(text.contains("clock ± 2 µs") && text.contains("clock not compared"), "{text}");
        assert_eq!(merged["otherData"]["nodes"]["P1"]["clock_error_us"], Value::Null);
    }

    #[test]
    fn files_of_different_runs_or_of_one_node_are_refused() {
        let parts = vec![part("P0", "a", Some(0), &[]), part("P1", "b", Some(0), &[])];
        let error = merge(parts).unwrap_err().to_string();
        let expected =
            "P0-a.json and P1-b.json are of different runs (a and b): give files of one run";
        assert_eq!(error, expected);
        let parts = vec![part("P0", "a", Some(0), &[]), part("P0", "a", Some(0), &[])];
        assert!(merge(parts).unwrap_err().to_string().contains("are both of P0"));
    }

    #[test]
    fn other_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.json");
        let wrong = |text: &str| {
            std::fs::write(&file, text).unwrap();
            read(&file).unwrap_err().to_string()
        };
        assert!(wrong("{}").contains("no trace of a node"));
        let mut trace = part("P0", "a", None, &[0]).trace;
        trace.lanes.clear();
        assert!(wrong(&serde_json::to_string(&trace).unwrap()).contains("is in no lane"));
        trace.node = "P0.X".into();
        assert!(wrong(&serde_json::to_string(&trace).unwrap()).contains("P0.X"));
        trace.caucus_trace = 9;
        assert!(wrong(&serde_json::to_string(&trace).unwrap()).contains("format 9"));
        assert!(read(&folder.path().join("nothing")).is_err());
    }
}
