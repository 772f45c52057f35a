//! Texts that name a database: what every engine needs to read them, and what is wrong with one.

mod error;
pub(crate) mod pairs;
mod parts;

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

pub use self::error::TargetError;
pub(crate) use self::parts::{Found, Parts, from_jdbc, server_url};

/// Returns a text with its percent-encoded characters decoded, unless that would be no text.
pub(crate) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8().map_or_else(|_| text.to_owned(), Cow::into_owned)
}

/// Returns the names and values after the `?` of a URL, decoded.
pub(crate) fn query_pairs(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}
