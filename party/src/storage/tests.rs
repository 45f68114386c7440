//! Files of three parties: what is found again, what is refused, and ends at any step of a write.

use std::path::Path;

use caucus_core::ids::WorkerId;
use tempfile::TempDir;

use super::*;

const BYTES: usize = 16;

fn place(folder: &Path, party: u8, session: u8) -> Place {
    Place {
        folder: folder.to_owned(),
        me: NodeId::main(PartyId::new(party)),
        simulated: false,
        n_parties: 3,
        protocol: "ring",
        ring_bits: 64,
        session: [session; 32],
    }
}

/// The stores of three parties in one run.
fn stores(folder: &Path, session: u8) -> Vec<ShareStore> {
    (0..3).map(|party| ShareStore::new(place(folder, party, session), false)).collect()
}

/// All parties compare what they have.
fn settle(stores: &[ShareStore]) -> Result<(), HostError> {
    let offers: Vec<_> = stores.iter().map(|store| store.offer(BYTES)).collect();
    let usable = offers.iter().all(|(_, opened)| opened.is_ok());
    let (offers, opened): (Vec<_>, Vec<_>) = offers.into_iter().unzip();
    opened.into_iter().collect::<Result<(), _>>()?;
    let settled: Result<Vec<bool>, _> = stores.iter().map(|store| store.settle(&offers)).collect();
    assert!(settled?.into_iter().all(|settled| settled == usable));
    Ok(())
}

fn prepare(store: &ShareStore, position: i64, shares: &[u8]) -> Result<(), HostError> {
    store.with(|file| {
        let next = file.version().next(KIND, &store.place.session);
        file.prepare(next, position, shares)
    })
}

/// So many shares that are told apart by their bytes, and by party.
fn shares(party: usize, first: u32, count: usize) -> Vec<u8> {
    let words = (0..count as u32).map(|k| u128::from(first + k) << 8 | party as u128);
    words.flat_map(u128::to_le_bytes).collect()
}

fn write(stores: &[ShareStore], position: i64, first: u32, count: usize) -> Result<(), HostError> {
    for (party, store) in stores.iter().enumerate() {
        prepare(store, position, &shares(party, first, count))?;
    }
    stores.iter().try_for_each(ShareStore::commit)
}

/// What a run stores.
fn store(folder: &Path, session: u8, writes: &[(i64, u32, usize)]) {
    let stores = stores(folder, session);
    settle(&stores).unwrap();
    for (position, first, count) in writes {
        write(&stores, *position, *first, *count).unwrap();
    }
}

/// What all parties read is what this says, and whether that is the end.
fn check_read(stores: &[ShareStore], position: i64, expected: &[u32], is_end: bool) {
    for (party, store) in stores.iter().enumerate() {
        let stored = store.read(position, expected.len()).unwrap().unwrap();
        let parts: Vec<u8> = expected
            .iter()
            .flat_map(|first| if *first == 0 { vec![0; BYTES] } else { shares(party, *first, 1) })
            .collect();
        assert_eq!(stored.shares, parts, "P{party}");
        assert_eq!(stored.is_end, is_end, "P{party}");
    }
}

fn message<T>(res: Result<T, HostError>) -> String {
    res.err().unwrap().to_string()
}

fn file(folder: &Path, party: u8) -> PathBuf {
    folder.join(format!("Transactions-P{party}.data"))
}

#[test]
fn shares_are_found_again_by_another_run() {
    let dir = TempDir::new().unwrap();
    store(dir.path(), 1, &[(-1, 10, 3), (-1, 20, 2), (1, 30, 1)]);
    let stores = stores(dir.path(), 2);
    settle(&stores).unwrap();
    check_read(&stores, 0, &[10, 30, 12], false);
    check_read(&stores, 3, &[20, 21], true);
    check_read(&stores, 5, &[], true);
}

#[test]
fn a_gap_becomes_zeros() {
    let dir = TempDir::new().unwrap();
    store(dir.path(), 1, &[(2, 10, 1), (5, 11, 1)]);
    let stores = stores(dir.path(), 2);
    settle(&stores).unwrap();
    check_read(&stores, 0, &[0, 0, 10, 0, 0, 11], true);
}

#[test]
fn writes_over_many_blocks_keep_the_digest() {
    let dir = TempDir::new().unwrap();
    // Blocks have 4096 shares of 16 bytes.
    store(dir.path(), 1, &[(-1, 1, 5000), (20_000, 1, 10), (4090, 7, 9000), (-1, 9, 1), (3, 2, 1)]);
    let stores = stores(dir.path(), 2);
    settle(&stores).unwrap();
    check_read(&stores, 3, &[2, 5], false);
    check_read(&stores, 4089, &[4090, 7, 8], false);
    check_read(&stores, 13_089, &[9006, 0], false);
    check_read(&stores, 20_009, &[10, 9], true);
}

#[test]
fn nothing_is_read_where_nothing_was_stored() {
    let dir = TempDir::new().unwrap();
    let stores = stores(&dir.path().join("Persistence"), 1);
    settle(&stores).unwrap();
    assert!(stores[0].read(0, 1).unwrap().is_none());
    assert!(message(stores[0].read(-1, 1)).contains("-1 is no position"));
    write(&stores, -1, 1, 2).unwrap();
    let text = message(stores[0].read(1, 2));
    assert!(text.contains("beyond the end: there are 2"), "{text}");
    for position in [-2, i64::MAX, MAX_SHARES as i64] {
        let text = message(prepare(&stores[0], position, &shares(0, 1, 1)));
        assert!(text.contains("no position"), "{text}");
    }
}

#[test]
fn files_are_private() {
    use std::os::unix::fs::MetadataExt;
    let dir = TempDir::new().unwrap();
    let folder = dir.path().join("new/Persistence");
    store(&folder, 1, &[(-1, 1, 1)]);
    assert_eq!(std::fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
    assert_eq!(std::fs::metadata(file(&folder, 1)).unwrap().mode() & 0o777, 0o600);
}

#[test]
fn a_truncated_file_is_refused() {
    let dir = TempDir::new().unwrap();
    store(dir.path(), 1, &[(-1, 1, 3)]);
    let path = file(dir.path(), 1);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    let text = message(settle(&stores(dir.path(), 2)));
    assert!(text.contains("P1.data is truncated") && text.contains("560"), "{text}");
}

#[test]
fn a_party_whose_file_is_unusable_is_waited_for() {
    let dir = TempDir::new().unwrap();
    store(dir.path(), 1, &[(-1, 1, 3)]);
    std::fs::write(file(dir.path(), 1), "junk").unwrap();
    let stores = stores(dir.path(), 2);
    let offers: Vec<_> = stores.iter().map(|store| store.offer(BYTES).0).collect();
    assert!(!stores[0].settle(&offers).unwrap() && !stores[2].settle(&offers).unwrap());
}

#[test]
fn a_single_changed_bit_is_noticed_wherever_it_is() {
    let dir = TempDir::new().unwrap();
    store(dir.path(), 1, &[(-1, 1, 2)]);
    let path = file(dir.path(), 2);
    let bytes = std::fs::read(&path).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        std::fs::write(&path, changed).unwrap();
        let text = message(settle(&stores(dir.path(), 2)));
        assert!(
            text.contains("is no file of stored") || text.contains("is damaged"),
            "{at}: {text}"
        );
    }
}

#[test]
fn a_foreign_file_is_refused() {
    let dir = TempDir::new().unwrap();
    std::fs::write(file(dir.path(), 0), "\x11\0\0\0\0\0\0\0replicated Z2^64").unwrap();
    let text = message(settle(&stores(dir.path(), 1)));
    assert!(text.contains("P0.data is no file of stored shares"), "{text}");
}

#[test]
fn swapped_files_are_refused() {
    let dir = TempDir::new().unwrap();
    store(dir.path(), 1, &[(-1, 1, 2)]);
    let [a, b, spare] = [file(dir.path(), 0), file(dir.path(), 1), dir.path().join("spare")];
    std::fs::rename(&a, &spare).unwrap();
    std::fs::rename(&b, &a).unwrap();
    std::fs::rename(&spare, &b).unwrap();
    let text = message(settle(&stores(dir.path(), 2)));
    assert!(text.contains("has the shares of P1, this is P0"), "{text}");
}

#[test]
fn files_of_different_runs_are_refused_at_all_parties() {
    let (dir, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    store(dir.path(), 1, &[(-1, 1, 2)]);
    store(other.path(), 2, &[(-1, 1, 2)]);
    std::fs::copy(file(other.path(), 2), file(dir.path(), 2)).unwrap();
    let stores = stores(dir.path(), 3);
    let offers: Vec<_> = stores.iter().map(|store| store.offer(BYTES).0).collect();
    for (store, other) in stores.iter().zip(["P2", "P2", "P0"]) {
        let text = message(store.settle(&offers));
        assert!(text.contains("do not belong together") && text.contains(other), "{text}");
    }
}

#[test]
fn a_file_that_is_missing_at_one_party_is_noticed() {
    let dir = TempDir::new().unwrap();
    store(dir.path(), 1, &[(-1, 1, 2)]);
    std::fs::remove_file(file(dir.path(), 1)).unwrap();
    let text = message(settle(&stores(dir.path(), 2)));
    assert!(text.contains("at P1 none"), "{text}");
}

#[test]
fn shares_of_another_kind_are_refused() {
    let dir = TempDir::new().unwrap();
    store(dir.path(), 1, &[(-1, 1, 2)]);
    let changes: [fn(&mut Place); 3] =
        [|it| it.ring_bits = 128, |it| it.protocol = "other", |it| it.n_parties = 4];
    for change in changes {
        let mut place = place(dir.path(), 0, 2);
        change(&mut place);
        let text = message(ShareStore::new(place, false).offer(BYTES).1);
        assert!(text.contains("has shares of integers modulo 2^64 under ring"), "{text}");
    }
}

#[test]
fn a_worker_has_a_file_of_its_own() {
    let dir = TempDir::new().unwrap();
    let mut place = place(dir.path(), 1, 1);
    place.me = NodeId::worker(PartyId::new(1), WorkerId::new(3));
    let name = place.path().file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(name, "Transactions-P1-W3.data");
}

#[test]
fn two_runs_at_the_same_time_are_refused() {
    let dir = TempDir::new().unwrap();
    store(dir.path(), 1, &[(-1, 1, 2)]);
    let first = stores(dir.path(), 2);
    settle(&first).unwrap();
    assert!(message(settle(&stores(dir.path(), 3))).contains("in use by another run"));
    drop(first);
    settle(&stores(dir.path(), 3)).unwrap();
}

/// The files after each step that can be the last one of a run, for each party.
fn interrupted(committed: usize, torn: Option<usize>) {
    let dir = TempDir::new().unwrap();
    store(dir.path(), 1, &[(-1, 10, 3)]);
    let run = stores(dir.path(), 2);
    settle(&run).unwrap();
    for (party, store) in run.iter().enumerate() {
        prepare(store, 1, &shares(party, 20, 3)).unwrap();
    }
    run.iter().take(committed).for_each(|store| store.commit().unwrap());
    drop(run);
    if let Some(cut) = torn {
        // P2 had begun to change its file: header or shares are neither the old nor the new ones.
        let path = file(dir.path(), 2);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[cut] ^= 0x55;
        std::fs::write(path, bytes).unwrap();
    }
    let next = stores(dir.path(), 3);
    settle(&next).unwrap();
    check_read(&next, 0, &[10, 20, 21, 22], true);
    write(&next, -1, 40, 1).unwrap();
    drop(next);
    let last = stores(dir.path(), 4);
    settle(&last).unwrap();
    check_read(&last, 3, &[22, 40], true);
}

#[test]
fn a_write_that_all_have_prepared_is_done_by_the_next_run() {
    (0..=3).for_each(|committed| interrupted(committed, None));
    for cut in [20, 512 + 16, 512 + 47] {
        interrupted(2, Some(cut));
    }
}

#[test]
fn a_write_that_not_all_have_prepared_comes_to_nothing() {
    for half in [false, true] {
        let dir = TempDir::new().unwrap();
        store(dir.path(), 1, &[(-1, 10, 3)]);
        let run = stores(dir.path(), 2);
        settle(&run).unwrap();
        prepare(&run[0], 1, &shares(0, 20, 3)).unwrap();
        prepare(&run[1], 1, &shares(1, 20, 3)).unwrap();
        if half {
            prepare(&run[2], 1, &shares(2, 20, 3)).unwrap();
            let path = file(dir.path(), 2).with_extension("journal");
            let bytes = std::fs::read(&path).unwrap();
            std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        }
        drop(run);
        let next = stores(dir.path(), 3);
        settle(&next).unwrap();
        check_read(&next, 0, &[10, 11, 12], true);
    }
}

/// The stores of three parties in one run that keeps checkpoints.
fn keeping(folder: &Path, session: u8) -> Vec<ShareStore> {
    (0..3).map(|party| ShareStore::new(place(folder, party, session), true)).collect()
}

#[test]
fn a_run_that_goes_on_finds_what_was_stored_at_its_checkpoint() {
    // How many parties have prepared a write after the checkpoint, and how many of these have done it.
    for (prepared, done) in [(0, 0), (1, 0), (3, 0), (3, 1), (3, 3)] {
        let dir = TempDir::new().unwrap();
        store(dir.path(), 1, &[(-1, 10, 3)]);
        let first = keeping(dir.path(), 2);
        settle(&first).unwrap();
        write(&first, 1, 20, 1).unwrap();
        // The checkpoint.
        let version = first[0].version().unwrap();
        first.iter().for_each(|store| store.forget_copy().unwrap());
        for (party, store) in first.iter().enumerate().take(prepared) {
            store.before_write().unwrap();
            prepare(store, -1, &shares(party, 30, 2)).unwrap();
        }
        first[..done].iter().for_each(|store| store.commit().unwrap());
        drop(first);
        let again = keeping(dir.path(), 3);
        // Twice, as if the first attempt had been interrupted.
        (0..2).for_each(|_| again.iter().for_each(|store| store.rewind(version).unwrap()));
        settle(&again).unwrap();
        check_read(&again, 0, &[10, 20, 12], true);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 3, "no copies are left");
    }
}

#[test]
fn shares_that_were_first_stored_after_a_checkpoint_go() {
    let dir = TempDir::new().unwrap();
    let first = keeping(dir.path(), 1);
    settle(&first).unwrap();
    let version = first[0].version().unwrap();
    first.iter().for_each(|store| store.before_write().unwrap());
    write(&first, -1, 10, 2).unwrap();
    drop(first);
    let again = keeping(dir.path(), 2);
    again.iter().for_each(|store| store.rewind(version).unwrap());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn what_another_run_has_stored_since_is_not_undone() {
    let dir = TempDir::new().unwrap();
    store(dir.path(), 1, &[(-1, 10, 3)]);
    let first = keeping(dir.path(), 2);
    settle(&first).unwrap();
    let version = first[0].version().unwrap();
    first.iter().for_each(|store| store.before_write().unwrap());
    write(&first, -1, 20, 1).unwrap();
    drop(first);
    // A run without checkpoints.
    let other = stores(dir.path(), 3);
    settle(&other).unwrap();
    other.iter().for_each(|store| store.before_write().unwrap());
    write(&other, -1, 30, 1).unwrap();
    drop(other);
    let text = message(keeping(dir.path(), 4)[0].rewind(version));
    assert!(text.contains("has changed since the checkpoint"), "{text}");
}
