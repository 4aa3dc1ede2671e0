//! Work of the processor, away from the threads that serve sockets, and never more of it than can be done soon.
//!
//! So many pieces at a time as there are workers, so many more wait; who comes then is told to come again. The trap:
//! a place is given back when the work ends, not when whoever asked has gone: a client that hangs up frees nothing.

use super::answer::Problem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Semaphore;

/// Workers and a waiting line.
pub(crate) struct WorkPool {
    places: Arc<Semaphore>,
    workers: Arc<Semaphore>,
    turned_away: AtomicU64,
    all: usize,
}

impl WorkPool {
    pub(crate) fn new(workers: usize, waiting: usize) -> Self {
        let all = workers + waiting;
        Self {
            places: Arc::new(Semaphore::new(all)),
            workers: Arc::new(Semaphore::new(workers)),
            turned_away: AtomicU64::new(0),
            all,
        }
    }

    /// Does a piece of work; 429 when the waiting line is full.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            self.turned_away.fetch_add(1, Ordering::Relaxed);
            return Err(Problem::busy("too many requests wait already"));
        };
        let worker = self.workers.clone().acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let _held = (place, worker);
            work()
        });
        done.await.map_err(|_| Problem::panicked())
    }

    /// Pieces of work at hand or waiting.
    pub(crate) fn under_way(&self) -> usize {
        self.all - self.places.available_permits()
    }

    /// How many were told to come again.
    pub(crate) fn turned_away(&self) -> u64 {
        self.turned_away.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;

    #[tokio::test]
    async fn who_comes_to_a_full_line_is_told_to_come_again() {
        let pool = Arc::new(WorkPool::new(1, 1));
        let (go, gate) = std::sync::mpsc::channel::<()>();
        let first = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run(move || gate.recv().is_ok()).await }
        });
        let second = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run(|| 2).await }
        });
        while pool.under_way() < 2 {
            tokio::task::yield_now().await;
        }
        let third = pool.run(|| 3).await.unwrap_err();
        assert_eq!(third.status, StatusCode::TOO_MANY_REQUESTS);
        go.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Ok(true));
        assert_eq!(second.await.unwrap(), Ok(2));
        assert_eq!((pool.under_way(), pool.turned_away()), (0, 1));
    }

    #[tokio::test]
    async fn work_that_panics_is_one_failed_request() {
        let pool = WorkPool::new(1, 0);
        let failed = pool.run(|| "planted".parse::<u8>().unwrap()).await;
        assert_eq!(failed.unwrap_err().status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(pool.run(|| 1).await, Ok(1));
    }
}
