//! The rules that every run is held against. None of them reads the machine: they see what passes on the link, what
//! the applications ask for, and the events.

pub(crate) mod answers;
pub(crate) mod caches;
pub(crate) mod claims;
pub(crate) mod form;
pub(crate) mod holders;
