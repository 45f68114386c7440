//! Writes the examples of a target into a folder: `corpus TARGET FOLDER`. Without arguments, names all targets.

use std::io::{self, Write};
use std::path::Path;

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [name, folder] = words.as_slice() else {
        let names: String = caucus_fuzz::TARGETS.iter().map(|it| format!("{}\n", it.0)).collect();
        return io::stdout().write_all(names.as_bytes());
    };
    let target = caucus_fuzz::find(name);
    let (.., examples) = target.ok_or_else(|| io::Error::other(format!("no target {name}")))?;
    std::fs::create_dir_all(folder)?;
    for (number, example) in examples().into_iter().enumerate() {
        std::fs::write(Path::new(folder).join(format!("example-{number}")), example)?;
    }
    Ok(())
}
