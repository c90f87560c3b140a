//! A `systemd-resolved` on a host, with a message bus, a `/run` and a host name of its own, and `resolvectl` to ask
//! it. No systemd is needed: it is started by hand, and multicast DNS is switched on for the interface by the bus.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::bus::{Bus, Client, Object};
use super::lan::Host;
use super::process::{Ended, Process};

const START: Duration = Duration::from_secs(15);
/// It has no event to wait for by a program: what it knows is asked for again after this time.
const PAUSE: Duration = Duration::from_millis(50);

pub struct Resolved {
    // The daemon stops before its bus does.
    pub daemon: Process,
    client: Client,
    bus: Bus,
    host: Host,
}

/// Where distributions put a daemon that is not for people to start.
pub fn program() -> Option<&'static Path> {
    ["/usr/lib/systemd/systemd-resolved", "/lib/systemd/systemd-resolved"]
        .into_iter()
        .map(Path::new)
        .find(|path| path.is_file())
}

impl Resolved {
    /// Starts it with multicast DNS on the host's first interface, where it claims `host_name` too.
    pub fn start(host: &Host, host_name: &str) -> Self {
        let bus = Bus::start(host);
        // Its paths are compiled in: it gets directories of its own there, and no name servers.
        let script = "mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /etc/systemd && \
             mount --bind /dev/null /etc/resolv.conf && echo \"$1\" >/proc/sys/kernel/hostname && \
             install -d -o systemd-resolve -g systemd-resolve /run/systemd/resolve && \
             printf '[Resolve]\\nMulticastDNS=yes\\nLLMNR=no\\nDNSStubListener=no\\nFallbackDNS=\\n' \
                 >/etc/systemd/resolved.conf && exec \"$0\"";
        let program = program().expect("asked for by the test's needs");
        let mut command = host.command("unshare");
        command.args(["--mount", "--uts", "sh", "-c", script]).arg(program).arg(host_name);
        command.env("SYSTEMD_LOG_TARGET", "console");
        bus.lend(&mut command);
        let daemon = host.start_command(command);
        let client = bus.connect(host);
        let resolved = Self { daemon, client, bus, host: host.clone() };
        // The first answer on the bus says that it is there.
        resolved.wait("systemd-resolved takes the interface", START, || {
            resolved.run(&["mdns", &host.interface().name, "yes"]).status.success().then_some(())
        });
        resolved
    }

    /// Publishes a service on its host name; returns where on the bus it is. `txt` is its one TXT attribute.
    pub fn publish(&mut self, instance: &str, service_type: &str, port: u16, txt: (&str, &str)) -> String {
        let txt = json!([[[txt.0, txt.1.as_bytes()]]]);
        // A name for it on the bus, the one that people see, then port, priority and weight.
        let arguments = json!(["service", instance, service_type, port, 0, 0, txt]);
        self.call("RegisterService", "sssqqqaa{say}", &arguments).as_str().expect("a path").to_owned()
    }

    /// Ends a service.
    pub fn withdraw(&mut self, service: &str) {
        self.call("UnregisterService", "o", &json!([service]));
    }

    /// Gives the host another name.
    pub fn set_host_name(&self, name: &str) {
        let script = "echo \"$1\" >/proc/sys/kernel/hostname";
        let pid = self.daemon.id().to_string();
        let ended =
            self.host.run("nsenter", &["--target", &pid, "--mount", "--uts", "sh", "-c", script, "sh", name]);
        assert!(ended.status.success(), "{}", ended.stderr);
    }

    fn call(&mut self, member: &str, signature: &str, arguments: &Value) -> Value {
        let manager = Object {
            destination: "org.freedesktop.resolve1",
            path: "/org/freedesktop/resolve1",
            interface: "org.freedesktop.resolve1.Manager",
        };
        self.client.call(&manager, member, signature, arguments)
    }

    /// `resolvectl query`: the data of the answers, in any order, without what stands behind them in a line.
    pub fn query(&self, arguments: &[&str]) -> Vec<String> {
        answers(&self.run(&[&["--legend=no"], arguments].concat()))
    }

    /// What it knows by itself, without asking the link.
    pub fn cached(&self, name: &str, rtype: &str) -> Vec<String> {
        self.query(&["--network=no", "--zone=no", "--type", rtype, "query", name])
    }

    /// `resolvectl service`: all that it prints.
    pub fn service(&self, instance: &str, service_type: &str) -> String {
        self.run(&["--legend=no", "service", instance, service_type, "local"]).stdout
    }

    /// Tries until it works.
    pub fn wait<T>(&self, what: &str, within: Duration, mut attempt: impl FnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + within;
        loop {
            if let Some(done) = attempt() {
                return done;
            }
            assert!(Instant::now() < deadline, "not seen in {within:?}: {what}");
            thread::sleep(PAUSE);
        }
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = self.host.command("resolvectl");
        command.arg("--no-pager").args(arguments);
        self.bus.lend(&mut command);
        // It gives up after eight seconds without an answer.
        self.host.start_command(command).end(Duration::from_secs(30))
    }
}

/// Of lines such as `kitchen-cam.local: 10.77.0.1 -- link: veth0` and `a.local IN TXT "path=/" -- link: veth0` what
/// stands before the two dashes.
fn answers(ended: &Ended) -> Vec<String> {
    let lines = ended.stdout.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| line.split(" -- ").next().unwrap_or_default().trim().to_owned()).collect()
}
