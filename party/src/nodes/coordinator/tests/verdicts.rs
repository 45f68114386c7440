//! What ends a run.

use super::super::losses::CAUSE;
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

fn lost(party: usize, loss: Loss) -> (usize, Event) {
    (party, Event::Lost { worker: 0, incarnation: Incarnation(0), loss })
}

/// Why sets are dissolved.
fn fences(commands: &[Command]) -> Vec<&str> {
    fn fence(command: &Command) -> Option<&str> {
        match command {
            Command::Fence { why, .. } => Some(why),
            _ => None,
        }
    }
    commands.iter().filter_map(fence).collect()
}

#[test]
fn the_worker_that_is_gone_is_named_even_if_its_peers_notice_first() {
    let mut it = idle(1);
    for party in [0, 2] {
        let (party, event) = lost(party, Loss::Cut("P1.W0 closed the connection".into()));
        assert_eq!(it.event(Duration::ZERO, party, event), vec![]);
    }
    // One of those that noticed is back before the cause is known: it waits, and is a member of the next set.
    let address = HostPort::new("worker", 1);
    let back = Event::Arrived { worker: 0, incarnation: Incarnation(10), address: address.clone() };
    assert_eq!(it.event(Duration::ZERO, 0, back), vec![]);
    let (party, event) = lost(1, Loss::Gone("out of memory".into()));
    let commands = it.event(Duration::from_millis(50), party, event);
    assert_eq!(fences(&commands), ["P1.W0 was lost: out of memory"]);
    let mut commands = Vec::new();
    for (party, number) in [(1, 11), (2, 12)] {
        let incarnation = Incarnation(number);
        let back = Event::Arrived { worker: 0, incarnation, address: address.clone() };
        commands.extend(it.event(Duration::from_millis(60), party, back));
    }
    let expected = [10, 11, 12].map(Incarnation);
    assert!(
        matches!(&commands[..], [Command::Form { incarnations, .. }] if *incarnations == expected),
        "{commands:?}"
    );
}

#[test]
fn a_set_whose_members_lost_each_other_is_dissolved_though_none_is_gone() {
    // All of them say so: at once.
    let mut it = idle(1);
    let mut commands = Vec::new();
    for party in 0..PARTIES {
        let (party, event) = lost(party, Loss::Cut("no answer".into()));
        commands.extend(it.event(Duration::ZERO, party, event));
    }
    assert_eq!(fences(&commands), ["P0.W0 has lost others: no answer"]);
    // Some do: after a while, in which it gets no work.
    let mut it = idle(1);
    let (party, event) = lost(2, Loss::Cut("no answer".into()));
    assert_eq!(it.event(Duration::ZERO, party, event), vec![]);
    for party in 0..PARTIES {
        let reached = Event::Reached { number: 0, chunks: 1, kind: Kind::Chunks };
        assert_eq!(it.event(Duration::ZERO, party, reached), vec![]);
    }
    assert_eq!(fences(&it.tick(CAUSE / 2)), [""; 0]);
    let commands = it.tick(CAUSE + Duration::from_millis(1));
    assert_eq!(fences(&commands), ["P2.W0 has lost others: no answer"]);
}
