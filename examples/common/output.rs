//! What an example prints on standard output.

use std::fmt;
use std::io::{self, Write as _};
use std::process;

use serde_json::{Value, json};

/// Lines for people, or with `--json` one object a line; flushed at once.
pub(crate) struct Output {
    json: bool,
    /// More than one link: each line says on which one.
    name_links: bool,
    /// The program goes on when nobody reads any more.
    outlives_reader: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, name_links: false, outlives_reader: false }
    }

    /// For a program that runs on so many links.
    pub(crate) fn on_links(json: bool, count: usize) -> Self {
        Self { name_links: count > 1, ..Self::new(json) }
    }

    /// For a program that has more to do than to tell: when its reader leaves it goes on, to its goodbyes.
    pub(crate) fn outlives_reader(self) -> Self {
        Self { outlives_reader: true, ..self }
    }

    /// Prints one of the two forms.
    pub(crate) fn line(&self, json: impl FnOnce() -> Value, text: impl FnOnce() -> String) {
        self.print(&if self.json { json().to_string() } else { text() });
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
            return self.print(&text(link));
        }
        let mut object = json();
        if let (Value::Object(fields), false) = (&mut object, link.is_empty()) {
            fields.insert("interface".to_owned(), json!(link));
        }
        self.print(&object.to_string());
    }

    /// Prints what stands above the lines for people; `text` is told whether they name links.
    pub(crate) fn head(&self, text: impl FnOnce(bool) -> String) {
        if !self.json {
            self.print(&text(self.name_links));
        }
    }

    /// Prints why nothing was found: for people a sentence on standard error.
    pub(crate) fn error(&self, kind: &str, message: &str) {
        if self.json {
            self.print(&json!({"event": "error", "kind": kind, "message": message}).to_string());
        } else {
            say(message);
        }
    }

    fn print(&self, line: &str) {
        let mut out = io::stdout().lock();
        if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() && !self.outlives_reader {
            // The reader is gone (`browse … | head`): nobody is left to tell.
            process::exit(0);
        }
    }
}

/// Says something on standard error; if nobody reads there, to nobody.
pub(crate) fn say(sentence: impl fmt::Display) {
    let _ = writeln!(io::stderr(), "{sentence}");
}
