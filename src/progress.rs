//! What a command tells on stderr while it works: lines that are renewed on a terminal, or events in JSON.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Map, Value, json};

use crate::failure::exit_code;

/// How progress is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(crate) enum Form {
    /// A line for each party, if stderr is a terminal
    #[default]
    Lines,
    /// One JSON object for each event, a line each
    Json,
}

/// Shows what is going on. In lines nothing is shown on anything but a terminal, except what goes through
/// [`Progress::line`] and [`Progress::notice`].
#[derive(Clone)]
pub(crate) struct Progress {
    all: MultiProgress,
    /// One line for each node, or one for this command, whose name is empty.
    lines: Arc<Mutex<BTreeMap<String, ProgressBar>>>,
    form: Form,
    quiet: bool,
    begin: Instant,
}

impl Progress {
    /// Lines only if `quiet` is not set; events are asked for, and shown in any case.
    pub(crate) fn new(form: Form, quiet: bool) -> Self {
        let all = MultiProgress::new();
        if quiet || form == Form::Json {
            all.set_draw_target(ProgressDrawTarget::hidden());
        }
        Self { all, lines: Arc::default(), form, quiet, begin: Instant::now() }
    }

    /// Says what this command does now.
    pub(crate) fn set(&self, text: impl Into<String>) {
        let text = text.into();
        match self.form {
            Form::Lines => self.show("", text),
            Form::Json => self.event("progress", json!({ "phase": "compiling", "text": text })),
        }
    }

    /// Says what a node does now, in words and, for events, in fields.
    pub(crate) fn phase(&self, node: &str, text: &str, fields: &Value) {
        match self.form {
            Form::Lines => self.show(node, format!("{node}: {text}")),
            Form::Json => {
                let mut event = fields.as_object().cloned().unwrap_or_default();
                event.insert("node".into(), node.into());
                event.insert("text".into(), text.into());
                self.event("progress", event.into());
            }
        }
    }

    fn show(&self, node: &str, text: String) {
        if self.all.is_hidden() {
            return;
        }
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        // What this command did before there were nodes is over.
        if !node.is_empty()
            && let Some(own) = lines.remove("")
        {
            own.finish_and_clear();
        }
        if let Some(line) = lines.get(node) {
            line.set_message(text);
            return;
        }
        let line = ProgressBar::new_spinner();
        let style = ProgressStyle::with_template("{spinner} {elapsed:>4} {msg}");
        line.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        // Nodes stand in their order, whichever speaks first.
        let place = lines.keys().filter(|other| other.as_str() < node).count();
        let line = self.all.insert(place, line);
        line.set_message(text);
        line.enable_steady_tick(Duration::from_millis(120));
        lines.insert(node.to_owned(), line);
    }

    /// Prints a whole line, above the lines that are renewed.
    pub(crate) fn line(&self, text: &str) {
        match self.form {
            Form::Lines => self.write(text),
            Form::Json => self.event("line", json!({ "text": text })),
        }
    }

    /// Prints what the user should know about a node, if there is nothing that would end the run.
    pub(crate) fn notice(&self, node: &str, text: &str) {
        match self.form {
            // Many texts begin with their node.
            Form::Lines if text.starts_with(node) => self.write(&format!("caucus: {text}")),
            Form::Lines => self.write(&format!("caucus: {node}: {text}")),
            Form::Json => self.event("notice", json!({ "node": node, "text": text })),
        }
    }

    /// Removes the lines and, where there are events, tells how the command ends. The result passes through.
    pub(crate) fn end<T>(&self, res: anyhow::Result<T>) -> anyhow::Result<T> {
        self.clear();
        if self.form == Form::Json {
            let (code, text) = match &res {
                Ok(_) => (0, String::new()),
                Err(error) => (exit_code(error), format!("{error:#}")),
            };
            self.event("end", json!({ "exit_code": code, "text": text }));
        }
        res
    }

    fn event(&self, event: &str, fields: Value) {
        let mut all = Map::new();
        all.insert("event".into(), event.into());
        all.insert("seconds".into(), self.begin.elapsed().as_secs_f64().into());
        all.extend(fields.as_object().cloned().unwrap_or_default());
        self.write(&Value::from(all).to_string());
    }

    fn write(&self, text: &str) {
        self.all.suspend(|| {
            // Nobody may be left to read it.
            let _ = writeln!(std::io::stderr(), "{text}");
        });
    }

    /// Whether there may be lines on the terminal.
    pub(crate) fn is_visible(&self) -> bool {
        !self.all.is_hidden()
    }

    /// Whether the user asked for silence.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Writes to stdout, above the lines that are renewed.
    pub(crate) fn output(&self, bytes: &[u8]) {
        self.all.suspend(|| {
            let mut stdout = std::io::stdout().lock();
            // Whoever reads the output may have gone away; the run goes on all the same.
            let _ = stdout.write_all(bytes).and_then(|()| stdout.flush());
        });
    }

    /// Removes the lines.
    pub(crate) fn clear(&self) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *lines).into_values().for_each(|line| line.finish_and_clear());
    }
}
