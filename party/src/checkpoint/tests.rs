//! Files of three parties: what is found again, what is refused, and ends at any step.

use std::path::Path;

use caucus_bytecode::Program;
use caucus_core::ids::NodeId;
use tempfile::TempDir;

use super::*;

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

fn program(name: &str) -> Program {
    Program { name: name.into(), ring_bits: 64, ..Program::default() }
}

fn store(place: Place, program: &Program, args: Vec<i64>, resume: bool) -> CheckpointStore {
    let task = Task::new(&place, program, args, Some([7; 32]));
    CheckpointStore::new(place, task, resume)
}

/// The stores of three parties in one run.
fn stores(folder: &Path, session: u8, resume: bool) -> Vec<CheckpointStore> {
    let one = |party| store(place(folder, party, session), &program("test-1"), vec![5], resume);
    (0..3).map(one).collect()
}

/// All parties compare what they have; gives what each goes on with, or how it begins otherwise.
fn settle(stores: &[CheckpointStore]) -> Vec<Result<Option<Vec<u8>>, CheckpointError>> {
    let (offers, opened): (Vec<_>, Vec<_>) = stores.iter().map(CheckpointStore::offer).unzip();
    assert!(offers.iter().all(|offer| offer.len() == CheckpointStore::OFFER));
    let settled = stores.iter().zip(opened).map(|(store, opened)| {
        opened?;
        Ok(match store.settle(&offers)? {
            Settled::From(snapshot) => Some(snapshot),
            Settled::Fresh | Settled::Unusable => None,
        })
    });
    settled.collect()
}

fn begun(folder: &Path, session: u8) -> Vec<CheckpointStore> {
    let stores = stores(folder, session, false);
    assert!(settle(&stores).into_iter().all(|it| matches!(it, Ok(None))));
    stores
}

/// What a party has in a checkpoint of this number.
fn snapshot(party: usize, number: u8) -> Vec<u8> {
    vec![number; 10 * party + usize::from(number)]
}

fn positions(number: u8) -> Positions {
    Positions { public_inputs: number.into(), ..Positions::default() }
}

fn write(store: &CheckpointStore, party: usize, number: u8) {
    let place = Some(format!("test.mpc:{number}"));
    store.write(place, positions(number), &snapshot(party, number)).unwrap();
}

/// All parties write checkpoints of these numbers.
fn write_all(stores: &[CheckpointStore], numbers: impl Iterator<Item = u8>) {
    for number in numbers {
        stores.iter().enumerate().for_each(|(party, store)| write(store, party, number));
        stores.iter().for_each(|store| store.commit().unwrap());
    }
}

/// All parties go on from this one; gives them.
#[track_caller]
fn resumed(folder: &Path, session: u8, number: u8) -> Vec<CheckpointStore> {
    let stores = stores(folder, session, true);
    for (party, settled) in settle(&stores).into_iter().enumerate() {
        assert_eq!(settled.unwrap().as_deref(), Some(&snapshot(party, number)[..]), "P{party}");
        assert_eq!(stores[party].positions(), positions(number));
        assert_eq!(stores[party].describe(), format!("{number} (test.mpc:{number})"));
        stores[party].adopt().unwrap();
    }
    stores
}

/// How each party refuses to go on.
fn refusals(folder: &Path) -> Vec<String> {
    let settled = settle(&stores(folder, 9, true)).into_iter();
    settled.map(|it| it.err().map_or(String::new(), |error| error.to_string())).collect()
}

fn file(folder: &Path, party: u8) -> PathBuf {
    folder.join(format!("Checkpoint-P{party}.data"))
}

#[test]
fn the_last_checkpoint_is_found_and_the_next_ones_follow_it() {
    let dir = TempDir::new().unwrap();
    write_all(&begun(dir.path(), 1), 1..4);
    let stores = resumed(dir.path(), 2, 3);
    write_all(&stores, 4..6);
    drop(stores);
    let stores = resumed(dir.path(), 3, 5);
    stores.iter().for_each(|store| store.remove().unwrap());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is left");
}

#[test]
fn whatever_step_a_run_ends_at_the_parties_have_one_in_common() {
    // Of the second checkpoint, so many parties have written it, and of these so many count it.
    for (written, committed) in [(0, 0), (1, 0), (2, 0), (3, 0), (3, 1), (3, 2), (3, 3)] {
        let dir = TempDir::new().unwrap();
        let stores = begun(dir.path(), 1);
        write_all(&stores, 1..2);
        (0..written).for_each(|party| write(&stores[party], party, 2));
        stores[..committed].iter().for_each(|store| store.commit().unwrap());
        drop(stores);
        let common = if written == 3 { 2 } else { 1 };
        // The run that goes on ends at each step, too.
        let stores = resumed(dir.path(), 2, common);
        (0..written).for_each(|party| write(&stores[party], party, common + 1));
        stores[..committed].iter().for_each(|store| store.commit().unwrap());
        drop(stores);
        resumed(dir.path(), 3, if written == 3 { 3 } else { common });
    }
}

#[test]
fn checkpoints_of_two_runs_are_never_mixed() {
    let (dir, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    write_all(&begun(dir.path(), 1), 1..3);
    write_all(&begun(other.path(), 2), 1..3);
    std::fs::copy(file(other.path(), 2), file(dir.path(), 2)).unwrap();
    let told = refusals(dir.path());
    for (text, other) in told.iter().zip(["P2", "P2", "P0"]) {
        assert!(text.contains("no checkpoint in common") && text.contains(other), "{text}");
    }
    // Nor are those of a run that was continued and its continuation.
    let dir = TempDir::new().unwrap();
    write_all(&begun(dir.path(), 1), 1..3);
    let old = std::fs::read(file(dir.path(), 0)).unwrap();
    write_all(&resumed(dir.path(), 2, 2), 3..4);
    std::fs::write(file(dir.path(), 0), old).unwrap();
    assert!(refusals(dir.path())[1].contains("no. 3 with the mark"));
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused() {
    let dir = TempDir::new().unwrap();
    write_all(&begun(dir.path(), 1), 1..3);
    let bytes = std::fs::read(file(dir.path(), 1)).unwrap();
    for len in 0..bytes.len() {
        std::fs::write(file(dir.path(), 1), &bytes[..len]).unwrap();
        let told = refusals(dir.path());
        let text = &told[1];
        assert!(text.contains("P1.data") && !text.is_empty(), "{len}: {text}");
        assert!(["is truncated", "no checkpoint of"].iter().any(|it| text.contains(it)), "{text}");
        // The others wait for it to say so.
        assert!(told[0].is_empty() && told[2].is_empty(), "{told:?}");
    }
    std::fs::write(file(dir.path(), 1), [&bytes[..], &[0]].concat()).unwrap();
    assert!(refusals(dir.path())[1].contains("is damaged"));
}

#[test]
fn a_single_changed_bit_is_noticed_wherever_it_is() {
    let dir = TempDir::new().unwrap();
    write_all(&begun(dir.path(), 1), 1..3);
    let bytes = std::fs::read(file(dir.path(), 2)).unwrap();
    for at in 0..bytes.len() {
        for bit in [1, 0x80] {
            let mut changed = bytes.clone();
            changed[at] ^= bit;
            std::fs::write(file(dir.path(), 2), changed).unwrap();
            let text = refusals(dir.path()).swap_remove(2);
            let known = ["is damaged", "no checkpoint of", "is truncated"];
            assert!(known.iter().any(|it| text.contains(it)), "{at}: {text}");
        }
    }
}

#[test]
fn a_damaged_file_does_no_harm_where_another_one_is_common() {
    let dir = TempDir::new().unwrap();
    let stores = begun(dir.path(), 1);
    write_all(&stores, 1..2);
    write(&stores[0], 0, 2);
    drop(stores);
    let next = dir.path().join("Checkpoint-P0.next");
    let bytes = std::fs::read(&next).unwrap();
    std::fs::write(&next, &bytes[..bytes.len() - 1]).unwrap();
    resumed(dir.path(), 2, 1);
    assert!(!next.exists(), "what is not common is removed");
}

#[test]
fn swapped_files_are_refused() {
    let dir = TempDir::new().unwrap();
    write_all(&begun(dir.path(), 1), 1..2);
    let [a, b, spare] = [file(dir.path(), 0), file(dir.path(), 1), dir.path().join("spare")];
    std::fs::rename(&a, &spare).unwrap();
    std::fs::rename(&b, &a).unwrap();
    std::fs::rename(&spare, &b).unwrap();
    let told = refusals(dir.path());
    assert!(told[0].contains("is the checkpoint of P1, this is P0"), "{told:?}");
    assert!(told[1].contains("is the checkpoint of P0, this is P1"), "{told:?}");
}

#[test]
fn checkpoints_of_another_task_are_refused() {
    let dir = TempDir::new().unwrap();
    write_all(&begun(dir.path(), 1), 1..2);
    let task = |name: &str, args: &[i64], change: fn(&mut Place)| {
        let mut place = place(dir.path(), 0, 2);
        change(&mut place);
        store(place, &program(name), args.to_vec(), true).offer().1.unwrap_err().to_string()
    };
    for (text, parts) in [
        (task("test-2", &[5], |_| ()), ["program with its arguments is test-1", "test-2"]),
        (task("test-1", &[], |_| ()), ["numbers of the command line is 5", "none"]),
        (task("test-1", &[5], |it| it.protocol = "rep4-ring"), ["protocol is ring", "rep4-ring"]),
        (task("test-1", &[5], |it| it.ring_bits = 128), ["ring is 64 bits", "128"]),
        (task("test-1", &[5], |it| it.n_parties = 4), ["number of parties is 3", "4"]),
    ] {
        assert!(parts.iter().all(|part| text.contains(part)), "{text}");
    }
    let place = place(dir.path(), 0, 2);
    let other = Program { constants: vec![3.into()], ..program("test-1") };
    let text = store(place.clone(), &other, vec![5], true).offer().1.unwrap_err().to_string();
    assert!(text.contains("compiled program"), "{text}");
    let task = Task::new(&place, &program("test-1"), vec![5], None);
    let text = CheckpointStore::new(place, task, true).offer().1.unwrap_err().to_string();
    assert!(text.contains("file of public inputs"), "{text}");
}

#[test]
fn a_missing_file_is_told_and_other_runs_are_kept_away() {
    let dir = TempDir::new().unwrap();
    let first = begun(dir.path(), 1);
    let text = refusals(dir.path());
    assert!(text.iter().all(|text| text.contains("in use by another run")), "{text:?}");
    drop(first);
    let text = refusals(dir.path());
    assert!(text.iter().all(|text| text.contains("there is no checkpoint")), "{text:?}");
    write_all(&begun(dir.path(), 1), 1..2);
    let stores = stores(dir.path(), 2, false);
    assert!(stores.iter().all(|store| store.offer().1.unwrap()), "what will be replaced is told");
}

#[test]
fn files_are_private_and_messages_for_others_name_none() {
    use std::os::unix::fs::MetadataExt;
    let dir = TempDir::new().unwrap();
    let folder = dir.path().join("new/Persistence");
    write_all(&begun(&folder, 1), 1..2);
    assert_eq!(std::fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
    assert_eq!(std::fs::metadata(file(&folder, 1)).unwrap().mode() & 0o777, 0o600);
    std::fs::write(file(&folder, 0), "junk").unwrap();
    let error = store(place(&folder, 0, 1), &program("test-1"), vec![5], true).offer().1;
    let told = error.unwrap_err().for_peers();
    assert!(told.contains("none of this version") && !told.contains("Persistence"), "{told}");
}
