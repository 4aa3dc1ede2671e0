//! Counters in the text form that Prometheus reads: requests by route and status, and how long they took.
//!
//! Routes are named by their templates, so neither keys nor hashes nor names of banks ever stand here.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the histogram, in milliseconds.
const BOUNDS: [u64; 12] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 30_000];

/// Of all routes.
pub(crate) struct ServiceMetrics {
    routes: Vec<RouteCounts>,
}

struct RouteCounts {
    method: &'static str,
    path: &'static str,
    /// By the first digit of the status.
    by_class: [AtomicU64; 6],
    /// By bound; the last holds what took longer.
    by_time: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

impl ServiceMetrics {
    pub(crate) fn new(routes: impl Iterator<Item = (&'static str, &'static str)>) -> Self {
        let counts = |(method, path)| RouteCounts {
            method,
            path,
            by_class: Default::default(),
            by_time: Default::default(),
            micros: AtomicU64::new(0),
        };
        Self { routes: routes.map(counts).collect() }
    }

    /// Counts an answer of a route, by the place of the route.
    pub(crate) fn count(&self, route: usize, status: u16, took: Duration) {
        let Some(counts) = self.routes.get(route) else { return };
        let (class, millis) = (usize::from(status / 100).min(5), took.as_millis() as u64);
        let slot = BOUNDS.iter().position(|bound| millis < *bound).unwrap_or(BOUNDS.len());
        counts.by_class[class].fetch_add(1, Ordering::Relaxed);
        counts.by_time[slot].fetch_add(1, Ordering::Relaxed);
        counts.micros.fetch_add(took.as_micros() as u64, Ordering::Relaxed);
    }

    /// All counters, with further `gauges`: name, help, value.
    pub(crate) fn text(&self, gauges: &[(&str, &str, u64)]) -> String {
        let mut text = String::new();
        for (name, help, value) in gauges {
            let kind = if name.ends_with("_total") { "counter" } else { "gauge" };
            let _ = writeln!(text, "# HELP adlink_{name} {help}\n# TYPE adlink_{name} {kind}");
            let _ = writeln!(text, "adlink_{name} {value}");
        }
        text.push_str(
            "# HELP adlink_requests_total Requests answered.\n# TYPE adlink_requests_total counter\n",
        );
        self.routes.iter().for_each(|route| route.requests(&mut text));
        text.push_str(
            "# HELP adlink_request_seconds Time to the answer.\n# TYPE adlink_request_seconds histogram\n",
        );
        self.routes.iter().for_each(|route| route.times(&mut text));
        text
    }
}

impl RouteCounts {
    fn label(&self) -> String {
        format!("method=\"{}\",route=\"{}\"", self.method, self.path)
    }

    fn requests(&self, text: &mut String) {
        for (class, count) in self.by_class.iter().enumerate() {
            let count = count.load(Ordering::Relaxed);
            if count > 0 {
                let _ =
                    writeln!(text, "adlink_requests_total{{{},status=\"{class}xx\"}} {count}", self.label());
            }
        }
    }

    fn times(&self, text: &mut String) {
        let counts: Vec<u64> = self.by_time.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        let all: u64 = counts.iter().sum();
        if all == 0 {
            return;
        }
        let (label, mut below) = (self.label(), 0);
        for (bound, count) in BOUNDS.iter().zip(&counts) {
            below += count;
            let seconds = *bound as f64 / 1000.0;
            let _ = writeln!(text, "adlink_request_seconds_bucket{{{label},le=\"{seconds}\"}} {below}");
        }
        let seconds = self.micros.load(Ordering::Relaxed) as f64 / 1e6;
        let _ = writeln!(text, "adlink_request_seconds_bucket{{{label},le=\"+Inf\"}} {all}");
        let _ = writeln!(text, "adlink_request_seconds_sum{{{label}}} {seconds}");
        let _ = writeln!(text, "adlink_request_seconds_count{{{label}}} {all}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up() {
        let metrics = ServiceMetrics::new([("GET", "/a/{key}"), ("POST", "/b")].into_iter());
        metrics.count(0, 200, Duration::from_millis(3));
        metrics.count(0, 404, Duration::from_secs(60));
        metrics.count(9, 200, Duration::ZERO);
        let text = metrics.text(&[("ads", "Ads held.", 7)]);
        for line in [
            "# TYPE adlink_ads gauge",
            "adlink_ads 7",
            "adlink_requests_total{method=\"GET\",route=\"/a/{key}\",status=\"2xx\"} 1",
            "adlink_requests_total{method=\"GET\",route=\"/a/{key}\",status=\"4xx\"} 1",
            "adlink_request_seconds_bucket{method=\"GET\",route=\"/a/{key}\",le=\"0.002\"} 0",
            "adlink_request_seconds_bucket{method=\"GET\",route=\"/a/{key}\",le=\"0.005\"} 1",
            "adlink_request_seconds_bucket{method=\"GET\",route=\"/a/{key}\",le=\"+Inf\"} 2",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(!text.contains("route=\"/b\""));
    }
}
