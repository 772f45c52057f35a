//! Repairs: what `repair` changed in the journal, for whom, and why.

use super::{Author, Entry, FORMAT, JournalSql};
use crate::schema::{Fingerprint, Schema};
use crate::script::Script;
use crate::sql::tables_beside;

/// A repair to be recorded.
pub(crate) struct Repair<'a> {
    /// The row as it is.
    pub(crate) entry: &'a Entry,
    /// The script whose text is accepted, with its text; `None` deletes the row.
    pub(crate) accepted: Option<(&'a Script, Option<&'a str>)>,
    pub(crate) reason: &'a str,
    pub(crate) author: &'a Author,
}

/// A schema that is accepted although no run has left it.
pub(crate) struct Acceptance<'a> {
    /// The last script of the journal.
    pub(crate) last: &'a Entry,
    /// The fingerprint of what was recorded.
    pub(crate) old: &'a Fingerprint,
    pub(crate) schema: &'a Schema,
    pub(crate) reason: &'a str,
}

impl JournalSql {
    /// Returns the statement that records who has accepted a schema, and why.
    pub(crate) fn acceptance(&self, acceptance: &Acceptance<'_>, author: &Author) -> String {
        let Acceptance { last, old, schema, reason } = acceptance;
        let (table, number, now) = (self.repairs(), last.number.get(), self.dialect.now);
        let (old, new) = (old.to_string(), schema.fingerprint().to_string());
        let [run, script, old, new] = [&author.run, &last.script, &old, &new].map(|text| self.literal(text));
        let [state, reason, by] = [last.state.as_str(), reason, &author.applied_by].map(|text| self.literal(text));
        let [action, version] = ["accepted schema", crate::VERSION].map(|text| self.literal(text));
        format!(
            "INSERT INTO {table} (run, number, script, action, old_checksum, new_checksum, old_state, reason, repaired_at, \
             repaired_by, tool_version, format) \
             VALUES ({run}, {number}, {script}, {action}, {old}, {new}, {state}, {reason}, {now}, {by}, {version}, {FORMAT})"
        )
    }

    /// Returns the tables beside the journal: its repairs, its snapshots, and its objects.
    pub(super) fn beside(&self) -> [String; 3] {
        // the closing quote is one character on every engine
        let (name, quote) = self.table.split_at(self.table.len() - 1);
        tables_beside(name).map(|table| format!("{table}{quote}"))
    }

    /// Returns the table of repairs, which is beside the journal.
    pub(crate) fn repairs(&self) -> String {
        let [repairs, ..] = self.beside();
        repairs
    }

    /// Returns the statement that creates the table of repairs if there is none.
    pub(crate) fn create_repairs(&self) -> String {
        let table = self.repairs();
        let sql = self.dialect.repairs.trim_end().replace("{literal}", &self.literal(&table));
        sql.replace("{table}", &table)
    }

    /// Returns the statements that record a repair, with the text that the journal had, and perform it.
    pub(crate) fn repair(&self, repair: &Repair<'_>) -> [String; 2] {
        let Repair { entry, accepted, reason, author } = repair;
        let optional = |text: Option<&str>| text.map_or_else(|| "NULL".into(), |text| self.literal(text));
        let number = entry.number.get();
        let checksum = accepted.map(|(script, _)| script.known_checksum().to_string());
        let fields = [
            ("run", self.literal(&author.run)),
            ("number", number.to_string()),
            ("script", self.literal(&entry.script)),
            ("action", self.literal(if accepted.is_some() { "accepted" } else { "cleared" })),
            ("old_checksum", self.literal(&entry.checksum.to_string())),
            ("new_checksum", optional(checksum.as_deref())),
            ("old_state", self.literal(entry.state.as_str())),
            ("statements_done", entry.statements_done.map_or_else(|| "NULL".into(), |done| done.to_string())),
            ("reason", self.literal(reason)),
            ("repaired_at", self.dialect.now.into()),
            ("repaired_by", self.literal(&author.applied_by)),
            ("tool_version", self.literal(crate::VERSION)),
            ("git_commit", optional(author.commit.as_deref())),
            ("old_body", "body".into()),
            ("format", FORMAT.to_string()),
        ];
        let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
        let (names, values, table) = (names.join(", "), values.join(", "), &self.table);
        let note =
            format!("INSERT INTO {} ({names}) SELECT {values} FROM {table} WHERE number = {number}", self.repairs());
        let act = match accepted {
            None => format!("DELETE FROM {table} WHERE number = {number}"),
            Some((script, body)) => format!(
                "UPDATE {table} SET checksum = {}, title = {}, body = {} WHERE number = {number}",
                self.literal(&script.known_checksum().to_string()),
                optional(script.title()),
                optional(*body),
            ),
        };
        [note, act]
    }
}
