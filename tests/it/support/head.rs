//! The heads of programs that say what they need and what they must print.

/// The block of `#` lines at the top of a program.
#[derive(Default)]
pub(crate) struct Head {
    /// Program arguments.
    pub(crate) args: String,
    /// Options of the compilation.
    pub(crate) flags: String,
    /// Tokens of the private inputs, by party; one line for each time the key is there.
    pub(crate) inputs: Vec<(usize, String)>,
    /// Tokens of the parts of private inputs, by party and part.
    pub(crate) parts: Vec<(usize, usize, String)>,
    /// Tokens of the public input.
    pub(crate) public_input: Option<String>,
    /// Names of protocols.
    pub(crate) protocols: Vec<String>,
    /// Integers of the run's command line.
    pub(crate) run_args: String,
    /// Programs of the same folder to be run before, in the same directory.
    pub(crate) after: Vec<String>,
    /// The lines of party 0's output.
    pub(crate) expect: Option<String>,
    /// The lines of other parties' outputs.
    pub(crate) expect_others: Vec<(usize, String)>,
    /// Only lines that begin with this count.
    pub(crate) only: String,
    /// The program ends itself with an error.
    pub(crate) fails: bool,
    /// What a checked run, which the program's purpose makes stop, says.
    pub(crate) stopped: Option<String>,
    /// A checked run prints something else, for a reason.
    pub(crate) unchecked: bool,
    /// Not a test by itself: run by another test.
    pub(crate) helper: bool,
    /// The program must be refused: `compile` or `run`.
    pub(crate) refuse: String,
    /// The line that the refusal must name.
    pub(crate) line: Option<u32>,
    /// What the refusal must mention: all ideas, of each idea one word.
    pub(crate) mention: Vec<Vec<String>>,
    /// Keys that no test knows how to serve.
    pub(crate) unknown: Vec<String>,
}

/// Keys of the suite that ask for more than a run: a program that has one does not pass.
const UNSERVED: [&str; 4] = ["client", "worker", "circuits", "expect"];

/// `a, b | c`: all ideas, of each idea one word.
fn ideas(text: &str) -> Vec<Vec<String>> {
    let words = |idea: &str| idea.split('|').map(|word| word.trim().to_lowercase()).collect();
    text.split(',').map(words).collect()
}

impl Head {
    /// Reads the head of a program.
    pub(crate) fn of(text: &str) -> Self {
        let mut head = Self::default();
        let mut expecting: Option<Option<usize>> = None;
        for line in text.lines().take_while(|line| line.starts_with('#')) {
            if let Some(party) = expecting {
                if let Some(expected) = line.strip_prefix("#   ").or((line == "#").then_some("")) {
                    let all = head.expected_of(party);
                    all.push_str(expected);
                    all.push('\n');
                    continue;
                }
                expecting = None;
            }
            let Some((key, value)) = line[1..].trim().split_once(':') else { continue };
            let value = value.trim();
            match key.split_whitespace().collect::<Vec<_>>()[..] {
                ["args"] => head.args = value.to_owned(),
                ["flags"] => head.flags = value.to_owned(),
                ["input", party] => head.inputs.push((party.parse().unwrap(), value.to_owned())),
                ["part", party, part] => {
                    let (party, part) = (party.parse().unwrap(), part.parse().unwrap());
                    head.parts.push((party, part, value.to_owned()));
                }
                ["public-input"] => head.public_input = Some(value.to_owned()),
                ["protocols"] => {
                    head.protocols = value.split_whitespace().map(str::to_owned).collect();
                }
                ["run-args"] => head.run_args = value.to_owned(),
                ["after"] => head.after = value.split_whitespace().map(str::to_owned).collect(),
                ["expect"] => (expecting, head.expect) = (Some(None), Some(String::new())),
                ["expect", party] if party.parse::<usize>().is_ok() => {
                    let party = party.parse().unwrap();
                    expecting = Some(Some(party));
                    head.expect_others.push((party, String::new()));
                }
                ["only"] => head.only = value.to_owned(),
                ["fails"] => head.fails = true,
                ["unchecked"] => head.unchecked = true,
                ["stopped"] => head.stopped = Some(value.to_owned()),
                ["helper"] => head.helper = true,
                ["refuse"] => head.refuse = value.to_owned(),
                ["line"] => head.line = Some(value.parse().unwrap()),
                ["mention"] => head.mention = ideas(value),
                ["test" | "area" | "note"] => {}
                [known, ..] if UNSERVED.contains(&known) => head.unknown.push(key.trim().into()),
                _ => {}
            }
        }
        head
    }

    /// The lines of a party's output, of party 0's where none is given.
    fn expected_of(&mut self, party: Option<usize>) -> &mut String {
        match party {
            None => self.expect.get_or_insert_default(),
            Some(_) => &mut self.expect_others.last_mut().unwrap().1,
        }
    }

    /// The contents of the parties' input files.
    pub(crate) fn input_files(&self) -> Vec<(usize, String)> {
        let mut files: Vec<(usize, String)> = Vec::new();
        for (party, line) in &self.inputs {
            match files.iter_mut().find(|(other, _)| other == party) {
                Some((_, text)) => {
                    text.push('\n');
                    text.push_str(line);
                }
                None => files.push((*party, line.clone())),
            }
        }
        files
    }

    /// Those lines of an output that count, as they stand in `expect`.
    pub(crate) fn shown(&self, stdout: &str) -> String {
        let ignored = ["Starting timer", "Stopped timer", "Elapsed time"];
        stdout
            .lines()
            .filter(|line| !ignored.iter().any(|start| line.starts_with(start)))
            .filter(|line| line.starts_with(&self.only))
            .map(|line| format!("{}\n", line.trim_end()))
            .collect()
    }
}
