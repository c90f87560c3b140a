//! What the examples share: arguments, sockets, signals, output.

#![allow(dead_code, reason = "each example uses its part")]

use std::fmt;
use std::process::ExitCode;

pub(crate) mod args;
pub(crate) mod command;
pub(crate) mod found;
pub(crate) mod input;
pub(crate) mod node;
pub(crate) mod output;
pub(crate) mod packet;
pub(crate) mod servers;
pub(crate) mod signals;
pub(crate) mod svg;
pub(crate) mod table;
pub(crate) mod timeline;
pub(crate) mod trace;

/// Why an example ends early: a sentence for standard error, and the exit status.
pub(crate) struct Failure {
    status: u8,
    sentence: String,
}

impl Failure {
    /// Something that is no fault of the arguments.
    pub(crate) fn new(sentence: impl fmt::Display) -> Self {
        Self { status: 1, sentence: sentence.to_string() }
    }

    /// Something in the arguments is wrong.
    pub(crate) fn argument(sentence: impl fmt::Display) -> Self {
        Self { status: 2, sentence: sentence.to_string() }
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}

/// The exit status of an example.
pub(crate) fn exit(result: Result<ExitCode, Failure>) -> ExitCode {
    result.unwrap_or_else(|failure| {
        output::say(failure.sentence);
        ExitCode::from(failure.status)
    })
}
