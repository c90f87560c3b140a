//! The firmware of `examples/cortex-m3-qemu` on a board that QEMU emulates, with its Ethernet on a link of a [`Lan`].

use std::env;
use std::io::{Write, stderr};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use super::lan::Lan;
use super::process::Process;

/// The board has probed and announced two seconds after its start; the rest is for a slow machine.
const START: Duration = Duration::from_secs(15);

/// For a test that fails before it has ended its board.
const SECONDS: &str = "120";

const TARGET: &str = "thumbv7m-none-eabi";

pub struct Board {
    pub process: Process,
}

impl Board {
    pub const IPV4: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 250);
    pub const MAC: &str = "52:54:00:12:34:56";
    /// What follows from it.
    pub const IPV6: Ipv6Addr = Ipv6Addr::new(0xFE80, 0, 0, 0, 0x5054, 0x00FF, 0xFE12, 0x3456);
    /// Its port of the bridge.
    pub const TAP: &str = "tap0";

    /// Boots it on link 0, with a host name, a host to look up and a service type to browse, and waits until it runs.
    pub fn start(lan: &Lan, host_name: &str, find: &str, service_type: &str) -> Self {
        lan.tap(Self::TAP, 0);
        let address = format!("{}/24", Self::IPV4);
        let arguments = [host_name, &address, SECONDS, find, service_type].map(|word| format!(",arg={word}"));
        let semihosting = format!("enable=on,target=native{}", arguments.concat());
        let nic =
            format!("tap,ifname={},script=no,downscript=no,model=stellaris,mac={}", Self::TAP, Self::MAC);
        let image = image().display().to_string();
        let qemu = ["-M", "lm3s6965evb", "-display", "none", "-monitor", "none", "-serial", "stdio"];
        let more = ["-nic", &nic, "-semihosting-config", &semihosting, "-kernel", &image];
        let mut process = lan.start_at_bridge("qemu-system-arm", &[&qemu[..], &more].concat());
        process.expect("the board's first line", START, |line| line.starts_with("ready ").then_some(()));
        Self { process }
    }

    /// Waits for a line.
    pub fn expect(&mut self, line: &str) {
        self.process.expect(line, START, |said| (said == line).then_some(()));
    }

    /// Pulls its cable, or plugs it in again. The emulator has no PHY, so that the board is told by a letter.
    pub fn plug(&mut self, lan: &Lan, state: &str) {
        lan.plug_tap(Self::TAP, state);
        self.process.write_line(&state[..1]);
    }

    /// Has it say goodbye and end, which it must do well; tells what stack it took.
    pub fn end(mut self) {
        self.process.write_line("q");
        let ended = self.process.end(START);
        assert!(ended.status.success(), "{}: {}", ended.status, ended.stdout);
        let line = ended.stdout.lines().last().unwrap_or_default();
        let stack = line.split_once("stack: ").and_then(|(_, rest)| rest.strip_suffix(" octets"));
        let octets: u32 = stack.and_then(|octets| octets.parse().ok()).expect("the board's last line");
        assert!((1_000..MOST_STACK).contains(&octets), "{line}");
        let test = thread::current().name().unwrap_or("a test").to_owned();
        // Not `eprintln`, which libtest keeps back for tests that pass.
        let _ = stderr().write_all(format!("{test}: on the board: {line}\n").as_bytes());
    }
}

/// Compiles the firmware, once. It shares `core`, which may have to be built from source, with the probes.
fn image() -> &'static Path {
    static IMAGE: OnceLock<PathBuf> = OnceLock::new();
    IMAGE.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let target = root.join(env::var_os("CARGO_TARGET_DIR").unwrap_or("firmware/target".into()));
        let build = Command::new(root.join("tools/bare-cargo"))
            .args([TARGET, "build", "--release", "--quiet"])
            .env("CARGO_TARGET_DIR", &target)
            .current_dir(root.join("examples/cortex-m3-qemu"))
            .stdin(Stdio::null())
            .output()
            .expect("tools/bare-cargo starts");
        assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
        target.join(TARGET).join("release/cortex-m3-qemu")
    })
}

/// So that growth is a decision: it takes some 9,000.
const MOST_STACK: u32 = 12_000;
