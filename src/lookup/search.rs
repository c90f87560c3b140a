//! Which names are tried for a short one that was typed: the search list (resolv.conf(5), RFC 1535).

use super::Realm;
use crate::name::{Name, NameBuf};

/// The domains that short names are looked for in, and the rules for that.
///
/// A name with at least [`ndots`](Self::ndots) dots is tried as it is before the domains are tried behind it, one with fewer
/// after that (RFC 1535 section 6). A dot at its end makes a name absolute, and so does its own [`Realm`]: `localhost`,
/// `printer.local` and the like mean what they say.
///
/// ```
/// use dotlocal::lookup::Search;
/// use dotlocal::name;
///
/// let domains = [name!("lab.example"), name!("example")];
/// let search = Search::new(&domains).or_local(true);
/// let tried = |typed, absolute| {
///     let mut at = 0;
///     let next = || search.next(&typed, absolute, &mut at);
///     core::iter::from_fn(next).map(|name| name.to_string()).collect::<Vec<_>>()
/// };
/// let all = ["cam.lab.example", "cam.example", "cam", "cam.local"];
/// assert_eq!(tried(name!("cam"), false), all);
/// assert_eq!(tried(name!("a.cam"), false), ["a.cam", "a.cam.lab.example", "a.cam.example"]);
/// assert_eq!(tried(name!("cam"), true), ["cam"]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Search<'d> {
    domains: &'d [Name<'d>],
    ndots: u8,
    or_local: bool,
}

impl<'d> Search<'d> {
    /// No domains: each name is tried as it is.
    pub const NONE: Search<'static> = Search::new(&[]);

    /// Searches `domains`, in their order, for names without a dot. DHCP option 15 (RFC 2132) gives one, option 119 (RFC
    /// 3397) several.
    pub const fn new(domains: &'d [Name<'d>]) -> Self {
        Self { domains, ndots: 1, or_local: false }
    }

    /// How many dots a name has at least that is tried as it is first; 1 when this is not called.
    #[must_use]
    pub const fn ndots(self, ndots: u8) -> Self {
        Self { ndots, ..self }
    }

    /// Whether a name without a dot is tried below `local` when all else has failed, so that `printer` finds
    /// `printer.local`; not when this is not called. Anybody on the link can answer for that.
    #[must_use]
    pub const fn or_local(self, or_local: bool) -> Self {
        Self { or_local, ..self }
    }

    /// The next name to try for `typed`; `None` behind the last one. `at` is all that is kept in between, and begins with 0.
    ///
    /// A name that would be longer than 255 octets is passed over.
    pub fn next(&self, typed: &Name<'_>, absolute: bool, at: &mut usize) -> Option<NameBuf> {
        loop {
            let domain = self.domain(typed, absolute, *at)?;
            *at += 1;
            if let Ok(name) = NameBuf::from_labels(typed.labels().chain(domain.labels())) {
                return Some(name);
            }
        }
    }

    /// What is put behind `typed` in turn `at`: the root for the name as it is.
    fn domain(&self, typed: &Name<'_>, absolute: bool, at: usize) -> Option<Name<'d>> {
        let labels = typed.labels().count();
        let is_searched = !absolute && labels > 0 && Realm::of(typed) == Realm::Servers;
        let is_first = !is_searched || labels > usize::from(self.ndots);
        let local = (is_searched && self.or_local && labels == 1).then_some(Name::LOCAL);
        // The root would be the name as it is once more, and `local` comes last where it comes anyway.
        let is_other = |domain: &&Name<'d>| is_searched && !domain.is_root() && Some(**domain) != local;
        let as_it_is = |now: bool| now.then_some(Name::ROOT);
        let domains = self.domains.iter().filter(is_other).copied();
        as_it_is(is_first).into_iter().chain(domains).chain(as_it_is(!is_first)).chain(local).nth(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name;
    use std::string::{String, ToString};
    use std::vec::Vec;

    fn tried(search: &Search<'_>, typed: &str) -> Vec<String> {
        let (name, mut at) = (typed.parse::<NameBuf>().unwrap(), 0);
        let next = || search.next(&name.name(), typed.ends_with('.'), &mut at);
        core::iter::from_fn(next).take(10).map(|name| name.to_string()).collect()
    }

    const DOMAINS: [Name<'static>; 2] = [name!("lab.example"), name!("example")];

    // R-SEARCH-1
    #[test]
    fn the_dots_of_a_name_say_when_it_is_tried_as_it_is() {
        let search = Search::new(&DOMAINS);
        for (ndots, typed, expected) in [
            (1, "cam", &["cam.lab.example", "cam.example", "cam"][..]),
            (1, "a.cam", &["a.cam", "a.cam.lab.example", "a.cam.example"]),
            (0, "cam", &["cam", "cam.lab.example", "cam.example"]),
            (2, "a.cam", &["a.cam.lab.example", "a.cam.example", "a.cam"]),
            (2, "b.a.cam", &["b.a.cam", "b.a.cam.lab.example", "b.a.cam.example"]),
            (255, "b.a.cam", &["b.a.cam.lab.example", "b.a.cam.example", "b.a.cam"]),
            // One label, and so no dot.
            (1, r"a\.cam", &[r"a\.cam.lab.example", r"a\.cam.example", r"a\.cam"]),
        ] {
            assert_eq!(tried(&search.ndots(ndots), typed), expected, "{typed} with {ndots}");
        }
        assert_eq!(tried(&Search::NONE, "cam"), ["cam"]);
        assert_eq!(tried(&Search::NONE, "a.cam"), ["a.cam"]);
        // The root is complete, however it was typed.
        let next = |at: &mut usize| search.next(&Name::ROOT, false, at).map(|name| name.name().is_root());
        assert_eq!((next(&mut 0), next(&mut 1)), (Some(true), None));
    }

    // R-SEARCH-1
    #[test]
    fn an_absolute_name_and_one_with_a_realm_of_its_own_is_tried_alone() {
        let search = Search::new(&DOMAINS).ndots(9).or_local(true);
        for typed in [
            "cam.",
            "a.cam.",
            ".",
            "localhost",
            "invalid",
            "onion",
            "x.onion",
            "printer.local",
            "local",
            "1.254.169.in-addr.arpa",
        ] {
            assert_eq!(
                tried(&search, typed),
                [typed.strip_suffix('.').filter(|name| !name.is_empty()).unwrap_or(typed)]
            );
        }
    }

    // R-SEARCH-1
    #[test]
    fn a_name_without_a_dot_is_tried_on_the_link_last_where_that_is_wanted() {
        let search = Search::new(&DOMAINS).or_local(true);
        assert_eq!(tried(&search, "cam"), ["cam.lab.example", "cam.example", "cam", "cam.local"]);
        assert_eq!(tried(&search.ndots(0), "cam"), ["cam", "cam.lab.example", "cam.example", "cam.local"]);
        assert_eq!(tried(&search, "a.cam"), ["a.cam", "a.cam.lab.example", "a.cam.example"]);
        assert_eq!(tried(&Search::NONE.or_local(true), "cam"), ["cam", "cam.local"]);
        // No name is tried twice.
        let domains = [Name::LOCAL, Name::ROOT, name!("example")];
        let search = Search::new(&domains);
        assert_eq!(tried(&search, "cam"), ["cam.local", "cam.example", "cam"]);
        assert_eq!(tried(&search.or_local(true), "cam"), ["cam.example", "cam", "cam.local"]);
        assert_eq!(tried(&search.or_local(true), "a.cam"), ["a.cam", "a.cam.local", "a.cam.example"]);
    }

    #[test]
    fn a_name_that_would_be_too_long_is_passed_over() {
        let label = "a".repeat(63);
        let long = [&*label, &label, &label, &label[..61 - 8]].join(".");
        let domains = [name!("lab.example"), name!("example"), name!("x")];
        let expected = ["", ".example", ".x"].map(|domain| std::format!("{long}{domain}"));
        assert_eq!(tried(&Search::new(&domains), &long), expected);
    }
}
