//! What the tests need of the machine, and what happens where it is missing.

use std::env;
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;

use super::resolved;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Avahi,
    Zeroconf,
    Python,
    Dig,
    Resolved,
    Dnsmasq,
    Knot,
    Unbound,
    Tap,
    /// An emulator with a board in it, and a compiler for that.
    #[allow(dead_code, reason = "tests/embassy uses this file too")]
    Board,
}

/// Whether a test can run here. It says on standard error what is missing, or fails where nothing may be missing:
/// with `DOTLOCAL_NEIGHBOURS=require`, and with `CI=true` unless `DOTLOCAL_NEIGHBOURS=skip`.
pub fn are_met(needs: &[Need]) -> bool {
    let Some(missing) = missing(needs) else { return true };
    let wish = env::var("DOTLOCAL_NEIGHBOURS").unwrap_or_default();
    let in_ci = env::var("CI").is_ok_and(|value| value == "true");
    assert!(wish != "require" && !(in_ci && wish != "skip"), "the tests with neighbours need {missing}");
    let test = thread::current().name().unwrap_or("a test").to_owned();
    // Not `eprintln`, which libtest keeps back for tests that pass.
    let _ = stderr().write_all(format!("{test} skipped: it needs {missing}\n").as_bytes());
    false
}

fn missing(needs: &[Need]) -> Option<String> {
    if let Some(why) = no_namespaces() {
        return Some(why.to_owned());
    }
    let programs = needs.iter().flat_map(|need| match need {
        Need::Avahi => ["avahi-daemon", "avahi-browse", "dbus-daemon"].as_slice(),
        Need::Dig => &["dig"],
        Need::Resolved => &["resolvectl", "dbus-daemon", "install"],
        Need::Dnsmasq => &["dnsmasq"],
        Need::Knot => &["knotd"],
        Need::Unbound => &["unbound"],
        Need::Board => &["qemu-system-arm"],
        Need::Zeroconf | Need::Python | Need::Tap => &[],
    });
    if let Some(program) = programs.copied().find(|program| !on_path(program)) {
        return Some(format!("the program {program}"));
    }
    if needs.contains(&Need::Tap) && !Path::new("/dev/net/tun").exists() {
        return Some("a kernel with tap devices (/dev/net/tun)".to_owned());
    }
    if needs.contains(&Need::Resolved) && resolved::program().is_none() {
        return Some("systemd-resolved".to_owned());
    }
    if needs.contains(&Need::Board) && !has_compiler() {
        return Some("tools/bare-cargo and what it needs for thumbv7m-none-eabi".to_owned());
    }
    // The daemons' buses are spoken to by a script.
    let scripts = [Need::Python, Need::Avahi, Need::Resolved];
    if needs.iter().any(|need| scripts.contains(need)) && python("").is_none() {
        return Some("python3".to_owned());
    }
    (needs.contains(&Need::Zeroconf) && python("zeroconf").is_none())
        .then(|| "python3 with the package zeroconf".to_owned())
}

/// Why this machine or this user cannot make namespaces with links in them; tried once.
fn no_namespaces() -> Option<&'static str> {
    static ANSWER: OnceLock<Option<&'static str>> = OnceLock::new();
    *ANSWER.get_or_init(|| {
        if let Some(program) = ["ip", "setpriv", "unshare", "nsenter"].into_iter().find(|program| !on_path(program)) {
            return Some(match program {
                "ip" => "the program ip (package iproute2)",
                _ => "the programs setpriv, unshare and nsenter (package util-linux)",
            });
        }
        let trial = "ip link set lo up && ip link add b0 type bridge && ip link add v0 type veth peer name v1 \
             && mount -t tmpfs tmpfs /run";
        let tried = quiet(Command::new("unshare").args(["--net", "--mount", "sh", "-c", trial]));
        (!tried).then_some("root and a kernel that makes network namespaces, bridges and veth pairs")
    })
}

fn on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|directory| directory.join(program).is_file())
}

/// A Python that has `module`: the system's own first, since Debian's packages are for that one.
pub fn python(module: &str) -> Option<PathBuf> {
    let script = if module.is_empty() { String::new() } else { format!("import {module}") };
    ["/usr/bin/python3", "python3"]
        .into_iter()
        .find(|python| quiet(Command::new(python).args(["-c", &script])))
        .map(PathBuf::from)
}

/// Whether firmware can be compiled; tried once.
fn has_compiler() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    let bare_cargo = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/bare-cargo");
    *ANSWER.get_or_init(|| quiet(Command::new(bare_cargo).args(["thumbv7m-none-eabi", "which"])))
}

fn quiet(command: &mut Command) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
