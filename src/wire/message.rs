//! A message and the walk over it.

use super::walk::Walk;
use super::{Builder, CheckError, Edns, Fault, Flags, Header, MAX_MESSAGE, Question, Record, Section};
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

    /// Begins a query for a DNS server, with recursion desired, in `buf`; [`Builder`] has that, and one for mDNS.
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
        Questions {
            walk: Walk::new(self.octets),
            left: self.header.question_count(),
            behind: Left::of(&self.header),
        }
    }

    /// The records of all three sections. The first broken one ends the iteration with its error; a record whose
    /// data is broken inside its length is none of these.
    pub fn records(&self) -> Records<'m> {
        self.questions().records()
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
        self.check_with(|_, _| {})
    }

    /// As [`check`](Self::check); on the way `see` gets each name of a question or of a record, and which of these it is.
    /// The message may turn out broken behind it.
    #[inline(always)]
    pub(crate) fn check_with(&self, mut see: impl FnMut(Name<'m>, Named)) -> Result<Checked<'m>, CheckError> {
        let mut walk = Walk::new(self.octets);
        for _ in 0..self.header.question_count() {
            see(walk.question()?.name(), Named::Question);
        }
        let records = walk;
        let mut last = None;
        for _ in 0..Left::of(&self.header).all {
            walk.pass_record()?;
            // The name before, by a pointer, is seen once.
            if last != Some(walk.last_name_at()) {
                last = Some(walk.last_name_at());
                see(walk.last_name(), Named::Record);
            }
        }
        Ok(Checked { message: *self, records, end: walk.at() })
    }

    /// What the message says by EDNS; `None` when it has no OPT record.
    ///
    /// # Errors
    /// A broken message; more than one OPT record, or one that is not of the root or not an additional record
    /// (RFC 6891 section 6.1.1); options that are longer than their record.
    pub fn edns(&self) -> Result<Option<Edns<'m>>, CheckError> {
        Edns::find(self.header.flags(), self.records())
    }

    /// Gives a finished message another transaction id; a buffer of less than two octets stays as it is.
    pub fn set_id(message: &mut [u8], id: u16) {
        if let Some(first) = message.first_chunk_mut() {
            *first = id.to_be_bytes();
        }
    }
}

/// What a name was found at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    Question,
    Record,
}

/// A message in which every name, count and length is sound: its iterators cannot fail. Made by
/// [`Message::check`] alone.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'m> {
    message: Message<'m>,
    /// Before the first record.
    records: Walk<'m>,
    /// Where the last record ends.
    end: usize,
}

impl<'m> Checked<'m> {
    /// Records that a [`Builder`](super::Builder) has put together, without questions: they need no check.
    pub(crate) fn built(octets: &'m [u8]) -> Option<Self> {
        let message = Message::parse(octets).ok()?;
        Some(Self { message, records: Walk::new(octets), end: octets.len() })
    }

    /// The header.
    pub fn header(&self) -> Header {
        self.message.header
    }

    /// The message, whose iterators can fail but will not.
    pub fn message(&self) -> Message<'m> {
        self.message
    }

    /// The questions.
    pub fn questions(&self) -> CheckedQuestions<'m> {
        CheckedQuestions { walk: Walk::new(self.message.octets), left: self.header().question_count() }
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

    /// What the message says by EDNS, as [`Message::edns`].
    ///
    /// # Errors
    /// More than one OPT record, or one that is not of the root or not an additional record (RFC 6891 section 6.1.1);
    /// options that are longer than their record.
    pub fn edns(&self) -> Result<Option<Edns<'m>>, CheckError> {
        Edns::find(self.header().flags(), self.records().map(Ok))
    }

    /// The octets behind the last record that the header counts; usually none.
    pub fn trailing(&self) -> &'m [u8] {
        self.message.octets.get(self.end..).unwrap_or(&[])
    }

    /// Never inlined: what walks a message does so in several sections.
    #[inline(never)]
    fn trusted(&self, only: Option<Section>) -> CheckedRecords<'m> {
        CheckedRecords { walk: self.records, left: Left::of(&self.message.header), only }
    }
}

/// The questions of a [`Message`].
#[derive(Clone, Debug)]
pub struct Questions<'m> {
    walk: Walk<'m>,
    left: u16,
    behind: Left,
}

impl<'m> Iterator for Questions<'m> {
    type Item = Result<Question<'m>, CheckError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let question = self.walk.question();
        if question.is_err() {
            (self.left, self.behind) = (0, Left::NONE);
        }
        Some(question)
    }
}

impl<'m> Questions<'m> {
    /// The records behind the questions, without reading again those that were read.
    ///
    /// ```
    /// use dotlocal::wire::{CheckError, Message};
    ///
    /// fn read(datagram: &[u8]) -> Result<(), CheckError> {
    ///     let mut questions = Message::parse(datagram)?.questions();
    ///     for question in questions.by_ref() {
    ///         println!("{}", question?);
    ///     }
    ///     for record in questions.records() {
    ///         println!("{}", record?);
    ///     }
    ///     Ok(())
    /// }
    /// # read(&[0; 12]).unwrap();
    /// ```
    pub fn records(self) -> Records<'m> {
        Records { questions: self, only: None }
    }
}

/// Records of a [`Message`].
#[derive(Clone, Debug)]
pub struct Records<'m> {
    questions: Questions<'m>,
    only: Option<Section>,
}

impl<'m> Iterator for Records<'m> {
    type Item = Result<Record<'m>, CheckError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            while self.questions.left > 0 {
                if let Some(Err(error)) = self.questions.next() {
                    return Some(Err(error));
                }
            }
            let section = self.questions.behind.take()?;
            let record = self.questions.walk.record(section);
            if record.is_err() {
                self.questions.behind = Left::NONE;
            } else if self.only.is_some_and(|only| only != section) {
                continue;
            }
            return Some(record);
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
    left: Left,
    only: Option<Section>,
}

impl<'m> Iterator for CheckedRecords<'m> {
    type Item = Record<'m>;

    fn next(&mut self) -> Option<Record<'m>> {
        loop {
            let section = self.left.take()?;
            let record = self.walk.record(section).ok()?;
            if self.only.is_none_or(|only| only == section) {
                return Some(record);
            }
        }
    }
}

/// How many records are left, and of them behind the answers and behind the authority section.
#[derive(Clone, Debug)]
struct Left {
    all: u32,
    behind_answers: u32,
    additionals: u32,
}

impl Left {
    const NONE: Self = Self { all: 0, behind_answers: 0, additionals: 0 };

    fn of(header: &Header) -> Self {
        let count = |section| u32::from(header.record_count(section));
        let additionals = count(Section::Additional);
        let behind_answers = count(Section::Authority) + additionals;
        Self { all: count(Section::Answer) + behind_answers, behind_answers, additionals }
    }

    /// The section of the next record, which is counted down.
    #[inline]
    fn take(&mut self) -> Option<Section> {
        self.all = self.all.checked_sub(1)?;
        Some(if self.all >= self.behind_answers {
            Section::Answer
        } else if self.all >= self.additionals {
            Section::Authority
        } else {
            Section::Additional
        })
    }
}
