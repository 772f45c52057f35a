//! A server that answers as the test says: what a real one does too seldom to wait for.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

use serde_json::Value;

/// Starts a server, and returns its URL. `answer` gets the action and the body of each call, and returns a status and a body.
pub(crate) fn start(answer: impl Fn(&str, &Value) -> (u16, Value) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().expect("cloned"));
            let (mut length, mut action) = (0, String::new());
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).expect("a header");
                let Some((name, value)) = line.trim_end().split_once(": ") else {
                    if line.trim_end().is_empty() {
                        break;
                    }
                    continue;
                };
                match name.to_ascii_lowercase().as_str() {
                    "content-length" => length = value.parse().expect("a number"),
                    "x-amz-target" => value.trim_start_matches("AmazonSQS.").clone_into(&mut action),
                    _ => {}
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("a body");
            let (status, body) = answer(&action, &serde_json::from_slice(&body).expect("JSON"));
            let body = body.to_string();
            let head = format!(
                "HTTP/1.1 {status} Said\r\nContent-Type: application/x-amz-json-1.0\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all((head + &body).as_bytes());
        }
    });
    url
}
