//! Takes messages and has them handled.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

use super::chain::{Chain, divided};
use super::queue::{BATCH, Queue, QueueError, Received};
use super::{Handled, Job, Worker, WorkerEvent};

/// The pauses after a queue has not answered, from the first on.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LAST_PAUSE: Duration = Duration::from_secs(30);

/// How often a queue that is drained, and from which nothing comes, is asked whether it is empty.
const LOOK: Duration = Duration::from_millis(500);

type Poll = JoinHandle<Result<Vec<Received>, QueueError>>;

pub(super) struct Run<'a, H> {
    worker: &'a Worker,
    queue: &'a Queue,
    handle: Arc<H>,
    running: JoinSet<()>,
    /// The call that waits for messages, one at a time: while there are messages, it returns at once.
    poll: Option<Poll>,
    /// After the queue has not answered: how long it is left alone, and until when.
    pause: Option<(Duration, Instant)>,
}

/// What happened next.
enum Next {
    Polled(Result<Vec<Received>, QueueError>),
    JobEnded,
    PauseEnded,
    Stopped,
}

impl<'a, H, F> Run<'a, H>
where
    H: Fn(Job) -> F + Send + Sync + 'static,
    F: Future<Output = Handled> + Send + 'static,
{
    pub(super) fn new(worker: &'a Worker, queue: &'a Queue, handle: Arc<H>) -> Self {
        Self { worker, queue, handle, running: JoinSet::new(), poll: None, pause: None }
    }

    pub(super) async fn run(mut self) -> Result<(), QueueError> {
        loop {
            self.ask();
            match self.next().await {
                Next::Stopped => return self.stop().await,
                Next::JobEnded | Next::PauseEnded => {}
                Next::Polled(Ok(messages)) => {
                    self.pause = None;
                    self.tell(&WorkerEvent::Polled);
                    let is_idle = messages.is_empty() && self.running.is_empty();
                    self.begin(messages);
                    if self.worker.drains && is_idle && self.is_drained().await {
                        return Ok(());
                    }
                }
                Next::Polled(Err(error)) => self.failed(error).await?,
            }
        }
    }

    /// Asks for as many messages as there are workers without a job.
    fn ask(&mut self) {
        let free = self.worker.workers.get().saturating_sub(self.running.len()).min(BATCH);
        if self.poll.is_some() || self.pause.is_some_and(|(_, until)| Instant::now() < until) || free == 0 {
            return;
        }
        let (queue, hidden, waits) = (self.queue.clone(), self.worker.visibility, !self.worker.drains);
        self.poll = Some(tokio::spawn(async move { queue.receive(free, hidden, waits).await }));
    }

    async fn next(&mut self) -> Next {
        let polled = async {
            match &mut self.poll {
                Some(poll) => Pin::new(poll).await,
                None => std::future::pending().await,
            }
        };
        let paused = async {
            match self.pause {
                Some((_, until)) if Instant::now() < until => tokio::time::sleep_until(until).await,
                _ => std::future::pending().await,
            }
        };
        let next = tokio::select! {
            biased;
            () = self.worker.cancel.cancelled() => Next::Stopped,
            answer = polled => Next::Polled(answer.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))),
            Some(ended) = self.running.join_next() => {
                ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
                Next::JobEnded
            }
            () = paused => Next::PauseEnded,
        };
        if matches!(next, Next::Polled(_)) {
            self.poll = None;
        }
        next
    }

    fn begin(&mut self, messages: Vec<Received>) {
        for messages in divided(messages) {
            let (worker, queue, handle) = (self.worker.clone(), self.queue.clone(), Arc::clone(&self.handle));
            self.running.spawn(Chain { messages, worker, queue, handle }.run());
        }
    }

    /// Leaves a queue alone that does not answer, longer each time.
    async fn failed(&mut self, error: QueueError) -> Result<(), QueueError> {
        if !error.may_pass() {
            self.stop().await?;
            return Err(error);
        }
        let pause = self.pause.map_or(FIRST_PAUSE, |(pause, _)| (pause * 2).min(LAST_PAUSE));
        self.pause = Some((pause, Instant::now() + pause));
        self.tell(&WorkerEvent::Unreachable { error: &error, pause });
        Ok(())
    }

    /// Whether nothing is visible, in flight or delayed. Otherwise waits a moment, since the counts are approximate.
    async fn is_drained(&mut self) -> bool {
        if self.queue.is_empty().await.unwrap_or(false) {
            return true;
        }
        self.pause = Some((FIRST_PAUSE, Instant::now() + LOOK));
        false
    }

    /// Takes nothing more, hands back what still comes, and waits for what runs.
    async fn stop(&mut self) -> Result<(), QueueError> {
        self.tell(&WorkerEvent::Stopping { running: self.running.len() });
        let deadline = Instant::now() + self.worker.grace;
        let ended = async {
            loop {
                if let Some(poll) = self.poll.take_if(|poll| poll.is_finished())
                    && let Ok(Ok(messages)) = poll.await
                {
                    // with the token, they are handed back at once
                    self.begin(messages);
                }
                if self.running.join_next().await.is_none() {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout_at(deadline, ended).await;
        // a message that the queue gives away at this moment is visible again after a while
        if let Some(poll) = self.poll.take() {
            poll.abort();
        }
        Ok(())
    }

    fn tell(&self, event: &WorkerEvent<'_>) {
        (self.worker.watcher)(event);
    }
}
