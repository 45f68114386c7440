//! Identities on disk, and whom they are taken for.
