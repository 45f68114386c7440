//! `caucus editor`: what an editor needs to know about the language.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::file_error;
use crate::failure::{Code, failure};

/// Type stubs, by their paths below the folder of programs.
const STUBS: &[(&str, &str)] = include!("../../editor/files.inc");

/// Files of settings, which belong to the user once they are there.
const SETTINGS: &[(&str, &str)] = &[
    ("pyrightconfig.json", include_str!("../../editor/pyrightconfig.json")),
    (".vscode/settings.json", include_str!("../../editor/settings.json")),
];

/// In the head of our stubs: files without it are not ours.
const MARK: &str = "editor/generate.py";

/// Writes the stubs and, where there are none, the settings.
pub(super) fn run(folder: &Path) -> Result<()> {
    let mut written = String::new();
    for (name, text) in STUBS {
        // Names without an import are looked up beside the programs, modules below `typings`.
        let parent = if *name == "__builtins__.pyi" { "" } else { "typings" };
        let path = folder.join(parent).join(name);
        if fs::read_to_string(&path).is_ok_and(|found| !found.contains(MARK)) {
            let text = format!(
                "{} is not a file of Caucus: move it away, or choose another folder",
                path.display()
            );
            return Err(failure(Code::Configuration, text));
        }
        write(&path, text)?;
        written += &format!("{}\n", path.display());
    }
    for (name, text) in SETTINGS {
        let path = folder.join(name);
        if !path.exists() {
            write(&path, text)?;
            written += &format!("{}\n", path.display());
        }
    }
    super::print(written.as_bytes())
}

fn write(path: &Path, text: &str) -> Result<()> {
    let parent = path.parent().expect("it is below a folder");
    fs::create_dir_all(parent).map_err(|error| file_error(parent, &error))?;
    fs::write(path, text).map_err(|error| file_error(path, &error))
}
