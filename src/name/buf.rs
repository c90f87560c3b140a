//! A name in a buffer of its own.

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use super::{MAX_LABEL, MAX_NAME, Name, NameTextError, presentation};
use crate::wire::copy;

/// An owned name: 256 octets, no heap. For names that come as text or must outlive their message.
///
/// Equality, order and hash are those of [`Name`], also between the two.
#[derive(Clone, Copy)]
pub struct NameBuf {
    octets: [u8; MAX_NAME],
    /// Octets before the root label: so the root is all zeros, which cost no constant.
    len: u8,
}

impl NameBuf {
    /// The name that these labels make, from the left; none for the root.
    ///
    /// ```
    /// use dotlocal::name::NameBuf;
    ///
    /// let name = NameBuf::from_labels(["Dr. Smith's Cam", "_http", "_tcp", "local"])?;
    /// assert_eq!(name.to_string(), r"Dr\.\032Smith's\032Cam._http._tcp.local");
    /// # Ok::<(), dotlocal::name::NameTextError>(())
    /// ```
    ///
    /// # Errors
    /// An empty label or one of more than 63 octets, or more than 255 octets in all.
    pub fn from_labels<L: AsRef<[u8]>>(labels: impl IntoIterator<Item = L>) -> Result<Self, NameTextError> {
        let mut name = Self::ROOT;
        for label in labels {
            name.push(label.as_ref())?;
        }
        Ok(name)
    }

    /// The name, borrowed.
    pub fn name(&self) -> Name<'_> {
        Name::trusted(self.as_octets(), 0)
    }

    /// The uncompressed octets, 1 to 255.
    pub fn as_octets(&self) -> &[u8] {
        self.octets.get(..usize::from(self.len) + 1).unwrap_or(&[0])
    }

    pub(crate) const ROOT: Self = Self { octets: [0; MAX_NAME], len: 0 };

    /// Reads the presentation format in place, behind the labels that stand there: a name is too large to be handed about
    /// without need. After an error the name is none.
    pub(crate) fn append_text(&mut self, text: &str) -> Result<(), NameTextError> {
        self.len = presentation::parse(text.as_bytes(), &mut self.octets, self.len)?.saturating_sub(1);
        Ok(())
    }

    /// The same in the place of the name that stands there.
    pub(crate) fn set(&mut self, text: &str) -> Result<(), NameTextError> {
        self.len = 0;
        self.append_text(text)
    }

    /// Puts a label before the root, which the caller knows to fit; an empty one is no label.
    pub(crate) fn append(&mut self, label: &[u8]) {
        let _ = self.push(label);
    }

    /// Puts a label before the root.
    pub(crate) fn push(&mut self, label: &[u8]) -> Result<(), NameTextError> {
        match label.len() {
            0 => return Err(NameTextError::EmptyLabel),
            1..=MAX_LABEL => {}
            _ => return Err(NameTextError::LabelTooLong),
        }
        let root = usize::from(self.len);
        // The label's length, the label, and the root, which is zero already.
        let room = self.octets.get_mut(root..).and_then(|rest| rest.get_mut(..label.len() + 2));
        if let Some([len, octets @ .., _]) = room {
            *len = label.len() as u8;
            copy(label, octets);
            self.len += label.len() as u8 + 1;
            return Ok(());
        }
        Err(NameTextError::NameTooLong)
    }
}

impl From<Name<'_>> for NameBuf {
    fn from(name: Name<'_>) -> Self {
        // A `Name` has at most 255 octets.
        Self::from_labels(name.labels()).unwrap_or(Self::ROOT)
    }
}

impl FromStr for NameBuf {
    type Err = NameTextError;

    /// Reads the presentation format (RFC 1035 section 5.1): labels between dots, `\.` and `\\` and `\DDD` for octets
    /// of a label, one trailing dot allowed, `.` for the root.
    fn from_str(text: &str) -> Result<Self, NameTextError> {
        let mut name = Self::ROOT;
        name.append_text(text)?;
        Ok(name)
    }
}

impl PartialEq for NameBuf {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for NameBuf {}

impl PartialEq<Name<'_>> for NameBuf {
    fn eq(&self, other: &Name<'_>) -> bool {
        self.name() == *other
    }
}

impl PartialEq<NameBuf> for Name<'_> {
    fn eq(&self, other: &NameBuf) -> bool {
        *self == other.name()
    }
}

impl Hash for NameBuf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl PartialOrd for NameBuf {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for NameBuf {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name().cmp(&other.name())
    }
}

impl fmt::Display for NameBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name().fmt(f)
    }
}

impl fmt::Debug for NameBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.name(), f)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for NameBuf {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::Format::format(&self.name(), f);
    }
}
