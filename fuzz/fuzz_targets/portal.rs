//! Feeds any octets to a `Portal`.
//!
//! What must hold: what has a header and is no response gets an answer that is sound, short, and of the same id, opcode and
//! RD; all else gets none, answers too; one question comes back octet for octet; an address is told for a question of one
//! and for no other, with an SOA for what has no data and nothing for what is refused; a buffer that is too short changes
//! nothing but that there is no answer.

#![no_main]

use dotlocal::portal::Portal;
use dotlocal::wire::{Class, Flags, Message, Opcode, Question, RData, Rcode, Type};
use libfuzzer_sys::fuzz_target;

const HERE: [u8; 4] = [192, 168, 4, 1];

fuzz_target!(|input: &[u8]| {
    let Some((&room, query)) = input.split_first() else { return };
    let portal = Portal::new(HERE.into());
    let mut buf = [0xAA; Portal::MAX_LEN];
    let asked = Message::parse(query).ok().filter(|asked| !asked.header().is_response());
    let Some(answer) = portal.answer(query, &mut buf) else { return assert!(asked.is_none()) };
    check(&asked.expect("only a query has an answer"), answer);
    let mut short = vec![0x55; room.into()];
    let fits = answer.len() <= short.len();
    assert_eq!(portal.answer(query, &mut short), fits.then_some(answer));
    assert_eq!(portal.answer(answer, &mut short), None);
});

fn check(asked: &Message<'_>, answer: &[u8]) {
    let told = Message::parse(answer).unwrap();
    assert_eq!(told.header().id(), asked.header().id());
    let [own, flags] = [asked, &told].map(|message| message.header().flags());
    let kept = Flags(own.0 & Flags::RD.0).with_opcode(own.opcode());
    assert_eq!(flags.with_rcode(Rcode::NOERROR), Flags::QR.with(Flags::AA).with(Flags::RA).with(kept));
    assert!(told.check().unwrap().trailing().is_empty());

    let only = asked.questions().next().filter(|_| asked.header().question_count() == 1).and_then(Result::ok);
    let back: Vec<Question<'_>> = told.questions().map(Result::unwrap).collect();
    let seen = |question: &Question<'_>| {
        (question.name().octets().collect::<Vec<_>>(), question.qtype(), question.raw_class())
    };
    assert_eq!(back.iter().map(seen).collect::<Vec<_>>(), only.iter().map(seen).collect::<Vec<_>>());

    let edns = told.edns().unwrap();
    assert_eq!(edns.is_some(), asked.edns().is_ok_and(|edns| edns.is_some()));
    let rcode = edns.map_or(flags.rcode(), |edns| edns.rcode);
    let is_broken = asked.check().is_err() || asked.edns().is_err() || only.is_none();
    let is_new = asked.edns().is_ok_and(|edns| edns.is_some_and(|edns| edns.version != 0));
    let is_other = only.is_some_and(|question| question.raw_class() != Class::IN.0);
    assert_eq!(rcode == Rcode::NOTIMP, own.opcode() != Opcode::QUERY);
    assert_eq!(rcode == Rcode::FORMERR, rcode != Rcode::NOTIMP && is_broken);
    assert!(rcode == Rcode::NOTIMP || is_broken || (rcode == Rcode::BADVERS) == is_new);
    assert!(rcode == Rcode::NOTIMP || is_broken || is_new || (rcode == Rcode::REFUSED) == is_other);

    let [answers, authorities] = [told.answers(), told.authorities()].map(|records| records.count());
    let is_asked = rcode == Rcode::NOERROR;
    let has_address = only.is_some_and(|question| [Type::A, Type::ANY].contains(&question.qtype()));
    assert_eq!((answers == 1, authorities == 1), (is_asked && has_address, is_asked && !has_address));
    for record in told.answers().flatten() {
        assert_eq!(record.name(), only.unwrap().name());
        assert!(matches!(record.data(), Ok(RData::A(address)) if address.octets() == HERE));
    }
    for record in told.authorities().flatten() {
        assert!(record.name().is_root() && matches!(record.data(), Ok(RData::Soa(_))));
    }
}
