//! Data by type: written out naively, and what must hold of it.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use dotlocal::name::{MAX_NAME, Name};
use dotlocal::wire::{
    Afsdb, Caa, CharStr, CheckError, EdnsOption, Fault, Hinfo, Minfo, Mx, Naptr, Nsec, Opt, RData, Record,
    Rp, Soa, Srv, SvcParam, Svcb, Txt, Type, Uri,
};

use crate::{check_name, is_lawful_param, split_params};

#[derive(Default)]
struct Plain(Vec<u8>);

impl Plain {
    fn octets(mut self, octets: &[u8]) -> Self {
        self.0.extend(octets);
        self
    }

    fn words(self, words: &[u16]) -> Self {
        words.iter().fold(self, |plain, word| plain.octets(&word.to_be_bytes()))
    }

    fn name(mut self, name: &Name<'_>) -> Self {
        self.0.extend(name.octets());
        self
    }

    fn string(self, string: CharStr<'_>) -> Self {
        self.octets(&[string.as_octets().len() as u8]).octets(string.as_octets())
    }
}

/// The data with all names written out.
pub fn plain(data: &RData<'_>) -> Vec<u8> {
    let to = Plain::default();
    let to = match data {
        RData::A(address) => to.octets(&address.octets()),
        RData::Aaaa(address) => to.octets(&address.octets()),
        RData::Ns(name) | RData::Md(name) | RData::Mf(name) | RData::Cname(name) | RData::Mb(name) => {
            to.name(name)
        }
        RData::Mg(name) | RData::Mr(name) | RData::Ptr(name) | RData::Dname(name) => to.name(name),
        RData::Soa(soa) => {
            let times = [soa.serial, soa.refresh_secs, soa.retry_secs, soa.expire_secs, soa.minimum_secs];
            times.iter().fold(to.name(&soa.mname).name(&soa.rname), |to, time| to.octets(&time.to_be_bytes()))
        }
        RData::Hinfo(hinfo) => to.string(hinfo.cpu).string(hinfo.os),
        RData::Minfo(minfo) => to.name(&minfo.rmailbx).name(&minfo.emailbx),
        RData::Mx(mx) => to.words(&[mx.preference]).name(&mx.exchange),
        RData::Txt(txt) => to.octets(txt.as_octets()),
        RData::Rp(rp) => to.name(&rp.mbox).name(&rp.txt),
        RData::Afsdb(afsdb) => to.words(&[afsdb.subtype]).name(&afsdb.hostname),
        RData::Srv(srv) => to.words(&[srv.priority, srv.weight, srv.port]).name(&srv.target),
        RData::Naptr(naptr) => {
            let to = to.words(&[naptr.order, naptr.preference]);
            to.string(naptr.flags).string(naptr.services).string(naptr.regexp).name(&naptr.replacement)
        }
        RData::Opt(opt) => to.octets(opt.as_octets()),
        RData::Nsec(nsec) => to.name(&nsec.next).octets(nsec.types.as_octets()),
        RData::Svcb(svcb) | RData::Https(svcb) => {
            to.words(&[svcb.priority]).name(&svcb.target).octets(svcb.params.as_octets())
        }
        RData::Uri(uri) => to.words(&[uri.priority, uri.weight]).octets(uri.target),
        RData::Caa(caa) => to.octets(&[caa.flags]).string(caa.tag).octets(caa.value),
        RData::Other(_, octets) => to.octets(octets),
        other => panic!("{other:?} is a new type, to be written out here"),
    };
    to.0
}

/// Asserts that asking for one type gives what asking for any gives, and nothing for the others.
macro_rules! agree {
    ($record:ident, $data:ident: $($asked:ty),*) => {{
        let mut answers = 0;
        $(match $record.read::<$asked>() {
            Ok(None) => {}
            Ok(Some(one)) => {
                let any = $data.as_ref().unwrap();
                assert!(format!("{any:?}").ends_with(&format!("({one:?})")), "{any:?} {one:?}");
                answers += 1;
            }
            Err(error) => {
                assert_eq!($data.as_ref().err(), Some(&error));
                answers += 1;
            }
        })*
        answers
    }};
}

/// What holds of the data of any record of a sound message.
pub fn check_data(record: &Record<'_>) {
    let received = record.raw_data().as_octets();
    let uncompressed = record.raw_data().uncompressed().map(|octets| octets.collect::<Vec<_>>());
    if let Ok(octets) = &uncompressed {
        assert!(octets.len() <= received.len() + 2 * MAX_NAME, "more than two names");
    }
    let data = record.data();
    let answers: usize = agree!(record, data:
        Ipv4Addr, Ipv6Addr, Name<'_>, Soa<'_>, Hinfo<'_>, Minfo<'_>, Mx<'_>, Txt<'_>, Rp<'_>, Afsdb<'_>, Srv<'_>,
        Naptr<'_>, Opt<'_>, Nsec<'_>, Svcb<'_>, Uri<'_>, Caa<'_>);
    assert_eq!(answers, usize::from(!matches!(data, Ok(RData::Other(..)))));
    let data = match data {
        Ok(data) => data,
        Err(error) => return check_error(&error),
    };
    assert_eq!(data.rtype(), record.rtype());
    let plain = plain(&data);
    match data {
        // Names of these are expanded by the typed reader alone.
        RData::Rp(_)
        | RData::Afsdb(_)
        | RData::Naptr(_)
        | RData::Dname(_)
        | RData::Svcb(_)
        | RData::Https(_) => {
            assert_eq!(uncompressed.unwrap(), received);
        }
        RData::Txt(_) if received.is_empty() => assert_eq!(plain, [0]),
        _ => assert_eq!(uncompressed.unwrap(), plain),
    }
    match data {
        RData::Txt(txt) => check_txt(&txt),
        RData::Nsec(nsec) => check_nsec(&nsec),
        RData::Opt(opt) => check_opt(&opt),
        RData::Svcb(svcb) | RData::Https(svcb) => check_svcb(&svcb),
        RData::Ptr(name) | RData::Cname(name) | RData::Dname(name) => check_name(name),
        RData::Srv(srv) => {
            check_name(srv.target);
            assert_eq!(srv.is_available(), !srv.target.is_root());
        }
        RData::Soa(soa) => {
            check_name(soa.mname);
            check_name(soa.rname);
        }
        _ => {}
    }
}

fn check_error(error: &CheckError) {
    let data = [
        Fault::Truncated,
        Fault::Pointer,
        Fault::LabelType,
        Fault::NameTooLong,
        Fault::RdataLength,
        Fault::Bitmap,
        Fault::SvcParam,
    ];
    assert!(data.contains(&error.fault()), "{error}");
}

fn check_txt(txt: &Txt<'_>) {
    assert!(txt.strings().count() > 0);
    assert_eq!(txt.strings().map(|string| string.len() + 1).sum::<usize>(), txt.as_octets().len());
    assert_eq!(Txt::from_octets(txt.as_octets()), Some(*txt));
    for (key, _) in txt.attributes() {
        assert!(!key.is_empty() && !key.contains(&b'='));
        if let Ok(text) = std::str::from_utf8(key) {
            let first = txt.attributes().find(|(other, _)| other.eq_ignore_ascii_case(key));
            assert_eq!(txt.get(text), first.map(|(_, value)| value));
        }
    }
}

fn check_nsec(nsec: &Nsec<'_>) {
    check_name(nsec.next);
    let types: BTreeSet<u16> = nsec.types.iter().map(|rtype| rtype.0).collect();
    assert!(nsec.types.iter().is_sorted_by(|a, b| a < b));
    let mut windows = nsec.types.as_octets();
    let mut bits = 0;
    while let [_, len, rest @ ..] = windows {
        let (bitmap, behind) = rest.split_at((*len).into());
        bits += bitmap.iter().map(|octet| octet.count_ones()).sum::<u32>();
        windows = behind;
    }
    assert_eq!(types.len(), bits as usize);
    // The neighbours too: in the same octet, in the next one, in the next window.
    for rtype in
        types.iter().flat_map(|&rtype| [0, 1, 7, 8, 255, 256].map(|step: u16| rtype.wrapping_add(step)))
    {
        assert_eq!(nsec.types.has(Type(rtype)), types.contains(&rtype));
    }
}

fn check_opt(opt: &Opt<'_>) {
    let expected = split_params(opt.as_octets()).unwrap();
    assert_eq!(opt.options().count(), expected.len());
    for (option, (code, octets)) in opt.options().zip(expected) {
        match option {
            // Reading is exact, so that writing gives the same octets.
            Ok(option) => {
                let mut buf = vec![0; 4 + octets.len()];
                let built = Opt::build(&mut buf, &[option]).unwrap();
                assert_eq!(split_params(built.as_octets()), Some(vec![(code, octets)]));
                assert_eq!(option.code().0, code);
                assert!(
                    !matches!(option, EdnsOption::Other(code, _) if matches!(code.0, 3 | 8 | 10 | 11 | 12 | 15))
                );
            }
            Err(error) => {
                assert_eq!(error.fault(), Fault::OptionData);
                assert!(matches!(code, 8 | 10 | 11 | 15), "option {code} can be anything");
            }
        }
    }
}

fn check_svcb(svcb: &Svcb<'_>) {
    check_name(svcb.target);
    if svcb.is_alias() {
        assert_eq!(svcb.params().count(), 0);
        return;
    }
    let expected = split_params(svcb.params.as_octets()).unwrap();
    assert!(expected.is_sorted_by(|a, b| a.0 < b.0));
    assert!(expected.iter().all(|(key, value)| is_lawful_param(*key, value)));
    assert!(svcb.params().map(|param| param.key().0).eq(expected.iter().map(|(key, _)| *key)));
    let mut usable = true;
    for param in svcb.params() {
        match param {
            SvcParam::Mandatory(keys) => {
                let has = |key: &[u8; 2]| expected.iter().any(|(other, _)| other.to_be_bytes() == *key);
                usable &= keys.iter().all(has);
            }
            SvcParam::NoDefaultAlpn => usable &= expected.iter().any(|(key, _)| *key == 1),
            SvcParam::Alpn(ids) => assert!(ids.strings().all(|id| !id.is_empty())),
            SvcParam::Other(key, _) => assert!(!matches!(key.0, 0..=7)),
            _ => {}
        }
    }
    assert_eq!(svcb.is_usable(), usable);
}
