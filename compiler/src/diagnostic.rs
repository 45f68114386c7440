//! Faults of the user's program, shown with the source line and a caret.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use crate::ir::{Module, Position};

/// A fault in a program: what is wrong, where, and what to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostic {
    /// `E` and four digits; the first two digits after the `E` are the group.
    pub code: String,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// Source file as messages show it; empty if there is none.
    pub file: String,
    /// Line from 1; 0 if there is none.
    pub line: u32,
    /// First column and the column behind the last one, from 1, in characters.
    pub columns: Option<(u32, u32)>,
    /// How the program came to this place, the innermost call first.
    pub calls: Vec<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// The text of the line, if the file could be read.
    pub text: Option<String>,
    /// Python's own report, for those who ask for it.
    pub traceback: Option<String>,
}

impl Diagnostic {
    /// A fault at a position of a module.
    pub fn at(
        module: &Module,
        position: Position,
        code: &str,
        message: impl Into<String>,
    ) -> Box<Self> {
        let file = module.files.get(position.file as usize).filter(|_| position.line > 0);
        Box::new(Self {
            code: code.into(),
            message: message.into(),
            file: file.cloned().unwrap_or_default(),
            line: position.line,
            ..Self::default()
        })
    }

    /// The same with a remedy.
    #[must_use]
    pub fn with_help(mut self: Box<Self>, help: impl Into<String>) -> Box<Self> {
        self.help = Some(help.into());
        self
    }

    /// Looks the line's text up. `main` is the file that messages call `display`; other files are
    /// relative to it.
    pub(crate) fn read_source(&mut self, display: &str, main: &Path) {
        if self.line == 0 || self.text.is_some() {
            return;
        }
        let path = if self.file == display {
            main.to_path_buf()
        } else {
            main.parent().unwrap_or(Path::new("")).join(&self.file)
        };
        // A file that cannot be read costs the excerpt, not the message.
        if let Ok(bytes) = std::fs::read(path) {
            let source = String::from_utf8_lossy(&bytes);
            self.text = source.lines().nth(self.line as usize - 1).map(str::to_owned);
        }
    }

    /// The message with file, line, excerpt, caret and remedy, without a newline at the end.
    pub fn render(&self, color: bool) -> String {
        let mut group = Level::ERROR
            .primary_title(&self.message)
            .id(&self.code)
            .elements(Vec::<annotate_snippets::Element<'_>>::new());
        if !self.file.is_empty() {
            group = match &self.text {
                Some(text) => group.element(
                    Snippet::source(text)
                        .path(&self.file)
                        .line_start(self.line as usize)
                        .annotation(AnnotationKind::Primary.span(self.span(text))),
                ),
                None => group.element(Origin::path(&self.file).line(self.line as usize)),
            };
        }
        for call in &self.calls {
            group = group.element(Level::NOTE.message(call));
        }
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help));
        }
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let mut out = renderer.render(&[group]);
        if let Some(traceback) = &self.traceback {
            out.push_str("\n\n");
            out.push_str(traceback.trim_end());
        }
        out
    }

    /// What belongs below a message of a run that names the place already: the excerpt, if the file
    /// can be read, and the remedy. `main` is the main program's file.
    pub fn details(place: Option<&str>, main: &str, help: Option<&str>) -> String {
        let mut at = Self { help: help.map(str::to_owned), ..Self::default() };
        if let Some((file, line)) = place.and_then(|place| place.rsplit_once(':')) {
            (at.file, at.line) = (file.to_owned(), line.parse().unwrap_or(0));
            at.read_source(main, Path::new(main));
        }
        if at.text.is_none() {
            return help.map_or(String::new(), |help| format!("  = help: {help}"));
        }
        // The title and the place are left out.
        let rendered = at.render(false);
        rendered.lines().skip(2).collect::<Vec<_>>().join("\n")
    }

    /// The marked bytes of the line: the columns, or else everything but indentation.
    fn span(&self, text: &str) -> Range<usize> {
        let start = text.len() - text.trim_start().len();
        let end = text.trim_end().len().max(start);
        let byte = |column: u32| {
            let wanted = (column.max(1) - 1) as usize;
            text.char_indices().nth(wanted).map_or(text.len(), |(at, _)| at)
        };
        match self.columns {
            Some((first, behind)) if byte(first) < text.len() => {
                byte(first)..byte(behind.max(first + 1))
            }
            _ => start..end,
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.file.is_empty() {
            write!(f, "{}:{}: ", self.file, self.line)?;
        }
        write!(f, "{} [{}]", self.message, self.code)
    }
}

impl std::error::Error for Diagnostic {}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Diagnostic {
        Diagnostic {
            code: "E0201".into(),
            message: "a secret has no truth value".into(),
            file: "demo.mpc".into(),
            line: 7,
            columns: Some((4, 9)),
            calls: Vec::new(),
            help: Some("use x.if_else(a, b)".into()),
            text: Some("if x > 3:".into()),
            traceback: None,
        }
    }

    #[test]
    fn a_message_shows_line_caret_and_remedy() {
        let text = sample().render(false);
        let wanted = "error[E0201]: a secret has no truth value\n \
                      --> demo.mpc:7:4\n  |\n7 | if x > 3:\n  |    ^^^^^\n  |\n  \
                      = help: use x.if_else(a, b)";
        assert_eq!(text, wanted);
    }

    #[test]
    fn calls_stand_between_the_excerpt_and_the_remedy() {
        let calls = vec!["in f(), called in line 9".to_owned()];
        let text = Diagnostic { calls, ..sample() }.render(false);
        assert!(
            text.ends_with("  = note: in f(), called in line 9\n  = help: use x.if_else(a, b)")
        );
    }

    #[test]
    fn details_of_a_run_show_the_line_only_if_they_can() {
        let file = file!().rsplit_once("src/").unwrap().1;
        let main = format!("{}/src/{file}", env!("CARGO_MANIFEST_DIR"));
        let shown = Diagnostic::details(Some(&format!("{main}:1")), &main, Some("help"));
        let line = "1 | //! Faults of the user's program, shown with the source line and a caret.";
        assert!(shown.starts_with(&format!("  |\n{line}\n  | ^^^")), "{shown}");
        assert!(shown.ends_with("  = help: help"), "{shown}");
        assert_eq!(Diagnostic::details(Some("gone.mpc:1"), "gone.mpc", Some("h")), "  = help: h");
        assert_eq!(Diagnostic::details(None, "gone.mpc", None), "");
    }

    #[test]
    fn a_message_without_columns_marks_the_line() {
        let diagnostic = Diagnostic { columns: None, ..sample() };
        assert!(diagnostic.render(false).contains("| ^^^^^^^^^"));
    }

    #[test]
    fn columns_behind_the_line_do_no_harm() {
        for columns in [(0, 0), (9, 9), (10, 11), (400, 500), (5, 2)] {
            let text = Some("é = x ü".to_owned());
            let diagnostic = Diagnostic { columns: Some(columns), text, ..sample() };
            assert!(diagnostic.render(false).contains("demo.mpc:7"), "{columns:?}");
        }
    }

    #[test]
    fn a_message_without_source_names_the_place() {
        let diagnostic = Diagnostic { text: None, ..sample() };
        assert!(diagnostic.render(false).contains("demo.mpc:7"));
        let nowhere = Diagnostic { file: String::new(), line: 0, ..diagnostic };
        assert!(nowhere.render(false).starts_with("error[E0201]: a secret"));
    }
}
