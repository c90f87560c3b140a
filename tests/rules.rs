//! RULES.md tells the truth: what it names exists, and no rule that a test names is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Files by their path in the package.
type Files = BTreeMap<String, String>;

struct Row<'t> {
    id: &'t str,
    source: &'t str,
    file: &'t str,
    function: &'t str,
}

/// The rows of all sections.
fn rows(table: &str) -> Vec<Row<'_>> {
    let lines = table.lines().filter(|line| line.starts_with("| "));
    lines.filter(|line| !line.starts_with("| id |") && !line.starts_with("| --- |")).map(row).collect()
}

fn row(line: &str) -> Row<'_> {
    let cells: Vec<_> = line.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
    let ["", id, rfc, rule, source, test, ""] = cells[..] else { panic!("not five columns: {line}") };
    assert!(!rfc.is_empty() && !rule.is_empty(), "{line}");
    let (file, function) = test.split_once("::").unwrap_or((test, ""));
    Row { id, source, file, function }
}

/// The tests of a file, each with the ids in the comment above it.
fn tests(text: &str) -> Vec<(&str, Vec<&str>)> {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let attributes = lines.iter().enumerate().filter(|(_, line)| **line == "#[test]");
    attributes
        .map(|(at, _)| {
            let above = at.checked_sub(1).and_then(|above| lines[above].strip_prefix("// "));
            let name = lines[at..].iter().find_map(|line| line.strip_prefix("fn ")?.split('(').next());
            (name.unwrap_or(""), above.map_or(vec![], |ids| ids.split(", ").collect()))
        })
        .collect()
}

/// The families that the table has whole.
fn must_be_listed(id: &str) -> bool {
    let attack = id.strip_prefix('P').and_then(|number| number.parse().ok());
    ["D-", "E-", "V-"].iter().any(|family| id.starts_with(family))
        || attack.is_some_and(|number| (1..=27_u8).contains(&number))
}

/// Whether the file is one of the packet scripts of the machines: the table has each id in them.
fn is_a_script(file: &str, files: &Files) -> bool {
    let path = file.strip_prefix("tests/").map(|path| format!("\"{path}\""));
    let mut machines = ["tests/responder.rs", "tests/querier.rs", "tests/resolver.rs"]
        .into_iter()
        .filter_map(|machine| files.get(machine));
    path.is_some_and(|path| machines.any(|scripts| scripts.contains(&path)))
}

/// All that is not as the table says.
fn untruths(table: &str, files: &Files) -> Vec<String> {
    let (mut wrong, mut listed) = (Vec::new(), BTreeSet::new());
    for Row { id, source, file, function } in rows(table) {
        if !listed.insert(id) {
            wrong.push(format!("{id} stands there twice"));
        }
        if !files.contains_key(source) {
            wrong.push(format!("{id}: there is no {source}"));
        }
        let found = files.get(file).map_or(vec![], |text| tests(text));
        match found.iter().find(|(name, _)| *name == function) {
            None => wrong.push(format!("{id}: there is no test {function} in {file}")),
            Some((_, ids)) if !ids.contains(&id) => {
                wrong.push(format!("{id}: not in the comment above {function} in {file}"));
            }
            Some(_) => {}
        }
    }
    for (file, text) in files {
        for (function, ids) in tests(text) {
            let missing = ids
                .iter()
                .filter(|id| (must_be_listed(id) || is_a_script(file, files)) && !listed.contains(*id));
            wrong.extend(missing.map(|id| format!("{id} of {function} in {file} is not in the table")));
        }
    }
    wrong
}

fn read(root: &Path, folder: &str, files: &mut Files) {
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            read(root, &path, files);
        } else if path.ends_with(".rs") {
            files.insert(path, fs::read_to_string(entry.path()).unwrap());
        }
    }
}

#[test]
fn the_table_of_rules_is_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Files::new();
    ["src", "tests"].iter().for_each(|folder| read(root, folder, &mut files));
    let table = fs::read_to_string(root.join("tests/RULES.md")).unwrap();
    let wrong = untruths(&table, &files);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rows(&table).len() > 60, "the test reads the table");
}

#[test]
fn a_table_that_is_not_true_is_found_out() {
    let source =
        "// D-1-1, P3\n#[test]\nfn first() {\n}\n    // P28, M-1-1\n    #[test]\n    fn second(a: u8) {\n";
    let files: Files = [("src/a.rs".to_owned(), source.to_owned())].into();
    let head = "# Title\n| id | RFC | rule | source | test |\n| --- | --- | --- | --- | --- |\n";
    let row = |id: &str, source: &str, test: &str| format!("| {id} | 1 | words | `{source}` | `{test}` |\n");
    let first = |id: &str| row(id, "src/a.rs", "src/a.rs::first");
    let sound = [head, &first("D-1-1"), "\n## More\n", &first("P3")].concat();
    assert_eq!(untruths(&sound, &files), [""; 0]);
    for (more, wrong) in [
        (first("P3"), "P3 stands there twice"),
        (first("E-1-1"), "E-1-1: not in the comment above first in src/a.rs"),
        (row("M-1-1", "src/a.rs", "src/a.rs::third"), "M-1-1: there is no test third in src/a.rs"),
        (row("M-1-1", "src/a.rs", "src/b.rs::second"), "M-1-1: there is no test second in src/b.rs"),
        (row("M-1-1", "src/b.rs", "src/a.rs::second"), "M-1-1: there is no src/b.rs"),
    ] {
        assert_eq!(untruths(&(sound.clone() + &more), &files), [wrong]);
    }
    let without = [head, &first("D-1-1")].concat();
    assert_eq!(untruths(&without, &files), ["P3 of first in src/a.rs is not in the table"]);
    let scripts = [
        ("tests/responder.rs".to_owned(), "#[path = \"scripts/b.rs\"]".to_owned()),
        ("tests/scripts/b.rs".to_owned(), "// S3\n#[test]\nfn fourth() {".to_owned()),
    ];
    let files: Files = files.into_iter().chain(scripts).collect();
    assert_eq!(untruths(&sound, &files), ["S3 of fourth in tests/scripts/b.rs is not in the table"]);
}
