//! Rounds and bytes: what the report says is what happens.

use std::fs;

use caucus_core::identity::{self, IssueOptions};
use caucus_core::ids::PartyId;
use serde_json::Value;

use crate::support::{CountingProxy, Site, example_port, free_ports};

/// What agreeing on seeds costs each party before the program: a header and a seed of 32 bytes.
const SETUP: u64 = 8 + 32;

fn stats(site: &Site, name: &str) -> Value {
    serde_json::from_slice(&fs::read(site.path(name)).unwrap()).unwrap()
}

#[test]
fn products_cost_each_worker_one_round() {
    let _port = example_port();
    let site = Site::new();
    let workers: Vec<_> = (0..4)
        .map(|i| {
            let words = format!("ring multinode_example_worker 5 1000 {i} localhost");
            site.compile_run(&format!("--stats worker-{i}.json {words}"))
        })
        .collect();
    let main = site.compile_run("--stats main.json ring multinode_example_main 4 5 1000");
    main.succeed();
    for (i, worker) in workers.into_iter().enumerate() {
        worker.succeed();
        for party in stats(&site, &format!("worker-{i}.json"))["parties"].as_array().unwrap() {
            assert_eq!(party["rounds"], 1, "{party}");
            // 5,000 products of 8 bytes, and a header of 8 for each of the five threads.
            assert_eq!(party["bytes_sent"], SETUP + 5000 * 8 + 5 * 8, "{party}");
        }
    }
    // The main program opens 20,000 values in one round and multiplies nothing.
    for party in stats(&site, "main.json")["parties"].as_array().unwrap() {
        assert_eq!(party["rounds"], 1, "{party}");
        // While the parties wait for workers they tell each other now and then who has come.
        let sent = party["bytes_sent"].as_u64().unwrap();
        let values = SETUP + 20_000 * 8 + 8;
        assert!((values..values + 100_000).contains(&sent), "{party}");
    }
}

#[test]
fn the_report_equals_what_a_counting_proxy_sees() {
    let site = Site::new();
    site.program(
        "products",
        "n = 10 ** 6\na = sint(regint.inc(n))\nb = a * a\n\
         print_ln('%s', sum(b).reveal())\n",
    );
    identity::init_parties(&site.path("certs"), (0..3).map(PartyId::new), &IssueOptions::default())
        .unwrap();
    let port = free_ports(3);
    let proxies: Vec<_> = (0..3).map(|i| CountingProxy::start(port + i)).collect();
    // Everybody listens on the real port, and reaches the others through proxies.
    let hosts: String = proxies.iter().map(|it| format!("127.0.0.1:{}\n", it.port())).collect();
    fs::write(site.path("hosts"), hosts).unwrap();
    let runs: Vec<_> = (0..3)
        .map(|i| {
            let listen = format!("--listen 127.0.0.1:{}", port + i);
            let words = format!("run -p {i} {listen} --hosts hosts --stats {i}.json ring products");
            site.caucus(&words)
        })
        .collect();
    let mut said = 0;
    let mut global = 0;
    for (i, run) in runs.into_iter().enumerate() {
        run.succeed();
        let report = &stats(&site, &format!("{i}.json"))["parties"][0];
        said += report["bytes_sent"].as_u64().unwrap();
        global = report["bytes_global"].as_u64().unwrap();
    }
    assert_eq!(said, global);
    assert!(said > 3 * 8_000_000, "{said}");
    let carried: u64 = proxies.iter().map(CountingProxy::carried).sum();
    // Handshakes (certificates, both ways, for each link), hellos, heartbeats and the end of the
    // run travel too.
    let beyond = carried.checked_sub(said).unwrap_or_else(|| panic!("{carried} < {said}"));
    assert!(beyond < 60_000, "{beyond} bytes more than said");
}

#[test]
fn a_product_takes_little_more_memory_than_its_vectors() {
    const LANES: u64 = 4_000_000;
    let site = Site::new();
    let text = format!(
        "n = {LANES}\na = sint(regint.inc(n))\nb = sint(regint.inc(n, 5))\nc = a * b\n\
         print_ln('%s', c[n - 1].reveal())\n"
    );
    site.program("large_product", &text);
    let finished = site.compile_run("--stats s.json ring large_product").succeed();
    let last = LANES - 1;
    assert_eq!(finished.stdout, format!("{}\n", last * (last + 5)));
    // Factors and result, with two elements of 8 bytes in a lane.
    let vectors = 3 * LANES * 2 * 8;
    for party in stats(&site, "s.json")["parties"].as_array().unwrap() {
        let peak = party["peak_memory_bytes"].as_u64().unwrap();
        // Components that are zero, because their values are known to all, are not touched.
        assert!(peak > vectors / 2 && peak < vectors * 3 / 2, "{peak} bytes");
    }
}

#[test]
fn statistics_name_links_and_threads() {
    let site = Site::new();
    site.program(
        "cubes",
        "a = sint.Array(100)\na.assign_all(3)\n\
         @for_range_opt_multithread(3, 100)\ndef _(i):\n    a[i] = a[i] * a[i]\n\
         print_ln('%s', sum(a).reveal())\n",
    );
    let finished = site.compile_run("--stats s.json ring cubes").succeed();
    assert_eq!(finished.stdout, "900\n");
    assert!(finished.stderr.contains("Time = "), "{}", finished.stderr);
    assert!(finished.stderr.contains("rounds"), "{}", finished.stderr);
    let stats = stats(&site, "s.json");
    assert_eq!(stats["parties"].as_array().unwrap().len(), 3);
    let threads = stats["parties"][0]["threads"].as_array().unwrap();
    assert_eq!(threads.len(), 4);
    for thread in threads {
        assert_eq!(thread["links"].as_array().unwrap().len(), 2, "{thread}");
    }
}

#[test]
fn quiet_runs_say_nothing() {
    let site = Site::new();
    site.program("hello", "print_ln('hello')\n");
    site.compile_run("ring hello").succeed();
    let finished = site.compile_run("--quiet ring hello").succeed();
    assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("hello\n", ""));
}
