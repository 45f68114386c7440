//! The progress line on stderr: only on a terminal, and never mixed with other output.

use std::io::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// One line that says what is going on. On anything but a terminal it shows nothing by itself;
/// lines that matter there too go through [`Progress::line`].
#[derive(Clone)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A line that is shown if stderr is a terminal and `quiet` is not set.
    pub(crate) fn new(quiet: bool) -> Self {
        let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
        let style = ProgressStyle::with_template("{spinner} {elapsed:>4} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        Self { bar }
    }

    /// Replaces what the line says.
    pub(crate) fn set(&self, text: impl Into<String>) {
        self.bar.set_message(text.into());
    }

    /// Prints a whole line above the progress line.
    pub(crate) fn line(&self, text: &str) {
        self.bar.suspend(|| {
            // Nobody may be left to read it.
            let _ = writeln!(std::io::stderr(), "{text}");
        });
    }

    /// Whether there is a line on the terminal.
    pub(crate) fn is_visible(&self) -> bool {
        !self.bar.is_hidden()
    }

    /// Writes to stdout, above the progress line.
    pub(crate) fn output(&self, bytes: &[u8]) {
        self.bar.suspend(|| {
            let mut stdout = std::io::stdout().lock();
            // Whoever reads the output may have gone away; the run goes on all the same.
            let _ = stdout.write_all(bytes).and_then(|()| stdout.flush());
        });
    }

    /// Removes the line.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
