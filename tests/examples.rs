//! The examples as a person runs them: arguments, standard input, signals, and what they print.
//!
//! All of it on loopback; names carry the process id, so that runs side by side do not meet.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use compare::difference;
use example::example;
use running::{Running, each_line, json_lines, loopback, own, run, text, with};

#[path = "vectors/compare.rs"]
mod compare;
#[path = "vectors/example.rs"]
mod example;
#[path = "starting/running.rs"]
mod running;

#[test]
fn the_kitchen_cam_is_announced_found_and_lost_on_loopback() {
    let start = Instant::now();
    let output = run("kitchen_cam", &[], b"");
    let (shown, said) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{said}{shown}");
    assert!(start.elapsed() < Duration::from_secs(10));
    let mut lines = shown.lines();
    for step in [
        "camera  claims kitchen-cam.local",
        "camera  probe",
        "authority  kitchen-cam",
        "camera  announcement",
        "laptop  looks kitchen-cam",
        "laptop  query",
        "camera  answer",
        "laptop  has found Kitchen Cam",
        "camera  goodbye",
        "laptop  has lost Kitchen Cam",
    ] {
        assert!(lines.any(|line| line.contains(step)), "no line with \"{step}\" in its place:\n{shown}");
    }
}

#[test]
fn the_kitchen_cam_draws_what_went_over_the_wire() {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("kitchen_cam.svg");
    let output = run("kitchen_cam", &["--svg", file.to_str().unwrap()], b"");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let drawn = fs::read_to_string(&file).unwrap();
    assert!(drawn.starts_with("<svg ") && drawn.trim_end().ends_with("</svg>"));
    for label in [
        ">camera<",
        ">laptop<",
        ">probe  ? kitchen-cam",
        ">announcement  ! kitchen-cam",
        ">goodbye  ! kitchen-cam",
    ] {
        assert!(drawn.contains(label), "no {label} in the picture");
    }
    let nowhere = run("kitchen_cam", &["--svg", "/nowhere/at/all.svg"], b"");
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(text(&nowhere.stderr).starts_with("/nowhere/at/all.svg: "), "{}", text(&nowhere.stderr));
}

#[test]
fn the_kitchen_cam_fails_in_time_when_nobody_listens() {
    let start = Instant::now();
    let output = run("kitchen_cam", &["--mute-second"], b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(text(&output.stderr).starts_with("the laptop did not hear"), "{}", text(&output.stderr));
    assert!(!text(&output.stdout).contains("probe"), "nothing was received, so nothing may be shown");
}

#[test]
fn a_service_is_advertised_changed_and_withdrawn_under_the_eyes_of_a_browser() {
    let (host, instance) = (own("advertised"), own("Try.Me Cam"));
    let (addresses, kind) = (json!(["127.0.0.1", "::1"]), "_http._tcp");
    let browse = Running::start("browse", &[kind]);
    let mut advertise = Running::start(
        "advertise",
        &[
            "--hostname",
            &host,
            "--service",
            &format!("{instance}.{kind}:8080"),
            "--txt",
            "path=/",
            "--subtype",
            "_printer",
            "--service",
            &format!("{instance}._ipp._tcp:631"),
        ],
    );
    let host_name = format!("{host}.local");
    let full_name = format!("{}.{kind}.local", instance.replace('.', "\\.").replace(' ', "\\032"));
    advertise.expect(json!({"event": "probing", "name": host_name}));
    advertise.expect(json!({"event": "established", "name": full_name}));

    browse.expect(json!({"event": "found", "type": kind, "instance": instance}));
    let seen = |event: &str, host: &str, port: u16, txt: Value| {
        let about = json!({"event": event, "type": kind, "instance": instance});
        with(about, json!({"host": host, "port": port, "txt": txt}))
    };
    let resolved = browse.expect(seen("resolved", &host_name, 8080, json!([["path", "/"]])));
    let found = resolved["addresses"].as_array().unwrap();
    assert!(found.contains(&addresses[0]), "{resolved}");

    let by_subtype = Running::start("browse", &["_printer._sub._http._tcp"]);
    by_subtype.expect(seen("resolved", &host_name, 8080, json!([["path", "/"]])));
    Running::start("browse", &["--types"]).expect(json!({"event": "type", "type": "_ipp._tcp"}));

    advertise.tell(&format!("txt \"{instance}.{kind}\" path=/new \"note=a b\""));
    browse.expect(seen("updated", &host_name, 8080, json!([["path", "/new"], ["note", "a b"]])));
    for (wrong, sentence) in [
        ("link sideways".to_owned(), "\"link sideways\" is no command: write"),
        (format!("port \"{instance}\" 81"), "several services are called"),
        ("remove Nobody".to_owned(), "no service is called \"Nobody\""),
        ("hostname kitchen-cam.local".to_owned(), "a host name is one label"),
    ] {
        advertise.tell(&wrong);
        let said = advertise.sentences.recv_timeout(Duration::from_secs(5)).unwrap();
        assert!(said.starts_with(sentence), "{said}");
    }
    advertise.tell(&format!("port \"{instance}.{kind}\" 8081"));
    browse.expect(seen("updated", &host_name, 8081, json!([["path", "/new"], ["note", "a b"]])));

    let later = own("Later");
    advertise.tell(&format!("add {later}.{kind}:82"));
    browse.expect(json!({"event": "resolved", "instance": later, "port": 82, "txt": []}));
    advertise.tell(&format!("remove {later}"));
    browse.expect(json!({"event": "lost", "type": kind, "instance": later}));

    advertise.tell(&format!("hostname {host}-b"));
    let new_name = format!("{host}-b.local");
    advertise.expect(json!({"event": "established", "name": new_name}));
    browse.expect(seen("updated", &new_name, 8081, json!([["path", "/new"], ["note", "a b"]])));

    advertise.signal("-TERM");
    advertise.expect(json!({"event": "goodbye"}));
    assert!(advertise.child.wait().unwrap().success());
    browse.expect(json!({"event": "lost", "type": kind, "instance": instance}));
}

/// What people see: no JSON, and every cell below the head of its column.
#[test]
fn people_get_tidy_tables() {
    let (host, instance) = (own("tidy"), own("Tidy Küche"));
    let service = format!("{instance}._http._tcp:8080");
    let arguments = ["--hostname", &host, "--service", &service, "--txt", "path=/", "--txt", "note=a b"];
    let mut advertise = Running::start("advertise", &arguments);
    let name = format!("{}._http._tcp.local", instance.replace(' ', "\\032").replace('ü', "\\195\\188"));
    advertise.expect(json!({"event": "established", "name": name}));
    let loopback = loopback();
    let mut command = example("browse");
    command.args(["_http._tcp", "--interface", &loopback, "--for", "60"]);
    let mut browse = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = each_line(browse.stdout.take().unwrap(), |line| line);
    let next = || lines.recv_timeout(Duration::from_secs(15)).unwrap();
    let head = next();
    let columns = ["INSTANCE", "HOST", "PORT", "ADDRESSES", "TXT"]
        .map(|column| head.find(column).unwrap_or_else(|| panic!("{head}")));
    // Others may be on loopback too.
    let row = |event: &str| loop {
        let line = next();
        if line.starts_with(event) && line.contains(&instance) {
            return line;
        }
    };
    let cells = |line: &str| {
        let chars: Vec<char> = line.chars().collect();
        let ends = columns[1..].iter().copied().chain([usize::MAX]);
        let cell =
            |(&start, end): (&usize, usize)| chars.get(start..end.min(chars.len())).unwrap_or_default();
        columns
            .iter()
            .zip(ends)
            .map(|ends| cell(ends).iter().collect::<String>().trim().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(cells(&row("found")), [&instance, "", "", "", ""]);
    let (name, address) = (format!("{host}.local"), "127.0.0.1");
    assert_eq!(cells(&row("resolved")), [&instance, &name, "8080", address, "path=/"]);
    // The second string stands below the first, and a second address, if it is known by now, below that.
    let below = cells(&next());
    assert_eq!((&below[..3], below[4].as_str()), (["", "", ""].map(str::to_owned).as_slice(), "note=a b"));

    let resolve = run("resolve", &[&instance, "_http._tcp", "--interface", &loopback], b"");
    assert!(resolve.status.success());
    let mut shown = text(&resolve.stdout).lines();
    let (head, line) = (shown.next().unwrap(), shown.next().unwrap());
    assert_eq!(head.split_whitespace().collect::<Vec<_>>(), ["INSTANCE", "HOST", "PORT", "ADDRESSES", "TXT"]);
    assert!(line.starts_with(&format!("{instance}  {name}  8080  {address}")), "{line}");
    let before = line.split("path=/").next().unwrap();
    assert_eq!(head.find("TXT"), Some(before.chars().count()), "{head}\n{line}");

    advertise.tell(&format!("txt \"{instance}\" path=/new"));
    assert_eq!(cells(&row("updated"))[4], "path=/new");
    advertise.signal("-TERM");
    assert_eq!(cells(&row("lost")), [&instance, "", "", "", ""]);
    browse.kill().unwrap();
    browse.wait().unwrap();
}

/// As behind `| head`: neither output nor sentences have a reader any more.
#[test]
fn an_advertiser_whose_readers_have_left_goes_on_and_says_goodbye() {
    let (host, later, instance) = (own("unread"), own("still-there"), own("Unread Cam"));
    let browse = Running::start("browse", &["_http._tcp"]);
    let mut command = example("advertise");
    command.args(["--interface", &loopback(), "--log", "--hostname", &host]);
    command.args(["--service", &format!("{instance}._http._tcp:80")]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    let resolved = |host: &str| json!({"instance": instance, "host": format!("{host}.local")});
    browse.expect(with(resolved(&host), json!({"event": "resolved"})));
    writeln!(child.stdin.as_ref().unwrap(), "no command\nhostname {later}").unwrap();
    browse.expect(with(resolved(&later), json!({"event": "updated"})));
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    browse.expect(json!({"event": "lost", "instance": instance}));
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn an_interface_that_is_named_twice_is_one() {
    let (name, host) = (loopback(), own("twice"));
    let advertise = Running::start("advertise", &["--hostname", &host, "--interface", &name]);
    let line = advertise.expect(json!({"event": "established", "name": format!("{host}.local")}));
    assert_eq!(line.get("interface"), None, "{line}");
}

#[test]
fn a_time_without_end_is_one_too() {
    for arguments in [["--type=TXT"].as_slice(), &[]] {
        let long = ["nobody.example", "--server=127.0.0.1:1", "--timeout=1e19"];
        let output = run("lookup", &[&long, arguments].concat(), b"");
        assert_eq!(output.status.code(), Some(5), "{}", text(&output.stderr));
    }
}

#[test]
fn a_name_that_is_taken_is_changed_and_told() {
    let service = format!("{}._http._tcp", own("Taken"));
    let first =
        Running::start("advertise", &["--hostname", &own("first"), "--service", &format!("{service}:1")]);
    let name = format!("{service}.local");
    first.expect(json!({"event": "established", "name": name}));
    let second =
        Running::start("advertise", &["--hostname", &own("second"), "--service", &format!("{service}:2")]);
    let to = format!("{}\\032(2)._http._tcp.local", own("Taken"));
    second.expect(json!({"event": "renamed", "from": name, "to": to}));
    second.expect(json!({"event": "established", "name": to}));
    second.signal("-INT");
    second.expect(json!({"event": "goodbye"}));
}

#[test]
fn after_the_link_was_down_all_names_are_probed_for_again() {
    let host = own("resting");
    let mut advertise = Running::start("advertise", &["--hostname", &host]);
    let established = json!({"event": "established", "name": format!("{host}.local")});
    advertise.expect(established.clone());
    advertise.tell("link down");
    advertise.tell("link up");
    advertise.expect(json!({"event": "probing"}));
    advertise.expect(established);
}

#[test]
fn resolve_and_lookup_find_what_is_there_and_say_what_is_not() {
    let (host, instance) = (own("present"), own("Present"));
    let service = format!("{instance}._http._tcp:80");
    let arguments = ["--hostname", &host, "--service", &service, "--txt", "path=/"];
    let advertise = Running::start("advertise", &arguments);
    advertise.expect(json!({"event": "established", "name": format!("{instance}._http._tcp.local")}));
    let on_loopback = |name: &str, arguments: &[&str]| {
        run(name, &[arguments, &["--interface", &loopback(), "--json"]].concat(), b"")
    };

    let resolved = on_loopback("resolve", &[&instance, "_http._tcp"]);
    assert!(resolved.status.success());
    assert_eq!(json_lines(&resolved)[0]["host"], json!(format!("{host}.local")));
    let missing = on_loopback("resolve", &[&own("Missing"), "_http._tcp", "--timeout", "0.3"]);
    assert_eq!((missing.status.code(), &json_lines(&missing)[0]["kind"]), (Some(5), &json!("timeout")));

    let name = format!("{host}.local");
    let found = on_loopback("lookup", &[&format!("{}.", name.to_uppercase()), "8080", "--family", "4"]);
    let mut lines = json_lines(&found);
    assert!(found.status.success());
    let ttl_secs = lines[0]["ttl_secs"].take();
    assert!(ttl_secs == 120 || ttl_secs == 119, "a moment has passed since the answer: {ttl_secs}");
    let address = json!({"event": "address", "address": "127.0.0.1", "port": 8080, "ttl_secs": null});
    assert_eq!(lines[0], address);
    assert_eq!((&lines[1]["event"], &lines[1]["source"]), (&json!("done"), &json!("multicast")));
    let txt = on_loopback("lookup", &[&format!("{instance}._http._tcp.local"), "--type", "txt"]);
    let mut lines = json_lines(&txt);
    assert!(txt.status.success());
    let ttl_secs = lines[0]["ttl_secs"].take();
    assert!(ttl_secs == 4500 || ttl_secs == 4499, "{ttl_secs}");
    let name = format!("{instance}._http._tcp.local");
    assert_eq!(
        lines,
        [
            json!({"event": "record", "name": name, "type": "TXT", "ttl_secs": null, "data": "\"path=/\""}),
            json!({"event": "done", "name": name, "canonical_name": name, "source": "multicast"}),
        ]
    );
    let shown = run("lookup", &[&name, "--type", "SRV", "--interface", &loopback()], b"");
    assert!(
        text(&shown.stdout).ends_with(&format!(" s  SRV  0 0 80 {host}.local.\n")),
        "{}",
        text(&shown.stdout)
    );
    let missing = on_loopback("lookup", &[&format!("{}.local", own("missing")), "--timeout", "0.3"]);
    assert_eq!((missing.status.code(), &json_lines(&missing)[0]["kind"]), (Some(5), &json!("timeout")));
}

#[test]
fn literals_and_localhost_need_no_network() {
    let address = |address: &str| json!({"event": "address", "address": address, "port": 80, "ttl_secs": 0});
    for (name, addresses, source) in [
        ("192.0.2.7", [address("192.0.2.7")].as_slice(), "literal"),
        ("2001:DB8::1", &[address("2001:db8::1")], "literal"),
        ("fe80::1%eth0", &[address("fe80::1%eth0")], "literal"),
        ("localhost", &[address("::1"), address("127.0.0.1")], "local"),
    ] {
        let output = run("lookup", &[name, "80", "--json"], b"");
        let done = json!({"event": "done", "name": name, "canonical_name": name, "source": source});
        assert!(output.status.success());
        assert_eq!(json_lines(&output), [addresses, &[done]].concat());
    }
    let other_family = run("lookup", &["cam.example", "--server=::1", "--ipv4"], b"");
    assert_eq!(other_family.status.code(), Some(5));
    assert!(text(&other_family.stderr).ends_with("give one by --server\n"), "{}", text(&other_family.stderr));
    for (arguments, kind, status) in [
        (["192.0.2.7", "--family=6"].as_slice(), "no_data", 4),
        (&["two..dots.local"], "invalid_name", 2),
        (&["192.168.1"], "invalid_name", 2),
        (&["münchen.example"], "invalid_name", 2),
        (&["hidden.onion"], "name_not_found", 3),
        (&["192.0.2.7", "--type=AAAA"], "no_data", 4),
    ] {
        let output = run("lookup", &[arguments, &["--json"]].concat(), b"");
        assert_eq!((output.status.code(), &json_lines(&output)[0]["kind"]), (Some(status), &json!(kind)));
    }
    assert_eq!(text(&run("lookup", &["::1"], b"").stdout), "::1\n");
}

#[test]
fn a_wrong_argument_is_a_sentence_and_status_2() {
    for (name, arguments, words) in [
        ("decode", ["no-such-file"].as_slice(), "no-such-file: No such file"),
        ("decode", &[], "FILE"),
        ("browse", &[], "TYPE"),
        ("browse", &["http.tcp"], "write \"_http._tcp\""),
        ("browse", &["_http._tcp", "--for", "soon"], "write a number of seconds"),
        ("browse", &["_http._tcp", "--interface", "nosuch0"], "no network interface \"nosuch0\""),
        ("kitchen_cam", &["--interface", "nosuch0"], "no network interface \"nosuch0\""),
        (
            "lookup",
            &["cam.example", "--server", "::1", "--interface", "nosuch0"],
            "no network interface \"nosuch0\"",
        ),
        ("browse", &["_http._tcp", "--ipv4", "--ipv6"], "cannot be used with"),
        ("resolve", &["Cam", "_http._sctp"], "ends in \"._tcp\" or \"._udp\""),
        ("lookup", &["cam.local", "--family", "5"], "write 4 or 6"),
        ("lookup", &["cam.local", "--type", "NONE"], "no record type"),
        ("lookup", &["cam.local", "--type", "TXT", "--family", "4"], "cannot be used with"),
        ("lookup", &["cam.local", "70000"], "70000"),
        ("lookup", &["cam.example", "--server", "dns.example"], "write an address, such as 192.0.2.1"),
        ("lookup", &["cam", "--search", "two..dots"], "two..dots"),
        ("advertise", &["--hostname", "kitchen-cam.local"], "write \"kitchen-cam\""),
        ("advertise", &["--service", "Cam._http._tcp"], "write it as \"Kitchen Cam._http._tcp:8080\""),
        ("advertise", &["--service", "Cam._http._tcp:80", "--txt", "path"], "write it as path=/"),
        ("advertise", &["--txt", "a=b", "--service", "Cam._http._tcp:80"], "behind the --service"),
        ("kitchen_cam", &["--louder"], "--louder"),
    ] {
        let on_loopback = match name {
            "decode" | "kitchen_cam" => vec![],
            _ if arguments.contains(&"nosuch0") => vec![],
            _ => vec!["--interface".to_owned(), loopback()],
        };
        let arguments: Vec<&str> =
            arguments.iter().copied().chain(on_loopback.iter().map(String::as_str)).collect();
        let output = run(name, &arguments, b"");
        assert_eq!(output.status.code(), Some(2), "{name} {arguments:?}");
        assert!(text(&output.stderr).contains(words), "{name} {arguments:?}: {}", text(&output.stderr));
    }
    for name in ["kitchen_cam", "advertise", "browse", "resolve", "lookup", "decode"] {
        assert!(run(name, &["--help"], b"").status.success());
    }
}

/// A query for cam.local, its first label at the given length.
fn query(length: u8) -> Vec<u8> {
    [&[0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, length], b"cam\x05local\0\0\x01\x80\x01".as_slice()].concat()
}

#[test]
fn decode_reads_raw_messages_hex_text_and_containers() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(own("decode"));
    fs::create_dir_all(&folder).unwrap();
    let container: Vec<u8> =
        [query(3), query(0x43)].iter().flat_map(|m| [&[0, m.len() as u8], m.as_slice()].concat()).collect();
    fs::write(folder.join("raw"), query(3)).unwrap();
    fs::write(folder.join("two.dnsc"), &container).unwrap();
    fs::write(folder.join("cut.dnsc"), &container[..container.len() - 1]).unwrap();
    let decode = |file: &str, input: &str| {
        let mut command = example("decode");
        command.args(["--json", file]).current_dir(&folder).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let accepted = |file: &str| {
        json!({
            "file": file, "index": 0, "accepted": true, "id": 7, "flags": 256,
            "questions": [["cam.local", 1, 32769]], "records": [],
        })
    };

    assert_eq!(text(&decode("raw", "").stdout).trim_end(), accepted("raw").to_string());
    let hex: String = query(3).iter().map(|octet| format!("{octet:02X} ")).collect();
    assert_eq!(json_lines(&decode("-", &hex)), [accepted("-")]);
    let two = decode("two.dnsc", "");
    assert!(two.status.success());
    let lines = json_lines(&two);
    assert_eq!(lines[0], accepted("two.dnsc"));
    assert_eq!((&lines[1]["index"], &lines[1]["accepted"]), (&json!(1), &json!(false)));
    assert!(lines[1]["error"].as_str().unwrap().starts_with("octet 12:"), "{}", lines[1]);
    for (file, input, words) in [("cut.dnsc", "", "within message 1"), ("-", "abc", "odd number")] {
        let output = decode(file, input);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(words));
    }
    let shown = run("decode", &["-"], hex.as_bytes());
    let expected = [
        "; - 0",
        ";; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 7",
        ";; flags: rd; QUERY: 1, ANSWER: 0, AUTHORITY: 0, ADDITIONAL: 0",
        "",
        ";; QUESTION SECTION:",
        ";cam.local.\t\tIN\tA\t; QU",
    ];
    assert_eq!(text(&shown.stdout).lines().collect::<Vec<_>>(), expected);
    fs::remove_dir_all(folder).unwrap();
}

/// Messages of public captures, each file beside the lines that other decoders agree on.
#[test]
fn decode_agrees_with_other_decoders() {
    let Some(folder) = std::env::var_os("DOTLOCAL_CORPUS").map(PathBuf::from) else {
        eprintln!("skipped: DOTLOCAL_CORPUS names no folder with *.dnsc and *.jsonl.gz");
        return;
    };
    let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let containers: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|end| end == "dnsc")).collect();
    assert!(!containers.is_empty());
    for container in containers {
        let mut expected = String::new();
        let lines = fs::File::open(container.with_extension("jsonl.gz")).unwrap();
        GzDecoder::new(lines).read_to_string(&mut expected).unwrap();
        let mut command = example("decode");
        let output =
            command.arg("--json").arg(container.file_name().unwrap()).current_dir(&folder).output().unwrap();
        assert!(output.status.success());
        let decoded = json_lines(&output);
        for line in expected.lines() {
            let fields: Value = serde_json::from_str(line).unwrap();
            let got = &decoded[fields["index"].as_u64().unwrap() as usize];
            assert_eq!(difference(&fields, got), None, "{line}");
        }
    }
}
