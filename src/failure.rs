//! How a command ends when it does not succeed: an exit code and a message.

use std::fmt;

use anyhow::Error;

/// The exit codes that this crate chooses itself; docs/errors.md has all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// The command line or the program's text is wrong.
    Usage = 2,
    /// Configuration or identity.
    Configuration = 3,
    /// A peer was lost.
    PeerLost = 5,
    /// Out of a resource.
    Resource = 7,
    /// A fault of Caucus.
    Bug = 10,
}

/// An error that carries its exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) code: i32,
    /// What is shown, the cause first.
    pub(crate) message: String,
    /// What stands below: an excerpt of the program, a remedy. May be empty.
    pub(crate) details: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if self.details.is_empty() { Ok(()) } else { write!(f, "\n{}", self.details) }
    }
}

impl std::error::Error for Failure {}

/// An error with this code and message.
pub(crate) fn failure(code: Code, message: impl fmt::Display) -> Error {
    failure_with(code as i32, message)
}

/// An error with an exit code that another crate has chosen.
pub(crate) fn failure_with(code: i32, message: impl fmt::Display) -> Error {
    Failure { code, message: message.to_string(), details: String::new() }.into()
}

/// What an error says, followed by its causes as far as it does not say them itself.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text += &format!(": {more}");
        }
        cause = error.source();
    }
    text
}

/// The exit code of any error: what nobody classified is our fault.
pub(crate) fn exit_code(error: &Error) -> i32 {
    error.downcast_ref::<Failure>().map_or(Code::Bug as i32, |failure| failure.code)
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug)]
    struct Outer {
        text: &'static str,
        source: io::Error,
    }

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.text)
        }
    }

    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.source)
        }
    }

    #[test]
    fn causes_are_told_once() {
        let told = "cannot read the file: the disk is gone";
        for text in ["cannot read the file", told] {
            let source = io::Error::other("the disk is gone");
            assert_eq!(with_causes(&Outer { text, source }), told);
        }
    }
}
