//! Starting the front end: Python runs the program under the embedded package and writes a record.
//!
//! The record comes through a descriptor of its own, so that whatever the program prints does not
//! mix with it.

mod package;

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, ExitStatus, Stdio};

use command_fds::{CommandFdExt, FdMapping};
use serde::Serialize;

use crate::{CompileError, Options, Source};
use package::Package;

/// The descriptor that the front end writes to.
const RECORD_FD: i32 = 3;
/// Largest record, in bytes: about 100 million instructions.
const MAX_RECORD: u64 = 8 << 30;
/// What an interpreter that is too old answers instead of a record, before its version.
const TOO_OLD: &[u8] = b"CAUCUSPY";

/// Runs the package from the directory given as the first argument. The current directory is taken
/// off Python's path: a file there must not replace a module of the standard library.
const BOOTSTRAP: &str = "\
import gc, os, sys
gc.disable()
if sys.version_info < (3, 9):
    os.write(int(os.environ['CAUCUS_RECORD_FD']), b'CAUCUSPY' + sys.version.split()[0].encode())
    sys.exit(3)
sys.path[:] = [sys.argv.pop(1)] + [path for path in sys.path if path]
from caucus import __main__
__main__.leave(__main__.main())
";

#[derive(Serialize)]
struct Request<'a> {
    path: &'a str,
    display: &'a str,
    args: &'a [String],
    ring_bits: u32,
    budget: u64,
    n_workers: u32,
    options: Flags,
    print_to_stderr: bool,
    input_prefix: &'a str,
}

#[derive(Serialize)]
struct Flags {
    flow: bool,
    preserve_order: bool,
    dead_code: bool,
    verbose: bool,
    backtrace: bool,
    checked: bool,
}

/// Runs the front end; gives the bytes of its record.
///
/// # Errors
/// No Python, an old one, or one that ends without an answer.
pub(crate) fn run(source: &Source, options: &Options) -> Result<Vec<u8>, CompileError> {
    let path = source.path.to_str().ok_or_else(|| CompileError::Frontend {
        what: format!("the path {} is not valid UTF-8", source.path.display()),
    })?;
    let input_prefix = options.input_prefix.to_str().ok_or_else(|| CompileError::Frontend {
        what: format!("the path {} is not valid UTF-8", options.input_prefix.display()),
    })?;
    let request = Request {
        path,
        display: &source.display,
        args: &source.args,
        ring_bits: options.ring_bits,
        budget: options.budget,
        n_workers: options.workers,
        options: Flags {
            flow: options.flow,
            preserve_order: options.preserve_order,
            dead_code: options.dead_code,
            verbose: options.verbose,
            backtrace: options.backtrace,
            checked: options.checked,
        },
        print_to_stderr: options.print_to_stderr,
        input_prefix,
    };
    let request = serde_json::to_vec(&request).expect("texts and numbers have a JSON form");
    let package = Package::find(package::cache_root().as_deref())
        .map_err(|error| system("write the front end to a directory", &error))?;
    let (mut reader, mut child) = start(&package, options)?;
    if let Some(mut stdin) = child.stdin.take() {
        // If it has ended already, how it ended is the better message.
        let _ = stdin.write_all(&request);
    }
    let mut record = Vec::new();
    let read = (&mut reader).take(MAX_RECORD).read_to_end(&mut record);
    // Whatever it still wants to write ends with an error instead of waiting for ever.
    drop(reader);
    let status = child.wait().map_err(|error| system("wait for Python", &error))?;
    read.map_err(|error| system("read the record", &error))?;
    if let Some(found) = record.strip_prefix(TOO_OLD) {
        return Err(CompileError::NoPython {
            what: format!("Python {} is too old", String::from_utf8_lossy(found)),
        });
    }
    if record.is_empty() {
        return Err(CompileError::Frontend { what: ended(status) });
    }
    if record.len() as u64 == MAX_RECORD {
        return Err(CompileError::Frontend { what: "the record is too long".into() });
    }
    Ok(record)
}

fn system(what: &str, error: &io::Error) -> CompileError {
    CompileError::Frontend { what: format!("cannot {what}: {error}") }
}

/// How a front end ended that left no record.
fn ended(status: ExitStatus) -> String {
    format!("Python ended without an answer ({status}): did the program end the process?")
}

/// The interpreters to try, in this order.
fn interpreters(options: &Options) -> Vec<OsString> {
    let named = options.python.as_ref().map(|path| path.clone().into_os_string());
    let named = named.or_else(|| std::env::var_os("CAUCUS_PYTHON").filter(|it| !it.is_empty()));
    named.map_or_else(|| vec!["python3".into(), "python".into()], |it| vec![it])
}

fn start(package: &Package, options: &Options) -> Result<(UnixStream, Child), CompileError> {
    let interpreters = interpreters(options);
    for interpreter in &interpreters {
        match spawn(interpreter, package, options) {
            Ok(started) => return Ok(started),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                let what = format!("cannot start {}: {error}", interpreter.to_string_lossy());
                return Err(CompileError::NoPython { what });
            }
        }
    }
    let names: Vec<_> = interpreters.iter().map(|it| it.to_string_lossy()).collect();
    Err(CompileError::NoPython { what: format!("found no {}", names.join(" or ")) })
}

fn spawn(
    interpreter: &OsStr,
    package: &Package,
    options: &Options,
) -> io::Result<(UnixStream, Child)> {
    // A pair of sockets serves as a pipe: the standard library has one in all supported versions.
    let (ours, theirs) = UnixStream::pair()?;
    let mut command = Command::new(interpreter);
    command
        .args(["-S", "-c", BOOTSTRAP])
        .arg(package.path())
        .env("CAUCUS_RECORD_FD", RECORD_FD.to_string())
        // The order of sets and the like must not differ between parties.
        .env("PYTHONHASHSEED", "0")
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped());
    match package {
        // Python's own compiled files go to the cache, too, and nowhere else: without them every compilation would
        // compile the front end first, which takes longer than most programs.
        Package::Cached(path) => {
            command.env_remove("PYTHONDONTWRITEBYTECODE");
            command.env("PYTHONPYCACHEPREFIX", path.join("pycache"));
        }
        Package::Temporary(_) => {
            command.env("PYTHONDONTWRITEBYTECODE", "1");
        }
    }
    if options.print_to_stderr {
        command.stdout(io::stderr());
    }
    let mapping = FdMapping { parent_fd: theirs.into(), child_fd: RECORD_FD };
    command.fd_mappings(vec![mapping]).map_err(io::Error::other)?;
    let child = command.spawn()?;
    // Dropping the command closes our copy of the other end, so that reading ends when they end.
    drop(command);
    Ok((ours, child))
}

#[cfg(test)]
mod tests;
