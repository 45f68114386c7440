//! One node of a party as a library.
