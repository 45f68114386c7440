//! Loops whose chunks take parts of private inputs that lie at certain workers.

use super::verdicts::idle;
use super::*;

/// Which set got which chunk, in order.
fn leases(commands: &[Command]) -> Vec<(u32, usize)> {
    let lease = |command: &Command| match command {
        Command::Assign { worker, chunk, .. } => Some((*worker, *chunk)),
        _ => None,
    };
    commands.iter().filter_map(lease).collect()
}

/// Sets of so many workers at a loop of so many chunks, and what the coordinator then says.
fn started(workers: u32, chunks: usize) -> (Coordinator, Vec<Command>) {
    let mut it = idle(workers);
    let mut commands = Vec::new();
    for party in 0..PARTIES {
        let reached = Event::Reached { number: 0, chunks, kind: Kind::Parts };
        commands.extend(it.event(Duration::ZERO, party, reached));
    }
    (it, commands)
}

fn missing(part: u64) -> Loss {
    Loss::Missing { part, why: format!("P1.W0: part {part} is not here") }
}

/// All parties have the result of this attempt.
fn done(it: &mut Coordinator, attempt: u64) -> Vec<Command> {
    let event = |party| it.event(Duration::ZERO, party, Event::Done { attempt: Attempt(attempt) });
    (0..PARTIES).flat_map(event).collect()
}

#[test]
fn parts_go_to_the_workers_where_they_are_at_home() {
    let (mut it, commands) = started(3, 7);
    assert_eq!(leases(&commands), [(0, 0), (1, 1), (2, 2)]);
    // The third one is done first: it gets its next one, and not the one that comes next.
    assert_eq!(leases(&done(&mut it, 3)), [(2, 5)]);
    // Nothing is at home there any more, and others are not asked for what is at home elsewhere.
    assert_eq!(leases(&done(&mut it, 4)), []);
    assert_eq!(leases(&it.tick(Duration::from_secs(60))), []);
}

#[test]
fn another_set_is_asked_if_a_part_is_not_at_home() {
    let (mut it, _) = started(2, 2);
    let lost = Event::Lost { worker: 0, incarnation: Incarnation(0), loss: missing(0) };
    let commands = it.event(Duration::ZERO, 1, lost);
    assert!(matches!(&commands[..], [Command::Fence { worker: 0, .. }]), "{commands:?}");
    let commands = done(&mut it, 2);
    assert_eq!(leases(&commands), [(1, 0)]);
    assert!(commands.iter().any(
        |it| matches!(it, Command::Assign { again: Some(why), .. } if why.contains("not here"))
    ));
}

#[test]
fn if_nobody_has_a_part_the_run_ends_and_says_who_was_asked() {
    let (mut it, _) = started(2, 2);
    let lost = Event::Lost { worker: 0, incarnation: Incarnation(0), loss: missing(0) };
    it.event(Duration::ZERO, 1, lost);
    done(&mut it, 2);
    let lost = Event::Lost { worker: 1, incarnation: Incarnation(1), loss: missing(0) };
    let commands = it.event(Duration::ZERO, 1, lost);
    let Some(Command::Fail { loss: Loss::Input(why) }) = commands.last() else {
        panic!("{commands:?}");
    };
    for part in ["no worker has part 0", "P1.W0: part 0 is not here", "workers 0, 1 of each party"]
    {
        assert!(why.contains(part), "{why}");
    }
}

#[test]
fn what_is_missing_is_noted_even_if_peers_notice_first() {
    let (mut it, _) = started(2, 2);
    // P0's worker of the set loses its connection before P1's has said why.
    let gone = Event::Lost { worker: 0, incarnation: Incarnation(0), loss: Loss::Gone("?".into()) };
    it.event(Duration::ZERO, 0, gone);
    let lost = Event::Lost { worker: 0, incarnation: Incarnation(0), loss: missing(0) };
    it.event(Duration::ZERO, 1, lost);
    let chunk = &it.current.as_ref().unwrap().chunks[0];
    assert_eq!((chunk.lost, chunk.lacking.len()), (0, 1));
    // The same with inputs that are wrong: the run ends.
    let wrong = Loss::Input("too few".into());
    let lost = Event::Lost { worker: 0, incarnation: Incarnation(0), loss: wrong.clone() };
    assert_eq!(it.event(Duration::ZERO, 1, lost), [Command::Fail { loss: wrong }]);
}

#[test]
fn main_nodes_take_parts_only_when_no_worker_comes() {
    let (mut it, _) = started(1, 1);
    let gone = Event::Lost { worker: 0, incarnation: Incarnation(0), loss: Loss::Gone("?".into()) };
    it.event(Duration::ZERO, 0, gone);
    // The patience of these tests is less than the time that any worker has to come back.
    assert_eq!(it.tick(COMEBACK - Duration::from_secs(1)), []);
    let commands = it.tick(COMEBACK + Duration::from_secs(1));
    assert!(matches!(&commands[..], [Command::Compute { chunk: 0, .. }]), "{commands:?}");
}

#[test]
fn whatever_dies_parts_are_taken_where_they_are() {
    let (mut failed, mut misses) = (0, 0);
    for seed in 0..1000 {
        let result = std::panic::catch_unwind(|| {
            let mut dice = Dice(seed * 2 + 1);
            let workers = 1 + dice.below(4) as u32;
            let (chunks, loops) = (dice.below(9) as usize, 1 + dice.below(3));
            // At home, or all at one worker: then the others have to be asked.
            let has: fn(usize) -> u32 = match (workers, seed % 2) {
                (2, 0) => |chunk| chunk as u32 % 2,
                (3, 0) => |chunk| chunk as u32 % 3,
                (4, 0) => |chunk| chunk as u32 % 4,
                _ => |_| 0,
            };
            let owner = Some(Owner { party: dice.below(3) as usize, has });
            let mut world = World::with_inputs(seed, workers, chunks, loops, owner);
            for _ in 0..dice.below(6) {
                let (party, worker) = (dice.below(3) as usize, dice.below(workers.into()) as u32);
                let back = Some(dice.below(2000));
                world.at(dice.ms(0, 4000), Thing::Kill(party, worker, back));
            }
            world.run();
            let moved = world.attempts.len() > chunks * loops as usize;
            (u32::from(world.mains[0].failed.is_some()), u32::from(moved))
        });
        let (lost, moved) = result.unwrap_or_else(|_| panic!("seed {seed}"));
        failed += lost;
        misses += moved;
    }
    // All at one worker, which dies when it is asked: then nobody is known to have them.
    assert!(failed < 20, "{failed} runs failed");
    assert!(misses > 300, "only {misses} runs had to ask again");
}
