//! What the tests share: a folder to work in, processes that never outlive a test, free ports.

pub(crate) mod client;
pub(crate) mod costs;
pub(crate) mod fleet;
mod gate;
mod head;
pub(crate) mod https;
mod proxy;
pub(crate) mod suite;

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tempfile::TempDir;

pub(crate) use fleet::Fleet;
pub(crate) use gate::{Gate, Way};
pub(crate) use head::Head;
pub(crate) use proxy::CountingProxy;

/// How long any run may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// The project's root folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A user's folder: programs, inputs and identities of one test.
pub(crate) struct Site {
    dir: TempDir,
    started: AtomicUsize,
}

impl Site {
    /// A folder that can see the project's programs.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(root().join("programs"), dir.path().join("programs")).unwrap();
        fs::create_dir_all(dir.path().join("Programs/Source")).unwrap();
        fs::create_dir_all(dir.path().join("Player-Data")).unwrap();
        Self { dir, started: AtomicUsize::new(0) }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a program that commands find by its name.
    pub(crate) fn program(&self, name: &str, text: &str) {
        fs::write(self.path(&format!("Programs/Source/{name}.mpc")), text).unwrap();
    }

    /// Writes the input file of a party's main thread.
    pub(crate) fn input(&self, party: usize, text: &str) {
        fs::write(self.path(&format!("Player-Data/Input-P{party}-0")), text).unwrap();
    }

    /// Writes a part of a party's private inputs.
    pub(crate) fn part(&self, party: usize, part: usize, text: &str) {
        fs::write(self.path(&format!("Player-Data/Input-P{party}-W{part}")), text).unwrap();
    }

    /// Runs `compile-run` with these words.
    pub(crate) fn compile_run(&self, words: &str) -> Process {
        self.start(Command::new(env!("CARGO_BIN_EXE_compile-run")).args(words.split_whitespace()))
    }

    /// Runs `caucus` with these words.
    pub(crate) fn caucus(&self, words: &str) -> Process {
        self.start(Command::new(env!("CARGO_BIN_EXE_caucus")).args(words.split_whitespace()))
    }

    /// Starts any command in this folder, in a process group of its own.
    pub(crate) fn start(&self, command: &mut Command) -> Process {
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        let (stdout, stderr) =
            (self.path(&format!("stdout-{number}")), self.path(&format!("stderr-{number}")));
        let shown = format!("{command:?}");
        command
            .current_dir(self.dir.path())
            .env_remove("CAUCUS_CERTS")
            .stdin(Stdio::null())
            .stdout(File::create(&stdout).unwrap())
            .stderr(File::create(&stderr).unwrap())
            .process_group(0);
        let child = command.spawn().unwrap();
        Process { child, shown, stdout, stderr, started: Instant::now(), ended: false }
    }
}

/// A running command. Its whole process group is killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    shown: String,
    stdout: PathBuf,
    stderr: PathBuf,
    started: Instant,
    ended: bool,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Finished {
    /// The exit code; 128 + signal if it was killed.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

impl Process {
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Process numbers of the parties that the command has started.
    pub(crate) fn children(&self) -> Vec<Pid> {
        children_of(self.pid())
    }

    /// Whether the command has not ended yet.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub(crate) fn stdout(&self) -> String {
        fs::read_to_string(&self.stdout).unwrap_or_default()
    }

    pub(crate) fn stderr(&self) -> String {
        fs::read_to_string(&self.stderr).unwrap_or_default()
    }

    /// Waits until something holds, and says what was printed if it does not in time.
    #[track_caller]
    pub(crate) fn wait_until(&mut self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            // In this order: what it said at its end counts.
            let running = self.child.try_wait().unwrap().is_none();
            if holds(self) {
                break;
            }
            assert!(
                running && Instant::now() < deadline,
                "{}: never {what}\n{}{}",
                self.shown,
                self.stdout(),
                self.stderr()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the end.
    #[track_caller]
    pub(crate) fn finish(mut self) -> Finished {
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                self.started.elapsed() < PATIENCE,
                "{} hangs\n{}{}",
                self.shown,
                self.stdout(),
                self.stderr()
            );
            std::thread::sleep(Duration::from_millis(5));
        };
        self.ended = true;
        let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
        let took = self.started.elapsed();
        Finished { code, stdout: self.stdout(), stderr: self.stderr(), took }
    }

    /// Waits for a successful end and gives what was printed.
    #[track_caller]
    pub(crate) fn succeed(self) -> Finished {
        let shown = self.shown.clone();
        let finished = self.finish();
        assert_eq!(finished.code, 0, "{shown}\n{}{}", finished.stdout, finished.stderr);
        finished
    }

    /// Waits for a failure with this exit code, whose message has all these parts.
    #[track_caller]
    pub(crate) fn fail(self, code: i32, parts: &[&str]) -> Finished {
        let shown = self.shown.clone();
        let finished = self.finish();
        assert_eq!(finished.code, code, "{shown}\n{}{}", finished.stdout, finished.stderr);
        for part in parts {
            let found = finished.stderr.contains(part);
            assert!(found, "{shown}: {part:?} is missing in\n{}", finished.stderr);
        }
        assert!(!finished.stderr.contains("panicked"), "{shown}\n{}", finished.stderr);
        finished
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = kill_process_group(self.pid(), Signal::KILL);
        if !self.ended {
            let _ = self.child.wait();
        }
    }
}

/// The processes whose parent is `parent`.
pub(crate) fn children_of(parent: Pid) -> Vec<Pid> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| parent_of(*pid) == Some(parent.as_raw_nonzero().get()))
        .filter_map(Pid::from_raw)
        .collect()
}

fn parent_of(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// Whether a process exists and is no zombie.
pub(crate) fn is_alive(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    stat.is_ok_and(|stat| !stat.rsplit_once(')').is_some_and(|(_, rest)| rest.starts_with(" Z")))
}

/// Kills one process at once.
pub(crate) fn kill(pid: Pid) {
    kill_process(pid, Signal::KILL).unwrap();
}

/// The first of `n` ports in a row that nobody listens on.
pub(crate) fn free_ports(n: u16) -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let offset = (std::process::id() % 200) as u16 * 50;
    loop {
        let base = 20000 + (offset + NEXT.fetch_add(n, Ordering::Relaxed)) % 12000;
        if (base..base + n).all(|port| TcpListener::bind(("0.0.0.0", port)).is_ok()) {
            return base;
        }
    }
}

/// Held by tests whose programs use the port of the example programs.
pub(crate) fn example_port() -> MutexGuard<'static, ()> {
    static PORT: Mutex<()> = Mutex::new(());
    PORT.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
