//! python-zeroconf on a host: a browser and a publisher, each a short script that prints JSON lines.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use serde_json::Value;

use super::lan::Host;
use super::needs::python;
use super::process::Process;
use super::text::has_addresses;

const START: Duration = Duration::from_secs(15);

/// Arguments: version (`4`, `6` or `46`), service type.
const BROWSE: &str = r#"
import json, sys, time
from zeroconf import IPVersion, InterfaceChoice, ServiceBrowser, Zeroconf

version = {'4': IPVersion.V4Only, '6': IPVersion.V6Only, '46': IPVersion.All}[sys.argv[1]]
zeroconf = Zeroconf(interfaces=InterfaceChoice.All, ip_version=version)
service_type = sys.argv[2] + '.local.'

def tell(event, name, **more):
    print(json.dumps({'event': event, 'instance': name.removesuffix('.' + service_type), **more}), flush=True)

class Listener:
    def add_service(self, zeroconf, service_type, name):
        tell('added', name)
        self.look(zeroconf, service_type, name)

    def update_service(self, zeroconf, service_type, name):
        self.look(zeroconf, service_type, name)

    def remove_service(self, zeroconf, service_type, name):
        tell('removed', name)

    def look(self, zeroconf, service_type, name):
        info = zeroconf.get_service_info(service_type, name, 5000)
        if info is None:
            return tell('unresolved', name)
        txt = {key.decode(): None if value is None else value.decode() for key, value in info.properties.items()}
        tell('resolved', name, host=info.server.rstrip('.'), port=info.port, txt=txt,
             addresses=sorted(info.parsed_addresses()))

ServiceBrowser(zeroconf, service_type, Listener())
print(json.dumps({'event': 'browsing'}), flush=True)
time.sleep(3600)
"#;

/// Arguments: name, type as a number. Asks by both families, and prints what zeroconf's cache then has of it.
const LOOK: &str = r#"
import json, sys, time
from zeroconf import DNSOutgoing, DNSQuestion, InterfaceChoice, IPVersion, Zeroconf

name, rtype = sys.argv[1] + '.', int(sys.argv[2])
zeroconf = Zeroconf(interfaces=InterfaceChoice.All, ip_version=IPVersion.All)

def text(record):
    if hasattr(record, 'address'):
        import socket
        return socket.inet_ntop(socket.AF_INET if len(record.address) == 4 else socket.AF_INET6, record.address)
    return record.alias.rstrip('.')

for _ in range(10):
    query = DNSOutgoing(0)
    query.add_question(DNSQuestion(name, rtype, 1))
    zeroconf.send(query)
    time.sleep(0.4)
    found = sorted({text(record) for record in zeroconf.cache.entries_with_name(name) if record.type == rtype})
    if found:
        break
print(json.dumps({'event': 'looked', 'found': found}), flush=True)
"#;

/// No arguments. Prints the service types on the link.
const TYPES: &str = r#"
import json
from zeroconf import IPVersion, ZeroconfServiceTypes
types = ZeroconfServiceTypes.find(timeout=3, ip_version=IPVersion.All)
print(json.dumps({'event': 'types', 'found': [name.removesuffix('.local.') for name in types]}), flush=True)
"#;

/// Arguments: version, service type, instance, port, host name, whether to rename (`yes`), TXT as JSON, addresses.
/// SIGTERM withdraws the service.
const PUBLISH: &str = r#"
import ipaddress, json, signal, sys, threading
from zeroconf import IPVersion, InterfaceChoice, NonUniqueNameException, ServiceInfo, Zeroconf

version, service_type, instance, port, host, rename, txt, *addresses = sys.argv[1:]
service_type += '.local.'
asked = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: asked.set())
version = {'4': IPVersion.V4Only, '6': IPVersion.V6Only, '46': IPVersion.All}[version]
zeroconf = Zeroconf(interfaces=InterfaceChoice.All, ip_version=version)
info = ServiceInfo(service_type, instance + '.' + service_type, port=int(port), server=host + '.',
                   properties=json.loads(txt), addresses=[ipaddress.ip_address(a).packed for a in addresses])
print(json.dumps({'event': 'ready'}), flush=True)
sys.stdin.readline()
try:
    zeroconf.register_service(info, allow_name_change=rename == 'yes')
except NonUniqueNameException:
    print(json.dumps({'event': 'taken', 'instance': instance}), flush=True)
    sys.exit(1)
print(json.dumps({'event': 'published', 'instance': info.name.removesuffix('.' + service_type)}), flush=True)
while not asked.wait(1):
    pass
zeroconf.unregister_service(info)
zeroconf.close()
"#;

pub struct Service<'a> {
    pub service_type: &'a str,
    pub instance: &'a str,
    pub port: u16,
    pub host: &'a str,
    /// A JSON object.
    pub txt: &'a str,
}

/// Browses by both families; returns once its sockets are open.
pub fn browse(host: &Host, service_type: &str) -> Process {
    browse_by("46", host, service_type)
}

/// `version` is `4`, `6` or `46`.
pub fn browse_by(version: &str, host: &Host, service_type: &str) -> Process {
    let mut browser = start(host, BROWSE, &[version, service_type]);
    browser.expect_json("zeroconf's start", START, |line| line["event"] == "browsing");
    browser
}

/// Publishes a service with the host's addresses. Returns the instance name that it got, or `None` when the name
/// was taken and `rename` is off.
pub fn publish(host: &Host, service: &Service<'_>, rename: bool) -> (Process, Option<String>) {
    let mut publisher = prepare(host, service, rename);
    publisher.write_line("publish");
    let got = expect_published(&mut publisher);
    (publisher, got)
}

/// Gets ready to publish a service with the host's addresses when it is given a line.
pub fn prepare(host: &Host, service: &Service<'_>, rename: bool) -> Process {
    let (port, ipv4, ipv6) = (service.port.to_string(), host.ipv4().to_string(), host.ipv6().to_string());
    let rename = if rename { "yes" } else { "no" };
    let Service { service_type, instance, host: name, txt, .. } = service;
    let mut publisher =
        start(host, PUBLISH, &["46", service_type, instance, &port, name, rename, txt, &ipv4, &ipv6]);
    publisher.expect_json("zeroconf's start", START, |line| line["event"] == "ready");
    publisher
}

/// The name that a service got, or `None` when it was taken and may not be changed.
pub fn expect_published(publisher: &mut Process) -> Option<String> {
    let line = publisher.expect_json("zeroconf's service", START, |line| line["event"].is_string());
    (line["event"] == "published").then(|| line["instance"].as_str().unwrap().to_owned())
}

/// What zeroconf's cache has of `name` after a question for it: addresses or names.
pub fn look(host: &Host, name: &str, rtype: u16) -> Vec<String> {
    let mut looker = start(host, LOOK, &[name, &rtype.to_string()]);
    texts(&looker.expect_json("zeroconf's answers", START, |line| line["event"] == "looked"))
}

/// The service types that zeroconf finds.
pub fn types(host: &Host) -> Vec<String> {
    texts(
        &start(host, TYPES, &[])
            .expect_json("zeroconf's list of types", START, |line| line["event"] == "types"),
    )
}

fn texts(line: &Value) -> Vec<String> {
    line["found"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Waits for an event about `instance`.
pub fn expect(browser: &mut Process, event: &str, instance: &str, within: Duration) -> Value {
    let what = format!("zeroconf's {event} {instance}");
    browser.expect_json(&what, within, |line| line["event"] == event && line["instance"] == instance)
}

/// Waits until zeroconf has resolved `instance` with exactly these addresses.
pub fn expect_resolved(browser: &mut Process, instance: &str, ipv4: Ipv4Addr, ipv6: Ipv6Addr) -> Value {
    let wanted = [IpAddr::from(ipv4), IpAddr::from(ipv6)];
    browser.expect_json(&format!("zeroconf resolves {instance} to {wanted:?}"), START, |line| {
        line["event"] == "resolved" && line["instance"] == instance && has_addresses(line, &wanted)
    })
}

fn start(host: &Host, script: &str, arguments: &[&str]) -> Process {
    let python = python("zeroconf").expect("asked for by the test's needs");
    host.start(python, &[&["-c", script], arguments].concat())
}
