//! The order in which addresses are tried.

use dotlocal::Families;

use crate::desk::{Desk, own};

// R-6724-1, R-8305-1
#[test]
fn addresses_come_in_the_order_in_which_to_try_them() {
    let answered = |own_addresses: &[(&str, u8)]| {
        let mut t = Desk::new();
        t.names.set_addresses(&own(own_addresses)).unwrap();
        let lookup = t.lookup("api.example");
        t.answer(
            "api.example aaaa",
            "| ans api.example 60 AAAA 2001:db8:7::1, api.example 60 AAAA 2001:db8:7::2",
        );
        t.answer("api.example a", "| ans api.example 60 A 198.51.100.1, api.example 60 A 198.51.100.2");
        t.addresses(lookup)
    };
    let [v4a, v4b, v6a, v6b] =
        ["198.51.100.1:80", "198.51.100.2:80", "[2001:db8:7::1]:80", "[2001:db8:7::2]:80"];
    // Families in turn, IPv6 first.
    assert_eq!(answered(&[("192.168.1.20", 24), ("2001:db8::20", 64)]), [v6a, v4a, v6b, v4b]);
    // No address of its own that reaches IPv6.
    assert_eq!(answered(&[("192.168.1.20", 24), ("fe80::20", 64)]), [v4a, v4b, v6a, v6b]);
    assert_eq!(answered(&[]), [v6a, v4a, v6b, v4b]);
    let mut t = Desk::new();
    let five = own(&[("192.0.2.1", 24); 5]);
    assert_eq!(t.names.set_addresses(&five).unwrap_err().capacity, 4);
    let lookup = t.lookup_with("192.0.2.1", Families::V4);
    t.found(lookup, true, &["192.0.2.1:80"]);
}
