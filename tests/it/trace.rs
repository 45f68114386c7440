//! Traces of runs over 3 × (1 + 2) nodes: merged, with the clocks of all nodes compared.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Fleet, Site};

/// Comparisons in chunks of so many, by two threads each: the loop is in line 5.
const PROGRAM: &str = "
n, chunk = int(program.args[1]), int(program.args[2])
a = Array.create_from(sint(regint.inc(n)))
b = sint.Array(n)
@for_range_opt_multinode(n, n_threads=2, chunk=chunk)
def _(i):
    b[i] = (a[i] < n // 2).if_else(a[i], 1)
print_ln('%s', sum(b).reveal())
";

fn expected(n: u64) -> String {
    let half = n / 2;
    format!("{}\n", half * (half - 1) / 2 + (n - half))
}

/// A span of a merged trace; times are microseconds.
#[derive(Clone, Debug)]
struct Span {
    node: String,
    lane: String,
    name: String,
    begin: f64,
    end: f64,
    args: Value,
}

/// What a merged trace tells: spans in the order of the file, and the bound of each node's clock.
struct Merged {
    spans: Vec<Span>,
    errors: BTreeMap<String, f64>,
}

impl Merged {
    #[track_caller]
    fn read(text: &str) -> Self {
        let all: Value = serde_json::from_str(text).unwrap();
        let events = all["traceEvents"].as_array().unwrap();
        let number = |event: &Value, name: &str| event[name].as_u64().unwrap();
        let name_of = |what: &'static str| {
            let named = events.iter().filter(move |it| it["ph"] == "M" && it["name"] == what);
            named.map(move |it| {
                let name = it["args"]["name"].as_str().unwrap().to_owned();
                ((number(it, "pid"), number(it, "tid")), name)
            })
        };
        let nodes: BTreeMap<_, _> =
            name_of("process_name").map(|((pid, _), it)| (pid, it)).collect();
        let lanes: BTreeMap<_, _> = name_of("thread_name").collect();
        let happened = events.iter().filter(|it| it["ph"] != "M");
        let spans: Vec<_> = happened
            .map(|it| {
                let place = (number(it, "pid"), number(it, "tid"));
                let begin = it["ts"].as_f64().unwrap();
                Span {
                    node: nodes[&place.0].clone(),
                    lane: lanes[&place].clone(),
                    name: it["name"].as_str().unwrap().to_owned(),
                    begin,
                    end: begin + it["dur"].as_f64().unwrap_or(0.0),
                    args: it["args"].clone(),
                }
            })
            .collect();
        assert!(spans.is_sorted_by(|a, b| a.begin <= b.begin), "sorted by time");
        let errors = all["otherData"]["nodes"].as_object().unwrap();
        let error =
            |(node, it): (&String, &Value)| Some((node.clone(), it["clock_error_us"].as_f64()?));
        Self { spans, errors: errors.iter().filter_map(error).collect() }
    }

    fn of<'a, 'n>(
        &'a self,
        node: &'n str,
        name: &'n str,
    ) -> impl Iterator<Item = &'a Span> + use<'a, 'n> {
        self.spans.iter().filter(move |it| it.node == node && it.name.starts_with(name))
    }

    /// Spans of a lane lie apart or within each other: else no viewer can show them.
    fn check_lanes(&self) {
        let mut open: BTreeMap<(&str, &str), Vec<&Span>> = BTreeMap::new();
        for span in &self.spans {
            let stack = open.entry((&span.node, &span.lane)).or_default();
            // What is written has three digits behind the point, of numbers that may be large.
            while stack.last().is_some_and(|it| it.end <= span.begin + 0.01) {
                stack.pop();
            }
            if let Some(outer) = stack.last() {
                assert!(span.end <= outer.end + 0.01, "{span:#?} is not within {outer:#?}");
            }
            stack.push(span);
        }
    }
}

/// `P0`, `P0.W0`, …: all nodes of three parties with two workers each.
fn all_nodes() -> Vec<String> {
    let of = |party| [format!("P{party}"), format!("P{party}.W0"), format!("P{party}.W1")];
    (0..3).flat_map(of).collect()
}

#[test]
fn a_merged_trace_has_every_node_and_chunks_lie_within_their_loop() {
    let site = Site::new();
    site.program("halves", PROGRAM);
    let words = "-q --trace trace.json --workers 2 ring halves 40000 10000";
    assert_eq!(site.compile_run(words).succeed().stdout, expected(40_000));
    let text = std::fs::read_to_string(site.path("trace.json")).unwrap();
    let merged = Merged::read(&text);
    merged.check_lanes();
    assert_eq!(merged.errors.keys().cloned().collect::<Vec<_>>(), all_nodes());
    // P0's clock is the one that the others are compared with.
    assert_eq!(merged.errors["P0"], 0.0);
    for (node, error) in &merged.errors {
        assert!(*error < 200_000.0, "{node}: {error} us");
    }
    let names = |node: &str| {
        let all = merged.of(node, "").map(|it| it.name.clone());
        all.collect::<BTreeSet<_>>()
    };
    for party in ["P0", "P1", "P2"] {
        for name in ["set-up", "agreeing", "running", "finishing", "connecting set 1"] {
            assert!(names(party).contains(name), "{party}: {name} in {:?}", names(party));
        }
        let loops: Vec<_> = merged.of(party, "distributed loop").collect();
        let [the_loop] = loops[..] else { panic!("{party}: {loops:?}") };
        assert!(the_loop.args["line"].as_str().unwrap().ends_with("halves.mpc:5"), "{the_loop:?}");
        let attempts: Vec<_> = merged.of(party, "chunk ").collect();
        assert_eq!(attempts.len(), 4, "{attempts:#?}");
        for part in ["sending", "waiting", "receiving"] {
            assert_eq!(merged.of(party, part).count(), 4, "{party}: {part}");
        }
        let mut computed = 0;
        for worker in 0..2 {
            let node = format!("{party}.W{worker}");
            assert!(names(&node).contains("connecting the set"), "{:?}", names(&node));
            let bound = merged.errors[party] + merged.errors[&node];
            for chunk in merged.of(&node, "chunk ") {
                computed += 1;
                assert!(chunk.begin >= the_loop.begin - bound, "{chunk:?} of {the_loop:?}");
                assert!(chunk.end <= the_loop.end + bound, "{chunk:?} of {the_loop:?}");
                // The same attempt of the main node has it within it.
                let same = |it: &&&Span| it.args["attempt"] == chunk.args["attempt"];
                let attempt = attempts.iter().find(same).unwrap();
                assert_eq!(attempt.args["set"], worker, "{attempt:?}");
                assert!(chunk.begin >= attempt.begin - bound, "{chunk:?} of {attempt:?}");
                assert!(chunk.end <= attempt.end + bound, "{chunk:?} of {attempt:?}");
                let tapes = merged.of(&node, "tape ").filter(|it| {
                    it.lane.starts_with("thread ") && it.begin >= chunk.begin && it.end <= chunk.end
                });
                assert_eq!(tapes.count(), 2, "{chunk:?}");
            }
        }
        assert_eq!(computed, 4);
    }
    // Instructions that take long have their line, bytes and rounds.
    let long: Vec<_> = merged.spans.iter().filter(|it| it.args.get("line").is_some()).collect();
    assert!(long.iter().all(|it| it.args["rounds"].is_u64() && it.args["bytes_sent"].is_u64()));
    // Names, lines, sizes and times, and nothing else.
    let figures = merged.spans.iter().filter_map(|it| it.args.as_object()).flat_map(|it| it.keys());
    let known = [
        "attempt",
        "bytes",
        "bytes_among_workers",
        "bytes_sent",
        "chunk",
        "epoch",
        "line",
        "rounds",
        "set",
        "waited_us",
    ];
    let figures: BTreeSet<_> = figures.map(String::as_str).collect();
    assert!(figures.is_subset(&known.into()), "{figures:?}");
}

/// The trace of a node as it was written.
fn node_trace(fleet: &Fleet, node: &str) -> Value {
    let text = std::fs::read_to_string(fleet.site.path(&format!("{node}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_killed_worker_s_attempt_is_marked_and_clocks_are_as_the_machine_says() {
    let mut fleet = Fleet::new(2);
    fleet.site.program("halves", PROGRAM);
    fleet.main_options = "--trace {node}.json".into();
    for party in 0..3 {
        for index in 0..2 {
            let main = fleet.door(party);
            fleet.start_worker_with(party, index, main, "--trace {node}.json");
        }
    }
    fleet.start_mains(2, "halves 2000000 20000");
    // It computes, and goes on for a while.
    let victim = fleet.workers[&(1, 0)].pid().as_raw_nonzero().get();
    fleet
        .main(1)
        .wait_until("distributed anything", |_| crate::nodes::connections(victim).len() > 4);
    std::thread::sleep(Duration::from_millis(300));
    assert!(!fleet.is_over());
    fleet.signal(1, 0, Signal::KILL);
    let (printed, said) = fleet.succeed();
    assert_eq!(printed, expected(2_000_000), "{said}");
    // Workers write when they have heard that the run is over.
    let deadline = Instant::now() + Duration::from_secs(20);
    for ((party, index), worker) in fleet.workers.iter().filter(|(name, _)| **name != (1, 0)) {
        while !worker.stderr().contains("has served a run") {
            assert!(Instant::now() < deadline, "P{party}.W{index}: {}", worker.stderr());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    // All but the one that was killed have left a file.
    let nodes: Vec<_> = all_nodes().into_iter().filter(|it| it != "P1.W0").collect();
    assert!(!fleet.site.path("P1.W0.json").exists());
    let files: String = nodes.iter().map(|node| format!(" {node}.json")).collect();
    let merged = fleet.site.caucus(&format!("trace{files}")).succeed();
    let merged = Merged::read(&merged.stdout);
    merged.check_lanes();
    assert_eq!(merged.errors.keys().cloned().collect::<Vec<_>>(), nodes);
    for party in ["P0", "P1", "P2"] {
        let lost: Vec<_> =
            merged.of(party, "chunk ").filter(|it| it.args.get("lost").is_some()).collect();
        // The others may not have begun it when they were told to give it up.
        assert!(!lost.is_empty() || party != "P1", "{party} has lost no attempt\n{said}");
        assert!(
            lost.iter().all(|it| it.args["set"] == 0 && it.lane.starts_with("worker 0")),
            "{lost:#?}"
        );
        // The chunk was computed all the same.
        for attempt in lost {
            let again = merged.of(party, "chunk ").filter(|it| it.name == attempt.name);
            let again = again.filter(|it| it.args.get("lost").is_none());
            assert_eq!(again.count(), 1, "{attempt:?}");
        }
    }
    // All nodes are on one machine, so that its clock tells how far theirs are apart.
    let began = |node: &str| {
        let trace = node_trace(&fleet, node);
        let offset = trace["to_first"]["nanos"].as_i64().unwrap();
        i128::from(trace["unix_nanos"].as_u64().unwrap()) - i128::from(offset)
    };
    for node in &nodes {
        let wrong = (began(node) - began("P0")).unsigned_abs() as f64 / 1000.0;
        // Both clocks are read one after the other when a trace begins.
        assert!(wrong <= merged.errors[node] + 20_000.0, "{node}: {wrong} us");
    }
    // Another run is another run.
    std::fs::rename(fleet.site.path("P0.json"), fleet.site.path("old.json")).unwrap();
    fleet.main_options = "--trace {node}.json".into();
    fleet.start_mains(2, "halves 8000 8000");
    assert_eq!(fleet.succeed().0, expected(8_000));
    fleet
        .site
        .caucus("trace old.json P1.json")
        .fail(2, &["of different runs", "old.json", "P1.json"]);
}
