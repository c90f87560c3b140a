use super::*;
use std::vec::Vec;

fn ips(texts: &[&str]) -> Vec<IpAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// Addresses of the device: `2001:db8::2/64`.
fn own(texts: &[&str]) -> Vec<(IpAddr, u8)> {
    let parts = texts.iter().map(|text| text.split_once('/').unwrap());
    parts.map(|(ip, prefix)| (ip.parse().unwrap(), prefix.parse().unwrap())).collect()
}

fn order(own: &[(IpAddr, u8)], found: &[IpAddr]) -> Vec<IpAddr> {
    // One more than there are, so that one that is given again is seen.
    in_order(own, found.iter().copied(), |ip| *ip).take(found.len() + 1).collect()
}

/// Whatever order they come in, they are tried in this one.
fn check(device: &[&str], expected: &[&str]) {
    let (device, expected) = (own(device), ips(expected));
    let mut found = expected.clone();
    for _ in 0..found.len() {
        found.rotate_left(1);
        assert_eq!(order(&device, &found), expected, "of {found:?} from {device:?}");
        let reversed: Vec<_> = found.iter().rev().copied().collect();
        assert_eq!(order(&device, &reversed), expected, "of {reversed:?} from {device:?}");
    }
}

// R-6724-1
#[test]
fn the_examples_of_the_rfc_come_out_as_it_says() {
    // RFC 6724 section 10.2, but the two that tell of home addresses and deprecated ones.
    for (device, expected) in [
        (&["2001:db8::2/64", "fe80::1/64", "169.254.13.78/16"][..], ["2001:db8:1::1", "198.51.100.121"]),
        (&["fe80::1/64", "198.51.100.117/24"], ["198.51.100.121", "2001:db8:1::1"]),
        (&["2001:db8:1::2/64", "fe80::1/64", "10.1.2.4/24"], ["2001:db8:1::1", "10.1.2.3"]),
        (&["2001:db8:1::2/64", "fe80::2/64"], ["fe80::1", "2001:db8:1::1"]),
        (&["2001:db8:1::2/64", "2001:db8:3f44::2/64", "fe80::2/64"], ["2001:db8:1::1", "2001:db8:3ffe::1"]),
        (&["2002:c633:6401::2/64", "fe80::2/64"], ["2002:c633:6401::1", "2001:db8:1::1"]),
        (&["2002:c633:6401::2/64", "2001:db8:1::2/64", "fe80::2/64"], ["2001:db8:1::1", "2002:c633:6401::1"]),
    ] {
        check(device, &expected);
    }
}

// R-6724-1
#[test]
fn each_rule_decides_where_those_before_it_are_undecided() {
    for (device, expected) in [
        // 1: a family without any source is avoided, and loopback is reached from itself alone.
        (&["192.0.2.7/24"][..], &["198.51.100.1", "2001:db8::1"][..]),
        (&["2001:db8::7/64"], &["fd00::1", "192.0.2.1"]),
        (&[], &["::1", "127.0.0.1", "2001:db8::1", "192.0.2.1"]),
        (&["127.0.0.1/8", "2001:db8::7/64"], &["2001:db8::1", "192.0.2.1"]),
        // 2: an address of the link is no source for the world, nor one of the site.
        (&["169.254.1.1/16", "2001:db8::7/64"], &["2001:db8::1", "192.0.2.1"]),
        (&["fec0::7/64", "192.0.2.7/24"], &["198.51.100.1", "2001:db8::1"]),
        // 5: neither is one that nobody routes back to.
        (&["fd00::7/64", "192.168.1.20/24"], &["198.51.100.1", "2001:db8::1"]),
        (&["2001::7/64", "192.168.1.20/24"], &["198.51.100.1", "2001:db8::1"]),
        // 6: the table of policies.
        (&["2001:db8::7/64", "fd00::7/64", "192.168.1.20/24"], &["2001:db8::1", "192.168.1.1", "fd00::1"]),
        (&["2002:c000:204::7/64", "192.0.2.7/24"], &["192.0.2.9", "2002:c000:204::9"]),
        (&["2001::7/64", "fd00::7/64"], &["2001::9", "fd00::9"]),
        (&["3ffe::7/64", "fd00::7/64"], &["fd00::9", "3ffe::9"]),
        (&["::192.0.2.7/96", "fd00::7/64"], &["fd00::9", "::192.0.2.9"]),
        (&["fec0::7/64", "2001:db8::7/64"], &["2001:db8::9", "fec0::9"]),
        // 8: the narrower scope.
        (&["fec0::7/64", "3ffe::7/64"], &["fec0::9", "3ffe::9"]),
        (&["192.0.2.7/24", "169.254.1.1/16"], &["169.254.1.9", "192.0.2.9"]),
        // 9: what is nearer, as far as networks go.
        (&["2001:db8:1::7/64"], &["2001:db8:1::9", "2001:db8:1:1::9", "2001:db8::9", "2600::9"]),
        (&["192.168.1.20/24"], &["192.168.1.9", "10.0.0.1"]),
    ] {
        check(device, expected);
    }
}

// R-6724-1
#[test]
fn equals_stay_in_their_order() {
    let device = own(&["192.168.1.20/24", "2001:db8::7/128"]);
    for equals in [
        // Behind 64 bits, and of IPv4 outside the own network, nearness says nothing.
        ["2001:db8::1", "2001:db8::6", "2001:db8::ffff:1", "2001:db8::6"],
        ["198.51.100.1", "192.168.2.20", "10.0.0.1", "::ffff:192.169.0.1"],
    ] {
        let mut found = ips(&equals);
        for _ in 0..found.len() {
            found.rotate_left(1);
            assert_eq!(order(&device, &found), found);
        }
    }
    let [mapped, v4] = ["::ffff:192.168.1.9", "192.168.1.9"].map(|text| text.parse().unwrap());
    assert_eq!(rank(&device, mapped), rank(&device, v4));
}

// R-6724-1
#[test]
fn the_source_is_the_narrowest_that_reaches() {
    let chosen =
        |texts: &[&str], to: &str| source::source(&own(texts), to.parse().unwrap()).map(|(ip, _)| ip);
    for (device, to, from) in [
        // RFC 6724 section 10.1, but those with deprecated, home and temporary addresses.
        (&["2001:db8:3::1/64", "fe80::1/64"][..], "2001:db8:1::1", Some("2001:db8:3::1")),
        (&["2001:db8:3::1/64", "fe80::1/64"], "ff05::1", Some("2001:db8:3::1")),
        (&["2001:db8:1::1/64", "2001:db8:2::1/64"], "2001:db8:1::1", Some("2001:db8:1::1")),
        (&["fe80::1/64", "2001:db8:1::1/64"], "ff05::1", Some("2001:db8:1::1")),
        (&["2001:db8:1::2/64", "2001:db8:3::2/64"], "2001:db8:1::1", Some("2001:db8:1::2")),
        (&["2001:db8:1::2/64", "2002:c633:6401:1::2/64"], "2002:c633:6401::1", Some("2002:c633:6401:1::2")),
        // Further cases of rules 1, 2, 6 and 8, and the first one of equals.
        (&["2001:db8:1::2/64", "fec0::2/64"], "ff02::1", Some("fec0::2")),
        (&["2001::1/64", "2600::1/64"], "2001:1::1", Some("2600::1")),
        (&["2001:db8:3::2/64", "2001:db8:1::2/64"], "2001:db8:1::1", Some("2001:db8:1::2")),
        (&["2001:db8:1::2/64", "fe80::2/64"], "fe80::1", Some("fe80::2")),
        (&["fe80::2/64", "fec0::2/64"], "2001:db8:1::1", Some("fec0::2")),
        (&["10.0.0.1/8", "10.0.0.2/8"], "10.0.0.3", Some("10.0.0.1")),
        (&["10.0.0.1/8", "10.0.0.2/8"], "10.0.0.2", Some("10.0.0.2")),
        (&["10.0.0.1/8"], "2001:db8::1", None),
        (&["127.0.0.1/8", "::1/128"], "192.0.2.1", None),
        (&[], "127.0.0.53", Some("127.0.0.53")),
    ] {
        assert_eq!(chosen(device, to), from.map(|ip| ip.parse().unwrap()), "to {to} from {device:?}");
    }
}

// R-8305-1
#[test]
fn families_take_turns_and_ipv6_begins() {
    let dual = ["192.168.1.20/24", "2001:db8::7/64", "fe80::7/64"];
    let found = ips(&["198.51.100.1", "198.51.100.2", "198.51.100.3", "2001:db8:1::1", "2001:db8:1::2"]);
    let turns = ips(&["2001:db8:1::1", "198.51.100.1", "2001:db8:1::2", "198.51.100.2", "198.51.100.3"]);
    assert_eq!(order(&own(&dual), &found), turns);
    // Nothing is known.
    assert_eq!(order(&[], &found), turns);
    // Where IPv6 leads nowhere, it waits.
    for device in
        [&["192.168.1.20/24"][..], &["192.168.1.20/24", "fe80::7/64"], &["192.168.1.20/24", "fd00::7/64"]]
    {
        assert_eq!(order(&own(device), &found), found, "{device:?}");
    }
    // Whichever family has the best address begins.
    let private = ips(&["fd00::1", "fd00::2", "198.51.100.1", "198.51.100.2"]);
    let turns = ips(&["198.51.100.1", "fd00::1", "198.51.100.2", "fd00::2"]);
    assert_eq!(order(&own(&["192.168.1.20/24", "fd00::7/64"]), &private), turns);
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    /// Few networks of each kind, so that equals and neighbours occur.
    fn ip() -> impl Strategy<Value = IpAddr> {
        let v6 = prop::sample::select(
            &[0x2001_0DB8_u32, 0xFD00_0000, 0xFE80_0000, 0x2002_C000, 0x2001_0000, 0][..],
        );
        let v4 = prop::sample::select(&[0xC0A8_0100_u32, 0xA9FE_0100, 0x0A00_0000, 0x7F00_0000][..]);
        let v6 = (v6, 0..3_u128)
            .prop_map(|(net, host)| IpAddr::from((u128::from(net) << 96 | host).to_be_bytes()));
        let v4 = (v4, 0..3_u32).prop_map(|(net, host)| IpAddr::from((net | host).to_be_bytes()));
        prop_oneof![v6, v4]
    }

    proptest! {
        #[test]
        fn each_is_given_once_and_turns_are_taken(
            device in prop::collection::vec((ip(), 0..=128_u8), 0..4),
            found in prop::collection::vec(ip(), 0..100),
        ) {
            let numbered = found.iter().copied().enumerate();
            let given: Vec<_> = in_order(&device, numbered, |(_, ip)| *ip).take(found.len() + 1).collect();
            let mut numbers: Vec<_> = given.iter().map(|(number, _)| *number).collect();
            numbers.sort_unstable();
            prop_assert!(numbers.into_iter().eq(0..found.len()));
            // A family alone is sorted, and equals of it keep their order.
            for is_ipv6 in [false, true] {
                let family = given.iter().filter(|(_, ip)| ip.is_ipv6() == is_ipv6);
                let places: Vec<_> = family.map(|(number, ip)| (rank(&device, *ip), *number)).collect();
                prop_assert!(places.is_sorted());
            }
            for (index, ((_, a), (_, b))) in given.iter().zip(given.iter().skip(1)).enumerate() {
                let (rank_a, rank_b) = (rank(&device, *a), rank(&device, *b));
                // What has a better source comes first.
                prop_assert!(rank_a.suits_as(rank_b) || rank_a < rank_b);
                // Two of a family in a row, when none of the other is left that would suit as well.
                let other = |(_, ip): &&(usize, IpAddr)| ip.is_ipv6() != a.is_ipv6();
                if rank_a.suits_as(rank_b) && a.is_ipv6() == b.is_ipv6() {
                    let next = given[index + 1..].iter().find(other);
                    prop_assert!(next.is_none_or(|(_, ip)| !rank(&device, *ip).suits_as(rank_b)));
                }
            }
            if let (Some((_, first)), Some(best)) = (given.first(), found.iter().map(|ip| rank(&device, *ip)).min()) {
                prop_assert_eq!(rank(&device, *first), best);
            }
        }
    }
}
