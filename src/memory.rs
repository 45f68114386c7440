//! How the party processes keep their memory.
//!
//! A new page of memory costs the system more than filling it costs the machine. The allocator of glibc gives large
//! vectors back to the system as soon as they are freed, and takes new ones from it for the next instruction. Its
//! settings below keep freed memory for the next vector, let threads share it, and use huge pages where the system
//! allows it. They are read when a process starts, so they are given to it as a variable of the environment; other
//! allocators do not look at it.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// The variable that glibc reads.
pub(crate) const VARIABLE: &str = "GLIBC_TUNABLES";
/// What is set: no vector is too large to be kept, memory that is free is kept, threads share it, huge pages.
const SETTINGS: &str = "glibc.malloc.mmap_threshold=1099511627776:glibc.malloc.trim_threshold=1099511627776:\
                        glibc.malloc.arena_max=1:glibc.malloc.hugetlb=1";

/// The value of the variable for a party process; none if the user has chosen settings of the allocator.
pub(crate) fn settings() -> Option<OsString> {
    with_settings(std::env::var_os(VARIABLE).as_deref())
}

/// Starts this process again, in its place, if it was started without settings of the allocator. Returns if it has
/// them, or cannot be started: then it is slower.
pub(crate) fn restart_with_settings() {
    let (Some(settings), Ok(program)) = (settings(), std::env::current_exe()) else { return };
    let args = std::env::args_os().skip(1);
    let _ = Command::new(program).args(args).env(VARIABLE, settings).exec();
}

fn with_settings(users: Option<&OsStr>) -> Option<OsString> {
    match users {
        _ if !cfg!(target_env = "gnu") => None,
        None => Some(SETTINGS.into()),
        Some(users) if users.to_string_lossy().contains("glibc.malloc.") => None,
        Some(users) => Some([users, SETTINGS.as_ref()].join(OsStr::new(":"))),
    }
}

#[cfg(test)]
#[cfg(target_env = "gnu")]
mod tests {
    use super::*;

    #[test]
    fn what_the_user_has_set_stays() {
        assert_eq!(with_settings(None), Some(SETTINGS.into()));
        let other = with_settings(Some("glibc.rtld.nns=4".as_ref())).unwrap();
        assert_eq!(other.to_string_lossy(), format!("glibc.rtld.nns=4:{SETTINGS}"));
        assert_eq!(with_settings(Some("glibc.malloc.check=1".as_ref())), None);
        // A process with the settings is not started again.
        assert_eq!(with_settings(Some(&other)), None);
    }
}
