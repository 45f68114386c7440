//! Where a node finds private inputs, from the options of its command.

use std::path::{Path, PathBuf};

use anyhow::Result;
use caucus_party::{Inputs, PART, PARTY, PartSource};

use crate::cli::InputFiles;
use crate::failure::{Code, failure};

impl InputFiles {
    /// What the start of the names of input files is, unless an option in the form of MP-SPDZ gives it.
    pub(crate) fn prefix(&self, given: Option<&Path>) -> PathBuf {
        match (given, &self.input_dir) {
            (Some(prefix), _) => prefix.to_owned(),
            (None, Some(folder)) => folder.join("Input"),
            (None, None) => "Player-Data/Input".into(),
        }
    }

    /// Where parts are; a pattern for files with this prefix unless another one is given.
    ///
    /// # Errors
    /// A pattern that gives all parts the same name.
    pub(crate) fn parts(&self) -> Result<PartSource> {
        if let Some(file) = &self.input_manifest {
            return Ok(PartSource::Manifest(file.clone()));
        }
        match &self.input_parts {
            None => Ok(PartSource::Beside),
            Some(pattern) if pattern.contains(PART) => Ok(PartSource::Files(pattern.clone())),
            Some(pattern) => {
                let text = format!(
                    "--input-parts {pattern}: all parts would be the same file; write {PART} where the number of the \
                     part stands, and {PARTY} for that of the party"
                );
                Err(failure(Code::Usage, text))
            }
        }
    }

    /// All of it.
    ///
    /// # Errors
    /// As [`parts`](Self::parts).
    pub(crate) fn all(&self, prefix: PathBuf, interactive: bool) -> Result<Inputs> {
        let parts = self.parts()?;
        Ok(Inputs { prefix, allow_extra: self.allow_extra_inputs, interactive, parts })
    }
}
