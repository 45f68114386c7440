//! The instruction table and the program container of Caucus.
