//! Classes, opcodes, response codes, and the keys of options and parameters.

use super::kind;

kind! {
    /// A class. Of what is read the top bit, which mDNS uses for other things, is kept apart; what is to be written has it:
    /// [`IN_CACHE_FLUSH`](Self::IN_CACHE_FLUSH), [`IN_UNICAST_RESPONSE`](Self::IN_UNICAST_RESPONSE).
    Class("class", "CLASS" up to 65535, such as "IN");
    IN = 1, "IN", "Internet (RFC 1035).";
    CH = 3, "CH", "Chaos (RFC 1035).";
    HS = 4, "HS", "Hesiod (RFC 1035).";
    NONE = 254, "NONE", "No class, in updates (RFC 2136).";
    ANY = 255, "ANY", "Any class, in questions only (RFC 1035).";
}

impl Class {
    /// The bit of mDNS: unicast-response in a question, cache-flush in a record (RFC 6762 sections 18.12, 18.13).
    pub(crate) const TOP: u16 = 0x8000;
    /// `IN` with the cache-flush bit, to be written with an mDNS record that its sender alone has (RFC 6762 section 10.2).
    pub const IN_CACHE_FLUSH: Class = Class(Self::IN.0 | Self::TOP);
    /// `IN` with the unicast-response (QU) bit, to be written with an mDNS question (RFC 6762 section 5.4).
    pub const IN_UNICAST_RESPONSE: Class = Class(Self::IN.0 | Self::TOP);
}

kind! {
    /// What a message asks for, 0 to 15.
    Opcode("opcode", "OPCODE" up to 15, such as "QUERY");
    QUERY = 0, "QUERY", "A query (RFC 1035); the only one of mDNS (RFC 6762 section 18.3).";
    IQUERY = 1, "IQUERY", "An inverse query, out of use (RFC 3425).";
    STATUS = 2, "STATUS", "A server's status (RFC 1035).";
    NOTIFY = 4, "NOTIFY", "A zone has changed (RFC 1996).";
    UPDATE = 5, "UPDATE", "A dynamic update (RFC 2136).";
    DSO = 6, "DSO", "A stateful operation (RFC 8490).";
}

kind! {
    /// A response code: 0 to 15 in the header, to 4095 with the octet that EDNS adds (RFC 6891 section 6.1.3).
    Rcode("response code", "RCODE" up to 4095, such as "NXDOMAIN");
    NOERROR = 0, "NOERROR", "No error (RFC 1035).";
    FORMERR = 1, "FORMERR", "The server could not read the query (RFC 1035).";
    SERVFAIL = 2, "SERVFAIL", "The server failed (RFC 1035).";
    NXDOMAIN = 3, "NXDOMAIN", "The name does not exist (RFC 1035, RFC 8020).";
    NOTIMP = 4, "NOTIMP", "The server does not do this kind of query (RFC 1035).";
    REFUSED = 5, "REFUSED", "The server will not answer (RFC 1035).";
    YXDOMAIN = 6, "YXDOMAIN", "A name exists that should not (RFC 2136, RFC 6672).";
    YXRRSET = 7, "YXRRSET", "An RRset exists that should not (RFC 2136).";
    NXRRSET = 8, "NXRRSET", "An RRset that should exist does not (RFC 2136).";
    NOTAUTH = 9, "NOTAUTH", "The server has no authority for the zone, or the sender has none (RFC 2136, RFC 8945).";
    NOTZONE = 10, "NOTZONE", "The name is not in the zone (RFC 2136).";
    DSOTYPENI = 11, "DSOTYPENI", "A type of stateful operation that is not known (RFC 8490).";
    BADVERS = 16, "BADVERS", "A version of EDNS that is not known, or a signature that fails (RFC 6891, RFC 8945).";
    BADKEY = 17, "BADKEY", "A key that is not known (RFC 8945).";
    BADTIME = 18, "BADTIME", "A signature out of its time (RFC 8945).";
    BADMODE = 19, "BADMODE", "A bad mode of TKEY (RFC 2930).";
    BADNAME = 20, "BADNAME", "A key of that name exists (RFC 2930).";
    BADALG = 21, "BADALG", "An algorithm that is not known (RFC 2930).";
    BADTRUNC = 22, "BADTRUNC", "A bad truncation (RFC 8945).";
    BADCOOKIE = 23, "BADCOOKIE", "A bad or missing server cookie (RFC 7873).";
}

kind! {
    /// The code of an EDNS option.
    OptionCode("EDNS option", "OPT" up to 65535, such as "COOKIE");
    NSID = 3, "NSID", "Which server answered (RFC 5001).";
    CLIENT_SUBNET = 8, "CLIENT-SUBNET", "For which network the answer is meant (RFC 7871).";
    COOKIE = 10, "COOKIE", "Cookies of client and server (RFC 7873).";
    KEEPALIVE = 11, "TCP-KEEPALIVE", "How long a connection may idle (RFC 7828).";
    PADDING = 12, "PADDING", "Octets that hide the length (RFC 7830).";
    EXTENDED_ERROR = 15, "EDE", "Why an answer is an error (RFC 8914).";
}

kind! {
    /// The key of a service parameter.
    SvcParamKey("service parameter", "key" up to 65535, such as "alpn");
    MANDATORY = 0, "mandatory", "Keys that a client must know (RFC 9460 section 8).";
    ALPN = 1, "alpn", "Protocols that are spoken (RFC 9460 section 7.1).";
    NO_DEFAULT_ALPN = 2, "no-default-alpn", "The scheme's own protocol is not spoken (RFC 9460 section 7.1).";
    PORT = 3, "port", "The port (RFC 9460 section 7.2).";
    IPV4HINT = 4, "ipv4hint", "IPv4 addresses to begin with (RFC 9460 section 7.3).";
    ECH = 5, "ech", "Configuration of encrypted client hellos (RFC 9848).";
    IPV6HINT = 6, "ipv6hint", "IPv6 addresses to begin with (RFC 9460 section 7.3).";
    DOHPATH = 7, "dohpath", "Template of the path for DNS over HTTPS (RFC 9461).";
    OHTTP = 8, "ohttp", "The service takes oblivious HTTP (RFC 9540).";
}
