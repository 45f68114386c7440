//! Collective operations that move data without changing it.
//!
//! `broadcast`, `scatter` and `gather` go along a binomial tree, in which the root has a logarithmic number of
//! neighbors; see `tree`. What goes from each to each, and parts of different lengths, goes directly.

use super::call::Call;
use super::round::Round;
use super::{Collective, Comm, Element, ElementType, Error};

impl Comm {
    /// Returns when all members have called it.
    pub fn barrier(&mut self) -> Result<(), Error> {
        let call = self.call(Collective::Barrier, ElementType(0), None, None, 0);
        self.collective(call, Ok(()), |_| Ok(()))
    }

    /// Gives all members what `root` has in `data`. Equal lengths at all members.
    pub fn broadcast<T: Element>(&mut self, root: usize, data: &mut [T]) -> Result<(), Error> {
        let call = self.call(Collective::Broadcast, T::TYPE, Some(root), Some(data.len()), 0);
        let valid = self.valid_root(root);
        self.collective(call, valid, |round| {
            round.receive_into(data, |_| root, |round, bytes| round.broadcast(root, T::TYPE, bytes))
        })
    }

    /// Gives each member its part of what `root` has: `len` elements for each, in the order of ranks. Only the root has
    /// `data`, of `size * len` elements.
    pub fn scatter<T: Element>(
        &mut self,
        root: usize,
        data: Option<&[T]>,
        len: usize,
    ) -> Result<Vec<T>, Error> {
        let call = self.call(Collective::Scatter, T::TYPE, Some(root), Some(len), 0);
        let total = len.checked_mul(self.size());
        let valid = self.valid_root(root).and_then(|()| match data.map(<[T]>::len) {
            Some(_) if root != self.rank => Err("only the root has data to scatter".to_owned()),
            None if root == self.rank => Err("the root has no data to scatter".to_owned()),
            Some(found) if Some(found) != total => {
                let size = self.size();
                Err(format!("{found} elements cannot be scattered as {len} to each of {size}"))
            }
            _ => Ok(()),
        });
        self.collective(call, valid, |round| {
            let data = data.map(T::encoded);
            round.receive(
                len,
                |_| root,
                |round, part| round.scatter(root, T::TYPE, data.as_deref(), part),
            )
        })
    }

    /// Gives `root` what each member has in `mine`, in the order of ranks; nothing to the others. Equal lengths.
    pub fn gather<T: Element>(&mut self, root: usize, mine: &[T]) -> Result<Option<Vec<T>>, Error> {
        let len = mine.len();
        let call = self.call(Collective::Gather, T::TYPE, Some(root), Some(len), 0);
        let valid = self.valid_root(root);
        let size = self.size();
        self.collective(call, valid, |round| {
            let mine = T::encoded(mine);
            if round.rank != root {
                round.gather(root, T::TYPE, &mine, None)?;
                return Ok(None);
            }
            let all = round.receive(
                size * len,
                |idx| idx / len.max(1),
                |round, all| round.gather(root, T::TYPE, &mine, Some(all)),
            )?;
            Ok(Some(all))
        })
    }

    /// Gives the members `to` their parts of what `root` has: the part at each place of `parts` to the rank at that place
    /// of `to`. Each of them says in `len` how many elements it expects; the others get nothing. All members give the
    /// same `to`, without repetition.
    pub fn scatterv<T: Element>(
        &mut self,
        root: usize,
        to: &[usize],
        parts: Option<&[&[T]]>,
        len: usize,
    ) -> Result<Option<Vec<T>>, Error> {
        let call = self.call(Collective::Scatterv, T::TYPE, Some(root), None, Call::list(to));
        let valid = self.valid_root(root).and_then(|()| self.valid_list(to));
        let valid = valid.and_then(|()| match parts.map(<[&[T]]>::len) {
            Some(_) if root != self.rank => Err("only the root has parts to scatter".to_owned()),
            None if root == self.rank => Err("the root has no parts to scatter".to_owned()),
            Some(found) if found != to.len() => {
                Err(format!("{found} parts cannot be scattered to {} members", to.len()))
            }
            _ => Ok(()),
        });
        let own = to.iter().position(|rank| *rank == self.rank);
        let own_part = own.and_then(|at| parts.map(|parts| parts[at]));
        let valid = valid.and_then(|()| match own_part.map(<[T]>::len) {
            Some(found) if found != len => {
                Err(format!("the root's own part has {found} elements, {len} were expected"))
            }
            _ => Ok(()),
        });
        self.collective(call, valid, |round| {
            let mut res = None;
            if let Some(parts) = parts {
                let others = to.iter().zip(parts).filter(|(rank, _)| **rank != round.rank);
                let outs = others.map(|(rank, part)| round.to(*rank, T::TYPE, T::encoded(part)));
                let mut outs: Vec<_> = outs.collect();
                round.transfer(&mut outs, &mut [])?;
                res = own_part.map(<[T]>::to_vec);
            } else if own.is_some() {
                let part = round.receive(
                    len,
                    |_| root,
                    |round, bytes| {
                        let wanted = round.from(root, T::TYPE, bytes);
                        round.transfer(&mut [], &mut [wanted])
                    },
                )?;
                res = Some(part);
            }
            round.complete()?;
            Ok(res)
        })
    }

    /// Gives `root` what the members `from` have in `mine`, in the order of `from`; nothing to the others. The root says
    /// in `lens` how many elements it expects of each. All members give the same `from`, without repetition.
    pub fn gatherv<T: Element>(
        &mut self,
        root: usize,
        from: &[usize],
        mine: &[T],
        lens: Option<&[usize]>,
    ) -> Result<Option<Vec<Vec<T>>>, Error> {
        let call = self.call(Collective::Gatherv, T::TYPE, Some(root), None, Call::list(from));
        let valid = self.valid_root(root).and_then(|()| self.valid_list(from));
        let own = from.iter().position(|rank| *rank == self.rank);
        let valid = valid.and_then(|()| match lens {
            Some(_) if root != self.rank => Err("only the root knows lengths".to_owned()),
            None if root == self.rank => Err("the root does not say what it expects".to_owned()),
            Some(lens) if lens.len() != from.len() => {
                Err(format!("{} lengths for {} members", lens.len(), from.len()))
            }
            Some(lens) if own.is_some_and(|at| lens[at] != mine.len()) => Err(format!(
                "the root's own part has {} elements, others were expected",
                mine.len()
            )),
            _ => Ok(()),
        });
        self.collective(call, valid, |round| {
            let mut res = None;
            if let Some(lens) = lens {
                res = Some(round.receive_parts(from, lens, mine, Vec::new())?);
            } else if own.is_some() {
                let out = round.to(root, T::TYPE, T::encoded(mine));
                round.transfer(&mut [out], &mut [])?;
            }
            round.complete()?;
            Ok(res)
        })
    }

    /// Gives all members what each has in `mine`, in the order of ranks. Equal lengths.
    pub fn all_gather<T: Element>(&mut self, mine: &[T]) -> Result<Vec<T>, Error> {
        let call = self.call(Collective::AllGather, T::TYPE, None, Some(mine.len()), 0);
        self.collective(call, Ok(()), |round| round.all_gather_of(mine))
    }

    /// Sends the `r`th part of `data` to rank `r`, and gives what all have sent to this one, in the order of ranks. All
    /// parts are equally long: `data` has a multiple of the number of members as its length, the same at all.
    pub fn all_to_all<T: Element>(&mut self, data: &[T]) -> Result<Vec<T>, Error> {
        let size = self.size();
        let call = self.call(Collective::AllToAll, T::TYPE, None, Some(data.len()), 0);
        let valid = match data.len() % size {
            0 => Ok(()),
            _ => Err(format!("{} elements are no equal parts for {size} members", data.len())),
        };
        let len = data.len() / size;
        self.collective(call, valid, |round| {
            let bytes = T::encoded(data);
            round.receive(
                data.len(),
                |idx| idx / len.max(1),
                |round, all| {
                    let n_bytes = len * T::WIRE_BYTES;
                    if n_bytes == 0 {
                        return Ok(());
                    }
                    let me = round.rank;
                    let parts = bytes.chunks(n_bytes).enumerate();
                    let others = parts.filter(|(rank, _)| *rank != me);
                    let mut outs: Vec<_> =
                        others.map(|(rank, part)| round.to(rank, T::TYPE, part)).collect();
                    let mut ins = Vec::with_capacity(size);
                    for (rank, part) in all.chunks_mut(n_bytes).enumerate() {
                        if rank == me {
                            part.copy_from_slice(&bytes[me * n_bytes..][..n_bytes]);
                        } else {
                            ins.push(round.from(rank, T::TYPE, part));
                        }
                    }
                    round.transfer(&mut outs, &mut ins)
                },
            )
        })
    }

    /// Sends `parts[r]` to rank `r`, and gives what all have sent to this one, in the order of ranks: `lens` says how
    /// many elements are expected of each.
    pub fn all_to_allv<T: Element>(
        &mut self,
        parts: &[&[T]],
        lens: &[usize],
    ) -> Result<Vec<Vec<T>>, Error> {
        let size = self.size();
        let call = self.call(Collective::AllToAllv, T::TYPE, None, None, 0);
        let valid = if parts.len() != size || lens.len() != size {
            let (parts, lens) = (parts.len(), lens.len());
            Err(format!("{parts} parts and {lens} lengths for {size} members"))
        } else if parts[self.rank].len() != lens[self.rank] {
            let found = parts[self.rank].len();
            Err(format!("the part for itself has {found} elements, others were expected"))
        } else {
            Ok(())
        };
        let ranks: Vec<_> = (0..size).collect();
        self.collective(call, valid, |round| {
            let others = parts.iter().enumerate().filter(|(rank, _)| *rank != round.rank);
            let outs = others.map(|(rank, part)| round.to(rank, T::TYPE, T::encoded(part)));
            let outs = outs.collect();
            let res = round.receive_parts(&ranks, lens, parts[round.rank], outs)?;
            round.complete()?;
            Ok(res)
        })
    }

    pub(super) fn call(
        &self,
        collective: Collective,
        element: ElementType,
        root: Option<usize>,
        len: Option<usize>,
        detail: u32,
    ) -> Call {
        // A root that does not exist is refused, and needs no number.
        let root = root.map(|root| u16::try_from(root).unwrap_or(u16::MAX - 1));
        Call { collective, element, root, len: len.map(|len| len as u64), detail }
    }

    pub(super) fn valid_root(&self, root: usize) -> Result<(), String> {
        match root < self.size() {
            true => Ok(()),
            false => Err(format!("there is no root {root} among {} members", self.size())),
        }
    }

    fn valid_list(&self, ranks: &[usize]) -> Result<(), String> {
        for (idx, rank) in ranks.iter().enumerate() {
            if *rank >= self.size() {
                return Err(format!("there is no rank {rank} among {} members", self.size()));
            }
            if ranks[..idx].contains(rank) {
                return Err(format!("rank {rank} stands twice in the list"));
            }
        }
        Ok(())
    }
}

impl Round<'_> {
    /// What all have, directly from each to each.
    pub(super) fn all_gather_of<T: Element>(&mut self, mine: &[T]) -> Result<Vec<T>, Error> {
        let len = mine.len();
        let bytes = T::encoded(mine);
        self.receive(
            self.size() * len,
            |idx| idx / len.max(1),
            |round, all| {
                let n_bytes = bytes.len();
                if n_bytes == 0 {
                    return Ok(());
                }
                let me = round.rank;
                let others = (0..round.size()).filter(|rank| *rank != me);
                let mut outs: Vec<_> =
                    others.map(|rank| round.to(rank, T::TYPE, bytes.as_ref())).collect();
                let mut ins = Vec::new();
                for (rank, part) in all.chunks_mut(n_bytes).enumerate() {
                    if rank == me {
                        part.copy_from_slice(&bytes);
                    } else {
                        ins.push(round.from(rank, T::TYPE, part));
                    }
                }
                round.transfer(&mut outs, &mut ins)
            },
        )
    }

    /// Receives parts of different lengths while sending others; `mine` is the own one.
    fn receive_parts<T: Element>(
        &mut self,
        from: &[usize],
        lens: &[usize],
        mine: &[T],
        mut outs: Vec<super::port::Out<'_>>,
    ) -> Result<Vec<Vec<T>>, Error> {
        let mut parts: Vec<Vec<T>> = lens.iter().map(|len| T::zeroed(*len)).collect();
        let lies = T::memory(&mut []).is_some();
        let in_bytes = |len: &usize| if lies { Vec::new() } else { vec![0; len * T::WIRE_BYTES] };
        let mut bytes: Vec<Vec<u8>> = lens.iter().map(in_bytes).collect();
        let mut ins = Vec::with_capacity(from.len());
        for ((rank, part), bytes) in from.iter().zip(&mut parts).zip(&mut bytes) {
            if *rank == self.rank {
                part.copy_from_slice(mine);
            } else {
                let buf = T::memory(part).unwrap_or(bytes);
                ins.push(self.from(*rank, T::TYPE, buf));
            }
        }
        self.transfer(&mut outs, &mut ins)?;
        drop(ins);
        let others = from.iter().zip(&mut parts).zip(&bytes);
        for ((rank, part), bytes) in others.filter(|((rank, _), _)| **rank != self.rank && !lies) {
            T::decoded(bytes, part).map_err(|error| self.malformed(error, *rank))?;
        }
        Ok(parts)
    }
}
