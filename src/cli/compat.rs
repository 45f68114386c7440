//! Options that users of MP-SPDZ type: those after `--`, and those that are refused by name.

use std::path::PathBuf;

use anyhow::Result;

use super::Refused;
use crate::failure::{Code, failure};

/// Options of a run, from the words after `--`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RunOptions {
    /// `-N`: number of parties.
    pub(crate) parties: Option<usize>,
    /// `-pn`: party i listens on this port + i.
    pub(crate) port_base: Option<u16>,
    /// `-ip`: hosts file.
    pub(crate) hosts: Option<PathBuf>,
    /// `-IF`: prefix of input files.
    pub(crate) input_prefix: Option<PathBuf>,
    /// `-OF`: prefix of output files, or `.` for stdout at every party.
    pub(crate) output_prefix: Option<PathBuf>,
    /// `-I`: inputs of the main thread from the terminal, and output at every party.
    pub(crate) interactive: bool,
    /// Numbers that the program can ask for while it runs.
    pub(crate) args: Vec<i64>,
}

/// Reads the words after `--`.
pub(crate) fn run_options(words: &[String]) -> Result<RunOptions> {
    let mut options = RunOptions::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if let Ok(number) = word.parse() {
            options.args.push(number);
            continue;
        }
        let (name, attached) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word.as_str(), None),
        };
        let mut value = || {
            attached.clone().or_else(|| words.next().cloned()).ok_or_else(|| {
                failure(Code::Usage, format!("option {name} after `--` needs a value"))
            })
        };
        match name {
            "-N" | "--nparties" => options.parties = Some(number(name, &value()?)?),
            "-pn" | "--portnumbase" => options.port_base = Some(number(name, &value()?)?),
            "-ip" | "--ip-file-name" => options.hosts = Some(value()?.into()),
            "-IF" | "--input-file" => options.input_prefix = Some(value()?.into()),
            "-OF" | "--output-file" => options.output_prefix = Some(value()?.into()),
            "-I" | "--interactive" => options.interactive = true,
            "-v" | "--verbose" => {}
            _ => return Err(refused_run_option(name)),
        }
    }
    Ok(options)
}

fn number<T: std::str::FromStr>(name: &str, text: &str) -> Result<T> {
    text.parse()
        .map_err(|_| failure(Code::Usage, format!("option {name} needs a number, not `{text}`")))
}

fn refused_run_option(name: &str) -> anyhow::Error {
    let instead = match name {
        "-h" | "--hostname" => "there is no coordinator: list all parties with `--hosts FILE`",
        "-u" | "--unencrypted" => "links between parties are always encrypted",
        "-e" | "--encrypted" => "leave it out: links are always encrypted",
        "-p" | "--player" => "use `caucus run --party I` to run a single party",
        "-mp" | "--my-port" => "use `caucus run --listen HOST:PORT`",
        "-R" | "--ring" => "give -R before the protocol: the program is compiled for its ring",
        "-b" | "--batch-size" => "leave it out: this protocol prepares nothing in batches",
        "-m" | "--memory" | "-D" | "--disk-memory" => "arrays always start with zeros, in memory",
        "-f" | "-F" => "leave it out: nothing is prepared in files",
        "-lg2" | "-lgp" | "-P" | "-S" | "-T" | "-Q" | "-o" | "--options" => {
            "leave it out: it has no meaning for this protocol"
        }
        _ => "see `caucus compile-run --help`",
    };
    failure(Code::Usage, format!("option {name} after `--` is not supported: {instead}"))
}

impl Refused {
    /// Fails for the first option that is given, with what to use instead.
    pub(crate) fn check(&self) -> Result<()> {
        let given = [
            (self.field.is_some(), "-F", "this version computes in rings: use -R 64 or -R 128"),
            (self.prime.is_some(), "-P", "this version computes in rings: use -R 64 or -R 128"),
            (self.binary.is_some(), "-B", "this version computes in rings: use -R 64"),
            (self.garbled, "-G", "this version computes in rings: use -R 64"),
            (self.mixed, "-X", "leave it out: the protocol chooses its own conversions"),
            (self.edabit, "-Y", "leave it out: the protocol chooses its own conversions"),
            (self.debug, "-d", "leave it out: source lines are always kept; see --backtrace"),
        ];
        match given.iter().find(|(given, ..)| *given) {
            None => Ok(()),
            Some((_, name, instead)) => Err(failure(
                Code::Usage,
                format!("option {name} is not supported in this version: {instead}"),
            )),
        }
    }
}

/// Splits the words of `PROTOCOL PROGRAM ARGS…`, where `-E` may name the protocol.
pub(crate) fn protocol_and_program(
    execute: Option<&str>,
    words: &[String],
) -> Result<(String, String, Vec<String>)> {
    if let Some(option) = words.first().filter(|word| word.starts_with('-')) {
        return Err(usage(format!("there is no option {option}: see `caucus compile-run --help`")));
    }
    let mut words = words.iter().cloned();
    let protocol = match execute {
        Some(protocol) => Some(protocol.to_owned()),
        None => words.next(),
    };
    let protocol = protocol.ok_or_else(|| {
        usage("which protocol and program? For example: compile-run ring my_program 4 5")
    })?;
    let program = words.next().ok_or_else(|| {
        usage(format!("which program? For example: compile-run {protocol} my_program 4 5"))
    })?;
    Ok((protocol, program, words.collect()))
}

fn usage(message: impl std::fmt::Display) -> anyhow::Error {
    failure(Code::Usage, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn known_run_options_keep_their_letters() {
        let options =
            run_options(&words("-N 3 -pn 7000 -IF in/put 17 -OF . -I --verbose -4")).unwrap();
        assert_eq!(options.args, [17, -4]);
        assert!(options.interactive);
        assert_eq!(options.parties, Some(3));
        assert_eq!(options.port_base, Some(7000));
        assert_eq!(options.input_prefix, Some("in/put".into()));
        assert_eq!(options.output_prefix, Some(".".into()));
    }

    #[test]
    fn other_run_options_are_refused_by_name() {
        for (given, instead) in
            [("-u", "always encrypted"), ("-h host", "--hosts"), ("-zz", "help")]
        {
            let error = run_options(&words(given)).unwrap_err().to_string();
            assert!(error.contains(instead), "{error}");
            assert!(error.contains(given.split(' ').next().unwrap()), "{error}");
        }
    }

    #[test]
    fn the_protocol_is_the_first_word_or_an_option() {
        let first = protocol_and_program(None, &words("ring prog 1 -2")).unwrap();
        let option = protocol_and_program(Some("ring"), &words("prog 1 -2")).unwrap();
        assert_eq!(first, option);
        assert_eq!(first, ("ring".into(), "prog".into(), words("1 -2")));
    }

    #[test]
    fn a_missing_program_is_a_usage_error() {
        let error = protocol_and_program(None, &words("ring")).unwrap_err();
        assert!(error.to_string().contains("which program"), "{error}");
    }
}
