//! What `advertise` reads: services as arguments and, while it runs, a command a line.

use std::str::FromStr;

/// `INSTANCE.TYPE:PORT`, as in `Kitchen Cam._http._tcp:8080`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ServiceText {
    /// May contain dots.
    pub(crate) instance: String,
    pub(crate) service_type: String,
    pub(crate) port: u16,
}

impl FromStr for ServiceText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no service: write it as \"Kitchen Cam._http._tcp:8080\"");
        let (name, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().map_err(|_| format!("\"{port}\" is no port: write a number up to 65535"))?;
        let mut labels = name.rmatch_indices('.').map(|(at, _)| at);
        let (_, Some(dot)) = (labels.next(), labels.next()) else { return Err(wrong()) };
        let (instance, service_type) = (&name[..dot], &name[dot + 1..]);
        if instance.is_empty() || !service_type.starts_with('_') {
            return Err(wrong());
        }
        Ok(Self { instance: instance.to_owned(), service_type: service_type.to_owned(), port })
    }
}

/// A change while `advertise` runs.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    /// An empty line.
    Nothing,
    Txt {
        instance: String,
        entries: Vec<String>,
    },
    Port {
        instance: String,
        port: u16,
    },
    Add(ServiceText),
    Remove {
        instance: String,
    },
    Hostname(String),
    LinkDown,
    LinkUp,
}

impl FromStr for Command {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let mut words = words(line)?.into_iter();
        let verb = words.next().unwrap_or_default();
        let first = words.next();
        let rest: Vec<String> = words.collect();
        match (verb.as_str(), first, rest.as_slice()) {
            ("", None, []) => Ok(Self::Nothing),
            ("txt", Some(instance), _) => Ok(Self::Txt { instance, entries: rest }),
            ("port", Some(instance), [port]) => {
                let port =
                    port.parse().map_err(|_| format!("\"{port}\" is no port: write a number up to 65535"))?;
                Ok(Self::Port { instance, port })
            }
            ("add", Some(service), []) => Ok(Self::Add(service.parse()?)),
            ("remove", Some(instance), []) => Ok(Self::Remove { instance }),
            ("hostname", Some(name), []) => Ok(Self::Hostname(name)),
            ("link", Some(state), []) if state == "down" => Ok(Self::LinkDown),
            ("link", Some(state), []) if state == "up" => Ok(Self::LinkUp),
            _ => Err(format!(
                "\"{line}\" is no command: write txt INSTANCE key=value …, port INSTANCE N, add INSTANCE.TYPE:PORT, \
                 remove INSTANCE, hostname NAME, link down or link up; names with blanks in double quotes"
            )),
        }
    }
}

/// The words of a line. Blanks inside double quotes do not end a word; `\"` and `\\` stand for `"` and `\`.
fn words(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let (mut word, mut quoted) = (None, false);
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        match char {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_with(String::new);
            }
            ' ' | '\t' if !quoted => words.extend(word.take()),
            '\\' if quoted => word.get_or_insert_with(String::new).extend(chars.next()),
            _ => word.get_or_insert_with(String::new).push(char),
        }
    }
    if quoted {
        return Err(format!("\"{line}\" has a quote that does not end"));
    }
    words.extend(word);
    Ok(words)
}

/// `key=value` of a TXT record.
pub(crate) fn attribute(text: &str) -> Result<(&str, &str), String> {
    text.split_once('=').ok_or_else(|| format!("\"{text}\" is no TXT attribute: write it as path=/"))
}
