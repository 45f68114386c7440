//! Runs that are interrupted and go on from a checkpoint: together they do what one run does.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use rustix::process::{Signal, kill_process_group};

use crate::support::{Finished, Process, Site, free_ports, is_alive, kill};

/// Phases of the program below.
const PHASES: usize = 6;

/// Phases that change all that a checkpoint has to keep: arrays, registers, a permutation, positions in inputs, stored
/// shares, binary outputs. Each computes for a while before and after its checkpoint.
const PROGRAM: &str = "\
n = int(program.args[1])
order = sint.get_secure_shuffle(8)
data = sint.Array(8)
data.assign([sint.get_input_from(1) for _ in range(8)])
last = sint(1)
count = regint(0)
def work():
    x = MemValue(sint(3))
    @for_range(1500)
    def _(i):
        x.write(x * x)
@for_range(n)
def _(phase):
    x = sint.get_input_from(0)
    y = public_input()
    @for_range_opt_multinode(8)
    def _(i):
        data[i] = data[i] * 3 + i
    data[0] += x + y
    data.secure_permute(order)
    last.update(last * 2 + x)
    count.update(count + 1)
    work()
    print_ln('phase %s', count)
    checkpoint()
    work()
    data.secure_permute(order, reverse=True)
    data.write_to_file()
    (count * 10).binary_output(0)
    print_ln('values %s, last %s', data.reveal(), last.reveal())
end, stored = sint.read_from_file(0, 8 * n)
print_ln('stored %s, end %s', sum(stored).reveal(), end)
";

fn site() -> Site {
    let site = Site::new();
    site.program("phases", PROGRAM);
    site.input(0, "1 2 3 4 5 6");
    site.input(1, "10 20 30 40 50 60 70 80");
    fs::create_dir_all(site.path("Programs/Public-Input")).unwrap();
    let public = site.path(&format!("Programs/Public-Input/phases-{PHASES}"));
    fs::write(public, "100 200 300 400 500 600").unwrap();
    site
}

/// What the program prints, worked out here.
fn expected() -> String {
    let mut data: Vec<i64> = (1..=8).map(|it| 10 * it).collect();
    let (mut text, mut last, mut stored) = (String::new(), 1, 0);
    for phase in 1..=PHASES as i64 {
        (0..8).for_each(|at| data[at] = data[at] * 3 + at as i64);
        data[0] += phase + 100 * phase;
        last = last * 2 + phase;
        stored += data.iter().sum::<i64>();
        text += &format!("phase {phase}\nvalues {data:?}, last {last}\n");
    }
    text + &format!("stored {stored}, end -1\n")
}

/// The files of checkpoints, and copies that belong to them.
fn files(site: &Site) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(site.path("Persistence")) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let belongs = |path: &PathBuf| {
        let path = path.to_str().unwrap();
        path.contains("Checkpoint") || path.contains("kept")
    };
    paths.filter(belongs).collect()
}

/// The number of the checkpoint that a run says it goes on from.
#[track_caller]
fn begun_from(stderr: &str) -> usize {
    let (_, rest) =
        stderr.split_once("goes on from checkpoint ").unwrap_or_else(|| panic!("{stderr}"));
    let (number, place) = rest.split_once(' ').unwrap();
    assert!(place.contains("phases.mpc:25); what the program printed before"), "{stderr}");
    number.parse().unwrap()
}

/// Compares what a run has printed that began behind a checkpoint: a beginning of what is expected from there.
#[track_caller]
fn check_output(from: usize, printed: &str) -> usize {
    let expected = expected();
    // Two lines for each phase; the second one comes behind the checkpoint.
    let skipped = (2 * from).saturating_sub(1);
    let rest: String = expected.split_inclusive('\n').skip(skipped).collect();
    assert!(rest.starts_with(printed), "from {from}:\n{printed}\ninstead of\n{rest}");
    skipped + printed.matches('\n').count()
}

/// Kills runs of the program again and again, and has the next one go on, until one comes to its end.
#[track_caller]
fn survives(options: &str, protocol: &str, mut strike: impl FnMut(usize, &Process)) {
    let site = site();
    let words = format!("{protocol} phases {PHASES}");
    let mut run = site.compile_run(&format!("--checkpoint {options} {words}"));
    run.wait_until("at a checkpoint", |_| {
        files(&site).iter().any(|path| path.extension().is_some_and(|it| it == "data"))
    });
    let (mut from, mut furthest, mut strikes) = (0, 0, 0);
    loop {
        // At another point each time: in a phase, at a checkpoint, while it is written.
        let (step, before) = (17 + 61 * strikes as u64 % 250, run.stdout());
        std::thread::sleep(Duration::from_millis(step));
        let nodes = run.children();
        strike(strikes, &run);
        strikes += 1;
        let Finished { code, stdout, stderr, .. } = run.finish();
        assert!(stdout.starts_with(&before), "{stdout}");
        // Whoever is killed with its launcher may need a moment to let go of its files.
        while nodes.iter().any(|node| is_alive(*node)) {
            std::thread::sleep(Duration::from_millis(5));
        }
        if from > 0 {
            assert_eq!(begun_from(&stderr), from, "{stderr}");
        }
        furthest = furthest.max(check_output(from, &stdout));
        // Whoever is killed when all have come to the end has nothing to go on from any more.
        if code == 0 || files(&site).is_empty() {
            assert_eq!(furthest, 2 * PHASES + 1, "{stdout}\n{stderr}");
            break;
        }
        if strikes == 8 {
            break;
        }
        run = site.compile_run(&format!("--resume {options} {words}"));
        run.wait_until("going on", |run| run.stderr().contains("goes on from checkpoint"));
        let now = begun_from(&run.stderr());
        assert!(now >= from && now >= furthest / 2, "{now} after {from}, {furthest} lines");
        from = now;
    }
    if !files(&site).is_empty() {
        let end = site.compile_run(&format!("--resume {options} {words}")).succeed();
        let from = begun_from(&end.stderr);
        assert_eq!(check_output(from, &end.stdout), 2 * PHASES + 1, "{}", end.stdout);
    }
    assert!(files(&site).is_empty(), "{:?} are left", files(&site));
    let binary = fs::read(site.path("Player-Data/Binary-Output-P0-0")).unwrap();
    let numbers: Vec<_> = (1..=PHASES as i64).flat_map(|it| (10 * it).to_le_bytes()).collect();
    assert_eq!(binary, numbers, "each phase has written once");
}

#[test]
fn an_uninterrupted_run_prints_what_is_expected_and_leaves_no_checkpoint() {
    for options in ["", "--checkpoint "] {
        let site = site();
        let end = site.compile_run(&format!("{options}ring phases {PHASES}")).succeed();
        assert_eq!(end.stdout, expected());
        assert!(files(&site).is_empty());
    }
}

#[test]
fn parties_that_are_killed_one_after_the_other_lose_nothing() {
    survives("", "ring", |strikes, run| kill_one(run, strikes % 3));
}

#[test]
fn all_nodes_with_their_workers_may_die_at_once() {
    survives("--workers 2", "ring", |_, run| {
        let _ = kill_process_group(run.pid(), Signal::KILL);
    });
}

#[test]
fn runs_in_a_wider_ring_and_in_the_clear_go_on_too() {
    survives("-R 128", "ring", |strikes, run| kill_one(run, 2 - strikes % 3));
    survives("", "emulate", |_, run| kill_one(run, 0));
}

/// Kills one party, if the run has not ended.
fn kill_one(run: &Process, number: usize) {
    if let Some(victim) = run.children().get(number) {
        kill(*victim);
    }
}

/// A program that ends with an error behind its checkpoint, so that the checkpoint stays.
const STOPS: &str = "\
x = sint(3)
print_ln('before')
checkpoint()
print_ln('behind %s', x.reveal())
crash()
";

/// A folder with the checkpoints of a run of it.
fn stopped() -> Site {
    let site = Site::new();
    site.program("stops", STOPS);
    let end = site.compile_run("--checkpoint ring stops 1").fail(1, &["crash"]);
    assert_eq!(end.stdout, "before\nbehind 3\n");
    site
}

fn path(site: &Site, party: usize) -> PathBuf {
    site.path(&format!("Persistence/Checkpoint-P{party}.data"))
}

/// A run that is refused before anything of it runs.
#[track_caller]
fn refused(site: &Site, words: &str, code: i32, parts: &[&str]) {
    let end = site.compile_run(words).fail(code, parts);
    assert_eq!(end.stdout, "", "{words}");
}

#[test]
fn a_run_goes_on_behind_its_checkpoint_as_often_as_it_is_asked() {
    use std::os::unix::fs::MetadataExt;
    let site = stopped();
    assert_eq!(fs::metadata(path(&site, 1)).unwrap().mode() & 0o777, 0o600);
    for _ in 0..2 {
        let parts = ["goes on from checkpoint 1 (", "stops.mpc:3)", "crash"];
        let end = site.compile_run("--resume ring stops 1").fail(1, &parts);
        assert_eq!(end.stdout, "behind 3\n");
    }
    for option in ["--checkpoint", "--resume"] {
        let end = site.compile_run(&format!("{option} -R 72 ring stops 2")).fail(1, &["crash"]);
        assert!(end.stdout.ends_with("behind 3\n"), "{}", end.stdout);
    }
    let end = site.compile_run("--checkpoint ring stops 1").fail(1, &["use --resume", "crash"]);
    assert_eq!(end.stdout, "before\nbehind 3\n");
    // A file for the output is continued, too.
    site.compile_run("--checkpoint ring stops 1 -- -OF out").fail(1, &["crash"]);
    site.compile_run("--resume ring stops 1 -- -OF out").fail(1, &["crash"]);
    let output = fs::read_to_string(site.path("out-P1-0")).unwrap();
    assert_eq!(output, "before\nbehind 3\nbehind 3\n");
}

#[test]
fn checkpoints_that_cannot_be_used_are_refused_with_the_cause() {
    let site = stopped();
    let [own, other] = [path(&site, 1), path(&site, 2)];
    let [bytes, others] = [&own, &other].map(|path| fs::read(path).unwrap());
    fs::write(&own, &bytes[..bytes.len() - 1]).unwrap();
    refused(&site, "--resume ring stops 1", 9, &["P1", "Checkpoint-P1.data is truncated"]);
    let mut damaged = bytes.clone();
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(&own, damaged).unwrap();
    refused(&site, "--resume ring stops 1", 9, &["Checkpoint-P1.data is damaged"]);
    fs::write(&own, "junk").unwrap();
    refused(&site, "--resume ring stops 1", 9, &["P1.data is no checkpoint of this version"]);
    fs::write(&own, &others).unwrap();
    refused(&site, "--resume ring stops 1", 9, &["is the checkpoint of P2, this is P1"]);
    fs::remove_file(&own).unwrap();
    refused(&site, "--resume ring stops 1", 9, &["there is no checkpoint", "Checkpoint-P1.data"]);
    // That of another run.
    fs::write(&own, &bytes).unwrap();
    site.compile_run("--checkpoint ring stops 1").fail(1, &["crash"]);
    fs::write(&own, &bytes).unwrap();
    refused(&site, "--resume ring stops 1", 8, &["no checkpoint in common", "no. 1 with the mark"]);
}

#[test]
fn another_program_other_arguments_and_other_options_are_refused() {
    let site = stopped();
    site.program("other", STOPS);
    for (words, parts) in [
        ("ring other 1", ["program with its arguments is stops-1", "other-1"]),
        ("ring stops 2", ["program with its arguments is stops-1", "stops-2"]),
        ("-R 128 ring stops 1", ["ring is 64 bits", "128 bits"]),
        ("ring stops 1 -- 17", ["numbers of the command line is none", "17"]),
        ("emulate stops 1", ["there is no checkpoint", "Checkpoint-emulate.data"]),
    ] {
        refused(&site, &format!("--resume {words}"), 9, &parts);
    }
    site.program("stops", &STOPS.replace("sint(3)", "sint(4)"));
    let parts = ["compiled program (SHA-256)"];
    refused(&site, "--resume ring stops 1", 9, &parts);
}

#[test]
fn connections_cannot_be_kept() {
    let site = Site::new();
    let boss = "port = int(program.args[1])\nlisten_for_clients(port)\n\
                w = accept_client_connection(port)\ncheckpoint()\n";
    let hand = "m = init_client_connection('localhost', int(program.args[1]), 0)\n\
                x = sint.read_from_socket(m)\n";
    site.program("boss", boss);
    site.program("hand", hand);
    let port = free_ports(3);
    let boss = site.compile_run(&format!("--checkpoint ring boss {port}"));
    let hand = site.compile_run(&format!("ring hand {port}"));
    boss.fail(1, &["boss.mpc:4", "a checkpoint cannot keep connections, and 0 is open"]);
    hand.finish();
}
