//! Work that runs on other threads.

use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};

/// A value that a thread of its own computes until it is needed.
pub(super) struct Later<T> {
    made: OnceLock<T>,
    making: Mutex<Option<JoinHandle<T>>>,
}

impl<T: Default> Later<T> {
    /// Returns a value that is already computed.
    pub(super) fn of(made: T) -> Self {
        Self { made: made.into(), making: Mutex::default() }
    }

    /// Starts a thread that computes the value.
    pub(super) fn begin(make: impl FnOnce() -> T + Send + 'static) -> Self
    where
        T: Send + 'static,
    {
        Self { made: OnceLock::new(), making: Mutex::new(Some(thread::spawn(make))) }
    }

    /// Returns the value, and waits for it if necessary.
    pub(super) fn get(&self) -> &T {
        self.made.get_or_init(|| {
            let making = self.making.lock().unwrap_or_else(PoisonError::into_inner).take();
            let made = making.map(|making| making.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            made.unwrap_or_default()
        })
    }
}

impl<T: Default> Default for Later<T> {
    fn default() -> Self {
        Self::of(T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Later<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.made.fmt(f)
    }
}

/// The number of items that justify a thread.
const SHARE: usize = 64;

/// Applies a function to many items, on at most as many threads as there are processors. The results keep the order of
/// the items.
pub(super) fn side_by_side<T: Send, U: Send>(things: Vec<T>, act: impl Fn(T) -> U + Sync) -> Vec<U> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(things.len() / SHARE).max(1);
    let share = things.len().div_ceil(threads).max(1);
    let mut shares = Vec::with_capacity(threads);
    let mut things = things.into_iter();
    while let Some(first) = things.next() {
        shares.push(std::iter::once(first).chain(things.by_ref().take(share - 1)).collect::<Vec<_>>());
    }
    let act = &act;
    let work = |share: Vec<T>| share.into_iter().map(act).collect::<Vec<_>>();
    thread::scope(|scope| {
        // this thread does the last share
        let own = shares.pop();
        let others = shares.into_iter().map(|share| scope.spawn(move || work(share))).collect::<Vec<_>>();
        let own = own.map(work);
        let joined =
            others.into_iter().flat_map(|other| other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.chain(own.into_iter().flatten()).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_in_order() {
        for count in [0, 1, 63, 64, 200, 1000] {
            let answers = side_by_side((0..count).collect(), |thing: usize| thing * 2);
            assert_eq!(answers, (0..count).map(|thing| thing * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_made_later_is_there_when_it_is_asked_for() {
        let later = Later::begin(|| 7);
        assert_eq!((*later.get(), *later.get()), (7, 7));
        assert_eq!(*Later::<i32>::default().get(), 0);
    }
}
