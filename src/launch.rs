//! Starting all parties of a run on this machine, and ending them together.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use command_fds::{CommandFdExt, FdMapping};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::failure::{Code, failure};
use crate::managed::{self, Message, Outcome, Output, Task};
use crate::memory;
use crate::progress::Progress;

/// How long the other parties have to end by themselves after the first one has failed.
const GRACE: Duration = Duration::from_secs(3);
/// The first descriptor that a process started with sockets finds them at.
const FIRST_SOCKET: i32 = 3;

/// One party to be started.
pub(crate) struct Party {
    /// What it has to do.
    pub(crate) task: Task,
    /// Where the other parties reach it; handed over to the process.
    pub(crate) listener: TcpListener,
    /// Where its workers come in, if it has any; handed over, too.
    pub(crate) workers: Option<TcpListener>,
}

/// One worker to be started. A worker that ends before the run does is no failure of the run.
pub(crate) struct Worker {
    /// Number of the party.
    pub(crate) party: u8,
    /// Number of the worker.
    pub(crate) index: u32,
    /// Where its main node takes it in.
    pub(crate) main: String,
    /// How many parties there are.
    pub(crate) n_parties: usize,
    /// Folder of the identities.
    pub(crate) certs: PathBuf,
    /// Options that say where its inputs are.
    pub(crate) inputs: Vec<OsString>,
    /// Where to write what took how long.
    pub(crate) trace: Option<PathBuf>,
}

/// How one party process ended, in the order in which they ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Number of the party.
    pub(crate) party: u8,
    /// What it reported, or what its end means.
    pub(crate) outcome: Outcome,
    /// Whether it ended without a word: killed or crashed.
    pub(crate) silent: bool,
}

/// A listening socket for a party on this machine: on port `base` + party, or any free one.
pub(crate) fn listen(party: u8, base: Option<u16>) -> Result<TcpListener> {
    let port = base.map_or(0, |base| base.saturating_add(u16::from(party)));
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        let text = format!(
            "P{party} cannot listen on port {port}: {error}\n\
             Choose another base port after `--` (-pn PORT), or leave it out to use free ports."
        );
        failure(Code::Configuration, text)
    })
}

/// Runs all parties to their ends. Whatever happens to this process, they end with it.
pub(crate) fn run(
    parties: Vec<Party>,
    workers: Vec<Worker>,
    progress: &Progress,
) -> Result<Vec<Ended>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(supervise(parties, workers, progress))
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    fn install() -> Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// The exit code that a shell expects after the signal that arrives next.
    async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.interrupt.recv() => 130,
            _ = self.terminate.recv() => 143,
            _ = self.hangup.recv() => 129,
        }
    }
}

async fn supervise(
    parties: Vec<Party>,
    workers: Vec<Worker>,
    progress: &Progress,
) -> Result<Vec<Ended>> {
    let mut signals = Signals::install()?;
    let (lines, mut received) = mpsc::channel(256);
    let n_parties = u8::try_from(parties.len()).unwrap_or(u8::MAX);
    let mut running = JoinSet::new();
    let mut output = JoinSet::new();
    for party in parties {
        let (number, outcome) = (party.task.party, party.task.outcome.clone());
        let mut child = start(party, progress)?;
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(relay(format!("P{number}"), stderr, lines.clone()));
        }
        if let Some(stdout) = child.stdout.take() {
            output.spawn(show_output(stdout, progress.clone()));
        }
        // Waiting for a child closes its input, which is its lifeline, unless it is taken out.
        let lifeline = child.stdin.take();
        running.spawn(async move {
            let status = child.wait().await;
            drop(lifeline);
            (number, outcome, status)
        });
    }
    let mut serving = JoinSet::new();
    for worker in workers {
        let name = format!("P{}.W{}", worker.party, worker.index);
        let mut child = start_worker(&worker)?;
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(relay(name, stderr, lines.clone()));
        }
        let lifeline = child.stdin.take();
        serving.spawn(async move {
            // What a lost worker means is for the main nodes to find out.
            let _ = child.wait().await;
            drop(lifeline);
        });
    }
    drop(lines);
    let mut ended: Vec<Ended> = Vec::new();
    let mut deadline = None;
    while !running.is_empty() {
        let grace = async {
            match deadline {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some(line) = received.recv() => show(line, progress),
            code = signals.next() => {
                // Dropping the set kills the children.
                drop(running);
                return Err(crate::failure::failure_with(code, "interrupted: all parties were ended"));
            }
            () = grace => {
                let left = (0..n_parties).filter(|it| ended.iter().all(|end| end.party != *it));
                let left: Vec<_> = left.collect();
                // Whoever failed says why; that the others had to be stopped is news only without that.
                if root_cause(&ended).is_none() {
                    let names = names(&left);
                    progress.line(&format!("caucus: {names} did not end and had to be stopped"));
                }
                break;
            }
            Some(result) = running.join_next() => {
                let (party, path, status) = result.context("a supervising task failed")?;
                let end = end_of(party, &path, status?);
                if end.outcome.exit_code != 0 && deadline.is_none() {
                    deadline = Some(tokio::time::Instant::now() + GRACE);
                }
                ended.push(end);
            }
        }
    }
    // Whoever has not ended by now is killed; it would keep its ends of the pipes open.
    running.shutdown().await;
    // Workers have been told that the run is over.
    let all = async { while serving.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(GRACE, all).await;
    serving.shutdown().await;
    while let Ok(Some(line)) =
        tokio::time::timeout(Duration::from_millis(200), received.recv()).await
    {
        show(line, progress);
    }
    output.join_all().await;
    Ok(ended)
}

fn start(party: Party, progress: &Progress) -> Result<Child> {
    let number = party.task.party;
    let file = party.task.outcome.with_file_name(format!("task-{number}.json"));
    managed::write(&file, &party.task)?;
    let mut command = std::process::Command::new(std::env::current_exe()?.with_file_name("caucus"));
    command.args(["run", "--party", &number.to_string(), "--managed"]).arg(&file);
    let sockets = [Some(party.listener), party.workers];
    let sockets: Vec<_> = sockets.into_iter().flatten().collect();
    command
        .env("LISTEN_FDS", sockets.len().to_string())
        .env_remove("LISTEN_PID")
        .env_remove("LISTEN_FDNAMES");
    if let Some(settings) = memory::settings() {
        command.env(memory::VARIABLE, settings);
    }
    let shown = number == 0 || party.task.output == Output::Everywhere;
    command.stdin(Stdio::piped()).stderr(Stdio::piped());
    // On a terminal, output and the progress line must take turns.
    let takes_turns = progress.is_visible() && std::io::stdout().is_terminal();
    command.stdout(match (shown, takes_turns) {
        (true, true) => Stdio::piped(),
        (true, false) => Stdio::inherit(),
        (false, _) => Stdio::null(),
    });
    let mappings = sockets.into_iter().zip(FIRST_SOCKET..).map(|(socket, child_fd)| {
        let parent_fd = OwnedFd::from(socket);
        FdMapping { parent_fd, child_fd }
    });
    command.fd_mappings(mappings.collect()).map_err(|error| failure(Code::Bug, error))?;
    let mut command = Command::from(command);
    command.kill_on_drop(true);
    command.spawn().context("cannot start a party process")
}

fn start_worker(worker: &Worker) -> Result<Child> {
    let mut command = Command::new(std::env::current_exe()?.with_file_name("caucus"));
    command.arg("worker").args(["--party", &worker.party.to_string()]);
    command.args(["--index", &worker.index.to_string(), "--main", &worker.main]);
    command.args(["--parties", &worker.n_parties.to_string(), "--listen", "127.0.0.1:0"]);
    command.args(["--once", "--managed", "--certs"]).arg(&worker.certs).args(&worker.inputs);
    if let Some(file) = &worker.trace {
        command.arg("--trace").arg(file);
    }
    command.stdin(Stdio::piped()).stderr(Stdio::piped()).stdout(Stdio::null()).kill_on_drop(true);
    command.spawn().context("cannot start a worker process")
}

/// Shows a party's output on the terminal, whole lines above the progress line.
async fn show_output(stdout: tokio::process::ChildStdout, progress: Progress) {
    let mut reader = BufReader::new(stdout);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
        progress.output(&line);
        line.clear();
    }
}

async fn relay(
    node: String,
    stderr: tokio::process::ChildStderr,
    lines: mpsc::Sender<(String, Result<Message, String>)>,
) {
    let mut reader = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = reader.next_line().await {
        let message = managed::parse(&line).map_err(str::to_owned);
        if lines.send((node.clone(), message)).await.is_err() {
            return;
        }
    }
}

fn show((node, line): (String, Result<Message, String>), progress: &Progress) {
    match line {
        Ok(Message::Progress { text, fields }) => progress.phase(&node, &text, &fields),
        Ok(Message::Notice(text)) => progress.notice(&node, &text),
        Err(text) => progress.line(&format!("{node}: {text}")),
    }
}

fn end_of(party: u8, path: &Path, status: ExitStatus) -> Ended {
    if let Ok(outcome) = managed::read::<Outcome>(path) {
        return Ended { party, outcome, silent: false };
    }
    let (exit_code, what) = match (status.signal(), status.code()) {
        (Some(signal), _) => {
            (Code::PeerLost as i32, format!("the process was killed by signal {signal}"))
        }
        (None, code) => {
            (Code::Bug as i32, format!("the process ended without a report (code {code:?})"))
        }
    };
    Ended {
        party,
        outcome: Outcome { exit_code, message: Some(what), ..Outcome::default() },
        silent: true,
    }
}

/// `P0, P1 and P2`.
pub(crate) fn names(parties: &[u8]) -> String {
    let names: Vec<_> = parties.iter().map(|party| format!("P{party}")).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// The end that explains the others: a process that died without a word, then any failure that is
/// not about somebody else, then the earliest.
pub(crate) fn root_cause(ended: &[Ended]) -> Option<&Ended> {
    let rank = |end: &&Ended| match (end.silent, end.outcome.exit_code) {
        (true, _) => 0,
        (_, code) if code == Code::PeerLost as i32 => 2,
        _ => 1,
    };
    ended.iter().filter(|end| end.outcome.exit_code != 0).min_by_key(rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(party: u8, exit_code: i32, silent: bool) -> Ended {
        Ended { party, outcome: Outcome { exit_code, ..Outcome::default() }, silent }
    }

    #[test]
    fn a_killed_process_explains_lost_peers() {
        let all = [ended(0, 5, false), ended(2, 5, false), ended(1, 5, true)];
        assert_eq!(root_cause(&all).map(|end| end.party), Some(1));
    }

    #[test]
    fn an_own_failure_explains_lost_peers() {
        let all = [ended(0, 5, false), ended(2, 9, false), ended(1, 0, false)];
        assert_eq!(root_cause(&all).map(|end| end.party), Some(2));
    }

    #[test]
    fn success_has_no_cause() {
        assert!(root_cause(&[ended(0, 0, false)]).is_none());
    }
}
