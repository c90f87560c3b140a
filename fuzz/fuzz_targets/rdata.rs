//! Reads any octets as the data of a record of any type.
//!
//! The families of data, and where they are reached: here addresses (A, AAAA), single names (NS, MD, MF, CNAME, MB, MG,
//! MR, PTR, DNAME), SOA, strings (TXT, HINFO, CAA, URI), mail (MX, MINFO, RP, AFSDB), SRV, NAPTR, and types that the
//! crate does not know; with targets of their own NSEC (`nsec`), OPT (`opt`), SVCB and HTTPS (`svcb`), each of which
//! has more to hold than to be read.
//!
//! What must hold: a type that was asked for reads as the record's own type does, or fails with the same error, and
//! other types are told apart; data never reaches behind its length, unless a pointer leads before it; what was read
//! and is built again, in whatever way names are compressed, is the same; `Display` is printable and bounded.

#![no_main]

use dotlocal::wire::{Message, RData, Type};
use dotlocal_fuzz::{Seen, TypedRecord, check_data, check_name, plain, rebuild};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some(typed) = TypedRecord::any(input) else { return };
    typed.read(|record| {
        check_data(record);
        let text = record.to_string();
        assert!(text.bytes().all(|octet| matches!(octet, b' '..=b'~' | b'\t')), "{text:?}");
        assert!(text.len() <= 3300 + 80 * typed.data.len());
        let Ok(data) = record.data() else {
            assert!(text.contains("\t; octet "));
            return;
        };
        data.to_string();
        length(&data, typed.data);
        names(&data);
    });
    let octets = dotlocal_fuzz::typed_message(typed.rtype, input[1], typed.data);
    let message = Message::parse(&octets).unwrap();
    let checked = message.check().unwrap();
    // The record behind it stays readable, whatever the data was.
    let next = checked.answers().nth(1).unwrap();
    assert_eq!((next.rtype(), Seen::record(&next).data), (Type::TXT, b"\x04next".to_vec()));
    rebuild(&checked);
});

/// Data has the length of its fields, of which names alone vary with compression.
fn length(data: &RData<'_>, received: &[u8]) {
    match data {
        RData::A(_) => assert_eq!(received.len(), 4),
        RData::Aaaa(_) => assert_eq!(received.len(), 16),
        RData::Soa(soa) => {
            assert!(received.len() >= 22);
            let times = received[received.len() - 20..]
                .chunks(4)
                .map(|four| u32::from_be_bytes(four.try_into().unwrap()));
            assert!(times.eq([
                soa.serial,
                soa.refresh_secs,
                soa.retry_secs,
                soa.expire_secs,
                soa.minimum_secs
            ]));
            assert_eq!(soa.negative_ttl_secs(120), soa.minimum_secs.min(120));
        }
        RData::Mx(mx) => assert_eq!(mx.preference.to_be_bytes(), received[..2]),
        RData::Afsdb(afsdb) => assert_eq!(afsdb.subtype.to_be_bytes(), received[..2]),
        RData::Srv(srv) => {
            assert_eq!([srv.priority, srv.weight, srv.port].map(u16::to_be_bytes).concat(), received[..6]);
        }
        RData::Naptr(naptr) => {
            assert_eq!([naptr.order, naptr.preference].map(u16::to_be_bytes).concat(), received[..4]);
            let strings =
                [naptr.flags, naptr.services, naptr.regexp].map(|string| string.as_octets().len() + 1);
            assert!(4 + strings.iter().sum::<usize>() < received.len());
        }
        RData::Hinfo(_) | RData::Caa(_) | RData::Uri(_) | RData::Other(..) => {
            assert_eq!(plain(data), received)
        }
        _ => {}
    }
}

fn names(data: &RData<'_>) {
    match *data {
        RData::Ns(name) | RData::Md(name) | RData::Mf(name) | RData::Mb(name) | RData::Mg(name) => {
            check_name(name)
        }
        RData::Mr(name) => check_name(name),
        RData::Minfo(minfo) => [minfo.rmailbx, minfo.emailbx].map(check_name)[0],
        RData::Rp(rp) => [rp.mbox, rp.txt].map(check_name)[0],
        RData::Mx(mx) => check_name(mx.exchange),
        RData::Afsdb(afsdb) => check_name(afsdb.hostname),
        RData::Naptr(naptr) => check_name(naptr.replacement),
        _ => {}
    }
}
