//! Joint jobs in the simulated world.

use super::*;

#[test]
fn whatever_dies_or_stops_every_joint_job_counts_once() {
    let failed = random_deaths(true);
    assert!(failed < 90, "{failed} runs failed");
}

/// A world with one loop of a chunk and then a joint job.
fn with_joint_job(seed: u64, workers: u32) -> World {
    let mut world = World::new(seed, workers, 1, 2);
    (world.joint, world.slowest) = (true, 2000);
    world
}

#[test]
fn a_joint_job_is_leased_to_all_sets_at_once() {
    let mut world = with_joint_job(11, 4);
    world.run();
    assert_eq!(world.attempts.len(), 2);
    assert_eq!(world.groups.values().map(BTreeMap::len).collect::<Vec<_>>(), [4]);
}

#[test]
fn those_who_are_left_of_a_joint_job_do_it_again_with_new_links() {
    for (seed, back) in [(12, None), (13, Some(200))] {
        let mut world = with_joint_job(seed, 3);
        while world.groups.is_empty() {
            let Reverse((at, _, thing)) = world.queue.pop().unwrap();
            world.now = at;
            world.happen(thing);
        }
        let lost = world.now;
        world.at(Duration::from_millis(100), Thing::Kill(1, 2, back));
        world.run();
        let groups: Vec<_> = world.groups.values().collect();
        let members: Vec<Vec<u32>> = groups.iter().map(|it| it.keys().copied().collect()).collect();
        let second = if back.is_some() { vec![0, 1, 2] } else { vec![0, 1] };
        assert_eq!(members, [vec![0, 1, 2], second]);
        // All have connected anew: no randomness is used twice.
        assert!(groups[1].iter().all(|(worker, epoch)| groups[0][worker] != *epoch));
        assert!(world.now - lost < Duration::from_secs(7), "{:?}", world.now - lost);
    }
}

#[test]
fn without_workers_the_main_nodes_do_joint_jobs() {
    let mut world = with_joint_job(14, 0);
    world.run();
    assert_eq!(world.attempts.len(), 0);
    // Also if all are lost and nobody comes back.
    let mut world = with_joint_job(15, 1);
    while world.groups.is_empty() {
        let Reverse((at, _, thing)) = world.queue.pop().unwrap();
        world.now = at;
        world.happen(thing);
    }
    world.at(Duration::from_millis(100), Thing::Kill(0, 0, None));
    world.run();
    assert_eq!((world.groups.len(), world.mains[0].failed.is_none()), (1, true));
}
