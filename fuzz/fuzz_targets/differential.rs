//! Reads any octets as a message here and with the crate `domain`.
//!
//! What must hold: a message that both take has the same header, the same questions and the same records: names octet
//! for octet, types, classes, TTLs as they came, data with all names expanded for the types that are read here and as
//! it came for the others; and the same EDNS. Where only one takes it, the reason is one of these, which is looked for
//! in the octets by a naive walk, so that any other difference fails:
//!
//! | who takes it | what | why |
//! | --- | --- | --- |
//! | `domain` | a pointer into the header | a name that came before is meant: there is none (RFC 1035 section 4.1.4) |
//! | `domain` | a pointer to the labels before it, or behind them | the same: that is this name, not one before it |
//! | `domain` | more than 127 pointers in a name | a name of 255 octets has 127 labels (RFC 1035 section 2.3.4) |
//! | `domain` | NSEC windows out of order | RFC 4034 section 4.1.2 |
//! | `domain` | a service parameter with a value that its key cannot have | RFC 9460 section 2.2 |
//! | here | unsound parameters of a service binding in alias form | they are ignored (RFC 9460 section 2.4.2) |
//! | here | a CAA tag with more than letters and digits | matters to who reads the tag (RFC 8659 section 4.1) |
//! | here | labels behind a pointer that reach over the data's end | RFC 1035 section 4.1.4 asks where they begin |

#![no_main]

use domain::base::name::{ParsedName, ToName};
use domain::base::rdata::ComposeRecordData;
use domain::base::{Message as TheirMessage, ParsedRecord};
use domain::rdata::AllRecordData;
use dotlocal::wire::{CheckError, Flags, Message, RData, Record, Section, Type};
use dotlocal_fuzz::{Walked, is_lawful_param, names_in_data, plain, split_params, types_in};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let (ours, theirs) = (Message::parse(octets), TheirMessage::from_slice(octets));
    // A limit of the transports, which `domain` leaves to them.
    if octets.len() > 65_535 {
        return;
    }
    assert_eq!(ours.is_ok(), theirs.is_ok());
    let (Ok(ours), Ok(theirs)) = (ours, theirs) else { return };
    same_header(&ours, theirs);
    if frames(&ours, theirs, octets).is_none() {
        assert!(ours.check().is_err());
    }
    same_edns(&ours, theirs);
});

fn same_header(ours: &Message<'_>, theirs: &TheirMessage<[u8]>) {
    let (header, flags) = (ours.header(), ours.header().flags());
    let (their, counts) = (theirs.header(), theirs.header_counts());
    assert_eq!(header.id(), their.id());
    let both = [
        (Flags::QR, their.qr()),
        (Flags::AA, their.aa()),
        (Flags::TC, their.tc()),
        (Flags::RD, their.rd()),
        (Flags::RA, their.ra()),
        (Flags::AD, their.ad()),
        (Flags::CD, their.cd()),
    ];
    assert!(both.iter().all(|(flag, set)| flags.has(*flag) == *set));
    assert_eq!(flags.opcode().0, u16::from(their.opcode().to_int()));
    assert_eq!(flags.rcode().0, u16::from(their.rcode().to_int()));
    let counted = [Section::Answer, Section::Authority, Section::Additional]
        .map(|section| header.record_count(section));
    assert_eq!(header.question_count(), counts.qdcount());
    assert_eq!(counted, [counts.ancount(), counts.nscount(), counts.arcount()]);
}

/// Walks both frames side by side; `None` when they are broken at the same place, or for an allowed reason.
fn frames(ours: &Message<'_>, theirs: &TheirMessage<[u8]>, octets: &[u8]) -> Option<()> {
    let mut at = 12;
    let mut their_questions = theirs.question();
    for question in ours.questions() {
        let their = their_questions.next().unwrap();
        let (question, their) = both(question, their, octets, at)?;
        assert!(question.name().octets().eq(their_octets(their.qname())));
        assert_eq!(
            (question.qtype().0, question.raw_class()),
            (their.qtype().to_int(), their.qclass().to_int())
        );
        at = Walked::new(octets, at).unwrap().end + 4;
    }
    let mut their_section = Some(their_questions.answer().unwrap());
    let mut section = Section::Answer;
    for record in ours.records() {
        if let Ok(record) = &record {
            while section < record.section() {
                their_section = their_section.unwrap().next_section().unwrap();
                section = if section == Section::Answer { Section::Authority } else { Section::Additional };
            }
        }
        let their = loop {
            match their_section.as_mut().unwrap().next() {
                Some(their) => break their,
                // A broken record does not tell its section.
                None => their_section = their_section.unwrap().next_section().unwrap(),
            }
        };
        let (record, their) = both(record, their, octets, at)?;
        assert!(record.name().octets().eq(their_octets(&their.owner())));
        let fields = (record.rtype().0, record.raw_class(), record.raw_ttl());
        assert_eq!(fields, (their.rtype().to_int(), their.class().to_int(), their.ttl().as_secs()));
        let start = Walked::new(octets, at).unwrap().end + 10;
        at = start + record.raw_data().as_octets().len();
        same_data(&record, &their, octets, start..at);
    }
    Some(())
}

/// Both, or `None` when neither is there or only theirs is, for a name at `at` with pointers that are refused here.
fn both<O, T, E>(
    ours: Result<O, CheckError>,
    theirs: Result<T, E>,
    octets: &[u8],
    at: usize,
) -> Option<(O, T)> {
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => Some((ours, theirs)),
        (Err(_), Err(_)) => None,
        (Err(error), Ok(_)) => {
            assert!(
                Walked::new(octets, at).is_some_and(|name| !name.is_lawful()),
                "only domain takes it: {error}"
            );
            None
        }
        (Ok(_), Err(_)) => panic!("only dotlocal takes what stands at octet {at}"),
    }
}

fn their_octets(name: &impl ToName) -> Vec<u8> {
    name.to_vec().as_octets().clone()
}

fn same_data(
    ours: &Record<'_>,
    theirs: &ParsedRecord<'_, [u8]>,
    octets: &[u8],
    data: std::ops::Range<usize>,
) {
    assert_eq!(usize::from(theirs.rdlen()), data.len());
    let their = theirs.to_any_record::<AllRecordData<&[u8], ParsedName<&[u8]>>>();
    let end = data.end;
    let names = || names_in_data(ours.rtype(), octets, data.clone());
    match (ours.data(), &their) {
        // Not read there (AFSDB, URI), or by neither.
        (_, Ok(their)) if let AllRecordData::Unknown(their) = their.data() => {
            assert_eq!(*their.data(), ours.raw_data().as_octets());
        }
        // Read there alone, as DNSSEC is.
        (Ok(RData::Other(..)), _) => {}
        (Err(_), Err(_)) => {}
        (Ok(data), Ok(their)) => {
            let mut octets = Vec::new();
            their.data().compose_rdata(&mut octets).unwrap();
            // Empty TXT data counts as one empty string here (RFC 6763 section 6.1).
            if matches!(data, RData::Txt(_)) && octets.is_empty() {
                octets.push(0);
            }
            assert_eq!(plain(&data), octets);
        }
        (Err(error), Ok(_)) => {
            let behind_name = |name: &Walked| octets.get(name.end..data.end).unwrap();
            let lawful = match ours.rtype() {
                _ if names().iter().any(|name| !name.is_lawful()) => false,
                Type::NSEC => types_in(behind_name(&names()[0])).is_some(),
                Type::SVCB | Type::HTTPS => {
                    let params = split_params(behind_name(&names()[0])).unwrap();
                    params.iter().all(|(key, value)| is_lawful_param(*key, value))
                }
                _ => true,
            };
            assert!(!lawful, "only domain takes it: {error}");
        }
        (Ok(read), Err(error)) => {
            let allowed = match read {
                RData::Svcb(svcb) | RData::Https(svcb) if svcb.is_alias() => true,
                RData::Caa(caa) => !caa.tag.as_octets().iter().all(u8::is_ascii_alphanumeric),
                _ => false,
            };
            assert!(
                allowed || names().iter().any(|name| name.reach > end),
                "only dotlocal takes {read:?}: {error}"
            );
        }
    }
}

/// EDNS that is found here is found there. `domain` also takes what RFC 6891 section 6.1.1 forbids: more OPT records
/// than one, or other owners than the root.
fn same_edns(ours: &Message<'_>, theirs: &TheirMessage<[u8]>) {
    let Ok(Some(edns)) = ours.edns() else { return };
    let their = theirs.opt().unwrap();
    assert_eq!(edns.payload_size, their.udp_payload_size().max(512));
    assert_eq!(edns.rcode.0, their.rcode(theirs.header()).to_int());
    assert_eq!((edns.version, edns.dnssec_ok), (their.version(), their.dnssec_ok()));
    let mut octets = Vec::new();
    their.opt().compose_rdata(&mut octets).unwrap();
    assert_eq!(edns.options.as_octets(), octets);
}
