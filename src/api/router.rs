//! All routes in one table, and what every request passes before it reaches one.
//!
//! Method, path, scope, handler: the table is what is served, counted and held against the OpenAPI document. The trap: a
//! route without a scope answers anybody who can reach the address.

use super::http::access::Caller;
use super::http::answer::{Answered, HEADERS, Problem};
use super::http::metrics::ServiceMetrics;
use super::http::request::ApiRequest;
use super::state::service::Service;
use super::tokens::TokenScope;
use super::{health, hma, v1};
use axum::Router;
use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{Query, RawPathParams, Request};
use axum::http::{HeaderValue, Method, Response, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, on};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

/// The parts of a path, or why it has none.
type PathParts = Result<RawPathParams, RawPathParamsRejection>;

/// An answer that is being made.
type Answering = Pin<Box<dyn Future<Output = Answered> + Send>>;
type Handler = Arc<dyn Fn(Arc<Service>, ApiRequest) -> Answering + Send + Sync>;

/// One entry of the table.
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) scope: Option<TokenScope>,
    handler: Handler,
}

fn route<F, A>(method: &'static str, path: &'static str, scope: Option<TokenScope>, handler: F) -> Route
where
    F: Fn(Arc<Service>, ApiRequest) -> A + Send + Sync + 'static,
    A: Future<Output = Answered> + Send + 'static,
{
    let handler: Handler = Arc::new(move |service, asked| Box::pin(handler(service, asked)));
    Route { method, path, scope, handler }
}

/// What is served.
pub(crate) fn routes() -> Vec<Route> {
    let (matching, write) = (Some(TokenScope::Match), Some(TokenScope::Write));
    let (review, admin) = (Some(TokenScope::Review), Some(TokenScope::Admin));
    vec![
        route("GET", "/healthz", None, health::healthz),
        route("GET", "/readyz", None, health::readyz),
        route("GET", "/metrics", admin, health::metrics),
        route("GET", "/openapi.json", None, health::openapi),
        route("POST", "/v1/hash", matching, v1::hash::hash),
        route("POST", "/v1/match", matching, v1::matching::matching),
        route("POST", "/v1/ads", write, v1::ads::post),
        route("GET", "/v1/ads/{*key}", review, v1::ads::get),
        route("GET", "/v1/networks/{id}", review, v1::networks::get),
        route("POST", "/v1/decisions", review, v1::decisions::post),
        route("POST", "/v1/feedback", review, v1::feedback::post),
        route("GET", "/v1/changes", review, v1::changes::get),
        route("GET", "/v1/banks", matching, v1::banks::list),
        route("POST", "/v1/banks", write, v1::banks::create),
        route("GET", "/v1/banks/{name}", matching, v1::banks::get),
        route("PUT", "/v1/banks/{name}", write, v1::banks::change),
        route("DELETE", "/v1/banks/{name}", admin, v1::banks::remove),
        route("GET", "/v1/banks/{name}/history", review, v1::banks::history),
        route("POST", "/v1/banks/{name}/entries", write, v1::entries::add),
        route("GET", "/v1/banks/{name}/entries/{id}", review, v1::entries::get),
        route("PUT", "/v1/banks/{name}/entries/{id}", write, v1::entries::change),
        route("DELETE", "/v1/banks/{name}/entries/{id}", write, v1::entries::remove),
        route("GET", "/h/hash", matching, hma::hashing::by_address),
        route("POST", "/h/hash", matching, hma::hashing::by_file),
        route("GET", "/m/raw_lookup", matching, hma::lookup::raw),
        route("GET", "/m/lookup", matching, hma::lookup::by_signal),
        route("POST", "/m/lookup", matching, hma::lookup::by_file),
        route("POST", "/m/compare", matching, hma::lookup::compare),
        route("GET", "/m/index/status", matching, hma::status::index),
        route("GET", "/c/banks", matching, hma::banks::list),
        route("POST", "/c/banks", write, hma::banks::create),
        route("GET", "/c/bank/{name}", matching, hma::banks::get),
        route("PUT", "/c/bank/{name}", write, hma::banks::change),
        route("DELETE", "/c/bank/{name}", admin, hma::banks::remove),
        route("POST", "/c/bank/{name}/content", write, hma::content::add_file),
        route("POST", "/c/bank/{name}/signal", write, hma::content::add_signal),
        route("GET", "/c/bank/{name}/content/{id}", review, hma::content::get),
        route("PUT", "/c/bank/{name}/content/{id}", write, hma::content::change),
        route("DELETE", "/c/bank/{name}/content/{id}", write, hma::content::remove),
        route("GET", "/c/signal_type", matching, hma::kinds::list),
        route("PUT", "/c/signal_type/{name}", admin, hma::kinds::change),
        route("GET", "/c/signal_type/index", matching, hma::kinds::index),
        route("GET", "/c/content_type", matching, hma::kinds::contents),
        route("GET", "/c/exchanges", admin, hma::kinds::exchanges),
        route("POST", "/c/exchanges", admin, hma::kinds::exchanges),
        route("GET", "/c/exchanges/{*rest}", admin, hma::kinds::exchanges),
        route("POST", "/c/exchanges/{*rest}", admin, hma::kinds::exchanges),
        route("PUT", "/c/exchanges/{*rest}", admin, hma::kinds::exchanges),
        route("DELETE", "/c/exchanges/{*rest}", admin, hma::kinds::exchanges),
        route("GET", "/status", None, hma::status::status),
        route("GET", "/status/live", None, hma::status::live),
        route("GET", "/openapi/openapi.json", None, health::openapi),
    ]
}

/// Everything the service answers to.
pub fn api(service: &Arc<Service>) -> Router {
    serving(service, routes())
}

fn serving(service: &Arc<Service>, table: Vec<Route>) -> Router {
    let counted = table.iter().map(|route| (route.method, route.path));
    service.metrics.get_or_init(|| ServiceMetrics::new(counted));
    let mut router = Router::new();
    for (place, route) in table.into_iter().enumerate() {
        let filter = MethodFilter::try_from(Method::from_bytes(route.method.as_bytes()).expect("a method"))
            .expect("a method that routes know");
        let (service, route) = (service.clone(), Arc::new(route));
        let path = route.path;
        let handler = move |params: PathParts, request: Request| {
            let (service, route) = (service.clone(), route.clone());
            async move { served(&service, place, &route, params, request).await }
        };
        router = router.route(path, on(filter, handler));
    }
    let nothing = || Problem::missing("there is nothing under this address");
    let not_so = || Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this address is not asked in this way");
    let (first, second) = (service.clone(), service.clone());
    router
        .fallback(async move |request: Request| unrouted(&first, request.method(), nothing()))
        .method_not_allowed_fallback(async move |request: Request| {
            unrouted(&second, request.method(), not_so())
        })
}

/// What no route answers. Of the address nothing is logged: it is whatever a stranger wrote.
fn unrouted(service: &Service, method: &Method, problem: Problem) -> Response<Body> {
    let known = [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::HEAD, Method::OPTIONS];
    let method = if known.contains(method) { method.as_str() } else { "-" };
    (service.log)(&format!("{method} - {} 0 ms -", problem.status.as_u16()));
    finished(Err(problem))
}

async fn served(
    service: &Arc<Service>,
    place: usize,
    route: &Route,
    params: PathParts,
    request: Request,
) -> Response<Body> {
    let begun = Instant::now();
    let mut by = String::from("-");
    let answer = match asked(service, route, params, request) {
        Err(problem) => Err(problem),
        Ok(asked) => {
            by.clone_from(&asked.caller.0);
            // What a request trips over ends that request, with an answer, and no other on its connection.
            let answering = async { (route.handler)(service.clone(), asked).await };
            let answering = AssertUnwindSafe(answering).catch_unwind();
            match tokio::time::timeout(service.options.patience, answering).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(_)) => Err(Problem::panicked()),
                Err(_) => {
                    Err(Problem::new(StatusCode::GATEWAY_TIMEOUT, "this took too long and was given up"))
                }
            }
        }
    };
    if let Err(Problem { cause: Some(cause), .. }) = &answer {
        (service.log)(&format!("error: {cause}"));
    }
    let answer = finished(answer);
    let (status, took) = (answer.status().as_u16(), begun.elapsed());
    if let Some(metrics) = service.metrics.get() {
        metrics.count(place, status, took);
    }
    (service.log)(&format!("{} {} {status} {} ms {by}", route.method, route.path, took.as_millis()));
    answer
}

/// The request, if whoever sends it may.
fn asked(
    service: &Arc<Service>,
    route: &Route,
    params: PathParts,
    request: Request,
) -> Result<ApiRequest, Problem> {
    let params = params.map_err(|why| Problem::new(why.status(), "the address cannot be read"))?;
    let caller = match route.scope {
        Some(scope) => service.gate.admit(request.headers(), scope)?,
        None => Caller("-".into()),
    };
    let query = Query::<Vec<(String, String)>>::try_from_uri(request.uri());
    let Query(query) = query.map_err(|_| Problem::bad("the query cannot be read"))?;
    let params = params.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let (parts, body) = request.into_parts();
    Ok(ApiRequest::new(caller, parts.headers, params, query, body, service.bodies.clone()))
}

fn finished(answer: Answered) -> Response<Body> {
    let mut answer = answer.unwrap_or_else(IntoResponse::into_response);
    for (name, value) in HEADERS {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ServiceOptions;
    use crate::api::health::OPENAPI;
    use axum::body::to_bytes;
    use serde_json::Value;
    use std::collections::BTreeSet;
    use std::sync::Mutex;
    use tower::ServiceExt;

    /// Method, path, and the scope that it needs.
    type Known = (String, String, Option<String>);

    fn documented() -> BTreeSet<Known> {
        let document: Value = serde_json::from_str(OPENAPI).unwrap();
        let mut known = BTreeSet::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, about) in methods.as_object().unwrap() {
                let said = about["description"].as_str().unwrap();
                let scope = said.split('`').nth(1).map(str::to_string);
                assert_eq!(
                    about["security"].as_array().unwrap().is_empty(),
                    scope.is_none(),
                    "{method} {path}"
                );
                known.insert((method.to_uppercase(), path.clone(), scope));
            }
        }
        known
    }

    #[test]
    fn what_is_served_is_what_is_documented() {
        let served = routes().into_iter().map(|route| {
            let scope = route.scope.map(|scope| scope.name().to_string());
            (route.method.to_string(), route.path.replace("{*", "{"), scope)
        });
        assert_eq!(served.collect::<BTreeSet<_>>(), documented());
    }

    /// A service on a case of its own, with some routes, and what it logs.
    struct Bench {
        _folder: tempfile::TempDir,
        service: Arc<Service>,
        log: Arc<Mutex<Vec<String>>>,
    }

    impl Bench {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let log = Arc::new(Mutex::new(Vec::new()));
            let lines = log.clone();
            let options = ServiceOptions::new("127.0.0.1:4720".parse().unwrap());
            let note = move |line: &str| lines.lock().unwrap().push(line.to_string());
            let service = Service::open(&folder.path().join("case.adlink"), options, note).unwrap();
            Self { _folder: folder, service, log }
        }

        async fn get(&self, router: &Router, path: &str) -> (u16, String) {
            let request =
                Request::builder().uri(path).header("host", "localhost").body(Body::empty()).unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            let status = answer.status().as_u16();
            let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
            (status, String::from_utf8(body.to_vec()).unwrap())
        }
    }

    #[tokio::test]
    async fn a_request_that_panics_is_answered_and_logged() {
        let bench = Bench::new();
        let at_once = |_, _| -> std::future::Ready<Answered> { panic!("planted") };
        let later = async |_: Arc<Service>, _: ApiRequest| -> Answered {
            tokio::task::yield_now().await;
            panic!("planted")
        };
        let working = async |service: Arc<Service>, _: ApiRequest| -> Answered {
            service.work(|_| panic!("planted")).await
        };
        let table = vec![
            route("GET", "/at-once", None, at_once),
            route("GET", "/later", None, later),
            route("GET", "/working", None, working),
            route("GET", "/healthz", None, health::healthz),
        ];
        let router = serving(&bench.service, table);
        for path in ["/at-once", "/later", "/working"] {
            let (status, body) = bench.get(&router, path).await;
            let told: Value = serde_json::from_str(&body).unwrap();
            assert_eq!((status, told["details"].is_null()), (500, true), "{path}: {body}");
            assert!(!body.contains("planted"));
            assert!(
                bench.log.lock().unwrap().iter().any(|line| line.contains(&format!("{path} 500"))),
                "{path}"
            );
        }
        assert_eq!(bench.get(&router, "/healthz").await.0, 200);
    }

    #[tokio::test]
    async fn without_a_writer_it_is_alive_and_not_ready() {
        let bench = Bench::new();
        let router = api(&bench.service);
        assert_eq!(bench.get(&router, "/readyz").await.0, 200);
        assert_eq!(bench.get(&router, "/status").await, (200, "I-AM-ALIVE".into()));
        let caller = Caller("-".into());
        let planted = bench.service.writer.act(&caller, |_| -> Result<(), Problem> { panic!("planted") });
        assert!(planted.await.is_err());
        while bench.service.writer.is_alive() {
            tokio::task::yield_now().await;
        }
        let (status, body) = bench.get(&router, "/readyz").await;
        assert!(status == 503 && body.contains("not written to"), "{status} {body}");
        assert_eq!(bench.get(&router, "/status").await, (503, "INDEX-STALE".into()));
        for alive in ["/healthz", "/status/live"] {
            assert_eq!(bench.get(&router, alive).await.0, 200, "{alive}");
        }
    }
}
