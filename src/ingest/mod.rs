//! Ads and image files into a case.
