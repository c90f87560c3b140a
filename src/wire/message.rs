//! A message and the walk over it.

use super::{
    Builder, CheckError, Fault, Flags, HEADER_LEN, Header, MAX_MESSAGE, Question, Record, Section, u16_at,
    u32_at,
};
use crate::name::Name;

/// A DNS message, borrowed, of which only the header has been read.
///
/// ```
/// use dotlocal::wire::{Message, RData, Type};
///
/// let mut buf = [0; 512];
/// let query = Message::query(&mut buf, 7).question("cam.local", Type::A)?.finish();
/// let message = Message::parse(query)?;
/// assert_eq!(message.header().id(), 7);
/// for question in message.questions() {
///     assert_eq!(question?.name().to_string(), "cam.local");
/// }
/// for record in message.answers() {
///     if let RData::A(address) = record?.data()? {
///         println!("{address}");
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Message<'m> {
    octets: &'m [u8],
    header: Header,
}

impl<'m> Message<'m> {
    /// Reads the header of the message that `octets` hold.
    ///
    /// # Errors
    /// Fewer than 12 octets, or more than 65 535.
    pub fn parse(octets: &'m [u8]) -> Result<Self, CheckError> {
        if octets.len() > MAX_MESSAGE {
            return Err(CheckError::new(MAX_MESSAGE, Fault::MessageTooLong));
        }
        let header = Header::read(octets).ok_or(CheckError::new(octets.len(), Fault::Truncated))?;
        Ok(Self { octets, header })
    }

    /// Begins a query with recursion desired, in `buf`; see [`Builder`].
    pub fn query<'b>(buf: &'b mut [u8], id: u16) -> Builder<'b> {
        Builder::new(buf, id, Flags::RD)
    }

    /// The header.
    pub fn header(&self) -> Header {
        self.header
    }

    /// The octets that the message was parsed from.
    pub fn as_octets(&self) -> &'m [u8] {
        self.octets
    }

    /// The questions. The first broken one ends the iteration with its error.
    pub fn questions(&self) -> Questions<'m> {
        Questions { walk: self.walk(false), left: self.header.question_count() }
    }

    /// The records of all three sections. The first broken one ends the iteration with its error; a record whose
    /// data is broken inside its length is none of these.
    pub fn records(&self) -> Records<'m> {
        Records { questions: self.questions(), left: self.record_counts(), only: None }
    }

    /// The records of the answer section; as [`records`](Self::records).
    pub fn answers(&self) -> Records<'m> {
        Records { only: Some(Section::Answer), ..self.records() }
    }

    /// The records of the authority section; as [`records`](Self::records).
    pub fn authorities(&self) -> Records<'m> {
        Records { only: Some(Section::Authority), ..self.records() }
    }

    /// The records of the additional section; as [`records`](Self::records).
    pub fn additionals(&self) -> Records<'m> {
        Records { only: Some(Section::Additional), ..self.records() }
    }

    /// Walks the whole message once: every name and pointer, every count and length, typed data not.
    ///
    /// # Errors
    /// The first fault, with its offset. Octets behind the last counted record are no fault:
    /// see [`Checked::trailing`].
    pub fn check(&self) -> Result<Checked<'m>, CheckError> {
        let mut walk = self.walk(false);
        for _ in 0..self.header.question_count() {
            walk.question()?;
        }
        let records = walk.at;
        let counts = self.record_counts();
        for _ in 0..counts.into_iter().map(u32::from).sum() {
            walk.record(Section::Answer)?;
        }
        // A message has at most 65 535 octets.
        Ok(Checked { message: *self, records: records as u16, end: walk.at as u16 })
    }

    fn record_counts(&self) -> [u16; 3] {
        SECTIONS.map(|section| self.header.record_count(section))
    }

    fn walk(&self, trusted: bool) -> Walk<'m> {
        Walk { octets: self.octets, at: HEADER_LEN, trusted }
    }
}

/// A message in which every name, count and length is sound: its iterators cannot fail. Made by
/// [`Message::check`] alone.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'m> {
    message: Message<'m>,
    /// Where the records begin, and where the last one ends.
    records: u16,
    end: u16,
}

impl<'m> Checked<'m> {
    /// The header.
    pub fn header(&self) -> Header {
        self.message.header
    }

    /// The questions.
    pub fn questions(&self) -> CheckedQuestions<'m> {
        CheckedQuestions { walk: self.message.walk(true), left: self.header().question_count() }
    }

    /// The records of all three sections, in their order.
    pub fn records(&self) -> CheckedRecords<'m> {
        self.trusted(None)
    }

    /// The records of the answer section.
    pub fn answers(&self) -> CheckedRecords<'m> {
        self.trusted(Some(Section::Answer))
    }

    /// The records of the authority section.
    pub fn authorities(&self) -> CheckedRecords<'m> {
        self.trusted(Some(Section::Authority))
    }

    /// The records of the additional section.
    pub fn additionals(&self) -> CheckedRecords<'m> {
        self.trusted(Some(Section::Additional))
    }

    /// The octets behind the last record that the header counts; usually none.
    pub fn trailing(&self) -> &'m [u8] {
        self.message.octets.get(self.end.into()..).unwrap_or(&[])
    }

    fn trusted(&self, only: Option<Section>) -> CheckedRecords<'m> {
        let walk = Walk { at: self.records.into(), ..self.message.walk(true) };
        CheckedRecords { walk, left: self.message.record_counts(), only }
    }
}

/// The questions of a [`Message`].
#[derive(Clone, Debug)]
pub struct Questions<'m> {
    walk: Walk<'m>,
    left: u16,
}

impl<'m> Iterator for Questions<'m> {
    type Item = Result<Question<'m>, CheckError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let question = self.walk.question();
        if question.is_err() {
            self.left = 0;
        }
        Some(question)
    }
}

/// Records of a [`Message`].
#[derive(Clone, Debug)]
pub struct Records<'m> {
    questions: Questions<'m>,
    left: [u16; 3],
    only: Option<Section>,
}

impl<'m> Records<'m> {
    fn read(&mut self) -> Option<Result<Record<'m>, CheckError>> {
        for question in self.questions.by_ref() {
            if let Err(error) = question {
                return Some(Err(error));
            }
        }
        let section = next_section(&mut self.left)?;
        Some(self.questions.walk.record(section))
    }
}

/// The section of the next record, which is counted down.
fn next_section(left: &mut [u16; 3]) -> Option<Section> {
    let (left, section) = left.iter_mut().zip(SECTIONS).find(|(left, _)| **left > 0)?;
    *left -= 1;
    Some(section)
}

/// The sections in their order.
const SECTIONS: [Section; 3] = [Section::Answer, Section::Authority, Section::Additional];

impl<'m> Iterator for Records<'m> {
    type Item = Result<Record<'m>, CheckError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.read()? {
                Ok(record) if self.only.is_some_and(|only| only != record.section()) => {}
                Ok(record) => return Some(Ok(record)),
                Err(error) => {
                    self.left = [0; 3];
                    return Some(Err(error));
                }
            }
        }
    }
}

/// The questions of a [`Checked`] message.
#[derive(Clone, Debug)]
pub struct CheckedQuestions<'m> {
    walk: Walk<'m>,
    left: u16,
}

impl<'m> Iterator for CheckedQuestions<'m> {
    type Item = Question<'m>;

    fn next(&mut self) -> Option<Question<'m>> {
        self.left = self.left.checked_sub(1)?;
        self.walk.question().ok()
    }
}

/// Records of a [`Checked`] message.
#[derive(Clone, Debug)]
pub struct CheckedRecords<'m> {
    walk: Walk<'m>,
    left: [u16; 3],
    only: Option<Section>,
}

impl<'m> Iterator for CheckedRecords<'m> {
    type Item = Record<'m>;

    fn next(&mut self) -> Option<Record<'m>> {
        loop {
            let section = next_section(&mut self.left)?;
            let record = self.walk.record(section).ok()?;
            if self.only.is_none_or(|only| only == section) {
                return Some(record);
            }
        }
    }
}

/// The one reader of the frame: a position that moves over questions and records.
#[derive(Clone, Debug)]
struct Walk<'m> {
    octets: &'m [u8],
    at: usize,
    /// The names have been read before, and are only skipped.
    trusted: bool,
}

impl<'m> Walk<'m> {
    fn question(&mut self) -> Result<Question<'m>, CheckError> {
        let name = self.name()?;
        let at = self.at;
        let (Some(qtype), Some(class)) = (u16_at(self.octets, at), u16_at(self.octets, at + 2)) else {
            return Err(self.truncated());
        };
        self.at = at + 4;
        Ok(Question::new(name, qtype, class))
    }

    fn record(&mut self, section: Section) -> Result<Record<'m>, CheckError> {
        let name = self.name()?;
        let at = self.at;
        let fixed = || {
            Some((
                u16_at(self.octets, at)?,
                u16_at(self.octets, at + 2)?,
                u32_at(self.octets, at + 4)?,
                u16_at(self.octets, at + 8)?,
            ))
        };
        let Some((rtype, class, ttl, len)) = fixed() else { return Err(self.truncated()) };
        let start = at + 10;
        let end = start + usize::from(len);
        if end > self.octets.len() {
            return Err(CheckError::new(at + 8, Fault::Truncated));
        }
        self.at = end;
        Ok(Record::new(name, section, rtype, class, ttl, self.octets, start as u16, len))
    }

    fn name(&mut self) -> Result<Name<'m>, CheckError> {
        let (name, end) = if self.trusted {
            (Name::trusted(self.octets, self.at), Name::skip(self.octets, self.at))
        } else {
            Name::read(self.octets, self.at)?
        };
        self.at = end;
        Ok(name)
    }

    fn truncated(&self) -> CheckError {
        CheckError::new(self.octets.len(), Fault::Truncated)
    }
}
