//! A server on this machine that answers as a test says, and remembers what it was asked. The tests of the binary use it,
//! too, so it knows nothing of the client.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
/// What it was asked: method and path with query, header lines in lower case, and the body.
#[derive(Debug, Clone)]
pub struct Asked {
    pub line: String,
    pub headers: Vec<String>,
    pub body: String,
}

impl Asked {
    /// The header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| line.strip_prefix(&format!("{name}: ")))
    }
}

/// Status line, content type and body.
pub struct Answer(&'static str, &'static str, Vec<u8>);

impl Answer {
    pub fn new(status: &'static str, kind: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self(status, kind, body.into())
    }

    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::new("200 OK", "application/json", body)
    }

    /// A refusal as MLflow writes it.
    pub fn refusal(status: &'static str, code: &str, message: &str) -> Self {
        let body = serde_json::json!({ "error_code": code, "message": message });
        Self::new(status, "application/json", body.to_string())
    }
}

pub struct Answering {
    pub address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Answering {
    /// Answers every request by itself, until the test ends.
    pub fn with(answer: impl Fn(&Asked) -> Answer + Send + 'static) -> Self {
        Self::serving(move |asked, out| {
            let Answer(status, kind, body) = answer(asked);
            let length = body.len();
            write!(
                out,
                "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n"
            )?;
            let location = if status.starts_with('3') { "Location: https://elsewhere.example/login\r\n" } else { "" };
            write!(out, "{location}\r\n")?;
            out.write_all(&body)
        })
    }

    /// The same, with whatever bytes it likes.
    pub fn serving(serve: impl Fn(&Asked, &mut TcpStream) -> io::Result<()> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Ok(request) = read(&stream) else { continue };
                log.lock().unwrap().push(request.clone());
                let _ = serve(&request, &mut stream);
            }
        });
        Self { address, asked }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> io::Result<Asked> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let (line, headers) = lines.split_first().ok_or(io::ErrorKind::UnexpectedEof)?;
    let named = |line: &String| {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        format!("{}: {}", name.to_ascii_lowercase(), value.trim())
    };
    let mut asked = Asked {
        line: line.trim_end_matches(" HTTP/1.1").to_owned(),
        headers: headers.iter().map(named).collect(),
        body: String::new(),
    };
    let length: u64 = asked.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    reader.take(length).read_to_string(&mut asked.body)?;
    Ok(asked)
}
