//! How code says a sentence of the table, so that a test can read out of the sources what is said.
//!
//! `say!("words")`; `say!("{ads} on {sites}", ads = 2, sites = "a, b")` with values, as plain text; `phrase!` likewise with
//! markup, where a value that is text is escaped; `word!("words")` for a text that stands in one place and is said in another.
//! The trap: a `const fn` that gives `word!("...")` gives English; whoever shows it says it, with `say(...)`.

macro_rules! say {
    ($english:literal) => { $crate::language::say($english) };
    ($english:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::language::fill($english, &[$((stringify!($name), &$value)),+])
    };
}

#[cfg(feature = "report")]
macro_rules! phrase {
    ($english:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::language::phrase($english, &[$((stringify!($name), ::maud::Render::render(&$value))),+])
    };
}

macro_rules! word {
    ($english:literal) => {
        $english
    };
}

#[cfg(feature = "report")]
pub(crate) use phrase;
pub(crate) use {say, word};
