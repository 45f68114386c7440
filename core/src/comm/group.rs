//! Making communicators of some of the members.

use super::{Collective, Comm, Error, lock};

impl Comm {
    /// Makes a communicator of all members that give the same color; none for those that give none. Ranks are in the
    /// order of keys, and of the ranks here where keys are equal. All members must call it.
    ///
    /// It uses the links of this one: TLS stays on. Its name is that of this one with the color.
    pub fn split(&mut self, color: Option<u32>, key: u64) -> Result<Option<Self>, Error> {
        let next = lock(&self.shared).next_context;
        let mine = [color.map_or(0, |color| u64::from(color) + 1), key, next.into()];
        let call = self.call(Collective::Split, super::ElementType(0), None, None, 0);
        let all = self.collective(call, Ok(()), |round| {
            let all = round.all_gather_of(&mine)?;
            // A number that no member has had for another communicator.
            let next = all.iter().skip(2).step_by(3).copied().max().unwrap_or_default();
            match u32::try_from(next + round.size() as u64) {
                Ok(_) => Ok(all),
                Err(_) => Err(round.argument("there were too many communicators".to_owned())),
            }
        })?;
        let (members, _) = all.as_chunks::<3>();
        let first = members.iter().map(|member| member[2]).max().unwrap_or_default() as u32;
        let mut colors: Vec<_> =
            members.iter().map(|member| member[0]).filter(|c| *c > 0).collect();
        colors.sort_unstable();
        colors.dedup();
        let mut engine = lock(&self.shared);
        engine.next_context = first + colors.len() as u32;
        drop(engine);
        let Some(color) = color else { return Ok(None) };
        let at = colors.binary_search(&mine[0]).expect("the own color is among all");
        let mut ranks: Vec<_> =
            (0..members.len()).filter(|rank| members[*rank][0] == mine[0]).collect();
        ranks.sort_by_key(|rank| members[*rank][1]);
        let nodes = ranks.iter().map(|rank| self.members[*rank]).collect();
        let name = format!("{}/{color}", self.name);
        let shared = self.shared.clone();
        Ok(Some(Self::new(shared, first + at as u32, name, nodes, self.deadline)))
    }
}
