//! What is written on a template: nothing connects to it to find out.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::str::FromStr;

use percent_encoding::{CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::script::{Checksum, Number};

/// What is known of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Card {
    /// The hash of everything that it was built from.
    pub(crate) key: Checksum,
    /// The highest number that is applied in it.
    pub(crate) at: Number,
    /// Whether the objects are applied in it.
    pub(crate) objects: bool,
    /// The fingerprint of its schema.
    pub(crate) fingerprint: String,
    pub(crate) bytes: u64,
    /// When it was made or copied for the last time, in UTC.
    pub(crate) used: String,
    /// The databases that are rebuilt from it.
    pub(crate) users: BTreeSet<String>,
    /// The comment that its scripts have given the database.
    pub(crate) comment: Option<String>,
}

/// The first line.
const HEAD: &str = "dbmigrate template 1";

impl Card {
    /// Notes that a database is built from the template now.
    pub(crate) fn use_for(&mut self, user: &str) {
        self.users.insert(user.to_owned());
        self.used = humantime::format_rfc3339_millis(std::time::SystemTime::now()).to_string();
    }

    /// Returns the text: a line for each fact.
    pub(crate) fn text(&self) -> String {
        let Self { key, at, objects, fingerprint, bytes, used, users, comment } = self;
        let mut text = format!(
            "{HEAD}\nkey {key}\nat {}\nobjects {objects}\nfingerprint {fingerprint}\nbytes {bytes}\nused {used}\n",
            at.get()
        );
        let encoded = |text: &String| utf8_percent_encode(text, CONTROLS).to_string();
        for (word, value) in
            users.iter().map(|user| ("user", user)).chain(comment.iter().map(|comment| ("comment", comment)))
        {
            // a percent sign is encoded, too, so that the text can be decoded
            let _ = writeln!(text, "{word} {}", encoded(&value.replace('%', "%25")));
        }
        text
    }

    /// Reads such a text; `None` if it is another.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        lines.next().filter(|head| *head == HEAD)?;
        let facts = lines.filter_map(|line| line.split_once(' ')).collect::<Vec<_>>();
        let all = |word: &'static str| facts.iter().filter(move |(name, _)| *name == word).map(|(_, value)| *value);
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(Into::into).ok();
        Some(Self {
            key: parsed(all("key").next())?,
            at: Number::new(parsed(all("at").next())?).ok()?,
            objects: parsed(all("objects").next())?,
            fingerprint: parsed(all("fingerprint").next())?,
            bytes: parsed(all("bytes").next())?,
            used: parsed(all("used").next())?,
            users: all("user").filter_map(decoded).collect(),
            comment: all("comment").find_map(decoded),
        })
    }
}

fn parsed<T: FromStr>(value: Option<&str>) -> Option<T> {
    value?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let card = Card {
            key: Checksum::of("key"),
            at: Number::new(1000).expect("a number"),
            objects: true,
            fingerprint: "ab12".into(),
            bytes: 20_000_000,
            used: String::new(),
            users: ["a shop".to_owned()].into(),
            comment: Some("100%25\nof \u{e9}".into()),
        };
        let mut used = card.clone();
        used.use_for("other\nname");
        assert_ne!(used.used, card.used);
        assert_eq!(Card::read(&used.text()), Some(used.clone()), "{}", used.text());
        assert_eq!(used.users.len(), 2);
        for other in ["", "a comment of the user's", "dbmigrate template 2\nkey x\n", "dbmigrate template 1\nat 7\n"] {
            assert_eq!(Card::read(other), None, "{other}");
        }
    }
}
