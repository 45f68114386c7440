//! Takes part in the auction of programs/highest_bid.mpc: `bid CLIENT FOLDER PORT BID [HOST ...]`.
//!
//! CLIENT is the number of the certificate in FOLDER; HOSTs are the parties, by default three on this machine.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is a command")]

use std::process::ExitCode;

use caucus_client::{Client, Config, Error};

/// What the words of the command say.
struct Words {
    config: Config,
    bid: i128,
}

fn parse(words: &[String]) -> Option<Words> {
    let [id, folder, port, bid, hosts @ ..] = words else { return None };
    let (id, port): (u32, u16) = (id.parse().ok()?, port.parse().ok()?);
    let mut config = Config::local(id, folder, 3, port);
    if !hosts.is_empty() {
        let hosts = hosts.iter().cloned().enumerate();
        config.parties = hosts.map(|(party, host)| (party, host, port + party as u16)).collect();
    }
    Some(Words { config, bid: bid.parse().ok()? })
}

fn bid(words: &Words) -> Result<[i128; 2], Error> {
    let mut client = Client::connect(&words.config)?;
    client.send_private(&[words.bid])?;
    let result = client.receive_private(2)?;
    Ok([result[0], result[1]])
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(words) = parse(&words) else {
        eprintln!("bid CLIENT FOLDER PORT BID [HOST ...]");
        return ExitCode::from(2);
    };
    match bid(&words) {
        Ok([winner, price]) if winner == i128::from(words.config.id) => {
            println!("won, for {price}")
        }
        Ok([winner, price]) => println!("client {winner} won, for {price}"),
        Err(error) => {
            eprintln!("bid: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
