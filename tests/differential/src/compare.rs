//! Finds every difference between what dotlocal says of a message and what another decoder says.

use std::fmt;

use crate::view::{Data, Field, Judged, Part, Refusal, View};
use crate::{by_domain, by_hickory};

/// The other decoders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Peer {
    Domain,
    Hickory,
}

impl Peer {
    pub const ALL: [Peer; 2] = [Peer::Domain, Peer::Hickory];

    pub fn view(self, octets: &[u8]) -> View {
        match self {
            Self::Domain => by_domain::view(octets),
            Self::Hickory => by_hickory::view(octets),
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Domain => "domain",
            Self::Hickory => "hickory",
        })
    }
}

/// Where decoders differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Header,
    /// A question or record, counted from 0 over both.
    Part(usize),
    /// What the peer says of the whole message, against what it says of its parts.
    Whole,
    Edns,
}

/// How they differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The peer takes what dotlocal refuses, with dotlocal's reason.
    WeRefuse(Refusal),
    /// The peer refuses what dotlocal takes, with the peer's reason.
    TheyRefuse(Refusal),
    /// The same for the data of a record which both take.
    WeRefuseData(Refusal),
    TheyRefuseData(Refusal),
    /// A field has another value, or is there for one of both alone.
    Field {
        ours: Option<Field>,
        theirs: Option<Field>,
    },
    /// The data with its names uncompressed.
    Expanded {
        ours: Vec<u8>,
        theirs: Vec<u8>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub peer: Peer,
    pub place: Place,
    pub what: What,
}

/// What was compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    pub messages: usize,
    pub questions: usize,
    pub records: usize,
    /// Records whose data both decoders judged by its type.
    pub typed: usize,
}

/// The differences of one message's views; adds what was compared to `count`.
pub fn differences(ours: &View, theirs: &View, peer: Peer, count: &mut Count) -> Vec<Difference> {
    let mut found = vec![];
    let mut differ = |place, what| found.push(Difference { peer, place, what });
    count.messages += 1;
    match (&ours.header, &theirs.header) {
        (Ok(our), Ok(their)) => {
            // hickory does not keep the reserved bit (RFC 1035 section 4.1.1).
            let kept = if peer == Peer::Hickory { !0x0040 } else { !0 };
            let our = our.iter().map(|field| masked(field, kept)).collect::<Vec<_>>();
            fields(&our, their, |what| differ(Place::Header, what));
        }
        (Err(error), Ok(_)) => differ(Place::Header, What::WeRefuse(error.clone())),
        (Ok(_), Err(error)) => differ(Place::Header, What::TheyRefuse(error.clone())),
        (Err(_), Err(_)) => {}
    }
    for (index, both) in ours.parts.iter().zip(&theirs.parts).enumerate() {
        let mut differ = |what| differ(Place::Part(index), what);
        match both {
            (Ok(our), Ok(their)) => part(our, their, count, differ),
            (Err(error), Ok(_)) => differ(What::WeRefuse(error.clone())),
            (Ok(_), Err(error)) => differ(What::TheyRefuse(error.clone())),
            (Err(_), Err(_)) => {}
        }
    }
    // The walk must not end before dotlocal does, or something is not compared.
    assert!(ours.parts.len() <= theirs.parts.len(), "{ours:?}");
    let takes_parts = theirs.parts.iter().all(|part| match part {
        Ok(part) => peer == Peer::Domain || !matches!(part.data, Some(Data::Refused(_))),
        Err(_) => false,
    });
    match &theirs.whole {
        Err(error) if takes_parts && theirs.header.is_ok() => {
            differ(Place::Whole, What::TheyRefuse(error.clone()));
        }
        Ok(()) if !takes_parts => differ(Place::Whole, What::WeRefuse(Refusal::new("a part of it"))),
        _ => {}
    }
    if ours.whole.is_ok() && theirs.whole.is_ok() {
        match (&ours.edns, &theirs.edns) {
            (Some(Ok(our)), Some(Ok(their))) => fields(our, their, |what| differ(Place::Edns, what)),
            (Some(Ok(_)), Some(Err(error))) => differ(Place::Edns, What::TheyRefuse(error.clone())),
            (Some(Ok(_)), None) => differ(Place::Edns, What::TheyRefuse(Refusal::new("nothing found"))),
            (Some(Err(error)), Some(Ok(_)) | None) => differ(Place::Edns, What::WeRefuse(error.clone())),
            (None, Some(_)) => differ(Place::Edns, What::WeRefuse(Refusal::new("nothing found"))),
            (Some(Err(_)), Some(Err(_))) | (None, None) => {}
        }
    }
    found
}

fn masked(field: &Field, mask: u16) -> Field {
    match <[u8; 2]>::try_from(field.value.as_slice()) {
        Ok(word) if field.name == "flags" => Field::word("flags", u16::from_be_bytes(word) & mask),
        _ => field.clone(),
    }
}

fn part(ours: &Part, theirs: &Part, count: &mut Count, mut differ: impl FnMut(What)) {
    fields(&ours.fields, &theirs.fields, &mut differ);
    let (Some(our), Some(their)) = (&ours.data, &theirs.data) else {
        assert_eq!(ours.data, theirs.data, "a question is a question for all");
        count.questions += 1;
        return;
    };
    count.records += 1;
    match (our, their) {
        (Data::Typed(our), Data::Typed(their)) => fields(our, their, &mut differ),
        (Data::Refused(error), Data::Typed(_)) => differ(What::WeRefuseData(error.clone())),
        (Data::Typed(_), Data::Refused(error)) => differ(What::TheyRefuseData(error.clone())),
        (Data::Raw(our), Data::Raw(their)) if !their.is_empty() => {
            fields(&[Field::new("octets", &**our)], &[Field::new("octets", &**their)], &mut differ);
        }
        // One of both has no form for the type.
        _ => {}
    }
    count.typed += usize::from(!matches!(our, Data::Raw(_)) && !matches!(their, Data::Raw(_)));
    if let (Some(our), Some(their)) = (&ours.expanded, &theirs.expanded)
        && our != their
    {
        differ(What::Expanded { ours: our.clone(), theirs: their.clone() });
    }
}

fn fields(ours: &[Field], theirs: &[Field], mut differ: impl FnMut(What)) {
    for index in 0..ours.len().max(theirs.len()) {
        let (our, their) = (ours.get(index).cloned(), theirs.get(index).cloned());
        if !same(our.as_ref(), their.as_ref()) {
            differ(What::Field { ours: our, theirs: their });
        }
    }
}

/// A peer without a form for an option does not refuse what dotlocal refuses.
fn same(ours: Option<&Field>, theirs: Option<&Field>) -> bool {
    let (Some(our), Some(their)) = (ours, theirs) else { return ours == theirs };
    our.name == their.name
        && match (our.judged, their.judged) {
            (Judged::Refused, Judged::Not) => true,
            (judged, Judged::Taken | Judged::Refused) if judged != their.judged => false,
            _ => our.value == their.value,
        }
}
