//! Runs programs that say in their heads what they need and what they must print, several at a
//! time.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Finished, Head, Site, costs};

/// The protocols of this version. Heads may name others.
pub(crate) const PROTOCOLS: [&str; 2] = ["ring", "emulate"];

/// Programs that do on purpose what a checked run stops at, and what it says.
const STOPPED: [(&str, &str); 3] = [
    ("mem_values", "was never written"),
    ("sint_wrap", "does not fit the ring's 64 bits"),
    ("tax_brackets", "was never written"),
];

/// All programs below a folder, sorted.
pub(crate) fn programs(folder: &Path) -> Vec<PathBuf> {
    files(folder, "mpc")
}

/// All files with an ending below a folder, sorted.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Does something with each item on as many threads as there are processors. The answers are in
/// the order of the items.
pub(crate) fn each<T: Sync, A: Send>(items: &[T], work: impl Fn(&T) -> A + Sync) -> Vec<A> {
    let next = AtomicUsize::new(0);
    let n_threads = std::thread::available_parallelism().map_or(2, |it| it.get());
    let mut answers: Vec<(usize, A)> = std::thread::scope(|scope| {
        let share = || {
            let mut answers = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(number) else { return answers };
                answers.push((number, work(item)));
            }
        };
        let workers: Vec<_> = (0..n_threads).map(|_| scope.spawn(share)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    answers.sort_by_key(|(number, _)| *number);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// Does something with each item, several at a time; what it gives back are complaints.
pub(crate) fn complaints<T: Sync>(items: &[T], check: impl Fn(&T) -> Vec<String> + Sync) {
    let wrong = each(items, check).concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A folder with a program and everything that its head asks for.
pub(crate) fn site_of(path: &Path, head: &Head, text: &str) -> Site {
    let name = path.file_stem().unwrap().to_str().unwrap();
    let site = Site::new();
    site.program(name, text);
    give_inputs(&site, head);
    if let Some(tokens) = &head.public_input {
        let words: Vec<_> = std::iter::once(name).chain(head.args.split_whitespace()).collect();
        let folder = site.path("Programs/Public-Input");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(words.join("-")), tokens).unwrap();
    }
    site
}

fn give_inputs(site: &Site, head: &Head) {
    for (party, tokens) in head.input_files() {
        site.input(party, &tokens);
    }
    for (party, part, tokens) in &head.parts {
        site.part(*party, *part, tokens);
    }
}

/// Runs a program under each of its protocols and as a checked run, and complains if it prints
/// anything else than its head says. With `extra` options of the run.
pub(crate) fn run_program(path: &Path, extra: &str) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let head = Head::of(&text);
    let name = path.file_stem().unwrap().to_str().unwrap();
    if !head.unknown.is_empty() {
        return vec![format!("{name}: no test serves what it needs: {:?}", head.unknown)];
    }
    let mut wrong = Vec::new();
    let Some(expected) = &head.expect else {
        return vec![format!("{name} states no expected output")];
    };
    let stopped = STOPPED.iter().find(|(known, _)| *known == name).map(|(_, message)| *message);
    let stopped = stopped.or(head.stopped.as_deref());
    let checked = (!head.unchecked).then_some("check");
    for protocol in protocols_of(&head).into_iter().chain(checked) {
        let site = site_of(path, &head, &text);
        for first in &head.after {
            run_before(&site, &path.with_file_name(format!("{first}.mpc")), protocol, extra);
            // That one had inputs of its own.
            give_inputs(&site, &head);
        }
        // One process shows the output of one party only.
        let others = if protocol != "ring" { &[][..] } else { &head.expect_others };
        let files = if others.is_empty() { "" } else { "-OF party" };
        let Head { flags, args, run_args, .. } = &head;
        let file = file_of(name);
        // What a run is said to cost must be what it costs, whatever the program.
        // With workers, much of it happens on their connections.
        let is_told = protocol == "ring" && !extra.contains("--workers");
        let cost = if is_told { "--cost --stats stats.json" } else { "" };
        let words =
            format!("{cost} {extra} {flags} {protocol} {file} {args} -- {run_args} {files}");
        let finished = site.compile_run(&words).finish();
        if let (Some(message), "check") = (stopped, protocol) {
            if finished.code != 1 || !finished.stderr.contains(message) {
                wrong.push(format!("check {name} is not stopped: {message}\n{}", finished.stderr));
            }
            continue;
        }
        let mut compare = |party: usize, stdout: &str, expected: &String| {
            let shown = head.shown(stdout);
            if finished.code != 0 || shown != *expected {
                wrong.push(format!(
                    "{protocol} {name}: P{party}, code {}\n{shown}instead of\n{expected}{}",
                    finished.code, finished.stderr
                ));
            }
        };
        compare(0, &finished.stdout, expected);
        for (party, expected) in others {
            let file = site.path(&format!("party-P{party}-0"));
            compare(*party, &fs::read_to_string(file).unwrap_or_default(), expected);
        }
        if is_told && finished.code == 0 {
            let complaint = costs::complaint(&finished.stderr, &site.path("stats.json"));
            wrong.extend(complaint.map(|text| format!("{name}: {text}")));
        }
    }
    wrong
}

/// Where a test's program is: by its name alone, one of the project's could be found first.
fn file_of(name: &str) -> String {
    format!("Programs/Source/{name}.mpc")
}

/// Runs a program that another one needs, with the inputs of its own head.
fn run_before(site: &Site, path: &Path, protocol: &str, extra: &str) {
    let text = fs::read_to_string(path).unwrap();
    let head = Head::of(&text);
    let name = path.file_stem().unwrap().to_str().unwrap();
    site.program(name, &text);
    give_inputs(site, &head);
    let file = file_of(name);
    let words = format!("{extra} {} {protocol} {file} {}", head.flags, head.args);
    site.compile_run(&words).succeed();
}

/// The protocols under which a program is run. Other implementations cannot run all programs in one
/// process; this one can, whether the head lists it or not.
fn protocols_of(head: &Head) -> Vec<&'static str> {
    let listed = |name| {
        let mut known = head.protocols.iter();
        head.protocols.is_empty() || known.any(|it| it.split('-').next() == Some(name))
    };
    PROTOCOLS.into_iter().filter(|it| *it == "emulate" || listed(it)).collect()
}

/// What every refusal has: no success, no fault of ours, nothing that only developers understand.
fn clear_refusal(finished: &Finished) -> Vec<&'static str> {
    let text = &finished.stderr;
    let foreign = ["panicked", "Traceback", "RUST_BACKTRACE", "compiler/python/caucus"];
    let mut wrong = Vec::new();
    if finished.code == 0 {
        wrong.push("is not refused");
    }
    if finished.code >= 10 {
        wrong.push("ends with a code for faults of ours");
    }
    if foreign.iter().any(|word| text.contains(word)) {
        wrong.push("shows what only developers understand");
    }
    if !text.contains("error[") && !text.starts_with("caucus: ") {
        wrong.push("has no message of ours");
    }
    wrong
}

/// Complains unless a program of a domain that this version does not have is refused while it is
/// compiled, with a code or a message about the command line.
pub(crate) fn refuse_domain(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let head = Head::of(&text);
    let name = path.file_stem().unwrap().to_str().unwrap();
    let site = site_of(path, &head, &text);
    let finished = site
        .compile_run(&format!("{} emulate {} {}", head.flags, file_of(name), head.args))
        .finish();
    let mut wrong = clear_refusal(&finished);
    let coded = finished.stderr.contains("error[E02");
    if finished.code != 2 || !(coded || finished.stderr.contains("is not supported")) {
        wrong.push("does not say that this domain is not available");
    }
    let tell = |what| format!("{what}\n{}{}", finished.stdout, finished.stderr);
    wrong.into_iter().map(tell).collect()
}

/// Runs a program that must be refused under each of its protocols, and complains if it is not, or
/// if the message lacks what its head asks for.
pub(crate) fn refuse_program(path: &Path, extra: &str) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let head = Head::of(&text);
    let name = path.file_stem().unwrap().to_str().unwrap();
    let mut complaints = Vec::new();
    for protocol in protocols_of(&head) {
        let site = site_of(path, &head, &text);
        let file = file_of(name);
        let words = format!("-q {extra} {} {protocol} {file} {}", head.flags, head.args);
        let finished = site.compile_run(&words).finish();
        let mut wrong = clear_refusal(&finished);
        // Wrong command lines and programs end with code 2; to be earlier than asked is no fault.
        if head.refuse == "compile" && finished.code != 2 {
            wrong.push("is not refused while it is compiled");
        }
        let printed = head.shown(&finished.stdout);
        if !printed.starts_with(head.expect.as_deref().unwrap_or_default()) {
            wrong.push("does not print what comes before");
        }
        if head.line.is_some_and(|line| !finished.stderr.contains(&format!("{name}.mpc:{line}"))) {
            wrong.push("does not name the line");
        }
        // The name of the file and the quoted line may well mention the cause: they do not count.
        let message: String = finished
            .stderr
            .lines()
            .filter(|line| !line.trim_start_matches(char::is_numeric).starts_with(" |"))
            .map(|line| line.replace(name, "").to_lowercase() + "\n")
            .collect();
        if head.mention.iter().any(|idea| !idea.iter().any(|word| message.contains(word))) {
            wrong.push("does not mention the cause");
        }
        let tell = |what: &str| {
            let Finished { stdout, stderr, code, .. } = &finished;
            format!("{what} ({protocol}, code {code})\n{stdout}{stderr}")
        };
        complaints.extend(wrong.into_iter().map(tell));
    }
    complaints
}

/// What compiling a program says that it costs.
pub(crate) fn told_cost(path: &Path) -> costs::Told {
    let text = fs::read_to_string(path).unwrap();
    let head = Head::of(&text);
    let name = path.file_stem().unwrap().to_str().unwrap();
    let site = site_of(path, &head, &text);
    let Head { flags, args, .. } = &head;
    let words = format!("compile -E ring --cost {flags} {} {args}", file_of(name));
    costs::Told::of(&site.caucus(&words).succeed().stderr)
}
