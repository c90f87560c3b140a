//! The comparison sees every field, and the balance is upset by an entry too many or too few.

use dotlocal_differential::account::{balance, find};
use dotlocal_differential::by_dotlocal;
use dotlocal_differential::compare::{Count, Peer, Place, differences};
use dotlocal_differential::entries::{self, Entry, Key, Right};
use dotlocal_differential::made;
use dotlocal_differential::messages;
use dotlocal_differential::view::{Data, Field, Judged, Part, Refusal, View};

fn differ(ours: &View, theirs: &View, peer: Peer) -> bool {
    !differences(ours, theirs, peer, &mut Count::default()).is_empty()
}

/// The fields with one of them altered: its last octet, its name, what is said of it, or that it is there.
fn altered(fields: &[Field]) -> impl Iterator<Item = Vec<Field>> {
    (0..fields.len()).flat_map(|at| {
        let with = |alter: fn(&mut Field)| {
            let mut fields = fields.to_vec();
            alter(&mut fields[at]);
            fields
        };
        let mut fewer = fields.to_vec();
        fewer.remove(at);
        let mut more = fields.to_vec();
        more.push(Field::word("another", 7));
        [
            with(|field| match field.value.last_mut() {
                Some(octet) => *octet ^= 1,
                None => field.value.push(0),
            }),
            with(|field| field.name = "another"),
            with(|field| field.judged = Judged::Refused),
            fewer,
            more,
        ]
    })
}

/// The part with one thing in it altered.
fn altered_part(part: &Part) -> Vec<Result<Part, Refusal>> {
    let mut parts: Vec<_> = altered(&part.fields).map(|fields| Ok(Part { fields, ..part.clone() })).collect();
    if let Some(Data::Typed(fields)) = &part.data {
        let refused = Data::Refused(Refusal::new("so"));
        let datas = altered(fields).map(Data::Typed).chain([refused]);
        parts.extend(datas.map(|data| Ok(Part { data: Some(data), ..part.clone() })));
    }
    if let Some(Data::Raw(octets)) = &part.data {
        let octets = [octets.as_slice(), &[7]].concat();
        parts.push(Ok(Part { data: Some(Data::Raw(octets)), ..part.clone() }));
    }
    if let Some(octets) = &part.expanded {
        let octets = [octets.as_slice(), &[7]].concat();
        parts.push(Ok(Part { expanded: Some(octets), ..part.clone() }));
    }
    parts.push(Err(Refusal::new("so")));
    parts
}

#[test]
fn no_alteration_goes_unseen() {
    let mut seen = 0;
    for octets in made::messages().iter().take(300) {
        let ours = by_dotlocal::view(octets);
        // Behind a part that dotlocal refuses nothing is compared.
        if ours.whole.is_err() {
            continue;
        }
        for peer in Peer::ALL {
            let sees = |theirs: View| assert!(differ(&ours, &theirs, peer), "{peer}: {theirs:?}");
            let header = ours.header.as_ref().unwrap();
            for header in altered(header) {
                sees(View { header: Ok(header), ..ours.clone() });
            }
            for (at, part) in ours.parts.iter().enumerate() {
                for part in altered_part(part.as_ref().unwrap()) {
                    seen += 1;
                    let mut theirs = ours.clone();
                    theirs.parts[at] = part;
                    sees(theirs);
                }
            }
            if let Some(Ok(edns)) = &ours.edns {
                altered(edns).for_each(|edns| sees(View { edns: Some(Ok(edns)), ..ours.clone() }));
                sees(View { edns: None, ..ours.clone() });
            }
            sees(View { header: Err(Refusal::new("so")), ..ours.clone() });
        }
    }
    assert!(seen > 1000);
}

#[test]
fn the_list_can_lose_no_entry_and_gain_none_that_is_idle() {
    let has_corpus = messages::has_corpus();
    let found = find(messages::all()).found;
    let upset = |entries: &[&Entry]| !balance(&found, entries, has_corpus).is_even();
    let all = entries::all();
    for at in 0..all.len() {
        let mut fewer = all.clone();
        let removed = fewer.remove(at);
        assert!(removed.of_corpus && !has_corpus || upset(&fewer), "not needed: {removed}");
    }
    let idle = |key| Entry {
        peer: Peer::Domain,
        key,
        right: Right::Both,
        by: "RFC 1035",
        why: "none",
        of_corpus: false,
    };
    let bogus = [idle(Key::Rule("never", |_| false)), idle(Key::Message(0, Place::Whole))];
    for bogus in &bogus {
        assert!(upset(&[all.as_slice(), &[bogus]].concat()));
    }
    let corpus = Entry { of_corpus: true, ..bogus[0] };
    assert_eq!(upset(&[all.as_slice(), &[&corpus]].concat()), has_corpus);
}
