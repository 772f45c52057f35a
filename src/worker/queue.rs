//! The queue: Amazon SQS, or a server that speaks its protocol.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use aws_config::{BehaviorVersion, Region};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::ProvideCredentials;
use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::operation::get_queue_attributes::builders::GetQueueAttributesFluentBuilder;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName, SendMessageBatchRequestEntry};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

use super::Job;
use crate::script::Checksum;

/// How long a call waits for a message, in seconds: the longest time that SQS allows
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html>).
const POLL: i32 = 20;

/// How many messages one call takes, or sends.
pub(super) const BATCH: usize = 10;

/// How long a message can be hidden, counted from its receipt.
pub(super) const LONGEST: Duration = Duration::from_hours(12);

/// How often entries of a batch that failed are sent again.
const TRIES: u32 = 5;

/// A queue of jobs.
#[derive(Debug, Clone)]
pub struct Queue {
    client: Client,
    url: String,
}

/// Why the queue does not do what it is asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueueError {
    /// There are no credentials, or the queue does not accept them.
    #[error("the credentials for the queue cannot be used: {0}")]
    Credentials(String),
    /// The queue does not exist.
    #[error("the queue does not exist: {0}")]
    NoQueue(String),
    /// It cannot be reached, or it has failed: this may pass.
    #[error("the queue does not answer: {0}")]
    Unreachable(String),
    /// It refuses a message.
    #[error("the queue refuses a message: {0}")]
    Refused(String),
}

impl QueueError {
    /// Whether it may pass by itself.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Credentials(_) => {
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or run it with a role that may use the queue"
            }
            Self::NoQueue(_) => "check the URL of the queue, and its region",
            Self::Unreachable(_) => "check the network and the endpoint",
            Self::Refused(_) => "check the rights and the settings of the queue",
        }
    }
}

/// A message that was received.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) id: String,
    pub(super) body: String,
    /// How often it was received, this time included.
    pub(super) count: u32,
    /// Messages of one group are handled in their order.
    pub(super) group: Option<String>,
    pub(super) at: Instant,
    receipt: String,
}

impl Received {
    fn new(message: Message) -> Option<Self> {
        let attributes = message.attributes.unwrap_or_default();
        let count = attributes.get(&MessageSystemAttributeName::ApproximateReceiveCount);
        Some(Self {
            id: message.message_id.unwrap_or_default(),
            body: message.body.unwrap_or_default(),
            count: count.and_then(|count| count.parse().ok()).unwrap_or(1),
            group: attributes.get(&MessageSystemAttributeName::MessageGroupId).cloned(),
            at: Instant::now(),
            receipt: message.receipt_handle?,
        })
    }
}

/// Puts an error into one of the kinds.
fn sorted<E: ProvideErrorMetadata + std::error::Error + 'static, R: std::fmt::Debug + 'static>(
    error: &SdkError<E, R>,
) -> QueueError {
    const CREDENTIALS: [&str; 9] = [
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ];
    let said = error.message().map(ToOwned::to_owned);
    match (error.code(), error) {
        (Some(code), _) if code.contains("NonExistentQueue") || code.contains("QueueDoesNotExist") => {
            QueueError::NoQueue(said.unwrap_or_default())
        }
        (Some(code), _) if CREDENTIALS.contains(&code) => {
            QueueError::Credentials(said.unwrap_or_else(|| code.to_owned()))
        }
        (Some(code), SdkError::ServiceError(_)) => {
            let text = said.map_or_else(|| code.to_owned(), |said| format!("{code}: {said}"));
            // what is wrong with the request stays wrong
            let is_lasting = ["Invalid", "Missing", "Unsupported", "BatchRequestTooLong"]
                .iter()
                .any(|start| code.starts_with(start));
            if is_lasting { QueueError::Refused(text) } else { QueueError::Unreachable(text) }
        }
        (_, error) => {
            let text = DisplayErrorContext(error).to_string();
            // the text continues with a dump of the error
            let text = text.split(" (").next().unwrap_or(&text).to_owned();
            QueueError::Unreachable(innermost(error).unwrap_or(text))
        }
    }
}

/// Returns the last cause of an error.
fn innermost(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let mut last = error.source()?;
    while let Some(next) = last.source() {
        last = next;
    }
    Some(last.to_string())
}

impl Queue {
    /// Returns the queue with this URL. Credentials come from the environment, a profile or a role, as for every program with
    /// the SDK of AWS; the region is that of the URL. `endpoint` is the URL of another server
    /// that speaks the protocol of SQS. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`QueueError::Credentials`] if there are none.
    pub async fn new(url: &str, endpoint: Option<&str>) -> Result<Self, QueueError> {
        let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let named = |name: &str| std::env::var(name).ok().filter(|name| !name.is_empty());
        let region = region(url).or_else(|| named("AWS_REGION")).or_else(|| named("AWS_DEFAULT_REGION"));
        // the region counts on the servers of AWS alone, whose URLs name it
        let region = Region::new(region.unwrap_or_else(|| "us-east-1".to_owned()));
        let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http).region(region);
        let loader = match endpoint {
            Some(endpoint) => loader.endpoint_url(endpoint),
            None => loader,
        };
        let config = loader.load().await;
        let credentials = config.credentials_provider();
        let provided = match &credentials {
            Some(provider) => provider
                .provide_credentials()
                .await
                .map(drop)
                .map_err(|error| innermost(&error).unwrap_or_else(|| error.to_string())),
            None => Err("there are none".to_owned()),
        };
        provided.map_err(QueueError::Credentials)?;
        Ok(Self { client: Client::new(&config), url: url.to_owned() })
    }

    /// Whether messages of one group are handled in their order.
    fn is_fifo(&self) -> bool {
        self.url.strip_suffix(".fifo").is_some()
    }

    /// Takes up to so many messages, and hides them for a time.
    pub(super) async fn receive(
        &self,
        count: usize,
        hidden: Duration,
        waits: bool,
    ) -> Result<Vec<Received>, QueueError> {
        let count = i32::try_from(count.clamp(1, BATCH)).unwrap_or(1);
        let request = self.client.receive_message().queue_url(&self.url).max_number_of_messages(count);
        let request = request.wait_time_seconds(if waits { POLL } else { 1 }).visibility_timeout(seconds(hidden));
        let request = request
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .message_system_attribute_names(MessageSystemAttributeName::MessageGroupId);
        let answer = request.send().await.map_err(|error| sorted(&error))?;
        Ok(answer.messages.unwrap_or_default().into_iter().filter_map(Received::new).collect())
    }

    pub(super) async fn delete(&self, message: &Received) -> Result<(), QueueError> {
        let request = self.client.delete_message().queue_url(&self.url).receipt_handle(&message.receipt);
        request.send().await.map(drop).map_err(|error| sorted(&error))
    }

    /// Hides a message for so long from now on; not at all hands it back.
    pub(super) async fn hide(&self, message: &Received, hidden: Duration) -> Result<(), QueueError> {
        // a second less than what is left, which the server counts from an earlier moment
        let left = LONGEST.saturating_sub(message.at.elapsed() + Duration::from_secs(1));
        let request = self.client.change_message_visibility().queue_url(&self.url).receipt_handle(&message.receipt);
        let request = request.visibility_timeout(seconds(hidden.min(left)));
        request.send().await.map(drop).map_err(|error| sorted(&error))
    }

    /// Whether nothing is visible, in flight or delayed.
    pub(super) async fn is_empty(&self) -> Result<bool, QueueError> {
        const COUNTS: [QueueAttributeName; 3] = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        let request = self.client.get_queue_attributes().queue_url(&self.url);
        let request = COUNTS.into_iter().fold(request, GetQueueAttributesFluentBuilder::attribute_names);
        let answer = request.send().await.map_err(|error| sorted(&error))?;
        Ok(answer.attributes.is_some_and(|counts| counts.values().all(|count| count == "0")))
    }

    /// Sends jobs, ten a call. What a call could not send is sent again.
    ///
    /// # Errors
    ///
    /// If the queue refuses a message, or cannot be reached. Jobs before that one may have been sent.
    pub async fn send(&self, jobs: &[Job]) -> Result<usize, QueueError> {
        let run = uuid::Uuid::new_v4().simple().to_string();
        let mut sent = 0;
        for jobs in jobs.chunks(BATCH) {
            let entry = |(place, job): (usize, &Job)| Ok((place.to_string(), self.entry(place, job, &run)?));
            let mut left = jobs.iter().enumerate().map(entry).collect::<Result<BTreeMap<_, _>, QueueError>>()?;
            let mut tries = 0;
            while !left.is_empty() {
                let request = self.client.send_message_batch().queue_url(&self.url);
                let request = request.set_entries(Some(left.values().cloned().collect()));
                let answer = request.send().await.map_err(|error| sorted(&error))?;
                for done in answer.successful {
                    sent += usize::from(left.remove(&done.id).is_some());
                }
                let lasting = answer.failed.iter().find(|failed| failed.sender_fault);
                tries += 1;
                if let Some(failed) = lasting.or_else(|| answer.failed.first().filter(|_| tries >= TRIES)) {
                    let text = failed.message.clone().unwrap_or_else(|| failed.code.clone());
                    return Err(if failed.sender_fault {
                        QueueError::Refused(text)
                    } else {
                        QueueError::Unreachable(text)
                    });
                }
                if !left.is_empty() {
                    tokio::time::sleep(Duration::from_millis(200) * 2_u32.pow(tries)).await;
                }
            }
        }
        Ok(sent)
    }

    fn entry(&self, place: usize, job: &Job, run: &str) -> Result<SendMessageBatchRequestEntry, QueueError> {
        let entry = SendMessageBatchRequestEntry::builder().id(place.to_string()).message_body(job.text());
        let entry = if self.is_fifo() {
            let of_run = Checksum::of(&format!("{run} {}", job.database)).to_string();
            entry.message_group_id(group(&job.database)).message_deduplication_id(&of_run["sha256:".len()..])
        } else {
            entry
        };
        entry.build().map_err(|error| QueueError::Refused(error.to_string()))
    }
}

/// Returns the group of a database: its name, or the name's checksum where SQS allows no such name
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>).
fn group(database: &str) -> String {
    let is_allowed = |c: char| c.is_ascii_graphic();
    if !database.is_empty() && database.len() <= 128 && database.chars().all(is_allowed) {
        return database.to_owned();
    }
    Checksum::of(database).to_string()["sha256:".len()..].to_owned()
}

/// Returns the region that a queue's URL names: `https://sqs.eu-west-1.amazonaws.com/1234/jobs`.
fn region(url: &str) -> Option<String> {
    let host = url.split("://").nth(1)?.split('/').next()?;
    host.strip_prefix("sqs.")?.split('.').next().map(ToOwned::to_owned)
}

fn seconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_secs()).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_in_the_url_of_a_queue() {
        assert_eq!(region("https://sqs.eu-west-1.amazonaws.com/123/jobs").as_deref(), Some("eu-west-1"));
        assert_eq!(region("http://127.0.0.1:9324/queue/jobs"), None);
    }

    #[test]
    fn a_group_is_a_name_that_sqs_allows() {
        assert_eq!(group("acme/app"), "acme/app");
        for odd in ["two words", "é", "", &"x".repeat(129)] {
            assert!(group(odd).len() == 64 && group(odd) == group(odd), "{odd}");
        }
    }
}
