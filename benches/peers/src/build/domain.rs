//! domain: into a vector that is used again, with the compressor that needs no heap. It compresses no name in SRV.

use domain::base::iana::Class;
use domain::base::message_builder::{AnswerBuilder, PushError, StaticCompressor};
use domain::base::{MessageBuilder, Name, Rtype};
use domain::rdata::{A, Aaaa, Ptr, Srv, Txt};

use super::{ADDRESS, ADDRESS6, Build, FLUSH, HOST_TTL, Names, OTHER_TTL, PORT, TEXT};

type Target = StaticCompressor<Vec<u8>>;

struct Domain {
    asked: Name<Vec<u8>>,
    host: Name<Vec<u8>>,
    service: Name<Vec<u8>>,
    instance: Name<Vec<u8>>,
    pointer: Name<Vec<u8>>,
    targets: Vec<Name<Vec<u8>>>,
    /// The strings, each behind its length.
    text: Vec<u8>,
    buf: Vec<u8>,
}

pub(super) fn prepare(names: &Names) -> Box<dyn Build> {
    let name = |text: &str| text.parse().expect("a name");
    Box::new(Domain {
        asked: name(names.asked),
        host: name(names.host),
        service: name(names.service),
        instance: name(names.instance),
        pointer: name(names.pointer),
        targets: names.targets.iter().map(|text| name(text)).collect(),
        text: TEXT.iter().flat_map(|string| [&[string.len() as u8], string.as_bytes()].concat()).collect(),
        buf: Vec::new(),
    })
}

impl Build for Domain {
    fn query<'b>(&'b mut self, _: &'b mut [u8]) -> Option<&'b [u8]> {
        let mut builder = self.begin()?;
        builder.header_mut().set_rd(true);
        let mut questions = builder.question();
        questions.push((&self.asked, Rtype::A)).ok()?;
        Some(self.end(questions.finish()))
    }

    fn announcement<'b>(&'b mut self, _: &'b mut [u8]) -> Option<&'b [u8]> {
        let mut answers = self.begin_response()?;
        self.announce(&mut answers).ok()?;
        Some(self.end(answers.finish()))
    }

    fn pointers<'b>(&'b mut self, _: &'b mut [u8]) -> Option<&'b [u8]> {
        let mut answers = self.begin_response()?;
        for target in &self.targets {
            answers.push((&self.pointer, Class::IN, OTHER_TTL, Ptr::new(target))).ok()?;
        }
        Some(self.end(answers.finish()))
    }
}

impl Domain {
    fn begin(&mut self) -> Option<MessageBuilder<Target>> {
        MessageBuilder::from_target(StaticCompressor::new(std::mem::take(&mut self.buf))).ok()
    }

    fn begin_response(&mut self) -> Option<AnswerBuilder<Target>> {
        let mut builder = self.begin()?;
        builder.header_mut().set_qr(true);
        builder.header_mut().set_aa(true);
        Some(builder.answer())
    }

    fn announce(&self, answers: &mut AnswerBuilder<Target>) -> Result<(), PushError> {
        let flush = Class::from_int(FLUSH);
        answers.push((&self.service, Class::IN, OTHER_TTL, Ptr::new(&self.instance)))?;
        answers.push((&self.instance, flush, HOST_TTL, Srv::new(0, 0, PORT, &self.host)))?;
        if let Ok(text) = Txt::from_octets(self.text.as_slice()) {
            answers.push((&self.instance, flush, OTHER_TTL, text))?;
        }
        answers.push((&self.host, flush, HOST_TTL, A::new(ADDRESS)))?;
        answers.push((&self.host, flush, HOST_TTL, Aaaa::new(ADDRESS6)))
    }

    fn end(&mut self, target: Target) -> &[u8] {
        self.buf = target.into_target();
        &self.buf
    }
}
