//! What an example prints on standard output.

use std::io::{self, Write as _};
use std::process;

use serde_json::{Value, json};

/// Lines for people, or with `--json` one object a line; flushed at once.
pub(crate) struct Output {
    json: bool,
    /// More than one link: each line says on which one.
    name_links: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, name_links: false }
    }

    /// For a program that runs on so many links.
    pub(crate) fn on_links(json: bool, count: usize) -> Self {
        Self { json, name_links: count > 1 }
    }

    /// Prints one of the two forms.
    pub(crate) fn line(&self, json: impl FnOnce() -> Value, text: impl FnOnce() -> String) {
        print(&if self.json { json().to_string() } else { text() });
    }

    /// The same for something that happened on one link.
    pub(crate) fn link_line(&self, link: &str, json: impl FnOnce() -> Value, text: impl FnOnce() -> String) {
        self.link_text(link, json, |link| match link {
            "" => text(),
            link => format!("{link:8}  {}", text()),
        });
    }

    /// The same where the text has a place of its own for the link, whose name is empty when there is but one.
    pub(crate) fn link_text(
        &self,
        link: &str,
        json: impl FnOnce() -> Value,
        text: impl FnOnce(&str) -> String,
    ) {
        let link = if self.name_links { link } else { "" };
        if !self.json {
            return print(&text(link));
        }
        let mut object = json();
        if let (Value::Object(fields), false) = (&mut object, link.is_empty()) {
            fields.insert("interface".to_owned(), json!(link));
        }
        print(&object.to_string());
    }

    /// Prints what stands above the lines for people; `text` is told whether they name links.
    pub(crate) fn head(&self, text: impl FnOnce(bool) -> String) {
        if !self.json {
            print(&text(self.name_links));
        }
    }

    /// Prints why nothing was found: for people a sentence on standard error.
    pub(crate) fn error(&self, kind: &str, message: &str) {
        if self.json {
            print(&json!({"event": "error", "kind": kind, "message": message}).to_string());
        } else {
            eprintln!("{message}");
        }
    }
}

fn print(line: &str) {
    let mut out = io::stdout().lock();
    if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
        // The reader is gone (`browse … | head`): nobody is left to tell.
        process::exit(0);
    }
}
