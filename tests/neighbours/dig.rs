//! `dig`, which knows only unicast DNS: it asks one host at port 5353.

use super::lan::Host;

/// The answer section, one line a record, blanks made single.
pub fn dig(host: &Host, server: &str, name: &str, rtype: &str) -> Vec<String> {
    let arguments = ["-p", "5353", server, name, rtype, "+time=3", "+tries=1", "+noall", "+answer"];
    let ended = host.run("dig", &arguments);
    // A comment says why there is no answer.
    let lines = ended.stdout.lines().filter(|line| !line.is_empty() && !line.starts_with(';'));
    lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}
