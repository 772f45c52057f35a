//! The grammar of file names: scripts, baselines, and files that only look like one.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::LazyLock;

use regex::Regex;

/// The number of a script: the `NNNN` of `Script-NNNN.sql`. A plain `Baseline.sql` is number 0.
///
/// ```
/// use dbmigrate::Number;
///
/// let number: Number = "7".parse()?;
/// assert_eq!(number.to_string(), "0007");
/// assert_eq!(number.next().to_string(), "0008");
/// # Ok::<(), dbmigrate::error::NumberError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(u32);

impl Number {
    /// The number of `Baseline.sql`.
    pub const BASELINE: Self = Self(0);

    /// The highest possible number: 4294967294.
    pub const MAX: Self = Self(u32::MAX - 1);

    /// Returns the number for an integer.
    ///
    /// # Errors
    ///
    /// If the integer is above [`Number::MAX`].
    pub fn new(number: u64) -> Result<Self, NumberError> {
        u32::try_from(number).ok().map(Self).filter(|number| *number <= Self::MAX).ok_or(NumberError::TooLarge)
    }

    /// The number as an integer.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The number after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The number before this one; for `0000`, `0000` itself.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// The name of the script with this number.
    #[must_use]
    pub fn script_name(self) -> String {
        format!("Script-{self}.sql")
    }

    /// The name of the baseline that holds everything through this number.
    #[must_use]
    pub fn baseline_name(self) -> String {
        if self == Self::BASELINE { "Baseline.sql".into() } else { format!("Baseline-{self}.sql") }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NumberError::NotANumber);
        }
        text.parse().map_err(|_| NumberError::TooLarge).and_then(Self::new)
    }
}

/// Why a text is not a [`Number`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The text has something other than decimal digits.
    #[error("not a number: a script's number is made of decimal digits, like 0042")]
    NotANumber,
    /// The number is above [`Number::MAX`].
    #[error("the number is too large: the highest is {}", Number::MAX)]
    TooLarge,
}

/// Whether a file is a baseline or a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `Baseline.sql` or `Baseline-NNNN.sql`: everything through its number, as the start of a new database.
    Baseline,
    /// `Script-NNNN.sql`: one step.
    Script,
}

/// The meaning of a file name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileName {
    /// A script or a baseline with its number.
    Named(Kind, Number),
    /// A name that looks like a script's but is not; with the right name, if it is clear.
    NearMiss(Option<String>),
    /// The number is too large.
    TooLarge,
    /// Any other name, which dbmigrate ignores.
    Other,
}

static EXACT: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^(?:(Baseline)(?:-([0-9]{4,}))?|(?:Script-([0-9]{4,})))\.sql$"));
static NEAR_SCRIPT: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"^(?i:scripts?[-_. \u{00A0}\u{2010}-\u{2015}\u{2212}]*([0-9]+).*\.sql(?:\.txt)?|scripts?[-_].*\.sql)$")
});
static NEAR_BASELINE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^(?i:base-?line[-_. \u{00A0}\u{2010}-\u{2015}\u{2212}]*([0-9]*).*\.sql(?:\.txt)?)$"));

fn regex(pattern: &'static str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that the tests compile")
}

impl FileName {
    /// Reads the file name of a path.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        Self::parse(&path.file_name().unwrap_or_default().to_string_lossy())
    }

    /// Reads a file name, which has no folders.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        if let Some(found) = EXACT.captures(name) {
            let kind = if found.get(1).is_some() { Kind::Baseline } else { Kind::Script };
            return match found.get(2).or(found.get(3)).map_or(Ok(Number::BASELINE), |digits| digits.as_str().parse()) {
                Ok(Number::BASELINE) if kind == Kind::Script => Self::NearMiss(Some(Number(1).script_name())),
                Ok(number) => Self::Named(kind, number),
                Err(_) => Self::TooLarge,
            };
        }
        let right_name = |digits: Option<regex::Match<'_>>, name: fn(Number) -> String| {
            digits.and_then(|digits| digits.as_str().parse().ok()).map(name)
        };
        if let Some(found) = NEAR_SCRIPT.captures(name) {
            Self::NearMiss(right_name(found.get(1), Number::script_name))
        } else if let Some(found) = NEAR_BASELINE.captures(name) {
            let name = right_name(found.get(1), Number::baseline_name);
            Self::NearMiss(name.or_else(|| Some(Number::BASELINE.baseline_name())))
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(name: &str) -> FileName {
        FileName::NearMiss(Some(name.into()))
    }

    #[test]
    fn names_are_read_exactly() {
        for (name, expected) in [
            ("Script-0001.sql", FileName::Named(Kind::Script, Number(1))),
            ("Script-00001.sql", FileName::Named(Kind::Script, Number(1))),
            ("Script-12345.sql", FileName::Named(Kind::Script, Number(12345))),
            ("Baseline.sql", FileName::Named(Kind::Baseline, Number(0))),
            ("Baseline-0500.sql", FileName::Named(Kind::Baseline, Number(500))),
            ("Script-99999999999999999999.sql", FileName::TooLarge),
            ("Script-4294967295.sql", FileName::TooLarge),
            ("Script-0000.sql", near("Script-0001.sql")),
            ("script-48.sql", near("Script-0048.sql")),
            ("Script-048.sql", near("Script-0048.sql")),
            ("Script-0048.SQL", near("Script-0048.sql")),
            ("Script_0048.sql", near("Script-0048.sql")),
            ("Script 0048.sql", near("Script-0048.sql")),
            ("Script\u{2013}0048.sql", near("Script-0048.sql")),
            ("Script\u{2014}0048.sql", near("Script-0048.sql")),
            ("Script\u{2011}0048.sql", near("Script-0048.sql")),
            ("Script\u{2212}0048.sql", near("Script-0048.sql")),
            ("Baseline\u{2013}0048.sql", near("Baseline-0048.sql")),
            ("Script0048.sql", near("Script-0048.sql")),
            ("Scripts-0048.sql", near("Script-0048.sql")),
            ("Script-0048 copy.sql", near("Script-0048.sql")),
            ("Script-0048-add-email.sql", near("Script-0048.sql")),
            ("Script-0048.sql.txt", near("Script-0048.sql")),
            ("Script-.sql", FileName::NearMiss(None)),
            ("baseline.sql", near("Baseline.sql")),
            ("Baseline-500.sql", near("Baseline-0500.sql")),
            ("Baseline copy.sql", near("Baseline.sql")),
            ("README.md", FileName::Other),
            ("scripts.sql", FileName::Other),
            ("Script-0048.sql~", FileName::Other),
            ("transcript-0001.sql", FileName::Other),
        ] {
            assert_eq!(FileName::parse(name), expected, "{name}");
        }
    }

    #[test]
    fn numbers_are_digits_and_have_a_limit() {
        assert_eq!("0042".parse(), Ok(Number(42)));
        assert_eq!("".parse::<Number>(), Err(NumberError::NotANumber));
        assert_eq!("-1".parse::<Number>(), Err(NumberError::NotANumber));
        assert_eq!("99999999999999999999".parse::<Number>(), Err(NumberError::TooLarge));
    }
}
