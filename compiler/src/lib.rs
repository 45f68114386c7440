//! The compiler of Caucus: front end, passes, emission.
