//! A queue of the test's own, on the server that `DBMIGRATE_TEST_SQS_URL` names.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A queue, and its dead-letter queue.
pub(crate) struct Queue {
    pub(crate) url: String,
    pub(crate) dead: String,
}

/// The server of the tests.
pub(crate) fn endpoint() -> String {
    let name = "DBMIGRATE_TEST_SQS_URL";
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: scripts/test.sh --worker starts the server"))
}

/// Calls the server with the JSON protocol of SQS
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html>).
fn call(action: &str, body: &Value) -> Value {
    let address = endpoint().trim_start_matches("http://").to_owned();
    let body = body.to_string();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.{action}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(&address).expect("the server answers");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.starts_with("HTTP/1.1 200"), "{action}: {answer}");
    if body.trim().is_empty() { Value::Null } else { serde_json::from_str(body).expect("JSON") }
}

impl Queue {
    /// A queue whose messages are taken away after so many receives.
    pub(crate) fn new(receives: u32, ending: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("q{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let fifo = |mut attributes: Value| {
            if !ending.is_empty() {
                attributes["FifoQueue"] = "true".into();
            }
            attributes
        };
        let made = |name: &str, attributes: Value| {
            let made = call("CreateQueue", &json!({ "QueueName": name, "Attributes": attributes }));
            made["QueueUrl"].as_str().expect("a URL").to_owned()
        };
        let dead = made(&format!("{name}-dead{ending}"), fifo(json!({})));
        let arn = call("GetQueueAttributes", &json!({ "QueueUrl": dead, "AttributeNames": ["QueueArn"] }));
        let redrive = json!({ "deadLetterTargetArn": arn["Attributes"]["QueueArn"], "maxReceiveCount": receives });
        let url = made(&format!("{name}{ending}"), fifo(json!({ "RedrivePolicy": redrive.to_string() })));
        Self { url, dead }
    }

    pub(crate) fn send(&self, body: &str) {
        call("SendMessage", &json!({ "QueueUrl": self.url, "MessageBody": body }));
    }

    /// Sends a message to a FIFO queue.
    pub(crate) fn send_in_group(&self, group: &str, body: &str) {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed).to_string();
        let message = json!({
            "QueueUrl": self.url, "MessageBody": body, "MessageGroupId": group, "MessageDeduplicationId": number,
        });
        call("SendMessage", &message);
    }

    /// How many messages are visible, in flight and delayed.
    pub(crate) fn counts(&self) -> [u32; 3] {
        counts(&self.url)
    }

    /// The bodies in the dead-letter queue.
    pub(crate) fn dead(&self) -> Vec<String> {
        let mut bodies = Vec::new();
        loop {
            let answer = call("ReceiveMessage", &json!({ "QueueUrl": self.dead, "MaxNumberOfMessages": 10 }));
            let Some(messages) = answer["Messages"].as_array().filter(|messages| !messages.is_empty()) else { break };
            bodies.extend(messages.iter().map(|message| message["Body"].as_str().expect("a body").to_owned()));
        }
        bodies.sort();
        bodies
    }
}

fn counts(url: &str) -> [u32; 3] {
    let names =
        ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"];
    let answer = call("GetQueueAttributes", &json!({ "QueueUrl": url, "AttributeNames": names }));
    names.map(|name| answer["Attributes"][name].as_str().and_then(|count| count.parse().ok()).expect("a count"))
}

/// Waits until something is so.
pub(crate) fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what} did not happen within a minute");
        std::thread::sleep(Duration::from_millis(50));
    }
}
