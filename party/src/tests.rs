//! Whole runs within one process: parties as threads, TLS over the loopback interface, programs by hand.

mod files;
mod nodes;
mod parties;
mod programs;
mod world;
