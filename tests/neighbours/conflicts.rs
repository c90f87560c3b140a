//! Two want one name: who comes second takes another.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::avahi::{Avahi, Family, Row};
use super::lan::{Host, Lan};
use super::needs::Need;
use super::ours::{self, INSTANCE, PORT, SERVICE_TYPE, SOON};
use super::packets::{self, Packet};
use super::process::Process;
use super::raw::{self, Datagram, Raw, labels, query, question};
use super::zeroconf::{self, Service};

// M-8.1-5, M-9-3
#[test]
fn avahi_has_our_host_name_so_we_take_another() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let avahi = Avahi::start(&b, "kitchen-cam");
    let mut cam = ours::start(&a, "advertise", &["--interface", "veth0", "--hostname", "kitchen-cam"]);
    ours::expect_renamed(&mut cam, "kitchen-cam.local", "kitchen-cam-2.local");
    ours::expect_established(&mut cam, "kitchen-cam-2.local");
    assert_eq!(avahi.resolve("kitchen-cam-2.local", Family::V4), Some(a.ipv4().into()));
    assert_eq!(avahi.resolve("kitchen-cam-2.local", Family::V6), Some(a.ipv6().into()));
    assert_eq!(ours::lookup(&a, "kitchen-cam.local", &["--family", "4"]), (Some(0), vec![b.ipv4().into()]));
}

#[test]
fn we_have_the_host_name_so_avahi_takes_another() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut cam = ours::advertise(&a, "kitchen-cam");
    let avahi = Avahi::start(&b, "kitchen-cam");
    assert_eq!(avahi.host_name, "kitchen-cam-2.local");
    assert_eq!(avahi.resolve("kitchen-cam.local", Family::V4), Some(a.ipv4().into()));
    assert_eq!(avahi.resolve("kitchen-cam.local", Family::V6), Some(a.ipv6().into()));
    assert_eq!(ours::lookup(&a, "kitchen-cam-2.local", &["--family", "4"]), (Some(0), vec![b.ipv4().into()]));
    expect_no_rename(&mut cam);
}

// M-8.1-5, M-9-3
#[test]
fn avahi_has_our_instance_name_so_we_take_another() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let avahi = Avahi::start(&b, "neighbour");
    let (_publisher, name) = avahi.publish(INSTANCE, SERVICE_TYPE, 8081, &[]);
    assert_eq!(name, INSTANCE);
    let _cam = advertise_renamed(&a);
    let mut browser = avahi.browse(SERVICE_TYPE);
    for (instance, host, port) in
        [(INSTANCE, "neighbour.local", 8081), ("Kitchen Cam (2)", "kitchen-cam.local", PORT)]
    {
        let row =
            Row::expect(&mut browser, instance, SOON, |row| row.event == '=' && row.instance == instance);
        let resolved = row.resolved.unwrap();
        assert_eq!((resolved.host.as_str(), resolved.port), (host, port));
    }
}

#[test]
fn we_have_the_instance_name_so_avahi_takes_another() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut cam = ours::advertise(&a, "kitchen-cam");
    let avahi = Avahi::start(&b, "neighbour");
    let (_publisher, name) = avahi.publish(INSTANCE, SERVICE_TYPE, 8081, &[]);
    assert_eq!(name, "Kitchen Cam #2");
    expect_no_rename(&mut cam);
}

// M-8.1-5, M-9-3
#[test]
fn zeroconf_has_our_instance_name_so_we_take_another() {
    let Some(lan) = Lan::new(&[Need::Zeroconf]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let (_publisher, name) = zeroconf::publish(&b, &TWIN, false);
    assert_eq!(name.as_deref(), Some(INSTANCE));
    let _cam = advertise_renamed(&a);
}

#[test]
fn we_have_the_instance_name_so_zeroconf_gives_up_or_takes_another() {
    let Some(lan) = Lan::new(&[Need::Zeroconf]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut cam = ours::advertise(&a, "kitchen-cam");
    let (_refused, name) = zeroconf::publish(&b, &TWIN, false);
    assert_eq!(name, None);
    let (_publisher, name) = zeroconf::publish(&b, &TWIN, true);
    assert_eq!(name.as_deref(), Some("Kitchen Cam-2"));
    expect_no_rename(&mut cam);
}

#[test]
fn two_of_ours_that_begin_together_end_with_two_names() {
    let Some(lan) = Lan::new(&[]) else { return };
    let (a, b, c) = (lan.host("a"), lan.host("b"), lan.host("c"));
    let arguments = ["--interface", "veth0", "--hostname", "kitchen-cam"];
    let mut cams = [&a, &b].map(|host| ours::start(host, "advertise", &arguments));
    let mut names = cams.each_mut().map(|cam| {
        let line = cam.expect_json("a name established", SOON, |line| ours::is(line, "established"));
        line["name"].as_str().unwrap().to_owned()
    });
    names.sort();
    assert_eq!(names, ["kitchen-cam-2.local", "kitchen-cam.local"]);
    let mut addresses = names.map(|name| {
        let (_, addresses) = ours::lookup(&c, &name, &["--family", "4"]);
        assert_eq!(addresses.len(), 1, "{name}");
        addresses[0]
    });
    addresses.sort();
    assert_eq!(addresses, [a.ipv4(), b.ipv4()]);
}

/// Both have power, and then a link.
// M-8.2-1
#[test]
fn avahi_and_we_begin_together_and_end_with_two_host_names() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let (a, b, c) = (lan.host("a"), lan.host("b"), lan.host("c"));
    let both = [a.clone(), b.clone()];
    lan.plug_all(&both, "down");
    let mut avahi = Avahi::begin(&b, "kitchen-cam");
    avahi.daemon.expect("Avahi's start", SOON, |line| {
        (line.contains("Server startup complete") || line.contains("Network interface enumeration completed"))
            .then_some(())
    });
    let mut cam = ours::start(&a, "advertise", &["--interface", "veth0", "--hostname", "kitchen-cam"]);
    cam.expect("that it waits for its link", SOON, |line| line.contains("is down").then_some(()));
    lan.plug_all(&both, "up");
    expect_two_names(&c, [a.ipv4(), b.ipv4()].map(Into::into));
}

// M-8.2-1
#[test]
fn zeroconf_and_we_begin_together_and_end_with_two_instance_names() {
    let Some(lan) = Lan::new(&[Need::Zeroconf]) else { return };
    let (a, b, c) = (lan.host("a"), lan.host("b"), lan.host("c"));
    lan.plug(&a, 0, "down");
    let mut publisher = zeroconf::prepare(&b, &TWIN, true);
    let service = format!("{INSTANCE}.{SERVICE_TYPE}:{PORT}");
    let arguments = ["--interface", "veth0", "--hostname", "kitchen-cam", "--service", &service];
    let mut cam = ours::start(&a, "advertise", &arguments);
    cam.expect("that it waits for its link", SOON, |line| line.contains("is down").then_some(()));
    publisher.write_line("publish");
    lan.plug(&a, 0, "up");
    let theirs = zeroconf::expect_published(&mut publisher).expect("it takes another name");
    let mut browser = ours::browse(&c, SERVICE_TYPE);
    ours::expect_resolved(&mut browser, &theirs, b.ipv4(), b.ipv6());
    let line = browser.expect_json("our service under another name", SOON, |line| {
        (ours::is(line, "resolved") || ours::is(line, "updated")) && line["instance"] != theirs.as_str()
    });
    assert_eq!(
        (line["host"].as_str(), line["port"].as_u64()),
        (Some("kitchen-cam.local"), Some(PORT.into()))
    );
}

/// A conflict that nobody could see coming: each had probed, and was established.
// M-9-1
#[test]
fn two_networks_that_are_joined_settle_on_two_names() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Python]) else { return };
    let (a, b, c) = (lan.host("a"), lan.host("b"), lan.host("c"));
    lan.isolate(&a, true);
    lan.isolate(&b, true);
    let mut capture = packets::capture(&a, "veth0");
    let _cam = ours::advertise(&a, "kitchen-cam");
    let avahi = Avahi::start(&b, "kitchen-cam");
    assert_eq!(avahi.host_name, "kitchen-cam.local");
    let mut asker = Raw::start(&c, &b, "kitchen-cam.local");
    // Avahi must not hear of us before we hear of it.
    for number in ["first", "second"] {
        Packet::expect(&mut capture, &format!("our {number} announcement"), SOON, |packet| {
            packet.source == IpAddr::from(a.ipv4()) && packet.is_response()
        });
    }
    capture.forget();
    lan.isolate(&a, false);
    lan.isolate(&b, false);

    // Avahi alone is asked, and answers to the group.
    let question = question(&labels("kitchen-cam.local"), raw::A, raw::IN);
    let to_group = Datagram::to_group(c.ipv4().into(), &query(&[question]));
    asker.throw(&Datagram { destination: b.ipv4().into(), ..to_group });
    Packet::expect(&mut capture, "our new probes", SOON, |packet| {
        packet.outgoing && packet.is_probe() && packet.asks("kitchen-cam.local")
    });
    expect_two_names(&c, [a.ipv4(), b.ipv4()].map(Into::into));
}

/// Waits until the two are found under two names, whoever has which.
fn expect_two_names(observer: &Host, mut addresses: [IpAddr; 2]) {
    addresses.sort();
    let deadline = Instant::now() + SOON;
    loop {
        let found = ["kitchen-cam.local", "kitchen-cam-2.local"]
            .map(|name| ours::lookup(observer, name, &["--family", "4", "--timeout", "2"]).1);
        let mut all = found.concat();
        all.sort();
        if all == addresses && found.iter().all(|addresses| addresses.len() == 1) {
            return;
        }
        assert!(Instant::now() < deadline, "not settled: {found:?}");
    }
}

/// The service that zeroconf wants under our name.
const TWIN: Service<'static> = Service {
    service_type: SERVICE_TYPE,
    instance: INSTANCE,
    port: 8082,
    host: "snake.local",
    txt: "{}",
    ttl_secs: None,
};

/// Advertises [`INSTANCE`] where it is taken.
fn advertise_renamed(host: &Host) -> Process {
    let service = format!("{INSTANCE}.{SERVICE_TYPE}:{PORT}");
    let arguments = ["--interface", "veth0", "--hostname", "kitchen-cam", "--service", &service];
    let mut cam = ours::start(host, "advertise", &arguments);
    ours::expect_renamed(&mut cam, "Kitchen Cam._http._tcp.local", "Kitchen Cam (2)._http._tcp.local");
    ours::expect_established(&mut cam, "Kitchen Cam (2)._http._tcp.local");
    cam
}

fn expect_no_rename(cam: &mut Process) {
    cam.expect_none("a new name without need", Duration::ZERO, |line| line.contains("renamed"));
}

/// The longest label there is, of letters of two octets: what is counted up is cut between letters.
// M-9-3, S8
#[test]
fn a_name_of_63_octets_is_cut_where_a_letter_ends() {
    let Some(lan) = Lan::new(&[]) else { return };
    let (a, b, c) = (lan.host("a"), lan.host("b"), lan.host("c"));
    let name = format!("{}x", "é".repeat(31));
    let arguments = ["--interface", "veth0", "--hostname", &name];
    let mut first = ours::start(&a, "advertise", &arguments);
    ours::expect_established(&mut first, &format!("{name}.local"));
    let mut second = ours::start(&b, "advertise", &arguments);
    let shorter = format!("{}-2.local", "é".repeat(30));
    ours::expect_renamed(&mut second, &format!("{name}.local"), &shorter);
    ours::expect_established(&mut second, &shorter);
    assert_eq!(ours::lookup(&c, &shorter, &["--family", "4"]), (Some(0), vec![b.ipv4().into()]));
    expect_no_rename(&mut first);
}
