//! All that can be measured.

use std::hint::black_box;

use crate::build::{self, BUILDERS, Builder, MESSAGES, ROOM, Written};
use crate::corpus::{self, Sample};
use crate::decode::{CHECKS, DECODERS, Extent, floor};
use crate::{Run, foreign};

/// What sort of work a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    Decode,
    Check,
    Build,
    Foreign,
}

/// One work on one message by one crate.
pub struct Task {
    pub work: Work,
    pub message: &'static str,
    pub by: &'static str,
    /// Of decoding: whether data is left raw.
    pub raw: bool,
    /// Octets of the message.
    pub size: usize,
    pub run: Run,
}

/// All tasks; a decoder that refuses a message and a builder that cannot build one have none for it.
///
/// # Errors
/// A decoder or builder does not do the work.
pub fn all() -> Result<Vec<Task>, String> {
    let mut tasks = Vec::new();
    for sample in corpus::samples() {
        read(sample, &mut tasks).map_err(|error| format!("{}: {error}", sample.name))?;
    }
    for (message, written) in MESSAGES {
        let sizes = build::sizes(written).map_err(|error| format!("{message}: {error}"))?;
        for (builder, size) in BUILDERS.into_iter().zip(sizes) {
            if let Some(size) = size {
                let run = building(builder, written);
                tasks.push(Task { work: Work::Build, message, by: builder.name, raw: false, size, run });
            }
        }
    }
    let ways: Vec<_> = foreign::ways().into_iter().map(|way| (way.name, way.ready())).collect();
    for packet in foreign::packets() {
        let (message, size) = (&*packet.name.clone().leak(), packet.size());
        tasks.extend(ways.iter().map(|(by, ready)| {
            let run = ready.run(&packet);
            Task { work: Work::Foreign, message, by, raw: false, size, run }
        }));
    }
    Ok(tasks)
}

/// One of the tasks, without the checks of all, which would take longer than the task.
pub fn one(message: &str, by: &str) -> Option<Run> {
    if let Some(sample) = corpus::samples().find(|sample| sample.name == message) {
        let decoders = DECODERS.iter().map(|decoder| (decoder.name, decoder.sum));
        let checks = CHECKS.iter().map(|check| (check.name, check.end));
        return decoders.chain(checks).find(|(name, _)| *name == by).map(|(_, read)| reading(sample, read));
    }
    let (_, written) = MESSAGES.into_iter().find(|(name, _)| *name == message)?;
    let builder = BUILDERS.into_iter().find(|builder| builder.name == by)?;
    Some(building(builder, written))
}

fn read(sample: Sample, tasks: &mut Vec<Task>) -> Result<(), String> {
    let octets = sample.octets();
    let size = octets.len();
    let mut add = |work, by, raw, read| {
        tasks.push(Task { work, message: sample.name, by, raw, size, run: reading(sample, read) });
    };
    for decoder in DECODERS {
        let extent = decoder.extent(&octets)?;
        if extent != Extent::None {
            add(Work::Decode, decoder.name, extent == Extent::Raw, decoder.sum);
        }
    }
    for check in CHECKS {
        if (check.end)(&octets) != floor::check(&octets) {
            return Err(format!("{} ends elsewhere", check.name));
        }
        add(Work::Check, check.name, false, check.end);
    }
    Ok(())
}

fn reading(sample: Sample, read: fn(&[u8]) -> Option<u64>) -> Run {
    let octets = sample.octets();
    Box::new(move |times| {
        for _ in 0..times {
            black_box(read(black_box(&octets)));
        }
    })
}

fn building(builder: Builder, written: Written) -> Run {
    let (mut ready, mut buf) = ((builder.prepare)(&build::names()), vec![0; ROOM]);
    Box::new(move |times| {
        for _ in 0..times {
            black_box(written(&mut *ready, black_box(&mut buf)));
        }
    })
}
