//! What we find at real servers is what dig finds there.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;
use std::{fmt, fs};

use serde_json::Value;

use super::dns_servers::{add_ipv6, dnsmasq, knot, unbound};
use super::lan::{Host, Lan};
use super::needs::Need;
use super::ours;

/// Names and types, a line each.
const QUESTIONS: &str = include_str!("zones/questions");

/// Long enough for all questions on a slow machine.
const LONG: Duration = Duration::from_secs(120);

/// What there is of a name and type: all records of the type, or why there are none.
#[derive(Clone, PartialEq, Eq)]
enum Told {
    Records(BTreeSet<String>),
    NoData,
    NoName,
    Failed,
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Records(records) => write!(f, "{records:#?}"),
            Self::NoData => f.write_str("no data"),
            Self::NoName => f.write_str("no name"),
            Self::Failed => f.write_str("failed"),
        }
    }
}

fn questions() -> impl Iterator<Item = (&'static str, &'static str)> {
    QUESTIONS.lines().filter_map(|line| line.split_once(' '))
}

/// TTL and data. Names come in any case, as the question had it that they were compressed against; text does not.
fn record(ttl_secs: u64, rtype: &str, data: &str) -> String {
    let data = if rtype == "TXT" { data.to_owned() } else { data.to_lowercase() };
    format!("{ttl_secs} {data}")
}

/// What dig is told of all questions by a server; `None` where that is an alias alone.
fn dig(host: &Host, server: IpAddr) -> Vec<Option<Told>> {
    let file = host.directory.join("questions");
    let lines = questions().map(|(name, rtype)| format!("{name} {rtype} +noall +comments +answer\n"));
    fs::write(&file, lines.collect::<String>()).unwrap();
    let ended = host.start("dig", &[&format!("@{server}"), "-f", &file.display().to_string()]).end(LONG);
    let replies = ended.stdout.split(";; ->>HEADER<<- ").skip(1);
    let told: Vec<_> = replies.zip(questions()).map(|(reply, (_, rtype))| dig_told(reply, rtype)).collect();
    assert_eq!(told.len(), questions().count(), "{}", ended.stdout);
    told
}

fn dig_told(reply: &str, rtype: &str) -> Option<Told> {
    let (mut records, mut is_alias) = (BTreeSet::new(), false);
    for line in reply.lines().skip(1).filter(|line| !line.is_empty() && !line.starts_with(';')) {
        let mut words = line.split_whitespace();
        let (ttl_secs, found) = (words.nth(1).unwrap(), words.nth(1).unwrap());
        let data = words.collect::<Vec<_>>().join(" ");
        if found == rtype {
            records.insert(record(ttl_secs.parse().unwrap(), rtype, &data));
        }
        is_alias |= found == "CNAME";
    }
    match reply
        .split([' ', ','])
        .find(|word| word.chars().all(|letter| letter.is_ascii_uppercase()) && word.len() > 5)
    {
        Some("NXDOMAIN") => Some(Told::NoName),
        Some("NOERROR") if !records.is_empty() => Some(Told::Records(records)),
        Some("NOERROR") => (!is_alias).then_some(Told::NoData),
        _ => Some(Told::Failed),
    }
}

/// What our example is told of all questions by a server.
fn ours(host: &Host, server: IpAddr) -> Vec<Told> {
    let file = host.directory.join("lines");
    fs::write(&file, QUESTIONS).unwrap();
    let (lookup, server, file) =
        (ours::program("lookup").display().to_string(), server.to_string(), file.display().to_string());
    let script = "while read -r name type; do \
         \"$0\" \"$name\" --type \"$type\" --server \"$1\" --json; echo \"status $?\"; done <\"$2\"";
    let ended = host.start("sh", &["-c", script, &lookup, &server, &file]).end(LONG);
    let told: Vec<_> = ended.stdout.split_inclusive("status ").collect();
    // The status of each lookup stands before the lines of the next one.
    let lookups = told.windows(2).zip(questions());
    let told: Vec<_> = lookups
        .map(|(pair, (name, rtype))| {
            let status = pair[1].lines().next().unwrap_or_default();
            let lines = pair[0].lines().filter_map(|line| serde_json::from_str(line).ok());
            our_told(status, &lines.collect::<Vec<Value>>(), rtype)
                .unwrap_or_else(|| panic!("{name} {rtype}: status {status}: {}{}", pair[0], ended.stderr))
        })
        .collect();
    assert_eq!(told.len(), questions().count(), "{}", ended.stdout);
    told
}

fn our_told(status: &str, lines: &[Value], rtype: &str) -> Option<Told> {
    let error = lines.iter().find_map(|line| line["kind"].as_str());
    Some(match (status, error) {
        ("0", None) => {
            let found = lines.iter().filter(|line| line["event"] == "record" && line["type"] == rtype);
            let records = found.map(|line| {
                record(line["ttl_secs"].as_u64().unwrap(), rtype, line["data"].as_str().unwrap())
            });
            Told::Records(records.collect())
        }
        ("3", Some("name_not_found")) => Told::NoName,
        ("4", Some("no_data")) => Told::NoData,
        ("6", Some("server_failure")) => Told::Failed,
        _ => return None,
    })
}

/// Without the times to live.
fn timeless(told: &Told) -> Told {
    match told {
        Told::Records(records) => Told::Records(
            records.iter().filter_map(|record| Some(record.split_once(' ')?.1.to_owned())).collect(),
        ),
        told => told.clone(),
    }
}

/// Whether the times to live are the same but for the second that has begun, and the week that we cut them to.
fn lives_agree(ours: &Told, dig: &Told) -> bool {
    let (Told::Records(ours), Told::Records(dig)) = (ours, dig) else { return true };
    let secs = |records: &BTreeSet<String>| -> BTreeSet<u64> {
        records.iter().filter_map(|record| record.split_once(' ')?.0.parse().ok()).collect()
    };
    let dig: BTreeSet<u64> = secs(dig).into_iter().map(|secs| secs.min(7 * 86_400)).collect();
    secs(ours).iter().all(|secs| dig.contains(secs) || dig.contains(&(secs + 1)))
}

/// Large answers, aliases over several zones, DNAME, wildcards, SVCB, denials, a signed zone, reverse names.
// R-6672-1, R-7766-1, R-1034-1
#[test]
fn what_is_found_at_each_server_by_each_family_is_what_dig_finds() {
    let Some(lan) = Lan::new(&[Need::Dig, Need::Knot, Need::Unbound, Need::Dnsmasq]) else { return };
    let (a, k, u, d) = (lan.host("a"), lan.host("k"), lan.host("u"), lan.host("d"));
    add_ipv6(&a, 1);
    let [of_k, of_u, of_d] = [(&k, 2), (&u, 3), (&d, 4)]
        .map(|(host, last)| [IpAddr::from(host.ipv4()), add_ipv6(host, last).into()]);
    // Its cache takes a denial behind an alias for one of every type, and so says different things to one question.
    let without_cache = ["--cache-size=0"];
    let _servers = [knot(&k), unbound(&u, of_k[0]), dnsmasq(&d, Some(of_k[1]), &without_cache)];
    // It follows all aliases, over the zones too.
    let recursive = dig(&a, of_u[0]);
    let found = recursive.iter().filter(|told| matches!(told, Some(Told::Records(_)))).count();
    assert!(found > 60, "{found} of {} questions have records: {recursive:?}", recursive.len());
    for (name, servers) in [("knot", of_k), ("unbound", of_u), ("dnsmasq", of_d)] {
        for server in servers {
            let dig = dig(&a, server);
            for (((ours, dig), recursive), (asked, rtype)) in
                ours(&a, server).iter().zip(&dig).zip(&recursive).zip(questions())
            {
                let expected = dig.as_ref().or(recursive.as_ref()).unwrap_or(&Told::NoData);
                let what = format!("{asked} {rtype} at {name}, {server}");
                assert_eq!(timeless(ours), timeless(expected), "{what}");
                // Caches count them down.
                let is_of_zone = name == "knot" && dig.is_some();
                assert!(!is_of_zone || lives_agree(ours, expected), "{what}: {ours:?} {expected:?}");
            }
        }
    }
}

/// Without a type both families are looked up, side by side.
// R-8305-1
#[test]
fn addresses_of_both_families_are_found_and_a_link_local_server_is_asked_by_its_scope() {
    let Some(lan) = Lan::new(&[Need::Knot, Need::Unbound]) else { return };
    let (a, k, u) = (lan.host("a"), lan.host("k"), lan.host("u"));
    let _servers = [knot(&k), unbound(&u, k.ipv4().into())];
    let server = format!("{}%{}", u.ipv6(), a.interface().name);
    for (name, canonical, addresses) in [
        ("cam.lab.example", "cam.lab.example", &["192.0.2.7", "2001:db8::7"][..]),
        ("chain1.lab.example", "cam.lab.example", &["192.0.2.7", "2001:db8::7"]),
        ("lamp.tree.lab.example", "lamp.cams.lab.example", &["192.0.2.70", "2001:db8::70"]),
        ("back.signed.example", "cam.lab.example", &["192.0.2.7", "2001:db8::7"]),
        ("v6.lab.example", "v6.lab.example", &["2001:db8::6"]),
        ("ns.lab.example", "ns.lab.example", &["192.0.2.53"]),
    ] {
        for server in [server.clone(), format!("[{server}]:53")] {
            let ended = ours::run(&a, "lookup", &[name, "--server", &server]);
            let lines = ended.json();
            let found: BTreeSet<_> = lines.iter().filter_map(|line| line["address"].as_str()).collect();
            assert_eq!(found, addresses.iter().copied().collect(), "{name}: {}", ended.stdout);
            let told = lines.last().unwrap();
            assert_eq!(told["canonical_name"].as_str().unwrap().to_lowercase(), canonical);
            assert_eq!((ended.status.code(), told["source"].as_str()), (Some(0), Some("unicast")));
        }
    }
}

/// Those that resolv.conf names, and its domains.
// R-SEARCH-1
#[test]
fn the_servers_of_the_machine_are_asked_unless_told_otherwise() {
    let Some(lan) = Lan::new(&[Need::Knot, Need::Dnsmasq]) else { return };
    let (a, k, d) = (lan.host("a"), lan.host("k"), lan.host("d"));
    let _servers = [knot(&k), dnsmasq(&d, Some(k.ipv4().into()), &[])];
    let conf = a.directory.join("resolv.conf");
    let text = format!("search signed.example lab.example\nnameserver {}\noptions ndots:2\n", d.ipv4());
    fs::write(&conf, text).unwrap();
    // A host has mounts of its own.
    let script = "mount --bind \"$1\" /etc/resolv.conf && exec \"$0\" \"$2\" --family 4 --json";
    for (typed, canonical, address) in [
        ("cam", "cam.signed.example", "192.0.2.107"),
        ("v4", "v4.lab.example", "192.0.2.4"),
        ("lamp.tree", "lamp.cams.lab.example", "192.0.2.70"),
        ("v4.lab.example.", "v4.lab.example", "192.0.2.4"),
    ] {
        let (lookup, conf) = (ours::program("lookup").display().to_string(), conf.display().to_string());
        let ended = a.run("sh", &["-c", script, &lookup, &conf, typed]);
        let lines = ended.json();
        assert_eq!(lines[0]["address"], address, "{typed}: {}{}", ended.stdout, ended.stderr);
        assert_eq!(lines[1]["canonical_name"].as_str().unwrap().to_lowercase(), canonical);
    }
}
