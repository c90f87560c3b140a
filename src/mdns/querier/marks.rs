//! What is said of a name in the cache: why it is wanted, what of it is there, what is asked for.

use crate::cache::Marks;
use crate::wire::Type;

/// The PTRs of a service type or subtype are wanted: a browse.
pub(super) const BROWSE: Marks = Marks::bit(0);
/// The PTRs of the list of types are wanted; they lead to no instances.
pub(super) const TYPES: Marks = Marks::bit(1);
/// SRV and TXT are wanted: an instance.
pub(super) const INSTANCE: Marks = Marks::bit(2);
/// They are wanted at once.
pub(super) const RESOLVE: Marks = Marks::bit(3);
/// Addresses are wanted: the host of an instance.
pub(super) const HOST: Marks = Marks::bit(4);
/// IPv4 addresses are wanted: a lookup.
pub(super) const V4: Marks = Marks::bit(5);
/// IPv6 addresses are wanted: a lookup.
pub(super) const V6: Marks = Marks::bit(6);
/// Records of a type that the request knows are wanted.
pub(super) const RECORDS: Marks = Marks::bit(7);

/// What is there is still to be told to a request that has ended.
pub(super) const TO_TELL: Marks = Marks::bit(27);

/// Somebody wants something.
pub(super) const WANTED: Marks =
    BROWSE.with(TYPES).with(INSTANCE).with(RESOLVE).with(HOST).with(V4).with(V6).with(RECORDS).with(TO_TELL);

/// Host, port, an address and TXT of the instance are there.
pub(super) const RESOLVED: Marks = Marks::bit(24);

/// A host of one family that did not answer for the other one: most small devices stay silent there.
pub(super) const ENOUGH: Marks = Marks::bit(25);

/// An instance that was asked for and did not answer; good while room is made.
pub(super) const SILENT: Marks = Marks::bit(28);

/// There are records under the name.
pub(super) const THERE: Marks = Marks::of(0x7F << 8);

/// This device has the name for itself: nobody else is asked.
pub(super) const OURS: Marks = Marks::bit(26);

/// The types that services need.
pub(super) const TYPES_OF_SERVICES: [Type; 5] = [Type::PTR, Type::SRV, Type::TXT, Type::A, Type::AAAA];

/// There is a live record of the type, or of another type than services need.
pub(super) fn has(rtype: Type) -> Marks {
    Marks::bit(8 + number(rtype).unwrap_or(6))
}

/// There is a question for the type.
pub(super) fn asking(rtype: Type) -> Marks {
    number(rtype).map_or(Marks::NONE, |number| Marks::bit(16 + number))
}

fn number(rtype: Type) -> Option<u32> {
    match rtype {
        Type::PTR => Some(0),
        Type::SRV => Some(1),
        Type::TXT => Some(2),
        Type::A => Some(3),
        Type::AAAA => Some(4),
        Type::CNAME => Some(5),
        _ => None,
    }
}

/// Why a record of the type under such a name is wanted, requests for records by type left out.
pub(super) fn wanted_by(rtype: Type) -> Marks {
    match rtype {
        Type::PTR => BROWSE.with(TYPES),
        Type::SRV | Type::TXT => INSTANCE,
        Type::A => V4.with(HOST),
        Type::AAAA => V6.with(HOST),
        Type::CNAME => V4.with(V6).with(HOST),
        _ => Marks::NONE,
    }
}

/// What a record of the type makes its target wanted for.
pub(super) fn passed_on(marks: Marks, rtype: Type) -> Marks {
    match rtype {
        Type::PTR if marks.any(BROWSE) => INSTANCE,
        Type::SRV if marks.any(INSTANCE) => HOST,
        Type::CNAME => marks.and(wanted_by(Type::CNAME)),
        _ => Marks::NONE,
    }
}

/// Whether records of the type are to be asked for under a name that has these marks, requests for records by type left
/// out.
pub(super) fn is_missing(marks: Marks, rtype: Type) -> bool {
    if !marks.any(wanted_by(rtype)) {
        return false;
    }
    // A name that is an alias has nothing else.
    let settled = match rtype {
        // There may always be one more.
        Type::PTR => return true,
        Type::A | Type::AAAA => has(rtype).with(has(Type::CNAME)),
        _ => has(rtype),
    };
    let other_is_enough =
        |lookup: Marks, other: Type| !marks.any(lookup) && marks.any(ENOUGH) && marks.any(has(other));
    let enough = match rtype {
        Type::A => other_is_enough(V4, Type::AAAA),
        Type::AAAA => other_is_enough(V6, Type::A),
        _ => false,
    };
    !marks.any(settled.with(OURS)) && !enough
}
