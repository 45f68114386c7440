//! How far the clock of another node is from this one's, estimated from messages that go there and back.
//!
//! This is the estimate of the Network Time Protocol (RFC 5905, sections 8 and 10): of all exchanges that with the least
//! delay counts, because what is not known of it is at most half of that delay. Clocks are not changed, only compared; a
//! node's clock counts nanoseconds from a moment of its own.

use serde::{Deserialize, Serialize};

/// By how much two clocks drift apart: each is within 15 ppm of the true rate, the frequency tolerance of RFC 5905.
const DRIFT_PER_MILLION: u64 = 2 * 15;

/// The four times of one exchange, in nanoseconds; the outer ones by this node's clock, the inner ones by the peer's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exchange {
    /// When the question was sent.
    pub sent: u64,
    /// When it was received.
    pub received: u64,
    /// When the answer was sent.
    pub replied: u64,
    /// When that was received.
    pub returned: u64,
}

/// By how much another clock is ahead of this one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Offset {
    /// Nanoseconds to be added to a time of this clock.
    pub nanos: i64,
    /// By how many nanoseconds that may be wrong.
    pub error_nanos: u64,
}

/// The best exchange so far.
#[derive(Clone, Copy, Default, Debug)]
pub struct Comparison {
    best: Option<Best>,
}

#[derive(Clone, Copy, Debug)]
struct Best {
    offset: i128,
    delay: u64,
    /// When it returned.
    at: u64,
}

impl Best {
    /// By how much its offset may be wrong at this time of this node's clock.
    fn error(&self, now: u64) -> u64 {
        let drift = u128::from(now.abs_diff(self.at)) * u128::from(DRIFT_PER_MILLION) / 1_000_000;
        // One more for what halving rounds off.
        let drift = u64::try_from(drift).unwrap_or(u64::MAX);
        (self.delay / 2).saturating_add(drift).saturating_add(1)
    }
}

impl Comparison {
    /// Takes one more exchange. One that cannot have been is ignored: its times come from another node.
    pub fn add(&mut self, exchange: Exchange) {
        let Exchange { sent, received, replied, returned } = exchange;
        let (Some(round), Some(held)) = (returned.checked_sub(sent), replied.checked_sub(received))
        else {
            return;
        };
        let Some(delay) = round.checked_sub(held) else { return };
        let [sent, received, replied] = [sent, received, replied].map(i128::from);
        let offset = ((received - sent) + (replied - i128::from(returned))) / 2;
        let new = Best { offset, delay, at: returned };
        // An old one gets worse by drift.
        if self.best.is_none_or(|best| new.error(returned) <= best.error(returned)) {
            self.best = Some(new);
        }
    }

    /// The peer's clock minus this one's, for all times from the clock's beginning to `now`.
    pub fn offset(&self, now: u64) -> Option<Offset> {
        let best = self.best?;
        let nanos = i64::try_from(best.offset).ok()?;
        Some(Offset { nanos, error_nanos: best.error(now).max(best.error(0)) })
    }
}

impl Offset {
    /// The offset to a third clock, if that is ahead of the other one by `next`.
    pub fn then(self, next: Self) -> Self {
        Self {
            nanos: self.nanos.saturating_add(next.nanos),
            error_nanos: self.error_nanos.saturating_add(next.error_nanos),
        }
    }

    /// The offset as the other clock sees it.
    pub fn back(self) -> Self {
        Self { nanos: self.nanos.saturating_neg(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;

    /// A clock that began at another time, and runs at another rate.
    struct Clock {
        ahead: i64,
        parts_per_million: i64,
    }

    impl Clock {
        /// What it shows after so many true nanoseconds.
        fn at(&self, truth: u64) -> u64 {
            let drift = i128::from(truth) * i128::from(self.parts_per_million) / 1_000_000;
            u64::try_from(i128::from(truth) + drift + i128::from(self.ahead)).unwrap()
        }
    }

    const SECOND: u64 = 1_000_000_000;

    /// Exchanges once a second, each way of which takes between these times, of two clocks.
    fn compare(
        seed: u64,
        mine: &Clock,
        theirs: &Clock,
        seconds: u64,
        way: (u64, u64),
    ) -> Comparison {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let mut prg = Seed::from_bytes(bytes).prg();
        let mut below = |n: u64| {
            let mut bytes = [0; 8];
            prg.fill(&mut bytes);
            u64::from_le_bytes(bytes) % n
        };
        let mut comparison = Comparison::default();
        for second in 0..seconds {
            let mut truth = second * SECOND + 1_000;
            let sent = mine.at(truth);
            truth += way.0 + below(way.1 - way.0);
            let received = theirs.at(truth);
            truth += below(50_000);
            let replied = theirs.at(truth);
            truth += way.0 + below(way.1 - way.0);
            comparison.add(Exchange { sent, received, replied, returned: mine.at(truth) });
        }
        comparison
    }

    #[test]
    fn the_true_offset_lies_within_the_bound_at_any_time() {
        let seed = u64::from_le_bytes(Seed::generate().as_bytes()[..8].try_into().unwrap()) | 1;
        for (case, ahead) in
            [0, 1, -SECOND.cast_signed() / 2, 3_000 * SECOND.cast_signed()].iter().enumerate()
        {
            for [mine, theirs] in [[0, 0], [15, -15], [-15, 15], [7, 15]] {
                let mine = Clock { ahead: SECOND.cast_signed(), parts_per_million: mine };
                let theirs =
                    Clock { ahead: SECOND.cast_signed() + ahead, parts_per_million: theirs };
                for seconds in [1, 2, 100, 3_000] {
                    let comparison =
                        compare(seed + case as u64, &mine, &theirs, seconds, (20_000, 900_000));
                    let now = mine.at(seconds * SECOND);
                    let Offset { nanos, error_nanos } = comparison.offset(now).unwrap();
                    for truth in [0, seconds * SECOND / 2, seconds * SECOND] {
                        let (here, there) = (mine.at(truth), theirs.at(truth));
                        let corrected = i128::from(here) + i128::from(nanos);
                        let wrong = (corrected - i128::from(there)).unsigned_abs();
                        assert!(
                            wrong <= u128::from(error_nanos),
                            "{wrong} > {error_nanos}, seed {seed}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn the_exchange_with_the_least_delay_counts() {
        let mut comparison = Comparison::default();
        assert_eq!(comparison.offset(0), None);
        // 1000 ahead; the answer of the first exchange is late by 600, which looks like 300 less.
        comparison.add(Exchange { sent: 0, received: 1_100, replied: 1_200, returned: 900 });
        assert_eq!(comparison.offset(900), Some(Offset { nanos: 700, error_nanos: 401 }));
        comparison.add(Exchange { sent: 1_000, received: 2_100, replied: 2_200, returned: 1_300 });
        let best = Some(Offset { nanos: 1_000, error_nanos: 101 });
        assert_eq!(comparison.offset(1_300), best);
        comparison.add(Exchange { sent: 2_000, received: 3_900, replied: 3_900, returned: 3_000 });
        assert_eq!(comparison.offset(3_000), best);
        // After a minute they may have drifted by 30 times 60 microseconds: a worse exchange is better then.
        let minute = 60 * SECOND;
        comparison.add(Exchange {
            sent: minute,
            received: minute + 1_500,
            replied: minute + 1_500,
            returned: minute + 1_000,
        });
        assert_eq!(comparison.offset(minute).unwrap().nanos, 1_000);
        assert_eq!(comparison.best.unwrap().delay, 1_000);
    }

    #[test]
    fn times_that_cannot_be_are_ignored() {
        let mut comparison = Comparison::default();
        let max = u64::MAX;
        for (sent, received, replied, returned) in
            [(5, 1, 2, 4), (0, 3, 2, 9), (0, 1, 99, 9), (max, 0, max, 0), (0, max, 0, max)]
        {
            comparison.add(Exchange { sent, received, replied, returned });
        }
        assert!(comparison.best.is_none());
        // As far apart as numbers go.
        comparison.add(Exchange { sent: 0, received: max, replied: max, returned: 1 });
        assert_eq!(comparison.offset(1), None);
    }

    #[test]
    fn offsets_add_up() {
        let (a, b) = (Offset { nanos: 5, error_nanos: 2 }, Offset { nanos: -9, error_nanos: 3 });
        assert_eq!(a.then(b), Offset { nanos: -4, error_nanos: 5 });
        assert_eq!(b.back().then(a.back()), Offset { nanos: 4, error_nanos: 5 });
    }
}
