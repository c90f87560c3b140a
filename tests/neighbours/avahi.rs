//! An Avahi daemon on a host, with a message bus and a `/run` of its own, and Avahi's tools to ask it.

use std::fs;
use std::net::IpAddr;
use std::time::Duration;

use super::lan::Host;
use super::process::Process;
use super::text::plain;

/// Probing takes a second; the rest is for a slow machine.
const START: Duration = Duration::from_secs(15);

pub struct Avahi {
    // The daemon stops before its bus does.
    pub daemon: Process,
    _bus: Process,
    host: Host,
    bus_address: String,
    /// The host name it ended up with, such as `neighbour.local`.
    pub host_name: String,
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
        let directory = host.directory.display();
        let bus_address = format!("unix:path={directory}/bus");
        let (bus_file, daemon_file) = (format!("{directory}/bus.conf"), format!("{directory}/avahi.conf"));
        fs::write(&bus_file, bus_settings(&bus_address)).expect("the host's directory is writable");
        fs::write(&daemon_file, daemon_settings(host_name, &host.interface().name)).expect("as before");

        let arguments = [&format!("--config-file={bus_file}"), "--nofork", "--nopidfile", "--print-address"];
        let mut bus = host.start("dbus-daemon", &arguments);
        bus.expect("the address of the message bus", START, |line| line.starts_with("unix:").then_some(()));

        // The paths of its socket and its static services are compiled in: it gets empty directories there.
        let script = "mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /etc/avahi && \
             exec avahi-daemon -f \"$0\" --no-drop-root --no-chroot --no-rlimits --no-proc-title";
        let mut command = host.command("unshare");
        command.args(["--mount", "sh", "-c", script, &daemon_file]);
        command.env("DBUS_SYSTEM_BUS_ADDRESS", &bus_address);
        let daemon = host.start_command(command);
        let mut avahi = Self { daemon, _bus: bus, host: host.clone(), bus_address, host_name: String::new() };
        avahi.host_name = avahi.expect_host_name(START);
        avahi
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
        let port = port.to_string();
        let arguments = [&["-s", instance, service_type, &port], txt].concat();
        let mut publisher = self.tool("avahi-publish", &arguments);
        let name = publisher.expect("the service's name", START, |line| {
            Some(line.strip_prefix("Established under name '")?.strip_suffix('\'')?.to_owned())
        });
        (publisher, name)
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

    fn tool(&self, program: &str, arguments: &[&str]) -> Process {
        let mut command = self.host.command(program);
        command.args(arguments).env("DBUS_SYSTEM_BUS_ADDRESS", &self.bus_address);
        self.host.start_command(command)
    }
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

fn bus_settings(address: &str) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>{address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
"#
    )
}

fn daemon_settings(host_name: &str, interface: &str) -> String {
    format!(
        "[server]\nhost-name={host_name}\nallow-interfaces={interface}\nuse-ipv4=yes\nuse-ipv6=yes\n\
         [wide-area]\nenable-wide-area=no\n\
         [publish]\npublish-hinfo=no\npublish-workstation=no\n"
    )
}
