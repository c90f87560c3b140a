//! A message bus for the daemons of one host, in place of the machine's own.

use std::fs;
use std::process::Command;
use std::time::Duration;

use super::lan::Host;
use super::process::Process;

const START: Duration = Duration::from_secs(15);

pub struct Bus {
    _daemon: Process,
    address: String,
}

impl Bus {
    pub fn start(host: &Host) -> Self {
        let address = format!("unix:path={}/bus", host.directory.display());
        let file = format!("{}/bus.conf", host.directory.display());
        fs::write(&file, settings(&address)).expect("the host's directory is writable");
        let arguments = [&format!("--config-file={file}"), "--nofork", "--nopidfile", "--print-address"];
        let mut daemon = host.start("dbus-daemon", &arguments);
        daemon
            .expect("the address of the message bus", START, |line| line.starts_with("unix:").then_some(()));
        Self { _daemon: daemon, address }
    }

    /// Lets `command` take this bus for the system's.
    pub fn lend(&self, command: &mut Command) {
        command.env("DBUS_SYSTEM_BUS_ADDRESS", &self.address);
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
