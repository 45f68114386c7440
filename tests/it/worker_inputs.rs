//! Private inputs that workers read themselves: files, files behind HTTPS, and what goes wrong with them.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::https::{Answer, WebServer};
use crate::support::{Finished, Fleet, Site};

/// Arguments: number of values, number of parts. P0's values in order, and 100 times their sum of squares.
const PROGRAM: &str = "
n, parts = int(program.args[1]), int(program.args[2])
a = sint.Array(n)
@for_range_opt_multinode(n, parts=parts)
def _(i):
    a[i] = sint.input_from_workers(0)
@map_sum_multinode(n, [sint], parts=parts)
def squares(i):
    x = sint.input_from_workers(0)
    return x * x
print_ln('%s %s', a.reveal(), (squares() * 100).reveal())
";

/// Four parts of ten values.
const PARTS: [&str; 4] = ["11 12\n13\n", "14 15 16", "17\t18", "19 20"];
const EXPECTED: &str = "[11, 12, 13, 14, 15, 16, 17, 18, 19, 20] 248500\n";

fn site() -> Site {
    let site = Site::new();
    site.program("read", PROGRAM);
    site
}

#[test]
fn files_give_the_same_for_every_number_of_workers() {
    let site = site();
    (0..4).for_each(|part| site.part(0, part, PARTS[part]));
    for (workers, protocol) in [(0, "emulate"), (0, "ring"), (1, "ring"), (2, "ring"), (4, "ring")]
    {
        let words = format!("-q --workers {workers} {protocol} read 10 4");
        assert_eq!(site.compile_run(&words).succeed().stdout, EXPECTED, "{words}");
    }
    // Under other names.
    fs::rename(site.path("Player-Data"), site.path("data")).unwrap();
    let words = "-q --workers 2 --input-parts data/Input-P{party}-W{part} ring read 10 4";
    assert_eq!(site.compile_run(words).succeed().stdout, EXPECTED);
    let words = "-q --workers 2 --input-dir data ring read 10 4";
    assert_eq!(site.compile_run(words).succeed().stdout, EXPECTED);
    let refused = site.compile_run("--input-parts data/numbers ring read 10 4");
    refused.fail(2, &["--input-parts data/numbers", "{part}"]);
}

#[test]
fn what_workers_read_does_not_pass_the_main_nodes() {
    let site = Site::new();
    let n = 40_000_u64;
    for part in 0..4 {
        let values = (0..n / 4).map(|k| format!("{}\n", 10_000 * part + k as usize));
        site.part(0, part, &values.collect::<String>());
    }
    let words = format!("-q --workers 2 --stats stats.json ring statistics_multinode {n} 4");
    let total = n * (n - 1) / 2;
    let mean = total * 1_000_000 / n;
    let shown = site.compile_run(&words).succeed().stdout;
    assert!(shown.contains(&format!("{n} values, in millionths: mean {mean}, ")), "{shown}");
    let stats: Value = serde_json::from_slice(&fs::read(site.path("stats.json")).unwrap()).unwrap();
    for party in stats["parties"].as_array().unwrap() {
        let number = |value: &Value| value.as_u64().unwrap();
        let workers = party["workers"].as_array().unwrap();
        let of_workers = |field| workers.iter().map(|it| number(&it[field])).sum::<u64>();
        // To the workers goes nothing, back come two sums of each part.
        let passed = ["chunks", "bytes_to_worker", "bytes_from_worker"].map(of_workers);
        assert_eq!(passed, [4, 0, 4 * 2 * 16], "{stats:#}");
        assert!(number(&party["bytes_sent"]) < 10_000, "{stats:#}");
    }
}

/// Workers of each party, where those of P0 have these parts, each in a folder of its own.
fn fleet(parts: &[&[usize]]) -> Fleet {
    let mut fleet = Fleet::new(parts.len() as u32);
    fleet.site.program("read", PROGRAM);
    for (worker, parts) in (0..).zip(parts) {
        let folder = fleet.site.path(&format!("data-{worker}"));
        fs::create_dir(&folder).unwrap();
        for part in *parts {
            fs::write(folder.join(format!("Input-P0-W{part}")), PARTS[*part]).unwrap();
        }
        for party in 0..3 {
            let main = fleet.door(party);
            fleet.start_worker_with(party, worker, main, &format!("--input-dir data-{worker}"));
        }
    }
    fleet
}

#[test]
fn each_part_is_read_where_it_is_at_home_and_nowhere_else() {
    let mut fleet = fleet(&[&[0, 2], &[1, 3]]);
    for _ in 0..2 {
        fleet.start_mains(2, "read 10 4");
        let (stdout, said) = fleet.succeed();
        assert_eq!(stdout, EXPECTED);
        assert!(!said.contains("computed again"), "{said}");
    }
}

#[test]
fn a_part_that_lies_elsewhere_is_found() {
    let mut fleet = fleet(&[&[1, 2], &[0, 3]]);
    fleet.start_mains(2, "read 10 4");
    let (stdout, said) = fleet.succeed();
    assert_eq!(stdout, EXPECTED);
    for text in [
        "chunk 0 is computed again, by the workers 1: P0.W0: part 0 of the private inputs of P0 (Input-P0-W0) is not \
         here",
        "chunk 1 is computed again, by the workers 0: P0.W1: part 1",
    ] {
        assert!(said.contains(text), "{text:?} is missing in\n{said}");
    }
    assert!(fleet.workers_said().contains("data-0/Input-P0-W0"), "{}", fleet.workers_said());
}

/// All main nodes have failed because of private inputs, and have said so.
#[track_caller]
fn all_refused(ended: &[Finished], texts: &[&str]) {
    for end in ended {
        assert_eq!(end.code, 9, "{ended:#?}");
        for text in texts {
            assert!(end.stderr.contains(text), "{text:?} is missing in {}", end.stderr);
        }
    }
}

#[test]
fn a_part_that_nobody_has_ends_the_run_at_all_parties() {
    let mut fleet = fleet(&[&[0, 2], &[1]]);
    fleet.start_mains(2, "read 10 4");
    let ended = fleet.finish();
    all_refused(
        &ended,
        &[
            "no worker has part 3",
            "private inputs of P0 (Input-P0-W3) is not here",
            "P0.W0",
            "0, 1",
        ],
    );
    // The workers serve the next run.
    fs::write(fleet.site.path("data-1/Input-P0-W3"), PARTS[3]).unwrap();
    fleet.start_mains(2, "read 10 4");
    assert_eq!(fleet.succeed().0, EXPECTED);
}

#[test]
fn wrong_parts_are_told_to_their_own_party_in_full_and_to_others_without_places() {
    let mut fleet = fleet(&[&[0, 1, 2, 3]]);
    for (text, own, peers) in [
        (
            "4711 x15 16",
            "data-0/Input-P0-W1:1:6: the private input is not an integer",
            "no. 2 of part 1 of the private inputs of P0 (Input-P0-W1) is not an integer",
        ),
        (
            "4711 15",
            "data-0/Input-P0-W1: the program takes at least 3 numbers of part 1 of the private inputs of P0, there are \
             2",
            "part 1 of the private inputs of P0 (Input-P0-W1) has too few numbers",
        ),
        (
            "4711 15 16 17",
            "data-0/Input-P0-W1: the program takes 3 numbers of part 1 of the private inputs of P0, there are 4",
            "part 1 of the private inputs of P0 (Input-P0-W1) has too many numbers",
        ),
    ] {
        fs::write(fleet.site.path("data-0/Input-P0-W1"), text).unwrap();
        fleet.start_mains(1, "read 10 4");
        let ended = fleet.finish();
        all_refused(&ended, &["P0.W0", peers]);
        assert!(ended.iter().all(|end| !end.stderr.contains("data-0")), "{ended:#?}");
        let said = fleet.workers_said();
        assert!(said.contains(own), "{own:?} is missing in\n{said}");
        assert!(!said.contains("47") && ended.iter().all(|end| !end.stderr.contains("4711")));
    }
}

/// What a manifest says of a file.
fn entry(part: usize, url: &str, text: &str) -> Value {
    let sum: String =
        digest(&SHA256, text.as_bytes()).as_ref().iter().map(|it| format!("{it:02x}")).collect();
    json!({"part": part, "url": url, "bytes": text.len(), "sha256": sum})
}

/// A manifest of all parts at this server.
fn manifest(server: &WebServer) -> Value {
    let parts: Vec<_> = (0..4)
        .map(|part| {
            // The query may be a secret.
            entry(part, &server.url(&format!("/{part}.txt?token=hunter2")), PARTS[part])
        })
        .collect();
    json!({"hosts": ["127.0.0.1"], "ca": "ca.pem", "timeout": 20, "parts": parts})
}

fn write(site: &Site, server: &WebServer, manifest: &Value) {
    fs::write(site.path("ca.pem"), &server.authority).unwrap();
    fs::write(site.path("manifest.json"), manifest.to_string()).unwrap();
}

/// The part of a path.
fn part_of(path: &str) -> &'static str {
    PARTS[path[1..2].parse::<usize>().unwrap()]
}

/// Runs the program with two workers of each party that fetch their parts.
#[track_caller]
fn fetched(server: &WebServer, manifest: &Value) -> Finished {
    let site = site();
    write(&site, server, manifest);
    let words = "--workers 2 --input-manifest manifest.json ring read 10 4";
    let finished = site.compile_run(words).finish();
    assert!(!finished.stderr.contains("hunter2"), "{}", finished.stderr);
    finished
}

#[track_caller]
fn succeeds(finished: &Finished) {
    assert_eq!((finished.code, finished.stdout.as_str()), (0, EXPECTED), "{}", finished.stderr);
}

/// The run fails with these words at P0's worker 0, and these for all.
#[track_caller]
fn refused(finished: &Finished, own: &str, peers: &str) {
    assert_eq!(finished.code, 9, "{}", finished.stderr);
    let peers =
        format!("P0.W0: part 0 of the private inputs of P0 (0.txt) cannot be fetched: {peers}");
    for text in [own, "[E0418]", &peers] {
        assert!(finished.stderr.contains(text), "{text:?} is missing in\n{}", finished.stderr);
    }
}

const FIRST: &str = "/0.txt?token=hunter2";

#[test]
fn parts_are_fetched_by_the_workers_that_take_them() {
    let server = WebServer::start(|path, _| Answer::file(part_of(path)));
    succeeds(&fetched(&server, &manifest(&server)));
    // The second loop takes what is in memory, unless another part was read since.
    assert_eq!(server.asked(FIRST), 2);
}

#[test]
fn all_workers_fetch_at_the_same_time() {
    let waiting = AtomicUsize::new(0);
    let server = WebServer::start(move |path, _| {
        // Nobody gets a part before all four have asked.
        waiting.fetch_add(1, Ordering::SeqCst);
        let deadline = Instant::now() + Duration::from_secs(15);
        while waiting.load(Ordering::SeqCst) < 4 && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        let all = waiting.load(Ordering::SeqCst) >= 4;
        if all { Answer::file(part_of(path)) } else { Answer::status(404) }
    });
    let site = site();
    write(&site, &server, &manifest(&server));
    let words = "--workers 4 --input-manifest manifest.json ring read 10 4";
    succeeds(&site.compile_run(words).finish());
    // What was fetched for the first loop is still there for the second.
    assert_eq!(server.asked(FIRST), 1);
}

/// P0's worker 0 is being sent its part, slowly, when this worker is killed and started again.
fn killed_while_reading(party: u8, index: u32) {
    let server = WebServer::start(|path, before| {
        let pause = Duration::from_secs(if path == FIRST && before == 0 { 60 } else { 0 });
        Answer { pause, ..Answer::file(part_of(path)) }
    });
    let mut fleet = Fleet::new(2);
    fleet.site.program("read", PROGRAM);
    // Longer than a test may take.
    let mut manifest = manifest(&server);
    manifest["timeout"] = json!(300);
    write(&fleet.site, &server, &manifest);
    let start = |fleet: &mut Fleet, party, index| {
        let main = fleet.door(party);
        fleet.start_worker_with(party, index, main, "--input-manifest manifest.json");
    };
    for party in 0..3 {
        (0..2).for_each(|index| start(&mut fleet, party, index));
    }
    fleet.start_mains(2, "read 10 4");
    fleet.main(0).wait_until("asked for the part", |_| server.asked(FIRST) > 0);
    let killed = Instant::now();
    fleet.signal(party, index, Signal::KILL);
    start(&mut fleet, party, index);
    let (stdout, said) = fleet.succeed();
    assert!(killed.elapsed() < Duration::from_secs(20), "{said}");
    assert_eq!(stdout, EXPECTED);
    assert!(said.contains("chunk 0 is computed again"), "{said}");
    assert!(server.asked(FIRST) >= 2);
}

#[test]
fn a_worker_that_is_killed_while_it_reads_is_replaced() {
    killed_while_reading(0, 0);
}

#[test]
fn a_worker_whose_peer_is_killed_while_it_reads_begins_anew() {
    killed_while_reading(2, 0);
}

#[test]
fn another_status_than_200_is_refused() {
    let server = WebServer::start(|_, _| Answer::status(404));
    let finished = fetched(&server, &manifest(&server));
    refused(&finished, "/0.txt: cannot fetch part 0", "the server answers with status 404 instead");
    assert_eq!(server.asked(FIRST), 1, "what does not pass is not tried again");
}

#[test]
fn another_length_than_the_manifest_s_is_refused() {
    let server = WebServer::start(|path, _| Answer::file(&format!("{} 3", part_of(path))));
    let finished = fetched(&server, &manifest(&server));
    let own = "11 bytes are announced, the manifest says 9";
    refused(&finished, own, "its length is not that of the manifest");
    assert_eq!(server.asked(FIRST), 1);
}

#[test]
fn a_file_without_a_length_is_refused() {
    let server = WebServer::start(|path, _| Answer {
        headers: "Connection: close\r\n".into(),
        breaks: true,
        ..Answer::file(part_of(path))
    });
    refused(&fetched(&server, &manifest(&server)), "no Content-Length", "the server does not say");
}

#[test]
fn a_file_that_ends_early_is_tried_again_and_refused() {
    let server = WebServer::start(|path, _| Answer { breaks: true, ..Answer::file(part_of(path)) });
    let mut manifest = manifest(&server);
    manifest["retries"] = json!(2);
    refused(&fetched(&server, &manifest), "cannot fetch part 0", "the connection");
    assert_eq!(server.asked(FIRST), 3);
}

#[test]
fn other_contents_than_the_manifest_s_are_refused() {
    let server = WebServer::start(|path, _| Answer::file(&part_of(path).replace('1', "2")));
    let finished = fetched(&server, &manifest(&server));
    refused(&finished, "the SHA-256 of what came", "the SHA-256 of what came");
    assert_eq!(server.asked(FIRST), 1);
}

#[test]
fn redirects_to_hosts_of_the_manifest_are_followed_and_no_others() {
    let answer = |path: &str, _| match path.strip_prefix("/moved") {
        None => Answer::redirect(&format!("/moved{path}")),
        Some(path) => Answer::file(part_of(path)),
    };
    let server = WebServer::start(answer);
    succeeds(&fetched(&server, &manifest(&server)));
    for (to, own) in [
        ("https://localhost:1/0.txt?x=hunter2", "https://localhost:1/0.txt: cannot fetch part 0"),
        ("http://127.0.0.1:1/0.txt?x=hunter2", "redirects to an address that uses http"),
        ("https://me:hunter2@127.0.0.1:1/0.txt", "redirects to an address that has a user name"),
        ("/again", "there are more than 3 redirects"),
    ] {
        let server = WebServer::start(move |_, _| Answer::redirect(to));
        let finished = fetched(&server, &manifest(&server));
        assert_eq!(finished.code, 9, "{to}: {}", finished.stderr);
        assert!(finished.stderr.contains(own), "{own:?} is missing in\n{}", finished.stderr);
    }
}

#[test]
fn a_slow_server_is_not_waited_for_longer_than_the_manifest_says() {
    let server = WebServer::start(|path, _| Answer {
        pause: Duration::from_secs(60),
        ..Answer::file(part_of(path))
    });
    let mut manifest = manifest(&server);
    manifest["timeout"] = json!(2);
    let started = Instant::now();
    refused(&fetched(&server, &manifest), "it took too long", "it took too long");
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_server_that_is_busy_is_asked_again() {
    let server = WebServer::start(|path, before| match before {
        0 => Answer::status(503),
        1 => Answer::status(429),
        _ => Answer::file(part_of(path)),
    });
    succeeds(&fetched(&server, &manifest(&server)));
    assert!(server.asked(FIRST) >= 3);
}

#[test]
fn a_certificate_of_another_authority_is_refused() {
    let [server, other] = [(); 2].map(|()| WebServer::start(|path, _| Answer::file(part_of(path))));
    let site = site();
    write(&site, &other, &manifest(&server));
    let words = "--workers 2 --input-manifest manifest.json ring read 10 4";
    let finished = site.compile_run(words).finish();
    refused(
        &finished,
        "the server's certificate is refused",
        "the server's certificate is refused",
    );
    assert_eq!(server.asked(FIRST), 0);
}

#[test]
fn manifests_that_break_a_rule_are_refused_before_anything_runs() {
    let server = WebServer::start(|path, _| Answer::file(part_of(path)));
    let with = |part: usize, key: &str, value: Value| {
        let mut manifest = manifest(&server);
        manifest["parts"][part][key] = value;
        manifest
    };
    let plain = server.url("/0.txt?token=hunter2").replace("https", "http");
    for (manifest, text) in [
        (with(0, "url", json!(plain)), "part 0: url uses http"),
        (with(1, "url", json!("https://other.example/1.txt")), "is not among `hosts`"),
        (with(2, "bytes", json!(1_u64 << 40)), "more than max_bytes"),
        (with(3, "size", json!(1)), "unknown field `size`"),
    ] {
        let finished = fetched(&server, &manifest);
        assert_eq!(finished.code, 9, "{}", finished.stderr);
        for text in ["manifest.json: ", text, "[E0417]"] {
            assert!(finished.stderr.contains(text), "{text:?} is missing in\n{}", finished.stderr);
        }
    }
    assert_eq!(server.asked(FIRST), 0);
    let site = site();
    let both = site.compile_run("--input-manifest m --input-parts p ring read 10 4");
    both.fail(2, &["--input-manifest", "--input-parts"]);
}

#[test]
fn a_manifest_may_say_how_many_values_there_are() {
    let server = WebServer::start(|path, _| Answer::file(part_of(path)));
    let mut manifest = manifest(&server);
    manifest["parts"][0]["values"] = json!(3);
    succeeds(&fetched(&server, &manifest));
    manifest["parts"][0]["values"] = json!(4);
    let finished = fetched(&server, &manifest);
    assert_eq!(finished.code, 9, "{}", finished.stderr);
    assert!(finished.stderr.contains("should have 4 numbers by its manifest, there are 3"));
}
