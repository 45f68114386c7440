//! The plan of a distributed loop: which parts of arrays go with a chunk, and which come back.
//!
//! Every chunk is computed from copies of the elements that it touches, at any node and in any order.
//! What all chunks of a job touch of an array must therefore be one [`Window`] that moves with the
//! number of the chunk, and no chunk may touch what another one writes. Reads that do not follow such
//! a pattern get the whole array; anything else is refused.

mod accesses;

use std::collections::{BTreeMap, HashMap};

use caucus_bytecode::operand::{TapeRef, Use, Window};
use caucus_bytecode::{ArrayRef, Op};

use self::accesses::Access;
use super::{LoopNote, ops};
use crate::diagnostic::Diagnostic;
use crate::ir::{Block, Module, Node, Position};

type Job = (TapeRef, i64, i64, Vec<Window>);

/// Adds the windows to all loops among nodes.
///
/// # Errors
/// The iterations of a loop may depend on each other (E0310).
pub(crate) fn plan(module: &mut Module) -> Result<Vec<LoopNote>, Box<Diagnostic>> {
    let mut notes = Vec::new();
    let Some(main) = module.tapes.first_mut() else { return Ok(notes) };
    let mut body = std::mem::take(&mut main.body);
    let names = Names::of(&body);
    let res = block(&mut body, &mut |jobs, position| {
        Planner { module, names: &names, position }.jobs(jobs, &mut notes)
    });
    module.tapes[0].body = body;
    res.map(|()| notes)
}

type Visitor<'a> = &'a mut dyn FnMut(&mut [Job], Position) -> Result<(), Box<Diagnostic>>;

fn block(code: &mut Block, visitor: Visitor<'_>) -> Result<(), Box<Diagnostic>> {
    for stmt in &mut code.stmts {
        match &mut stmt.node {
            Node::Op(Op::Nodes { jobs }) => visitor(jobs, stmt.position)?,
            Node::Loop(it) => block(&mut it.body, visitor)?,
            Node::If { then, otherwise, .. } => {
                block(then, visitor)?;
                block(otherwise, visitor)?;
            }
            Node::While { test, body, .. } => {
                block(test, visitor)?;
                block(body, visitor)?;
            }
            Node::Op(_) | Node::Break | Node::Array(_) => {}
        }
    }
    Ok(())
}

/// The lines that declare the arrays of the main tape.
struct Names(HashMap<u32, Position>);

impl Names {
    fn of(body: &Block) -> Self {
        fn collect(body: &Block, found: &mut HashMap<u32, Position>) {
            for stmt in &body.stmts {
                match &stmt.node {
                    Node::Array(array) => {
                        found.insert(*array, stmt.position);
                    }
                    Node::Loop(it) => collect(&it.body, found),
                    Node::If { then, otherwise, .. } => {
                        collect(then, found);
                        collect(otherwise, found);
                    }
                    Node::While { test, body, .. } => {
                        collect(test, found);
                        collect(body, found);
                    }
                    Node::Op(_) | Node::Break => {}
                }
            }
        }
        let mut found = HashMap::new();
        collect(body, &mut found);
        Self(found)
    }
}

struct Planner<'a> {
    module: &'a Module,
    names: &'a Names,
    /// Where the loop is.
    position: Position,
}

/// What the chunks of a job touch of an array.
struct Part {
    window: Window,
    /// First and last element over all chunks of the job.
    extent: (i128, i128),
    /// An access of it: a writing one if there is any.
    position: Position,
}

impl Planner<'_> {
    fn jobs(&self, jobs: &mut [Job], notes: &mut Vec<LoopNote>) -> Result<(), Box<Diagnostic>> {
        let mut parts: Vec<BTreeMap<u32, Part>> = Vec::new();
        for (tape, first, count, windows) in &mut *jobs {
            let mut arrays: BTreeMap<u32, Vec<Access>> = BTreeMap::new();
            for access in accesses::of(self.module, tape.0 as usize) {
                arrays.entry(access.array).or_default().push(access);
            }
            let mut here = BTreeMap::new();
            for (array, accesses) in arrays {
                here.insert(array, self.part(array, &accesses, (*first, *first + *count - 1))?);
            }
            *windows = here.values().map(|part| part.window).collect();
            parts.push(here);
        }
        self.apart(&parts)?;
        for (array, part) in parts.first().into_iter().flatten() {
            let text = self.describe(*array, part.window);
            notes.push(LoopNote { position: self.position, text });
        }
        Ok(())
    }

    /// The window of one array in one job.
    fn part(
        &self,
        array: u32,
        accesses: &[Access],
        chunks: (i64, i64),
    ) -> Result<Part, Box<Diagnostic>> {
        let write = accesses.iter().find(|it| it.write);
        if let Some(unknown) = accesses.iter().find(|it| it.write && it.footprint.is_none()) {
            return Err(self.unknown(array, unknown));
        }
        let len = self.module.arrays[array as usize].len;
        let whole = (0, i128::from(len) - 1);
        let position = write.unwrap_or(&accesses[0]).position;
        let Some((low, high, stride)) = hull(accesses) else {
            let Some(write) = write else {
                let window = self.window(array, Use::Read, (0, len, 0));
                return Ok(Part { window, extent: whole, position });
            };
            let other = accesses.iter().find(|it| !same_pattern(it, write)).unwrap_or(write);
            return Err(self.dependent(array, write, other));
        };
        let starts = [chunks.0, chunks.1].map(|chunk| stride * i128::from(chunk));
        let extent = (low + starts[0].min(starts[1]), high + starts[0].max(starts[1]));
        let inside = extent.0 >= 0 && extent.1 <= whole.1;
        let size = high - low + 1;
        // Numbers of a window inside of an array are as small as its length.
        let small = (i64::try_from(low), i64::try_from(stride), u64::try_from(size));
        let (true, (Ok(offset), Ok(distance), Ok(size))) = (inside, small) else {
            return match write {
                Some(write) => Err(self.outside(array, write, extent)),
                None => {
                    let window = self.window(array, Use::Read, (0, len, 0));
                    Ok(Part { window, extent: whole, position })
                }
            };
        };
        let usage = match write {
            None => Use::Read,
            Some(write) => {
                if distance.unsigned_abs() < size {
                    let read = accesses.iter().find(|it| !it.write);
                    return Err(self.dependent(array, write, read.unwrap_or(write)));
                }
                if is_filled(accesses, low, high) { Use::Write } else { Use::Update }
            }
        };
        let window = self.window(array, usage, (offset, size, distance));
        Ok(Part { window, extent, position })
    }

    fn window(&self, array: u32, usage: Use, place: (i64, u64, i64)) -> Window {
        let (offset, len, stride) = place;
        Window { array: ArrayRef::Global(array), usage, offset, stride, len }
    }

    /// No chunk of one job touches what one of another job writes.
    fn apart(&self, parts: &[BTreeMap<u32, Part>]) -> Result<(), Box<Diagnostic>> {
        for (number, job) in parts.iter().enumerate() {
            for (array, one) in job.iter().filter(|(_, one)| one.window.is_written()) {
                let others = parts.iter().enumerate().filter(|(other, _)| *other != number);
                for other in others.filter_map(|(_, job)| job.get(array)) {
                    if one.extent.0 <= other.extent.1 && other.extent.0 <= one.extent.1 {
                        let verb = if other.window.is_written() { "written" } else { "read" };
                        return Err(self.conflict(*array, one.position, other.position, verb));
                    }
                }
            }
        }
        Ok(())
    }

    fn dependent(&self, array: u32, write: &Access, other: &Access) -> Box<Diagnostic> {
        let verb = if other.write { "written" } else { "read" };
        self.conflict(array, write.position, other.position, verb)
    }

    fn conflict(
        &self,
        array: u32,
        write: Position,
        other: Position,
        verb: &str,
    ) -> Box<Diagnostic> {
        let name = self.name(array);
        let places = match (write.line, other.line) {
            (a, b) if a == b && verb == "written" => format!("written in line {a} by several"),
            (a, b) if a == b => format!("read and written in line {a}"),
            (a, b) => format!("written in line {a} and {verb} in line {b}"),
        };
        let text = format!("chunks of a distributed loop depend on each other: {name} is {places}");
        Diagnostic::at(self.module, write, "E0310", text).with_help(
            "let every iteration write elements of its own, in the order of the iterations, and \
             read nothing that others write; use @map_sum_multinode for sums",
        )
    }

    fn unknown(&self, array: u32, write: &Access) -> Box<Diagnostic> {
        let name = self.name(array);
        let text = format!("which elements of {name} a chunk writes is only known at run time");
        Diagnostic::at(self.module, write.position, "E0310", text).with_help(
            "write with an index that is linear in the loop's index, or do this after the loop",
        )
    }

    fn outside(&self, array: u32, write: &Access, extent: (i128, i128)) -> Box<Diagnostic> {
        let (name, (low, high)) = (self.name(array), extent);
        let text = format!("chunks write elements {low} to {high} of {name}");
        Diagnostic::at(self.module, write.position, "E0310", text)
            .with_help("make the array longer, or loop over fewer iterations")
    }

    /// An array as messages call it.
    fn name(&self, array: u32) -> String {
        let object = &self.module.arrays[array as usize];
        let kind = ops::type_name(object.class);
        let place = match self.names.0.get(&array) {
            Some(position) if position.line > 0 => format!(" of line {}", position.line),
            Some(_) | None => String::new(),
        };
        let len = object.len;
        format!("the {kind} array{place} ({len} element{})", if len == 1 { "" } else { "s" })
    }

    fn describe(&self, array: u32, window: Window) -> String {
        let verb = match window.usage {
            Use::Read => "gets",
            Use::Write => "returns",
            Use::Update => "gets and returns",
        };
        let len = self.module.arrays[array as usize].len;
        let what = match window.len {
            1 => "1 element".to_owned(),
            all if all == len && window.stride == 0 => "all".to_owned(),
            some => format!("{some} elements"),
        };
        format!("a chunk {verb} {what} of {}", self.name(array))
    }
}

/// Lowest and highest element that chunk 0 touches, and their distance from those of chunk 1, if all
/// accesses move with the chunks in the same way.
fn hull(accesses: &[Access]) -> Option<(i128, i128, i128)> {
    let mut hull: Option<(i128, i128, i128)> = None;
    for access in accesses {
        let footprint = access.footprint.as_ref()?;
        let (low, high) = footprint.extent();
        let (old_low, old_high, stride) = hull.unwrap_or((low, high, footprint.coef()));
        if stride != footprint.coef() {
            return None;
        }
        hull = Some((low.min(old_low), high.max(old_high), stride));
    }
    hull
}

fn same_pattern(one: &Access, other: &Access) -> bool {
    match (&one.footprint, &other.footprint) {
        (Some(one), Some(other)) => one.coef() == other.coef(),
        _ => false,
    }
}

/// Whether every element between the two is certainly written before any is read.
fn is_filled(accesses: &[Access], low: i128, high: i128) -> bool {
    let dense = |access: &Access| {
        let footprint = access.footprint.as_ref().filter(|it| it.is_dense())?;
        (access.write && access.certain).then(|| (access.time, footprint.extent()))
    };
    let mut stores: Vec<_> = accesses.iter().filter_map(dense).collect();
    stores.sort_unstable();
    let fill = |count: usize| {
        let mut parts: Vec<_> = stores[..count].iter().map(|(_, extent)| *extent).collect();
        parts.sort_unstable();
        let reach = |end: i128, part: &(i128, i128)| {
            if part.0 <= end { end.max(part.1 + 1) } else { end }
        };
        parts.iter().fold(low, reach) > high
    };
    if !fill(stores.len()) {
        return false;
    }
    // The first stores that suffice.
    let counts: Vec<usize> = (1..=stores.len()).collect();
    let enough = counts.partition_point(|count| !fill(*count));
    let over = stores[enough].0;
    accesses.iter().all(|it| it.write || it.time > over)
}
