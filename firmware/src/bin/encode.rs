//! The writer alone: names from text and labels, questions, records of all types, EDNS, streams.

#![no_std]
#![no_main]

use dotlocal::name::{Name, NameBuf};
use dotlocal::wire::{
    Afsdb, AsName, BuildError, Builder, Caa, CharStr, Class, ClientSubnet, Compression, Edns, EdnsOption,
    Flags, Hinfo, Message, Minfo, Mx, Naptr, Nsec, Opt, OptionCode, RData, Rcode, Rp, Section, Soa, Srv,
    SvcParam, SvcParamKey, SvcParams, Svcb, Txt, Type, TypeBitmap, Uri,
};
use dotlocal_probes::{address, datagram, one_of, opaque, sink, word};

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut input = [0; 1500];
    let mut output = [0; 1500];
    loop {
        let octets = datagram(&mut input);
        let room = output.get_mut(..word() as usize).unwrap_or_default();
        let mut builder = match word() {
            0 => Message::query(room, word() as u16),
            1 => Builder::for_stream(room, word() as u16, Flags(word() as u16)),
            _ => Builder::new(room, word() as u16, Flags(word() as u16)),
        };
        if let Some(compression) = one_of([Compression::None, Compression::Unicast, Compression::Multicast]) {
            builder = builder.with_compression(compression);
        }
        while word() != 0 {
            builder.set_limit(word() as usize);
            match opaque("kitchen-cam.local").parse::<NameBuf>() {
                Ok(name) => sink(&write(&mut builder, name, octets).is_ok()),
                Err(error) => sink(&error),
            }
            sink(&NameBuf::from_labels([octets, octets]).is_ok());
            sink(&(builder.len(), builder.is_empty(), builder.flags()));
        }
        let message = builder.finish();
        Message::set_id(message, word() as u16);
        sink(&message);
    }
}

#[inline(never)]
fn write(builder: &mut Builder<'_>, owner: impl AsName, octets: &[u8]) -> Result<(), BuildError> {
    let name = Name::from_octets(octets).unwrap_or(Name::ROOT);
    builder.question_of(&owner, Type(word() as u16), Class(word() as u16))?;
    let section =
        one_of([Section::Answer, Section::Authority, Section::Additional]).unwrap_or(Section::Answer);
    let (mut some, mut more, mut much) = ([0; 64], [0; 64], [0; 64]);
    let number = || word() as u16;
    let string = CharStr::new(octets).unwrap_or(CharStr::new(&[]).unwrap_or_else(|| loop {}));
    let types = TypeBitmap::build(&mut some, &[Type(number()), Type(number())])?;
    let txt = Txt::from_octets(octets).unwrap_or(dotlocal::txt!());
    let params = [
        SvcParam::Alpn(txt),
        SvcParam::Port(number()),
        SvcParam::Ipv4Hint(&[[1; 4]]),
        SvcParam::DohPath(octets),
        SvcParam::Other(SvcParamKey(number()), octets),
    ];
    let svcb = Svcb { priority: number(), target: name, params: SvcParams::build(&mut more, &params)? };
    let subnet = ClientSubnet { address: address(), source_prefix: word() as u8, scope_prefix: word() as u8 };
    let options = [
        EdnsOption::ClientSubnet(subnet),
        EdnsOption::Cookie { client: [word() as u8; 8], server: octets },
        EdnsOption::Keepalive(Some(number())),
        EdnsOption::ExtendedError { info_code: number(), text: octets },
        EdnsOption::Other(OptionCode(number()), octets),
    ];
    let options = Opt::build(&mut much, &options)?;
    let data = match word() {
        0 => RData::A(word().into()),
        1 => RData::Aaaa([number(); 8].into()),
        2 => RData::Ptr(name),
        3 => RData::Dname(name),
        4 => RData::Srv(Srv { priority: number(), weight: number(), port: number(), target: name }),
        5 => RData::Txt(txt),
        6 => RData::Nsec(Nsec { next: name, types }),
        7 => RData::Soa(Soa {
            mname: name,
            rname: name,
            serial: word(),
            refresh_secs: word(),
            retry_secs: word(),
            expire_secs: word(),
            minimum_secs: word(),
        }),
        8 => RData::Hinfo(Hinfo { cpu: string, os: string }),
        9 => RData::Minfo(Minfo { rmailbx: name, emailbx: name }),
        10 => RData::Mx(Mx { preference: number(), exchange: name }),
        11 => RData::Rp(Rp { mbox: name, txt: name }),
        12 => RData::Afsdb(Afsdb { subtype: number(), hostname: name }),
        13 => RData::Naptr(Naptr {
            order: number(),
            preference: number(),
            flags: string,
            services: string,
            regexp: string,
            replacement: name,
        }),
        14 => RData::Svcb(svcb),
        15 => RData::Uri(Uri { priority: number(), weight: number(), target: octets }),
        16 => RData::Caa(Caa { flags: word() as u8, tag: string, value: octets }),
        _ => RData::Other(Type(number()), octets),
    };
    builder.record(section, &owner, Class(number()), word(), &data)?;
    builder.set_flags(Flags::TC);
    builder.set_id(number());
    builder.edns(&Edns { options, rcode: Rcode(number()), dnssec_ok: word() != 0, ..Edns::new(number()) })?;
    sink(&Txt::build(&mut [0; 32], &[(opaque("path"), Some(octets))]).is_ok());
    Ok(())
}
