//! Calls of a builder that a fuzz input composes, and what stands in the message when they succeed.

use arbitrary::Arbitrary;
use dotlocal::wire::{BuildError, Builder, Class, Edns, Flags, Opt, Rcode, Section, Type};

use crate::{MadeData, MadeName, MadeOption, Seen, parse_text, plain, wire};

/// A name as it is given: composed, or any text.
#[derive(Arbitrary, Clone, Debug)]
pub enum Owner {
    Made(MadeName),
    Text(String),
}

/// A call of the builder with all that it is given.
#[derive(Arbitrary, Clone, Debug)]
pub enum Call {
    Question(Owner, u16, u16),
    Record(u8, Owner, u16, u32, MadeData),
    Edns(u16, u16, u8, bool, Vec<MadeOption>),
    Limit(u16),
    Flags(u16),
    Id(u16),
}

impl Owner {
    /// The octets; `None` for a text that is no name.
    pub fn octets(&self) -> Option<Vec<u8>> {
        match self {
            Self::Made(name) => Some(name.name().as_octets().to_vec()),
            Self::Text(text) => parse_text(text).map(|labels| wire(&labels)),
        }
    }
}

impl Call {
    pub fn make(&self, builder: &mut Builder<'_>) -> Result<(), BuildError> {
        match self {
            Self::Question(Owner::Made(name), qtype, class) => {
                builder.question_of(name.name().name(), Type(*qtype), Class(*class)).map(|_| ())
            }
            Self::Question(Owner::Text(text), qtype, class) => {
                builder.question_of(text.as_str(), Type(*qtype), Class(*class)).map(|_| ())
            }
            Self::Record(section, owner, class, ttl, data) => data.with(|data| {
                let (section, class) = (section_of(*section), Class(*class));
                match owner {
                    Owner::Made(name) => builder.record(section, name.name(), class, *ttl, data).map(|_| ()),
                    Owner::Text(text) => {
                        builder.record(section, text.as_str(), class, *ttl, data).map(|_| ())
                    }
                }
            }),
            Self::Edns(payload_size, rcode, version, dnssec_ok, options) => {
                let mut buf = vec![0; options.iter().map(|option| option.octets().len()).sum()];
                let options: Vec<_> = options.iter().map(MadeOption::option).collect();
                let options = Opt::build(&mut buf, &options).unwrap();
                let (payload_size, rcode) = (*payload_size, Rcode(*rcode));
                let edns = Edns { payload_size, rcode, version: *version, dnssec_ok: *dnssec_ok, options };
                builder.edns(&edns).map(|_| ())
            }
            Self::Limit(octets) => {
                builder.set_limit((*octets).into());
                Ok(())
            }
            Self::Flags(flags) => {
                builder.set_flags(Flags(*flags));
                Ok(())
            }
            Self::Id(id) => {
                builder.set_id(*id);
                Ok(())
            }
        }
    }

    /// What stands in the message when the call succeeds; `None` for a name that is none. For EDNS the fields are those
    /// of RFC 6891 section 6.1.3.
    pub fn seen(&self) -> Option<Seen> {
        let name = |owner: &Owner| owner.octets();
        Some(match self {
            Self::Question(owner, rtype, class) => Seen {
                section: None,
                name: name(owner)?,
                rtype: *rtype,
                class: *class,
                ttl: 0,
                data: Vec::new(),
            },
            Self::Record(section, owner, class, ttl, data) => {
                let (rtype, data) = data.with(|data| (data.rtype().0, plain(data)));
                Seen {
                    section: Some(section_of(*section)),
                    name: name(owner)?,
                    rtype,
                    class: *class,
                    ttl: *ttl,
                    data,
                }
            }
            Self::Edns(payload_size, rcode, version, dnssec_ok, options) => {
                let ttl = u32::from(rcode >> 4 & 0xFF) << 24
                    | u32::from(*version) << 16
                    | u32::from(*dnssec_ok) << 15;
                let (section, class) = (Some(Section::Additional), (*payload_size).max(512));
                Seen {
                    section,
                    name: vec![0],
                    rtype: 41,
                    class,
                    ttl,
                    data: options.iter().flat_map(MadeOption::octets).collect(),
                }
            }
            Self::Limit(_) | Self::Flags(_) | Self::Id(_) => return None,
        })
    }
}

pub fn section_of(number: u8) -> Section {
    [Section::Answer, Section::Authority, Section::Additional][usize::from(number % 3)]
}
