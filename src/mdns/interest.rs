//! What keeps strangers' packets cheap: most of their names are told from ours by one bit.

use crate::name::Name;

/// A set of names that may hold a few more than were added. 256 bits: the names of 30 services leave nine of ten
/// strangers out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interest([u32; 8]);

impl Interest {
    pub(crate) const NONE: Interest = Interest([0; 8]);

    pub(crate) fn add(&mut self, name: &Name<'_>) {
        let (word, bit) = place(name);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    /// Whether `name` may have been added. Names that are equal without regard to case are one.
    #[inline]
    pub(crate) fn has(&self, name: &Name<'_>) -> bool {
        let (word, bit) = place(name);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }
}

/// The bit of a name: by the length and the outer letters of its first label.
#[inline]
fn place(name: &Name<'_>) -> (usize, u32) {
    let label = name.labels().next().unwrap_or(&[]);
    // 0x20 is what tells the case of a letter.
    let letter = |octet: Option<&u8>| octet.map_or(0, |octet| u32::from(octet | 0x20));
    let hash = label.len() as u32 * 37 + letter(label.first()) * 101 + letter(label.last()) * 11;
    (hash as usize >> 5 & 7, 1 << (hash & 31))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::NameBuf;
    use std::format;

    #[test]
    fn what_was_added_is_there_in_either_case_and_most_of_the_rest_is_not() {
        let name = |text: &str| text.parse::<NameBuf>().unwrap();
        let mut interest = Interest::NONE;
        assert!(!interest.has(&name("cam.local").name()) && !interest.has(&Name::ROOT));
        for nth in 0..30 {
            interest.add(&name(&format!("Kitchen Cam {nth}._http._tcp.local")).name());
        }
        for nth in 0..30 {
            assert!(interest.has(&name(&format!("kitchen cam {nth}._HTTP._tcp.local")).name()));
        }
        let strangers: usize = (0..1_000)
            .filter(|nth| interest.has(&name(&format!("device{nth}x{}.local", nth * 7)).name()))
            .count();
        assert!(strangers < 150, "{strangers}");
    }
}
