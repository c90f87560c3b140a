//! A message in words and as JSON: for `decode`, `--log` and the timeline of `kitchen_cam`.

use dotlocal::wire::{Checked, Flags, Opcode, Question, Rcode, Record, Section, Type};
use serde_json::{Value, json};

use super::table;

/// `line`, and behind its fields what is in the message.
pub(crate) fn json_behind(mut line: Value, message: &Checked<'_>) -> Value {
    let question = |q: Question<'_>| json!([q.name().to_string(), q.qtype().0, q.raw_class()]);
    let record = |r: Record<'_>| {
        let section = match r.section() {
            Section::Answer => 0,
            Section::Authority => 1,
            Section::Additional => 2,
        };
        // The TTL of OPT is not a time but flags (RFC 6891 section 6.1.3).
        let ttl = if r.rtype() == Type::OPT { r.raw_ttl() } else { r.ttl_secs() };
        json!([section, r.name().to_string(), r.rtype().0, r.raw_class(), ttl, data_hex(&r)])
    };
    if let Value::Object(fields) = &mut line {
        let header = message.header();
        fields.insert("id".to_owned(), json!(header.id()));
        fields.insert("flags".to_owned(), json!(header.flags().0));
        fields.insert("questions".to_owned(), message.questions().map(question).collect());
        fields.insert("records".to_owned(), message.records().map(record).collect());
    }
    line
}

/// One line for the header.
pub(crate) fn header_line(message: &Checked<'_>) -> String {
    let header = message.header();
    let names = [
        (Flags::AA, "AA"),
        (Flags::TC, "TC"),
        (Flags::RD, "RD"),
        (Flags::RA, "RA"),
        (Flags::AD, "AD"),
        (Flags::CD, "CD"),
    ];
    let set = names.iter().filter(|(flag, _)| header.flags().has(*flag)).map(|(_, name)| format!(" {name}"));
    let kind = if header.is_response() { "response" } else { "query" };
    let codes = match (header.flags().opcode(), header.flags().rcode()) {
        (Opcode::QUERY, Rcode::NOERROR) => String::new(),
        (opcode, rcode) => format!(", opcode {opcode}, rcode {rcode}"),
    };
    format!("{kind}, id {}{codes}{}", header.id(), set.collect::<String>())
}

/// A message in a few words: `? kitchen-cam.local ANY`, `! kitchen-cam.local A`, two of them at most.
pub(crate) fn brief(message: &Checked<'_>) -> String {
    let sign = if message.header().is_response() { '!' } else { '?' };
    let questions = message.questions().map(|question| (question.name().to_string(), question.qtype()));
    let answers = message.answers().map(|record| (record.name().to_string(), record.rtype()));
    let entries = if sign == '?' { questions.collect() } else { answers.collect::<Vec<_>>() };
    // Each name once, with its types behind it.
    let mut names: Vec<(String, String)> = Vec::new();
    for (name, kind) in entries {
        let (name, kind) = (name.replace("\\032", " "), format!(" {kind}"));
        match names.iter_mut().find(|(known, _)| *known == name) {
            Some((_, kinds)) if kinds.ends_with(&kind) => {}
            Some((_, kinds)) => kinds.push_str(&kind),
            None => names.push((name, kind)),
        }
    }
    let more = names.len().saturating_sub(2);
    let shown: Vec<String> = names.iter().take(2).map(|(name, kinds)| format!("{name}{kinds}")).collect();
    let rest = if more > 0 { format!(" +{more}") } else { String::new() };
    format!("{sign} {}{rest}", shown.join(", "))
}

/// One line for each question and record, in aligned columns.
pub(crate) fn lines(message: &Checked<'_>) -> Vec<String> {
    let questions = message.questions().map(question_row);
    let rows: Vec<_> = questions.chain(message.records().map(record_row)).collect();
    table::aligned(&rows)
}

fn question_row(question: Question<'_>) -> [String; 5] {
    let unicast = if question.unicast_response() { "unicast-response" } else { "" };
    let kind = question.qtype().to_string();
    ["question".into(), question.name().to_string(), String::new(), kind, unicast.into()]
}

fn record_row(record: Record<'_>) -> [String; 5] {
    let section = match record.section() {
        Section::Answer => "answer",
        Section::Authority => "authority",
        Section::Additional => "additional",
    };
    let ttl = match record.rtype() {
        Type::OPT => String::new(),
        _ => format!("{} s", record.ttl_secs()),
    };
    let flush = if record.cache_flush() { "  flush" } else { "" };
    [section.into(), record.name().to_string(), ttl, record.rtype().to_string(), data(&record) + flush]
}

/// RDATA as zone files have it.
fn data(record: &Record<'_>) -> String {
    record.data().map_or_else(|error| format!("broken data: {error}"), |data| data.to_string())
}

/// RDATA with its names expanded; as it came when a name in it is broken.
fn data_hex(record: &Record<'_>) -> String {
    match record.raw_data().uncompressed() {
        Ok(octets) => hex(octets),
        Err(_) => hex(record.raw_data().as_octets().iter().copied()),
    }
}

fn hex(octets: impl Iterator<Item = u8>) -> String {
    octets.map(|octet| format!("{octet:02x}")).collect()
}
