//! dotlocal, as its user would write it.

use dotlocal::name::NameBuf;
use dotlocal::wire::{
    BuildError, Builder, Class, Compression, Flags, Message, RData, Section, Srv, Txt, Type,
};

use super::{ADDRESS, ADDRESS6, Build, FLUSH, HOST_TTL, Names, OTHER_TTL, PORT, TEXT};

struct Ours {
    asked: NameBuf,
    host: NameBuf,
    service: NameBuf,
    instance: NameBuf,
    pointer: NameBuf,
    targets: Vec<NameBuf>,
    /// The strings, each behind its length.
    text: Vec<u8>,
}

pub(super) fn prepare(names: &Names) -> Box<dyn Build> {
    let name = |text: &str| text.parse().expect("a name");
    Box::new(Ours {
        asked: name(names.asked),
        host: name(names.host),
        service: name(names.service),
        instance: name(names.instance),
        pointer: name(names.pointer),
        targets: names.targets.iter().map(|text| name(text)).collect(),
        text: TEXT.iter().flat_map(|string| [&[string.len() as u8], string.as_bytes()].concat()).collect(),
    })
}

impl Build for Ours {
    fn query<'b>(&'b mut self, buf: &'b mut [u8]) -> Option<&'b [u8]> {
        Some(Message::query(buf, 0).question(self.asked, Type::A).ok()?.finish())
    }

    fn announcement<'b>(&'b mut self, buf: &'b mut [u8]) -> Option<&'b [u8]> {
        let mut builder = response(buf);
        self.announce(&mut builder).ok()?;
        Some(builder.finish())
    }

    fn pointers<'b>(&'b mut self, buf: &'b mut [u8]) -> Option<&'b [u8]> {
        let mut builder = response(buf);
        for target in &self.targets {
            let data = RData::Ptr(target.name());
            builder.record(Section::Answer, self.pointer.name(), Class::IN, OTHER_TTL, &data).ok()?;
        }
        Some(builder.finish())
    }
}

impl Ours {
    fn announce(&self, builder: &mut Builder<'_>) -> Result<(), BuildError> {
        let (host, service, instance) = (self.host.name(), self.service.name(), self.instance.name());
        let (answer, flush) = (Section::Answer, Class(FLUSH));
        let srv = Srv { priority: 0, weight: 0, port: PORT, target: host };
        builder.record(answer, service, Class::IN, OTHER_TTL, &RData::Ptr(instance))?;
        builder.record(answer, instance, flush, HOST_TTL, &RData::Srv(srv))?;
        if let Some(text) = Txt::from_octets(&self.text) {
            builder.record(answer, instance, flush, OTHER_TTL, &RData::Txt(text))?;
        }
        builder.record(answer, host, flush, HOST_TTL, &RData::A(ADDRESS))?;
        builder.record(answer, host, flush, HOST_TTL, &RData::Aaaa(ADDRESS6))?;
        Ok(())
    }
}

fn response(buf: &mut [u8]) -> Builder<'_> {
    Builder::new(buf, 0, Flags::QR.with(Flags::AA)).with_compression(Compression::Multicast)
}
