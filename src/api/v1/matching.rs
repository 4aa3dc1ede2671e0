//! `POST /v1/match`: where is this photo known?

use super::hash::query_json;
use super::match_options::MatchOptions;
use super::query::{QuerySubject, read};
use super::verdict::verdict;
use crate::analysis::{Analysis, analyse_with_features};
use crate::api::http::answer::{Answered, Problem, ok};
use crate::api::http::request::ApiRequest;
use crate::api::state::service::Service;
use crate::features::QUERY;
use crate::record::Image;
use crate::search::SearchQuery;
use std::sync::Arc;

/// What was asked about, made ready.
enum KnownQuery {
    Picture(Box<Analysis>),
    Hash(Box<Image>),
}

pub(crate) async fn matching(service: Arc<Service>, mut asked: ApiRequest) -> Answered {
    let (subject, mut given) = read(&mut asked).await?;
    let options = MatchOptions::read(&mut given, service.options.radius)?;
    given.finish()?;
    options.check_banks(&service.banks.index)?;
    service.disclosures.check()?;
    let by = asked.caller.clone();
    let answer = service
        .ask(move |service, case| {
            let known = match subject {
                QuerySubject::Hash(image) => KnownQuery::Hash(image),
                QuerySubject::Picture(bytes) => {
                    match analyse_with_features(&bytes, &service.options.limits, QUERY) {
                        Ok(seen) => KnownQuery::Picture(Box::new(seen)),
                        Err(why) => return Ok(Err(Problem::of_image(&why))),
                    }
                }
            };
            let (query, keypoints) = match &known {
                KnownQuery::Picture(seen) => {
                    (SearchQuery::Picture(seen), Some(seen.features.keypoints.len()))
                }
                KnownQuery::Hash(image) => (SearchQuery::Hashes(image), None),
            };
            let mut answer = verdict(service, case, query, &options, &by)?;
            answer["query"] = query_json(query.image(), keypoints);
            Ok(Ok(answer))
        })
        .await??;
    ok(&answer)
}
