//! A client of the service that keeps its connection, for the benches: as little of it as can be, since it runs beside what
//! it measures.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// A connection that is kept.
pub(crate) struct Kept(BufReader<TcpStream>);

impl Kept {
    pub(crate) fn open(address: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// The status and the body of an answer.
    pub(crate) fn ask(&mut self, request: &[u8]) -> Outcome<(u16, Vec<u8>)> {
        self.0.get_mut().write_all(request)?;
        let (mut status, mut length, mut line) = (0, 0, String::new());
        loop {
            line.clear();
            self.0.read_line(&mut line)?;
            let head = line.trim_end().to_ascii_lowercase();
            if head.is_empty() {
                break;
            }
            if let Some(rest) = head.strip_prefix("http/1.1 ") {
                status = rest.get(..3).unwrap_or_default().parse()?;
            } else if let Some(number) = head.strip_prefix("content-length: ") {
                length = number.parse()?;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        Ok((status, body))
    }

    /// The answer as JSON; fails unless it has this status.
    pub(crate) fn told(&mut self, request: &[u8], wanted: u16) -> Outcome<serde_json::Value> {
        let (status, body) = self.ask(request)?;
        if status != wanted {
            return Err(format!("{status} for {wanted}: {}", String::from_utf8_lossy(&body)).into());
        }
        Ok(serde_json::from_slice(&body)?)
    }
}

/// A request with a body.
pub(crate) fn post(address: &str, path: &str, kind: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// A request with a body of JSON.
pub(crate) fn post_json(address: &str, path: &str, body: &serde_json::Value) -> Vec<u8> {
    post(address, path, "application/json", body.to_string().as_bytes())
}

/// Times of requests in microseconds, as rate and quantiles.
pub(crate) fn told(mut times: Vec<u64>, seconds: f64) -> serde_json::Value {
    times.sort_unstable();
    let last = times.len().saturating_sub(1) as f64;
    let at = |share: f64| times.get((last * share) as usize).map(|micros| *micros as f64 / 1000.0);
    serde_json::json!({
        "requests": times.len(), "per_second": times.len() as f64 / seconds,
        "p50_ms": at(0.5), "p99_ms": at(0.99), "most_ms": at(1.0),
    })
}
