//! The names of a device that is being set up: whatever a phone asks, the device is there.
//!
//! A device in access-point mode gives itself as the DNS server by DHCP, and answers here. The phone's own test for a
//! captive portal then reaches the device, whose web server sends it to the set-up page.

use core::net::Ipv4Addr;

use crate::name::{MAX_NAME, Name};
use crate::wire::{
    Builder, Class, DoesNotFit, Edns, Flags, HEADER_LEN, Message, Opcode, Question, Rcode, RecordHead,
    Section, Type,
};

/// Answers every query for an IPv4 address with one, and says of all else at once that there is none.
///
/// It keeps no state: one value serves all who ask. A query of any kind gets one answer, a response none.
///
/// - A (and ANY, RFC 8482 section 4.1): the address of the portal.
/// - Every other type, AAAA and HTTPS among them, which phones ask for first: no data, at once, so that nobody waits.
/// - A class other than IN: REFUSED. An opcode other than QUERY: NOTIMP. A version of EDNS other than 0: BADVERS. What
///   cannot be read behind the header, and another number of questions than one: FORMERR.
///
/// Answers hold for [`TTL_SECS`](Self::TTL_SECS). Of the query they have the id, RD and the question, in the case that it came
/// in. An answer has at most [`MAX_LEN`](Self::MAX_LEN) octets, which any sender takes, with EDNS and without.
///
/// ```
/// use dotlocal::portal::Portal;
/// use dotlocal::wire::{Message, RData, Type};
///
/// let portal = Portal::new([192, 168, 4, 1].into());
/// // From a socket at port 53, to which the answer goes back:
/// let mut buf = [0; Portal::MAX_LEN];
/// # let mut query = [0; 64];
/// # let query = Message::query(&mut query, 7).question("captive.apple.com", Type::A)?.finish();
/// if let Some(answer) = portal.answer(query, &mut buf) {
///     let record = Message::parse(answer)?.answers().next().unwrap()?;
///     assert!(matches!(record.data()?, RData::A(address) if address.octets() == [192, 168, 4, 1]));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Portal {
    address: Ipv4Addr,
}

impl Portal {
    /// How long an answer may be kept. All of them are false as soon as the phone is back on its own network, some seconds
    /// after the device has been set up; until then a page with a few requests should not ask for each of them. Not 0, which
    /// some hosts take for an answer that they cannot use.
    pub const TTL_SECS: u32 = 10;

    /// The longest answer: a question of the longest name, no data, and EDNS. A buffer of so many octets is always enough.
    pub const MAX_LEN: usize = HEADER_LEN + (MAX_NAME + 4) + (11 + SOA.len()) + 11;

    /// The portal at `address`, which is the device's own one in the network that it has opened.
    pub const fn new(address: Ipv4Addr) -> Self {
        Self { address }
    }

    /// The answer to `query`, written into `buf`. `None` for what is no query: fewer octets than a header has, or a response,
    /// which is never answered, so that no two servers can talk to each other without end; and when `buf` is shorter than
    /// [`MAX_LEN`](Self::MAX_LEN) and too short.
    pub fn answer<'b>(&self, query: &[u8], buf: &'b mut [u8]) -> Option<&'b [u8]> {
        let message = Message::parse(query).ok()?;
        if message.header().is_response() {
            return None;
        }
        let asked = Asked::read(&message);
        let flags = message.header().flags();
        let kept = Flags(flags.0 & Flags::RD.0).with_opcode(flags.opcode()).with_rcode(asked.rcode);
        // Recursion is available: without it a resolver would take no data for a referral (RFC 1035 section 4.1.1).
        let own = Flags::QR.with(Flags::AA).with(Flags::RA);
        let mut builder = Builder::new(buf, message.header().id(), own.with(kept));
        self.write(&asked, &mut builder).ok()?;
        Some(builder.finish())
    }

    fn write(&self, asked: &Asked<'_>, builder: &mut Builder<'_>) -> Result<(), DoesNotFit> {
        // Room for the header itself.
        if builder.len() < HEADER_LEN {
            return Err(DoesNotFit);
        }
        if let Some(question) = asked.question {
            let (name, qtype) = (question.name(), question.qtype());
            builder.put_question(&name, qtype, question.raw_class())?;
            if asked.rcode == Rcode::NOERROR && matches!(qtype, Type::A | Type::ANY) {
                put(builder, Section::Answer, Type::A, &name, &self.address.octets())?;
            } else if asked.rcode == Rcode::NOERROR {
                // Without an SOA no data could not be cached at all, and would be asked for again and again (RFC 2308
                // sections 2.2 and 5). It is of the root, as the portal answers for all names.
                put(builder, Section::Authority, Type::SOA, &Name::ROOT, &SOA)?;
            }
        }
        if asked.has_edns {
            let edns = Edns { rcode: asked.rcode, ..Edns::new(MAX_QUERY) };
            builder.edns(&edns).map_err(|_| DoesNotFit)?;
        }
        Ok(())
    }
}

fn put(
    builder: &mut Builder<'_>,
    section: Section,
    rtype: Type,
    owner: &Name<'_>,
    data: &[u8],
) -> Result<(), DoesNotFit> {
    let head = RecordHead { section, rtype, class: Class::IN.0, ttl_secs: Portal::TTL_SECS };
    builder.put_record(head, |builder| builder.put_name(owner), |builder| builder.put(data))
}

/// The largest query that the portal asks for: one question and some options fit, and every sender may send it.
const MAX_QUERY: u16 = 512;

/// The data of an SOA record that says nothing but how long no data holds: two names, which are the root, and five times.
const SOA: [u8; 22] = {
    let [a, b, c, d] = Portal::TTL_SECS.to_be_bytes();
    [0, 0, a, b, c, d, a, b, c, d, a, b, c, d, a, b, c, d, a, b, c, d]
};

/// What a query is about.
struct Asked<'m> {
    question: Option<Question<'m>>,
    has_edns: bool,
    rcode: Rcode,
}

impl<'m> Asked<'m> {
    fn read(message: &Message<'m>) -> Self {
        let header = message.header();
        let question = message.questions().next().and_then(Result::ok);
        let question = question.filter(|_| header.question_count() == 1);
        // This walks over all records, and so finds out what is broken.
        let edns = message.edns();
        let rcode = match (edns, question) {
            _ if header.flags().opcode() != Opcode::QUERY => Rcode::NOTIMP,
            (Err(_), _) | (_, None) => Rcode::FORMERR,
            (Ok(Some(edns)), _) if edns.version != 0 => Rcode::BADVERS,
            (Ok(_), Some(question)) if question.raw_class() != Class::IN.0 => Rcode::REFUSED,
            (Ok(_), Some(_)) => Rcode::NOERROR,
        };
        Self { question, has_edns: matches!(edns, Ok(Some(_))), rcode }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{RData, Soa};
    use std::vec::Vec;

    const HERE: [u8; 4] = [192, 168, 4, 1];

    /// A query for `Captive.Apple.com`, and what is changed in it.
    fn query(qtype: Type, change: impl FnOnce(&mut Builder<'_>)) -> Vec<u8> {
        let mut buf = [0; 512];
        let mut builder = Message::query(&mut buf, 0x3FA2);
        builder.question("Captive.Apple.com", qtype).unwrap();
        change(&mut builder);
        builder.finish().to_vec()
    }

    fn answer(query: &[u8]) -> Vec<u8> {
        let mut buf = [0xAA; Portal::MAX_LEN];
        Portal::new(HERE.into()).answer(query, &mut buf).unwrap().to_vec()
    }

    /// The answer's code and whether it has a record for the query; what all answers have in common is looked at.
    fn code(query: &[u8]) -> (Rcode, bool) {
        let answer = answer(query);
        let [asked, told] = [query, &answer].map(|octets| Message::parse(octets).unwrap());
        let flags = told.header().flags();
        assert_eq!(told.header().id(), asked.header().id());
        assert!(flags.has(Flags::QR.with(Flags::AA).with(Flags::RA)) && !flags.has(Flags::TC));
        assert_eq!(flags.has(Flags::RD), asked.header().flags().has(Flags::RD));
        assert_eq!(flags.opcode(), asked.header().flags().opcode());
        assert!(told.check().unwrap().trailing().is_empty());
        let edns = told.edns().unwrap();
        assert_eq!(edns.is_some(), asked.edns().is_ok_and(|edns| edns.is_some()));
        (
            edns.map_or(flags.rcode(), |edns| edns.rcode),
            told.records().flatten().any(|record| record.rtype() != Type::OPT),
        )
    }

    #[test]
    fn each_name_has_the_address_of_the_portal() {
        for qtype in [Type::A, Type::ANY] {
            let query = query(qtype, |_| {});
            assert_eq!(code(&query), (Rcode::NOERROR, true));
            let answer = answer(&query);
            let message = Message::parse(&answer).unwrap();
            // The question comes back octet for octet, in its case.
            assert_eq!(answer[12..query.len()], query[12..]);
            let [record] = message.records().collect::<Result<Vec<_>, _>>().unwrap()[..] else { panic!() };
            assert_eq!(
                (record.section(), record.class(), record.ttl_secs()),
                (Section::Answer, Class::IN, 10)
            );
            assert_eq!(record.name(), crate::name!("captive.apple.com"));
            assert!(matches!(record.data(), Ok(RData::A(address)) if address.octets() == HERE));
        }
    }

    #[test]
    fn other_types_have_no_data_which_is_soon_forgotten() {
        for qtype in [Type::AAAA, Type::HTTPS, Type::SVCB, Type::MX, Type::PTR, Type::TXT, Type(65_280)] {
            let query = query(qtype, |_| {});
            assert_eq!(code(&query), (Rcode::NOERROR, true), "{qtype}");
            let answer = answer(&query);
            let message = Message::parse(&answer).unwrap();
            let [record] = message.records().collect::<Result<Vec<_>, _>>().unwrap()[..] else { panic!() };
            assert_eq!(record.section(), Section::Authority);
            let soa = record.read::<Soa<'_>>().unwrap().unwrap();
            assert_eq!(soa.negative_ttl_secs(record.ttl_secs()), 10);
            // The record is of the name or of one above it.
            assert!(record.name().is_root() && soa.mname.is_root() && soa.rname.is_root());
        }
    }

    #[test]
    fn what_the_portal_does_not_do_is_refused_politely() {
        let a = |change: fn(&mut Builder<'_>)| query(Type::A, change);
        let with = |change: fn(&mut Vec<u8>)| {
            let mut query = a(|_| {});
            change(&mut query);
            query
        };
        let edns = |builder: &mut Builder<'_>| {
            builder.edns(&Edns::new(1232)).unwrap();
        };
        let version = |builder: &mut Builder<'_>| {
            builder.edns(&Edns { version: 1, ..Edns::new(1232) }).unwrap();
        };
        let twice = |builder: &mut Builder<'_>| {
            builder.question("a", Type::A).unwrap();
        };
        for (query, expected) in [
            (a(edns), (Rcode::NOERROR, true)),
            (a(version), (Rcode::BADVERS, false)),
            (a(twice), (Rcode::FORMERR, false)),
            // No recursion is wanted, and bits that have nothing to say here.
            (with(|query| query[2] = 0), (Rcode::NOERROR, true)),
            (with(|query| query[3] = 0xFF), (Rcode::NOERROR, true)),
            // STATUS, UPDATE.
            (with(|query| query[2] = 2 << 3), (Rcode::NOTIMP, false)),
            (with(|query| query[2] = 5 << 3 | 1), (Rcode::NOTIMP, false)),
            // CH, ANY, and IN with a bit that is of mDNS alone.
            (with(|query| *query.last_mut().unwrap() = 3), (Rcode::REFUSED, false)),
            (with(|query| *query.last_mut().unwrap() = 255), (Rcode::REFUSED, false)),
            (with(|query| *query.iter_mut().nth_back(1).unwrap() = 0x80), (Rcode::REFUSED, false)),
            // A header alone, a question that is cut, a record that is not there, a name that is none.
            (with(|query| query.truncate(12)), (Rcode::FORMERR, false)),
            (with(|query| query[5] = 0), (Rcode::FORMERR, false)),
            (with(|query| query.truncate(query.len() - 1)), (Rcode::FORMERR, false)),
            (with(|query| query[11] = 1), (Rcode::FORMERR, false)),
            (with(|query| query[12] = 0x80), (Rcode::FORMERR, false)),
        ] {
            assert_eq!(code(&query), expected, "{query:?}");
        }
    }

    #[test]
    fn what_is_no_query_has_no_answer() {
        let mut buf = [0; Portal::MAX_LEN];
        let portal = Portal::new(HERE.into());
        let query = query(Type::A, |_| {});
        for cut in 0..12 {
            assert_eq!(portal.answer(&query[..cut], &mut buf), None);
        }
        // Its own answer, which somebody has sent back.
        assert_eq!(portal.answer(&answer(&query), &mut buf), None);
    }

    #[test]
    fn an_answer_fits_or_there_is_none() {
        let portal = Portal::new(HERE.into());
        let label = "a".repeat(63);
        let longest = [&*label, &label, &label, &label[..61]].join(".");
        let mut room = [0; 512];
        let mut builder = Message::query(&mut room, 7);
        let query =
            builder.question(&*longest, Type::HTTPS).unwrap().edns(&Edns::new(4096)).unwrap().finish();
        let whole = answer(query);
        assert_eq!(whole.len(), Portal::MAX_LEN);
        let mut buf = [0; Portal::MAX_LEN];
        for room in 0..Portal::MAX_LEN {
            assert_eq!(portal.answer(query, &mut buf[..room]), None, "in {room} octets");
        }
        assert_eq!(portal.answer(query, &mut buf), Some(&*whole));
        // What has no question is answered by a header alone, or not at all.
        assert_eq!(portal.answer(&query[..HEADER_LEN], &mut buf[..HEADER_LEN - 1]), None);
        assert!(portal.answer(&query[..HEADER_LEN], &mut buf[..HEADER_LEN]).is_some());
    }
}
