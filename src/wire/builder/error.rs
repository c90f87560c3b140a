//! Why something was not built, and what counts as a name.

use core::fmt;

use crate::name::{Name, NameBuf, NameTextError};

/// Why a question, a record or its data was not built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum BuildError {
    /// The buffer, or the limit that was set, has no room for it, or the header cannot count one more.
    DoesNotFit,
    /// A question behind a record, or a record of a section before that of the last one.
    OutOfOrder,
    /// The text is not a domain name.
    Name(NameTextError),
    /// Service parameters whose keys do not ascend, or with a value that its key cannot have.
    SvcParams,
    /// An EDNS option whose data does not fit its code.
    OptionData,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DoesNotFit => "the buffer has no room for it: finish this message and begin another one",
            Self::OutOfOrder => {
                "questions come first, then answer, authority and additional records: add them in this order"
            }
            Self::Name(error) => return error.fmt(f),
            Self::SvcParams => {
                "service parameters stand once each, by ascending key, with a value that the key can have: \
                 sort them, and leave no list empty"
            }
            Self::OptionData => {
                "an EDNS option has data that its code cannot have: a server cookie has 8 to 32 octets, or none"
            }
        })
    }
}

impl core::error::Error for BuildError {}

/// What can be given as a name: a [`Name`], a [`NameBuf`], or text in presentation format.
pub trait AsName {
    /// Calls `with` with the name.
    ///
    /// # Errors
    /// The text is no name.
    fn as_name<R>(&self, with: impl FnOnce(Name<'_>) -> R) -> Result<R, NameTextError>;
}

impl AsName for Name<'_> {
    fn as_name<R>(&self, with: impl FnOnce(Name<'_>) -> R) -> Result<R, NameTextError> {
        Ok(with(*self))
    }
}

impl AsName for NameBuf {
    fn as_name<R>(&self, with: impl FnOnce(Name<'_>) -> R) -> Result<R, NameTextError> {
        Ok(with(self.name()))
    }
}

impl AsName for str {
    fn as_name<R>(&self, with: impl FnOnce(Name<'_>) -> R) -> Result<R, NameTextError> {
        let mut name = NameBuf::ROOT;
        name.append_text(self)?;
        Ok(with(name.name()))
    }
}

impl<T: AsName + ?Sized> AsName for &T {
    fn as_name<R>(&self, with: impl FnOnce(Name<'_>) -> R) -> Result<R, NameTextError> {
        (**self).as_name(with)
    }
}
