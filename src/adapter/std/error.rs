//! What can go wrong with a link, in words for the person who started the program.

use ::std::io;
use ::std::string::String;
use core::fmt;

use crate::mdns::AddressesError;

/// Why a [`Link`](super::Link) could not be opened, or cannot go on.
#[derive(Debug)]
#[non_exhaustive]
pub enum LinkError {
    /// No interface has this name.
    NoSuchInterface {
        /// The name that was asked for.
        name: String,
    },
    /// The system does not let this user bind UDP port 5353.
    NoRights {
        /// What the system said.
        source: io::Error,
    },
    /// Another program holds UDP port 5353 and does not share it.
    PortTaken,
    /// The interface has addresses, but none of the wanted families can reach the mDNS group from it.
    NoMulticast {
        /// The interface.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// The interface is gone. Drop the link; when an interface of that name comes again, open a new one.
    Gone {
        /// The name that it had last.
        name: String,
    },
    /// The interface has more addresses than the endpoint's storage has room for: it uses the first ones, and the link can
    /// be used further.
    Addresses {
        /// The interface.
        name: String,
        /// Why they were refused.
        source: AddressesError,
    },
    /// The system refused something that no advice here can mend.
    Io {
        /// The interface.
        name: String,
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchInterface { name } => {
                write!(f, "there is no network interface \"{name}\": choose one that the system lists")
            }
            Self::NoRights { source } => {
                write!(f, "this user may not open UDP port 5353 ({source}): run as one who may")
            }
            Self::PortTaken => f.write_str(
                "another program holds UDP port 5353 for itself alone: stop it, or make it share the port",
            ),
            Self::NoMulticast { name, source } => write!(
                f,
                "multicast does not work on interface {name} ({source}): choose another interface or address family"
            ),
            Self::Gone { name } => {
                write!(f, "network interface {name} is gone: start again when it is back")
            }
            Self::Addresses { name, source } => {
                write!(f, "the addresses of interface {name} cannot all be announced: {source}")
            }
            Self::Io { name, doing, source } => write!(f, "cannot {doing} on interface {name}: {source}"),
        }
    }
}

impl ::std::error::Error for LinkError {
    fn source(&self) -> Option<&(dyn ::std::error::Error + 'static)> {
        match self {
            Self::NoRights { source } | Self::NoMulticast { source, .. } | Self::Io { source, .. } => {
                Some(source)
            }
            Self::Addresses { source, .. } => Some(source),
            Self::NoSuchInterface { .. } | Self::PortTaken | Self::Gone { .. } => None,
        }
    }
}
