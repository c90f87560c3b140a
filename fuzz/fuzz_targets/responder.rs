//! Drives a `Responder` with whatever can come: datagrams, calls of the application, time.
//!
//! What must hold: the laws of a machine, the look of messages and their least distances (RFC 6762 sections 6, 8, 10 and
//! 18; see `Device` and `Watch`), refused calls change nothing, stale handles stand for nobody, a full table says so, and
//! a device that is left alone falls silent.

#![no_main]

use dotlocal::mdns::{
    ChangeError, Claimed, Config, HostId, RecordsId, RegisterError, Responder, ResponderStorage, ServiceId,
};
use dotlocal_fuzz::{
    ADDRESSES, Device, Driven, EXTRA, Input, OCTETS, OTHERS, PAIRS, TEXTS, common_names, message, record_set,
    service, source,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let mut input = Input(octets);
    match input.byte() % 4 {
        0 => run::<4, 6, 200, 2>(input),
        1 => run::<1, 2, 8, 1>(input),
        2 => run::<0, 1, 0, 0>(input),
        _ => run::<10, 8, 300, 8>(input),
    }
});

fn run<const ADDRESSES: usize, const NAMES: usize, const TXT: usize, const REPLIES: usize>(
    mut input: Input<'_>,
) {
    let mut storage = ResponderStorage::<'static, ADDRESSES, NAMES, TXT, REPLIES>::new();
    let (room, start, seed) = (
        input.pick(&[9_000, 1_440, 512, 100, 0]),
        input.pick(&[123_456_789, u32::MAX - 9_000]),
        input.byte(),
    );
    let config = Config::new(seed.into()).unicast_answers(false);
    let machine = Responder::new(&mut storage, config);
    let mut device = Device::new(machine, NAMES - 1, start, room);
    while !input.0.is_empty() {
        let step = input.byte();
        match step & 0x7F {
            0..32 => call(&mut device, &mut input),
            32..64 => {
                let (source, addressed) = (source(&mut input), input.byte() & 1 == 1);
                let mut names: Vec<Vec<u8>> = Vec::new();
                for &(of, _) in &device.handles {
                    let next = device.machine.number(of).map_or(0, |number| number.wrapping_add(1).max(2));
                    let both = [device.machine.name(of), device.machine.name_with(of, next)];
                    names.extend(both.into_iter().flatten().map(|name| name.as_octets().to_vec()));
                }
                names.extend(common_names());
                let octets = message(&mut input, &names, &device.said);
                device.hear(source, !addressed, &octets);
            }
            // What we have sent comes back, the last one first.
            64..72 => {
                let sent: Vec<_> = device.sent.iter().rev().cloned().collect();
                let (source, octets) = (source(&mut input), input.pick_from(&sent));
                octets.into_iter().for_each(|octets| device.hear(source, true, octets));
            }
            72..80 => {
                let (source, addressed) = (source(&mut input), input.byte() & 1 == 1);
                device.hear(source, !addressed, input.octets());
            }
            step => device.pass(input.pick(&WAITS), step >= 120),
        }
        // Not every driver drains after each call.
        if step & 0x80 == 0 {
            device.drain();
        }
    }
    device.drain();
    device.pass(60_000, false);
    assert_eq!(device.machine.poll_timeout(), None, "restless without any input");
}

const WAITS: [u64; 24] = [
    1_000,
    250,
    3_000,
    0,
    1,
    19,
    20,
    100,
    120,
    249,
    251,
    400,
    500,
    751,
    999,
    1_001,
    2_000,
    5_000,
    10_001,
    60_000,
    4_500_000,
    86_400_000,
    1_100_000_000,
    2_592_000_000,
];

/// A handle of each sort, live or stale.
fn handle(device: &Device<'_>, input: &mut Input<'_>, fits: fn(&Claimed) -> bool) -> Option<(Claimed, bool)> {
    let of_sort: Vec<_> = device.handles.iter().filter(|(of, _)| fits(of)).copied().collect();
    input.pick_from(&of_sort).copied()
}

fn a_service(device: &Device<'_>, input: &mut Input<'_>) -> Option<(ServiceId, bool)> {
    match handle(device, input, |of| matches!(of, Claimed::Service(_)))? {
        (Claimed::Service(id), is_live) => Some((id, is_live)),
        _ => None,
    }
}

fn a_host(device: &Device<'_>, input: &mut Input<'_>) -> Option<(HostId, bool)> {
    match handle(device, input, |of| matches!(of, Claimed::OtherHost(_)))? {
        (Claimed::OtherHost(id), is_live) => Some((id, is_live)),
        _ => None,
    }
}

fn a_set(device: &Device<'_>, input: &mut Input<'_>) -> Option<(RecordsId, bool)> {
    match handle(device, input, |of| matches!(of, Claimed::Records(_)))? {
        (Claimed::Records(id), is_live) => Some((id, is_live)),
        _ => None,
    }
}

/// One call of the application. What is refused has changed nothing.
fn call(device: &mut Device<'_>, input: &mut Input<'_>) {
    let before = device.names();
    if make_call(device, input).is_none() {
        assert_eq!(device.names(), before, "a refused call changed something");
        device.stays_idle();
    }
    device.clock.is_called();
}

/// `None` for a call that is refused.
fn make_call(device: &mut Device<'_>, input: &mut Input<'_>) -> Option<()> {
    let call = input.byte();
    match call % 21 {
        0 | 1 => {
            device.machine.set_hostname(input.pick(&TEXTS)).ok()?;
            device.handles[0].1 = true;
            device.watch.forgive();
        }
        2 | 3 => {
            let addresses = input.pick(&ADDRESSES);
            device.machine.set_addresses(addresses).ok()?;
            device.addresses = addresses;
            device.watch.forgive();
        }
        4 => {
            device.machine.set_host_records(input.pick(&EXTRA)).ok()?;
            device.watch.forgive();
        }
        5 | 6 => {
            let host = if input.byte() & 1 == 1 { a_host(device, input) } else { None };
            let service = service(input, host.map(|(host, _)| host));
            let result = device.machine.register(service);
            assert!(host.is_none_or(|(_, is_live)| is_live) || result.is_err());
            register(device, result)?;
        }
        7 => {
            let result = device.machine.register_host(input.pick(&TEXTS), input.pick(&OTHERS));
            register(device, result)?;
        }
        8 | 9 => {
            let result = device.machine.register_records(record_set(input));
            register(device, result)?;
        }
        10 => {
            let (set, is_live) = a_set(device, input)?;
            change(device.machine.set_records(set, input.pick(&EXTRA)), is_live)?;
            device.watch.forgive();
        }
        11 => {
            let (host, is_live) = a_host(device, input)?;
            change(device.machine.set_host_addresses(host, input.pick(&OTHERS)), is_live)?;
            device.watch.forgive();
        }
        12 => {
            let (service, is_live) = a_service(device, input)?;
            let changed = match input.byte() % 8 {
                0 => device.machine.set_txt_octets(service, input.pick(&OCTETS)),
                _ => device.machine.set_txt(service, input.pick(&PAIRS)),
            };
            change(changed, is_live)?;
        }
        13 => {
            let (service, is_live) = a_service(device, input)?;
            change(device.machine.set_port(service, input.byte().into()), is_live)?;
        }
        14 => {
            let (service, is_live) = a_service(device, input)?;
            change(device.machine.set_instance(service, input.pick(&TEXTS)), is_live)?;
            device.watch.forgive();
        }
        15 => {
            let (of, is_live) = handle(device, input, |_| true)?;
            let number = input.pick(&[2, 0, 1, 3, 4, 99, 65_534, 65_535]);
            change(device.machine.set_number(of, number), is_live)?;
            device.watch.forgive();
        }
        16 => {
            let (of, is_live) = handle(device, input, |_| true)?;
            change(device.machine.unregister(of), is_live)?;
            let entry = device.handles.iter_mut().find(|entry| entry.0 == of).unwrap();
            entry.1 = false;
            device.leaving += usize::from(of != Claimed::Host);
            assert!(device.machine.name_with(of, 7).is_none());
        }
        17 => {
            device.machine.link_down();
            device.is_silent = true;
        }
        18 => {
            device.machine.link_up();
            (device.is_silent, device.watch.only_goodbyes) = (false, false);
            device.watch.forgive_probes();
        }
        19 => {
            device.machine.stop();
            device.watch.only_goodbyes = true;
        }
        _ => {
            let ask = input.byte() & 1 == 1;
            device.machine.ask_for_unicast(ask);
            device.watch.unicast_answers = ask;
        }
    }
    Some(())
}

/// A name more. The table is full when each slot is somebody's, or says goodbye.
fn register<Id>(device: &mut Device<'_>, result: Result<Id, RegisterError>) -> Option<()>
where
    Claimed: From<Id>,
{
    let used = device.leaving + device.handles[1..].iter().filter(|(_, is_live)| *is_live).count();
    match result {
        Ok(id) => {
            assert!(used < device.capacity);
            device.handles.push((id.into(), true));
            device.watch.forgive();
            Some(())
        }
        Err(error) => {
            if let RegisterError::Full { capacity } = error {
                assert_eq!((used, capacity), (device.capacity, capacity));
                assert_eq!(capacity, device.capacity);
            }
            None
        }
    }
}

/// A change of what a handle stands for; nothing for a stale one.
fn change(result: Result<(), ChangeError>, is_live: bool) -> Option<()> {
    assert!(is_live || result.is_err());
    assert!(!is_live || result != Err(ChangeError::Unknown));
    result.ok()
}
