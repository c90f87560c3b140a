//! The form of what a host sends: header, sections, TTLs, cache-flush bits, and that it is true.

use std::net::SocketAddr;

use dotlocal::Destination;

use super::answers::Asked;
use crate::findings::Findings;
use crate::invariant::{Invariant, Scene};
use crate::link::Packet;
use crate::support::{Data, Msg, Q, R, kind};
use crate::wish::{Power, folded_name};

pub(crate) fn check(scene: &Scene<'_>, packet: &Packet, asked: &[Asked], findings: &mut Findings) {
    let wrong = match packet.to {
        Destination::Unicast(to) if packet.message.is_response() => reply(scene, packet, to, asked),
        Destination::Multicast if packet.message.is_response() => response(scene, packet),
        Destination::Multicast => probe(scene, packet),
        Destination::Unicast(_) => Err((Invariant::Form, "a probe by unicast".to_owned())),
    };
    if let Err((invariant, text)) = wrong {
        findings.add(scene, invariant, format!("{text}: {}", packet.message));
    }
}

type Wrong = Result<(), (Invariant, String)>;

fn form(text: impl Into<String>) -> Wrong {
    Err((Invariant::Form, text.into()))
}

fn reply(scene: &Scene<'_>, packet: &Packet, to: SocketAddr, asked: &[Asked]) -> Wrong {
    if to.port() == 5353 {
        return response(scene, packet);
    }
    let message = &packet.message;
    let same = |asked: &&Asked| asked.source == to && asked.id == message.id && asked.multicast;
    let Some(query) = asked.iter().find(same) else {
        return form("a legacy reply with an id that was not asked with (6.7)");
    };
    let folded = |question: &Q| Q { name: folded_name(&question.name), ..question.clone() };
    if !message.questions.iter().map(folded).eq(query.questions.iter().map(folded)) {
        return form("a legacy reply does not repeat the question (6.7)");
    }
    if message.flags & !Msg::TC != Msg::RESPONSE {
        return form("flags");
    }
    for (_, key, record) in packet.said() {
        if record.flush || record.ttl == 0 || record.ttl > 10 {
            return form("a legacy reply has no cache-flush bit, and TTLs of 10 s at most (6.7)");
        }
        truth(scene, key, record)?;
    }
    Ok(())
}

fn response(scene: &Scene<'_>, packet: &Packet) -> Wrong {
    let message = &packet.message;
    if message.flags != Msg::RESPONSE || message.id != 0 || !message.questions.is_empty() {
        return form("a response has QR and AA, id 0 and no question (6, 18)");
    }
    if packet.said().count() == 0 || packet.said().count() != packet.records.len() {
        return form("a response has answers, and no authority section");
    }
    for (index, (_, key, record)) in packet.said().enumerate() {
        if packet.said().take(index).any(|(_, other, _)| other == key) {
            return form(format!("{record} stands there twice"));
        }
        if record.ttl == 0 {
            continue;
        }
        truth(scene, key, record)?;
        let (ttls, unique): (&[u32], bool) = match scene.model.holds(key) {
            Some(own) => (&[own.ttl], !own.shared),
            // Of an instance the record that is not there could have either TTL (6.1).
            None if key.rtype == kind::NSEC => (&[120, 4_500], true),
            None => (&[120], true),
        };
        if !ttls.contains(&record.ttl) {
            return form(format!("{record}: its TTL is {ttls:?} (10)"));
        }
        if record.flush != unique {
            return form(format!("{record}: the cache-flush bit belongs to unique records (10.2)"));
        }
        if let Some(missing) = sibling_that_is_missing(scene, packet, key) {
            return form(format!("{record} flushes {missing}, which is not beside it (6, 10.2)"));
        }
    }
    Ok(())
}

/// A record of the same RRset that a cache would drop, since it was not sent along.
fn sibling_that_is_missing<'m>(scene: &Scene<'m>, packet: &Packet, key: &R) -> Option<&'m R> {
    let own = scene.model.holds(key).filter(|own| !own.shared)?;
    let same_set = |other: &&R| other.name == own.key.name && other.rtype == own.key.rtype;
    let missing = |other: &&R| !packet.said().any(|(_, said, record)| said == *other && record.ttl > 0);
    scene.model.records.iter().map(|other| &other.key).filter(same_set).find(missing)
}

/// The host has this record.
fn truth(scene: &Scene<'_>, key: &R, record: &R) -> Wrong {
    let untrue = |what: &str| Err((Invariant::Untrue, format!("{record}: {what}")));
    if record.class != 1 {
        return untrue("not of class IN");
    }
    if let Data::Srv { target, .. } = &key.data
        && scene.model.owner_of(target).is_none()
        && !scene.model.host_was_named
    {
        return untrue("the host has never held the name to which it points (8.1)");
    }
    if scene.model.holds(key).is_some() {
        return Ok(());
    }
    if let Data::Nsec { next, types } = &record.data {
        if scene.model.owner_of(&key.name).is_none() || folded_name(next) != key.name {
            return untrue("not the host's to deny (6.1)");
        }
        let has =
            |of: &u16| scene.model.records.iter().any(|own| own.key.name == key.name && own.key.rtype == *of);
        let all = [kind::A, kind::TXT, kind::AAAA, kind::SRV].into_iter().filter(has);
        let listed: Vec<u16> = types.iter().copied().filter(|of| *of != kind::NSEC).collect();
        if all.eq(listed) { Ok(()) } else { untrue("the host has other types there (6.1)") }
    } else if key.name.0.last().is_some_and(|label| label == b"arpa") {
        let Data::Name(target) = &key.data else { return untrue("no pointer") };
        let host = scene.model.owner_of(target);
        if host == Some(crate::host::Whose::Host) { Ok(()) } else { untrue("not the host's name") }
    } else {
        untrue("the host has no such record")
    }
}

fn probe(scene: &Scene<'_>, packet: &Packet) -> Wrong {
    let message = &packet.message;
    if message.flags != Msg::QUERY || message.id != 0 || message.questions.is_empty() {
        return form("a probe has no flag, id 0 and questions (8.1, 18)");
    }
    if packet.proposed().count() != packet.records.len() {
        return form("a probe has an authority section alone (8.1)");
    }
    if packet.proposed().any(|(_, _, record)| record.flush || record.ttl == 0) {
        return form("a proposed record has no cache-flush bit, and a life (8.1)");
    }
    let proposals = scene.model.proposals();
    for question in &message.questions {
        let name = folded_name(&question.name);
        let claimed = scene.model.names.values().any(|held| held.name == name && !held.established);
        if question.qtype != 255 || !claimed {
            return form(format!("{question}: a probe asks for any record of a name that is claimed (8.1)"));
        }
        let sent = packet.proposed().filter(|(_, key, _)| key.name == name).count();
        let due = proposals.iter().filter(|own| own.key.name == name);
        let lacks = |own: &&crate::wish::Own| !packet.proposed().any(|(_, key, _)| *key == own.key);
        if sent != due.clone().count() || due.clone().any(|own| lacks(&own)) {
            return Err((
                Invariant::Untrue,
                format!("{question}: all unique records are proposed, no others (8.1)"),
            ));
        }
    }
    let asked = |key: &R| message.questions.iter().any(|question| folded_name(&question.name) == key.name);
    if packet.proposed().any(|(_, key, _)| !asked(key)) {
        return form("a record is proposed for a name that is not asked for (8.1)");
    }
    Ok(())
}

/// A host that is not up sends nothing, but the goodbye that belongs to its stop.
pub(crate) fn silence(
    scene: &Scene<'_>,
    packet: &Packet,
    stopped_now: bool,
    findings: &mut Findings,
) -> bool {
    let goodbye = packet.said().count() > 0 && packet.said().all(|(_, _, record)| record.ttl == 0);
    let silent = match scene.model.power {
        Power::Up => return false,
        Power::Stopped => !(stopped_now && goodbye && packet.is_multicast()),
        Power::Down | Power::Off => true,
    };
    if silent {
        findings.add(scene, Invariant::Silence, format!("{:?}, but {}", scene.model.power, packet.message));
    }
    silent
}
