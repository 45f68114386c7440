//! Lists the files of the front end's Python package, so that all of them are embedded.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=python/caucus");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let root = root.join("python");
    let mut files = Vec::new();
    collect(&root.join("caucus"), &mut files)?;
    // The order of a directory differs between machines.
    files.sort();
    let mut list = String::from("&[\n");
    for file in files {
        let name = file.strip_prefix(&root).expect("found below it");
        let name = name.to_str().expect("names of modules are ASCII");
        let path = file.to_str().expect("the path of the sources is text");
        writeln!(list, "    ({name:?}, include_str!({path:?})),").expect("writing to memory");
    }
    list.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    fs::write(out.join("package.rs"), list)
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|it| it == "py") {
            files.push(path);
        }
    }
    Ok(())
}
