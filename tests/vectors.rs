//! Messages composed for this project, sound and broken, as `decode` reads them and as dnspython does.
//!
//! `tests/vectors/generate.py` makes both the messages and dnspython's lines, `tests/vectors/generated.jsonl`.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process;

use serde_json::{Value, json};

use compare::difference;
use example::example;

#[path = "vectors/compare.rs"]
mod compare;
#[path = "vectors/example.rs"]
mod example;

/// Each line is `{"about": words, "message": hex, "expected": the fields that decode is to print}`.
const VECTORS: &str = include_str!("vectors/generated.jsonl");

#[test]
fn decode_agrees_with_dnspython() {
    let vectors: Vec<Value> = VECTORS.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let decoded = decode(vectors.iter().map(|vector| unhex(vector["message"].as_str().unwrap())));
    assert_eq!(decoded.len(), vectors.len(), "a line for each message");

    let differences: Vec<String> = vectors
        .iter()
        .zip(&decoded)
        .filter_map(|(vector, got)| {
            Some(format!("{}: {}", vector["about"], difference(&vector["expected"], got)?))
        })
        .collect();
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));

    let accepted = vectors.iter().filter(|vector| vector["expected"]["accepted"] == json!(true)).count();
    assert!(accepted >= 300 && vectors.len() - accepted >= 100, "{accepted} of {} accepted", vectors.len());
}

/// The lines that `decode --json` prints for a container of these messages.
fn decode(messages: impl Iterator<Item = Vec<u8>>) -> Vec<Value> {
    let prefixed = |message: Vec<u8>| {
        let length = u16::try_from(message.len()).unwrap();
        [&length.to_be_bytes(), message.as_slice()].concat()
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = format!("vectors-{}.dnsc", process::id());
    fs::write(folder.join(&file), messages.flat_map(prefixed).collect::<Vec<u8>>()).unwrap();
    let output = example("decode").args(["--json", &file]).current_dir(folder).output().unwrap();
    fs::remove_file(folder.join(&file)).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let lines: Vec<Value> = output
        .stdout
        .split(|octet| *octet == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    for (index, line) in lines.iter().enumerate() {
        assert_eq!((&line["file"], &line["index"]), (&json!(file), &json!(index)));
        assert_eq!(line["accepted"] == json!(true), line.get("error").is_none(), "{line}");
    }
    lines
}

fn unhex(digits: &str) -> Vec<u8> {
    let octet = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(octet).collect()
}
