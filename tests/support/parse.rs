//! Reads the packet text whose grammar stands at the top of `text.rs`.

use super::message::{CLASS_IN, Data, Msg, Name, Q, R, Section, kind};

pub fn message(text: &str) -> Result<Msg, String> {
    let words = words(text)?;
    let (head, rest) = words.split_first().ok_or("no packet")?;
    let flags = match head.as_str() {
        "?" => Msg::QUERY,
        "?tc" => Msg::QUERY | Msg::TC,
        "!" => Msg::RESPONSE,
        "!tc" => Msg::RESPONSE | Msg::TC,
        other => return Err(format!("a packet starts with `?`, `?tc`, `!` or `!tc`, not `{other}`")),
    };
    let mut message = Msg { id: 0, flags, questions: Vec::new(), records: Vec::new() };
    let options =
        rest.iter().take_while(|word| word.starts_with("id=") || word.starts_with("flags=")).count();
    for option in &rest[..options] {
        if let Some(id) = option.strip_prefix("id=") {
            message.id = number(id)?;
        } else if let Some(digits) = option.strip_prefix("flags=0x") {
            message.flags = u16::from_str_radix(digits, 16).map_err(|_| format!("`{option}`"))?;
        }
    }
    let first = if head.starts_with('?') { Part::Questions } else { Part::Records(Section::Answer) };
    for (index, part) in rest[options..].split(|word| word == "|").enumerate() {
        let named = part.first().and_then(|word| section(word));
        let (into, items) = match named {
            Some(section) => (section, &part[1..]),
            None if index == 0 => (first, part),
            None => return Err("`q`, `known`, `ans`, `auth` or `add` is missing after `|`".to_owned()),
        };
        for item in items.split(|word| word == ",").filter(|item| !item.is_empty()) {
            let mut item = Item { words: item };
            match into {
                Part::Questions => message.questions.push(item.question()?),
                Part::Records(section) => message.records.push((section, item.record()?)),
            }
            if let Some(word) = item.words.first() {
                return Err(format!("`{word}` is one word too many"));
            }
        }
    }
    Ok(message)
}

pub fn name(text: &str) -> Result<Name, String> {
    let (mut labels, mut label, mut quotes) = (Vec::new(), Vec::new(), false);
    let mut rest = text.strip_suffix('.').filter(|rest| !rest.ends_with('\\')).unwrap_or(text).chars();
    if rest.as_str().is_empty() {
        return Ok(Name(labels));
    }
    while let Some(sign) = rest.next() {
        match sign {
            '"' => quotes = !quotes,
            '.' if !quotes => labels.push(std::mem::take(&mut label)),
            _ => unescape(sign, &mut rest, &mut label)?,
        }
    }
    labels.push(label);
    match labels.iter().find(|label| !(1..=63).contains(&label.len())) {
        Some(label) => Err(format!("a label of {} octets in the name `{text}`", label.len())),
        None => Ok(Name(labels)),
    }
}

#[derive(Clone, Copy)]
enum Part {
    Questions,
    Records(Section),
}

fn section(word: &str) -> Option<Part> {
    match word {
        "q" => Some(Part::Questions),
        "ans" | "known" => Some(Part::Records(Section::Answer)),
        "auth" => Some(Part::Records(Section::Authority)),
        "add" => Some(Part::Records(Section::Additional)),
        _ => None,
    }
}

/// Words between blanks; `,` and `|` are words of their own. Quotes keep all three, and stay for the next step.
fn words(text: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut quotes) = (Vec::new(), String::new(), false);
    let mut rest = text.chars();
    while let Some(sign) = rest.next() {
        match sign {
            '\\' => {
                word.push(sign);
                word.extend(rest.next());
            }
            ',' | '|' | ' ' | '\n' if !quotes => {
                words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
                words.extend((",|".contains(sign)).then(|| sign.to_string()));
            }
            _ => {
                quotes ^= sign == '"';
                word.push(sign);
            }
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    if quotes { Err("a quote is left open".to_owned()) } else { Ok(words) }
}

/// One sign, escaped or not, to its octets.
fn unescape(sign: char, rest: &mut std::str::Chars<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    let mut plain = sign;
    if sign == '\\' {
        let digits =
            rest.as_str().get(..3).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()));
        if let Some(digits) = digits {
            out.push(digits.parse().map_err(|_| format!("`\\{digits}` is no octet"))?);
            *rest = rest.as_str()[3..].chars();
            return Ok(());
        }
        plain = rest.next().ok_or("a backslash at the end")?;
    }
    out.extend(plain.encode_utf8(&mut [0; 4]).bytes());
    Ok(())
}

fn string(word: &str) -> Result<Vec<u8>, String> {
    let inside = word.strip_prefix('"').and_then(|word| word.strip_suffix('"'));
    let mut rest = inside.ok_or_else(|| format!("a TXT string stands in quotes: `{word}`"))?.chars();
    let mut out = Vec::new();
    while let Some(sign) = rest.next() {
        unescape(sign, &mut rest, &mut out)?;
    }
    Ok(out)
}

fn number<T: std::str::FromStr>(word: &str) -> Result<T, String> {
    word.parse().map_err(|_| format!("`{word}` is no number that fits"))
}

/// What is left of one question or record.
struct Item<'w> {
    words: &'w [String],
}

impl<'w> Item<'w> {
    fn next(&mut self) -> Result<&'w str, String> {
        let (word, rest) = self.words.split_first().ok_or("a word is missing at the end")?;
        self.words = rest;
        Ok(word)
    }

    fn next_if(&mut self, wanted: impl Fn(&str) -> bool) -> Option<&'w str> {
        if self.words.first().is_some_and(|word| wanted(word)) { self.next().ok() } else { None }
    }

    fn parse<T: std::str::FromStr>(&mut self) -> Result<T, String> {
        number(self.next()?)
    }

    fn name(&mut self) -> Result<Name, String> {
        name(self.next()?)
    }

    fn kind(&mut self) -> Result<u16, String> {
        let word = self.next()?;
        kind::number(word).ok_or_else(|| format!("`{word}` is no record type"))
    }

    fn class(&mut self) -> Result<u16, String> {
        let word = self.next_if(|word| word.starts_with("CLASS"));
        word.map_or(Ok(CLASS_IN), |word| number(&word["CLASS".len()..]))
    }

    fn question(&mut self) -> Result<Q, String> {
        let (name, qtype, class) = (self.name()?, self.kind()?, self.class()?);
        Ok(Q { name, qtype, class, qu: self.next_if(|word| word == "QU").is_some() })
    }

    fn record(&mut self) -> Result<R, String> {
        let (name, ttl) = (self.name()?, self.parse()?);
        let flush = self.next_if(|word| word == "flush").is_some();
        let (class, rtype) = (self.class()?, self.kind()?);
        let data = self.data(rtype, &name)?;
        Ok(R { name, ttl, flush, class, rtype, data })
    }

    fn data(&mut self, rtype: u16, owner: &Name) -> Result<Data, String> {
        if self.next_if(|word| word == "\\#").is_some() {
            return self.raw();
        }
        Ok(match rtype {
            kind::A => Data::A(self.parse()?),
            kind::AAAA => Data::Aaaa(self.parse()?),
            kind::PTR | kind::CNAME | kind::NS => Data::Name(self.name()?),
            kind::SRV => {
                let (priority, weight) =
                    if self.words.len() == 2 { (0, 0) } else { (self.parse()?, self.parse()?) };
                Data::Srv { priority, weight, port: self.parse()?, target: self.name()? }
            }
            kind::TXT => {
                let mut strings = vec![string(self.next()?)?];
                while !self.words.is_empty() {
                    strings.push(string(self.next()?)?);
                }
                Data::Txt(strings)
            }
            kind::NSEC => {
                let next = self.next_if(|word| word.starts_with("next="));
                let next = next.map_or(Ok(owner.clone()), |word| name(&word["next=".len()..]))?;
                let mut types = Vec::new();
                while !self.words.is_empty() {
                    types.push(self.kind()?);
                }
                types.sort_unstable();
                Data::Nsec { next, types }
            }
            _ => return Err(format!("data of {} are written as \\# LENGTH HEX", kind::name(rtype))),
        })
    }

    fn raw(&mut self) -> Result<Data, String> {
        let len: usize = self.parse()?;
        let mut digits = String::new();
        while !self.words.is_empty() {
            digits.push_str(self.next()?);
        }
        let octets: Option<Vec<u8>> = (0..digits.len() / 2)
            .map(|index| u8::from_str_radix(digits.get(index * 2..index * 2 + 2)?, 16).ok())
            .collect();
        match octets.filter(|octets| octets.len() == len && digits.len() == len * 2) {
            Some(octets) => Ok(Data::Raw(octets)),
            None => Err(format!("`{digits}` are not {len} octets in hexadecimal")),
        }
    }
}
