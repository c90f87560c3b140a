//! Names: where pointers may lead.

use dotlocal::wire::Fault;

use super::Case;
use crate::compare::What;
use crate::walk::{pointer, runs};

const HEADER: usize = 12;

/// Where the pointer leads that dotlocal refuses, and where it stands.
fn refused_pointer(case: &Case<'_>) -> Option<(usize, usize)> {
    let (What::WeRefuse(refusal) | What::WeRefuseData(refusal)) = case.what() else { return None };
    let Some((Fault::Pointer, at)) = refusal.fault else { return None };
    Some((pointer(case.octets, at)?, at))
}

/// The octets of the header are taken for a name.
pub fn pointer_into_header(case: &Case<'_>) -> bool {
    refused_pointer(case).is_some_and(|(target, _)| target < HEADER)
}

/// A pointer leads to octets before itself that belong to its own run of labels.
pub fn pointer_into_own_labels(case: &Case<'_>) -> bool {
    refused_pointer(case).is_some_and(|(target, at)| (HEADER..at).contains(&target))
}

/// The labels behind a pointer run on into the labels that led to it.
pub fn labels_overlap(case: &Case<'_>) -> bool {
    let (What::TheyRefuse(_), Some(at)) = (case.what(), case.start()) else { return false };
    let runs = runs(case.octets, at);
    runs.windows(2).any(|pair| pair[1].end > pair[0].start && pair[1].start < pair[0].start)
}

/// A chain of more pointers than a name can have labels.
pub fn long_chain(case: &Case<'_>) -> bool {
    let What::WeRefuse(refusal) = case.what() else { return false };
    let Some((Fault::NameTooLong, at)) = refusal.fault else { return false };
    runs(case.octets, at).iter().filter(|run| run.target.is_some()).count() > 127
}
