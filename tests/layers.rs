//! Each floor knows only those below it, and no two files need each other: read off the paths in the source.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The floors from below, and the modules that live on them.
const FLOORS: [&[&str]; 7] = [
    &["ink", "name", "realm", "time", "jitter", "families"],
    &["wire"],
    &["driver", "cache", "dns_sd"],
    &["mdns", "portal", "resolver"],
    &["lookup"],
    &["adapter"],
    // Documentation alone.
    &["guide"],
];

/// Ground that stands on wire words: names report wire errors, and are read by the wire's rules.
const SETTLED: [(&str, &str); 1] = [("name", "wire")];

fn floor(module: &str) -> usize {
    FLOORS
        .iter()
        .position(|floor| floor.contains(&module))
        .unwrap_or_else(|| panic!("{module} is on no floor"))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The modules that a file names behind `crate::`.
fn named(text: &str) -> impl Iterator<Item = &str> {
    text.split("crate::").skip(1).filter_map(|rest| {
        let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_')?;
        // Macros stand at the root, wherever they are written.
        let is_macro = rest[end..].starts_with('!');
        Some(&rest[..end])
            .filter(|_| !is_macro)
            .filter(|word| word.starts_with(|letter: char| letter.is_lowercase()))
    })
}

#[test]
fn no_floor_knows_the_ones_above_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut checked = 0;
    for file in files {
        let inside = file.strip_prefix(&root).unwrap();
        let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if module == "lib" {
            continue;
        }
        for other in named(&fs::read_to_string(&file).unwrap()) {
            checked += 1;
            let settled = SETTLED.contains(&(module, other));
            assert!(settled || floor(other) <= floor(module), "{} uses crate::{other}", inside.display());
        }
    }
    assert!(checked > 50, "the test reads the source: {checked}");
}

#[test]
fn responder_and_querier_do_not_know_each_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/mdns");
    for (own, other) in [("responder", "querier"), ("querier", "responder")] {
        let mut files = vec![root.join(format!("{own}.rs"))];
        sources(&root.join(own), &mut files);
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            assert!(!text.contains(&format!("{other}::")), "{} uses {other}", file.display());
        }
    }
}

/// The neighbours of a file that it names behind `super::`.
fn beside(text: &str) -> BTreeSet<&str> {
    let of_tests = text.find("\n#[cfg(test)]").unwrap_or(text.len());
    let paths = text[..of_tests].split("super::").skip(1);
    paths.filter_map(|rest| rest.split_once("::")).map(|(name, _)| name).collect()
}

#[test]
fn no_two_files_need_each_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let texts: BTreeMap<_, _> =
        files.iter().map(|file| (file.with_extension(""), fs::read_to_string(file).unwrap())).collect();
    let mut left: BTreeMap<_, BTreeSet<_>> = texts
        .iter()
        .map(|(file, text)| {
            let below = beside(text).into_iter().map(|name| file.with_file_name(name));
            (file, below.filter(|other| texts.contains_key(other)).collect())
        })
        .collect();
    let arrows: usize = left.values().map(BTreeSet::len).sum();
    assert!(arrows > 100, "the test reads the source: {arrows}");
    // What needs nothing that is left goes, until nothing goes any more.
    loop {
        let before = left.len();
        let names: BTreeSet<_> = left.keys().map(|file| file.to_path_buf()).collect();
        left.retain(|_, below| !below.is_disjoint(&names));
        if left.len() == before {
            break;
        }
    }
    assert!(left.is_empty(), "in circles, or above them: {:#?}", left.keys());
}
