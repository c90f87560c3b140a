//! Prints DNS and mDNS messages from files: as `dig` does, of a broken one what is sound; or with `--json` as one
//! object a line.
//!
//! `cargo run --example decode -- FILE`, or `printf %s HEX | cargo run --example decode -- -`

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use dotlocal::wire::Message;
use serde_json::json;

use common::output::Output;
use common::{Failure, packet};

mod common;

/// Prints DNS and mDNS messages.
#[derive(Parser)]
struct Cli {
    /// A raw message, a message as hex text ("-" for standard input), or a container: a file .dnsc with messages
    /// each behind its length as 16-bit big-endian
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    common::exit(run(&Cli::parse()))
}

fn run(cli: &Cli) -> Result<ExitCode, Failure> {
    let output = Output::new(cli.json);
    for file in &cli.files {
        let shown = file.display().to_string();
        let messages = read(file).map_err(|reason| Failure::argument(format_args!("{shown}: {reason}")))?;
        for (index, octets) in messages.iter().enumerate() {
            print(&output, &shown, index, octets);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print(output: &Output, file: &str, index: usize, octets: &[u8]) {
    let message = Message::parse(octets);
    let text = || {
        let shown = match &message {
            Ok(message) => message.to_string(),
            Err(error) => format!(";; broken at {error}"),
        };
        format!("; {file} {index}\n{}", shown.trim_end())
    };
    // The header was looked at; now the whole message is walked once.
    match message.and_then(|message| message.check()) {
        Ok(checked) => output.line(
            || packet::json_behind(json!({"file": file, "index": index, "accepted": true}), &checked),
            text,
        ),
        Err(error) => output.line(
            || json!({"file": file, "index": index, "accepted": false, "error": error.to_string()}),
            text,
        ),
    }
}

/// The messages of one file.
fn read(file: &Path) -> Result<Vec<Vec<u8>>, String> {
    let octets = if file == Path::new("-") {
        let mut octets = Vec::new();
        io::stdin().read_to_end(&mut octets).map(|_| octets)
    } else {
        fs::read(file)
    };
    let octets = octets.map_err(|error| error.to_string())?;
    if file.extension().is_some_and(|extension| extension == "dnsc") {
        return unpack(&octets);
    }
    // A raw message whose octets are all hex digits would count tens of thousands of records.
    let text: Vec<u8> = octets.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect();
    if text.is_empty() || !text.iter().all(u8::is_ascii_hexdigit) {
        return Ok(vec![octets]);
    }
    Ok(vec![unhex(&text)?])
}

fn unpack(mut rest: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let mut messages = Vec::new();
    while !rest.is_empty() {
        let Some((message, behind)) = unpack_first(rest) else {
            return Err(format!("the container ends within message {}", messages.len()));
        };
        messages.push(message.to_vec());
        rest = behind;
    }
    Ok(messages)
}

fn unpack_first(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&length, rest) = octets.split_first_chunk()?;
    rest.split_at_checked(u16::from_be_bytes(length).into())
}

fn unhex(digits: &[u8]) -> Result<Vec<u8>, String> {
    let octet = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).ok().filter(|text| text.len() == 2);
        text.and_then(|text| u8::from_str_radix(text, 16).ok())
    };
    digits.chunks(2).map(octet).collect::<Option<_>>().ok_or_else(|| "an odd number of hex digits".to_owned())
}
