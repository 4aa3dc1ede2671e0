//! HTTP without a word of what is served: sockets, limits, bodies, answers, access, counters.

pub(crate) mod access;
pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod listen;
pub(crate) mod metrics;
pub(crate) mod pool;
pub(crate) mod request;
pub(crate) mod tls;
