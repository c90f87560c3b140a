//! Domain names: labels in a message or in a buffer of their own, compared in place.

mod buf;
mod constant;
mod host_label;
mod labels;
mod presentation;
mod read;

use core::cmp::Ordering;
use core::hash::{Hash, Hasher};

pub use buf::NameBuf;
#[doc(hidden)]
pub use constant::{const_len, const_octets};
pub use host_label::{HostLabel, HostLabelError};
pub use labels::{Labels, LabelsFromRight, NameOctets};
pub use presentation::{NameTextError, ShowLabel};
pub(crate) use read::{Known, read_name};

use crate::wire::CheckError;

/// Octets that a name may take on the wire, its length octets and the root included (RFC 1035 section 2.3.4).
pub const MAX_NAME: usize = 255;

/// Octets that a label may take (RFC 1035 section 2.3.4).
pub const MAX_LABEL: usize = 63;

/// A sound domain name, borrowed: in a message, where it may be compressed, or flat in a buffer.
///
/// Every `Name` has been walked once, so that its labels can be read without errors. Names are equal when their
/// labels are, without regard to ASCII case (RFC 1035 section 2.3.3, RFC 4343), and are ordered as DNSSEC orders them
/// (RFC 4034 section 6.1), whichever form they have. `Display` writes the presentation format without the trailing
/// dot; the root is `.`.
///
/// ```
/// use dotlocal::name;
/// use dotlocal::name::{Name, NameBuf};
///
/// let flat = *b"\x0bkitchen-cam\x05local\0";
/// let name = Name::from_octets(&flat).unwrap();
/// assert_eq!(name.labels().count(), 2);
/// assert_eq!(name, "Kitchen-Cam.LOCAL".parse::<NameBuf>().unwrap());
/// assert_eq!(name, name!("kitchen-cam.local"));
/// assert_eq!(name.to_string(), "kitchen-cam.local");
/// ```
#[derive(Clone, Copy)]
pub struct Name<'a> {
    octets: &'a [u8],
    /// Where its first label is. A whole word, though 16 bits would do: it leaves no holes to be packed around.
    at: usize,
}

impl<'a> Name<'a> {
    /// The root: no labels.
    pub const ROOT: Name<'static> = Name { octets: &[0], at: 0 };

    /// `local`, the domain of mDNS (RFC 6762 section 3).
    pub const LOCAL: Name<'static> = crate::name!("local");

    /// The uncompressed name that `octets` begin with; what follows its root label is left alone.
    ///
    /// # Errors
    /// A compression pointer, an octet 0x40 to 0xBF for a length, a name above 255 octets, a missing root label.
    pub fn from_octets(octets: &'a [u8]) -> Result<Self, CheckError> {
        let found = read_name(octets, 0, Known::NONE)?;
        Ok(Self { octets: octets.get(..found.end()).unwrap_or(octets), at: 0 })
    }

    /// The name of the octets that [`name!`](crate::name!) has put together. For the macro this is public, so anybody
    /// can call it: octets that are no whole name, or more than one, panic, which in a constant does not compile
    /// (RFC 1035 sections 2.3.4 and 3.1).
    #[doc(hidden)]
    #[expect(clippy::panic, clippy::indexing_slicing, reason = "it is the compiler's message")]
    pub const fn from_const(octets: &'static [u8]) -> Name<'static> {
        let mut at = 0;
        while at < octets.len() && octets[at] != 0 {
            let len = octets[at] as usize;
            if len > MAX_LABEL {
                panic!("an octet above 63 is no length of a label");
            }
            at += 1 + len;
        }
        if at + 1 != octets.len() || at >= MAX_NAME {
            panic!("the octets are no name that ends with them, of 255 octets at most");
        }
        Name { octets, at: 0 }
    }

    /// A name that has been read before, by [`read_name`].
    pub(crate) fn trusted(octets: &'a [u8], at: usize) -> Self {
        Self { octets, at }
    }

    /// The labels from the left, the root left out; `labels().rev()` gives them from the right. A label may hold any
    /// octet, dots included.
    #[inline]
    pub fn labels(&self) -> Labels<'a> {
        Labels::new(self.octets, self.at)
    }

    /// The name as uncompressed octets: each label behind its length, then a zero.
    pub fn octets(&self) -> NameOctets<'a> {
        NameOctets::new(self.labels())
    }

    /// The first label and the name behind it; `None` for the root.
    pub fn split_first(&self) -> Option<(&'a [u8], Name<'a>)> {
        let mut labels = self.labels();
        let first = labels.next()?;
        Some((first, labels.name()))
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.labels().next().is_none()
    }

    /// Whether `zone` is this name or a name above it: `cam.local` ends with `local`, and every name with the root.
    pub fn ends_with(&self, zone: &Name<'_>) -> bool {
        let (own, above) = (self.labels().count(), zone.labels().count());
        own >= above && eq_labels(self.labels().skip(own - above), zone.labels())
    }

    /// Whether the first labels of this name are those of `front`: `_http._tcp.local` starts with `_http._tcp`, and
    /// every name with the root, which has no labels.
    pub fn starts_with(&self, front: &Name<'_>) -> bool {
        let mut own = self.labels();
        front.labels().all(|label| own.next().is_some_and(|octets| octets.eq_ignore_ascii_case(label)))
    }

    /// Whether multicast DNS alone answers for this name: `local` and all below, and the reverse names of link-local
    /// addresses (RFC 6762 sections 3 and 4). No DNS server is asked for it.
    pub fn is_multicast(&self) -> bool {
        const ZONES: &[Name<'_>] = &[
            Name::LOCAL,
            crate::name!("254.169.in-addr.arpa"),
            crate::name!("8.e.f.ip6.arpa"),
            crate::name!("9.e.f.ip6.arpa"),
            crate::name!("a.e.f.ip6.arpa"),
            crate::name!("b.e.f.ip6.arpa"),
        ];
        ZONES.iter().any(|zone| self.ends_with(zone))
    }

    /// The instance label, when this names an instance of `service_type`: one label and then the type
    /// (RFC 6763 section 4.1). Of a subtype, such as `_printer._sub._http._tcp.local`, the type is what stands behind
    /// `_sub` (section 7.1).
    ///
    /// ```
    /// use dotlocal::name;
    ///
    /// let instance = name!(r"Kitchen\032Cam._http._tcp.local");
    /// assert_eq!(instance.instance_of(&name!("_http._tcp.local")), Some(b"Kitchen Cam".as_slice()));
    /// ```
    pub fn instance_of(&self, service_type: &Name<'_>) -> Option<&'a [u8]> {
        let (label, above) = self.split_first()?;
        let behind_subtype = service_type.split_first().and_then(|(_, rest)| rest.split_first());
        let service_type = match behind_subtype {
            Some((sub, rest)) if sub.eq_ignore_ascii_case(b"_sub") => rest,
            _ => *service_type,
        };
        (above == service_type).then_some(label)
    }
}

impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        eq_labels(self.labels(), other.labels())
    }
}

impl Eq for Name<'_> {}

impl Hash for Name<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.octets().for_each(|octet| state.write_u8(octet.to_ascii_lowercase()));
    }
}

impl PartialOrd for Name<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name<'_> {
    /// The canonical order of RFC 4034 section 6.1: label by label from the right, each as lower-case octets.
    fn cmp(&self, other: &Self) -> Ordering {
        let (own, their) = (self.labels().count(), other.labels().count());
        let both = own.min(their);
        let mut order = own.cmp(&their);
        // Both from the same distance to the root: the last pair that differs is the one nearest to it.
        for (a, b) in self.labels().skip(own - both).zip(other.labels().skip(their - both)) {
            let lower = |octets: &[u8], at: usize| octets.get(at).map(u8::to_ascii_lowercase);
            let differs = (0..=a.len()).map(|at| lower(a, at).cmp(&lower(b, at))).find(|order| order.is_ne());
            order = differs.unwrap_or(order);
        }
        order
    }
}

fn eq_labels<'l>(mut a: impl Iterator<Item = &'l [u8]>, mut b: impl Iterator<Item = &'l [u8]>) -> bool {
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if a.eq_ignore_ascii_case(b) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests;
