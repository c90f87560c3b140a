//! Service types: `_http._tcp`.

use core::fmt;

use crate::name::MAX_LABEL;

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
    let service = split_protocol(text)?;
    if service.contains('.') {
        return Err(ServiceTypeError::TooManyLabels);
    }
    let name = service.strip_prefix('_').ok_or(ServiceTypeError::NoUnderscore)?;
    let sound = (1..=15).contains(&name.len())
        && name.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
        && name.bytes().any(|octet| octet.is_ascii_alphabetic())
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--");
    if sound { Ok(()) } else { Err(ServiceTypeError::ServiceName) }
}

/// Whether `text` can be browsed for: any service name that is out there, also below `_sub` (S-7-1, S-7.1-1).
pub(crate) fn check_browsed(text: &str) -> Result<(), ServiceTypeError> {
    let service = split_protocol(text)?;
    let (subtype, name) = match service.rsplit_once("._sub.") {
        Some((subtype, name)) => (Some(subtype), name),
        None => (None, service),
    };
    if !name.starts_with('_') {
        return Err(ServiceTypeError::NoUnderscore);
    }
    let sound = (2..=MAX_LABEL).contains(&name.len()) && subtype != Some("");
    if name.contains('.') && name != "_services._dns-sd" {
        Err(ServiceTypeError::TooManyLabels)
    } else if sound {
        Ok(())
    } else {
        Err(ServiceTypeError::ServiceName)
    }
}

/// What stands before `._tcp` or `._udp`.
fn split_protocol(text: &str) -> Result<&str, ServiceTypeError> {
    let (before, protocol) = text.rsplit_once('.').unwrap_or((text, ""));
    if protocol.eq_ignore_ascii_case("local") || protocol.is_empty() && text.ends_with('.') {
        return Err(ServiceTypeError::Domain);
    }
    if ["_tcp", "_udp"].iter().any(|known| known.eq_ignore_ascii_case(protocol)) {
        return Ok(before);
    }
    Err(if text.starts_with('_') { ServiceTypeError::NoProtocol } else { ServiceTypeError::NoUnderscore })
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
    }

    // S-7-1, S-7.1-1
    #[test]
    fn whatever_is_out_there_can_be_browsed() {
        for good in ["_http._tcp", "_androidtvremote2._tcp", "_nvstream_dbd._tcp", "_printer._sub._http._tcp"]
        {
            assert_eq!(check_browsed(good), Ok(()), "{good}");
        }
        assert_eq!(check_browsed("_services._dns-sd._udp"), Ok(()));
        for (bad, error) in [
            ("http._tcp", ServiceTypeError::NoUnderscore),
            ("_http", ServiceTypeError::NoProtocol),
            ("_http._tcp.local", ServiceTypeError::Domain),
            ("_a._http._tcp", ServiceTypeError::TooManyLabels),
            ("._sub._http._tcp", ServiceTypeError::ServiceName),
            ("_._tcp", ServiceTypeError::ServiceName),
        ] {
            assert_eq!(check_browsed(bad), Err(error), "{bad}");
        }
    }
}
