//! The command `compile-run`, short for `caucus compile-run`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args: Vec<_> = std::env::args_os().collect();
    let at = args.len().min(1);
    args.insert(at, "compile-run".into());
    caucus::main(args)
}
