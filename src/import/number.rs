//! The numbers in the names that `DbUp` has recorded.

use std::sync::LazyLock;

use regex::Regex;

use crate::script::Number;

/// Returns the number in a name that the other tool has recorded: at the start of the file's name, or there after the
/// word `Script`.
///
/// In the names of embedded scripts, dots also separate folders, and an underscore precedes a digit. The file's name
/// may contain dots as well: it begins with the first part that has a number, unless that is a folder
/// (`Script2.0012-x`).
pub(super) fn number(name: &str) -> Option<Number> {
    let stem = name.get(..name.len().wrapping_sub(4)).filter(|_| name.to_ascii_lowercase().ends_with(".sql"));
    let file = stem.unwrap_or(name).rsplit(['/', '\\']).next()?;
    let parts = file.split('.').collect::<Vec<_>>();
    let numbered = |part: &&str| STARTS.is_match(part) || SCRIPT.is_match(part);
    // a folder is only a number without leading zeros, and what follows it begins like a file: with a zero or `Script`
    let is_folder = |at: usize| FOLDER.is_match(parts[at]) && parts.get(at + 1).is_some_and(|next| FILE.is_match(next));
    let at = (0..parts.len()).find(|at| numbered(&parts[*at]) && !is_folder(*at))?;
    // `V1.2.3__x` has a version, not a script number
    let is_version = |part: &str| VERSION.is_match(part);
    if !SCRIPT.is_match(parts[at])
        && (at > 0 && is_version(parts[at - 1]) && parts[at].starts_with(|c: char| c.is_ascii_digit())
            || is_version(parts[at]) && parts.len() > at + 1)
    {
        return None;
    }
    let found = STARTS.captures(parts[at]).or_else(|| SCRIPT.captures(parts[at]))?;
    Number::new(found[1].parse().ok()?).ok()
}

static STARTS: LazyLock<Regex> = LazyLock::new(|| pattern(r"^_*0*([0-9]+)(?:[^0-9]|$)"));
static SCRIPT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^_*script[ _-]*0*([0-9]+)(?:[^0-9]|$)"));
static VERSION: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^_*v?[0-9]+$"));
static FOLDER: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^(?:_*|script)[1-9][0-9]*$"));
static FILE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^_*(?:script[ _-]*[0-9]|0[0-9]*(?:[ _-]|$))"));

fn pattern(pattern: &'static str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that the tests compile")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_found_in_names_of_all_kinds() {
        for (name, expected) in [
            ("Script-0007.sql", Some(7)),
            ("Script0001 - Create tables.sql", Some(1)),
            ("MyCompany.Shop.Scripts.Script0012 - Add 2 columns.sql", Some(12)),
            ("MyCompany.Shop2.Scripts.0003_orders.sql", Some(3)),
            ("Shop._2024._0042-x.sql", Some(42)),
            ("0005-customers.sql", Some(5)),
            ("0006.sql", Some(6)),
            ("migrations/year2024/0008 views.sql", Some(8)),
            ("migrations\\0009.SQL", Some(9)),
            ("script 10.sql", Some(10)),
            ("Script0000.sql", Some(0)),
            ("Shop.Scripts.Script0011.Create.sql", Some(11)),
            ("Shop.Script2.0012-x.sql", Some(12)),
            ("2024/0013 x.sql", Some(13)),
            ("Script0003 - Release 2.1.sql", Some(3)),
            ("Script0002 - Fixes for v2.1.sql", Some(2)),
            ("Shop.Scripts.Script0004 - Release 2.1.0 (final).sql", Some(4)),
            ("Shop.Scripts.Script0004 - Script 7 again.sql", Some(4)),
            ("Script0005.Release 2.1.sql", Some(5)),
            ("0014 - Release 2.1.sql", Some(14)),
            ("Shop.Scripts._0015_Release_2.1.sql", Some(15)),
            ("Shop.Script0016.sql", Some(16)),
            ("Shop._2024.Script0017.sql", Some(17)),
            ("Shop.v2.Scripts.0018-x.sql", Some(18)),
            ("Script0003.1 - Hotfix.sql", Some(3)),
            ("Shop.Scripts.Script0003.1 - Hotfix.sql", Some(3)),
            ("Shop.Script3.1 - Hotfix.sql", Some(3)),
            ("0001.2 fix.sql", None),
            ("Prescript0019.sql", None),
            ("Script99999999999.sql", None),
            ("ä.sql", None),
            ("V1.2.3__x.sql", None),
            ("1.2.sql", None),
            ("Grants.sql", None),
            ("Permissions2.sql", None),
            ("", None),
        ] {
            assert_eq!(number(name).map(Number::get), expected, "{name}");
        }
    }
}
