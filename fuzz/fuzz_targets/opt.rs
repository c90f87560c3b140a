//! Reads any octets as the options of an OPT record, and as what a message says by EDNS.
//!
//! What must hold: the record reads when its options fill it to the octet; an option whose data does not fit its code
//! is an error and leaves the others readable; options that are read and built again have the same octets; EDNS is
//! found in the one OPT record of the root in the additional section, whatever else is there, and survives the builder.

#![no_main]

use dotlocal::wire::{BuildError, Builder, Edns, EdnsOption, Fault, Flags, Message, Opt, Rcode, Type};
use dotlocal_fuzz::{TypedRecord, check_data, split_params};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some(typed) = TypedRecord::of(Type::OPT, input) else { return };
    let expected = split_params(typed.data);
    typed.read(|record| {
        check_data(record);
        let options = record.read::<Opt<'_>>().map(Option::unwrap);
        assert_eq!(options.is_ok(), expected.is_some());
        let Ok(options) = options else { return };
        let read: Vec<Result<EdnsOption<'_>, _>> = options.options().collect();
        for (option, (code, octets)) in read.iter().zip(expected.unwrap()) {
            assert_eq!(option.is_ok(), is_lawful(code, octets), "option {code}: {octets:?}");
        }
        if let Ok(all) = read.into_iter().collect::<Result<Vec<_>, _>>() {
            build(&all, typed.data);
        }
    });
    // In a message of answers an OPT record is out of place.
    let message = dotlocal_fuzz::typed_message(Type::OPT, input[0], typed.data);
    let error = Message::parse(&message).unwrap().edns().unwrap_err();
    assert_eq!(
        error.fault(),
        if split_params(typed.data).is_some() { Fault::Opt } else { Fault::RdataLength }
    );
    edns(input);
});

/// Whether the option's data fits its code (RFC 7871 section 6, RFC 7873 section 4, RFC 7828 section 3.1, RFC 8914
/// section 2).
fn is_lawful(code: u16, octets: &[u8]) -> bool {
    match (code, octets) {
        (8, [0, family @ 1..=2, source, scope, address @ ..]) => {
            let most = if *family == 1 { 32 } else { 128 };
            let bits: Vec<bool> =
                (0..8 * address.len()).map(|bit| address[bit / 8] >> (7 - bit % 8) & 1 == 1).collect();
            let source = usize::from(*source);
            source <= most
                && usize::from(*scope) <= most
                && address.len() == source.div_ceil(8)
                && !bits[source..].contains(&true)
        }
        (8, _) => false,
        (10, _) => matches!(octets.len(), 8 | 16..=40),
        (11, _) => matches!(octets.len(), 0 | 2),
        (15, _) => octets.len() >= 2,
        _ => true,
    }
}

fn build(options: &[EdnsOption<'_>], octets: &[u8]) {
    let mut buf = vec![0; octets.len()];
    let built = Opt::build(&mut buf, options).unwrap();
    assert_eq!(built.as_octets(), octets);
    assert!(built.options().map(Result::unwrap).eq(options.iter().copied()));
    if let Some(small) = octets.len().checked_sub(1) {
        assert_eq!(Opt::build(&mut buf[..small], options), Err(BuildError::DoesNotFit));
    }
}

/// The header's octets say the fields, and the rest the options, as long as they can be options.
fn edns(input: &[u8]) {
    let Some((&[a, b, c, d, e, f], rest)) = input.split_first_chunk() else { return };
    let mut buf = vec![0; rest.len()];
    let options = split_params(rest).unwrap_or_default();
    let options: Vec<_> = options
        .iter()
        .map(|(code, octets)| EdnsOption::Other(dotlocal::wire::OptionCode(*code), octets))
        .collect();
    // Data that does not fit its code is not built.
    let Ok(options) = Opt::build(&mut buf, &options) else { return };
    let edns = Edns {
        payload_size: u16::from_be_bytes([a, b]),
        rcode: Rcode(u16::from_be_bytes([c & 0xF, d])),
        version: e,
        dnssec_ok: f & 1 == 1,
        options,
    };
    let mut message = vec![0; rest.len() + 64];
    let mut builder = Builder::new(&mut message, 1, Flags(u16::from_be_bytes([f, a])));
    let flags = builder.flags();
    builder.edns(&edns).unwrap();
    let message = Message::parse(builder.finish()).unwrap();
    let read = message.edns().unwrap().unwrap();
    assert_eq!(read.payload_size, edns.payload_size.max(512));
    // Without a code of its own the header's stays.
    let rcode = if edns.rcode == Rcode::NOERROR { flags.rcode() } else { edns.rcode };
    assert_eq!((read.rcode, read.version, read.dnssec_ok), (rcode, edns.version, edns.dnssec_ok));
    assert_eq!(read.options.as_octets(), edns.options.as_octets());
    assert_eq!(message.header().flags(), flags.with_rcode(rcode));
}
