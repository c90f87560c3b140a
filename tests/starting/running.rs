//! Examples as processes: what goes into them and what comes out.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{self, Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::example::example;

/// Runs an example to its end, `input` on its standard input.
pub(crate) fn run(name: &str, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = example(name);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // One that ends without reading closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

pub(crate) fn text(octets: &[u8]) -> &str {
    std::str::from_utf8(octets).unwrap()
}

pub(crate) fn json_lines(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// An example that runs beside the test; killed with it.
pub(crate) struct Running {
    pub(crate) child: Child,
    input: ChildStdin,
    pub(crate) lines: Receiver<Value>,
    pub(crate) sentences: Receiver<String>,
}

impl Running {
    /// Starts it on loopback, with JSON lines.
    pub(crate) fn start(name: &str, arguments: &[&str]) -> Self {
        let mut command = example(name);
        command.args(arguments).args(["--interface", &loopback(), "--json"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let lines = each_line(child.stdout.take().unwrap(), |line| serde_json::from_str(&line).unwrap());
        let sentences = each_line(child.stderr.take().unwrap(), |line| line);
        Self { child, input, lines, sentences }
    }

    /// Waits for a line with these fields; others in between are passed over.
    pub(crate) fn expect(&self, fields: Value) -> Value {
        let deadline = Instant::now() + Duration::from_secs(15);
        let mut passed = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            if fields.as_object().unwrap().iter().all(|(key, value)| line.get(key) == Some(value)) {
                return line;
            }
            passed.push(line.to_string());
        }
        panic!("no {fields} came, but:\n{}", passed.join("\n"));
    }

    pub(crate) fn tell(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }

    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }
}

/// What `read` makes of each line, as it comes.
pub(crate) fn each_line<T: Send + 'static>(
    from: impl Read + Send + 'static,
    read: fn(String) -> T,
) -> Receiver<T> {
    let (sender, lines) = mpsc::channel();
    let from = BufReader::new(from);
    thread::spawn(move || from.lines().try_for_each(|line| sender.send(read(line.unwrap()))));
    lines
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn loopback() -> String {
    let interfaces = dotlocal::adapter::std::interfaces().unwrap();
    interfaces.into_iter().find(|interface| interface.loopback).unwrap().name
}

/// All fields of both.
pub(crate) fn with(mut object: Value, more: Value) -> Value {
    object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    object
}

/// A name that no other run uses.
pub(crate) fn own(name: &str) -> String {
    format!("{name}-{}", process::id())
}
