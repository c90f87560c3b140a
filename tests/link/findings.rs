//! What a run found: the first invariant that was broken.

use super::invariant::Invariant;

/// The first invariant that was broken.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    pub(crate) invariant: Invariant,
    pub(crate) host: usize,
    pub(crate) at: u64,
    pub(crate) text: String,
}

/// Where rules put what they find.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) first: Option<Broken>,
}

impl Findings {
    pub(crate) fn note(&mut self, at: u64, host: usize, invariant: Invariant, text: String) {
        self.first.get_or_insert(Broken { invariant, host, at, text });
    }
}
