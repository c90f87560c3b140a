//! What `decode --json` prints, beside what another decoder expects.

use serde_json::{Value, json};

/// The first expected field that `got` tells otherwise. The words of an error are no matter, and names are compared
/// as octets: one name has several texts.
pub(crate) fn difference(expected: &Value, got: &Value) -> Option<String> {
    let fields = expected.as_object().unwrap();
    fields.iter().filter(|(key, _)| *key != "error").find_map(|(key, expected)| {
        let got = &got[key.as_str()];
        let (rows, got_rows) = match key.as_str() {
            "questions" => (rows(expected, 0), rows(got, 0)),
            "records" => (rows(expected, 1), rows(got, 1)),
            _ => (vec![expected.clone()], vec![got.clone()]),
        };
        if rows == got_rows {
            return None;
        }
        let same = rows.iter().zip(&got_rows).take_while(|(row, got)| row == got).count();
        let told = |rows: &Value| rows.get(same).unwrap_or(rows).to_string();
        Some(format!("{key}, row {same}: expected {}, got {}", told(expected), told(got)))
    })
}

/// The rows with the name in column `name` as octets; a value that is no row of rows is a row of its own.
fn rows(value: &Value, name: usize) -> Vec<Value> {
    let Some(rows) = value.as_array() else { return vec![value.clone()] };
    let with_octets = |row: &Value| {
        let mut row = row.clone();
        if let Some(octets) = row.get(name).and_then(Value::as_str).and_then(octets) {
            row[name] = json!(octets);
        }
        row
    };
    rows.iter().map(with_octets).collect()
}

/// A name as on the wire, uncompressed; `None` for a text that is no name.
fn octets(text: &str) -> Option<Vec<u8>> {
    let mut labels = vec![vec![]];
    let mut rest = text.as_bytes();
    while let Some((&sign, behind)) = rest.split_first() {
        rest = behind;
        match sign {
            b'.' => labels.push(vec![]),
            b'\\' => {
                let digits = rest.first_chunk::<3>().filter(|digits| digits.iter().all(u8::is_ascii_digit));
                let (octet, length) = match digits {
                    Some(digits) => (std::str::from_utf8(digits).ok()?.parse().ok()?, digits.len()),
                    None => (*rest.first()?, 1),
                };
                labels.last_mut()?.push(octet);
                rest = &rest[length..];
            }
            _ => labels.last_mut()?.push(sign),
        }
    }
    if text == "." {
        labels.clear();
    }
    let sound = labels.iter().all(|label| (1..=63).contains(&label.len()));
    let flat = labels.iter().flat_map(|label| [&[label.len() as u8], label.as_slice()].concat());
    sound.then(|| flat.chain([0]).collect())
}

#[test]
fn names_are_compared_as_octets() {
    let line = |name: &str| json!({"accepted": true, "records": [[0, name, 1, 1, 120, "c0000207"]]});
    let same = |a: &str, b: &str| difference(&line(a), &line(b)).is_none();
    assert!(same("Kitchen\\032Cam.local", "Kitchen Cam.local"));
    assert!(same("\\112\\.\\\\\\195\\188", "p\\046\\092ü"));
    assert!(same(".", "."));
    for (a, b) in [("a.b", "a\\.b"), ("a", "A"), ("a", "a.b"), (".", "\\."), (".", ""), ("\\0651", "A")] {
        assert!(!same(a, b), "{a} {b}");
    }
}

#[test]
fn every_field_is_compared() {
    let fields = json!({
        "accepted": true, "id": 7, "flags": 0,
        "questions": [["cam.local", 1, 1]],
        "records": [[0, "cam.local", 1, 1, 120, "c0000207"], [2, ".", 41, 1440, 0, ""]],
    });
    let other = |path: &str, value: Value| {
        let mut other = fields.clone();
        *other.pointer_mut(path).unwrap() = value;
        difference(&fields, &other).is_some()
    };
    assert_eq!(difference(&fields, &fields), None);
    for (path, columns) in [("/questions/0", 3), ("/records/0", 6), ("/records/1", 6)] {
        for column in 0..columns {
            let value = if fields.pointer(path).unwrap()[column].is_string() { json!("x") } else { json!(9) };
            assert!(other(&format!("{path}/{column}"), value), "{path} {column}");
        }
    }
    for path in ["/accepted", "/id", "/flags", "/questions", "/records", "/records/1"] {
        assert!(other(path, json!([])), "{path}");
    }
    let rejected = json!({"accepted": false, "error": "pointer"});
    assert_eq!(difference(&rejected, &json!({"accepted": false, "error": "octet 12: ..."})), None);
    assert!(difference(&rejected, &fields).is_some() && difference(&fields, &rejected).is_some());
}
