//! Service types: `_http._tcp`.

use core::fmt;

/// Why a text is no service type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ServiceTypeError {
    /// A label does not begin with an underscore: `http.tcp`.
    NoUnderscore,
    /// The last label is neither `_tcp` nor `_udp`.
    NoProtocol,
    /// The service name has not 1 to 15 characters, or others than letters, digits and single inner hyphens, or no
    /// letter (RFC 6335 section 5.1).
    ServiceName,
    /// The type has labels before the service name.
    TooManyLabels,
    /// The type ends with `.local`.
    Domain,
}

impl fmt::Display for ServiceTypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoUnderscore => "each label of a service type begins with an underscore: write \"_http._tcp\"",
            Self::NoProtocol => "a service type ends in \"._tcp\" or \"._udp\": write \"_http._tcp\"",
            Self::ServiceName => {
                "a service name has 1 to 15 letters, digits and single inner hyphens, one letter at least: write \"_http._tcp\""
            }
            Self::TooManyLabels => "a service type has two labels: write \"_http._tcp\", and give subtypes apart",
            Self::Domain => "the domain is added to a service type: write \"_http._tcp\" without \".local\"",
        })
    }
}

impl core::error::Error for ServiceTypeError {}

/// Whether a service may be registered under `text`: two labels, by the rules for new service names (S-7-1).
pub(crate) fn check_registered(text: &str) -> Result<(), ServiceTypeError> {
    let service = before_protocol(text)?;
    let (before, label) = split_last(service);
    if before.is_some() {
        return Err(ServiceTypeError::TooManyLabels);
    }
    let (&first, name) = label.split_first().ok_or(ServiceTypeError::NoUnderscore)?;
    if first != b'_' {
        return Err(ServiceTypeError::NoUnderscore);
    }
    // As behind a hyphen, so that a hyphen at the beginning counts as doubled.
    let (mut letter, mut hyphen) = (false, true);
    for octet in name {
        let doubled = hyphen && *octet == b'-';
        hyphen = *octet == b'-';
        letter |= octet.is_ascii_alphabetic();
        if doubled || !(hyphen || octet.is_ascii_alphanumeric()) {
            return Err(ServiceTypeError::ServiceName);
        }
    }
    let sound = name.len() <= 15 && letter && !hyphen;
    if sound { Ok(()) } else { Err(ServiceTypeError::ServiceName) }
}

/// Whether `text` can be browsed for: any service name that is out there, also below `_sub` (S-7-1, S-7.1-1), and the
/// list of types.
pub(crate) fn check_browsed(text: &str) -> Result<(), ServiceTypeError> {
    let (before, name) = split_last(before_protocol(text)?);
    if name.first() != Some(&b'_') {
        return Err(ServiceTypeError::NoUnderscore);
    }
    if name.len() < 2 {
        return Err(ServiceTypeError::ServiceName);
    }
    let Some(before) = before else { return Ok(()) };
    match split_last(before) {
        (Some([]), b"_sub") => Err(ServiceTypeError::ServiceName),
        (Some(_), b"_sub") => Ok(()),
        (None, b"_services") if name == b"_dns-sd" => Ok(()),
        _ => Err(ServiceTypeError::TooManyLabels),
    }
}

/// What stands before `._tcp` or `._udp`.
fn before_protocol(text: &str) -> Result<&[u8], ServiceTypeError> {
    let (before, protocol) = split_last(text.as_bytes());
    match before {
        Some(_) if protocol.is_empty() || protocol.eq_ignore_ascii_case(b"local") => {
            Err(ServiceTypeError::Domain)
        }
        Some(before) if [b"_tcp", b"_udp"].iter().any(|known| known.eq_ignore_ascii_case(protocol)) => {
            Ok(before)
        }
        _ if text.as_bytes().first() == Some(&b'_') => Err(ServiceTypeError::NoProtocol),
        _ => Err(ServiceTypeError::NoUnderscore),
    }
}

/// The last label, and what stands before its dot. By octets: the searches of `str` weigh more than all of this.
fn split_last(text: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let Some(dot) = text.iter().rposition(|&octet| octet == b'.') else { return (None, text) };
    (text.get(..dot), text.get(dot + 1..).unwrap_or(&[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    // S-7-1
    #[test]
    fn a_service_is_registered_under_a_sound_name_only() {
        for good in ["_http._tcp", "_a._udp", "_a-1-b._TCP", "_abcdefghijklmno._tcp"] {
            assert_eq!(check_registered(good), Ok(()), "{good}");
        }
        for (bad, error) in [
            ("http._tcp", ServiceTypeError::NoUnderscore),
            ("http", ServiceTypeError::NoUnderscore),
            ("_http", ServiceTypeError::NoProtocol),
            ("_http._sctp", ServiceTypeError::NoProtocol),
            ("_http._tcp.local", ServiceTypeError::Domain),
            ("_http._tcp.", ServiceTypeError::Domain),
            ("_x._sub._http._tcp", ServiceTypeError::TooManyLabels),
            ("_abcdefghijklmnop._tcp", ServiceTypeError::ServiceName),
            ("_._tcp", ServiceTypeError::ServiceName),
            ("_123._tcp", ServiceTypeError::ServiceName),
            ("_-a._tcp", ServiceTypeError::ServiceName),
            ("_a-._tcp", ServiceTypeError::ServiceName),
            ("_a--b._tcp", ServiceTypeError::ServiceName),
            ("_a_b._tcp", ServiceTypeError::ServiceName),
        ] {
            assert_eq!(check_registered(bad), Err(error), "{bad}");
        }
        let long = std::format!("_{}._tcp", "a".repeat(300));
        assert_eq!(check_registered(&long), Err(ServiceTypeError::ServiceName));
    }

    // S-7-1, S-7.1-1
    #[test]
    fn whatever_is_out_there_can_be_browsed() {
        for good in [
            "_http._tcp",
            "_a._tcp",
            "_androidtvremote2._tcp",
            "_nvstream_dbd._tcp",
            "_printer._sub._http._tcp",
            "_services._dns-sd._udp",
        ] {
            assert_eq!(check_browsed(good), Ok(()), "{good}");
        }
        for (bad, error) in [
            ("http._tcp", ServiceTypeError::NoUnderscore),
            ("_http", ServiceTypeError::NoProtocol),
            ("_http._tcp.local", ServiceTypeError::Domain),
            ("_a._http._tcp", ServiceTypeError::TooManyLabels),
            ("_services._http._tcp", ServiceTypeError::TooManyLabels),
            ("._sub._http._tcp", ServiceTypeError::ServiceName),
            ("_._tcp", ServiceTypeError::ServiceName),
        ] {
            assert_eq!(check_browsed(bad), Err(error), "{bad}");
        }
    }
}
