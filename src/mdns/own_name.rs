//! Names of ours, in borrowed pieces; put together where they are compared or written.

use core::net::IpAddr;

use crate::name::{MAX_LABEL, Name, NameBuf};

/// A name that a record of ours has. A rename is a number, written out when the name is put together.
#[derive(Clone, Copy, Debug)]
pub(crate) enum OwnName<'a> {
    /// `kitchen-cam.local`, `kitchen-cam-2.local`; 0 is no rename.
    Host(&'a str, u16),
    /// `Kitchen Cam._http._tcp.local`, `Kitchen Cam (2)._http._tcp.local`.
    Instance(&'a str, u16, &'a str),
    /// `_http._tcp.local`
    Type(&'a str),
    /// `_printer._sub._http._tcp.local` (RFC 6763 section 7.1).
    Subtype(&'a str, &'a str),
    /// The name that lists the service types of the link (RFC 6763 section 9).
    Enumeration,
    /// `7.2.0.192.in-addr.arpa`, and the like below `ip6.arpa` (RFC 1035 section 3.5, RFC 3596 section 2.5).
    Reverse(&'a IpAddr),
    /// Any other.
    Other(Name<'a>),
}

impl OwnName<'_> {
    /// Hands the name in one piece to `read`: it is too large to be handed about, and should not stand twice on the
    /// stack. What the pieces are was checked when they came: they make a name.
    #[inline(always)]
    pub(crate) fn read<T>(&self, read: impl FnOnce(&NameBuf) -> T) -> T {
        let mut name = NameBuf::ROOT;
        self.write(&mut name);
        read(&name)
    }

    /// Appends the labels to `name`.
    #[inline(never)]
    fn write(&self, name: &mut NameBuf) {
        self.emit(&mut |label| name.append(label));
    }

    /// The name in one piece.
    pub(crate) fn to_buf(self) -> NameBuf {
        self.read(NameBuf::clone)
    }

    /// Whether `name` is this name.
    #[inline(never)]
    pub(crate) fn is(&self, name: &Name<'_>) -> bool {
        let (mut labels, mut same) = (name.labels(), true);
        self.emit(&mut |label| {
            same = same && labels.next().is_some_and(|other| other.eq_ignore_ascii_case(label));
        });
        same && labels.next().is_none()
    }

    /// Hands the labels to `sink`, one by one.
    #[inline(never)]
    pub(crate) fn emit(&self, sink: &mut dyn FnMut(&[u8])) {
        let mut made = Backwards::new();
        let (middle, domain) = match *self {
            Self::Host(label, number) => {
                sink(made.numbered(label, number, b"-", b""));
                ("", "local")
            }
            Self::Instance(label, number, service_type) => {
                sink(made.numbered(label, number, b" (", b")"));
                (service_type, "local")
            }
            Self::Type(service_type) => (service_type, "local"),
            Self::Subtype(subtype, service_type) => {
                sink(subtype.as_bytes());
                sink(b"_sub");
                (service_type, "local")
            }
            Self::Enumeration => ("_services._dns-sd._udp", "local"),
            Self::Reverse(&IpAddr::V4(ip)) => {
                for &octet in ip.octets().iter().rev() {
                    sink(made.digits(octet, 10));
                }
                ("in-addr", "arpa")
            }
            Self::Reverse(&IpAddr::V6(ip)) => {
                for &octet in ip.octets().iter().rev() {
                    sink(made.digits(octet & 0xF, 16));
                    sink(made.digits(octet >> 4, 16));
                }
                ("ip6", "arpa")
            }
            Self::Other(other) => return other.labels().for_each(sink),
        };
        for labels in [middle, domain] {
            labels
                .as_bytes()
                .split(|&octet| octet == b'.')
                .filter(|label| !label.is_empty())
                .for_each(&mut *sink);
        }
    }
}

/// A label that is written from its end. What writes into it is never inlined: its frame is gone before the label is
/// handed on.
struct Backwards {
    octets: [u8; MAX_LABEL],
    start: u8,
}

impl Backwards {
    fn new() -> Self {
        Self { octets: [0; MAX_LABEL], start: MAX_LABEL as u8 }
    }

    /// A number as a label.
    #[inline(never)]
    fn digits(&mut self, number: u8, base: u16) -> &[u8] {
        self.start = MAX_LABEL as u8;
        self.push_number(number.into(), base);
        self.octets()
    }

    /// A label with a number behind it, cut on a character boundary so that it keeps to 63 octets (S8).
    #[inline(never)]
    fn numbered(&mut self, text: &str, number: u16, open: &[u8], close: &[u8]) -> &[u8] {
        if number > 0 {
            self.push(close);
            self.push_number(number, 10);
            self.push(open);
        }
        let mut end = text.len().min(self.left());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.push(text.as_bytes().get(..end).unwrap_or(&[]));
        self.octets()
    }

    fn left(&self) -> usize {
        self.start.into()
    }

    fn push(&mut self, octets: &[u8]) {
        octets.iter().rev().for_each(|&octet| self.push_octet(octet));
    }

    #[inline(never)]
    fn push_octet(&mut self, octet: u8) {
        if let Some(start) = self.start.checked_sub(1)
            && let Some(slot) = self.octets.get_mut(usize::from(start))
        {
            (*slot, self.start) = (octet, start);
        }
    }

    fn push_number(&mut self, mut number: u16, base: u16) {
        loop {
            let digit = (number % base) as u8;
            self.push_octet(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
            number /= base;
            if number == 0 {
                break;
            }
        }
    }

    fn octets(&self) -> &[u8] {
        self.octets.get(self.left()..).unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;
    use std::string::{String, ToString};

    fn first_label(name: OwnName<'_>) -> String {
        String::from_utf8(name.to_buf().name().labels().next().unwrap().to_vec()).unwrap()
    }

    fn host(text: &str, number: u16) -> String {
        first_label(OwnName::Host(text, number))
    }

    fn instance(text: &str, number: u16) -> String {
        first_label(OwnName::Instance(text, number, "_http._tcp"))
    }

    #[test]
    fn names_are_put_together_from_their_pieces() {
        let other: NameBuf = "printer.example".parse().unwrap();
        for (own, text) in [
            (OwnName::Host("kitchen-cam", 0), "kitchen-cam.local"),
            (OwnName::Host("kitchen-cam", 2), "kitchen-cam-2.local"),
            (OwnName::Instance("Kitchen. Cam", 3, "_http._tcp"), r"Kitchen\.\032Cam\032(3)._http._tcp.local"),
            (OwnName::Type("_http._tcp"), "_http._tcp.local"),
            (OwnName::Subtype("_pri.nter", "_http._tcp"), r"_pri\.nter._sub._http._tcp.local"),
            (OwnName::Enumeration, "_services._dns-sd._udp.local"),
            (OwnName::Reverse(&[192, 0, 2, 107].into()), "107.2.0.192.in-addr.arpa"),
            (OwnName::Other(other.name()), "printer.example"),
        ] {
            assert_eq!(own.to_buf().to_string(), text);
            assert!(own.is(&text.to_uppercase().parse::<NameBuf>().unwrap().name()), "{text}");
            for other in ["local", "a.local", &format!("x.{text}"), text.trim_end_matches(".local")] {
                assert_eq!(
                    own.is(&other.parse::<NameBuf>().unwrap().name()),
                    other == text,
                    "{text} {other}"
                );
            }
        }
        let ip6 = OwnName::Reverse(&"2001:db8::567:89ab".parse().unwrap()).to_buf().to_string();
        assert_eq!(ip6, "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
    }

    // M-9-3
    #[test]
    fn a_number_is_put_behind_the_label() {
        assert_eq!(
            [2, 9, 10, 100, 65535].map(|n| host("cam", n)),
            ["cam-2", "cam-9", "cam-10", "cam-100", "cam-65535"]
        );
        assert_eq!(instance("Kitchen Cam", 2), "Kitchen Cam (2)");
        assert_eq!(instance("Kitchen Cam", 65535), "Kitchen Cam (65535)");
    }

    // S8
    #[test]
    fn a_long_label_is_cut_between_characters() {
        let long = "a".repeat(63);
        assert_eq!(host(&long, 0), long);
        assert_eq!(host(&long, 2), format!("{}-2", "a".repeat(61)));
        assert_eq!(instance(&long, 10), format!("{} (10)", "a".repeat(58)));
        let accents = format!("{}é", "a".repeat(60));
        assert_eq!(host(&accents, 2), format!("{}-2", "a".repeat(60)));
        assert_eq!(instance(&accents, 9), format!("{} (9)", "a".repeat(59)));
        assert_eq!(host(&"é".repeat(31), 2), format!("{}-2", "é".repeat(30)));
    }
}
