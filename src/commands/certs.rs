//! `caucus certs`: identities.

use anyhow::Result;
use caucus_core::identity::{self, IssueOptions};
use caucus_core::ids::{PartyId, WorkerId};

use crate::cli::{Certs, CertsAction};
use crate::identities::configuration;

/// Makes or shows identities.
pub(super) fn run(args: &Certs) -> Result<()> {
    let dir = &args.certs;
    let report = match &args.action {
        CertsAction::Init { parties, party, deployment, days } => {
            let numbers = party.map_or(0..*parties, |party| party..party + 1);
            let deployment = deployment.clone();
            let options = IssueOptions { deployment, ..renewing(*days) };
            identity::init_parties(dir, numbers.map(PartyId::new), &options)
        }
        CertsAction::Worker { party, index, days } => {
            let (party, worker) = (PartyId::new(*party), WorkerId::new(*index));
            identity::add_worker(dir, party, worker, &renewing(*days))
        }
        CertsAction::Client { index, export, days } => {
            let made = identity::add_client(dir, *index, &renewing(*days));
            match (made, export) {
                (Ok(mut report), Some(to)) => {
                    identity::export_client(dir, *index, to).map(|copied| {
                        report.created.extend(copied.created);
                        report
                    })
                }
                (made, _) => made,
            }
        }
        CertsAction::Show => return show(dir),
    };
    let created = report.map_err(configuration)?.created;
    let lines: String = created.iter().map(|path| format!("{}\n", path.display())).collect();
    super::print(lines.as_bytes())
}

/// Makes what is missing and what has expired.
fn renewing(days: u32) -> IssueOptions {
    IssueOptions { days, renew_expired: true, ..IssueOptions::default() }
}

fn show(dir: &std::path::Path) -> Result<()> {
    let mut text = String::new();
    for info in identity::show(dir).map_err(configuration)? {
        text += &format!(
            "{}\n  subject      {}\n  issuer       {}\n  valid        {} to {}\n  fingerprint  {}\n",
            info.path.display(),
            info.subject,
            info.issuer,
            info.not_before.date(),
            info.not_after.date(),
            info.fingerprint
        );
    }
    super::print(text.as_bytes())
}
