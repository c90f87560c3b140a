//! A sequence diagram as SVG: hosts as lanes, time downwards, packets as arrows, silence shortened.
//!
//! It knows nothing of DNS: text in, a `String` out.

use std::fmt::Write as _;

/// What happened, in any order. Times are milliseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Picture {
    pub(crate) title: String,
    /// The names of the hosts, from left to right.
    pub(crate) lanes: Vec<String>,
    pub(crate) marks: Vec<Mark>,
}

#[derive(Clone, Debug)]
pub(crate) enum Mark {
    /// A datagram of `lane`, and what became of its copies.
    Packet { lane: usize, at: u64, label: String, copies: Vec<Copy> },
    /// Something that was told or done.
    Event { lane: usize, at: u64, label: String, tone: Tone },
    /// A deadline on which a host woke.
    Deadline { lane: usize, at: u64 },
    /// Something that concerns all lanes.
    Note { at: u64, label: String },
}

/// One copy of a datagram.
#[derive(Clone, Debug)]
pub(crate) struct Copy {
    pub(crate) lane: usize,
    /// When it arrived; `None`: lost on the way.
    pub(crate) at: Option<u64>,
}

/// How an event is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Good,
    Bad,
}

impl Picture {
    /// The whole SVG document.
    pub(crate) fn draw(&self) -> String {
        let mut marks: Vec<&Mark> = self.marks.iter().collect();
        marks.sort_by_key(|mark| mark.at());
        let scale = Scale::new(&marks);
        let mut sheet = Sheet { picture: self, scale, width: 0.0, body: String::new() };
        sheet.width = LEFT + LANE * self.lanes.len() as f64;
        sheet.axis();
        let lines: Vec<&&Mark> = marks.iter().filter(|mark| mark.has_row()).collect();
        // Arrows first, so that no arrow crosses out a label.
        for (row, mark) in lines.iter().enumerate() {
            sheet.arrows(row, mark);
        }
        marks.iter().for_each(|mark| sheet.deadline(mark));
        for (row, mark) in lines.iter().enumerate() {
            sheet.label(row, mark);
        }
        sheet.document()
    }
}

impl Mark {
    fn at(&self) -> u64 {
        match self {
            Self::Packet { at, .. }
            | Self::Event { at, .. }
            | Self::Deadline { at, .. }
            | Self::Note { at, .. } => *at,
        }
    }

    /// Deadlines stand beside the lane and need no row of their own.
    fn has_row(&self) -> bool {
        !matches!(self, Self::Deadline { .. })
    }
}

/// Where a time is on the sheet. Each row has a place of its own, and the distance between rows grows with the time
/// between them, up to a bound.
struct Scale {
    /// Time and place of each row.
    rows: Vec<(u64, f64)>,
    /// Where time was shortened: place, and milliseconds.
    gaps: Vec<(f64, u64)>,
    end: f64,
}

impl Scale {
    fn new(marks: &[&Mark]) -> Self {
        let (mut rows, mut gaps, mut y, mut last) = (Vec::new(), Vec::new(), TOP, None);
        for mark in marks.iter().filter(|mark| mark.has_row()) {
            if let Some(last) = last {
                let passed = mark.at() - last;
                if passed > GAP_MILLIS {
                    gaps.push((y + (ROW + GAP) / 2.0, passed));
                    y += ROW + GAP;
                } else {
                    y += ROW + (passed as f64 * PER_MILLI).min(STRETCH);
                }
            }
            rows.push((mark.at(), y));
            last = Some(mark.at());
        }
        Self { rows, gaps, end: y + ROW }
    }

    /// The place of a time, not above `row`.
    fn place(&self, at: u64, row: usize) -> f64 {
        let behind = self.rows.get(row + 1..).unwrap_or(&[]);
        let mut before = self.rows[row];
        for next in behind {
            if next.0 >= at {
                if next.0 == before.0 {
                    return before.1;
                }
                let part = at.saturating_sub(before.0) as f64 / (next.0 - before.0) as f64;
                return before.1 + part.min(1.0) * (next.1 - before.1);
            }
            before = *next;
        }
        before.1 + (at.saturating_sub(before.0) as f64 * PER_MILLI).min(ROW)
    }

    fn row_before(&self, at: u64) -> usize {
        self.rows.iter().rposition(|(time, _)| *time <= at).unwrap_or(0)
    }
}

struct Sheet<'p> {
    picture: &'p Picture,
    scale: Scale,
    width: f64,
    body: String,
}

impl Sheet<'_> {
    fn add(&mut self, line: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.body, "{line}");
    }

    fn x(lane: usize) -> f64 {
        LEFT + LANE * lane as f64 + LANE / 8.0
    }

    fn axis(&mut self) {
        let end = self.scale.end;
        for (lane, name) in self.picture.lanes.iter().enumerate() {
            let x = Self::x(lane);
            let name = escaped(name);
            self.add(format_args!(
                r##"<line x1="{x:.0}" y1="52" x2="{x:.0}" y2="{end:.0}" stroke="#94a3b8"/><text x="{x:.0}" y="44" class="lane">{name}</text>"##
            ));
        }
        let mut shown = None;
        for (at, y) in self.scale.rows.clone() {
            if shown != Some(at) {
                let x = LEFT - 10.0;
                self.add(format_args!(
                    r#"<text x="{x}" y="{:.0}" class="time">{}</text>"#,
                    y + 4.0,
                    time(at)
                ));
            }
            shown = Some(at);
        }
        for (y, millis) in self.scale.gaps.clone() {
            let (width, silence) = (self.width, time(millis));
            self.add(format_args!(
                r##"<line x1="8" y1="{y:.0}" x2="{width:.0}" y2="{y:.0}" stroke="#cbd5e1" stroke-dasharray="2 5"/><text x="{:.0}" y="{:.0}" class="gap">{silence} of silence</text>"##,
                width - 8.0,
                y - 3.0
            ));
        }
    }

    fn arrows(&mut self, row: usize, mark: &Mark) {
        let Mark::Packet { lane, copies, .. } = mark else { return };
        let (x1, y1) = (Self::x(*lane), self.scale.rows[row].1);
        for copy in copies {
            let y2 = copy.at.map_or(y1, |at| self.scale.place(at, row));
            let x2 = Self::x(copy.lane);
            if copy.lane == *lane {
                // Sent back to its sender.
                let bow = x1 - 26.0;
                self.add(format_args!(
                    r#"<path d="M{x1:.0} {y1:.1} C{bow:.0} {y1:.1} {bow:.0} {y2:.1} {:.0} {y2:.1}" class="back" marker-end="url(#head)"/>"#,
                    x1 - 3.0
                ));
            } else if copy.at.is_some() {
                let tip = if x2 > x1 { x2 - 3.0 } else { x2 + 3.0 };
                self.add(format_args!(
                    r#"<line x1="{x1:.0}" y1="{y1:.1}" x2="{tip:.0}" y2="{y2:.1}" class="packet" marker-end="url(#head)"/>"#
                ));
            } else {
                // It ends in a cross, short of the lane that it was for.
                let end = if x2 > x1 { x2 - 22.0 } else { x2 + 22.0 };
                self.add(format_args!(
                    r#"<line x1="{x1:.0}" y1="{y1:.1}" x2="{end:.0}" y2="{y1:.1}" class="lost"/><path d="M{:.0} {:.1} l8 8 m0 -8 l-8 8" class="cross"/>"#,
                    end - 4.0,
                    y1 - 4.0
                ));
            }
        }
    }

    fn deadline(&mut self, mark: &Mark) {
        let Mark::Deadline { lane, at } = mark else { return };
        if self.scale.rows.first().is_none_or(|(first, _)| first > at) {
            return;
        }
        let (x, y) = (Self::x(*lane), self.scale.place(*at, self.scale.row_before(*at)));
        self.add(format_args!(r#"<path d="M{:.0} {y:.1} l5 -4 v8 z" class="deadline"/>"#, x - 9.0));
    }

    fn label(&mut self, row: usize, mark: &Mark) {
        let y = self.scale.rows[row].1;
        match mark {
            Mark::Packet { lane, label, copies, .. } => {
                let x = Self::x(*lane);
                self.add(format_args!(r#"<circle cx="{x:.0}" cy="{y:.1}" r="3"/>"#));
                // On the side to which it goes; the last lane writes to its left.
                let leftwards = *lane > 0
                    && (*lane + 1 == self.picture.lanes.len() || copies.iter().all(|copy| copy.lane < *lane));
                let (x, anchor) = if leftwards { (x - 12.0, "end") } else { (x + 9.0, "start") };
                let label = escaped(label);
                self.add(format_args!(
                    r#"<text x="{x:.0}" y="{:.1}" text-anchor="{anchor}" class="label">{label}</text>"#,
                    y - 4.0
                ));
            }
            Mark::Event { lane, label, tone, .. } => {
                let (x, class) = (Self::x(*lane), tone.class());
                let width = 12.0 + 6.4 * label.chars().count() as f64;
                let label = escaped(label);
                self.add(format_args!(
                    r#"<rect x="{:.0}" y="{:.1}" width="{width:.0}" height="16" rx="4" class="{class}"/><text x="{:.0}" y="{:.1}" class="event">{label}</text>"#,
                    x + 6.0,
                    y - 9.0,
                    x + 12.0,
                    y + 3.0
                ));
            }
            Mark::Note { label, .. } => {
                let (width, label) = (self.width, escaped(label));
                self.add(format_args!(
                    r##"<line x1="{LEFT}" y1="{:.1}" x2="{width:.0}" y2="{:.1}" stroke="#a78bfa"/><text x="{LEFT}" y="{:.1}" class="note">{label}</text>"##,
                    y + 5.0,
                    y + 5.0,
                    y + 1.0
                ));
            }
            Mark::Deadline { .. } => {}
        }
    }

    fn document(self) -> String {
        let (width, height) = (self.width + 20.0, self.scale.end + 12.0);
        let title = escaped(&self.picture.title);
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0}" height="{height:.0}" viewBox="0 0 {width:.0} {height:.0}">
<style>
text {{ font: 12px "DejaVu Sans", Verdana, sans-serif; fill: #0f172a }}
.lane {{ font-weight: bold; text-anchor: middle }}
.title {{ font-size: 14px; font-weight: bold }}
.time {{ font-size: 11px; fill: #475569; text-anchor: end }}
.gap {{ font-size: 11px; fill: #64748b; text-anchor: end; font-style: italic }}
.label {{ font-size: 11px; paint-order: stroke; stroke: #fff; stroke-width: 3px }}
.note {{ font-size: 11px; fill: #6d28d9; paint-order: stroke; stroke: #fff; stroke-width: 3px }}
.event {{ font-size: 11px }}
.packet {{ stroke: #2563eb }}
.back {{ stroke: #9333ea; fill: none; stroke-dasharray: 4 3 }}
.lost {{ stroke: #dc2626; stroke-dasharray: 5 4 }}
.cross {{ stroke: #dc2626; stroke-width: 2; fill: none }}
.deadline {{ fill: #f59e0b }}
circle {{ fill: #2563eb }}
.plain, .good, .bad {{ fill-opacity: 0.8 }}
.plain {{ fill: #e2e8f0 }}
.good {{ fill: #bbf7d0 }}
.bad {{ fill: #fecaca; stroke: #dc2626 }}
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#2563eb"/></marker></defs>
<rect width="100%" height="100%" fill="#fff"/>
<text x="12" y="20" class="title">{title}</text>
{}</svg>
"##,
            self.body
        )
    }
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Bad => "bad",
        }
    }
}

/// A time for people.
fn time(millis: u64) -> String {
    match millis {
        0..10_000 => format!("{millis} ms"),
        10_000..600_000 => format!("{}.{:03} s", millis / 1_000, millis % 1_000),
        _ => format!("{} min {}.{:03} s", millis / 60_000, millis / 1_000 % 60, millis % 1_000),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

const LEFT: f64 = 110.0;
const LANE: f64 = 400.0;
const TOP: f64 = 76.0;
/// The height of a line of text.
const ROW: f64 = 20.0;
const PER_MILLI: f64 = 0.08;
/// What time adds to a row at most.
const STRETCH: f64 = 24.0;
/// Longer silences are drawn as a gap.
const GAP_MILLIS: u64 = 1_500;
const GAP: f64 = 26.0;
