//! A program under test: its lines with deadlines, its signals, its end. It is killed when its value goes away.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How often the end of a program is looked for, since `std` cannot wait for it with a deadline.
const END_POLL: Duration = Duration::from_millis(5);

pub struct Process {
    title: String,
    child: Child,
    stdin: Option<ChildStdin>,
    incoming: Receiver<Line>,
    seen: Vec<Line>,
    started: Instant,
}

struct Line {
    at: Instant,
    mark: char,
    text: String,
    taken: bool,
}

/// What a program left behind.
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// The JSON lines of standard output.
    pub fn json(&self) -> Vec<Value> {
        self.stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

impl Process {
    pub fn start(title: String, mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{title}: cannot be started: {error}"));
        let (sender, incoming) = channel();
        read_lines(child.stdout.take().unwrap(), ' ', sender.clone());
        read_lines(child.stderr.take().unwrap(), '!', sender);
        let stdin = child.stdin.take();
        Self { title, child, stdin, incoming, seen: Vec::new(), started: Instant::now() }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The first line, of those not taken before, from which `wanted` makes something.
    ///
    /// Lines that are passed over stay for later calls: the order of independent lines does not matter.
    pub fn expect<T>(&mut self, what: &str, within: Duration, wanted: impl FnMut(&str) -> Option<T>) -> T {
        let (at, found) = self.find(what, within, wanted);
        self.seen[at].taken = true;
        found
    }

    /// Like [`expect`](Self::expect), and the line stays for later calls.
    pub fn see<T>(&mut self, what: &str, within: Duration, wanted: impl FnMut(&str) -> Option<T>) -> T {
        self.find(what, within, wanted).1
    }

    fn find<T>(
        &mut self,
        what: &str,
        within: Duration,
        mut wanted: impl FnMut(&str) -> Option<T>,
    ) -> (usize, T) {
        let deadline = Instant::now() + within;
        let mut next = 0;
        loop {
            while let Some(line) = self.seen.get(next) {
                let in_time = !line.taken && line.at <= deadline;
                if let Some(found) = in_time.then(|| wanted(&line.text)).flatten() {
                    return (next, found);
                }
                next += 1;
            }
            match self.incoming.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => self.seen.push(line),
                Err(RecvTimeoutError::Timeout) => panic!("{}: not seen in {within:?}: {what}", self.title),
                Err(RecvTimeoutError::Disconnected) => panic!("{}: it ended before: {what}", self.title),
            }
        }
    }

    pub fn expect_json(
        &mut self,
        what: &str,
        within: Duration,
        mut wanted: impl FnMut(&Value) -> bool,
    ) -> Value {
        self.expect(what, within, |line| serde_json::from_str(line).ok().filter(|value| wanted(value)))
    }

    /// Fails when a line not taken so far, or one that comes within `watched`, satisfies `unwanted`.
    pub fn expect_none(&mut self, what: &str, watched: Duration, mut unwanted: impl FnMut(&str) -> bool) {
        let deadline = Instant::now() + watched;
        while let Ok(line) = self.incoming.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            self.seen.push(line);
        }
        if let Some(line) = self.seen.iter().find(|line| !line.taken && unwanted(&line.text)) {
            panic!("{}: {what}: {}", self.title, line.text);
        }
    }

    /// All JSON lines of those not taken before.
    pub fn take_json(&mut self) -> Vec<Value> {
        self.seen.extend(self.incoming.try_iter());
        let untaken = self.seen.iter_mut().filter(|line| !line.taken);
        untaken
            .filter_map(|line| {
                line.taken = true;
                serde_json::from_str(&line.text).ok()
            })
            .collect()
    }

    /// How many lines, of those not taken before and those that come within `watched`, satisfy `wanted`.
    pub fn count(&mut self, watched: Duration, mut wanted: impl FnMut(&str) -> bool) -> usize {
        self.expect_none("", watched, |_| false);
        self.seen.iter().filter(|line| !line.taken && wanted(&line.text)).count()
    }

    /// Lets nothing that was printed until now count for later expectations.
    pub fn forget(&mut self) {
        self.seen.extend(self.incoming.try_iter());
        self.seen.iter_mut().for_each(|line| line.taken = true);
    }

    pub fn write_line(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("standard input is open");
        writeln!(stdin, "{line}").and_then(|()| stdin.flush()).expect("the program reads its standard input");
    }

    /// Asks the program to end, as an init system would.
    pub fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Stops the program where it is: it hears nothing and says nothing, and its ports stay open.
    pub fn stop(&self) {
        self.signal("-STOP");
    }

    /// Lets a program that was stopped go on.
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let done = Command::new("sh").args(["-c", "kill $0 $1", signal, &self.id().to_string()]).status();
        assert!(done.is_ok_and(|status| status.success()), "{}: no such process any more", self.title);
    }

    /// Ends the program without a chance to say goodbye.
    pub fn kill(&mut self) {
        self.child.kill().and_then(|()| self.child.wait()).expect("a child can be killed");
    }

    /// Whether it is still there after `wait`, which is cut short by its end.
    pub fn is_running_after(&mut self, wait: Duration) -> bool {
        let deadline = Instant::now() + wait;
        while Instant::now() < deadline {
            if self.child.try_wait().is_ok_and(|status| status.is_some()) {
                return false;
            }
            thread::sleep(END_POLL);
        }
        true
    }

    /// Waits for the end, whatever the program still prints.
    pub fn end(&mut self, within: Duration) -> Ended {
        let deadline = Instant::now() + within;
        let status = loop {
            match self.child.try_wait().expect("a child can be waited for") {
                Some(status) => break status,
                None if Instant::now() < deadline => thread::sleep(END_POLL),
                None => panic!("{}: still running after {within:?}", self.title),
            }
        };
        while let Ok(line) = self.incoming.recv_timeout(Duration::from_secs(1)) {
            self.seen.push(line);
        }
        let text =
            |mark| self.seen.iter().filter(|l| l.mark == mark).map(|l| format!("{}\n", l.text)).collect();
        Ended { status, stdout: text(' '), stderr: text('!') }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            while let Ok(line) = self.incoming.recv_timeout(Duration::from_millis(200)) {
                self.seen.push(line);
            }
            eprintln!("--- {} (seconds since its start; ! is standard error)", self.title);
            for Line { at, mark, text, .. } in &self.seen {
                eprintln!("{:8.3}{mark} {text}", at.duration_since(self.started).as_secs_f32());
            }
        }
    }
}

fn read_lines(from: impl Read + Send + 'static, mark: char, to: Sender<Line>) {
    thread::spawn(move || {
        let mut reader = BufReader::new(from);
        let mut octets = Vec::new();
        while reader.read_until(b'\n', &mut octets).is_ok_and(|len| len > 0) {
            let text = String::from_utf8_lossy(&octets).trim_end().to_owned();
            if to.send(Line { at: Instant::now(), mark, text, taken: false }).is_err() {
                return;
            }
            octets.clear();
        }
    });
}
