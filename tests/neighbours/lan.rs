//! Hosts on a link of their own: network namespaces, veth pairs and a bridge, gone when the value is.

use std::cell::{Cell, RefCell};
use std::ffi::OsStr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::process::{self, Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use super::needs::{self, Need};
use super::process::{Ended, Process};

/// What all namespaces of these tests are called at first; the process that made them follows.
const PREFIX: &str = "dotlocal-";

/// A number of links side by side, numbered from 0: bridges in one namespace, which no host lives in.
pub struct Lan {
    id: String,
    namespaces: RefCell<Vec<String>>,
    links: Cell<u8>,
    hosts: Cell<u8>,
    directory: PathBuf,
}

/// A machine on a [`Lan`], with its interfaces in the order in which it was attached.
#[derive(Clone)]
pub struct Host {
    name: String,
    namespace: String,
    number: u8,
    /// For the files of the programs on this host.
    pub directory: PathBuf,
    pub interfaces: Vec<Interface>,
}

#[derive(Clone)]
pub struct Interface {
    pub name: String,
    pub ipv4: Ipv4Addr,
    /// The link-local address.
    pub ipv6: Ipv6Addr,
}

impl Lan {
    /// `None`, with a line on standard error, where the machine lacks something of `needs`.
    pub fn new(needs: &[Need]) -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        static SWEEP: Once = Once::new();
        if !needs::are_met(needs) {
            return None;
        }
        SWEEP.call_once(sweep);
        let id = format!("{PREFIX}{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let directory = env::temp_dir().join(&id);
        fs::create_dir_all(&directory).expect("the temporary directory is writable");
        let namespaces = RefCell::default();
        let lan = Self { id, namespaces, links: Cell::new(0), hosts: Cell::new(0), directory };
        lan.add_namespace("links");
        Some(lan)
    }

    /// A new host on link 0, as `veth0`.
    pub fn host(&self, name: &str) -> Host {
        self.host_on(name, 0)
    }

    pub fn host_on(&self, name: &str, link: u8) -> Host {
        let namespace = self.add_namespace(name);
        self.hosts.set(self.hosts.get() + 1);
        let number = self.hosts.get();
        let directory = self.directory.join(name);
        fs::create_dir(&directory).expect("each host has a name of its own");
        let mut host = Host { name: name.to_owned(), namespace, number, directory, interfaces: Vec::new() };
        self.attach(&mut host, link);
        host
    }

    fn bridge(&self, link: u8) -> String {
        while self.links.get() <= link {
            let bridge = format!("br{}", self.links.get());
            // Snooping bridges hold multicast back until somebody sends membership queries, which nobody does here.
            self.bridge_side(&["link", "add", &bridge, "type", "bridge", "mcast_snooping", "0"]);
            self.bridge_side(&["link", "set", &bridge, "up"]);
            self.links.set(self.links.get() + 1);
        }
        format!("br{link}")
    }

    /// Makes the bridge of `link` one that sends multicast only to those who asked for it, and that asks them again all
    /// the time, with intervals much shorter than those of real ones.
    pub fn snoop(&self, link: u8) {
        self.snoop_and_ask(link, "1");
    }

    /// Makes the bridge of `link` one that takes note of who is in which group, and asks nobody.
    pub fn snoop_silently(&self, link: u8) {
        self.snoop_and_ask(link, "0");
    }

    fn snoop_and_ask(&self, link: u8, asks: &str) {
        let bridge = self.bridge(link);
        // In hundredths of a second.
        let settings = [
            ("mcast_query_interval", "200"),
            ("mcast_query_response_interval", "100"),
            ("mcast_startup_query_interval", "100"),
            ("mcast_last_member_interval", "50"),
            ("mcast_membership_interval", "500"),
            ("mcast_snooping", "1"),
            ("mcast_querier", asks),
        ];
        for (setting, value) in settings {
            self.bridge_side(&["link", "set", "dev", &bridge, "type", "bridge", setting, value]);
        }
    }

    /// The ports of the bridge of `link` that get what is sent to `group`.
    pub fn members(&self, link: u8, group: IpAddr) -> Vec<String> {
        let arguments = ["-n", &format!("{}-links", self.id), "mdb", "show", "dev", &self.bridge(link)];
        let output = Command::new("bridge").args(arguments).output().expect("the program bridge starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let group = format!("grp {group} ");
        let lines = text.lines().filter(|line| line.contains(&group));
        lines.filter_map(|line| Some(line.split_once(" port ")?.1.split(' ').next()?.to_owned())).collect()
    }

    /// A tap device on `link`, for a machine that is emulated where the bridges are; its cable is pulled and plugged in by
    /// [`plug_tap`](Self::plug_tap).
    pub fn tap(&self, name: &str, link: u8) {
        let bridge = self.bridge(link);
        self.bridge_side(&["tuntap", "add", "dev", name, "mode", "tap"]);
        self.bridge_side(&["link", "set", "dev", name, "master", &bridge, "up"]);
    }

    pub fn plug_tap(&self, name: &str, state: &str) {
        self.bridge_side(&["link", "set", "dev", name, state]);
    }

    /// Pulls a cable of `host`, or plugs it in again; the host sees its carrier go and come.
    pub fn plug(&self, host: &Host, interface: usize, state: &str) {
        self.bridge_side(&["link", "set", "dev", &port(host, interface), state]);
    }

    /// Has the other end of a cable of `host` on `link` from now on. Its carrier stays.
    pub fn move_to(&self, host: &Host, interface: usize, link: u8) {
        let bridge = self.bridge(link);
        self.bridge_side(&["link", "set", "dev", &port(host, interface), "master", &bridge]);
    }

    /// Pulls the cables of all of `hosts`, or plugs them in again, at one moment as far as Linux can.
    pub fn plug_all(&self, hosts: &[Host], state: &str) {
        let batch = self.directory.join("batch");
        let line = |host| format!("link set dev {} {state}\n", port(host, 0));
        fs::write(&batch, hosts.iter().map(line).collect::<String>()).expect("the directory is writable");
        self.bridge_side(&["-batch", &batch.display().to_string()]);
    }

    /// The name of the bridge's end of a host's cable.
    pub fn port(&self, host: &Host, interface: usize) -> String {
        port(host, interface)
    }

    /// Starts a program where the bridges are.
    pub fn start_at_bridge(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Process {
        let namespace = format!("{}-links", self.id);
        let (interfaces, directory) = (Vec::new(), self.directory.clone());
        Host { name: "links".to_owned(), namespace, number: 0, directory, interfaces }
            .start(program, arguments)
    }

    /// Plugs `host` into `link` with one more interface, and waits until both families work on it.
    pub fn attach(&self, host: &mut Host, link: u8) {
        let bridge = self.bridge(link);
        let name = format!("veth{}", host.interfaces.len());
        let port = port(host, host.interfaces.len());
        let (inside, outside) = (host.namespace.as_str(), format!("{}-links", self.id));
        ip(&[
            "link", "add", &name, "netns", inside, "type", "veth", "peer", "name", &port, "netns", &outside,
        ]);
        self.bridge_side(&["link", "set", "dev", &port, "master", &bridge, "up"]);
        // A second interface on the same link has an address of its own.
        let ipv4 = Ipv4Addr::new(10, 77, link, host.number + 100 * host.on(link));
        host.ip(&["addr", "add", &format!("{ipv4}/24"), "dev", &name]);
        host.ip(&["link", "set", "dev", &name, "up"]);
        let ipv6 = host.link_local(&name);
        host.interfaces.push(Interface { name, ipv4, ipv6 });
    }

    /// Lets the isolated hosts of link 0 not hear each other, as if a cable between two switches were pulled:
    /// their own interfaces notice nothing.
    pub fn isolate(&self, host: &Host, isolated: bool) {
        let state = if isolated { "on" } else { "off" };
        self.bridge_side(&["link", "set", "dev", &port(host, 0), "type", "bridge_slave", "isolated", state]);
    }

    fn add_namespace(&self, name: &str) -> String {
        // The first namespace of a machine makes the directory of them a mount point, which must not happen twice.
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let namespace = format!("{}-{name}", self.id);
        let guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        ip(&["netns", "add", &namespace]);
        drop(guard);
        self.namespaces.borrow_mut().push(namespace.clone());
        // Without duplicate address detection a link-local address can be used at once.
        let settings = "for which in all default; do \
             echo 0 >/proc/sys/net/ipv6/conf/$which/disable_ipv6; \
             echo 0 >/proc/sys/net/ipv6/conf/$which/accept_dad; done";
        ip(&["netns", "exec", &namespace, "sh", "-c", settings]);
        ip(&["-n", &namespace, "link", "set", "lo", "up"]);
        namespace
    }

    fn bridge_side(&self, arguments: &[&str]) {
        ip(&[&["-n", &format!("{}-links", self.id)], arguments].concat());
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        for namespace in self.namespaces.borrow().iter() {
            let _ = Command::new("ip").args(["netns", "del", namespace]).status();
        }
        let _ = fs::remove_dir_all(&self.directory);
    }
}

impl Host {
    pub fn interface(&self) -> &Interface {
        &self.interfaces[0]
    }

    /// How many interfaces were attached to `link`.
    fn on(&self, link: u8) -> u8 {
        self.interfaces.iter().filter(|interface| interface.ipv4.octets()[2] == link).count() as u8
    }

    pub fn ipv4(&self) -> Ipv4Addr {
        self.interface().ipv4
    }

    pub fn ipv6(&self) -> Ipv6Addr {
        self.interface().ipv6
    }

    /// A command for this host. It dies with the test's thread, even when the test program is killed.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace, "setpriv", "--pdeathsig", "KILL", "--"]);
        command.arg(program).env("LC_ALL", "C.UTF-8");
        command
    }

    pub fn start(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Process {
        let mut command = self.command(program);
        command.args(arguments);
        self.start_command(command)
    }

    /// Starts what [`command`](Self::command) gave.
    pub fn start_command(&self, command: Command) -> Process {
        let parts =
            command.get_args().skip_while(|part| *part != "--").skip(1).map(|part| part.to_string_lossy());
        // Scripts among the arguments begin with an empty line.
        let words: Vec<_> = parts.filter_map(|part| Some(part.lines().next()?.to_owned())).collect();
        Process::start(format!("[{}] {}", self.name, words.join(" ")), command)
    }

    pub fn run(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Ended {
        self.start(program, arguments).end(Duration::from_secs(20))
    }

    /// `ip` in this host's namespace.
    pub fn ip(&self, arguments: &[&str]) -> Output {
        ip(&[&["-n", &self.namespace], arguments].concat())
    }

    fn link_local(&self, interface: &str) -> Ipv6Addr {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let output = self.ip(&["-o", "-6", "addr", "show", "dev", interface, "scope", "link"]);
            let line = String::from_utf8_lossy(&output.stdout).into_owned();
            let address =
                line.split_once("inet6 ").and_then(|(_, rest)| rest.split('/').next()?.parse().ok());
            match address {
                Some(address) if !line.contains("tentative") => return address,
                _ => assert!(Instant::now() < deadline, "{interface} gets no link-local address: {line}"),
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The name of the bridge's end of a host's cable.
fn port(host: &Host, interface: usize) -> String {
    format!("port{}-{interface}", host.number)
}

fn ip(arguments: &[&str]) -> Output {
    let output = Command::new("ip").args(arguments).output().expect("the program ip starts");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ip {}: {message}", arguments.join(" "));
    output
}

/// Removes the namespaces and directories of test programs that were killed before they could.
fn sweep() {
    let is_orphan = |name: &str| {
        let owner = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        owner.is_some_and(|id| id.parse::<u32>().is_ok() && !Path::new("/proc").join(id).exists())
    };
    let listed =
        Command::new("ip").args(["netns", "list"]).output().map(|output| output.stdout).unwrap_or_default();
    for line in String::from_utf8_lossy(&listed).lines() {
        if let Some(name) = line.split(' ').next().filter(|name| is_orphan(name)) {
            let _ = Command::new("ip").args(["netns", "del", name]).status();
        }
    }
    for entry in fs::read_dir(env::temp_dir()).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(is_orphan) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
