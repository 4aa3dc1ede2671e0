//! An ad as every answer names it.

use crate::record::AdKey;
use serde_json::{Value, json};

pub(super) fn key_json(key: &AdKey) -> Value {
    json!({ "key": key.to_string(), "site": key.site, "ad_id": key.ad_id })
}
