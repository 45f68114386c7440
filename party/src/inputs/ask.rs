//! Private inputs from a terminal: the numbers of the main thread, asked for as the program takes them.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use caucus_core::ids::PartyId;
use num_bigint::BigInt;

use super::InputError;
use super::number::{NOT_AN_INTEGER, Number, parse};

/// What was typed and not used yet, by party: more than one where one process plays all.
#[derive(Default)]
pub(crate) struct Asked(Mutex<BTreeMap<PartyId, Typed>>);

#[derive(Default)]
struct Typed {
    left: VecDeque<String>,
    used: u64,
}

impl Asked {
    /// The next `count` numbers of a player, times 2^`bits` and rounded. `ask` shows a text and gives a line, or none at
    /// the end. What is no number is asked for again, with the rest of its line.
    pub(crate) fn take(
        &self,
        player: PartyId,
        count: usize,
        bits: u32,
        ask: impl Fn(&str) -> io::Result<Option<String>>,
    ) -> Result<Vec<BigInt>, InputError> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let typed = all.entry(player).or_default();
        let path = || PathBuf::from("the terminal");
        let mut numbers = Vec::new();
        let mut complaint = String::new();
        while numbers.len() < count {
            let Some(token) = typed.left.pop_front() else {
                let missing = count - numbers.len();
                let plural = if missing == 1 { "" } else { "s" };
                let line = ask(&format!("{complaint}{player}: {missing} private input{plural}: "));
                complaint.clear();
                match line.map_err(|source| InputError::Unreadable { path: path(), source })? {
                    Some(line) => typed.left.extend(line.split_whitespace().map(str::to_owned)),
                    None => {
                        let (path, found) = (path(), Some(typed.used + numbers.len() as u64));
                        let expected = typed.used + count as u64;
                        let (thread, exact) = (0, false);
                        return Err(InputError::TooFew {
                            path,
                            player,
                            thread,
                            expected,
                            exact,
                            found,
                        });
                    }
                }
                continue;
            };
            let number = match parse(&token, bits != 0) {
                Ok(Number::Fraction { .. }) if bits == 0 => Err(NOT_AN_INTEGER),
                parsed => parsed,
            };
            match number {
                Ok(number) => numbers.push(number.times_power(bits)),
                Err(what) => {
                    complaint = format!("`{token}` {what}\n");
                    typed.left.clear();
                }
            }
        }
        typed.used += count as u64;
        Ok(numbers)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    const P1: PartyId = PartyId::new(1);

    /// Answers with these lines, and the prompts that were shown.
    fn terminal(lines: &[&str]) -> (RefCell<VecDeque<String>>, RefCell<Vec<String>>) {
        (RefCell::new(lines.iter().map(|it| it.to_string()).collect()), RefCell::default())
    }

    #[test]
    fn numbers_are_asked_for_until_there_are_enough() {
        let (lines, prompts) = terminal(&["1 2\n", "\n", "x 9\n", "-3 4\n"]);
        let ask = |prompt: &str| {
            prompts.borrow_mut().push(prompt.to_owned());
            Ok(lines.borrow_mut().pop_front())
        };
        let asked = Asked::default();
        assert_eq!(asked.take(P1, 3, 0, ask).unwrap(), [1, 2, -3].map(BigInt::from));
        let expected = [
            "P1: 3 private inputs: ",
            "P1: 1 private input: ",
            "P1: 1 private input: ",
            "`x` is not an integer: expected decimal digits with an optional sign\nP1: 1 private input: ",
        ];
        assert_eq!(*prompts.borrow(), expected);
        // What was typed too much is used next, and the end of the terminal is an error.
        assert_eq!(asked.take(P1, 1, 1, ask).unwrap(), [BigInt::from(8)]);
        let message = asked.take(P1, 1, 0, ask).unwrap_err().to_string();
        assert!(message.contains("at least 5") && message.contains("there are 4"), "{message}");
    }

    #[test]
    fn fractions_are_taken_where_the_program_takes_them() {
        let (lines, _) = terminal(&["2.5", "2.5", "7"]);
        let ask = |_: &str| Ok(lines.borrow_mut().pop_front());
        let asked = Asked::default();
        assert_eq!(asked.take(P1, 1, 1, ask).unwrap(), [BigInt::from(5)]);
        assert_eq!(asked.take(P1, 1, 0, ask).unwrap(), [BigInt::from(7)]);
    }
}
