//! How servers know names with letters beyond ASCII (RFC 3492, RFC 5890).

use core::fmt::{self, Write};

/// Shows a name the way servers know it: each label with letters beyond ASCII as its A-label, in lower case.
///
/// For messages to somebody who has typed such a name. The text is taken in the form that it has (RFC 5891 section 5.3
/// asks for NFC, which keyboards give), and not looked at for what registries forbid. A program that does not print this
/// pays nothing for it.
///
/// ```
/// use dotlocal::lookup::Punycode;
///
/// assert_eq!(Punycode("www.München.example").to_string(), "www.xn--mnchen-3ya.example");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Punycode<'t>(pub &'t str);

impl fmt::Display for Punycode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, label) in self.0.split('.').enumerate() {
            if index > 0 {
                f.write_char('.')?;
            }
            if label.is_ascii() { f.write_str(label) } else { encode(label, f) }?;
        }
        Ok(())
    }
}

// The parameters of RFC 3492 section 5.
const BASE: u64 = 36;
const T_MIN: u64 = 1;
const T_MAX: u64 = 26;
const SKEW: u64 = 38;
const DAMP: u64 = 700;
const INITIAL_BIAS: u64 = 72;
const INITIAL_N: u64 = 128;

/// RFC 3492 section 6.3, in 64 bits, which no text in memory overflows.
fn encode(label: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let letters = || label.chars().flat_map(char::to_lowercase);
    f.write_str("xn--")?;
    letters().filter(char::is_ascii).try_for_each(|letter| f.write_char(letter))?;
    let basic = letters().filter(char::is_ascii).count() as u64;
    if basic > 0 {
        f.write_char('-')?;
    }
    let (mut done, mut delta, mut bias, mut n) = (basic, 0, INITIAL_BIAS, INITIAL_N);
    while let Some(next) = letters().map(u64::from).filter(|&letter| letter >= n).min() {
        delta += (next - n) * (done + 1);
        n = next;
        for letter in letters().map(u64::from) {
            delta += u64::from(letter < n);
            if letter == n {
                write_delta(delta, bias, f)?;
                bias = adapt(delta, done + 1, done == basic);
                (done, delta) = (done + 1, 0);
            }
        }
        (delta, n) = (delta + 1, n + 1);
    }
    Ok(())
}

fn write_delta(mut left: u64, bias: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let digit =
        |value: u64| char::from(if value < 26 { b'a' + value as u8 } else { b'0' + (value - 26) as u8 });
    let mut k = BASE;
    loop {
        let threshold = k.saturating_sub(bias).clamp(T_MIN, T_MAX);
        if left < threshold {
            return f.write_char(digit(left));
        }
        f.write_char(digit(threshold + (left - threshold) % (BASE - threshold)))?;
        left = (left - threshold) / (BASE - threshold);
        k += BASE;
    }
}

/// RFC 3492 section 6.1.
fn adapt(delta: u64, points: u64, first: bool) -> u64 {
    let mut delta = delta / if first { DAMP } else { 2 };
    delta += delta / points;
    let mut k = 0;
    while delta > (BASE - T_MIN) * T_MAX / 2 {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    k + (BASE - T_MIN + 1) * delta / (delta + SKEW)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn labels_beyond_ascii_are_shown_as_servers_know_them() {
        for (text, shown) in [
            ("example.com", "example.com"),
            ("", ""),
            (".", "."),
            ("bücher.example.", "xn--bcher-kva.example."),
            ("MÜNCHEN.Example", "xn--mnchen-3ya.Example"),
            ("ü.ü", "xn--tda.xn--tda"),
            // RFC 3492 section 7.1 (A), (B), (E), (I), (L) and (M), and the Czech of it in lower case.
            ("ليهمابتكلموشعربي؟", "xn--egbpdaj6bu4bxfgehfvwxn"),
            ("他们为什么不说中文", "xn--ihqwcrb4cv8a8dqg056pqjye"),
            ("למההםפשוטלאמדבריםעברית", "xn--4dbcagdahymbxekheh6e0a7fei0b"),
            ("почемужеонинеговорятпорусски", "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l"),
            ("3年B組金八先生", "xn--3b-ww4c5e180e575a65lsy2b"),
            ("安室奈美恵-with-SUPER-MONKEYS", "xn---with-super-monkeys-pc58ag80a8qai00g7n9n"),
            ("Pročprostěnemluvíčesky", "xn--proprostnemluvesky-uyb24dma41a"),
            // A delta at the bound of the adaptation, and one just above it.
            ("camera-2純鳥", "xn--camera-2-bl8ug28v"),
            ("camera-2絡鳥", "xn--camera-2-348uf91u"),
        ] {
            assert_eq!(Punycode(text).to_string(), shown);
        }
    }
}
