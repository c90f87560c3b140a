//! OPT records.

use dotlocal::wire::Fault;

use super::Case;
use crate::compare::{Place, What};
use crate::view::{Data, Field, Judged};

const OPT: u16 = 41;

/// What dotlocal read of the record's options.
fn our_options<'m>(case: &Case<'m>) -> Option<&'m [Field]> {
    case.record(&[OPT])?;
    let Place::Part(index) = case.difference.place else { return None };
    match case.ours.parts.get(index)?.as_ref().ok()?.data.as_ref()? {
        Data::Typed(options) => Some(options),
        _ => None,
    }
}

/// A payload size below 512, which one of both counts as 512.
pub fn small_payload(case: &Case<'_>) -> bool {
    let What::Field { ours: Some(our), theirs: Some(their) } = case.what() else { return false };
    let is_size = our.name == "payload size" || our.name == "class" && case.record(&[OPT]).is_some();
    let values = [&our.value, &their.value].map(|value| value.as_slice());
    let least = 512_u16.to_be_bytes();
    is_size && values.iter().min() < Some(&least.as_slice()) && values.iter().max() == Some(&least.as_slice())
}

/// What dotlocal finds wrong with the EDNS of a sound message.
fn edns_fault(case: &Case<'_>) -> Option<Fault> {
    match (case.difference.place, case.what()) {
        (Place::Edns, What::WeRefuse(refusal)) => refusal.fault.map(|(fault, _)| fault),
        _ => None,
    }
}

/// An OPT record that has not the place, the name or the number that it must have, or that is cut and that the peer
/// does not look at.
pub fn stray_opt(case: &Case<'_>) -> bool {
    matches!(edns_fault(case), Some(Fault::Opt | Fault::RdataLength))
}

/// Options that are longer than their record, and what EDNS then says.
pub fn cut_edns(case: &Case<'_>) -> bool {
    edns_fault(case) == Some(Fault::RdataLength)
}

/// An OPT record with a name.
pub fn named_opt(case: &Case<'_>) -> bool {
    let is_named = |start: usize| case.octets.get(start).is_some_and(|&first| first != 0);
    matches!(case.what(), What::TheyRefuseData(_))
        && case.record(&[OPT]).is_some()
        && case.start().is_some_and(is_named)
}

/// An option that dotlocal refuses alone: the peer refuses the record for it.
pub fn refused_option(case: &Case<'_>) -> bool {
    let is_refused = |options: &[Field]| options.iter().any(|option| option.judged == Judged::Refused);
    matches!(case.what(), What::TheyRefuseData(_)) && our_options(case).is_some_and(is_refused)
}

/// Options that are longer than their record, and the record.
pub fn cut_options(case: &Case<'_>) -> bool {
    matches!(case.what(), What::WeRefuseData(_)) && case.record(&[OPT]).is_some()
}

/// A client subnet with a prefix length, a spare bit or an octet that its family cannot have.
pub fn subnet(case: &Case<'_>) -> bool {
    let What::Field { ours: Some(our), theirs: Some(_) } = case.what() else { return false };
    our.judged == Judged::Refused && our.value == [0, 8] && case.record(&[OPT]).is_some()
}

/// A client subnet whose scope is longer than an address of its family; its other fields are sound.
pub fn subnet_scope(case: &Case<'_>) -> bool {
    let What::Field { theirs: Some(their), .. } = case.what() else { return false };
    let is_long = match *their.value.as_slice() {
        [0, 8, 0, 1, _, scope, ..] => scope > 32,
        [0, 8, 0, 2, _, scope, ..] => scope > 128,
        _ => false,
    };
    is_long && subnet(case)
}

/// DAU, a list of algorithm numbers, which the peer keeps as a set of those that it knows.
pub fn dau(case: &Case<'_>) -> bool {
    let What::Field { ours: Some(our), .. } = case.what() else { return false };
    our.value.starts_with(&[0, 5]) && our_options(case).is_some()
}

/// A message other than UPDATE with a record, not OPT, that has no data.
pub fn empty_data(case: &Case<'_>) -> bool {
    let is_update = case.octets.get(2).is_some_and(|octet| octet >> 3 & 0xF == 5);
    matches!((case.difference.place, case.what()), (Place::Whole, What::TheyRefuse(_)))
        && !is_update
        && case.records().any(|raw| raw.data.is_empty() && raw.rtype != OPT)
}
