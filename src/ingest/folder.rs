//! A folder of images as ads.

use super::reading::Reading;
use crate::error::Result;
use std::path::Path;

/// Reads a folder and all below it.
pub(super) fn read(_root: &Path, _reading: &mut Reading<'_, '_>) -> Result<()> {
    Ok(())
}
