//! Collective operations against a plain model.

use proptest::prelude::*;

use super::*;
use crate::algebra::{Ring, Z64, Z72, Z128};

/// The same numbers as elements of a type.
trait FromNumber: Element {
    fn from_number(number: u64) -> Self;
}

impl FromNumber for u8 {
    fn from_number(number: u64) -> Self {
        (number >> 7) as u8
    }
}

impl FromNumber for u64 {
    fn from_number(number: u64) -> Self {
        number
    }
}

impl FromNumber for Z64 {
    fn from_number(number: u64) -> Self {
        Self::from_u128(number.into())
    }
}

impl FromNumber for Z72 {
    fn from_number(number: u64) -> Self {
        Self::from_u128(u128::from(number) * 251)
    }
}

impl FromNumber for Z128 {
    fn from_number(number: u64) -> Self {
        Self::from_u128(u128::from(number) << 50)
    }
}

impl FromNumber for Located {
    fn from_number(number: u64) -> Self {
        Self { value: number % 5, at: number }
    }
}

fn elements<T: FromNumber>(rank: usize, len: usize) -> Vec<T> {
    data(rank, len).into_iter().map(T::from_number).collect()
}

/// Everything that moves data, with parts of `len` elements and this root.
fn moves<T: FromNumber>(comm: &mut Comm, root: usize, len: usize) {
    let (size, rank) = (comm.size(), comm.rank());
    let mine: Vec<T> = elements(rank, len);
    let all: Vec<Vec<T>> = (0..size).map(|rank| elements(rank, len)).collect();
    let is_root = rank == root;

    // C20, P35.
    let mut copy = mine.clone();
    comm.broadcast(root, &mut copy).unwrap();
    assert_eq!(copy, all[root]);

    // C21, C23.
    assert_eq!(comm.gather(root, &mine).unwrap(), is_root.then(|| all.concat()));
    assert_eq!(comm.all_gather(&mine).unwrap(), all.concat());

    // C24, P41.
    let whole = all.concat();
    let part = comm.scatter(root, is_root.then_some(&whole[..]), len).unwrap();
    assert_eq!(part, mine);

    // C25: some members, in another order than that of ranks, with parts of different lengths.
    let to: Vec<_> = (0..size).rev().filter(|rank| rank % 3 != 1).collect();
    let part_of = |rank: usize| &all[rank][..len * rank / size];
    let parts: Vec<_> = to.iter().map(|rank| part_of(*rank)).collect();
    let part =
        comm.scatterv(root, &to, is_root.then_some(&parts[..]), part_of(rank).len()).unwrap();
    assert_eq!(part.as_deref(), to.contains(&rank).then(|| part_of(rank)));

    // C22: in the order of the list.
    let lens: Vec<_> = parts.iter().map(|part| part.len()).collect();
    let found = comm.gatherv(root, &to, part_of(rank), is_root.then_some(&lens[..])).unwrap();
    let expected: Vec<_> = parts.iter().map(|part| part.to_vec()).collect();
    assert_eq!(found, is_root.then_some(expected));

    // P39, MX5.
    let blocks: Vec<T> = (0..size).flat_map(|to| elements::<T>(rank * size + to, len)).collect();
    let found = comm.all_to_all(&blocks).unwrap();
    let expected: Vec<T> =
        (0..size).flat_map(|from| elements::<T>(from * size + rank, len)).collect();
    assert_eq!(found, expected);
    let len_of = |from: usize, to: usize| len * (from + 2 * to) / (3 * size);
    let parts: Vec<_> = (0..size).map(|to| &mine[..len_of(rank, to)]).collect();
    let lens: Vec<_> = (0..size).map(|from| len_of(from, rank)).collect();
    let found = comm.all_to_allv(&parts, &lens).unwrap();
    for (from, part) in found.iter().enumerate() {
        assert_eq!(part[..], all[from][..len_of(from, rank)]);
    }
}

/// Everything that reduces, with these operators.
fn reductions<T: FromNumber + Reduce>(comm: &mut Comm, root: usize, len: usize) {
    let (size, rank) = (comm.size(), comm.rank());
    let mine: Vec<T> = elements(rank, len);
    for op in Op::ALL.into_iter().filter(|op| T::has(*op)) {
        let up_to = |last: usize| {
            let mut sum = elements(0, len);
            (1..=last).for_each(|rank| T::apply(op, &mut sum, &elements(rank, len)));
            sum
        };
        let all = up_to(size - 1);
        let found = comm.reduce(root, op, &mine).unwrap();
        assert_eq!(found, (rank == root).then(|| all.clone()), "{op}");
        assert_eq!(comm.all_reduce(op, &mine).unwrap(), all, "{op}");
        assert_eq!(comm.scan(op, &mine).unwrap(), up_to(rank), "{op}");
    }
}

/// Folds with functions of the caller, which need not be commutative, or not even associative.
fn folds(comm: &mut Comm, root: usize, len: usize) {
    let (size, rank) = (comm.size(), comm.rank());
    let mine = data(rank, len);
    let expected = |function: fn(u64, u64) -> u64| {
        (rank == root).then(|| {
            let fold =
                |idx| (1..size).fold(data(0, len)[idx], |a, r| function(a, data(r, len)[idx]));
            (0..len).map(fold).collect::<Vec<_>>()
        })
    };
    // The first of the two: associative, not commutative.
    let found = comm.reduce_with(root, |first, _| first, &mine).unwrap();
    assert_eq!(found, expected(|first, _| first));
    let found = comm.reduce_with(root, |_, last| last, &mine).unwrap();
    assert_eq!(found, expected(|_, last| last));
    // P36: differences are folds from the left.
    let found = comm.reduce_ordered(root, u64::wrapping_sub, &mine).unwrap();
    assert_eq!(found, expected(u64::wrapping_sub));
}

#[test]
fn c20_to_c25_and_p35_to_p39_all_collectives_give_what_the_model_says_with_every_root() {
    for (transport, n_nodes) in [1, 2, 3, 5, 8].map(|n| (Transport::Local, n)) {
        run(world(transport, n_nodes), |comm| {
            for root in 0..comm.size() {
                for len in [0, 1, 13] {
                    moves::<u64>(comm, root, len);
                    moves::<u8>(comm, root, len);
                    moves::<Z72>(comm, root, len);
                    reductions::<u64>(comm, root, len);
                    reductions::<u8>(comm, root, len);
                    reductions::<Z64>(comm, root, len);
                    reductions::<Z72>(comm, root, len);
                    reductions::<Z128>(comm, root, len);
                    reductions::<Located>(comm, root, len);
                    folds(comm, root, len);
                }
                comm.barrier().unwrap();
            }
        });
    }
}

#[test]
fn all_collectives_give_what_the_model_says_over_tls() {
    for n_nodes in [2, 5] {
        run(world(Transport::Tls, n_nodes), |comm| {
            for root in 0..comm.size() {
                moves::<u64>(comm, root, 101);
                moves::<Z72>(comm, root, 7);
                reductions::<Z64>(comm, root, 101);
                folds(comm, root, 3);
            }
        });
    }
}

/// Also MX4: no length is special.
#[test]
fn long_vectors_are_streamed_whatever_their_length() {
    for (transport, n_nodes, len) in [
        (Transport::Tls, 3, 1_000_003),
        (Transport::Tls, 2, 999_999),
        (Transport::Local, 8, 100_003),
    ] {
        run(world(transport, n_nodes), |comm| {
            let (size, rank, root) = (comm.size(), comm.rank(), comm.size() - 1);
            let mine: Vec<Z64> = elements(rank, len);
            let all: Vec<Z64> = (0..size).flat_map(|rank| elements::<Z64>(rank, len)).collect();
            let mut copy = mine.clone();
            comm.broadcast(root, &mut copy).unwrap();
            assert!(copy == all[root * len..]);
            let part = comm.scatter(root, (rank == root).then_some(&all[..]), len).unwrap();
            assert!(part == mine);
            let found = comm.gather(root, &mine).unwrap();
            assert!(found.is_none_or(|found| found == all));
            assert!(comm.all_gather(&mine).unwrap() == all);
            let mut sum: Vec<Z64> = elements(0, len);
            for rank in 1..size {
                Z64::apply(Op::Sum, &mut sum, &elements(rank, len));
            }
            assert!(comm.all_reduce(Op::Sum, &mine).unwrap() == sum);
            let found = comm.reduce(root, Op::Sum, &mine).unwrap();
            assert!(found.is_none_or(|found| found == sum));
        });
    }
    // Elements that do not lie in memory as they are encoded.
    run(world(Transport::Tls, 3), |comm| {
        moves::<Z72>(comm, 1, 30_011);
        reductions::<Z72>(comm, 2, 30_011);
    });
}

#[test]
fn all_gather_of_64_mib_and_of_nothing() {
    run(world(Transport::Tls, 2), |comm| {
        let mine = vec![comm.rank() as u8 + 1; 64 << 20];
        let all = comm.all_gather(&mine).unwrap();
        assert!(all[..64 << 20].iter().all(|byte| *byte == 1));
        assert!(all[64 << 20..].iter().all(|byte| *byte == 2));
        assert_eq!(comm.all_gather::<u8>(&[]).unwrap(), []);
    });
}

/// C20 with all roots of ten members; also CX12: there is one value, so that all get the same.
#[test]
fn c20_cx12_a_broadcast_gives_all_members_the_same() {
    run(world(Transport::Local, 10), |comm| {
        for root in 0..10 {
            let mut value = data(comm.rank(), 20_000);
            comm.broadcast(root, &mut value).unwrap();
            assert_eq!(value, data(root, 20_000));
            let seen = comm.all_gather(&[value.iter().fold(0, |sum, v| sum ^ v.rotate_left(3))]);
            assert!(seen.unwrap().windows(2).all(|pair| pair[0] == pair[1]));
        }
    });
}

/// C29: the last to come is the first that anybody may leave after.
#[test]
fn c29_nobody_leaves_a_barrier_early_and_all_leave_together() {
    for n_nodes in [2, 5] {
        let times = run(world(Transport::Tls, n_nodes), |comm| {
            thread::sleep(Duration::from_millis(100) * comm.rank() as u32);
            let entered = Instant::now();
            comm.barrier().unwrap();
            (entered, Instant::now())
        });
        let last_entered = times.iter().map(|(entered, _)| *entered).max().unwrap();
        let first_left = times.iter().map(|(_, left)| *left).min().unwrap();
        let last_left = times.iter().map(|(_, left)| *left).max().unwrap();
        assert!(first_left >= last_entered);
        assert!(last_left - first_left < Duration::from_millis(200));
    }
}

/// CX5 and CX6: what is for some reaches nobody else.
#[test]
fn cx5_cx6_who_is_not_addressed_gets_nothing() {
    run(world(Transport::Local, 3), |comm| {
        let gathered = comm.gather(0, &data(comm.rank(), 1000)).unwrap();
        assert_eq!(gathered.is_some(), comm.rank() == 0);
        let to = [2];
        let secret = data(9, 1000);
        let parts = [&secret[..]];
        let parts = (comm.rank() == 0).then_some(&parts[..]);
        let part = comm.scatterv(0, &to, parts, 1000).unwrap();
        assert_eq!(part.is_some(), comm.rank() == 2);
        let moved = |topic| comm.stats().topic(topic).bytes_received;
        let gathered = moved(Topic::Collective(Collective::Gather));
        let scattered = moved(Topic::Collective(Collective::Scatterv));
        assert_eq!(gathered, [16_000, 0, 0][comm.rank()]);
        assert_eq!(scattered, [0, 0, 8000][comm.rank()]);
    });
}

/// "Message Reliability": all arrive, and exactly so many.
#[test]
fn c32_messages_and_bytes_are_counted_exactly() {
    let n_times = 2000;
    run(world(Transport::Tls, 3), |comm| {
        comm.barrier().unwrap();
        let before = comm.stats();
        let (rank, to) = (comm.rank(), [0, 1, 2]);
        for idx in 0..n_times {
            let part = [idx];
            let parts = [&part[..], &part[..], &part[..]];
            let parts = (rank == 0).then_some(&parts[..]);
            assert_eq!(comm.scatterv(0, &to, parts, 1).unwrap(), Some(vec![idx]));
        }
        let stats = comm.stats();
        let moved = stats.topic(Topic::Collective(Collective::Scatterv));
        let expected = match rank {
            0 => [2 * n_times, 0],
            _ => [0, n_times],
        };
        assert_eq!([moved.messages_sent, moved.messages_received], expected);
        assert_eq!([moved.bytes_sent, moved.bytes_received], expected.map(|n| 8 * n));
        // Two comparisons with two steps each.
        let compared = |stats: &CommStats| stats.topic(Topic::Agreement).messages_sent;
        assert_eq!(compared(&stats) - compared(&before), 4 * n_times);
        assert_eq!(stats.peers.len(), 2);
        let [now, then] = [&stats, &before].map(|stats| stats.total());
        if rank == 0 {
            // Headers of 32 bytes: for each operation two messages and four comparisons.
            let sent = now.bytes_sent - then.bytes_sent;
            assert_eq!(sent, n_times * (2 * (32 + 8) + 4 * 32));
        }
        comm.barrier().unwrap();
    });
}

/// MX5: data moves between workers without their main node.
#[test]
fn mx5_workers_exchange_without_the_main_node() {
    run(world(Transport::Tls, 4), |comm| {
        let color = (comm.rank() > 0).then_some(1);
        let workers = comm.split(color, 0).unwrap();
        let before = comm.stats();
        if let Some(mut workers) = workers {
            let mine = data(comm.rank(), 50_000);
            let sum = workers.all_reduce(Op::Sum, &mine).unwrap();
            let expected: u64 = (1..4).map(|rank| data(rank, 2)[1]).fold(0, u64::wrapping_add);
            assert_eq!(sum[1], expected);
            let shares: Vec<Z64> = elements(comm.rank(), 3000);
            let found = workers.all_to_all(&shares).unwrap();
            let block = workers.rank() * 1000;
            assert!(found[..1000] == elements::<Z64>(1, 3000)[block..block + 1000]);
            let main = |stats: &CommStats| stats.peers[0].1;
            let after = comm.stats();
            assert_eq!(main(&after).bytes_sent, main(&before).bytes_sent);
            assert_eq!(main(&after).messages_received, main(&before).messages_received);
        }
        comm.barrier().unwrap();
    });
}

/// What a random operation does: which, with which root, operator and length.
type Step = (u8, usize, usize, usize);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_sequence_of_operations_gives_what_the_model_says(
        n_nodes in 1..=6_usize,
        steps in prop::collection::vec((0..6_u8, 0..6_usize, 0..7_usize, 0..40_000_usize), 1..8),
    ) {
        let steps: Vec<Step> = steps;
        run(world(Transport::Local, n_nodes), |comm| {
            for (kind, root, op, len) in &steps {
                let (root, op, size) = (root % comm.size(), Op::ALL[*op], comm.size());
                let mine = data(comm.rank(), *len);
                let reduced = |last: usize| {
                    let mut sum = data(0, *len);
                    (1..=last).for_each(|rank| u64::apply(op, &mut sum, &data(rank, *len)));
                    sum
                };
                match kind {
                    0 => {
                        let mut copy = mine;
                        comm.broadcast(root, &mut copy).unwrap();
                        assert_eq!(copy, data(root, *len));
                    }
                    1 => assert_eq!(comm.all_reduce(op, &mine).unwrap(), reduced(size - 1)),
                    2 => assert_eq!(comm.scan(op, &mine).unwrap(), reduced(comm.rank())),
                    3 => {
                        let all: Vec<_> = (0..size).flat_map(|rank| data(rank, *len)).collect();
                        let all = (comm.rank() == root).then_some(&all[..]);
                        assert_eq!(comm.scatter(root, all, *len).unwrap(), mine);
                    }
                    4 => {
                        let found = comm.reduce(root, op, &mine).unwrap();
                        assert!(found.is_none_or(|found| found == reduced(size - 1)));
                    }
                    _ => {
                        let found = comm.gather(root, &mine).unwrap();
                        let all: Vec<_> = (0..size).flat_map(|rank| data(rank, *len)).collect();
                        assert!(found.is_none_or(|found| found == all));
                    }
                }
            }
        });
    }
}

#[test]
#[ignore = "a measurement: run it alone in release mode"]
fn throughput_and_latency() {
    for (transport, n_nodes) in TRANSPORTS.into_iter().flat_map(|t| [2, 4].map(|n| (t, n))) {
        for (what, len, n_times) in [
            ("barrier", 0, 5000_u32),
            ("ping", 1, 5000),
            ("send", 1_250_000, 30),
            ("broadcast", 1_250_000, 20),
            ("all_reduce", 1, 2000),
            ("all_reduce", 1_250_000, 20),
        ] {
            let times = run(world(transport, n_nodes), |comm| {
                let mut mine = data(comm.rank(), len);
                comm.barrier().unwrap();
                let began = Instant::now();
                for _ in 0..n_times {
                    match (what, comm.rank()) {
                        ("barrier", _) => comm.barrier().unwrap(),
                        ("broadcast", _) => comm.broadcast(0, &mut mine).unwrap(),
                        ("all_reduce", _) => drop(comm.all_reduce(Op::Sum, &mine).unwrap()),
                        ("send", 0) => comm.send(1, Tag(0), &mine).unwrap(),
                        ("send", 1) => comm.recv_into(0, Tag(0), &mut mine).unwrap(),
                        ("ping", 0) => {
                            comm.send(1, Tag(0), &mine).unwrap();
                            comm.recv_into(1, Tag(0), &mut mine).unwrap();
                        }
                        ("ping", 1) => {
                            comm.recv_into(0, Tag(0), &mut mine).unwrap();
                            comm.send(0, Tag(0), &mine).unwrap();
                        }
                        _ => {}
                    }
                }
                let time = began.elapsed() / n_times;
                comm.barrier().unwrap();
                time
            });
            let rate = (8 * len) as f64 / times[0].as_secs_f64() / 1e6;
            println!(
                "{transport:?}, {n_nodes} nodes, {what} of {len} u64: {:?}, {rate:.0} MB/s",
                times[0]
            );
        }
    }
}
