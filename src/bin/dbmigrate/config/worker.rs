//! `[worker]`: what a message may name.

use anyhow::{Context, Result};
use glob::Pattern;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorkerConfig {
    /// The commits, tags and branches that a message may name.
    #[serde(default)]
    refs: Vec<String>,
    /// Whether the clone is brought up to date before a message's commit is looked for.
    #[serde(default)]
    pub(crate) fetch: bool,
}

impl WorkerConfig {
    /// Returns the patterns of what a message may name.
    pub(crate) fn refs(&self) -> Result<Vec<Pattern>> {
        let pattern = |text: &String| Pattern::new(text).with_context(|| format!("[worker] refs: {text:?}"));
        self.refs.iter().map(pattern).collect()
    }
}
