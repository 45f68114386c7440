//! Identities on disk, and whom they are taken for.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use super::*;
use crate::ids::WorkerId;

fn party(number: u8) -> PartyId {
    PartyId::new(number)
}

fn worker(number: u8, worker: u32) -> NodeId {
    NodeId::worker(party(number), WorkerId::new(worker))
}

fn made(n_parties: u8) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    init_parties(dir.path(), (0..n_parties).map(party), &IssueOptions::default()).unwrap();
    dir
}

fn chain(identity: &Identity) -> &[CertificateDer<'static>] {
    &identity.key.cert
}

#[test]
fn what_is_missing_is_made_and_nothing_twice() {
    let dir = tempfile::tempdir().unwrap();
    let options = IssueOptions::default();
    let first = init_parties(dir.path(), [party(0), party(1)], &options).unwrap();
    assert_eq!(first.created.len(), 1 + 2 * 4);
    assert_eq!(first.created[0], dir.path().join("deployment.toml"));
    let again = init_parties(dir.path(), [party(0), party(1)], &options).unwrap();
    assert_eq!(again, Report::default());
    fs::remove_file(dir.path().join("party-1/main.pem")).unwrap();
    let third = init_parties(dir.path(), [party(0), party(1)], &options).unwrap();
    let expected = ["party-1/main.key", "party-1/main.pem"].map(|file| dir.path().join(file));
    assert_eq!(third.created, expected);
    Identity::load(dir.path(), NodeId::main(party(1))).unwrap();
}

#[test]
fn processes_that_start_together_make_one_set() {
    let dir = tempfile::tempdir().unwrap();
    let created: usize = std::thread::scope(|scope| {
        let make = || add_worker(dir.path(), party(0), WorkerId::new(0), &IssueOptions::default());
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(make)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap().unwrap().created.len()).sum()
    });
    assert_eq!(created, 5);
    Identity::load(dir.path(), worker(0, 0)).unwrap();
}

#[test]
fn keys_and_their_directories_are_private() {
    let dir = made(1);
    let mode =
        |path: &str| fs::metadata(dir.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("party-0"), 0o700);
    assert_eq!(mode("party-0/main.key"), 0o600);
    assert_eq!(mode("party-0/authority.key"), 0o600);
    let path = dir.path().join("party-0/main.key");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let error = Identity::load(dir.path(), NodeId::main(party(0))).unwrap_err();
    assert!(matches!(error, Error::KeyPermissions { mode: 0o640, .. }), "{error}");
    assert!(error.to_string().contains("chmod 600"), "{error}");
}

#[test]
fn a_missing_file_is_named_with_the_command_that_makes_it() {
    let dir = made(2);
    let message = Identity::load(dir.path(), worker(1, 3)).unwrap_err().to_string();
    assert!(message.contains("party-1/worker-3.pem"), "{message}");
    assert!(message.contains("`caucus certs worker --party 1 --index 3`"), "{message}");
    let message = Trust::load(dir.path(), 3).unwrap_err().to_string();
    assert!(message.contains("party-2/authority.pem"), "{message}");
    assert!(message.contains("`scripts/setup-ssl 3`"), "{message}");
    assert!(message.contains("`caucus certs init --party 2 --deployment caucus-"), "{message}");
    let empty = tempfile::tempdir().unwrap();
    let message = Trust::load(empty.path(), 3).unwrap_err().to_string();
    assert!(message.contains("`caucus certs init`"), "{message}");
}

#[test]
fn each_certificate_is_taken_for_whom_it_names() {
    let dir = made(2);
    let options = IssueOptions::default();
    add_worker(dir.path(), party(1), WorkerId::new(3), &options).unwrap();
    add_client(dir.path(), 7, &options).unwrap();
    let trust = Trust::load(dir.path(), 2).unwrap();
    let load = |node| Identity::load(dir.path(), node).unwrap();
    for identity in [
        load(NodeId::main(party(0))),
        load(worker(1, 3)),
        Identity::load_client(dir.path(), 7).unwrap(),
    ] {
        assert_eq!(identify(chain(&identity), &trust), Ok(identity.subject()));
        assert!(identity.warnings().is_empty());
    }
    assert!(identify(&[], &trust).unwrap_err().found.contains("no certificate"));
    let all = show(dir.path()).unwrap();
    assert_eq!(all.len(), 2 * 2 + 1 + 2 + 2);
    assert!(all.iter().any(|info| info.subject.ends_with("/party/1/worker/3")));
}

#[test]
fn an_authority_vouches_for_its_own_party_only() {
    let dir = made(2);
    let trust = Trust::load(dir.path(), 2).unwrap();
    // P1 replaces, in a copy of its own, P0's authority by its own under P0's name.
    let name = trust.deployment().to_owned();
    let options = IssueOptions { deployment: Some(name), ..IssueOptions::default() };
    let forged = tempfile::tempdir().unwrap();
    add_worker(forged.path(), party(0), WorkerId::new(0), &options).unwrap();
    let identity = Identity::load(forged.path(), worker(0, 0)).unwrap();
    let refusal = identify(chain(&identity), &trust).unwrap_err();
    assert!(refusal.expected.contains("worker 0 of P0"), "{refusal}");

    // P1's genuine authority signs a certificate whose URI names a worker of P0.
    let pair = |file: &str| fs::read(dir.path().join("party-1").join(file)).unwrap();
    let party_0 = forged.path().join("party-0");
    fs::remove_file(party_0.join("worker-0.pem")).unwrap();
    fs::write(party_0.join("authority.pem"), pair("authority.pem")).unwrap();
    fs::write(party_0.join("authority.key"), pair("authority.key")).unwrap();
    add_worker(forged.path(), party(0), WorkerId::new(0), &options).unwrap();
    let pem = party_0.join("worker-0.pem");
    let cert = store::read_certificate(&pem, "", "").unwrap();
    let refusal = identify(&[cert], &trust).unwrap_err();
    assert!(refusal.expected.contains("Caucus P0 authority"), "{refusal}");
    assert!(refusal.found.contains("issued by \"Caucus P1 authority\""), "{refusal}");
}

#[test]
fn a_client_takes_what_it_needs_to_its_machine() {
    let dir = made(3);
    let options = IssueOptions::default();
    let made = add_client(dir.path(), 4, &options).unwrap().created;
    let clients = |file: &str| dir.path().join("clients").join(file);
    for file in ["C4.pem", "C4.key", "P0.pem", "P1.pem", "P2.pem"] {
        assert!(made.contains(&clients(file)), "{made:?}");
    }
    assert_eq!(add_client(dir.path(), 4, &options).unwrap(), Report::default());
    let to = tempfile::tempdir().unwrap();
    let at = to.path().join("away");
    let copied = export_client(dir.path(), 4, &at).unwrap().created;
    assert_eq!(copied, ["C4.key", "C4.pem", "P0.pem", "P1.pem", "P2.pem"].map(|it| at.join(it)));
    assert_eq!(export_client(dir.path(), 4, &at).unwrap(), Report::default());
    let mode = fs::metadata(at.join("C4.key")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let same = |file: &str, of: &str| {
        assert_eq!(fs::read(at.join(file)).unwrap(), fs::read(dir.path().join(of)).unwrap());
    };
    same("P1.pem", "party-1/authority.pem");
    same("C4.key", "clients/C4.key");
    let error = export_client(dir.path(), 5, &at).unwrap_err();
    assert!(error.to_string().contains("`caucus certs client --index 5`"), "{error}");
}

#[test]
fn a_certificate_without_the_name_for_clients_is_made_anew_on_request() {
    let dir = made(1);
    let pem = dir.path().join("party-0/main.pem");
    let cert = || store::read_certificate(&pem, "", "").unwrap();
    assert!(describe::has_dns_name(&cert(), "P0") && !describe::has_dns_name(&cert(), "P1"));
    // A worker's certificate has no such name.
    add_worker(dir.path(), party(0), WorkerId::new(0), &IssueOptions::default()).unwrap();
    for file in ["pem", "key"] {
        let from = dir.path().join(format!("party-0/worker-0.{file}"));
        fs::copy(from, pem.with_extension(file)).unwrap();
    }
    let renew = IssueOptions { renew_expired: true, ..IssueOptions::default() };
    init_parties(dir.path(), [party(0)], &renew).unwrap();
    assert!(describe::has_dns_name(&cert(), "P0"));
    Identity::load(dir.path(), NodeId::main(party(0))).unwrap();
}

#[test]
fn another_deployment_is_refused_by_name() {
    let ours = made(1);
    let theirs = made(1);
    let trust = Trust::load(ours.path(), 1).unwrap();
    let identity = Identity::load(theirs.path(), NodeId::main(party(0))).unwrap();
    let refusal = identify(chain(&identity), &trust).unwrap_err();
    assert!(refusal.to_string().contains("it belongs to the deployment"), "{refusal}");
    let file = "party-0/authority.pem";
    fs::copy(theirs.path().join(file), ours.path().join(file)).unwrap();
    let error = Trust::load(ours.path(), 1).unwrap_err();
    assert!(matches!(error, Error::OtherDeployment { .. }), "{error}");
}

#[test]
fn an_expired_certificate_is_named_with_its_date_and_renewed_on_request() {
    let dir = made(1);
    let now = OffsetDateTime::now_utc();
    let past = Some((now - Duration::days(9), now - Duration::days(2)));
    let expired = IssueOptions { validity: past, ..IssueOptions::default() };
    add_worker(dir.path(), party(0), WorkerId::new(0), &expired).unwrap();
    let error = Identity::load(dir.path(), worker(0, 0)).unwrap_err();
    assert!(matches!(error, Error::Expired { .. }), "{error}");
    let message = error.to_string();
    assert!(message.contains(&date(now - Duration::days(2))), "{message}");
    assert!(message.contains("`caucus certs worker --party 0 --index 0`"), "{message}");
    let kept = add_worker(dir.path(), party(0), WorkerId::new(0), &IssueOptions::default());
    assert_eq!(kept.unwrap(), Report::default());
    let renew = IssueOptions { renew_expired: true, days: 10, ..IssueOptions::default() };
    add_worker(dir.path(), party(0), WorkerId::new(0), &renew).unwrap();
    let identity = Identity::load(dir.path(), worker(0, 0)).unwrap();
    assert!(identity.warnings()[0].contains("expires on"), "{:?}", identity.warnings());
}

#[test]
fn a_certificate_from_the_future_blames_the_clocks() {
    let dir = made(1);
    let now = OffsetDateTime::now_utc();
    let validity = Some((now + Duration::days(1), now + Duration::days(9)));
    let options = IssueOptions { validity, ..IssueOptions::default() };
    add_worker(dir.path(), party(0), WorkerId::new(0), &options).unwrap();
    let error = Identity::load(dir.path(), worker(0, 0)).unwrap_err();
    assert!(error.to_string().contains("compare the clocks"), "{error}");
}

#[test]
fn exchanged_files_are_refused() {
    let dir = made(2);
    let at = |file: &str| dir.path().join(file);
    fs::copy(at("party-1/main.key"), at("party-0/main.key")).unwrap();
    let error = Identity::load(dir.path(), NodeId::main(party(0))).unwrap_err();
    assert!(matches!(error, Error::KeyMismatch { .. }), "{error}");
    fs::copy(at("party-1/main.pem"), at("party-0/main.pem")).unwrap();
    let error = Identity::load(dir.path(), NodeId::main(party(0))).unwrap_err();
    assert!(matches!(error, Error::WrongSubject { .. }), "{error}");
    fs::copy(at("party-0/authority.pem"), at("party-1/authority.pem")).unwrap();
    let error = Trust::load(dir.path(), 2).unwrap_err();
    assert!(error.to_string().contains("names Caucus P0 authority"), "{error}");
    fs::write(at("party-0/main.pem"), "hello").unwrap();
    let error = Identity::load(dir.path(), NodeId::main(party(0))).unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error}");
}

#[test]
fn without_the_authority_key_nothing_is_signed() {
    let dir = made(1);
    fs::remove_file(dir.path().join("party-0/authority.key")).unwrap();
    let options = IssueOptions::default();
    let error = add_worker(dir.path(), party(0), WorkerId::new(0), &options).unwrap_err();
    assert!(matches!(error, Error::NoAuthorityKey { .. }), "{error}");
    let bad = IssueOptions { deployment: Some("A b".to_owned()), ..options };
    assert!(matches!(init_parties(dir.path(), [], &bad), Err(Error::InvalidDeployment { .. })));
}

#[test]
fn parties_on_other_machines_are_passed_over() {
    let dir = made(2);
    fs::remove_file(dir.path().join("party-0/authority.key")).unwrap();
    for file in ["party-0/main.pem", "party-1/main.pem"] {
        fs::remove_file(dir.path().join(file)).unwrap();
    }
    let options = IssueOptions::default();
    let report = init_parties(dir.path(), [party(0), party(1)], &options).unwrap();
    let expected = ["party-1/main.key", "party-1/main.pem"].map(|file| dir.path().join(file));
    assert_eq!(report.created, expected);
    let alone = init_parties(dir.path(), [party(0)], &options);
    assert!(matches!(alone, Err(Error::NoAuthorityKey { .. })));
}

#[test]
fn debug_output_holds_no_key() {
    let dir = made(1);
    let identity = Identity::load(dir.path(), NodeId::main(party(0))).unwrap();
    let text = format!("{identity:?}");
    assert!(
        text.starts_with("Identity { subject: \"caucus://") && text.ends_with(".. }"),
        "{text}"
    );
}
