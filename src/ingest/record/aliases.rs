//! Names of columns in other people's scrapes, and what each can mean.
//!
//! The trap: names are compared [squashed](squash), without case and punctuation, so no two names here may differ in
//! those alone. Personal traits stand here to be dropped.

/// What a column can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Field {
    Site,
    AdId,
    Url,
    PostedAt,
    CollectedAt,
    Title,
    Text,
    Phones,
    Poster,
    Location,
    City,
    Region,
    Country,
    Category,
    Latitude,
    Longitude,
    Pdq,
    Quality,
    Sha256,
    Sha1,
    Md5,
    Video,
    Images,
}

/// Names of each field, the documented one first, then those seen in scrapers, schemas and papers.
pub(super) const ALIASES: &[(Field, &[&str])] = &[
    (Field::Site, &["site", "source", "domain", "host", "website", "team"]),
    (Field::AdId, &["ad_id", "id", "post_id", "posting_id", "backpage_id", "listing_id", "item_id", "key"]),
    (
        Field::Url,
        &[
            "url",
            "obj_original_url",
            "ad_url",
            "page_url",
            "link",
            "uri",
            "post_url",
            "permalink",
            "obj_parent",
        ],
    ),
    (
        Field::PostedAt,
        &[
            "posted_at",
            "posted_date",
            "date_posted",
            "post_date",
            "published_at",
            "posted",
            "date",
            "upload_timestamp",
        ],
    ),
    (
        Field::CollectedAt,
        &[
            "collected_at",
            "timestamp_crawl",
            "crawled_at",
            "scraped_at",
            "timestamp",
            "ts",
            "_processed_at",
            "collected",
            "archive_date",
        ],
    ),
    (Field::Title, &["title", "posted_title", "headline", "upload_title"]),
    (
        Field::Text,
        &[
            "text",
            "body",
            "posting_body",
            "description",
            "caption",
            "extracted_text",
            "content",
            "raw_content",
            "text_content",
        ],
    ),
    (Field::Phones, &["phones", "phone", "phone_number", "phone_numbers", "phone_mentioned"]),
    (Field::Poster, &["poster", "username", "user", "account", "profile_id", "email"]),
    (Field::Location, &["location", "location_mentioned", "place"]),
    (Field::City, &["city"]),
    (Field::Region, &["region", "state", "province"]),
    (Field::Country, &["country"]),
    (Field::Category, &["category", "ad_type", "section"]),
    (Field::Latitude, &["lat", "latitude", "geo_lat"]),
    (Field::Longitude, &["lon", "longitude", "lng", "geo_lon", "geo_lng"]),
    (
        Field::Pdq,
        &["pdq", "pdq_hash", "pdq_hex", "image_pdq", "image_hash", "perceptual_hash", "perceptual_hashes"],
    ),
    (Field::Quality, &["quality", "pdq_quality", "image_quality"]),
    (Field::Sha256, &["sha256", "image_sha256", "file_sha256", "hash_sha256"]),
    (Field::Sha1, &["sha1", "image_sha1", "file_sha1"]),
    (Field::Md5, &["md5", "image_md5", "file_md5"]),
    (Field::Video, &["video", "videos", "video_url", "video_urls", "video_path", "video_file"]),
    (
        Field::Images,
        &[
            "images",
            "image",
            "image_paths",
            "image_path",
            "image_files",
            "image_file",
            "image_filename",
            "image_name",
            "local_path",
            "photos",
            "photo",
            "pictures",
            "picture",
            "pics",
            "pic",
            "img",
            "imgs",
            "media",
            "objects",
            "files",
            "file",
            "filename",
            "path",
            "image_urls",
            "image_url",
            "img_url",
            "img_src",
            "photo_url",
            "photo_urls",
            "obj_stored_url",
            "archive_location",
        ],
    ),
];

/// Traits of persons: matching photos needs none of them.
pub(super) const DROPPED: &[&str] = &[
    "age",
    "posted_age",
    "birth_date",
    "date_of_birth",
    "gender",
    "sex",
    "ethnicity",
    "ethnicities",
    "race",
    "nationality",
    "nationalities",
    "measurements",
    "height",
    "weight",
    "bust",
    "waist",
    "hips",
    "eye_color",
    "hair_color",
    "skin_color",
    "complexion",
    "orientation",
    "religion",
    "disability",
    "health",
    "immigration_status",
];

/// A name without case and punctuation.
pub(super) fn squash(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a column of this name is understood without being told.
pub(in crate::ingest) fn knows_column(name: &str) -> bool {
    let wanted = squash(name);
    ALIASES.iter().any(|(_, names)| names.iter().any(|known| squash(known) == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_name_means_one_thing() {
        let mut seen = BTreeSet::new();
        for name in ALIASES.iter().flat_map(|(_, names)| names.iter()).chain(DROPPED) {
            assert!(seen.insert(squash(name)), "{name} stands twice");
        }
    }
}
