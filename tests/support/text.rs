//! Messages as text, both ways, so that a packet script reads like a capture.
//!
//! ```text
//! ? cam.local ANY QU | auth cam.local 120 A 192.0.2.7
//! ! cam.local 120 flush A 192.0.2.9, cam.local 120 flush AAAA fe80::1 | add cam.local 120 flush NSEC A AAAA
//! ?tc _http._tcp.local PTR | known _http._tcp.local 4500 PTR "Kitchen Cam"._http._tcp.local
//! ! id=7 q cam.local A | ans cam.local 10 A 192.0.2.7
//!
//! message   = head [items] { "|" section [items] }
//! head      = ("?" | "!") ["tc"] ["id=" N] ["flags=0x" HHHH]
//! section   = "q" | "ans" | "known" | "auth" | "add"      "known" and "ans" are both the answer section
//! items     = item { "," item }        before the first "|": questions of a query, answers of a response,
//!                                      unless a section word comes first
//! question  = NAME TYPE ["CLASS" N] ["QU"]
//! record    = NAME TTL ["flush"] ["CLASS" N] TYPE data
//! data      = A 192.0.2.7 | AAAA fe80::7 | PTR NAME | CNAME NAME | NS NAME
//!           | SRV [PRIORITY WEIGHT] PORT TARGET | TXT "k=v" "k2" | TXT "" (one zero octet)
//!           | NSEC ["next=" NAME] TYPE…        the next name is the owner unless said
//!           | TYPE \# LENGTH HEX               any type, broken data included (RFC 3597)
//! ```
//! `?` is a query with no flag set, `!` a response with QR and AA: other bits show, and are asked for, as
//! `flags=`. The id is 0 and the class IN unless said.
//! A NAME has no trailing dot, but the root is `.` and a single label `local.`. A label with blanks or signs is
//! quoted, `"Kitchen Cam"._http._tcp.local`; `Kitchen\032Cam._http._tcp.local` means the same on input.
//! A line break counts as a blank. Inside and outside of quotes `\DDD` is an octet, and a backslash before a
//! sign is that sign.

use std::fmt::{Display, Formatter, Result as Written};
use std::str::FromStr;

use super::message::{CLASS_IN, Data, Msg, Name, Q, R, Section, kind};

impl Msg {
    /// What the head says, then each question and record with its section, for comparing line by line.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.head()];
        lines.extend(self.questions.iter().map(|question| format!("q {question}")));
        lines
            .extend(self.records.iter().map(|(section, record)| format!("{} {record}", self.word(*section))));
        lines
    }

    fn head(&self) -> String {
        let (mut head, usual) =
            if self.is_response() { ("!".to_owned(), Self::RESPONSE) } else { ("?".to_owned(), Self::QUERY) };
        let truncated = self.flags == usual | Self::TC;
        if truncated {
            head.push_str("tc");
        }
        if self.id != 0 {
            head.push_str(&format!(" id={}", self.id));
        }
        if !truncated && self.flags != usual {
            head.push_str(&format!(" flags={:#06x}", self.flags));
        }
        head
    }

    fn word(&self, section: Section) -> &'static str {
        match section {
            Section::Answer if self.is_response() => "ans",
            Section::Answer => "known",
            Section::Authority => "auth",
            Section::Additional => "add",
        }
    }
}

impl Display for Msg {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        write!(f, "{}", self.head())?;
        let legacy = self.is_response() && !self.questions.is_empty();
        if legacy {
            write!(f, " q")?;
        }
        list(f, self.questions.iter())?;
        for section in [Section::Answer, Section::Authority, Section::Additional] {
            if self.section(section).next().is_none() {
                continue;
            }
            if section != Section::Answer || legacy || !self.is_response() {
                write!(f, " | {}", self.word(section))?;
            }
            list(f, self.section(section))?;
        }
        Ok(())
    }
}

fn list<T: Display>(f: &mut Formatter<'_>, items: impl Iterator<Item = T>) -> Written {
    for (index, item) in items.enumerate() {
        write!(f, "{}{item}", if index == 0 { " " } else { ", " })?;
    }
    Ok(())
}

impl Display for Q {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        write!(f, "{} {}{}", self.name, kind::name(self.qtype), class(self.class))?;
        write!(f, "{}", if self.qu { " QU" } else { "" })
    }
}

impl Display for R {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        let flush = if self.flush { " flush" } else { "" };
        write!(f, "{} {}{flush}{} {}", self.name, self.ttl, class(self.class), kind::name(self.rtype))?;
        match &self.data {
            Data::A(address) => write!(f, " {address}"),
            Data::Aaaa(address) => write!(f, " {address}"),
            Data::Name(name) => write!(f, " {name}"),
            Data::Srv { priority: 0, weight: 0, port, target } => write!(f, " {port} {target}"),
            Data::Srv { priority, weight, port, target } => write!(f, " {priority} {weight} {port} {target}"),
            Data::Txt(strings) => strings.iter().try_for_each(|string| write!(f, " {}", quoted(string))),
            Data::Nsec { next, types } => {
                if *next != self.name {
                    write!(f, " next={next}")?;
                }
                types.iter().try_for_each(|of| write!(f, " {}", kind::name(*of)))
            }
            Data::Raw(octets) if octets.is_empty() => write!(f, " \\# 0"),
            Data::Raw(octets) => write!(f, " \\# {} {}", octets.len(), hex(octets)),
        }
    }
}

impl Display for Name {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        for (index, label) in self.0.iter().enumerate() {
            let plain =
                |sign: char| sign.is_alphanumeric() || sign.is_ascii_graphic() && !"\"\\.,|".contains(sign);
            let label = match std::str::from_utf8(label) {
                Ok(text) if text.chars().all(plain) => text.to_owned(),
                _ => quoted(label),
            };
            write!(f, "{}{label}", if index == 0 { "" } else { "." })?;
        }
        write!(f, "{}", if self.0.len() < 2 { "." } else { "" })
    }
}

/// UTF-8 as it is, anything else octet by octet.
fn quoted(octets: &[u8]) -> String {
    // A control character above ASCII would be two octets, and is one escape.
    let readable = |text: &&str| !text.chars().any(|sign| sign.is_control() && !sign.is_ascii());
    let inside: String = match std::str::from_utf8(octets).ok().filter(readable) {
        Some(text) => text.chars().map(escaped).collect(),
        None => octets
            .iter()
            .map(|octet| if *octet < 0x80 { escaped(char::from(*octet)) } else { format!("\\{octet:03}") })
            .collect(),
    };
    format!("\"{inside}\"")
}

fn escaped(sign: char) -> String {
    match sign {
        '"' | '\\' => format!("\\{sign}"),
        sign if sign.is_control() => format!("\\{:03}", u32::from(sign)),
        sign => sign.to_string(),
    }
}

fn class(class: u16) -> String {
    if class == CLASS_IN { String::new() } else { format!(" CLASS{class}") }
}

/// Octets as hexadecimal digits.
pub fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        super::parse::name(text)
    }
}

impl FromStr for Msg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        super::parse::message(text).map_err(|error| format!("{error}, in the packet text: {text}"))
    }
}
