//! What editors know of the language: stubs made from the front end, and the command that writes
//! them.

use std::fs;
use std::process::Command;

use crate::support::{Site, root, suite};

#[test]
fn the_stubs_are_those_of_the_front_end() {
    let site = Site::new();
    let fresh = site.path("fresh");
    let words = [root().join("editor/generate.py"), fresh.clone()];
    site.start(Command::new("python3").args(words)).succeed();
    let listed = fs::read_to_string(root().join("editor/files.inc")).unwrap();
    assert!(
        listed == fs::read_to_string(fresh.join("files.inc")).unwrap(),
        "the list of stubs is old: run editor/generate.py"
    );
    for path in suite::files(&fresh.join("stubs"), "pyi") {
        let name = path.strip_prefix(&fresh).unwrap();
        let found = fs::read_to_string(root().join("editor").join(name)).unwrap_or_default();
        let made = fs::read_to_string(&path).unwrap();
        assert!(found == made, "{} is old: run editor/generate.py", name.display());
    }
}

#[test]
fn a_folder_is_made_ready_for_an_editor() {
    let site = Site::new();
    let listed = site.caucus("editor study").succeed().stdout;
    for name in ["__builtins__.pyi", "typings/Compiler/types.pyi", ".vscode/settings.json"] {
        assert!(listed.contains(&format!("study/{name}\n")), "{name} in\n{listed}");
    }
    // The files are what Python can read, and know the names of programs.
    let check = "import ast, sys\nfor name in sys.argv[1:]: ast.parse(open(name).read())";
    let stubs = suite::files(&site.path("study"), "pyi");
    site.start(Command::new("python3").args(["-c", check]).args(&stubs)).succeed();
    let types = fs::read_to_string(site.path("study/typings/Compiler/types.pyi")).unwrap();
    for name in ["class sint:", "class Array(", "def print_ln(", "def for_range_opt("] {
        assert!(types.contains(name), "{name} is missing");
    }
    // The user's settings stay; a file that only has the same name does, too.
    fs::write(site.path("study/pyrightconfig.json"), "{}").unwrap();
    site.caucus("editor study").succeed();
    assert_eq!(fs::read_to_string(site.path("study/pyrightconfig.json")).unwrap(), "{}");
    fs::write(site.path("study/__builtins__.pyi"), "x: int\n").unwrap();
    site.caucus("editor study").fail(3, &["__builtins__.pyi", "not a file of Caucus"]);
}
