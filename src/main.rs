//! The command `caucus`.

use std::process::ExitCode;

fn main() -> ExitCode {
    caucus::main(std::env::args_os().collect())
}
