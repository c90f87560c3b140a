//! The order in which to try the addresses of a host: RFC 6724 section 6, families interleaved by RFC 8305 section 4.

mod source;

use core::net::IpAddr;

use source::{common_prefix, policy, scope, source};

/// How good an address is to connect to, the lesser the better: what RFC 6724 section 6 can tell from the device's own
/// addresses.
///
/// Its rules 1, 2, 5, 6, 8 and 9, in this order. Which addresses are deprecated, of mobile homes or behind a tunnel (rules
/// 3, 4 and 7) is not known here, and rule 10, to leave equals as they came, is [`in_order`]'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank(u32);

impl Rank {
    /// Whether both have a source that suits equally well, by rules 1, 2 and 5.
    fn suits_as(self, other: Self) -> bool {
        self.0 >> SUITS == other.0 >> SUITS
    }
}

/// Where the bits of each rule begin: the bits above are of those before it.
const SUITS: u32 = PRECEDENCE + 6;
const PRECEDENCE: u32 = SCOPE + 4;
const SCOPE: u32 = PREFIX + 7;
const PREFIX: u32 = 0;

/// Ranks an address by the device's own ones, which have the lengths of their prefixes, as
/// [`set_addresses`](crate::mdns::Endpoint::set_addresses) takes them.
///
/// A loopback address is always reached from itself, and from there nothing else is.
///
/// Rule 9 looks at the first 64 bits of IPv6 addresses at most, behind which networks end. Of IPv4 addresses it only prefers
/// those of the own network: how many bits addresses far away share with ours says nothing about the way there, and would
/// undo the turns in which servers list the addresses of a busy host.
pub fn rank(own: &[(IpAddr, u8)], destination: IpAddr) -> Rank {
    rank_canonical(own, destination.to_canonical())
}

/// [`rank`] of an address that is not an IPv4-mapped one.
fn rank_canonical(own: &[(IpAddr, u8)], destination: IpAddr) -> Rank {
    let (precedence, label) = policy(destination);
    let (mut unfit, mut shared) = (0b111, 0);
    if let Some((from, prefix)) = source(own, destination) {
        let other_scope = scope(from) != scope(destination);
        let other_label = policy(from).1 != label;
        unfit = u32::from(other_scope) << 1 | u32::from(other_label);
        shared = common_prefix(from, prefix, destination);
        if destination.is_ipv4() && shared < prefix {
            shared = 0;
        }
    }
    let distance = MOST_SHARED - shared.min(MOST_SHARED);
    Rank(
        unfit << SUITS
            | u32::from(MOST_PREFERRED.saturating_sub(precedence)) << PRECEDENCE
            | u32::from(scope(destination)) << SCOPE
            | u32::from(distance) << PREFIX,
    )
}

/// The highest precedence of the policy table.
const MOST_PREFERRED: u8 = 50;

/// Bits of an IPv6 address before the identifier of an interface (RFC 4291 section 2.5.1).
const MOST_SHARED: u8 = 64;

/// Gives `candidates` in the order in which to try them: by [`rank`], and the families in turn, beginning with that of
/// the best address, which is IPv6 wherever the device can use it.
///
/// Turns are taken by addresses for which the device has an equally fitting source. Those of a family that it has no use
/// for, such as IPv6 with a link-local address alone, come behind all others: each would be waited for in vain. Where
/// nothing is known of the own addresses, all take turns.
///
/// `address` tells which address a candidate is. Nothing is copied or sorted: each step walks over all candidates, and
/// gives the next one. They must be the same in each walk. Equals stay in their order.
///
/// ```
/// use core::net::IpAddr;
/// use dotlocal::lookup::in_order;
///
/// let ip = |text: &str| text.parse::<IpAddr>().unwrap();
/// let own = [(ip("192.168.1.20"), 24), (ip("2001:db8::20"), 64)];
/// let found = ["198.51.100.1", "198.51.100.2", "2001:db8:7::1", "2001:db8:7::2"].map(ip);
/// let order: Vec<_> = in_order(&own, found.iter(), |ip| **ip).collect();
/// assert_eq!(order, [&found[2], &found[0], &found[3], &found[1]]);
/// ```
pub fn in_order<I, F>(own: &[(IpAddr, u8)], candidates: I, address: F) -> InOrder<'_, I, F>
where
    I: Iterator + Clone,
    F: Fn(&I::Item) -> IpAddr,
{
    InOrder { own, candidates, address, given_v4: None, given_v6: None, last_is_v6: None }
}

/// Candidates in the order in which to try them; made by [`in_order`].
#[derive(Clone, Debug)]
pub struct InOrder<'o, I, F> {
    own: &'o [(IpAddr, u8)],
    candidates: I,
    address: F,
    /// Which one of each family was given last: all better ones were given before.
    given_v4: Option<Place>,
    given_v6: Option<Place>,
    last_is_v6: Option<bool>,
}

/// Where a candidate stands among those of its family: equals by their order.
type Place = (Rank, usize);

impl<I, F> Iterator for InOrder<'_, I, F>
where
    I: Iterator + Clone,
    F: Fn(&I::Item) -> IpAddr,
{
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        let (mut v4, mut v6) = (None::<(Place, I::Item)>, None);
        for (index, candidate) in self.candidates.clone().enumerate() {
            let address = (self.address)(&candidate).to_canonical();
            let place = (rank_canonical(self.own, address), index);
            let (given, next) =
                if address.is_ipv6() { (self.given_v6, &mut v6) } else { (self.given_v4, &mut v4) };
            let is_left = given.is_none_or(|given| place > given);
            if is_left && next.as_ref().is_none_or(|(best, _)| place < *best) {
                *next = Some((place, candidate));
            }
        }
        let takes_v6 = match (&v4, &v6) {
            (Some(((v4, _), _)), Some(((v6, _), _))) => match self.last_is_v6 {
                Some(last_is_v6) if v4.suits_as(*v6) => !last_is_v6,
                _ => v6 < v4,
            },
            (_, v6) => v6.is_some(),
        };
        let (given, next) = if takes_v6 { (&mut self.given_v6, v6) } else { (&mut self.given_v4, v4) };
        let (place, candidate) = next?;
        (*given, self.last_is_v6) = (Some(place), Some(takes_v6));
        Some(candidate)
    }
}

#[cfg(test)]
mod tests;
