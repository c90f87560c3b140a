//! A service instance that was found, in words and as JSON.

use std::net::IpAddr;

use dotlocal::mdns::Instance;
use dotlocal::name::Name;
use dotlocal::wire::Txt;
use serde_json::{Value, json};

/// A `resolved` or `updated` line.
pub(crate) fn json(event: &str, instance: &Instance<'_>, interface: &str) -> Value {
    json!({
        "event": event,
        "type": service_type(instance),
        "instance": label(instance),
        "host": instance.host().map(|host| host.to_string()),
        "port": instance.port(),
        "addresses": addresses(instance, interface),
        "txt": instance.txt().map(txt_json).unwrap_or_default(),
    })
}

/// Instance, host and port, addresses, TXT: a line.
pub(crate) fn line(instance: &Instance<'_>, interface: &str) -> String {
    let host = instance.host().map(host).unwrap_or_default();
    let addresses = addresses(instance, interface).join(" ");
    let txt = instance.txt().map(txt_text).unwrap_or_default().join(" ");
    format!("{}  {host}:{}  {addresses}  {txt}", shown(instance.label()), instance.port())
        .trim_end()
        .to_owned()
}

/// Link, what happened, instance, host, port, addresses, TXT.
pub(crate) type Row = [String; 7];

/// What stands above the columns.
pub(crate) fn head(names_links: bool) -> Row {
    let link = if names_links { "LINK" } else { "" };
    [link, "", "INSTANCE", "HOST", "PORT", "ADDRESSES", "TXT"].map(str::to_owned)
}

/// An instance that is not resolved, or lost.
pub(crate) fn row(link: &str, event: &str, instance: &Instance<'_>) -> Row {
    let mut row = Row::default();
    [row[0], row[1], row[2]] = [link.to_owned(), event.to_owned(), shown(instance.label())];
    row
}

/// All that is known of an instance: in further rows the addresses and TXT strings that follow the first ones.
pub(crate) fn rows(link: &str, event: &str, instance: &Instance<'_>, interface: &str) -> Vec<Row> {
    let (addresses, txt) = (addresses(instance, interface), instance.txt().map(txt_text).unwrap_or_default());
    let mut rows = vec![row(link, event, instance)];
    rows.resize_with(addresses.len().max(txt.len()).max(1), Row::default);
    rows[0][3] = instance.host().map(host).unwrap_or_default();
    rows[0][4] = instance.port().to_string();
    rows.iter_mut().zip(addresses).for_each(|(row, address)| row[5] = address);
    rows.iter_mut().zip(txt).for_each(|(row, string)| row[6] = string);
    rows
}

/// Instance names are UTF-8 (RFC 6763 section 4.1.3); what is none is shown as well as it goes.
pub(crate) fn label(instance: &Instance<'_>) -> String {
    String::from_utf8_lossy(instance.label()).into_owned()
}

/// Anybody on the link chooses these octets: a terminal must not take them for commands.
pub(crate) fn shown(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).replace(char::is_control, "\u{FFFD}")
}

/// A host name as people write it: without escapes for letters beyond ASCII.
fn host(name: Name<'_>) -> String {
    name.labels().map(shown).collect::<Vec<_>>().join(".")
}

pub(crate) fn service_type(instance: &Instance<'_>) -> String {
    below_local(instance.service_type())
}

/// A name without its `.local`.
pub(crate) fn below_local(name: Name<'_>) -> String {
    let text = name.to_string();
    match text.len().checked_sub(".local".len()).and_then(|at| text.split_at_checked(at)) {
        Some((below, end)) if end.eq_ignore_ascii_case(".local") => below.to_owned(),
        _ => text,
    }
}

/// A link-local IPv6 address means nothing without its interface.
pub(crate) fn address(address: IpAddr, interface: &str) -> String {
    match address {
        IpAddr::V6(v6) if v6.is_unicast_link_local() => format!("{v6}%{interface}"),
        address => address.to_string(),
    }
}

fn addresses(instance: &Instance<'_>, interface: &str) -> Vec<String> {
    instance.addresses().map(|ip| address(ip, interface)).collect()
}

fn txt_json(txt: Txt<'_>) -> Vec<Value> {
    let value = |octets: &[u8]| match std::str::from_utf8(octets) {
        Ok(text) => json!(text),
        Err(_) => json!({"hex": octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>()}),
    };
    txt.attributes().map(|(key, octets)| json!([String::from_utf8_lossy(key), octets.map(value)])).collect()
}

fn txt_text(txt: Txt<'_>) -> Vec<String> {
    txt.strings().filter(|string| !string.is_empty()).map(shown).collect()
}
