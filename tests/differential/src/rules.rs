//! Classes of differences, each told by the octets of the message and not by what a decoder says of them.

mod data;
mod edns;
mod names;

pub use data::*;
pub use edns::*;
pub use names::*;

use crate::compare::{Difference, Place, What};
use crate::view::View;
use crate::walk::{self, Raw};

/// A difference in its message.
#[derive(Clone, Copy, Debug)]
pub struct Case<'m> {
    pub octets: &'m [u8],
    pub ours: &'m View,
    pub difference: &'m Difference,
}

impl<'m> Case<'m> {
    fn what(&self) -> &'m What {
        &self.difference.what
    }

    /// Where the question or record begins.
    fn start(&self) -> Option<usize> {
        let Place::Part(index) = self.difference.place else { return None };
        walk::starts(self.octets).get(index).map(|start| start.at)
    }

    /// The record, when it is of one of these types.
    fn record(&self, rtypes: &[u16]) -> Option<Raw<'m>> {
        walk::record(self.octets, self.start()?).filter(|raw| rtypes.contains(&raw.rtype))
    }

    /// All records of the message.
    fn records(&self) -> impl Iterator<Item = Raw<'m>> + use<'m> {
        let octets = self.octets;
        let records = walk::starts(octets).into_iter().filter(|start| start.is_record);
        records.filter_map(move |start| walk::record(octets, start.at))
    }
}
