//! The difference between two texts.

/// Returns the unified diff of two texts; each comes with its name for the header.
pub(crate) fn unified(before: (&str, &str), after: (&str, &str)) -> String {
    similar::TextDiff::from_lines(before.1, after.1).unified_diff().header(before.0, after.0).to_string()
}
