//! A message bus for the daemons of one host, in place of the machine's own.

use std::fs;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use super::lan::Host;
use super::needs::python;
use super::process::Process;

const START: Duration = Duration::from_secs(15);

/// Argument: the path of the bus. Each line is a method call as JSON; the reply is a line too. What a connection has
/// registered with a daemon ends with the connection, so that the tools that make one call each do not suffice.
const CLIENT: &str = r#"
import itertools, json, os, socket, struct, sys

NUMBERS = {'y': 'B', 'q': 'H', 'i': 'i', 'u': 'I'}
ALIGNMENTS = {'y': 1, 'g': 1, 'q': 2, '(': 8, '{': 8}
bus = socket.socket(socket.AF_UNIX)
bus.connect(sys.argv[1])
incoming = bus.makefile('rb')
serials = itertools.count(1)

def pad(out, alignment):
    out.extend(bytes(-len(out) % alignment))

def first(signature):
    if signature[0] == 'a':
        inner, rest = first(signature[1:])
        return 'a' + inner, rest
    depth = 0
    for at, char in enumerate(signature):
        depth += (char in '({') - (char in ')}')
        if depth == 0:
            return signature[:at + 1], signature[at + 1:]

def put_all(out, signature, values):
    for value in values:
        kind, signature = first(signature)
        put(out, kind, value)

def put(out, kind, value):
    pad(out, ALIGNMENTS.get(kind[0], 4))
    if kind in NUMBERS:
        out.extend(struct.pack('=' + NUMBERS[kind], value))
    elif kind in ('s', 'o'):
        octets = value.encode()
        out.extend(struct.pack('=I', len(octets)) + octets + b'\0')
    elif kind[0] == 'a':
        length = len(out)
        out.extend(bytes(4))
        pad(out, ALIGNMENTS.get(kind[1], 4))
        start = len(out)
        for item in value:
            put(out, kind[1:], item)
        struct.pack_into('=I', out, length, len(out) - start)
    else:
        put_all(out, kind[1:-1], value)

def get(data, at, kind):
    at += -at % ALIGNMENTS.get(kind, 4)
    if kind in NUMBERS:
        return struct.unpack_from('=' + NUMBERS[kind], data, at)[0], at + struct.calcsize('=' + NUMBERS[kind])
    size, at = (data[at], at + 1) if kind == 'g' else get(data, at, 'u')
    return data[at:at + size].decode(), at + size + 1

def call(destination, path, interface, member, signature, arguments):
    fields, body, serial = bytearray(), bytearray(), next(serials)
    put_all(body, signature, arguments)
    for code, kind, value in ((1, 'o', path), (2, 's', interface), (3, 's', member), (6, 's', destination)):
        pad(fields, 8)
        fields.extend(bytes([code, 1]) + kind.encode() + b'\0')
        put(fields, kind, value)
    if signature:
        pad(fields, 8)
        fields.extend(b'\x08\x01g\0' + bytes([len(signature)]) + signature.encode() + b'\0')
    order = b'l' if sys.byteorder == 'little' else b'B'
    head = bytearray(order + bytes([1, 0, 1]) + struct.pack('=3I', len(body), serial, len(fields)))
    head.extend(fields)
    pad(head, 8)
    bus.sendall(head + body)
    while True:
        fixed = incoming.read(16)
        kind, (length, _, size) = fixed[1], struct.unpack_from('=3I', fixed, 4)
        head, body = incoming.read(size + -size % 8), incoming.read(length)
        at, found = 0, {}
        while at < size:
            at += -at % 8
            found[head[at]], at = get(head, at + 4, chr(head[at + 2]))
        if found.get(5) != serial:
            continue
        signature = found.get(8, '')
        value = get(body, 0, signature[0])[0] if signature else None
        return {'event': 'reply', 'value': value} if kind == 2 else {'event': 'error', 'name': found[4], 'message': value}

bus.sendall(b'\0AUTH EXTERNAL ' + str(os.getuid()).encode().hex().encode() + b'\r\n')
assert incoming.readline().startswith(b'OK ')
bus.sendall(b'BEGIN\r\n')
call('org.freedesktop.DBus', '/', 'org.freedesktop.DBus', 'Hello', '', [])
for line in sys.stdin:
    print(json.dumps(call(**json.loads(line))), flush=True)
"#;

pub struct Bus {
    _daemon: Process,
    path: String,
}

/// A connection to a bus.
pub struct Client(Process);

/// Where a method is.
pub struct Object<'a> {
    pub destination: &'a str,
    pub path: &'a str,
    pub interface: &'a str,
}

impl Bus {
    pub fn start(host: &Host) -> Self {
        let path = format!("{}/bus", host.directory.display());
        let file = format!("{}/bus.conf", host.directory.display());
        fs::write(&file, settings(&format!("unix:path={path}"))).expect("the host's directory is writable");
        let arguments = [&format!("--config-file={file}"), "--nofork", "--nopidfile", "--print-address"];
        let mut daemon = host.start("dbus-daemon", &arguments);
        daemon
            .expect("the address of the message bus", START, |line| line.starts_with("unix:").then_some(()));
        Self { _daemon: daemon, path }
    }

    /// Lets `command` take this bus for the system's.
    pub fn lend(&self, command: &mut Command) {
        command.env("DBUS_SYSTEM_BUS_ADDRESS", format!("unix:path={}", self.path));
    }

    pub fn connect(&self, host: &Host) -> Client {
        let python = python("").expect("asked for by the test's needs");
        Client(host.start(python, &["-c", CLIENT, &self.path]))
    }
}

impl Client {
    /// Calls a method; the result is the first value of the reply.
    pub fn call(&mut self, object: &Object<'_>, member: &str, signature: &str, arguments: &Value) -> Value {
        let Object { destination, path, interface } = object;
        let call = json!({
            "destination": destination, "path": path, "interface": interface,
            "member": member, "signature": signature, "arguments": arguments,
        });
        self.0.write_line(&call.to_string());
        let reply =
            self.0.expect_json(&format!("the reply to {member}"), START, |line| line["event"].is_string());
        assert_eq!(reply["event"], "reply", "{member}: {reply}");
        reply["value"].clone()
    }
}

/// Anybody may do anything: daemons that give up root come as a user of their own.
fn settings(address: &str) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>{address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
"#
    )
}
