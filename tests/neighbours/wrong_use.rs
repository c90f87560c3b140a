//! Wrong arguments and hopeless circumstances: a plain sentence and an exit status, never a panic.

use super::lan::Lan;
use super::needs::{self, Need};
use super::ours::{self, SOON};

#[test]
fn wrong_arguments_end_with_status_2() {
    let Some(lan) = Lan::new(&[]) else { return };
    let a = lan.host("a");
    // The word after the arguments must be in the message: what was wrong.
    let cases: [(&str, &[&str], &str); 12] = [
        ("advertise", &["--hostname", "kitchen-cam.local"], "kitchen-cam"),
        ("advertise", &["--hostname", ""], "name"),
        ("advertise", &["--hostname", &"x".repeat(64)], "63"),
        ("advertise", &["--hostname", "cam", "--service", "Cam.http.tcp:80"], "_http._tcp"),
        ("advertise", &["--hostname", "cam", "--service", "Cam._http._tcp:99999"], "99999"),
        ("advertise", &["--hostname", "cam", "--service", "Cam._http._tcp"], "_http._tcp"),
        ("advertise", &["--hostname", "cam", "--txt", "path=/"], "--service"),
        ("browse", &["http"], "_http._tcp"),
        ("browse", &["_http._tcp", "--for", "soon"], "soon"),
        ("resolve", &["Kitchen Cam"], "TYPE"),
        ("lookup", &["kitchen..local"], "kitchen..local"),
        ("lookup", &["kitchen-cam.local", "--family", "5"], "5"),
    ];
    for (example, arguments, word) in cases {
        let ended = ours::run(&a, example, arguments);
        let message = format!("{}{}", ended.stderr, ended.stdout);
        assert_eq!(ended.status.code(), Some(2), "{example} {arguments:?}: {message}");
        assert!(message.contains(word), "{example} {arguments:?} does not say {word:?}: {message}");
        assert!(!message.contains("panicked"), "{message}");
    }
}

#[test]
fn an_interface_that_is_not_there_is_named() {
    let Some(lan) = Lan::new(&[]) else { return };
    let a = lan.host("a");
    let cases: [(&str, &[&str]); 4] = [
        ("advertise", &["--hostname", "cam"]),
        ("browse", &["_http._tcp"]),
        ("resolve", &["Kitchen Cam", "_http._tcp"]),
        ("lookup", &["kitchen-cam.local"]),
    ];
    for (example, arguments) in cases {
        let ended = ours::run(&a, example, &[arguments, &["--interface", "nosuch0"]].concat());
        ours::assert_plain_failure(&ended, "nosuch0");
    }
}

#[test]
fn a_port_that_another_program_keeps_for_itself_is_told() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let a = lan.host("a");
    let script = "import socket, time\nkept = []\n\
         for family, address in ((socket.AF_INET, '0.0.0.0'), (socket.AF_INET6, '::')):\n \
         s = socket.socket(family, socket.SOCK_DGRAM)\n \
         if family == socket.AF_INET6: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)\n \
         s.bind((address, 5353))\n kept.append(s)\n\
         print('bound', flush=True)\ntime.sleep(3600)";
    let python = needs::python("").expect("asked for above");
    let mut keeper = a.start(python, &["-c", script]);
    keeper.expect("the port to be taken", SOON, |line| (line == "bound").then_some(()));
    let ended = ours::run(&a, "advertise", &["--hostname", "cam", "--interface", "veth0"]);
    ours::assert_plain_failure(&ended, "5353");
}
