//! What compiling costs: processor time, so that other work on the machine does not matter, and memory.

use std::process::Command;

use crate::support::{Finished, Site};

/// A million scalar multiply-adds, recorded one by one.
const MULTIPLY_ADDS: &str = "\
y = [sint(i) for i in range(100)]
c = [sint(0)] * 100
for i in range(10**6):
    c[i % 100] = c[i % 100] + y[3] * y[(i * 7) % 100]
print_ln('%s', sum(c).reveal())
";
/// As many iterations of a loop that becomes vector code.
const LOOP: &str = "\
a = sint.Array(10**6)
@for_range_opt(10**6)
def _(i):
    a[i] = a[i] * 3 + i
print_ln('%s', a[5].reveal())
";
/// Kibibytes of address space that each process may have: 2 GB.
const MEMORY: u64 = 2 << 20;

/// Compiles with so much memory, and gives the seconds of processor time of all processes.
fn compile(site: &Site, name: &str) -> (Finished, f64) {
    let caucus = env!("CARGO_BIN_EXE_caucus");
    let script = format!("ulimit -v {MEMORY} && {caucus} compile -v {name} && times");
    let finished = site.start(Command::new("sh").args(["-c", &script])).succeed();
    // The second line is of the processes that the shell has started: `0m1.23s 0m0.45s`.
    let line = finished.stdout.lines().nth(1).unwrap_or_default();
    let seconds = |word: &str| {
        let (minutes, seconds) = word.strip_suffix('s').unwrap().split_once('m').unwrap();
        minutes.parse::<f64>().unwrap() * 60.0 + seconds.parse::<f64>().unwrap()
    };
    let sum = line.split_whitespace().map(seconds).sum();
    (finished, sum)
}

#[test]
fn a_million_multiply_adds_compile_in_ten_seconds_and_two_gigabytes() {
    let site = Site::new();
    site.program("sums", MULTIPLY_ADDS);
    let (finished, seconds) = compile(&site, "sums");
    assert!(seconds < 10.0, "{seconds} s");
    // `caucus: N instructions recorded in S s of processor time, …`
    let line = finished.stderr.lines().find(|line| line.contains(" recorded in ")).unwrap();
    let words: Vec<_> = line.split_whitespace().collect();
    let number = |at: usize| words[at].parse::<f64>().unwrap();
    assert!(number(1) >= 2e6, "{line}");
    assert!(number(1) / number(5) >= 500_000.0, "{line}");
}

#[test]
fn a_loop_of_a_million_iterations_compiles_in_a_second() {
    let site = Site::new();
    site.program("loop", LOOP);
    let (_, seconds) = compile(&site, "loop");
    assert!(seconds < 1.0, "{seconds} s");
}

#[test]
fn the_front_end_is_compiled_once_and_nothing_is_left_beside_programs() {
    let site = Site::new();
    let helper = "from Compiler.types import sint\ndef seven():\n    return sint(7)\n";
    site.program("helper", helper);
    std::fs::rename(
        site.path("Programs/Source/helper.mpc"),
        site.path("Programs/Source/helper.py"),
    )
    .unwrap();
    site.program("main", "from helper import seven\nprint_ln('%s', seven().reveal())\n");
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_compile-run"));
        command.args(["-q", "emulate", "main"]);
        // Whoever has set this means the own folders.
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("XDG_CACHE_HOME", site.path("cache"));
        assert_eq!(site.start(&mut command).succeed().stdout, "7\n");
    };
    run();
    let caches = std::fs::read_dir(site.path("cache/caucus")).unwrap().flatten();
    let compiled = caches.filter(|it| it.path().join("pycache").is_dir()).count();
    assert_eq!(compiled, 1);
    run();
    assert!(!site.path("Programs/Source/__pycache__").exists());
}

#[test]
fn programs_may_import_modules_that_users_have_installed() {
    let site = Site::new();
    let version = "import sys; print('%d.%d' % sys.version_info[:2])";
    let version = Command::new("python3").args(["-c", version]).output().unwrap().stdout;
    let version = String::from_utf8(version).unwrap();
    let folder = site.path(&format!("base/lib/python{}/site-packages", version.trim()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("installed_by_a_user.py"), "SEVEN = 7\n").unwrap();
    let program = "
try:
    import nobody_has_this
except ImportError:
    print_ln('nobody')
from installed_by_a_user import SEVEN
print_ln('%s', sint(SEVEN).reveal())
exit()
";
    site.program("main", program);
    let mut command = Command::new(env!("CARGO_BIN_EXE_compile-run"));
    command.args(["-q", "emulate", "main"]).env("PYTHONUSERBASE", site.path("base"));
    assert_eq!(site.start(&mut command).succeed().stdout, "nobody\n7\n");
}

/// A product has a register of its own where its factors are needed later, or are one.
#[test]
fn a_long_product_takes_the_register_of_a_factor_that_ends() {
    let site = Site::new();
    let text = "\
n = int(program.args[1])
a, b = sint(regint.inc(n)), sint(regint.inc(n, 5))
c = a * b
d = c * a
e = d * d
f = e * b
print_ln('%s', f[n - 1].reveal())
";
    site.program("products", text);
    let registers = |n: u32| {
        site.caucus(&format!("compile products {n}")).succeed();
        let text = site.caucus(&format!("disassemble products-{n}.cbc")).succeed().stdout;
        let line = text.lines().find(|line| line.trim().starts_with("lanes s")).unwrap();
        line.split_whitespace().filter(|word| word.ends_with(&format!(":{n}"))).count()
    };
    // Two factors, both of which are needed behind the first product.
    assert_eq!(registers(65_536), 3);
    // Shorter ones are not worth it.
    assert_eq!(registers(65_535), 4);
}
