//! One run of a program: started in a group of its own, listened to, and ended whole.
//!
//! Everything that it starts ends with it: on request, at its time limit, and when it exits and leaves others behind. What
//! leaves the group on purpose (a daemon) is out of reach.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use process_wrap::std::{ChildWrapper, CommandWrap};

use super::memory::Memory;
use crate::bundle::record::Output;
use crate::config::Stream;
use crate::provenance::Digester;

/// Of each stream, so much of the beginning and of the end is kept.
const KEPT: usize = 256 << 10;
/// A line is handed on in pieces of this size.
const LONGEST_LINE: usize = 1 << 20;
/// How long a program has to end by itself once it is asked to.
const GRACE: Duration = Duration::from_secs(5);
/// Between two looks at whether it is to stop.
const TICK: Duration = Duration::from_millis(20);

/// Programs that run now.
static RUNNING: AtomicUsize = AtomicUsize::new(0);
/// Whether they are to end at once, all of them.
static AT_ONCE: AtomicBool = AtomicBool::new(false);

/// Ends every program that runs, with all that it started, and waits a moment for that. For whoever ends this process.
pub fn end_all() {
    AT_ONCE.store(true, Ordering::SeqCst);
    let until = Instant::now() + Duration::from_secs(1);
    while RUNNING.load(Ordering::SeqCst) > 0 && Instant::now() < until {
        thread::sleep(Duration::from_millis(1));
    }
}

/// Counts a program as long as it runs.
struct Running;

impl Running {
    fn new() -> Self {
        RUNNING.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// How a program is to be run.
pub struct Invocation {
    pub program: OsString,
    pub arguments: Vec<OsString>,
    pub folder: PathBuf,
    /// All that it sees of an environment.
    pub environment: Vec<(OsString, OsString)>,
    pub timeout: Option<Duration>,
}

/// What came of it.
pub struct Ran {
    pub ending: Ending,
    pub stdout: Captured,
    pub stderr: Captured,
    pub wall: Duration,
    /// Bytes of it and all that it started together, where the system tells.
    pub peak_memory: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Exited(ExitStatus),
    TimedOut,
    Stopped,
}

/// What a program wrote to a stream.
pub struct Captured {
    pub output: Output,
    /// All of it, or where it is long its beginning and end with a line between that says so.
    pub kept: Vec<u8>,
}

/// Runs a program to its end. `line` hears every line as it comes, without its end; `stops` is asked all the time.
///
/// # Errors
/// When it cannot be started.
pub fn run(invocation: &Invocation, mut line: impl FnMut(Stream, &str), stops: impl Fn() -> bool) -> io::Result<Ran> {
    let started = Instant::now();
    let running = Running::new();
    let mut child = spawn(invocation)?;
    let (sender, lines) = mpsc::sync_channel::<(Stream, String)>(1024);
    let (stdout, stderr) = (Arc::default(), Arc::default());
    if let Some(stream) = child.stdout().take() {
        listen(stream, Stream::Stdout, Arc::clone(&stdout), sender.clone());
    }
    if let Some(stream) = child.stderr().take() {
        listen(stream, Stream::Stderr, Arc::clone(&stderr), sender.clone());
    }
    drop(sender);
    let mut memory = Memory::of(child.id());
    let mut asked: Option<Ending> = None;
    let mut deadline = invocation.timeout.map(|timeout| started + timeout);
    let ending = loop {
        let until = Instant::now() + TICK;
        // Lines in plenty must not keep the rest from its turn.
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            match lines.recv_timeout(left) {
                Ok((stream, text)) => line(stream, &text),
                Err(RecvTimeoutError::Timeout) => break,
                // Both streams are closed: it ends now, or it goes on in silence.
                Err(RecvTimeoutError::Disconnected) => {
                    thread::sleep(Duration::from_millis(1));
                    break;
                }
            }
        }
        memory.look();
        if AT_ONCE.load(Ordering::SeqCst) {
            asked = Some(Ending::Stopped);
            let _ = child.start_kill();
        }
        if let Some(status) = child.try_wait()? {
            break asked.unwrap_or(Ending::Exited(status));
        }
        let is_late = deadline.is_some_and(|deadline| Instant::now() >= deadline);
        let reason = if stops() { Some(Ending::Stopped) } else { is_late.then_some(Ending::TimedOut) };
        match (asked, reason) {
            (None, Some(reason)) => {
                asked = Some(reason);
                deadline = Some(Instant::now() + GRACE);
                ask_to_end(child.as_mut());
            }
            // The end that it was asked for did not come.
            (Some(_), _) if is_late => {
                deadline = None;
                let _ = child.start_kill();
            }
            _ => {}
        }
    };
    let wall = started.elapsed();
    // What it left behind in its group would hold its streams open, and outlive the trial.
    let _ = child.start_kill();
    drop(running);
    let until = Instant::now() + GRACE;
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        match lines.recv_timeout(left) {
            Ok((stream, text)) => line(stream, &text),
            Err(_) => break,
        }
    }
    let captured = |listener: Arc<Mutex<Listener>>| {
        std::mem::take(&mut *listener.lock().unwrap_or_else(|poisoned| poisoned.into_inner())).finish()
    };
    Ok(Ran { ending, stdout: captured(stdout), stderr: captured(stderr), wall, peak_memory: memory.peak() })
}

fn spawn(invocation: &Invocation) -> io::Result<Box<dyn ChildWrapper>> {
    let Invocation { program, arguments, folder, environment, .. } = invocation;
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if !folder.as_os_str().is_empty() {
        command.current_dir(folder);
    }
    let mut command = CommandWrap::from(command);
    #[cfg(unix)]
    command.wrap(process_wrap::std::ProcessGroup::leader());
    #[cfg(windows)]
    command.wrap(process_wrap::std::JobObject);
    command.spawn()
}

/// As politely as the system allows.
fn ask_to_end(child: &mut dyn ChildWrapper) {
    #[cfg(unix)]
    {
        const SIGTERM: i32 = 15;
        let _ = child.signal(SIGTERM);
    }
    #[cfg(not(unix))]
    {
        let _ = child.start_kill();
    }
}

fn listen(
    mut stream: impl Read + Send + 'static,
    name: Stream,
    listener: Arc<Mutex<Listener>>,
    lines: SyncSender<(Stream, String)>,
) {
    thread::spawn(move || {
        let hear = |chunk: Option<&[u8]>| {
            let mut heard = Vec::new();
            let mut listener = listener.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            match chunk {
                Some(chunk) => listener.hear(chunk, |line| heard.push(line)),
                None => listener.rest(|line| heard.push(line)),
            }
            drop(listener);
            // Whoever listened may be gone.
            heard.into_iter().for_each(|line| drop(lines.send((name, line))));
        };
        let mut chunk = vec![0; 64 << 10];
        loop {
            match stream.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => hear(Some(&chunk[..read])),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        hear(None);
    });
}

#[derive(Default)]
struct Listener {
    digest: Digester,
    bytes: u64,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    line: Vec<u8>,
}

impl Listener {
    fn hear(&mut self, chunk: &[u8], mut line: impl FnMut(String)) {
        self.digest.update(chunk);
        self.bytes += chunk.len() as u64;
        let to_head = chunk.len().min(KEPT - self.head.len());
        self.head.extend(&chunk[..to_head]);
        self.tail.extend(&chunk[to_head..]);
        self.tail.drain(..self.tail.len().saturating_sub(KEPT));
        for &byte in chunk {
            // A carriage return by itself is how progress bars begin anew.
            if byte == b'\n' || byte == b'\r' || self.line.len() >= LONGEST_LINE {
                self.rest(&mut line);
            }
            if byte != b'\n' && byte != b'\r' {
                self.line.push(byte);
            }
        }
    }

    /// The line that has not ended.
    fn rest(&mut self, mut line: impl FnMut(String)) {
        if !self.line.is_empty() {
            line(String::from_utf8_lossy(&self.line).into_owned());
            self.line.clear();
        }
    }

    fn finish(self) -> Captured {
        let mut kept = self.head;
        let left_out = self.bytes - kept.len() as u64 - self.tail.len() as u64;
        if left_out > 0 {
            kept.extend(format!("\n[{left_out} bytes are left out here]\n").into_bytes());
        }
        kept.extend(self.tail);
        Captured { output: Output { bytes: self.bytes, digest: self.digest.finish() }, kept }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::provenance::Digest;

    fn shell(script: &str, timeout: Option<Duration>) -> Invocation {
        Invocation {
            program: "sh".into(),
            arguments: vec!["-c".into(), script.into()],
            folder: PathBuf::new(),
            environment: vec![("PATH".into(), std::env::var_os("PATH").unwrap_or_default())],
            timeout,
        }
    }

    fn lines_of(script: &str) -> (Vec<String>, Ran) {
        let mut heard = Vec::new();
        let ran = run(&shell(script, None), |_, line| heard.push(line.to_owned()), || false).unwrap();
        (heard, ran)
    }

    #[test]
    fn lines_come_as_they_are_written_and_all_of_it_is_digested() {
        let (lines, ran) = lines_of("printf 'a\\nb\\rc'; printf 'd\\n' >&2");
        assert_eq!(lines.len(), 4);
        assert!(["a", "b", "c", "d"].iter().all(|line| lines.iter().any(|heard| heard == line)), "{lines:?}");
        // printf 'a\nb\rc' | sha256sum
        assert_eq!(ran.stdout.output.digest, Digest::of_bytes(b"a\nb\rc"));
        assert_eq!((ran.stdout.output.bytes, ran.stderr.kept.as_slice()), (5, &b"d\n"[..]));
    }

    #[test]
    fn of_long_output_the_beginning_and_the_end_are_kept() {
        let (lines, ran) = lines_of(
            "i=0; while [ $i -lt 20 ]; do head -c 100000 /dev/zero | tr '\\0' x; echo; i=$((i+1)); done; echo end",
        );
        assert_eq!(lines.last().map(String::as_str), Some("end"));
        assert_eq!(ran.stdout.output.bytes, 20 * 100_001 + 4);
        let kept = String::from_utf8(ran.stdout.kept).unwrap();
        assert!(kept.len() < 2 * KEPT + 100 && kept.ends_with("\nend\n") && kept.contains("bytes are left out here"));
    }

    #[test]
    fn nothing_outlives_its_time() {
        let started = Instant::now();
        let script = "sleep 100 & sleep 100";
        let ran = run(&shell(script, Some(Duration::from_millis(200))), |_, _| {}, || false).unwrap();
        assert_eq!(ran.ending, Ending::TimedOut);
        assert!(started.elapsed() < Duration::from_secs(20));
        // One that does not listen is killed, and so is what one leaves behind.
        let stubborn = "trap '' TERM; sleep 100 & wait";
        let ran = run(&shell(stubborn, None), |_, _| {}, || started.elapsed() > Duration::from_millis(300)).unwrap();
        assert_eq!(ran.ending, Ending::Stopped);
        let (_, ran) = lines_of("sleep 100 & exit 3");
        assert!(matches!(ran.ending, Ending::Exited(status) if status.code() == Some(3)));
        assert!(started.elapsed() < Duration::from_secs(60));
    }

    #[test]
    fn what_cannot_be_started_is_an_error() {
        let missing = Invocation { program: "/no/such/program".into(), ..shell("", None) };
        assert!(run(&missing, |_, _| {}, || false).is_err());
    }
}
