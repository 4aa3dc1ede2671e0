//! The language that a request is answered in: what the reviewer chose, else what adlink was started with, else what the
//! browser asks for.
//!
//! The trap: the language is that of a thread, and a request moves from one thread to another whenever it waits; so it is
//! set anew each time its answer goes on ([`Spoken`]), and whoever hands work to another thread takes it along.

use std::pin::Pin;
use std::task::{Context, Poll};

use crate::language::{Language, in_language};

/// A future whose words are of one language, on whatever thread it goes on.
pub(crate) struct Spoken<F> {
    language: Language,
    answer: Pin<Box<F>>,
}

impl<F> Spoken<F> {
    pub(crate) fn new(language: Language, answer: F) -> Self {
        Self { language, answer: Box::pin(answer) }
    }
}

impl<F: Future> Future for Spoken<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let language = self.language;
        let answer = self.answer.as_mut();
        in_language(language, || answer.poll(context))
    }
}

/// Work for another thread, in the language of this one.
pub(crate) fn carried<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let language = crate::language::current();
    move || in_language(language, work)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::current;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_answer_keeps_its_language_wherever_it_goes_on() {
        let answer = |language: Language| async move {
            for _ in 0..50 {
                assert_eq!(current(), language);
                tokio::task::yield_now().await;
            }
            let elsewhere = tokio::task::spawn_blocking(carried(current)).await;
            (current(), elsewhere.unwrap())
        };
        let asked: Vec<_> = (0..20).map(|place| Language::ALL[place % 2]).collect();
        let answers = asked.iter().map(|&language| tokio::spawn(Spoken::new(language, answer(language))));
        let answers: Vec<_> = answers.collect();
        for (language, answer) in asked.into_iter().zip(answers) {
            assert_eq!(answer.await.unwrap(), (language, language));
        }
        assert_eq!(current(), Language::English);
    }
}
