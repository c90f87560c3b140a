//! An Avahi daemon on a host, with a message bus and a `/run` of its own, and Avahi's tools to ask it.

use std::fs;
use std::net::IpAddr;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::bus::{Bus, Client, Object};
use super::lan::Host;
use super::process::Process;
use super::text::plain;

/// Probing takes a second; the rest is for a slow machine.
const START: Duration = Duration::from_secs(15);
/// The state of a group is asked for again after this time.
const PAUSE: Duration = Duration::from_millis(20);

pub struct Avahi {
    // The daemon stops before its bus does.
    pub daemon: Process,
    bus: Bus,
    host: Host,
    /// The host name it ended up with, such as `neighbour.local`.
    pub host_name: String,
}

/// Services and records that are published together, in ways that `avahi-publish` has no arguments for. Without its
/// connection they end.
pub struct Group {
    client: Client,
    path: String,
}

/// One line of `avahi-browse --parsable`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// `+` found, `=` resolved, `-` removed.
    pub event: char,
    pub interface: String,
    /// `IPv4` or `IPv6`: the family by which the answer came.
    pub protocol: String,
    pub instance: String,
    pub service_type: String,
    pub resolved: Option<Resolved>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    pub host: String,
    pub address: IpAddr,
    pub port: u16,
    /// The strings as Avahi prints them: each in double quotes, the last one first.
    pub txt: String,
}

impl Avahi {
    /// Starts Avahi with `host_name` on the host's first interface, and waits until it has a name.
    pub fn start(host: &Host, host_name: &str) -> Self {
        let mut avahi = Self::begin(host, host_name);
        avahi.host_name = avahi.expect_host_name(START);
        avahi
    }

    /// Starts it without waiting for its name, which it does not get while its interface is down.
    pub fn begin(host: &Host, host_name: &str) -> Self {
        let daemon_file = format!("{}/avahi.conf", host.directory.display());
        fs::write(&daemon_file, daemon_settings(host_name, &host.interface().name))
            .expect("the host's directory is writable");
        let bus = Bus::start(host);
        // The paths of its socket and its static services are compiled in: it gets empty directories there.
        let script = "mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /etc/avahi && \
             exec avahi-daemon -f \"$0\" --no-drop-root --no-chroot --no-rlimits --no-proc-title";
        let mut command = host.command("unshare");
        command.args(["--mount", "sh", "-c", script, &daemon_file]);
        bus.lend(&mut command);
        let daemon = host.start_command(command);
        Self { daemon, bus, host: host.clone(), host_name: String::new() }
    }

    /// The next name under which it says to be established.
    pub fn expect_host_name(&mut self, within: Duration) -> String {
        self.daemon.expect("Avahi's start or restart under a host name", within, |line| {
            let name = line.strip_prefix("Server startup complete. Host name is ")?;
            Some(name.split(". ").next()?.to_owned())
        })
    }

    /// Publishes a service and waits until it is established; returns the name that it got, too.
    pub fn publish(&self, instance: &str, service_type: &str, port: u16, txt: &[&str]) -> (Process, String) {
        self.publish_with(&[], instance, service_type, port, txt)
    }

    /// The same with more options of `avahi-publish`.
    pub fn publish_with(
        &self,
        options: &[&str],
        instance: &str,
        service_type: &str,
        port: u16,
        txt: &[&str],
    ) -> (Process, String) {
        let port = port.to_string();
        let arguments = [options, &["-s", instance, service_type, &port], txt].concat();
        let mut publisher = self.tool("avahi-publish", &arguments);
        let name = publisher.expect("the service's name", START, |line| {
            Some(line.strip_prefix("Established under name '")?.strip_suffix('\'')?.to_owned())
        });
        (publisher, name)
    }

    /// A group with nothing in it.
    pub fn group(&self) -> Group {
        let mut client = self.bus.connect(&self.host);
        let server = Object { destination: NAME, path: "/", interface: "org.freedesktop.Avahi.Server" };
        let path = client.call(&server, "EntryGroupNew", "", &json!([]));
        Group { client, path: path.as_str().expect("a path").to_owned() }
    }

    /// Gives the host another name; its services are published anew with it by those who keep them.
    pub fn set_host_name(&self, name: &str) {
        let ended = self.tool("avahi-set-host-name", &[name]).end(START);
        assert!(ended.status.success(), "{}", ended.stderr);
    }

    /// A browse that goes on, and resolves what it finds.
    pub fn browse(&self, service_type: &str) -> Process {
        self.tool("avahi-browse", &["--resolve", "--parsable", "--no-db-lookup", service_type])
    }

    /// Browses and resolves until everything that answers at once is there.
    pub fn browse_once(&self, service_type: &str) -> Vec<Row> {
        let arguments = ["--resolve", "--parsable", "--no-db-lookup", "--terminate", service_type];
        let ended = self.tool("avahi-browse", &arguments).end(START);
        ended.stdout.lines().filter_map(Row::parse).collect()
    }

    /// What is in Avahi's cache, resolved.
    pub fn cached(&self, service_type: &str) -> Vec<Row> {
        let arguments = ["--resolve", "--parsable", "--no-db-lookup", "--cache", service_type];
        let ended = self.tool("avahi-browse", &arguments).end(START);
        ended.stdout.lines().filter_map(Row::parse).collect()
    }

    /// Looks `name` up; Avahi waits five seconds for an answer.
    pub fn resolve(&self, name: &str, family: Family) -> Option<IpAddr> {
        let flag = match family {
            Family::V4 => "-4",
            Family::V6 => "-6",
        };
        let ended = self.tool("avahi-resolve", &[flag, "-n", name]).end(START);
        let (_, address) = ended.stdout.split_once('\t')?;
        address.trim().split('%').next()?.parse().ok()
    }

    /// Looks the name of `address` up; Avahi waits five seconds for an answer.
    pub fn reverse(&self, address: IpAddr) -> Option<String> {
        let ended = self.tool("avahi-resolve", &["-a", &address.to_string()]).end(START);
        Some(ended.stdout.split_once('\t')?.1.trim().to_owned())
    }

    fn tool(&self, program: &str, arguments: &[&str]) -> Process {
        let mut command = self.host.command(program);
        command.args(arguments);
        self.bus.lend(&mut command);
        self.host.start_command(command)
    }
}

impl Group {
    pub fn add_service(&mut self, instance: &str, service_type: &str, port: u16, txt: &[&str]) {
        let arguments = json!([ANY, ANY, 0, instance, service_type, "", "", port, octets(txt)]);
        self.call("AddService", "iiussssqaay", &arguments);
    }

    /// A record of class IN; `is_unique` is probed for and gets the cache-flush bit.
    pub fn add_record(&mut self, name: &str, rtype: u16, is_unique: bool, ttl_secs: u32, data: &[u8]) {
        let arguments = json!([ANY, ANY, u32::from(is_unique), name, 1, rtype, ttl_secs, data]);
        self.call("AddRecord", "iiusqquay", &arguments);
    }

    /// Publishes what was added, and waits until it is established.
    pub fn commit(&mut self) {
        self.call("Commit", "", &json!([]));
        let deadline = Instant::now() + START;
        while self.call("GetState", "", &json!([])) != ESTABLISHED {
            assert!(Instant::now() < deadline, "Avahi does not establish what was published");
            thread::sleep(PAUSE);
        }
    }

    pub fn update_txt(&mut self, instance: &str, service_type: &str, txt: &[&str]) {
        let arguments = json!([ANY, ANY, 0, instance, service_type, "", octets(txt)]);
        self.call("UpdateServiceTxt", "iiusssaay", &arguments);
    }

    /// Withdraws everything.
    pub fn reset(&mut self) {
        self.call("Reset", "", &json!([]));
    }

    fn call(&mut self, member: &str, signature: &str, arguments: &Value) -> Value {
        let interface = "org.freedesktop.Avahi.EntryGroup";
        let group = Object { destination: NAME, path: &self.path, interface };
        self.client.call(&group, member, signature, arguments)
    }
}

/// What Avahi is called on the bus.
const NAME: &str = "org.freedesktop.Avahi";
/// Every interface, and both families.
const ANY: i32 = -1;
/// The state of a group whose names have been probed for.
const ESTABLISHED: i32 = 2;

fn octets(txt: &[&str]) -> Vec<Vec<u8>> {
    txt.iter().map(|string| string.as_bytes().to_vec()).collect()
}

#[derive(Clone, Copy, Debug)]
pub enum Family {
    V4,
    V6,
}

impl Row {
    pub fn parse(line: &str) -> Option<Self> {
        // TXT comes last and may hold semicolons.
        let mut fields = line.splitn(10, ';');
        let mut next = || fields.next().map(str::to_owned);
        let event = next()?.parse().ok()?;
        let (interface, protocol) = (next()?, next()?);
        let (instance, service_type, _domain) = (plain(&next()?), next()?, next()?);
        let mut resolved = || {
            Some(Resolved {
                host: next()?,
                address: next()?.parse().ok()?,
                port: next()?.parse().ok()?,
                txt: next()?,
            })
        };
        Some(Self { event, interface, protocol, instance, service_type, resolved: resolved() })
    }

    /// Waits for a row of `browser` that satisfies `wanted`.
    pub fn expect(
        browser: &mut Process,
        what: &str,
        within: Duration,
        wanted: impl Fn(&Self) -> bool,
    ) -> Self {
        browser.expect(what, within, |line| Self::parse(line).filter(|row| wanted(row)))
    }
}

fn daemon_settings(host_name: &str, interface: &str) -> String {
    format!(
        "[server]\nhost-name={host_name}\nallow-interfaces={interface}\nuse-ipv4=yes\nuse-ipv6=yes\n\
         [wide-area]\nenable-wide-area=no\n\
         [publish]\npublish-hinfo=no\npublish-workstation=no\n"
    )
}
