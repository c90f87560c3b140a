//! The data of records.

use super::Case;
use crate::compare::What;
use crate::walk::skip_name;

const NSEC: &[u16] = &[47];
const SVCB: &[u16] = &[64, 65];

/// The string at `at`.
fn string(octets: &[u8], at: usize) -> Option<&[u8]> {
    octets.get(at + 1..at + 1 + usize::from(*octets.get(at)?))
}

/// A TXT record without a single string.
pub fn txt_empty(case: &Case<'_>) -> bool {
    let adds_one =
        matches!(case.what(), What::Field { ours: Some(our), theirs: None } if our.value.is_empty());
    adds_one && case.record(&[16]).is_some_and(|raw| raw.data.is_empty())
}

fn caa_tag<'m>(case: &Case<'m>) -> Option<&'m [u8]> {
    let What::TheyRefuseData(_) = case.what() else { return None };
    string(case.record(&[257])?.data, 1)
}

/// A CAA tag with other octets than ASCII letters and digits.
pub fn caa_tag_octets(case: &Case<'_>) -> bool {
    caa_tag(case).is_some_and(|tag| !tag.iter().all(u8::is_ascii_alphanumeric))
}

/// The same, or a CAA tag that has not 1 to 15 octets.
pub fn caa_tag_octets_or_length(case: &Case<'_>) -> bool {
    caa_tag_octets(case) || caa_tag(case).is_some_and(|tag| !(1..=15).contains(&tag.len()))
}

/// NAPTR flags with other octets than ASCII letters and digits.
pub fn naptr_flags(case: &Case<'_>) -> bool {
    let What::TheyRefuseData(_) = case.what() else { return false };
    let flags = case.record(&[35]).and_then(|raw| string(raw.data, 4));
    flags.is_some_and(|flags| !flags.iter().all(u8::is_ascii_alphanumeric))
}

/// Values behind their numbers: bitmaps of windows, parameters of keys.
type Numbered<'m, N> = Vec<(N, &'m [u8])>;

/// The windows of an NSEC bitmap that dotlocal refuses, each a number and a bitmap, and what is left behind the whole.
fn windows<'m>(case: &Case<'m>) -> Option<(Numbered<'m, u8>, &'m [u8])> {
    let What::WeRefuseData(_) = case.what() else { return None };
    let raw = case.record(NSEC)?;
    let mut rest = raw.data.get(skip_name(case.octets, raw.at)? - raw.at..)?;
    let mut windows = vec![];
    while let [number, len, behind @ ..] = rest
        && let Some((bitmap, behind)) = behind.split_at_checked((*len).into())
    {
        windows.push((*number, bitmap));
        rest = behind;
    }
    Some((windows, rest))
}

/// NSEC windows that do not ascend.
pub fn nsec_order(case: &Case<'_>) -> bool {
    windows(case).is_some_and(|(windows, _)| !windows.is_sorted_by(|a, b| a.0 < b.0))
}

/// NSEC windows of no octets or of more than 32, or cut off.
pub fn nsec_lengths(case: &Case<'_>) -> bool {
    windows(case).is_some_and(|(windows, rest)| {
        !rest.is_empty() || windows.iter().any(|(_, bitmap)| !(1..=32).contains(&bitmap.len()))
    })
}

/// The priority and the parameters of a service binding, and whether they fill the data and ascend.
fn binding<'m>(case: &Case<'m>) -> Option<(u16, Numbered<'m, u16>, bool)> {
    let raw = case.record(SVCB)?;
    let priority = u16::from_be_bytes([*raw.data.first()?, *raw.data.get(1)?]);
    let mut rest = raw.data.get(skip_name(case.octets, raw.at + 2)? - raw.at..)?;
    let mut params = vec![];
    while let [a, b, c, d, behind @ ..] = rest
        && let Some((value, behind)) = behind.split_at_checked(usize::from(u16::from_be_bytes([*c, *d])))
    {
        params.push((u16::from_be_bytes([*a, *b]), value));
        rest = behind;
    }
    let is_sound = rest.is_empty() && params.is_sorted_by(|a, b| a.0 < b.0);
    Some((priority, params, is_sound))
}

/// The alias form with parameters.
pub fn alias_params(case: &Case<'_>) -> bool {
    let What::TheyRefuseData(_) = case.what() else { return false };
    binding(case)
        .is_some_and(|(priority, params, is_sound)| priority == 0 && (!is_sound || !params.is_empty()))
}

/// A parameter of key 8 or 9, for which dotlocal has no form, that has not its form.
pub fn late_keys(case: &Case<'_>) -> bool {
    let What::TheyRefuseData(_) = case.what() else { return false };
    let wrong = |&(key, value): &(u16, &[u8])| match key {
        8 => !value.is_empty(),
        9 => value.is_empty() || value.len() % 2 == 1,
        _ => false,
    };
    binding(case).is_some_and(|(priority, params, _)| priority > 0 && params.iter().any(wrong))
}

fn refused_param(case: &Case<'_>, wrong: impl Fn(u16, &[u8]) -> bool) -> bool {
    let What::WeRefuseData(_) = case.what() else { return false };
    binding(case).is_some_and(|(priority, params, is_sound)| {
        priority > 0 && is_sound && params.iter().any(|(key, value)| wrong(*key, value))
    })
}

/// Mandatory keys that do not ascend, or with the key of the list itself.
pub fn mandatory_order(case: &Case<'_>) -> bool {
    refused_param(case, |key, value| {
        let keys = value.as_chunks::<2>().0;
        key == 0 && (keys.first() == Some(&[0, 0]) || !keys.is_sorted_by(|a, b| a < b))
    })
}

/// A list of mandatory keys or addresses without a single one.
pub fn empty_list(case: &Case<'_>) -> bool {
    refused_param(case, |key, value| matches!(key, 0 | 1 | 4 | 6) && value.is_empty())
}

/// The ALPN identifiers of a parameter.
fn alpn(key: u16, value: &[u8]) -> Vec<&[u8]> {
    let (mut ids, mut at) = (vec![], 0);
    while let (1, Some(id)) = (key, string(value, at)) {
        ids.push(id);
        at += 1 + id.len();
    }
    ids
}

/// An ALPN identifier of no octets.
pub fn empty_alpn(case: &Case<'_>) -> bool {
    refused_param(case, |key, value| alpn(key, value).contains(&[].as_slice()))
}

/// An ALPN identifier that is not UTF-8.
pub fn alpn_text(case: &Case<'_>) -> bool {
    let What::TheyRefuseData(_) = case.what() else { return false };
    binding(case).is_some_and(|(_, params, _)| {
        params.iter().any(|(key, value)| alpn(*key, value).iter().any(|id| str::from_utf8(id).is_err()))
    })
}

/// A port of more than two octets.
pub fn long_port(case: &Case<'_>) -> bool {
    refused_param(case, |key, value| key == 3 && value.len() > 2)
}
