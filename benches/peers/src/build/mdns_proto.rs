//! mdns-proto: into the caller's buffer.

use mdns_proto::wire::{Flags, Header, MessageBuilder, ResourceClass, ResourceType};
use mdns_proto::{EncodeError, Name};

use super::{ADDRESS, ADDRESS6, Build, HOST_TTL, Names, OTHER_TTL, PORT, QUERY, RESPONSE, TEXT};

struct MdnsProto {
    asked: Name,
    host: Name,
    service: Name,
    instance: Name,
    pointer: Name,
    targets: Vec<Name>,
}

pub(super) fn prepare(names: &Names) -> Box<dyn Build> {
    let name = |text: &str| Name::try_from_str(text).expect("a name");
    Box::new(MdnsProto {
        asked: name(names.asked),
        host: name(names.host),
        service: name(names.service),
        instance: name(names.instance),
        pointer: name(names.pointer),
        targets: names.targets.iter().map(|text| name(text)).collect(),
    })
}

impl Build for MdnsProto {
    fn query<'b>(&'b mut self, buf: &'b mut [u8]) -> Option<&'b [u8]> {
        write(buf, QUERY, |builder| {
            builder.push_question(&self.asked, ResourceType::A, ResourceClass::In, false)
        })
    }

    fn announcement<'b>(&'b mut self, buf: &'b mut [u8]) -> Option<&'b [u8]> {
        write(buf, RESPONSE, |builder| {
            builder.push_ptr_answer(&self.service, OTHER_TTL, &self.instance)?;
            builder.push_srv_answer(&self.instance, HOST_TTL, 0, 0, PORT, &self.host, true)?;
            builder.push_txt_answer(&self.instance, OTHER_TTL, TEXT, true)?;
            builder.push_a_answer(&self.host, HOST_TTL, ADDRESS, true)?;
            builder.push_aaaa_answer(&self.host, HOST_TTL, ADDRESS6, true)
        })
    }

    fn pointers<'b>(&'b mut self, buf: &'b mut [u8]) -> Option<&'b [u8]> {
        write(buf, RESPONSE, |builder| {
            self.targets
                .iter()
                .try_for_each(|target| builder.push_ptr_answer(&self.pointer, OTHER_TTL, target))
        })
    }
}

fn write(
    buf: &mut [u8],
    flags: u16,
    push: impl FnOnce(&mut MessageBuilder<'_>) -> Result<(), EncodeError>,
) -> Option<&[u8]> {
    let header = Header::new().with_flags(Flags::from_u16(flags));
    let mut builder = MessageBuilder::try_new(buf, header).ok()?;
    push(&mut builder).ok()?;
    let len = builder.finish().ok()?;
    buf.get(..len)
}
