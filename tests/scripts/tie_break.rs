//! Two who probe for one name at once: RFC 6762 section 8.2.

use super::*;
use crate::support::NEIGHBOUR;
use dotlocal::{Disposition, Reason};

const OURS: &str = "? cam.local ANY QU | auth cam.local 120 A 192.0.2.7";

/// Whether the other's proposal makes us wait a second.
fn yields(theirs: &str) -> bool {
    yields_with(&["192.0.2.7"], theirs)
}

/// The same for a host of many addresses.
fn yields_with(ours: &[&str], theirs: &str) -> bool {
    let mut t = host(7);
    let addresses: Vec<_> = ours.iter().map(|ip| (ip.parse().unwrap(), 24)).collect();
    t.machine.set_addresses(&addresses).unwrap();
    let (first, _, _) = t.next_within(0..=250);
    t.hear_at(first + 100, NEIGHBOUR, &format!("? cam.local ANY QU | auth {theirs}"));
    let (next, _, _) = t.next_within(first + 250..=first + 1_100);
    t.call(|machine| machine.link_down());
    assert!(next == first + 250 || next == first + 1_100, "{next}");
    next == first + 1_100
}

// M-8.2-1, M-8.2-2, M-8.2-3, M-8.2.1-1
#[test]
fn the_later_set_of_records_wins() {
    for (theirs, later) in [
        ("cam.local 120 A 192.0.2.7", false),
        ("cam.local 1 A 192.0.2.7", false),
        ("cam.local 120 flush A 192.0.2.7", false),
        ("cam.local 120 A 192.0.2.8", true),
        ("cam.local 120 A 192.0.2.6", false),
        ("cam.local 120 A 200.0.0.1", true),
        ("cam.local 120 A 10.200.200.200", false),
        ("cam.local 120 AAAA ::", true),
        ("cam.local 120 CLASS3 A 0.0.0.0", true),
        (r"cam.local 120 A \# 5 c000020700", true),
        ("cam.local 120 A 192.0.2.7, cam.local 120 A 192.0.2.1", false),
        ("cam.local 120 A 192.0.2.9, cam.local 120 A 192.0.2.7", true),
        ("cam.local 120 AAAA fe80::1, cam.local 120 A 192.0.2.7", true),
        ("cam.local 120 AAAA fe80::1, cam.local 120 A 192.0.2.6", false),
        ("other.local 120 A 255.255.255.255", false),
        // Data that is broken proposes nothing, however late its type.
        (r"cam.local 120 PTR \# 2 0561", false),
        (r"cam.local 120 SRV \# 8 0000000000500561", false),
    ] {
        assert_eq!(yields(theirs), later, "{theirs}");
    }
}

// M-8.2.1-1
#[test]
fn of_sets_of_many_addresses_the_first_pair_that_differs_decides() {
    let ours = ["192.0.2.8", "192.0.2.4", "192.0.2.6"];
    for (theirs, later) in [
        (&[4, 6, 8][..], false),
        (&[4, 6], false),
        (&[6, 8], true),
        (&[8, 6], true),
        (&[4, 8], true),
        (&[8], true),
        (&[4], false),
        (&[4, 6, 8, 9], true),
        (&[4, 5, 6, 8], false),
        (&[3, 9], false),
        (&[2, 3], false),
        (&[2, 3, 4, 6, 8], false),
        (&[9, 5], true),
        (&[4, 9], true),
    ] {
        let records: Vec<_> = theirs.iter().map(|last| format!("cam.local 120 A 192.0.2.{last}")).collect();
        assert_eq!(yields_with(&ours, &records.join(", ")), later, "{theirs:?}");
    }
}

// M-8.2-1
#[test]
fn a_probe_is_used_where_it_wins_alone() {
    for (theirs, disposition) in [(6, Disposition::Ignored(Reason::NotForUs)), (8, Disposition::Used)] {
        let mut t = host(7);
        let first = t.expect_within(0..=250, OURS);
        let probe = format!("? cam.local ANY QU | auth cam.local 120 A 192.0.2.{theirs}");
        assert_eq!(t.hear_at(first + 100, NEIGHBOUR, &probe), disposition);
    }
}

// M-8.2-1
#[test]
fn the_loser_probes_again_after_a_second_and_keeps_the_name_when_nobody_answers() {
    let mut t = host(7);
    let first = t.expect_within(0..=250, OURS);
    t.hear_at(first + 100, NEIGHBOUR, "? cam.local ANY QU | auth cam.local 120 A 192.0.2.8");
    for wait in [1_100, 1_350, 1_600] {
        t.expect_at(first + wait, OURS);
    }
    let announcement = "! cam.local 120 flush A 192.0.2.7
        | add cam.local 120 flush NSEC A";
    t.expect_at(first + 1_850, announcement);
    t.expect_at(first + 2_850, announcement);
}

// M-8.2-1, M-8.2-2
#[test]
fn a_service_is_compared_by_its_text_and_then_its_host_and_port() {
    for (theirs, later) in [
        (r#"Web._http._tcp.local 4500 TXT "path=/", Web._http._tcp.local 120 SRV 80 cam.local"#, false),
        (r#"Web._http._tcp.local 4500 TXT "path=/", Web._http._tcp.local 120 SRV 81 cam.local"#, true),
        (r#"Web._http._tcp.local 4500 TXT "path=/", Web._http._tcp.local 120 SRV 80 dam.local"#, true),
        (r#"Web._http._tcp.local 4500 TXT "path=/", Web._http._tcp.local 120 SRV 80 bam.local"#, false),
        (r#"Web._http._tcp.local 4500 TXT "path=0", Web._http._tcp.local 120 SRV 1 a.local"#, true),
        (r#"Web._http._tcp.local 120 SRV 0 a.local"#, true),
        (r#"Web._http._tcp.local 4500 TXT "path=/""#, false),
    ] {
        let (mut t, _) = host_with_service(7);
        let (first, _, _) = t.next_within(0..=250);
        t.hear_at(first + 100, NEIGHBOUR, &format!("? Web._http._tcp.local ANY QU | auth {theirs}"));
        let (_, _, second) = t.next_within(first + 250..=first + 250);
        assert_eq!(second.questions.len(), if later { 1 } else { 2 }, "{theirs}");
        t.call(|machine| machine.link_down());
    }
}
