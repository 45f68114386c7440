//! `caucus explain`: what the code of an error means.

use anyhow::Result;

use crate::failure::{Code, failure};

/// The page about errors; each code has a section.
const PAGE: &str = include_str!("../../docs/errors.md");
/// Begins the heading of a section about a code.
const HEADING: &str = "\n### ";

/// The sections about codes: heading and text.
fn sections() -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGE.split(HEADING).skip(1).filter_map(|part| part.split_once('\n'))
}

/// Prints the section about a code, or the list of all codes.
pub(super) fn run(code: Option<&str>) -> Result<()> {
    let Some(code) = code else {
        let list: String = sections().map(|(heading, _)| format!("{heading}\n")).collect();
        return super::print(list.as_bytes());
    };
    let wanted = format!("E{:0>4}", code.trim_start_matches(['E', 'e']));
    match sections().find(|(heading, _)| heading.starts_with(&wanted)) {
        Some((heading, text)) => {
            // The marks of code blocks are for Markdown: here indentation shows what is code.
            let mut shown = format!("{heading}\n");
            let mut code = false;
            for line in text.trim_end().lines() {
                if let Some(kind) = line.strip_prefix("```") {
                    code = !code;
                    shown += match kind {
                        "python wrong" => "Wrong:\n\n",
                        "python corrected" => "Corrected:\n\n",
                        _ => "",
                    };
                } else if code && !line.is_empty() {
                    shown += &format!("    {line}\n");
                } else {
                    shown += &format!("{line}\n");
                }
            }
            super::print(shown.as_bytes())
        }
        None => {
            let text = format!("there is no error `{code}`; `caucus explain` lists all of them");
            Err(failure(Code::Usage, text))
        }
    }
}
