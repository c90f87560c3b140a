//! The example `lookup` as a person runs it, beside servers on loopback that the tests speak for.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::process::Command;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use example::example;
use server::{Server, nobody};

#[path = "vectors/example.rs"]
mod example;
#[path = "loopback/server.rs"]
mod server;

const A: u16 = 1;
const CNAME: u16 = 5;
const MX: u16 = 15;
const AAAA: u16 = 28;

const SERVFAIL: u16 = 2;
const NXDOMAIN: u16 = 3;
const REFUSED: u16 = 5;

/// Exit status, JSON lines, and what is on standard error.
fn lookup(servers: &[&str], arguments: &[&str]) -> (Option<i32>, Vec<Value>, String) {
    let mut command = example("lookup");
    command.args(arguments).arg("--json").args(servers.iter().flat_map(|server| ["--server", server]));
    let output = command.output().unwrap();
    let text = |octets| String::from_utf8(octets).unwrap();
    let lines = text(output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (output.status.code(), lines, text(output.stderr))
}

fn v6(last: u8) -> Vec<u8> {
    [&[0x20, 1, 0xD, 0xB8], [0; 11].as_slice(), &[last]].concat()
}

/// A server that knows some addresses, aliases and mail.
fn server() -> String {
    let server = Server::new().serve(|name, qtype| {
        Some(match (name, qtype) {
            ("cam.example.", A) => (0, [7, 8].map(|last| (A, vec![192, 0, 2, last])).to_vec()),
            ("cam.example.", AAAA) => (0, vec![(AAAA, v6(7))]),
            ("www.example.", _) => (0, vec![(CNAME, b"\x03cam\x07example\0".to_vec())]),
            ("example.", MX) => (0, vec![(MX, b"\0\x0a\x03cam\x07example\0".to_vec())]),
            ("example.", _) => (0, vec![]),
            ("broken.example.", _) => (SERVFAIL, vec![]),
            _ => (NXDOMAIN, vec![]),
        })
    });
    server.to_string()
}

#[test]
fn addresses_come_in_the_order_to_try_with_the_name_that_they_are_of() {
    let server = server();
    let address =
        |address: &Value| json!({"event": "address", "address": address, "port": 80, "ttl_secs": null});
    for (name, family, count) in [("cam.example.", "4", 2), ("WWW.example", "4", 2), ("www.example", "6", 1)]
    {
        let (status, mut lines, _) = lookup(&[&server], &[name, "80", "--family", family]);
        assert_eq!((status, lines.len()), (Some(0), count + 1), "{lines:?}");
        let done = lines.pop().unwrap();
        let asked = name.trim_end_matches('.');
        let expected = json!({
            "event": "done", "name": asked, "canonical_name": "cam.example", "source": "unicast",
        });
        assert_eq!(done, expected);
        let expected = if family == "4" { ["192.0.2.7", "192.0.2.8"].as_slice() } else { &["2001:db8::7"] };
        for (mut line, expected) in lines.into_iter().zip(expected) {
            // On a real clock, of a machine that may have more to do.
            let ttl_secs = line["ttl_secs"].take();
            assert!((30..=60).contains(&ttl_secs.as_u64().unwrap()), "{ttl_secs}");
            assert_eq!(line, address(&json!(expected)));
        }
    }
    // Families take turns, or that which this machine has no use for comes last.
    let (_, lines, _) = lookup(&[&server], &["cam.example"]);
    let found: Vec<_> = lines.iter().filter_map(|line| line["address"].as_str()).collect();
    let orders = [["2001:db8::7", "192.0.2.7", "192.0.2.8"], ["192.0.2.7", "192.0.2.8", "2001:db8::7"]];
    assert!(orders.iter().any(|order| *order == *found), "{found:?}");
}

#[test]
fn records_of_a_type_are_shown_as_dig_shows_them() {
    let (status, mut lines, _) = lookup(&[&server()], &["Example", "--type", "mx"]);
    assert_eq!(status, Some(0));
    lines[0]["ttl_secs"].take();
    let record = json!({"event": "record", "name": "Example", "type": "MX", "ttl_secs": null, "data": "10 cam.example."});
    let done = json!({"event": "done", "name": "Example", "canonical_name": "Example", "source": "unicast"});
    let lower = |value: &Value| value.to_string().to_lowercase();
    assert_eq!(lines.iter().map(lower).collect::<Vec<_>>(), [lower(&record), lower(&done)]);
}

#[test]
fn each_failure_has_its_kind_and_its_exit_status() {
    let server = server();
    let silent = Server::new();
    let refusing = Server::new().serve(|_, _| Some((REFUSED, vec![]))).to_string();
    let (_holder, nobody) = nobody();
    let (silent, nobody) = (silent.address.to_string(), nobody.to_string());
    for (servers, arguments, kind, status, words) in [
        (
            [server.as_str()].as_slice(),
            ["nobody.example", "--family=4"].as_slice(),
            "name_not_found",
            3,
            "no such name",
        ),
        (&[&server], &["example", "--family=6"], "no_data", 4, "no address of this family"),
        (&[&server], &["broken.example", "--type=TXT"], "server_failure", 6, "SERVFAIL"),
        (&[&refusing], &["cam.example"], "server_failure", 6, "REFUSED"),
        (&[&refusing, &server], &["broken.example"], "server_failure", 6, "broken.example: "),
        (&[&silent], &["cam.example", "--timeout=0.5"], "timeout", 5, "none of 1 DNS server(s)"),
        (&[&nobody], &["cam.example"], "unreachable", 5, "can be reached"),
        (&[&server], &["cam.example", "--ipv6"], "unreachable", 5, "no DNS server"),
        (&[&nobody], &["two..dots"], "invalid_name", 2, "two..dots: "),
        (&[&nobody], &["münchen.example"], "invalid_name", 2, "xn--mnchen-3ya.example"),
        (&[&nobody], &["no.invalid"], "name_not_found", 3, "nobody was asked"),
    ] {
        let start = Instant::now();
        let (found_status, lines, _) = lookup(servers, arguments);
        let told = (lines.len(), &lines[0]["event"], &lines[0]["kind"], found_status);
        assert_eq!(told, (1, &json!("error"), &json!(kind), Some(status)), "{arguments:?} {lines:?}");
        assert!(lines[0]["message"].as_str().unwrap().contains(words), "{lines:?}");
        assert!(start.elapsed() < Duration::from_secs(5), "{arguments:?}: {:?}", start.elapsed());
    }
}

#[test]
fn when_a_server_is_not_there_or_fails_the_next_one_is_asked() {
    let (server, silent) = (server(), Server::new().address.to_string());
    let refusing = Server::new().serve(|_, _| Some((REFUSED, vec![]))).to_string();
    let (_holder, nobody) = nobody();
    for first in [&nobody.to_string(), &refusing, &silent] {
        let (status, lines, _) = lookup(&[first, &server], &["cam.example", "--family=6"]);
        assert_eq!((status, &lines[0]["address"]), (Some(0), &json!("2001:db8::7")), "{lines:?}");
    }
}

// R-SEARCH-1
#[test]
fn a_short_name_is_looked_for_in_the_domains_that_are_given() {
    for (typed, found_at, expected) in [
        ("cam", "cam.b.example.", &["cam.a.example.", "cam.b.example."][..]),
        ("x.cam", "x.cam.a.example.", &["x.cam.", "x.cam.a.example."]),
        ("cam", "cam.", &["cam.a.example.", "cam.b.example.", "cam."]),
        ("cam.", "cam.a.example.", &["cam."]),
    ] {
        for wanted in ["--family=4", "--type=A"] {
            let (tell, told) = mpsc::channel();
            let server = Server::new().serve(move |name, _| {
                tell.send(name.to_owned()).unwrap();
                Some(if name == found_at { (0, server::a(7)) } else { (NXDOMAIN, vec![]) })
            });
            let arguments = [typed, wanted, "--search", "a.example", "--search", "b.example."];
            let (status, lines, _) = lookup(&[&server.to_string()], &arguments);
            // Where the machine is busy a query is sent once more.
            let mut asked = Vec::new();
            for name in told.try_iter() {
                if !asked.contains(&name) {
                    asked.push(name);
                }
            }
            assert_eq!(asked, expected, "{lines:?}");
            let is_found = expected.last() == Some(&found_at);
            assert_eq!(status, Some(if is_found { 0 } else { 3 }), "{lines:?}");
            if is_found {
                let canonical_name = found_at.trim_end_matches('.');
                assert_eq!(lines[1]["canonical_name"], canonical_name);
                assert_eq!(lines[1]["name"], typed.trim_end_matches('.'));
            }
        }
    }
}

// R-SEARCH-1
#[test]
fn the_failure_that_tells_most_is_told_of_all_names_that_were_tried() {
    let server = Server::new().serve(|name, _| match name {
        "cam.a.example." => Some((0, vec![])),
        "light.a.example." => Some((SERVFAIL, vec![])),
        "lamp.a.example." => None,
        _ => Some((NXDOMAIN, vec![])),
    });
    for (typed, kind) in
        [("cam", "no_data"), ("light", "server_failure"), ("lamp", "timeout"), ("x", "name_not_found")]
    {
        for wanted in ["--family=4", "--type=A"] {
            let arguments = [typed, wanted, "--timeout=1", "--search", "b.example", "--search", "a.example"];
            let (_, lines, _) = lookup(&[&server.to_string()], &arguments);
            assert_eq!(lines[0]["kind"], kind, "{wanted} {lines:?}");
        }
    }
}

#[test]
fn the_log_shows_what_went_to_the_server_and_what_came() {
    let server = server();
    let (status, _, log) = lookup(&[&server], &["cam.example", "--family=4", "--log"]);
    assert_eq!(status, Some(0));
    for words in [format!("sent to {server}: "), format!("from {server} to us: "), "192.0.2.8".to_owned()] {
        assert!(log.contains(&words), "no \"{words}\" in:\n{log}");
    }
}

/// The source of random numbers and one socket fit beside the standard streams, the socket for the other family does not.
#[test]
fn a_machine_without_a_socket_left_says_so() {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 5; exec \"$0\" cam.example --server 127.0.0.1:5300 --json"]);
    let output = command.arg(example("lookup").get_program()).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), b"".as_slice()), "{text}");
    assert!(text.starts_with("cannot open a socket to ask DNS server 127.0.0.1:5300: "), "{text}");
}
