//! dns-protocol: into the caller's buffer, from arrays of records. It compresses no name, and takes data as octets,
//! which stand ready here as the names do.

use dns_protocol::{Flags, Message, MessageType, Question, ResourceRecord, ResourceType};

use super::{ADDRESS, ADDRESS6, Build, FLUSH, HOST_TTL, Names, OTHER_TTL, PORT, TEXT};

const IN: u16 = 1;
const A: [u8; 4] = ADDRESS.octets();
const AAAA: [u8; 16] = ADDRESS6.octets();

struct DnsProtocol {
    asked: &'static str,
    host: &'static str,
    service: &'static str,
    instance: &'static str,
    pointer: &'static str,
    ptr: Vec<u8>,
    srv: Vec<u8>,
    txt: Vec<u8>,
    targets: Vec<Vec<u8>>,
}

pub(super) fn prepare(names: &Names) -> Box<dyn Build> {
    let string = |string: &str| [&[string.len() as u8], string.as_bytes()].concat();
    let name = |text: &str| text.split('.').chain([""]).flat_map(string).collect::<Vec<_>>();
    Box::new(DnsProtocol {
        asked: names.asked,
        host: names.host,
        service: names.service,
        instance: names.instance,
        pointer: names.pointer,
        ptr: name(names.instance),
        srv: [&[0; 4], PORT.to_be_bytes().as_slice(), &name(names.host)].concat(),
        txt: TEXT.iter().flat_map(|text| string(text)).collect(),
        targets: names.targets.iter().map(|text| name(text)).collect(),
    })
}

impl Build for DnsProtocol {
    fn query<'b>(&'b mut self, buf: &'b mut [u8]) -> Option<&'b [u8]> {
        let mut questions = [Question::new(self.asked, ResourceType::A, IN)];
        let mut flags = Flags::default();
        flags.set_recursive(true);
        write(Message::new(0, flags, &mut questions, &mut [], &mut [], &mut []), buf)
    }

    fn announcement<'b>(&'b mut self, buf: &'b mut [u8]) -> Option<&'b [u8]> {
        let mut answers = [
            ResourceRecord::new(self.service, ResourceType::Ptr, IN, OTHER_TTL, &self.ptr),
            ResourceRecord::new(self.instance, ResourceType::Srv, FLUSH, HOST_TTL, &self.srv),
            ResourceRecord::new(self.instance, ResourceType::Txt, FLUSH, OTHER_TTL, &self.txt),
            ResourceRecord::new(self.host, ResourceType::A, FLUSH, HOST_TTL, &A),
            ResourceRecord::new(self.host, ResourceType::AAAA, FLUSH, HOST_TTL, &AAAA),
        ];
        write(response(&mut answers), buf)
    }

    fn pointers<'b>(&'b mut self, buf: &'b mut [u8]) -> Option<&'b [u8]> {
        let mut answers = [ResourceRecord::default(); 40];
        for (answer, target) in answers.iter_mut().zip(&self.targets) {
            *answer = ResourceRecord::new(self.pointer, ResourceType::Ptr, IN, OTHER_TTL, target);
        }
        write(response(&mut answers), buf)
    }
}

fn response<'a, 'n>(answers: &'a mut [ResourceRecord<'n>]) -> Message<'a, 'n> {
    let mut flags = Flags::default();
    flags.set_qr(MessageType::Reply).set_authoritative(true);
    Message::new(0, flags, &mut [], answers, &mut [], &mut [])
}

fn write<'b>(message: Message<'_, '_>, buf: &'b mut [u8]) -> Option<&'b [u8]> {
    // It panics where the buffer is too short.
    if message.space_needed() > buf.len() {
        return None;
    }
    let len = message.write(buf).ok()?;
    buf.get(..len)
}
