use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::*;

/// What a server does with one request. `from` is the first byte asked for, if a range is.
type Answer = fn(from: Option<u64>, out: &mut TcpStream) -> io::Result<()>;

/// Serves one request after another on this machine; says what ranges were asked for.
struct Server {
    url: String,
    asked: Arc<Mutex<Vec<Option<u64>>>>,
}

impl Server {
    fn start(answers: &'static [Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/file", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let from = range(&stream);
                log.lock().unwrap().push(from);
                let _ = answer(from, &mut stream);
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<Option<u64>> {
        self.asked.lock().unwrap().clone()
    }
}

/// Reads a request's head.
fn range(stream: &TcpStream) -> Option<u64> {
    let lines = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let mut ranges = lines
        .filter_map(|line| line.to_ascii_lowercase().strip_prefix("range: bytes=")?.strip_suffix('-')?.parse().ok());
    // To the end, so that the whole head is read.
    ranges.by_ref().last()
}

fn content() -> Vec<u8> {
    (0..300_000u32).flat_map(u32::to_le_bytes).collect()
}

fn head(out: &mut TcpStream, status: &str, length: usize, more: &str) -> io::Result<()> {
    write!(out, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n")
}

fn whole(_: Option<u64>, out: &mut TcpStream) -> io::Result<()> {
    head(out, "200 OK", content().len(), "")?;
    out.write_all(&content())
}

fn ranged(from: Option<u64>, out: &mut TcpStream) -> io::Result<()> {
    let (from, total) = (from.unwrap() as usize, content().len());
    head(out, "206 Partial Content", total - from, &format!("Content-Range: bytes {from}-{}/{total}\r\n", total - 1))?;
    out.write_all(&content()[from..])
}

fn cut_off(_: Option<u64>, out: &mut TcpStream) -> io::Result<()> {
    head(out, "200 OK", content().len(), "")?;
    out.write_all(&content()[..500_000])
}

fn endless(_: Option<u64>, out: &mut TcpStream) -> io::Result<()> {
    write!(out, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
    loop {
        out.write_all(&[0; 65536])?;
    }
}

fn altered(_: Option<u64>, out: &mut TcpStream) -> io::Result<()> {
    head(out, "200 OK", content().len(), "")?;
    out.write_all(&content().iter().map(|byte| !byte).collect::<Vec<u8>>())
}

fn missing(_: Option<u64>, out: &mut TcpStream) -> io::Result<()> {
    head(out, "404 Not Found", 0, "")
}

fn unsatisfiable(_: Option<u64>, out: &mut TcpStream) -> io::Result<()> {
    head(out, "416 Range Not Satisfiable", 0, "")
}

struct Fetching {
    folder: tempfile::TempDir,
    server: Server,
}

impl Fetching {
    fn from(answers: &'static [Answer]) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), server: Server::start(answers) }
    }

    fn fetch(&self) -> Result<PathBuf, DataError> {
        let sha256 = Digest::of_bytes(&content()).to_string();
        let bytes = content().len() as u64;
        let download = Download { file: "f.bin", url: &self.server.url, sha256: &sha256, bytes };
        download.fetch(&Cache::new(self.folder.path()), &|_| {})
    }

    fn part(&self) -> PathBuf {
        self.folder.path().join("f.bin.part")
    }

    fn problem(&self) -> FetchProblem {
        match self.fetch() {
            Err(DataError::Fetch { problem, help, .. }) => {
                assert!(help.contains(&self.server.url) && help.contains("f.bin"), "{help}");
                problem
            }
            other => panic!("{other:?}"),
        }
    }

    fn assert_complete(&self) {
        let path = self.fetch().unwrap();
        assert_eq!(path, self.folder.path().join("f.bin"));
        assert_eq!(fs::read(path).unwrap(), content());
        assert!(!self.part().exists());
    }
}

#[test]
fn a_file_is_fetched_once() {
    let fetching = Fetching::from(&[whole]);
    fetching.assert_complete();
    fetching.assert_complete();
    assert_eq!(fetching.server.asked(), [None]);
}

#[test]
fn progress_runs_from_nothing_to_everything() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start(&[whole]));
    let sha256 = Digest::of_bytes(&content()).to_string();
    let download = Download { file: "f", url: &server.url, sha256: &sha256, bytes: 1_200_000 };
    let events = Mutex::new(Vec::new());
    download.fetch(&Cache::new(folder.path()), &|event| events.lock().unwrap().push(event)).unwrap();
    let events = events.into_inner().unwrap();
    assert_eq!(events.first(), Some(&LoadEvent::Bytes { done: 0, total: 1_200_000 }));
    assert_eq!(events.last(), Some(&LoadEvent::Bytes { done: 1_200_000, total: 1_200_000 }));
}

#[test]
fn a_download_that_was_cut_off_goes_on_where_it_stopped() {
    let fetching = Fetching::from(&[cut_off, ranged]);
    assert!(matches!(fetching.problem(), FetchProblem::CutOff { done: 500_000, total: 1_200_000, .. }));
    assert_eq!(fs::read(fetching.part()).unwrap(), content()[..500_000]);
    fetching.assert_complete();
    assert_eq!(fetching.server.asked(), [None, Some(500_000)]);
}

#[test]
fn a_server_without_ranges_is_read_from_the_start() {
    let fetching = Fetching::from(&[whole]);
    fs::write(fetching.part(), b"older").unwrap();
    fetching.assert_complete();
    assert_eq!(fetching.server.asked(), [Some(5)]);
}

#[test]
fn a_part_the_server_cannot_continue_is_dropped() {
    let fetching = Fetching::from(&[unsatisfiable, whole]);
    fs::write(fetching.part(), vec![0; 2_000_000]).unwrap();
    fetching.assert_complete();
    assert_eq!(fetching.server.asked(), [Some(2_000_000), None]);
}

#[test]
fn a_part_that_is_already_whole_needs_no_server() {
    let fetching = Fetching::from(&[]);
    fs::write(fetching.part(), content()).unwrap();
    fetching.assert_complete();
}

#[test]
fn other_content_is_refused_and_not_kept() {
    let fetching = Fetching::from(&[altered, endless]);
    assert!(matches!(fetching.problem(), FetchProblem::Digest { .. }));
    assert!(!fetching.part().exists());
    assert!(matches!(fetching.problem(), FetchProblem::TooLarge { limit: 1_200_000 }));
    assert!(!fetching.part().exists());
}

#[test]
fn a_wrong_file_in_the_cache_is_replaced() {
    let fetching = Fetching::from(&[whole]);
    fs::write(fetching.folder.path().join("f.bin"), b"other").unwrap();
    fetching.assert_complete();
}

#[test]
fn a_server_that_has_no_such_file_or_is_not_there_is_told_of() {
    let fetching = Fetching::from(&[missing]);
    let problem = fetching.problem();
    assert_eq!(problem.to_string(), "the server answers 404 Not Found");
    // The listener is gone with the last answer.
    assert!(matches!(fetching.problem(), FetchProblem::Request(_)));
}

#[test]
fn two_processes_do_not_write_one_file() {
    let fetching = Fetching::from(&[]);
    let other = File::create(fetching.part()).unwrap();
    other.lock().unwrap();
    match fetching.fetch() {
        Err(DataError::Fetch { problem: FetchProblem::Busy, help, .. }) => assert_eq!(help, "wait until it is done"),
        outcome => panic!("{outcome:?}"),
    }
}
