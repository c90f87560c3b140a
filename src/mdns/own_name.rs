//! Names of ours, put together from borrowed pieces when they are compared or written.

use core::fmt;

use crate::name::{Name, ShowLabel};
use crate::wire::Label;

/// A name below `local` in pieces: a first label, perhaps with the number of a rename, and labels as plain text.
///
/// `Display` writes the presentation format: `kitchen-cam-2.local`.
#[derive(Clone, Copy)]
pub struct OwnName<'a> {
    first: Option<First<'a>>,
    rest: [&'a str; 2],
}

#[derive(Clone, Copy)]
enum First<'a> {
    Plain(&'a str),
    /// `kitchen-cam-2`
    Host(&'a str, u16),
    /// `Kitchen Cam (2)`
    Instance(&'a str, u16),
}

impl<'a> OwnName<'a> {
    /// The name of a host; `number` 0 is no rename.
    pub(crate) fn host(label: &'a str, number: u16) -> Self {
        Self { first: Some(First::Host(label, number)), rest: ["", ""] }
    }

    /// The name of a service instance; `number` 0 is no rename.
    pub(crate) fn instance(label: &'a str, number: u16, service_type: &'a str) -> Self {
        Self { first: Some(First::Instance(label, number)), rest: [service_type, ""] }
    }

    /// The name of a service type.
    pub(crate) fn service_type(service_type: &'a str) -> Self {
        Self { first: None, rest: [service_type, ""] }
    }

    /// The name of a subtype of a service type (RFC 6763 section 7.1).
    pub(crate) fn subtype(subtype: &'a str, service_type: &'a str) -> Self {
        Self { first: Some(First::Plain(subtype)), rest: ["_sub", service_type] }
    }

    /// The name that lists the service types of the link (RFC 6763 section 9).
    pub(crate) const fn enumeration() -> Self {
        Self { first: None, rest: ["_services._dns-sd._udp", ""] }
    }

    pub(crate) fn labels(&self) -> OwnLabels<'a> {
        let first = self.first.map(|first| match first {
            First::Plain(text) | First::Host(text, 0) | First::Instance(text, 0) => {
                Label::from(text.as_bytes())
            }
            First::Host(text, number) => Label::numbered(text, b"-", number, b""),
            First::Instance(text, number) => Label::numbered(text, b" (", number, b")"),
        });
        let [one, two] = self.rest;
        OwnLabels { first, rest: [one, two, "local"] }
    }

    /// Whether `name` is this name.
    pub(crate) fn is(&self, name: &Name<'_>) -> bool {
        let mut there = name.labels();
        self.labels().all(|label| there.next().is_some_and(|octets| label.is_ignoring_case(octets)))
            && there.next().is_none()
    }

    /// Whether two names of ours are one.
    pub(crate) fn is_own(&self, other: &OwnName<'_>) -> bool {
        let mut there = other.labels();
        self.labels().all(|label| there.next().is_some_and(|other| label.eq_ignoring_case(&other)))
            && there.next().is_none()
    }

    /// Hands the uncompressed octets to `sink`, piece by piece.
    pub(crate) fn emit(&self, sink: &mut dyn FnMut(&[u8])) {
        for label in self.labels() {
            sink(&[label.len() as u8]);
            sink(label.head());
            sink(label.tail());
        }
        sink(&[0]);
    }
}

impl fmt::Display for OwnName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut dot = "";
        for label in self.labels() {
            write!(f, "{dot}{}{}", ShowLabel(label.head()), ShowLabel(label.tail()))?;
            dot = ".";
        }
        Ok(())
    }
}

impl fmt::Debug for OwnName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnName({self})")
    }
}

/// The labels of an [`OwnName`].
#[derive(Clone)]
pub(crate) struct OwnLabels<'a> {
    first: Option<Label<'a>>,
    rest: [&'a str; 3],
}

impl<'a> Iterator for OwnLabels<'a> {
    type Item = Label<'a>;

    fn next(&mut self) -> Option<Label<'a>> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        let part = self.rest.iter_mut().find(|part| !part.is_empty())?;
        let dot = part.bytes().position(|octet| octet == b'.').unwrap_or(part.len());
        let label = part.as_bytes().get(..dot)?;
        *part = part.get(dot + 1..).unwrap_or("");
        Some(label.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::NameBuf;
    use std::string::ToString;

    #[test]
    fn names_are_put_together_and_compared_in_pieces() {
        for (own, text) in [
            (OwnName::host("kitchen-cam", 0), "kitchen-cam.local"),
            (OwnName::host("kitchen-cam", 2), "kitchen-cam-2.local"),
            (OwnName::instance("Kitchen. Cam", 3, "_http._tcp"), r"Kitchen\.\032Cam\032(3)._http._tcp.local"),
            (OwnName::service_type("_http._tcp"), "_http._tcp.local"),
            (OwnName::subtype("_printer", "_http._tcp"), "_printer._sub._http._tcp.local"),
            (OwnName::enumeration(), "_services._dns-sd._udp.local"),
        ] {
            assert_eq!(own.to_string(), text);
            let name: NameBuf = text.to_uppercase().parse().unwrap();
            assert!(own.is(&name.name()), "{text}");
            let mut octets = std::vec::Vec::<u8>::new();
            own.emit(&mut |piece| octets.extend(piece));
            assert_eq!(octets, text.parse::<NameBuf>().unwrap().as_octets());
            for other in ["local", "a.local", &std::format!("x.{text}"), text.trim_end_matches(".local")] {
                assert!(!own.is(&other.parse::<NameBuf>().unwrap().name()), "{text} {other}");
            }
        }
    }
}
