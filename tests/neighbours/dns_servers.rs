//! DNS servers that know the zones in `zones`, each on a host of its own, at port 53.

use std::fs;
use std::net::{IpAddr, Ipv6Addr};
use std::path::Path;
use std::time::Duration;

use super::lan::Host;
use super::process::Process;

const SOON: Duration = Duration::from_secs(15);

/// The zones, the last one to be signed.
const ZONES: [(&str, &str); 4] = [
    ("lab.example", include_str!("zones/lab.example.zone")),
    ("2.0.192.in-addr.arpa", include_str!("zones/2.0.192.in-addr.arpa.zone")),
    ("8.b.d.0.1.0.0.2.ip6.arpa", include_str!("zones/8.b.d.0.1.0.0.2.ip6.arpa.zone")),
    ("signed.example", include_str!("zones/signed.example.zone")),
];

/// Knot DNS, which has the zones and knows nothing else: it refuses other names, and asks nobody.
pub fn knot(host: &Host) -> Process {
    let directory = host.directory.display();
    let mut zones = String::new();
    for (domain, text) in ZONES {
        fs::write(host.directory.join(format!("{domain}.zone")), text).expect("the directory is writable");
        zones += &format!("  - domain: {domain}\n");
    }
    // The zone file stays as it is, and what is signed is nowhere but in memory.
    let text = format!(
        "server:\n    rundir: \"{directory}\"\n    listen: [ \"0.0.0.0@53\", \"::@53\" ]\n    \
             udp-workers: 1\n    tcp-workers: 1\n    background-workers: 1\n\
         log:\n  - target: stdout\n    any: info\n\
         database:\n    storage: \"{directory}\"\n    journal-db-max-size: 10M\n    kasp-db-max-size: 10M\n\
         policy:\n  - id: one\n    single-type-signing: on\n\
         template:\n  - id: default\n    storage: \"{directory}\"\n    \
             journal-content: none\n    zonefile-sync: -1\n\
         zone:\n{zones}    dnssec-signing: on\n    dnssec-policy: one\n"
    );
    let file = written(&host.directory, "knot.conf", &text);
    let mut server = started(host, "knotd", &["-c", &file], "server started");
    for (domain, _) in ZONES {
        let loaded = format!("[{domain}.] loaded");
        server.expect(&loaded, SOON, |line| line.contains(&loaded).then_some(()));
    }
    server
}

/// Unbound, which asks a server for what it does not know yet, as it does for people.
pub fn unbound(host: &Host, upstream: IpAddr) -> Process {
    // As its user the server cannot read where the tests have their files.
    let mut text = String::from(
        "server:\n    chroot: \"\"\n    username: \"\"\n    pidfile: \"\"\n    use-syslog: no\n    logfile: \"\"\n    \
         interface: 0.0.0.0\n    interface: ::\n    access-control: 0.0.0.0/0 allow\n    access-control: ::/0 allow\n    \
         module-config: iterator\n",
    );
    // It has zones of its own for addresses of documentation.
    ZONES.iter().for_each(|(domain, _)| text += &format!("    local-zone: \"{domain}.\" nodefault\n"));
    text += "remote-control:\n    control-enable: no\n";
    for (domain, _) in ZONES {
        text += &format!("stub-zone:\n    name: \"{domain}.\"\n    stub-addr: {upstream}\n");
    }
    let file = written(&host.directory, "unbound.conf", &text);
    started(host, "unbound", &["-d", "-c", &file], "start of service")
}

/// dnsmasq, which passes on what it is asked to `upstream`, if there is one, as home routers do.
pub fn dnsmasq(host: &Host, upstream: Option<IpAddr>, more: &[&str]) -> Process {
    let server = upstream.map(|upstream| format!("--server={upstream}"));
    let mut arguments =
        vec!["--keep-in-foreground", "--conf-file=/dev/null", "--no-hosts", "--no-resolv", "--pid-file="];
    arguments.extend(["--user=root", "--log-facility=-"]);
    arguments.extend(server.as_deref());
    arguments.extend(more);
    started(host, "dnsmasq", &arguments, "started, version")
}

/// Gives a host an address that is not of its link alone.
pub fn add_ipv6(host: &Host, last: u16) -> Ipv6Addr {
    let address = Ipv6Addr::new(0xFD77, 0, 0, 0, 0, 0, 0, last);
    host.ip(&["addr", "add", &format!("{address}/64"), "dev", &host.interface().name, "nodad"]);
    address
}

fn written(directory: &Path, name: &str, text: &str) -> String {
    let file = directory.join(name);
    fs::write(&file, text).expect("the directory is writable");
    file.display().to_string()
}

fn started(host: &Host, program: &str, arguments: &[&str], ready: &str) -> Process {
    let mut server = host.start(program, arguments);
    server.expect(ready, SOON, |line| line.contains(ready).then_some(()));
    server
}
