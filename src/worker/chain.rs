//! Messages that are handled one after the other.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::queue::{LONGEST, Queue, Received};
use super::{Handled, Job, Verdict, Worker, WorkerEvent};

/// The longest time that a message is hidden after a failure.
const LONGEST_PAUSE: Duration = Duration::from_mins(15);

/// How often the queue is told what has become of a message.
const TRIES: u32 = 3;

/// One message, or the messages of one group in their order.
pub(super) struct Chain<H> {
    pub(super) messages: VecDeque<Received>,
    pub(super) worker: Worker,
    pub(super) queue: Queue,
    pub(super) handle: Arc<H>,
}

/// Divides what was received: messages of one group belong together.
pub(super) fn divided(messages: Vec<Received>) -> Vec<VecDeque<Received>> {
    let mut chains = Vec::<VecDeque<Received>>::new();
    for message in messages {
        let together = |chain: &&mut VecDeque<Received>| {
            message.group.is_some() && chain.front().is_some_and(|first| first.group == message.group)
        };
        match chains.iter_mut().find(together) {
            Some(chain) => chain.push_back(message),
            None => chains.push([message].into()),
        }
    }
    chains
}

impl<H, F> Chain<H>
where
    H: Fn(Job) -> F + Send + Sync + 'static,
    F: Future<Output = Handled> + Send + 'static,
{
    /// Handles the messages. After one that is not done, the others are handed back: they must not overtake it.
    pub(super) async fn run(mut self) {
        while let Some(message) = self.messages.pop_front() {
            if self.worker.cancel.is_cancelled() {
                self.tell_queue(&message, Verdict::Interrupted).await;
                continue;
            }
            let verdict = self.one(&message).await;
            if verdict != Verdict::Done {
                for message in std::mem::take(&mut self.messages) {
                    self.tell_queue(&message, Verdict::Interrupted).await;
                }
            }
        }
    }

    async fn one(&self, message: &Received) -> Verdict {
        let begun = Instant::now();
        self.tell(&WorkerEvent::Begun { message: &message.id, receives: message.count });
        let parsed = message.body.parse::<Job>();
        let handled = match &parsed {
            Ok(job) => {
                let handling = (self.handle)(job.clone());
                tokio::select! {
                    handled = handling => handled,
                    never = self.keep_hidden(message) => match never {},
                }
            }
            Err(error) => Handled::new(Verdict::Hopeless, error.to_string()),
        };
        self.tell_queue(message, handled.verdict).await;
        self.tell(&WorkerEvent::Ended {
            message: &message.id,
            job: parsed.as_ref().ok(),
            handled: &handled,
            receives: message.count,
            duration: begun.elapsed(),
        });
        handled.verdict
    }

    /// Extends the time for which a message, and those after it, are hidden: again after half of it.
    async fn keep_hidden(&self, message: &Received) -> std::convert::Infallible {
        let mut told = false;
        loop {
            tokio::time::sleep(self.worker.visibility / 2).await;
            if message.at.elapsed() + self.worker.visibility >= LONGEST {
                if !std::mem::replace(&mut told, true) {
                    self.tell(&WorkerEvent::Outlasted { message: &message.id });
                }
                continue;
            }
            for message in [message].into_iter().chain(&self.messages) {
                if let Err(error) = self.queue.hide(message, self.worker.visibility).await {
                    self.tell(&WorkerEvent::Unsettled { message: &message.id, error: &error });
                }
            }
        }
    }

    /// Tells the queue what has become of a message.
    async fn tell_queue(&self, message: &Received, verdict: Verdict) {
        for attempt in 1..=TRIES {
            let told = match pause(self.worker.visibility, message.count, verdict) {
                None => self.queue.delete(message).await,
                Some(pause) => self.queue.hide(message, pause).await,
            };
            match told {
                Ok(()) => return,
                Err(error) if attempt == TRIES || !error.may_pass() => {
                    return self.tell(&WorkerEvent::Unsettled { message: &message.id, error: &error });
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(200) * attempt).await,
            }
        }
    }

    fn tell(&self, event: &WorkerEvent<'_>) {
        (self.worker.watcher)(event);
    }
}

/// Returns how long a message is hidden; `None` if it is deleted.
fn pause(visibility: Duration, receives: u32, verdict: Verdict) -> Option<Duration> {
    match verdict {
        Verdict::Done => None,
        Verdict::Failed => {
            let doubled = 2_u32.saturating_pow(receives.saturating_sub(1));
            Some(visibility.saturating_mul(doubled).min(LONGEST_PAUSE))
        }
        Verdict::Locked | Verdict::Hopeless => Some(visibility),
        Verdict::Interrupted => Some(Duration::ZERO),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_hidden_longer_each_time() {
        let seconds =
            |receives, verdict| pause(Duration::from_secs(30), receives, verdict).map(|pause| pause.as_secs());
        let failed = [1, 2, 3, 5, 6, 100].map(|receives| seconds(receives, Verdict::Failed));
        assert_eq!(failed, [30, 60, 120, 480, 900, 900].map(Some));
        assert_eq!(seconds(7, Verdict::Hopeless), Some(30));
        assert_eq!(seconds(7, Verdict::Interrupted), Some(0));
        assert_eq!(seconds(7, Verdict::Done), None);
    }
}
