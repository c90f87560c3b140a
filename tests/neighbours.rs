//! The crate's examples beside other mDNS implementations: Avahi, python-zeroconf, systemd-resolved and dig, and at DNS
//! servers: Knot DNS, Unbound and dnsmasq, each on a host of its own; and a microcontroller in an emulator beside Avahi.
//!
//! A host is a network namespace; a test makes its hosts and the link between them, and removes both at its end.
//! Nothing is sent on the networks of the machine. It takes root and the Debian packages `avahi-daemon avahi-utils
//! bind9-dnsutils dbus dnsmasq-base iproute2 knot python3-zeroconf qemu-system-arm systemd-resolved unbound`, and for the
//! microcontroller what `tools/bare-cargo` needs. Without them each test says on standard error what it lacks and passes;
//! with `DOTLOCAL_NEIGHBOURS=require`, or `CI=true`, it fails instead.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that does not find what it expects shall panic; the modules are this program's own"
)]

// What the tests stand on.
#[path = "neighbours/avahi.rs"]
mod avahi;
#[path = "neighbours/board.rs"]
mod board;
#[path = "neighbours/bus.rs"]
mod bus;
#[path = "neighbours/dig.rs"]
mod dig;
#[path = "neighbours/dns_servers.rs"]
mod dns_servers;
#[path = "neighbours/lan.rs"]
mod lan;
#[path = "neighbours/needs.rs"]
mod needs;
#[path = "neighbours/ours.rs"]
mod ours;
#[path = "neighbours/packets.rs"]
mod packets;
#[path = "neighbours/process.rs"]
mod process;
#[path = "neighbours/raw.rs"]
mod raw;
#[path = "neighbours/resolved.rs"]
mod resolved;
#[path = "neighbours/text.rs"]
mod text;
#[path = "neighbours/zeroconf.rs"]
mod zeroconf;

// The tests.
#[path = "neighbours/adapter.rs"]
mod adapter;
#[path = "neighbours/bad_input.rs"]
mod bad_input;
#[path = "neighbours/be_found.rs"]
mod be_found;
#[path = "neighbours/be_found_by_each.rs"]
mod be_found_by_each;
#[path = "neighbours/changes.rs"]
mod changes;
#[path = "neighbours/conflicts.rs"]
mod conflicts;
#[path = "neighbours/crowd.rs"]
mod crowd;
#[path = "neighbours/find.rs"]
mod find;
#[path = "neighbours/follow.rs"]
mod follow;
#[path = "neighbours/goodbyes.rs"]
mod goodbyes;
#[path = "neighbours/legacy.rs"]
mod legacy;
#[path = "neighbours/membership.rs"]
mod membership;
#[path = "neighbours/on_a_board.rs"]
mod on_a_board;
#[path = "neighbours/reflections.rs"]
mod reflections;
#[path = "neighbours/servers_agree.rs"]
mod servers_agree;
#[path = "neighbours/servers_fail.rs"]
mod servers_fail;
#[path = "neighbours/shared_port.rs"]
mod shared_port;
#[path = "neighbours/without_ours.rs"]
mod without_ours;
#[path = "neighbours/wrong_use.rs"]
mod wrong_use;
