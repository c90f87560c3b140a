//! Text and the two places where it goes: `core::fmt` and `defmt`. What a thing looks like is written once for both.

use core::fmt;
use core::net::IpAddr;

/// Where text goes.
pub(crate) trait Ink {
    fn text(&mut self, text: &str) -> fmt::Result;

    fn number(&mut self, number: u32) -> fmt::Result;

    fn address(&mut self, address: IpAddr) -> fmt::Result;

    /// ASCII characters.
    fn ascii(&mut self, octets: &[u8]) -> fmt::Result {
        self.text(core::str::from_utf8(octets).unwrap_or("?"))
    }

    /// Two hexadecimal digits.
    fn hex(&mut self, octet: u8) -> fmt::Result {
        let digit = |half: u8| if half < 10 { b'0' + half } else { b'a' + half - 10 };
        self.ascii(&[digit(octet >> 4), digit(octet & 0xF)])
    }

    /// Octets as text: those of `escaped` and the backslash behind a backslash, those outside printable ASCII as
    /// `\DDD` (RFC 1035 section 5.1).
    fn escaped(&mut self, octets: &[u8], escaped: &[u8], blank: bool) -> fmt::Result {
        let is_plain = |octet: &u8| match octet {
            b' ' => blank,
            b'!'..=b'~' => *octet != b'\\' && !escaped.contains(octet),
            _ => false,
        };
        // What is plain goes in one piece: each piece costs six octets in a log of defmt.
        for piece in octets.chunk_by(|octet, next| is_plain(octet) && is_plain(next)) {
            match piece {
                [octet] if !is_plain(octet) => self.escape(*octet)?,
                plain => self.ascii(plain)?,
            }
        }
        Ok(())
    }

    /// One octet behind a backslash, by itself or as three digits.
    fn escape(&mut self, octet: u8) -> fmt::Result {
        let digit = |divisor: u8| b'0' + octet / divisor % 10;
        match octet {
            b'!'..=b'~' => self.ascii(&[b'\\', octet]),
            _ => self.ascii(&[b'\\', digit(100), digit(10), digit(1)]),
        }
    }
}

impl Ink for fmt::Formatter<'_> {
    fn text(&mut self, text: &str) -> fmt::Result {
        self.write_str(text)
    }

    fn number(&mut self, number: u32) -> fmt::Result {
        write!(self, "{number}")
    }

    fn address(&mut self, address: IpAddr) -> fmt::Result {
        write!(self, "{address}")
    }
}

#[cfg(feature = "defmt")]
impl Ink for defmt::Formatter<'_> {
    fn text(&mut self, text: &str) -> fmt::Result {
        defmt::write!(*self, "{=str}", text);
        Ok(())
    }

    fn number(&mut self, number: u32) -> fmt::Result {
        defmt::write!(*self, "{=u32}", number);
        Ok(())
    }

    fn address(&mut self, address: IpAddr) -> fmt::Result {
        defmt::write!(*self, "{}", address);
        Ok(())
    }
}

/// `Display` and `defmt::Format` of types, by the method that writes them: `ink` unless another one is named.
macro_rules! inked {
    ($(#[$doc:meta])? $shown:ty => $ink:ident) => {
        impl core::fmt::Display for $shown {
            $(#[$doc])?
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.$ink(f)
            }
        }

        #[cfg(feature = "defmt")]
        impl defmt::Format for $shown {
            fn format(&self, mut f: defmt::Formatter<'_>) {
                // Nothing that is written through defmt fails.
                let _ = self.$ink(&mut f);
            }
        }
    };
    ($($(#[$doc:meta])? $shown:ty),* $(,)?) => {
        $(crate::ink::inked!($(#[$doc])? $shown => ink);)*
    };
}
pub(crate) use inked;
