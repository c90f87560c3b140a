//! The messages that are compared.

use std::path::Path;
use std::{env, fs};

use serde_json::Value;

use crate::{crafted, made, mutate};

/// Where a message is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Captured, and not part of the project.
    Corpus,
    /// The project's vectors.
    Vectors,
    /// Built and broken here.
    Made,
}

/// A message with the key under which an entry can name it: container and index.
#[derive(Clone, Debug)]
pub struct Message {
    pub source: Source,
    pub key: String,
    pub octets: Vec<u8>,
}

/// Whether the corpus is to be had.
pub fn has_corpus() -> bool {
    env::var_os("DOTLOCAL_CORPUS").is_some()
}

/// All messages of all sources.
pub fn all() -> Vec<Message> {
    let mut messages = corpus();
    messages.extend(vectors());
    messages.extend(numbered("crafted", Source::Made, crafted::messages()));
    messages.extend(numbered("made", Source::Made, made::messages()));
    messages.extend(numbered("broken", Source::Made, mutate::messages()));
    messages
}

fn numbered(container: &str, source: Source, octets: Vec<Vec<u8>>) -> impl Iterator<Item = Message> {
    octets.into_iter().enumerate().map(move |(index, octets)| Message {
        source,
        key: format!("{container}:{index}"),
        octets,
    })
}

/// The containers of the folder that `DOTLOCAL_CORPUS` names.
fn corpus() -> Vec<Message> {
    let Some(folder) = env::var_os("DOTLOCAL_CORPUS") else { return vec![] };
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("DOTLOCAL_CORPUS is no folder: {error}"))
        .map(|entry| entry.expect("the folder can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "dnsc"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "DOTLOCAL_CORPUS has no containers");
    let container = |path: &Path| {
        let octets = fs::read(path).expect("a container can be read");
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        numbered(&name, Source::Corpus, split(&octets)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(|path| container(path)).collect()
}

/// The messages of a container, each behind its length.
fn split(mut rest: &[u8]) -> Vec<Vec<u8>> {
    let mut messages = vec![];
    while let Some((length, behind)) = rest.split_first_chunk() {
        let (message, behind) = behind.split_at(usize::from(u16::from_be_bytes(*length)));
        messages.push(message.to_vec());
        rest = behind;
    }
    assert!(rest.is_empty(), "a container ends with a message");
    messages
}

/// The project's generated messages.
fn vectors() -> Vec<Message> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/generated.jsonl");
    let lines = fs::read_to_string(path).expect("the vectors can be read");
    let octets = |line: &str| {
        let line: Value = serde_json::from_str(line).expect("a vector is JSON");
        unhex(line["message"].as_str().expect("a vector has a message"))
    };
    numbered("vectors", Source::Vectors, lines.lines().map(octets).collect()).collect()
}

/// Octets of hexadecimal digits.
pub fn unhex(digits: &str) -> Vec<u8> {
    let octet = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits");
    (0..digits.len()).step_by(2).map(octet).collect()
}

/// Hexadecimal digits of octets.
pub fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
