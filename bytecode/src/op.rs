//! The instruction table.
//!
//! Naming: `<verb><class>`, where the class is `s` (secret), `c` (public ring element), `i`
//! (64-bit integer known to all parties) or `b` (secret bits). Destinations come first. Every register is a vector with
//! a fixed number of lanes, which the tape's table gives; "element-wise" means that each source has
//! the lanes of the destination, or one lane that is repeated.
//!
//! Numbers are never used again for something else: a removed instruction leaves a gap.

use std::fmt;

use crate::operand::*;
use crate::words::{DecodeError, Words};

/// What an instruction does besides writing its destinations. Passes and schedulers go by this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Nothing: may be removed if its results are unused, and moved freely among its operands.
    Pure,
    /// Reads or writes an array, with bounds that are checked at run time.
    Memory,
    /// Communicates with the other parties; independent ones may be merged into one round.
    Round,
    /// Takes the next private inputs: communicates, and keeps the order of one party's inputs.
    Input,
    /// Something the outside can see: printing, errors, timers. Keeps its order.
    Output,
    /// Talks to clients or nodes. Keeps its order.
    Socket,
    /// Changes which instruction is next, or runs other tapes.
    Control,
}

/// One line of the table, for documentation and for the front end.
#[derive(Clone, Copy, Debug)]
pub struct OpInfo {
    /// Number in the encoding.
    pub code: i64,
    /// Name in the text form and, in capitals, in the front end.
    pub mnemonic: &'static str,
    /// Effect.
    pub effect: Effect,
    /// Operand names with their kinds, in the order of the encoding.
    pub operands: &'static [(&'static str, &'static str)],
    /// What it does.
    pub doc: &'static str,
}

macro_rules! table {
    ($(
        $(#[doc = $doc:literal])*
        $code:literal $mnemonic:literal $effect:ident $name:ident { $($field:ident: $type:ty),* $(,)? }
    )*) => {
        /// An instruction.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "operands are described by the variant's text")]
        pub enum Op {
            $($(#[doc = $doc])* $name { $($field: $type),* },)*
        }

        /// The table, in the order of the source.
        pub const TABLE: &[OpInfo] = &[$(OpInfo {
            code: $code,
            mnemonic: $mnemonic,
            effect: Effect::$effect,
            operands: &[$((stringify!($field), stringify!($type))),*],
            doc: concat!($($doc),*),
        }),*];

        impl Op {
            /// Name in the text form.
            pub fn mnemonic(&self) -> &'static str {
                match self { $(Self::$name { .. } => $mnemonic),* }
            }

            /// What it does besides writing its destinations.
            pub fn effect(&self) -> Effect {
                match self { $(Self::$name { .. } => Effect::$effect),* }
            }

            /// Appends number and operands.
            pub fn encode(&self, out: &mut Vec<i64>) {
                match self { $(
                    Self::$name { $($field),* } => {
                        out.push($code);
                        $($field.encode(out);)*
                    }
                )* }
            }

            /// Reads number and operands.
            ///
            /// # Errors
            /// Unknown number, truncated, or an operand out of its range.
            pub fn decode(words: &mut Words<'_>) -> Result<Self, DecodeError> {
                let at = words.position();
                match words.take()? {
                    $($code => Ok(Self::$name { $($field: Operand::decode(words)?),* }),)*
                    code => Err(DecodeError::UnknownOp { at, code }),
                }
            }

            /// Shows every reference in the operands to `visitor`, which may change it.
            pub fn visit(&mut self, visitor: &mut dyn FnMut(Access<'_>)) {
                match self { $(
                    Self::$name { $($field),* } => {
                        let _ = &visitor;
                        $($field.visit(visitor);)*
                    }
                )* }
            }

            /// Shows every register and array in the operands to `visitor`, in their order.
            pub fn look(&self, mut visitor: impl FnMut(Mention)) {
                match self { $(
                    Self::$name { $($field),* } => {
                        let _ = &mut visitor;
                        $($field.look(&mut visitor);)*
                    }
                )* }
            }
        }

        impl fmt::Display for Op {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.mnemonic())?;
                match self { $(
                    Self::$name { $($field),* } => {
                        $(
                            f.write_str(" ")?;
                            $field.text(f)?;
                        )*
                    }
                )* }
                Ok(())
            }
        }
    };
}

table! {
    // Constants, moves, lanes
    /// Fills an integer register with a constant.
    1 "ldi" Pure LoadInt { dst: DstI, value: Imm }
    /// Sets the lanes of an integer register to constants, one each.
    2 "ldvi" Pure LoadInts { dst: DstI, values: Vec<Imm> }
    /// Fills a public register with a constant, reduced to the ring.
    3 "ldc" Pure LoadPublic { dst: DstC, value: ConstRef }
    /// Copies; element-wise.
    4 "movs" Pure MoveS { dst: DstS, src: SrcS }
    /// Copies; element-wise.
    5 "movc" Pure MoveC { dst: DstC, src: SrcC }
    /// Copies; element-wise.
    6 "movi" Pure MoveI { dst: DstI, src: SrcI }
    /// Takes lanes of a register in a strided pattern that starts at lane `offset`.
    7 "picks" Pure PickS { dst: DstS, src: SrcS, offset: Imm, levels: Vec<Level> }
    /// Takes lanes of a register in a strided pattern that starts at lane `offset`.
    8 "pickc" Pure PickC { dst: DstC, src: SrcC, offset: Imm, levels: Vec<Level> }
    /// Takes lanes of a register in a strided pattern that starts at lane `offset`.
    9 "picki" Pure PickI { dst: DstI, src: SrcI, offset: Imm, levels: Vec<Level> }
    /// Joins registers end to end.
    10 "concats" Pure ConcatS { dst: DstS, parts: Vec<SrcS> }
    /// Joins registers end to end.
    11 "concatc" Pure ConcatC { dst: DstC, parts: Vec<SrcC> }
    /// Joins registers end to end.
    12 "concati" Pure ConcatI { dst: DstI, parts: Vec<SrcI> }
    /// Lane (k1, k2, …) becomes `base` + Σ k·stride. `base` has one lane.
    13 "iotai" Pure IotaI { dst: DstI, base: SrcI, levels: Vec<Level> }

    // Conversions
    /// Public ring element from an integer; element-wise.
    20 "convic" Pure PublicFromInt { dst: DstC, src: SrcI }
    /// The low 64 bits of a public ring element, as a signed integer; element-wise.
    21 "convci" Pure IntFromPublic { dst: DstI, src: SrcC }
    /// Trivial sharing of a public value; element-wise.
    22 "convcs" Pure SecretFromPublic { dst: DstS, src: SrcC }

    // Local arithmetic on secrets
    /// Sum; element-wise.
    30 "adds" Pure AddS { dst: DstS, a: SrcS, b: SrcS }
    /// Difference; element-wise.
    31 "subs" Pure SubS { dst: DstS, a: SrcS, b: SrcS }
    /// Sum with a public value; element-wise.
    32 "addsc" Pure AddSC { dst: DstS, a: SrcS, b: SrcC }
    /// Secret minus public; element-wise.
    33 "subsc" Pure SubSC { dst: DstS, a: SrcS, b: SrcC }
    /// Public minus secret; element-wise.
    34 "subcs" Pure SubCS { dst: DstS, a: SrcC, b: SrcS }
    /// Product with a public value; element-wise.
    35 "mulsc" Pure MulSC { dst: DstS, a: SrcS, b: SrcC }
    /// Sums of consecutive blocks: each lane of `dst` is the sum of lanes(src)/lanes(dst) lanes.
    36 "sums" Pure SumS { dst: DstS, src: SrcS }

    // Interactive operations on secrets
    /// Products; element-wise. All products of one instruction share one round.
    40 "muls" Round MulS { products: Vec<(DstS, SrcS, SrcS)> }
    /// Inner products: each lane of a destination is the inner product of a block of
    /// lanes(a)/lanes(dst) lanes; both factors have the same number of lanes. One round.
    41 "dots" Round DotS { products: Vec<(DstS, SrcS, SrcS)> }
    /// Matrix product, row-major: `dst` (rows × cols) = `a` (rows × inner) · `b` (inner × cols).
    42 "matmuls" Round MatMulS { dst: DstS, a: SrcS, b: SrcS, rows: Imm, inner: Imm, cols: Imm }
    /// Opens secrets to all parties. One round.
    43 "opens" Round OpenS { openings: Vec<(DstC, SrcS)> }
    /// Opens a secret to one party only; the others' destination becomes 0.
    44 "opentos" Round OpenToS { player: SrcI, dst: DstC, src: SrcS }
    /// Takes private inputs, one number of the player's input for each lane, in the order of the
    /// operands (dst, player, bits). With `bits` 0 they must be integers, else they may be decimal
    /// fractions, and their multiple by 2^bits is taken, rounded to the nearest integer. In a tape
    /// that computes chunks, they come from the part with the number of the chunk, from its start on.
    45 "inputs" Input InputS { inputs: Vec<(DstS, SrcI, Imm)> }
    /// Uniformly random secrets.
    46 "rands" Pure RandomS { dst: DstS }
    /// Of each (dst, src, bits), element-wise: 1 if the low `bits` bits of `src`, read as a signed
    /// number, are negative, else 0. All tests of one instruction with equal `bits` share rounds.
    47 "ltzs" Round LessThanZeroS { tests: Vec<(DstS, SrcS, Imm)> }
    /// Of each (dst, src, bits), element-wise: 1 if the low `bits` bits of `src` are all zero, else
    /// 0. All tests of one instruction with equal `bits` share rounds.
    48 "eqzs" Round EqualZeroS { tests: Vec<(DstS, SrcS, Imm)> }
    /// Of each (dst, src, bits): the low `bits` bits of `src`, as secrets that are 0 or 1. Bit-major,
    /// least significant first: lane j·lanes(src) + k of `dst` is bit j of lane k of `src`.
    49 "decs" Round DecomposeS { parts: Vec<(DstS, SrcS, Imm)> }
    /// Of each (dst, src, shift, bits, rounding), element-wise: `src`, a signed number of `bits`
    /// bits, divided by 2^shift and rounded.
    53 "truncs" Round TruncateS { shifts: Vec<(DstS, SrcS, Imm, Imm, Rounding)> }
    /// Of each (dst, src, bits, places, weights): sums of weights over the places of `src`, a signed
    /// number of `bits` bits, that are 1. Each `bits` weights give a row of results: with n lanes of
    /// `src`, lane j·n + k of `dst` is the sum of the j-th weights for lane k. All sums of one
    /// instruction with equal `bits`, places and weights share rounds.
    190 "weighs" Round WeighS { sums: Vec<(DstS, SrcS, Imm, Places, Vec<ConstRef>)> }

    // The order of secrets. A register holds equal rows, one after the other.
    /// Puts rows into a uniformly random order that no party knows.
    140 "shuffles" Round ShuffleS { dst: DstS, src: SrcS, rows: Imm }
    /// Draws a permutation of so many rows that no party knows, and keeps it for the whole run and
    /// all threads; gives its number.
    141 "newperm" Round NewPermutation { dst: DstI, rows: Imm }
    /// Permutes rows by the permutation with this number (one lane), or undoes that.
    142 "perms" Round PermuteS { dst: DstS, number: SrcI, src: SrcS, rows: Imm, backward: bool }
    /// Moves each row to the place that its lane of `numbers` tells; backward, takes to each place
    /// the row that its lane of `numbers` tells. These must be a permutation of 0, 1, ….
    143 "rearrs" Round RearrangeS { dst: DstS, numbers: SrcS, src: SrcS, backward: bool }
    /// Sorts rows by keys, each a lane for each row, of which so many low bits count, as numbers
    /// that are not negative; the first key counts most. Rows with equal keys keep their order.
    144 "sorts" Round SortS { dst: DstS, src: SrcS, keys: Vec<(SrcS, Imm)> }
    /// As `shuffles`, by all nodes of each party together if there are workers. Only in the main tape.
    145 "nodeshuffles" Socket ShuffleAtNodes { dst: DstS, src: SrcS, rows: Imm }
    /// Sorts rows by columns, of each of which so many low bits count, as signed numbers; the first
    /// key counts most. Rows with equal keys keep their order. Done by all nodes of each party
    /// together if there are workers. Only in the main tape.
    146 "nodesorts" Socket SortAtNodes { dst: DstS, src: SrcS, rows: Imm, keys: Vec<(Imm, Imm)> }

    // Public ring elements
    /// Operation on public ring elements; element-wise.
    50 "publ" Pure PublicBinary { op: PublicOp, dst: DstC, a: SrcC, b: SrcC }
    /// Comparison in the signed representation; element-wise; gives 0 or 1.
    51 "cmpc" Pure ComparePublic { op: Comparison, dst: DstI, a: SrcC, b: SrcC }
    /// Sums of consecutive blocks.
    52 "sumc" Pure SumC { dst: DstC, src: SrcC }

    // Checked runs
    /// Copies; element-wise. In a checked run each lane, a number with `point` of its `bits` bits behind the point,
    /// must be as required, else it ends the program with an error.
    280 "requires" Pure RequireS { dst: DstS, src: SrcS, what: Requirement, bits: Imm, point: Imm }
    /// Copies; element-wise. In a checked run each lane, a number with `point` of its `bits` bits behind the point,
    /// must be as required, else it ends the program with an error.
    281 "requirec" Pure RequireC { dst: DstC, src: SrcC, what: Requirement, bits: Imm, point: Imm }

    // Integers
    /// Operation on integers; element-wise.
    60 "int" Pure IntBinary { op: IntOp, dst: DstI, a: SrcI, b: SrcI }
    /// Sums of consecutive blocks.
    61 "sumi" Pure SumI { dst: DstI, src: SrcI }

    // Arrays. `base` has one lane; every element touched must lie in the array.
    /// Reads elements in a strided pattern.
    70 "lds" Memory LoadS { dst: DstS, array: ArrayIn, base: SrcI, levels: Vec<Level> }
    /// Reads elements in a strided pattern.
    71 "ldcm" Memory LoadC { dst: DstC, array: ArrayIn, base: SrcI, levels: Vec<Level> }
    /// Reads elements in a strided pattern.
    72 "ldim" Memory LoadI { dst: DstI, array: ArrayIn, base: SrcI, levels: Vec<Level> }
    /// Writes elements in a strided pattern; a source of one lane is repeated.
    73 "sts" Memory StoreS { array: ArrayOut, base: SrcI, levels: Vec<Level>, src: SrcS }
    /// Writes elements in a strided pattern; a source of one lane is repeated.
    74 "stcm" Memory StoreC { array: ArrayOut, base: SrcI, levels: Vec<Level>, src: SrcC }
    /// Writes elements in a strided pattern; a source of one lane is repeated.
    75 "stim" Memory StoreI { array: ArrayOut, base: SrcI, levels: Vec<Level>, src: SrcI }
    /// Reads the elements at the given indices, one a lane.
    76 "gathers" Memory GatherS { dst: DstS, array: ArrayIn, index: SrcI }
    /// Reads the elements at the given indices, one a lane.
    77 "gatherc" Memory GatherC { dst: DstC, array: ArrayIn, index: SrcI }
    /// Reads the elements at the given indices, one a lane.
    78 "gatheri" Memory GatherI { dst: DstI, array: ArrayIn, index: SrcI }
    /// Writes the lanes of `src` to the given indices, in order; one lane of `src` is repeated.
    79 "scatters" Memory ScatterS { array: ArrayOut, index: SrcI, src: SrcS }
    /// Writes the lanes of `src` to the given indices, in order; one lane of `src` is repeated.
    80 "scatterc" Memory ScatterC { array: ArrayOut, index: SrcI, src: SrcC }
    /// Writes the lanes of `src` to the given indices, in order; one lane of `src` is repeated.
    81 "scatteri" Memory ScatterI { array: ArrayOut, index: SrcI, src: SrcI }

    // Control
    /// Goes on at the target.
    90 "jmp" Control Jump { target: Label }
    /// Goes on at the target if the condition (one lane) is 0.
    91 "jz" Control JumpIfZero { condition: SrcI, target: Label }
    /// Goes on at the target if the condition (one lane) is not 0.
    92 "jnz" Control JumpIfNotZero { condition: SrcI, target: Label }
    /// Runs tapes in threads of their own, numbered from 1, and waits for all of them. The integers
    /// (one lane each) go to the tape's parameters. Only the main tape may do this.
    93 "threads" Control Threads { jobs: Vec<(TapeRef, Vec<SrcI>)> }

    /// Runs chunks of a loop at the nodes of each party, in any order and side by side, and waits for
    /// all. Of each (tape, first, count, windows): the tape runs once for each of `count` chunks,
    /// numbered from `first`, with that number as its only argument. `windows` are all parts of arrays
    /// that it touches. Only the main tape may do this; the tapes may start threads.
    95 "nodes" Control Nodes { jobs: Vec<(TapeRef, Imm, Imm, Vec<Window>)> }

    /// Number of the thread that runs this, 0 for the main one.
    94 "threadno" Pure ThreadNumber { dst: DstI }

    // Output and errors
    /// Prints, if the condition (one lane) is absent or not 0. Party 0 shows it, or only `player`.
    100 "print" Output Print { condition: Option<SrcI>, player: Option<SrcI>, parts: Vec<Part> }
    /// Ends the program with an error if a lane of the condition is not 0, after printing the
    /// message if there is one. With several lanes, the first failing lane is meant, and parts with
    /// as many lanes show that lane only.
    101 "fail" Output Fail { condition: SrcI, parts: Vec<Part> }
    /// Starts a timer.
    102 "timer.start" Output TimerStart { timer: Imm }
    /// Stops a timer and prints what it has measured.
    103 "timer.stop" Output TimerStop { timer: Imm }
    /// Number of parties.
    104 "nparties" Pure PartyCount { dst: DstI }
    /// Number of the party that runs this: differs between parties, must not steer communication.
    105 "partyid" Pure PartyNumber { dst: DstI }
    /// Checks everything opened so far.
    106 "check" Output Check {}
    /// A place from which the run can be continued later: where checkpoints are kept, all parties
    /// write what they have to files. Only in the main tape.
    107 "checkpoint" Output Checkpoint {}

    // Clients and nodes
    /// Listens for clients on port + number of this party.
    110 "listen" Socket Listen { port: SrcI }
    /// Waits for a client on a port that is listened on and gives its number.
    111 "accept" Socket Accept { dst: DstI, port: SrcI }
    /// Connects as client `id` to a program that listens; gives a negative handle. `relative` adds
    /// the number of this party to the port.
    112 "connect" Socket Connect { dst: DstI, host: TextRef, port: SrcI, id: SrcI, relative: bool }
    /// Closes a connection.
    113 "close" Socket Close { socket: SrcI }
    /// Sends this party's full shares in one message.
    114 "sends" Socket SendS { socket: SrcI, values: Vec<SrcS> }
    /// Sends this party's summands, whose sum over all parties is the secret, in one message.
    115 "sendsums" Socket SendSummands { socket: SrcI, values: Vec<SrcS> }
    /// Sends public ring elements in one message.
    116 "sendc" Socket SendC { socket: SrcI, values: Vec<SrcC> }
    /// Sends integers, 8 bytes each, in one message.
    117 "sendi" Socket SendI { socket: SrcI, values: Vec<SrcI> }
    /// Receives full shares in one message of exactly this length.
    118 "recvs" Socket RecvS { socket: SrcI, values: Vec<DstS> }
    /// Receives public ring elements in one message of exactly this length.
    119 "recvc" Socket RecvC { socket: SrcI, values: Vec<DstC> }
    /// Receives integers in one message of exactly this length.
    120 "recvi" Socket RecvI { socket: SrcI, values: Vec<DstI> }

    // Files, and what belongs to one party
    /// Stores secrets in this party's file of shares from `position` on, or behind the last one if
    /// it is -1; a gap becomes zeros. Only in the main tape.
    160 "storeshares" Output StoreShares { position: SrcI, values: Vec<SrcS> }
    /// Reads secrets from this party's file of shares from `position` on. `end` becomes the position
    /// behind them, or -1 if there are no more, or -2 and the secrets 0 if nothing is stored and
    /// this is not `required`. Only in the main tape.
    161 "loadshares" Output LoadShares { end: DstI, position: SrcI, values: Vec<DstS>, required: bool }
    /// Takes the next public inputs, one number for each lane. Only in the main tape.
    162 "inputp" Output PublicInput { dst: DstI }
    /// Takes private inputs of the player's binary file, one number for each lane; decimal fractions
    /// times 2^bits, rounded to the nearest integer.
    163 "inputf" Input BinaryInputS { dst: DstS, player: SrcI, form: BinaryForm, bits: Imm }
    /// Of each (dst, player, src): shares what the player has in `src`. All of one instruction share
    /// one round.
    164 "inputown" Round InputOwnS { inputs: Vec<(DstS, SrcI, SrcC)> }
    /// How many parties may work together without learning secrets.
    165 "threshold" Pure Threshold { dst: DstI }
    /// A number from this party's command line: differs between parties, must not steer
    /// communication.
    166 "cmdarg" Output CommandLineArg { dst: DstI, index: SrcI }
    /// Writes integers to the binary output file, 8 bytes each; only at `player` if there is one.
    167 "writei" Output BinaryOutputI { player: Option<SrcI>, src: SrcI }
    /// Writes fixed-point numbers to the binary output file, as floating-point numbers of 8 bytes:
    /// the integer in the signed representation, of `total` bits, divided by 2^bits.
    168 "writef" Output BinaryOutputFixed { player: Option<SrcI>, src: SrcC, bits: Imm, total: Imm }
    /// Receives public ring elements as `recvc`, but at all parties from the same client, which must
    /// have sent the same to all: the masked inputs of a client.
    121 "recvmasked" Socket RecvMasked { socket: SrcI, values: Vec<DstC> }
    /// Receives public ring elements at one party only; the others' destinations become 0 and their
    /// `socket` does not matter.
    122 "recvown" Socket RecvOwn { player: SrcI, socket: SrcI, values: Vec<DstC> }

    // Secret bits: shared modulo 2, one bit a lane. "Bit-major" means that lane j·n + k is bit j,
    // least significant first, of lane k of n.
    /// Sets the lanes to constants, 64 of them in each word, the first in the least significant place.
    200 "ldb" Pure LoadBits { dst: DstB, words: Vec<Imm> }
    /// Copies; element-wise.
    201 "movb" Pure MoveB { dst: DstB, src: SrcB }
    /// Takes lanes of a register in a strided pattern that starts at lane `offset`.
    202 "pickb" Pure PickB { dst: DstB, src: SrcB, offset: Imm, levels: Vec<Level> }
    /// Joins registers end to end.
    203 "concatb" Pure ConcatB { dst: DstB, parts: Vec<SrcB> }
    /// Sum modulo 2; element-wise.
    204 "xorb" Pure XorB { dst: DstB, a: SrcB, b: SrcB }
    /// Sum modulo 2 with the lowest bit of a public element; element-wise.
    205 "xorbc" Pure XorBC { dst: DstB, a: SrcB, b: SrcC }
    /// Product with the lowest bit of a public element; element-wise.
    206 "andbc" Pure AndBC { dst: DstB, a: SrcB, b: SrcC }
    /// Sums modulo 2 of consecutive blocks: each lane of `dst` is that of lanes(src)/lanes(dst) lanes.
    207 "sumb" Pure SumB { dst: DstB, src: SrcB }
    /// Trivial sharing of the low `bits` bits of public elements, bit-major.
    208 "convcb" Pure BitsFromPublic { dst: DstB, src: SrcC, bits: Imm }
    /// Uniformly random bits.
    209 "randb" Pure RandomB { dst: DstB }
    /// Conjunctions; element-wise. All of one instruction share one round.
    210 "andb" Round AndB { products: Vec<(DstB, SrcB, SrcB)> }
    /// Opens bits to all parties, as public elements 0 and 1. One round.
    211 "openb" Round OpenB { openings: Vec<(DstC, SrcB)> }
    /// Of each (dst, src, bits): the low `bits` bits of `src`, bit-major. All parts of one
    /// instruction with equal `bits` share rounds.
    212 "convsb" Round BitsFromSecret { parts: Vec<(DstB, SrcS, Imm)> }
    /// Secret elements 0 and 1 from bits, lane by lane. All of one instruction share rounds.
    213 "convbs" Round SecretFromBits { parts: Vec<(DstS, SrcB)> }
    /// Takes private inputs as bits, in the order of the operands (dst, player, bits, fraction):
    /// lanes(dst)/bits numbers, bit-major, in two's complement or without a sign. With `fraction` 0
    /// they must be integers, else their multiple by 2^fraction is taken, rounded to the nearest
    /// integer. A number that needs more than `bits` bits is an error.
    214 "inputb" Input InputB { inputs: Vec<(DstB, SrcI, Imm, Imm)> }
    /// Reads elements in a strided pattern.
    220 "ldbm" Memory LoadB { dst: DstB, array: ArrayIn, base: SrcI, levels: Vec<Level> }
    /// Writes elements in a strided pattern; a source of one lane is repeated.
    221 "stbm" Memory StoreB { array: ArrayOut, base: SrcI, levels: Vec<Level>, src: SrcB }
    /// Reads the elements at the given indices, one a lane.
    222 "gatherb" Memory GatherB { dst: DstB, array: ArrayIn, index: SrcI }
    /// Writes the lanes of `src` to the given indices, in order; one lane of `src` is repeated.
    223 "scatterb" Memory ScatterB { array: ArrayOut, index: SrcI, src: SrcB }
}

impl Op {
    /// The registers it reads and writes, as (register, written).
    pub fn registers(&self) -> Vec<(Reg, bool)> {
        let mut found = Vec::new();
        self.each_register(|reg, written| found.push((reg, written)));
        found
    }

    /// Shows each register that it reads or writes, and whether it is written.
    pub fn each_register(&self, mut visitor: impl FnMut(Reg, bool)) {
        self.look(|mention| match mention {
            Mention::Read(reg) => visitor(reg, false),
            Mention::Write(reg) => visitor(reg, true),
            Mention::ArrayRead(_) | Mention::ArrayWrite(_) => {}
        });
    }

    /// The array it touches, as (array, written).
    pub fn array(&self) -> Option<(ArrayRef, bool)> {
        let mut found = None;
        self.look(|mention| match mention {
            Mention::ArrayRead(array) => found = Some((array, false)),
            Mention::ArrayWrite(array) => found = Some((array, true)),
            Mention::Read(_) | Mention::Write(_) => {}
        });
        found
    }
}
