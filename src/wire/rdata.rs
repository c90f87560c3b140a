//! RDATA: as it came, with its names expanded, or by its type.
//!
//! Every type is read by one small reader of fields, which never leaves its RDATA. `nom` was tried for these grammars:
//! see [the module above](super#choices).

mod fields;
mod mail;
mod naptr;
mod nsec;
mod opt;
mod raw;
mod service;
mod svcb;
mod text;
mod txt;
mod zone;

use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

pub use mail::{Afsdb, Minfo, Mx, Rp};
pub use naptr::Naptr;
pub use nsec::{Nsec, TypeBitmap};
pub use opt::{ClientSubnet, EdnsOption, Opt, Options};
pub(crate) use raw::folds_from;
pub(super) use raw::names_in;
pub use raw::{RawData, Uncompressed};
pub use service::{Srv, Uri};
pub use svcb::{SvcParam, SvcParams, Svcb};
pub use text::{Caa, CharStr, Hinfo};
pub(crate) use txt::check_attribute;
pub use txt::{Txt, TxtError};
#[doc(hidden)]
pub use txt::{const_len, const_octets};
pub use zone::Soa;

use super::{Builder, CheckError, DoesNotFit, Type};
use crate::ink::Ink;
use crate::name::Name;
use fields::Fields;

/// Data that [`Record::read`](super::Record::read) gives for the records of its type.
pub trait FromRData<'m>: Sized {
    /// Whether records of type `rtype` have this data.
    fn is_for(rtype: Type) -> bool;

    /// Reads the data; a type of its own does not look whether the record has it.
    ///
    /// # Errors
    /// Octets that are no such data.
    fn read(data: &RawData<'m>) -> Result<Self, CheckError>;
}

/// Data that is written into a message.
trait PutData {
    fn put(&self, rtype: Type, to: &mut Builder<'_>) -> Result<(), DoesNotFit>;
}

/// Data as zone files have it, for the types that are not of this module and have other forms elsewhere.
trait InkData {
    fn ink(&self, ink: &mut impl Ink) -> fmt::Result;
}

/// Data whose fields are read one after the other.
macro_rules! read_fields {
    ($data:ident for $($rtype:ident)|+, $read:expr) => {
        impl<'m> $crate::wire::FromRData<'m> for $data<'m> {
            fn is_for(rtype: $crate::wire::Type) -> bool {
                matches!(rtype, $($crate::wire::Type::$rtype)|+)
            }

            #[inline]
            fn read(data: &$crate::wire::RawData<'m>) -> Result<Self, $crate::wire::CheckError> {
                data.fields($read)
            }
        }
    };
}
use read_fields;

macro_rules! rdata {
    (
        names { $($(#[$name_doc:meta])* $name:ident = $name_type:ident;)* }
        others { $($(#[$doc:meta])* $variant:ident($data:ty) = $rtype:ident;)* }
    ) => {
        /// Data by type.
        #[derive(Clone, Copy, Debug)]
        #[non_exhaustive]
        pub enum RData<'m> {
            $($(#[$name_doc])* $name(Name<'m>),)*
            $($(#[$doc])* $variant($data),)*
            /// Any other type: its octets as they came (RFC 3597).
            Other(Type, &'m [u8]),
        }

        impl RData<'_> {
            /// The type whose data this is.
            pub fn rtype(&self) -> Type {
                match self {
                    $(Self::$name(_) => Type::$name_type,)*
                    $(Self::$variant(_) => Type::$rtype,)*
                    Self::Other(rtype, _) => *rtype,
                }
            }

            pub(in crate::wire) fn put(&self, to: &mut Builder<'_>) -> Result<(), DoesNotFit> {
                match self {
                    $(Self::$name(name))|* => to.put_name_of(self.rtype(), name),
                    $(Self::$variant(data) => data.put(Type::$rtype, to),)*
                    Self::Other(_, octets) => to.put(octets),
                }
            }

            pub(in crate::wire) fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
                match self {
                    $(Self::$name(name))|* => name.ink_absolute(ink),
                    $(Self::$variant(data) => data.ink(ink),)*
                    Self::Other(_, octets) => crate::wire::show::opaque(ink, octets),
                }
            }
        }

        impl<'m> FromRData<'m> for RData<'m> {
            fn is_for(_: Type) -> bool {
                true
            }

            #[inline]
            fn read(data: &RawData<'m>) -> Result<Self, CheckError> {
                Ok(match data.rtype() {
                    // One reading for all: the arms differ in a number only.
                    rtype if Name::is_for(rtype) => {
                        let name = Name::read(data)?;
                        match rtype {
                            $(Type::$name_type => Self::$name(name),)*
                            other => Self::Other(other, data.as_octets()),
                        }
                    }
                    $(Type::$rtype => Self::$variant(<$data>::read(data)?),)*
                    other => Self::Other(other, data.as_octets()),
                })
            }
        }

        /// All types whose data is one name.
        impl<'m> FromRData<'m> for Name<'m> {
            fn is_for(rtype: Type) -> bool {
                matches!(rtype, $(Type::$name_type)|*)
            }

            #[inline]
            fn read(data: &RawData<'m>) -> Result<Self, CheckError> {
                data.fields(Fields::name)
            }
        }
    };
}

rdata! {
    names {
        /// A name server (RFC 1035 section 3.3.11).
        Ns = NS;
        /// A mail destination (RFC 1035 section 3.3.4).
        Md = MD;
        /// A mail forwarder (RFC 1035 section 3.3.5).
        Mf = MF;
        /// The canonical name of an alias (RFC 1035 section 3.3.1).
        Cname = CNAME;
        /// A mailbox (RFC 1035 section 3.3.3).
        Mb = MB;
        /// A member of a mail group (RFC 1035 section 3.3.6).
        Mg = MG;
        /// A renamed mailbox (RFC 1035 section 3.3.8).
        Mr = MR;
        /// A name that is pointed to (RFC 1035 section 3.3.12).
        Ptr = PTR;
        /// Where a subtree of names is found instead (RFC 6672).
        Dname = DNAME;
    }
    others {
        /// An IPv4 address (RFC 1035 section 3.4.1).
        A(Ipv4Addr) = A;
        /// The start of a zone of authority.
        Soa(Soa<'m>) = SOA;
        /// Processor and operating system of a host.
        Hinfo(Hinfo<'m>) = HINFO;
        /// Who answers for a mailbox.
        Minfo(Minfo<'m>) = MINFO;
        /// A mail exchange.
        Mx(Mx<'m>) = MX;
        /// Text strings.
        Txt(Txt<'m>) = TXT;
        /// A responsible person.
        Rp(Rp<'m>) = RP;
        /// An AFS database.
        Afsdb(Afsdb<'m>) = AFSDB;
        /// An IPv6 address (RFC 3596).
        Aaaa(Ipv6Addr) = AAAA;
        /// A service's host and port.
        Srv(Srv<'m>) = SRV;
        /// A step of rewriting a name or address.
        Naptr(Naptr<'m>) = NAPTR;
        /// EDNS options.
        Opt(Opt<'m>) = OPT;
        /// The types that exist at a name.
        Nsec(Nsec<'m>) = NSEC;
        /// A service binding.
        Svcb(Svcb<'m>) = SVCB;
        /// A service binding for HTTPS.
        Https(Svcb<'m>) = HTTPS;
        /// A uniform resource identifier.
        Uri(Uri<'m>) = URI;
        /// Who may issue certificates.
        Caa(Caa<'m>) = CAA;
    }
}

/// Addresses: A and AAAA.
macro_rules! address {
    ($address:ident = $rtype:ident) => {
        impl FromRData<'_> for $address {
            fn is_for(rtype: Type) -> bool {
                rtype == Type::$rtype
            }

            #[inline]
            fn read(data: &RawData<'_>) -> Result<Self, CheckError> {
                data.fields(|fields| fields.array::<{ size_of::<Self>() }>().into())
            }
        }

        impl InkData for $address {
            fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
                ink.address((*self).into())
            }
        }

        impl PutData for $address {
            fn put(&self, _: Type, to: &mut Builder<'_>) -> Result<(), DoesNotFit> {
                to.put(&self.octets())
            }
        }
    };
}

address!(Ipv4Addr = A);
address!(Ipv6Addr = AAAA);
