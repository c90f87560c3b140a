//! Questions from programs that know only unicast DNS, and one-shot queries (RFC 6762 sections 5.1 and 6.7).

use std::net::IpAddr;

use super::dig::dig;
use super::lan::Lan;
use super::needs::Need;
use super::ours::{self, INSTANCE, PORT, SOON};
use super::packets::{self, A, AAAA, GROUP_V4, GROUP_V6, Packet, SRV};

#[test]
fn dig_gets_our_addresses_by_both_families() {
    let Some(lan) = Lan::new(&[Need::Dig]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let _cam = ours::advertise(&a, "kitchen-cam");
    for server in [format!("@{}", a.ipv4()), format!("@{}%veth0", a.ipv6())] {
        for (rtype, address) in [("A", IpAddr::from(a.ipv4())), ("AAAA", a.ipv6().into())] {
            let answers = dig(&b, &server, "kitchen-cam.local", rtype);
            let [answer] = answers.as_slice() else { panic!("{server} {rtype}: {answers:?}") };
            let fields: Vec<_> = answer.split_whitespace().collect();
            let ["kitchen-cam.local.", ttl, "IN", found_type, data] = fields[..] else { panic!("{answer}") };
            assert!(ttl.parse::<u32>().is_ok_and(|ttl| ttl <= 10), "{answer}");
            assert_eq!((found_type, data), (rtype, address.to_string().as_str()));
        }
        let answers = dig(&b, &server, r"Kitchen\ Cam._http._tcp.local", "SRV");
        let [answer] = answers.as_slice() else { panic!("{server}: {answers:?}") };
        assert!(answer.ends_with(&format!("IN SRV 0 0 {PORT} kitchen-cam.local.")), "{answer}");
    }
}

/// Of M-5.1-1 this is the first half, the second is in `find.rs`.
// M-5.1-1, M-6.7-1, M-6.7-2, M-11-1, M-18.14-2
#[test]
fn a_one_shot_query_to_the_group_gets_a_unicast_reply() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let _cam = ours::advertise(&a, "kitchen-cam");
    let mut capture = packets::capture(&b, "veth0");
    let instance = format!("{INSTANCE}._http._tcp.local");
    let target = "0b6b69746368656e2d63616d056c6f63616c00";
    let ways = [(GROUP_V4, IpAddr::from(a.ipv4())), (GROUP_V6, a.ipv6().into())];
    for (id, (to, from)) in (0x4B1D..).zip(ways) {
        let wanted = [
            ("kitchen-cam.local", A, a.ipv4().to_string()),
            ("Kitchen-Cam.Local", AAAA, a.ipv6().to_string()),
            (instance.as_str(), SRV, format!("00000000{PORT:04x}{target}")),
        ];
        for (name, rtype, data) in wanted {
            let mut asker = packets::ask(&b, "veth0", to, name, rtype, id);
            let reply = Packet::expect(&mut asker, &format!("a reply about {name} by {to}"), SOON, |_| true);
            // The question went out with TTL or hop limit 1, as one-shot queries do.
            assert_eq!((reply.source, reply.source_port), (from, 5353));
            assert_eq!((reply.id, reply.flags), (id.into(), 0x8400), "{reply:?}");
            let [question] = reply.questions.as_slice() else { panic!("{reply:?}") };
            assert!(question.name.eq_ignore_ascii_case(name) && question.qtype == rtype, "{reply:?}");
            assert!(reply.answer(name, rtype, &data).is_some(), "{data} is not in {reply:?}");
            assert!(reply.records.iter().all(|record| !record.flush && record.ttl_secs <= 10), "{reply:?}");
        }
        let reply = Packet::expect(&mut capture, "the reply on the wire", SOON, |packet| {
            packet.source == from && packet.id == u64::from(id)
        });
        assert_eq!(reply.hops, Some(255));
    }
}
