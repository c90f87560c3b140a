//! Octets written into the caller's buffer.

use super::BuildError;

/// The buffer has no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DoesNotFit;

impl From<DoesNotFit> for BuildError {
    fn from(_: DoesNotFit) -> Self {
        Self::DoesNotFit
    }
}

/// Copies octets to a place of their length, without the panic of `copy_from_slice`.
#[inline]
pub(crate) fn copy(from: &[u8], to: &mut [u8]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}

/// A buffer and how much of it is written.
#[derive(Debug)]
pub(super) struct Out<'b> {
    buf: &'b mut [u8],
    len: usize,
}

impl<'b> Out<'b> {
    pub(super) fn new(buf: &'b mut [u8]) -> Self {
        Self { buf, len: 0 }
    }

    pub(super) fn put(&mut self, octets: &[u8]) -> Result<(), DoesNotFit> {
        let end = self.len + octets.len();
        copy(octets, self.buf.get_mut(self.len..end).ok_or(DoesNotFit)?);
        self.len = end;
        Ok(())
    }

    /// What `write` writes, behind its length as 16 bits.
    pub(super) fn counted(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<(), DoesNotFit>,
    ) -> Result<(), DoesNotFit> {
        self.put(&[0, 0])?;
        let start = self.len;
        write(self)?;
        let len = u16::try_from(self.len - start).map_err(|_| DoesNotFit)?;
        let slot = self.buf.get_mut(start - 2..).and_then(|rest| rest.first_chunk_mut());
        slot.map_or(Err(DoesNotFit), |slot| {
            *slot = len.to_be_bytes();
            Ok(())
        })
    }

    pub(super) fn finish(self) -> &'b mut [u8] {
        self.buf.get_mut(..self.len).unwrap_or_default()
    }
}
