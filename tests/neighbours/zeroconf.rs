//! python-zeroconf on a host: a browser and a publisher, each a short script that prints JSON lines.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use serde_json::{Value, json};

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

found, end = [], time.monotonic() + 10
while not found and time.monotonic() < end:
    query = DNSOutgoing(0)
    query.add_question(DNSQuestion(name, rtype, 1))
    zeroconf.send(query)
    time.sleep(0.4)
    found = sorted({text(record) for record in zeroconf.cache.entries_with_name(name) if record.type == rtype})
print(json.dumps({'event': 'looked', 'found': found}), flush=True)
"#;

/// No arguments. Prints the service types on the link.
const TYPES: &str = r#"
import json, time
from zeroconf import IPVersion, ZeroconfServiceTypes
types, end = (), time.monotonic() + 10
while not types and time.monotonic() < end:
    types = ZeroconfServiceTypes.find(timeout=3, ip_version=IPVersion.All)
print(json.dumps({'event': 'types', 'found': [name.removesuffix('.local.') for name in types]}), flush=True)
"#;

/// Arguments: a JSON object. The line `publish` publishes the service, later lines are JSON objects: `txt` and `host`
/// change it, `instance` publishes it under another name. SIGTERM withdraws it.
const PUBLISH: &str = r#"
import ipaddress, json, signal, sys
from zeroconf import IPVersion, InterfaceChoice, NonUniqueNameException, ServiceInfo, Zeroconf

wanted = json.loads(sys.argv[1])
# The service type stands behind the subtype (RFC 6763 section 7.1).
service_type = wanted['type'].rpartition('._sub.')[2] + '.local.'
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
zeroconf = Zeroconf(interfaces=InterfaceChoice.All, ip_version=IPVersion.All)

def info():
    ttls = {} if wanted['ttl'] is None else {'host_ttl': wanted['ttl'], 'other_ttl': wanted['ttl']}
    return ServiceInfo(wanted['type'] + '.local.', wanted['instance'] + '.' + service_type, port=wanted['port'],
                       server=wanted['host'] + '.', properties=wanted['txt'],
                       addresses=[ipaddress.ip_address(a).packed for a in wanted['addresses']], **ttls)

def register(service):
    try:
        zeroconf.register_service(service, allow_name_change=wanted['rename'])
    except NonUniqueNameException:
        print(json.dumps({'event': 'taken', 'instance': wanted['instance']}), flush=True)
        sys.exit(1)
    print(json.dumps({'event': 'published', 'instance': service.name.removesuffix('.' + service_type)}), flush=True)

service = info()
print(json.dumps({'event': 'ready'}), flush=True)
sys.stdin.readline()
register(service)
try:
    for line in sys.stdin:
        change = json.loads(line)
        wanted.update(change)
        if 'instance' in change:
            zeroconf.unregister_service(service)
            service = info()
            register(service)
        else:
            service = info()
            zeroconf.update_service(service)
            print(json.dumps({'event': 'changed'}), flush=True)
finally:
    zeroconf.unregister_service(service)
    zeroconf.close()
"#;

#[derive(Clone, Copy)]
pub struct Service<'a> {
    /// With a subtype it is published under that alone.
    pub service_type: &'a str,
    pub instance: &'a str,
    pub port: u16,
    pub host: &'a str,
    /// A JSON object.
    pub txt: &'a str,
    /// Of all records; `None` for those that are usual.
    pub ttl_secs: Option<u32>,
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
    let Service { service_type, instance, port, host: name, txt, ttl_secs } = service;
    let txt: Value = serde_json::from_str(txt).expect("a JSON object");
    let wanted = json!({
        "type": service_type, "instance": instance, "port": port, "host": name, "txt": txt, "ttl": ttl_secs,
        "rename": rename, "addresses": [host.ipv4().to_string(), host.ipv6().to_string()],
    });
    let mut publisher = start(host, PUBLISH, &[&wanted.to_string()]);
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
