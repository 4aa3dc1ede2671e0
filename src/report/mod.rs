//! The HTML report.
//!
//! First version.

use crate::explain::Joined;
use serde_json::{Map, Value};

/// Folder of the pages that networks get when there are too many ads for one file.
pub const PAGES_FOLDER: &str = "networks";

/// One HTML file.
#[derive(Debug, Clone)]
pub struct Page {
    /// Name relative to the output folder, with `/`.
    pub name: String,
    /// The file's text.
    pub html: String,
}

/// What the report says about how it was made.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Version of adlink.
    pub version: &'a str,
    /// What decides the findings.
    pub parameters: &'a Map<String, Value>,
}

/// The report.
pub fn pages(_joined: &Joined<'_>, _about: &About<'_>) -> Vec<Page> {
    Vec::new()
}
