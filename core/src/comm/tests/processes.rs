//! Members that are processes of their own, and are killed: this test binary, started again.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::*;

/// What a process is told, in variables of its environment.
const RANK: &str = "CAUCUS_TEST_COMM_RANK";
const SIZE: &str = "CAUCUS_TEST_COMM_SIZE";
const ROOT: &str = "CAUCUS_TEST_COMM_ROOT";
const CERTS: &str = "CAUCUS_TEST_COMM_CERTS";

/// The program of a member: reductions without end, until one fails; then what is left of them.
#[test]
#[ignore = "it is run by the tests below, in processes of its own"]
fn member() {
    let number = |name: &str| std::env::var(name).unwrap().parse::<usize>().unwrap();
    let (rank, size) = (number(RANK), number(SIZE));
    let certs = std::path::PathBuf::from(std::env::var(CERTS).unwrap());
    let (listener, own) = listen();
    println!("member {rank} listens at {own}");
    let root = match rank {
        0 => own,
        _ => HostPort::parse(&std::env::var(ROOT).unwrap(), 0).unwrap(),
    };
    let me = members_of(P0, size - 1)[rank];
    let config = CommConfig {
        identity: Arc::new(Identity::load(&certs, me).unwrap()),
        trust: Arc::new(Trust::load(&certs, 2).unwrap()),
        members: members_of(P0, size - 1),
        token: b"job 7".to_vec(),
        name: "world".to_owned(),
        startup_deadline: LONG,
        deadline: Duration::from_secs(30),
        on_refused: Arc::new(|_| {}),
    };
    let mut comm = rendezvous(config, listener, &root, None, AbortFlag::new()).unwrap();
    println!("member {rank} is ready");
    let mine = vec![1_u64 << rank; 100_000];
    let error = loop {
        match comm.all_reduce(Op::Sum, &mine) {
            Ok(sum) => assert_eq!(sum[99_999], (1 << size) - 1),
            Err(error) => break error,
        }
    };
    println!("member {rank} noticed: {error}");
    comm.revoke().unwrap();
    let (mut rest, ranks) = comm.shrink().unwrap();
    let sum = rest.all_reduce(Op::Sum, &mine).unwrap();
    println!("member {rank} goes on with {ranks:?}: {} as {}", sum[0], rest.rank());
    println!(
        "member {rank} lost {:?}",
        comm.lost().iter().map(ToString::to_string).collect::<Vec<_>>()
    );
    rest.free().unwrap();
}

/// Processes that end with the test.
struct Members(Vec<Child>);

impl Drop for Members {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// "Failure Recovery", C3, CX9: one of some processes is killed with SIGKILL; the others name it at once, and their new
/// communicator has exactly the rest, which works.
#[test]
fn survivors_of_a_killed_process_go_on() {
    for (size, victim) in [(2, 0), (2, 1), (4, 0), (4, 2), (8, 6)] {
        let certs = Certs::make(size);
        let start = |rank: usize, root: &str| {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "comm::tests::processes::member", "--ignored", "--nocapture"])
                .env(RANK, rank.to_string())
                .env(SIZE, size.to_string())
                .env(ROOT, root)
                .env(CERTS, certs.path())
                .stdout(Stdio::piped())
                .stderr(Stdio::inherit())
                .spawn()
                .unwrap();
            let output = BufReader::new(child.stdout.take().unwrap()).lines();
            (child, output)
        };
        let (child, mut output) = start(0, "");
        let mut members = Members(vec![child]);
        let listens = output.find_map(|line| {
            line.unwrap().split_once("listens at ").map(|(_, address)| address.to_owned())
        });
        let root = listens.expect("the main node says where it listens");
        let mut outputs = vec![output];
        for rank in 1..size {
            let (child, output) = start(rank, &root);
            members.0.push(child);
            outputs.push(output);
        }
        for output in &mut outputs {
            output.find(|line| line.as_ref().unwrap().ends_with("is ready")).unwrap().unwrap();
        }
        // In the middle of some reduction.
        thread::sleep(Duration::from_millis(100));
        members.0[victim].kill().unwrap();
        let killed = Instant::now();
        let rest: Vec<_> = (0..size).filter(|rank| *rank != victim).collect();
        let sum: u64 = rest.iter().map(|rank| 1 << rank).sum();
        let name = members_of(P0, size - 1)[victim];
        for (new_rank, rank) in rest.iter().enumerate() {
            let lines: Vec<_> = outputs[*rank].by_ref().map(Result::unwrap).collect();
            let text = lines.join("\n");
            assert!(text.contains(&format!("member {rank} noticed: all_reduce")), "{text}");
            assert!(text.contains(&format!("member {rank} lost [\"{name}\"]")), "{text}");
            let expected = format!("member {rank} goes on with {rest:?}: {sum} as {new_rank}");
            assert!(text.contains(&expected), "{text}");
            assert!(members.0[*rank].wait().unwrap().success());
        }
        assert!(killed.elapsed() < Duration::from_secs(10), "{:?}", killed.elapsed());
    }
}
