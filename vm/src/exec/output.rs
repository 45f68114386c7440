//! Printing, failing, timers.
//!
//! The check comes before the condition is looked at: conditions may differ between parties, but all of them check.

use caucus_bytecode::operand::{Part, SrcI};
use caucus_core::algebra::Ring;
use caucus_protocols::{Protocol, ShareVector};

use super::Frame;
use super::files::fits;
use crate::decimal::general;
use crate::{Audience, Kind};

impl<P: Protocol> Frame<'_, P> {
    pub(super) fn print(
        &mut self,
        condition: Option<SrcI>,
        player: Option<SrcI>,
        parts: &[Part],
    ) -> Result<(), Kind> {
        let proof = self.thread.check()?;
        let audience = match player {
            None => Audience::Everyone,
            Some(number) => Audience::Player(self.party(number)?),
        };
        if condition.is_none_or(|condition| self.ints.scalar(condition.0) != 0) {
            let text = self.text(parts, None);
            self.shared.host.print(proof, audience, &text);
        }
        Ok(())
    }

    pub(super) fn fail(&mut self, condition: SrcI, parts: &[Part]) -> Result<(), Kind> {
        let proof = self.thread.check()?;
        self.ints.prepare(condition.0);
        let lanes = self.ints.get(condition.0);
        let n_lanes = lanes.len();
        let Some(lane) = lanes.iter().position(|lane| *lane != 0) else {
            return Ok(());
        };
        let message = self.text(parts, (n_lanes > 1).then_some((n_lanes, lane)));
        if !parts.is_empty() {
            self.shared.host.print(proof, Audience::Everyone, &format!("{message}\n"));
        }
        Err(Kind::Program { message })
    }

    pub(super) fn start_timer(&mut self, timer: i64) -> Result<(), Kind> {
        let proof = self.thread.check()?;
        let traffic = self.thread.traffic();
        let line = self.shared.timers.start(self.thread.index, timer, traffic)?;
        self.shared.host.print(proof, Audience::Everyone, &line);
        Ok(())
    }

    pub(super) fn stop_timer(&mut self, timer: i64) -> Result<(), Kind> {
        let proof = self.thread.check()?;
        let traffic = self.thread.traffic();
        let line = self.shared.timers.stop(self.thread.index, timer, traffic)?;
        self.shared.host.print(proof, Audience::Everyone, &line);
        Ok(())
    }

    /// The parts joined. Of parts with as many lanes as `only` says, only that lane is shown.
    fn text(&mut self, parts: &[Part], only: Option<(usize, usize)>) -> String {
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Text(index) => text += &self.shared.program.texts[index.0 as usize],
                Part::Int(register) => {
                    self.ints.prepare(register.0);
                    push_lanes(&mut text, self.ints.get(register.0), only, |lane| lane);
                }
                Part::Public(register) => {
                    self.publics.prepare(register.0);
                    push_lanes(&mut text, self.publics.get(register.0), only, Ring::to_i128);
                }
                Part::Hex(register) => {
                    self.publics.prepare(register.0);
                    push_hex(&mut text, self.publics.get(register.0));
                }
                Part::Fixed { src, bits, total, digits } => {
                    self.publics.prepare(src.0);
                    let number = |lane: P::Ring| match lane.to_i128() {
                        lane if fits(lane, *total) => general(lane, *bits, *digits),
                        _ => "NaN".to_owned(),
                    };
                    push_lanes(&mut text, self.publics.get(src.0), only, number);
                }
                Part::Share(register) => {
                    self.secrets.prepare(register.0);
                    let shares = self.secrets.get(register.0);
                    let lanes: Vec<usize> = (0..shares.len()).collect();
                    push_lanes(&mut text, &lanes, only, |lane| share::<P>(shares, lane));
                }
            }
        }
        text
    }
}

/// What this party holds of one secret.
fn share<P: Protocol>(shares: &P::Vector, lane: usize) -> String {
    let parts =
        (0..P::Vector::COMPONENTS).map(|idx| shares.component(idx)[lane].to_i128().to_string());
    match parts.collect::<Vec<_>>() {
        parts if parts.len() == 1 => parts.concat(),
        parts => format!("({})", parts.join(", ")),
    }
}

fn push_lanes<T: Copy, N: ToString>(
    text: &mut String,
    lanes: &[T],
    only: Option<(usize, usize)>,
    number: impl Fn(T) -> N,
) {
    match (lanes, only) {
        (&[single], _) => *text += &number(single).to_string(),
        (lanes, Some((n_lanes, lane))) if lanes.len() == n_lanes => {
            *text += &number(lanes[lane]).to_string();
        }
        (lanes, _) => {
            text.push('[');
            for (idx, lane) in lanes.iter().enumerate() {
                if idx > 0 {
                    *text += ", ";
                }
                *text += &number(*lane).to_string();
            }
            text.push(']');
        }
    }
}

/// The lowest bits of the lanes, the first one least significant, with leading zeros.
fn push_hex<R: Ring>(text: &mut String, lanes: &[R]) {
    text.push_str("0x");
    for four in lanes.chunks(4).rev() {
        let digit = four.iter().rev().fold(0, |sum, lane| sum << 1 | (lane.to_u128() & 1) as u32);
        text.extend(char::from_digit(digit, 16));
    }
    if lanes.is_empty() {
        text.push('0');
    }
}
