//! External clients that do what a program's head says, with the library in Rust or that in Python.
//!
//! Statements, `;` between them: `wait S`, `port B` (connect to all parties), `port-to P B` (to one),
//! `ints a b`, `ints-to P a b`, `cints a b`, `cints-to P a b`, `private a b`, `private-fix x y`,
//! `out n`, `out-fix n`, `shares n`, `clear n`.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use caucus_client::{Client, Config, Error, from_fixed, to_fixed};
use caucus_core::identity::{self, IssueOptions};
use caucus_core::ids::PartyId;

use super::{Finished, Head, Process, Site, free_ports, root};

/// Bits after the point of numbers that are fractions.
const FRACTION_BITS: u32 = 16;
/// How long clients wait.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client and what it does.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) id: u32,
    pub(crate) statements: String,
    pub(crate) expect: String,
}

/// Whether others than the parties take part in a program: clients or workers.
pub(crate) fn has_others(text: &str) -> bool {
    let mut head = text.lines().take_while(|line| line.starts_with('#'));
    head.any(|line| line.starts_with("# client ") || line.starts_with("# worker:"))
}

/// The clients of a program: `# client N:` and `# expect client N:`.
pub(crate) fn scripts(text: &str) -> Vec<Script> {
    let mut found: Vec<Script> = Vec::new();
    let mut expecting: Option<u32> = None;
    for line in text.lines().take_while(|line| line.starts_with('#')) {
        if let (Some(id), Some(expected)) = (expecting, line.strip_prefix("#   ")) {
            let script = found.iter_mut().find(|script| script.id == id).unwrap();
            script.expect.push_str(expected);
            script.expect.push('\n');
            continue;
        }
        expecting = None;
        let Some((key, value)) = line[1..].trim().split_once(':') else { continue };
        match key.split_whitespace().collect::<Vec<_>>()[..] {
            ["client", id] => {
                // A client that has said all stays a while: not all parties read what it sends.
                let statements = format!("{}; wait 2", value.trim());
                let id = id.parse().unwrap();
                found.push(Script { id, statements, expect: String::new() });
            }
            ["expect", "client", id] => expecting = Some(id.parse().unwrap()),
            _ => {}
        }
    }
    found
}

/// A folder with the identities of three parties and of clients.
pub(crate) fn site(clients: impl IntoIterator<Item = u32>) -> Site {
    let site = Site::new();
    let (certs, options) = (site.path("certs"), IssueOptions::default());
    identity::init_parties(&certs, (0..3).map(PartyId::new), &options).unwrap();
    for client in clients {
        identity::add_client(&certs, client, &options).unwrap();
    }
    site
}

/// The text with free ports in place of its own, so that tests that run at the same time keep apart.
fn with_free_ports(text: &str) -> String {
    let digits = |at: usize| text[at..].bytes().take_while(u8::is_ascii_digit).count();
    let is_port = |at: &usize| {
        digits(*at) == 5 && !text[..*at].ends_with(|before: char| before.is_alphanumeric())
    };
    let mut ports: Vec<&str> = text
        .match_indices("14")
        .map(|(at, _)| at)
        .filter(is_port)
        .map(|at| &text[at..at + 5])
        .collect();
    ports.sort_unstable();
    ports.dedup();
    let replace = |text: String, port: &str| text.replace(port, &free_ports(3).to_string());
    ports.iter().fold(text.to_owned(), |text, port| replace(text, port))
}

/// Clients in either language.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Library {
    Rust,
    Python,
}

/// Runs a program with its clients and workers, and complains if one of them prints anything else
/// than the head says.
pub(crate) fn run_program(path: &Path, library: Library, protocol: &str) -> Vec<String> {
    let text = with_free_ports(&fs::read_to_string(path).unwrap());
    let (head, clients) = (Head::of(&text), scripts(&text));
    let name = path.file_stem().unwrap().to_str().unwrap();
    let site = site(clients.iter().map(|script| script.id));
    fs::remove_file(site.path("programs")).unwrap();
    site.program(name, &text);
    let helpers = path.parent().unwrap();
    let workers: Vec<Process> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# worker:"))
        .map(|words| {
            let helper = words.split_whitespace().next().unwrap();
            let text = fs::read_to_string(helpers.join(format!("{helper}.mpc"))).unwrap();
            site.program(helper, &text);
            site.compile_run(&format!("{protocol} {words}"))
        })
        .collect();
    let mut run = site.compile_run(&format!("{protocol} {name} {}", head.args));
    let n_parties = if protocol == "emulate" { 1 } else { 3 };
    let certs = folder(&site);
    // Clients count their seconds from when they can connect.
    let port = clients.iter().find_map(port_of);
    let ended = port.is_some_and(|port| !becomes_open(&mut run, port));
    if ended {
        let finished = run.finish();
        return vec![format!("{name}: code {}\n{}", finished.code, finished.stderr)];
    }
    let said: Vec<Result<String, String>> = match library {
        Library::Rust => std::thread::scope(|scope| {
            let certs = &certs;
            let run = |script| run_rust(certs, script, n_parties, PATIENCE);
            let threads: Vec<_> =
                clients.iter().map(|script| scope.spawn(move || run(script))).collect();
            let said = threads.into_iter().map(|thread| thread.join().unwrap());
            said.map(|said| said.map_err(|error| error.to_string())).collect()
        }),
        Library::Python => {
            let start = |script| python(&site, script, n_parties);
            let started: Vec<_> = clients.iter().map(start).collect();
            let ended = started.into_iter().map(Process::finish);
            ended.map(|it| if it.code == 0 { Ok(it.stdout) } else { Err(it.stderr) }).collect()
        }
    };
    let mut wrong = Vec::new();
    for (script, said) in clients.iter().zip(said) {
        let Script { id, expect, .. } = script;
        match said {
            Ok(said) if said == *expect => {}
            Ok(said) => wrong.push(format!("client {id}:\n{said}instead of\n{expect}")),
            Err(error) => wrong.push(format!("client {id}: {error}")),
        }
    }
    let finished = run.finish();
    let (shown, expected) = (head.shown(&finished.stdout), head.expect.unwrap_or_default());
    if finished.code != 0 || shown != expected {
        let (code, stderr) = (finished.code, &finished.stderr);
        wrong
            .push(format!("{protocol} {name}: code {code}\n{shown}instead of\n{expected}{stderr}"));
    }
    for worker in workers {
        let Finished { code, stderr, .. } = worker.finish();
        if code != 0 {
            wrong.push(format!("worker: code {code}\n{stderr}"));
        }
    }
    wrong
}

/// The port of the first connection.
fn port_of(script: &Script) -> Option<u16> {
    script.statements.split(';').find_map(|statement| {
        match statement.split_whitespace().collect::<Vec<_>>()[..] {
            ["port", port] => port.parse().ok(),
            ["port-to", party, port] => {
                Some(party.parse::<u16>().ok()? + port.parse::<u16>().ok()?)
            }
            _ => None,
        }
    })
}

/// Waits until somebody listens; says if the run ends before.
fn becomes_open(run: &mut Process, port: u16) -> bool {
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if !run.is_running() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}

/// Does the statements with the library in Rust, and gives what the client says.
pub(crate) fn run_rust(
    certs: &Path,
    script: &Script,
    n_parties: u16,
    timeout: Duration,
) -> Result<String, Error> {
    let mut client: Option<Client> = None;
    let mut said = String::new();
    for statement in script.statements.split(';') {
        let words: Vec<&str> = statement.split_whitespace().collect();
        let [word, rest @ ..] = words.as_slice() else { continue };
        let integers = |words: &[&str]| -> Vec<i128> {
            words.iter().map(|word| word.parse().unwrap()).collect()
        };
        let fractions = |words: &[&str]| {
            let values: Vec<f64> = words.iter().map(|word| word.parse().unwrap()).collect();
            to_fixed(&values, FRACTION_BITS)
        };
        let short = |values: Vec<i128>| values.iter().map(|it| *it as i64).collect::<Vec<_>>();
        match *word {
            "wait" => std::thread::sleep(Duration::from_secs_f64(rest[0].parse().unwrap())),
            "port" => {
                let config = Config::local(script.id, certs, n_parties, rest[0].parse().unwrap());
                client = Some(Client::connect(&Config { timeout, ..config })?);
            }
            "port-to" => {
                let (party, port): (u16, u16) =
                    (rest[0].parse().unwrap(), rest[1].parse().unwrap());
                let mut config = Config::local(script.id, certs, n_parties, port);
                config.parties.retain(|(known, ..)| *known == usize::from(party));
                client = Some(Client::connect(&Config { timeout, ..config })?);
            }
            _ => {
                let client = client.as_mut().expect("clients connect first");
                let count = || rest[0].parse().unwrap();
                match *word {
                    "ints" => client.send_ints(&short(integers(rest)))?,
                    "ints-to" => client.send_ints_to(count(), &short(integers(&rest[1..])))?,
                    "cints" => client.send_public(&integers(rest))?,
                    "cints-to" => client.send_public_to(count(), &integers(&rest[1..]))?,
                    "private" => client.send_private(&integers(rest))?,
                    "private-fix" => client.send_private(&fractions(rest))?,
                    "out" => say(&mut said, "out", client.receive_private(count())?),
                    "out-fix" => {
                        let values = from_fixed(&client.receive_private(count())?, FRACTION_BITS);
                        say(&mut said, "out", values.iter().map(|it| format!("{it:.3}")));
                    }
                    "shares" => say(&mut said, "shares", client.receive_shares(count())?),
                    "clear" => say(&mut said, "clear", client.receive_ints(count())?),
                    other => panic!("{other} is no statement of a client"),
                }
            }
        }
    }
    Ok(said)
}

fn say(said: &mut String, word: &str, values: impl IntoIterator<Item = impl ToString>) {
    said.push_str(word);
    for value in values {
        said.push(' ');
        said.push_str(&value.to_string());
    }
    said.push('\n');
}

/// Starts the same with the module in Python.
pub(crate) fn python(site: &Site, script: &Script, n_parties: u16) -> Process {
    let mut command = Command::new("python3");
    command
        .arg("-B")
        .arg(root().join("tests/it/support/client.py"))
        .arg(script.id.to_string())
        .arg(folder(site))
        .arg(n_parties.to_string())
        .arg(&script.statements)
        .env("PYTHONPATH", root().join("clients/python"));
    site.start(&mut command)
}

/// Where a site keeps what clients need.
pub(crate) fn folder(site: &Site) -> PathBuf {
    site.path("certs/clients")
}
