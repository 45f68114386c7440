//! A thread's view of its peers: sending that never blocks, receiving with known lengths and time limits.

mod abort;
mod error;
mod link;
mod step;
mod wait;

pub use abort::AbortFlag;
pub use error::Error;
pub use link::Link;
pub use step::Step;
