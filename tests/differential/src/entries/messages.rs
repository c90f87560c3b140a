//! Differences in EDNS and in whole messages.

use super::{Entry, Right, message, rule};
use crate::compare::Peer::{Domain, Hickory};
use crate::compare::Place;
use crate::rules;

pub(super) const ENTRIES: &[Entry] = &[
    // EDNS.
    rule(
        Domain,
        "a payload size below 512",
        rules::small_payload,
        Right::Dotlocal,
        "RFC 6891 section 6.2.3",
        "Values below 512 count as 512; domain tells the field as it came.",
    ),
    rule(
        Hickory,
        "a payload size below 512",
        rules::small_payload,
        Right::Both,
        "RFC 6891 section 6.2.3",
        "hickory raises the class of the record, dotlocal what EDNS says and leaves the record as it came.",
    ),
    rule(
        Domain,
        "an OPT record that is stray, or cut and not the first",
        rules::stray_opt,
        Right::Dotlocal,
        "RFC 6891 section 6.1.1",
        "One OPT record, of the root, among the additional records. domain takes the first one there, whatever its \
         name, and does not see others.",
    ),
    rule(
        Hickory,
        "EDNS of options that are cut",
        rules::cut_edns,
        Right::Dotlocal,
        "RFC 6891 section 6.1.2",
        "The options fill the data. hickory drops them all and takes the rest.",
    ),
    rule(
        Hickory,
        "options that are cut",
        rules::cut_options,
        Right::Dotlocal,
        "RFC 6891 section 6.1.2",
        "As above, for the record.",
    ),
    rule(
        Hickory,
        "an OPT record with a name",
        rules::named_opt,
        Right::Both,
        "RFC 6891 section 6.1.2",
        "The name must be the root. hickory refuses the record, dotlocal what EDNS says, and leaves the record readable.",
    ),
    rule(
        Hickory,
        "an option that is wrong alone",
        rules::refused_option,
        Right::Both,
        "RFC 7871 section 6",
        "A server that gets a wrong client subnet should answer FORMERR. dotlocal refuses the option and leaves the \
         answer to the caller, hickory the record and with it the message.",
    ),
    rule(
        Domain,
        "a client subnet of a scope longer than its addresses",
        rules::subnet_scope,
        Right::Dotlocal,
        "RFC 7871 section 6",
        "The scope counts leading bits of the address, of which the family has 32 or 128.",
    ),
    rule(
        Hickory,
        "a client subnet that its family cannot have",
        rules::subnet,
        Right::Dotlocal,
        "RFC 7871 section 6",
        "As for domain; also exactly the octets that the prefix needs, and the bits behind it zero.",
    ),
    rule(
        Hickory,
        "algorithms in DAU",
        rules::dau,
        Right::Both,
        "RFC 6975 section 3",
        "hickory keeps the algorithms that it knows, dotlocal hands the octets out.",
    ),
    // Whole messages.
    rule(
        Hickory,
        "records without data outside of UPDATE",
        rules::empty_data,
        Right::Dotlocal,
        "RFC 3597 section 3",
        "NULL and unknown types may be of no octets, TXT of none is sent (RFC 6763 section 6.1), and a record that is \
         wrong leaves the others readable.",
    ),
    message(
        Hickory,
        // Two OPT records.
        0x616E_3195_F27D_4C47,
        Place::Whole,
        Right::Both,
        "RFC 6891 section 6.1.1",
        "A query with two is answered with FORMERR. dotlocal refuses what EDNS says and leaves the records readable.",
    ),
    message(
        Hickory,
        // An OPT record among the answers.
        0x1A56_F355_1D51_05E3,
        Place::Whole,
        Right::Both,
        "RFC 6891 section 6.1.1",
        "OPT stands among the additional records. dotlocal refuses what EDNS says and leaves the records readable.",
    ),
];
