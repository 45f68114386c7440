//! What ends a run.

use super::*;

/// Two parties' events that make sets idle, without a world.
pub(super) fn idle(workers: u32) -> Coordinator {
    let mut it = Coordinator::new(PARTIES, workers as usize, Duration::from_secs(1));
    for worker in 0..workers {
        for party in 0..PARTIES {
            let incarnation = Incarnation(u64::from(worker));
            let address = HostPort::new("worker", 1);
            it.event(Duration::ZERO, party, Event::Arrived { worker, incarnation, address });
        }
        for party in 0..PARTIES {
            let incarnation = Incarnation(u64::from(worker));
            it.event(Duration::ZERO, party, Event::Ready { worker, incarnation });
        }
    }
    it
}

#[test]
fn after_a_security_verdict_nothing_is_tried_again() {
    let mut it = idle(2);
    for party in 0..PARTIES {
        it.event(
            Duration::ZERO,
            party,
            Event::Reached { number: 0, chunks: 4, kind: Kind::Chunks },
        );
    }
    let loss = Loss::Security("P1 cheats".into());
    let lost = Event::Lost { worker: 0, incarnation: Incarnation(0), loss: loss.clone() };
    let commands = it.event(Duration::ZERO, 0, lost);
    assert_eq!(commands, vec![Command::Fail { loss }]);
    let lost =
        Event::Lost { worker: 1, incarnation: Incarnation(1), loss: Loss::Gone(String::new()) };
    assert_eq!(it.event(Duration::ZERO, 0, lost), vec![]);
    assert_eq!(it.tick(Duration::from_secs(100)), vec![]);
}

#[test]
fn a_chunk_that_is_lost_again_and_again_ends_the_run() {
    let mut it = idle(1);
    for party in 0..PARTIES {
        it.event(
            Duration::ZERO,
            party,
            Event::Reached { number: 0, chunks: 1, kind: Kind::Chunks },
        );
    }
    let mut fences = 0;
    for round in 0..10 {
        let loss = Loss::Gone("out of memory".into());
        let lost = Event::Lost { worker: 0, incarnation: Incarnation(round), loss };
        let commands = it.event(Duration::ZERO, 0, lost);
        fences += commands.iter().filter(|it| matches!(it, Command::Fence { .. })).count();
        if let Some(Command::Fail { loss: Loss::Gone(why) }) = commands.last() {
            assert!(why.contains("lost 5 times") && why.contains("out of memory"), "{why}");
            assert_eq!(fences, 5);
            return;
        }
        let incarnation = Incarnation(round + 1);
        for party in 0..PARTIES {
            let address = HostPort::new("worker", 1);
            it.event(Duration::ZERO, party, Event::Arrived { worker: 0, incarnation, address });
        }
        for party in 0..PARTIES {
            it.event(Duration::ZERO, party, Event::Ready { worker: 0, incarnation });
        }
    }
    panic!("it goes on for ever");
}

#[test]
fn parties_at_different_loops_are_an_error() {
    let mut it = idle(1);
    for (party, chunks) in [4, 4, 5].into_iter().enumerate() {
        let reached = Event::Reached { number: 0, chunks, kind: Kind::Chunks };
        let commands = it.event(Duration::ZERO, party, reached);
        let failed = matches!(&commands[..], [Command::Fail { loss: Loss::Security(why) }] if why.contains("P2"));
        assert_eq!(failed, party == 2);
    }
    let mut it = idle(1);
    for party in 0..PARTIES {
        let kind = if party == 1 { Kind::Joint } else { Kind::Chunks };
        let reached = Event::Reached { number: 0, chunks: 1, kind };
        let commands = it.event(Duration::ZERO, party, reached);
        assert_eq!(matches!(&commands[..], [Command::Fail { .. }]), party == 2);
    }
}
