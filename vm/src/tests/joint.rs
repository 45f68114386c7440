//! Rows that workers put into another order together give what the main nodes give alone.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use caucus_bytecode::Op;
use caucus_bytecode::operand::*;
use caucus_core::algebra::Z64;
use caucus_core::comm::Comm;
use caucus_protocols::sharded::Shards;
use caucus_protocols::{Checked, Protocol, Replicated, SessionId};

use super::code::Code;
use super::{all_succeed, prints, three};
use crate::testing::{local_threads, run};
use crate::{
    ChunkFigures, ChunkSource, Chunks, HostError, Joint, JointWork, Machine, Undone, Work, Workers,
};

/// How many workers each party has.
const WORKERS: usize = 3;

/// Rows of two elements sorted by one column, by both, and shuffled; and no rows.
fn program(code: &mut Code) {
    let src = code.secrets(&[5, 0, -2, 1, 5, 2, 7, 3, -2, 4, 0, 5, 5, 6]);
    let sorts: [Vec<(i64, i64)>; 2] = [vec![(0, 8)], vec![(0, 8), (1, 2)]];
    for keys in sorts {
        let dst = code.s(14);
        code.op(Op::SortAtNodes { dst: DstS(dst), src, rows: 7, keys });
        code.show_s(dst);
    }
    let (shuffled, sorted) = (code.s(14), code.s(14));
    code.op(Op::ShuffleAtNodes { dst: DstS(shuffled), src, rows: 7 });
    let keys = vec![(1, 4)];
    code.op(Op::SortAtNodes { dst: DstS(sorted), src: SrcS(shuffled), rows: 7, keys });
    code.show_s(sorted);
    let none = code.s(0);
    let keys = vec![(0, 1)];
    code.op(Op::SortAtNodes { dst: DstS(none), src: SrcS(none), rows: 0, keys });
    code.show_s(none);
    // A register may be its own source.
    code.op(Op::SortAtNodes { dst: DstS(src.0), src, rows: 14, keys: vec![(0, 5)] });
    code.show_s(src.0);
}

const EXPECTED: &str = "[-2, 1, -2, 4, 0, 5, 5, 0, 5, 2, 5, 6, 7, 3]\n\
     [-2, 4, -2, 1, 0, 5, 5, 2, 5, 6, 5, 0, 7, 3]\n\
     [5, 0, -2, 1, 5, 2, 7, 3, -2, 4, 0, 5, 5, 6]\n\
     []\n\
     [-2, -2, 0, 0, 1, 2, 3, 4, 5, 5, 5, 5, 6, 7]\n";

#[test]
fn without_workers_rows_are_reordered_where_they_are() {
    prints(EXPECTED, program);
}

/// The way to a worker and back.
type Ends = (Sender<JointWork>, Receiver<Vec<u8>>);

/// A main node's end.
struct All(Mutex<Vec<Ends>>);

impl Workers for All {
    fn distribute(&self, _proof: Checked, _chunks: &mut dyn Chunks) -> Result<(), Undone> {
        unreachable!("the program has no such loop")
    }

    fn reorder(&self, _proof: Checked, rows: &mut dyn Joint) -> Result<(), Undone> {
        let workers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let job = rows.job().clone();
        for ((to, _), comm) in workers.iter().zip(Comm::local(WORKERS)) {
            let part = Shards::part(job.rows, WORKERS, comm.rank());
            let (mut shard, bytes) = (Vec::new(), part.len() * rows.row_bytes());
            rows.shard(part, &mut shard);
            assert_eq!(shard.len(), bytes);
            to.send(JointWork { job: job.clone(), comm, shard }).unwrap();
        }
        let mut shards: Vec<_> = workers.iter().map(|(_, from)| from.recv().unwrap()).collect();
        if let Some(longest) = shards.iter_mut().find(|shard| !shard.is_empty()) {
            let last = longest.pop().unwrap();
            assert!(rows.accept(&shards).is_err(), "half a row is refused");
            shards.iter_mut().find(|shard| shard.len() % 16 != 0).unwrap().push(last);
            assert!(rows.accept(&shards[..0]).is_err(), "missing rows are refused");
        }
        rows.accept(&shards).map_err(Undone::Run)
    }
}

/// A worker's end.
struct Pipe(Receiver<JointWork>, Sender<Vec<u8>>);

impl ChunkSource for Pipe {
    fn next(&mut self) -> Result<Option<Work>, HostError> {
        Ok(self.0.recv().ok().map(Work::Joint))
    }

    fn done(
        &mut self,
        _proof: Checked,
        results: Vec<u8>,
        figures: ChunkFigures,
    ) -> Result<(), HostError> {
        assert!(figures.waited <= figures.elapsed);
        self.1.send(results).unwrap();
        Ok(())
    }
}

#[test]
fn workers_reorder_rows_together() {
    let program = &Code::program(program);
    let mut hosts = three();
    let mut sets: Vec<Vec<Pipe>> = (0..WORKERS).map(|_| Vec::new()).collect();
    for host in &mut hosts {
        let mut ends = Vec::new();
        for set in &mut sets {
            let ((to, work), (results, from)) = (channel(), channel());
            ends.push((to, from));
            set.push(Pipe(work, results));
        }
        host.set_workers(Box::new(All(Mutex::new(ends))));
    }
    thread::scope(|scope| {
        for set in sets {
            for ((mut threads, abort), mut pipe) in local_threads(3, 1).into_iter().zip(set) {
                scope.spawn(move || {
                    let main = &mut threads[0].net;
                    let protocol =
                        Replicated::<Z64>::setup(main, &SessionId::new([8; 32])).unwrap();
                    main.flush().unwrap();
                    let host = &three()[0];
                    Machine::serve(program, threads, protocol, host, abort, &mut pipe).unwrap();
                });
            }
        }
        all_succeed(run::<Replicated<Z64>>(program, &hosts));
        assert_eq!(hosts[0].output(), EXPECTED);
        // The workers end when nobody can give them work any more.
        drop(hosts);
    });
}

#[test]
fn what_the_program_does_not_ask_for_is_told_from_what_it_does() {
    let program = &Code::program(program);
    let job = |rows, columns, keys: &[(usize, u32)]| {
        crate::Reordering { rows, columns, keys: keys.to_vec() }.is_in(program)
    };
    assert!(job(7, 2, &[(0, 8)]) && job(7, 2, &[]) && job(14, 1, &[(0, 5)]));
    assert!(!job(7, 1, &[(0, 8)]) && !job(7, 2, &[(0, 7)]) && !job(14, 1, &[]));
}
