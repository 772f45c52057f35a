//! Alembic, with the SQL that `alembic upgrade head --sql` writes: a comment begins each migration.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::super::pattern;
use super::{Column, Evidence, Journal, Meaning, Migration, Part, Traits, USUAL, Verdict, ends_within};

const DOWN: &str = "it goes down: write it with alembic upgrade";

pub(super) const TRAITS: Traits = Traits {
    name: "alembic",
    title: "Alembic",
    files: &[
        (r"(?i)^(.*)\.sql$", Meaning::Script),
        (r"(?:^|/)(?:[0-9_-]+_)?([0-9a-f]{8,})_([^/]+)\.py$", Meaning::Code),
    ],
    evidence: Evidence::Contains("-- Running upgrade"),
    package: "alembic",
    first: Some("write their SQL: alembic upgrade head --sql > all.sql; then adopt its folder"),
    refuses: |text| text.contains("-- Running downgrade").then_some(DOWN),
    parts,
    arrange,
    journal: Journal {
        tables: &["alembic_version"],
        rank: Column::Text("version_num"),
        version: Column::Text("version_num"),
        ..Journal::NONE
    },
    verdict: |_| Verdict::Through,
    ..USUAL
};

static STEP: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^-- Running upgrade (.*?) -> ([^\s,]+).*\r?\n"));
/// The statements that write the journal, with the batch's end.
static VERSION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?im)^(?:INSERT INTO|UPDATE|DELETE FROM) (?:\S+\.)?\W?alembic_version\b[^;]*;\s*(?:^GO[ \t]*\r?\n)?")
});
static TABLE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?is)CREATE TABLE (?:\S+\.)?\W?alembic_version\b.*?\);\s*(?:^GO[ \t]*\r?\n)?"));
/// What begins and ends transactions.
static FRAME: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?im)^(?:BEGIN|BEGIN TRANSACTION|COMMIT);[ \t]*\r?\n\s*(?:^GO[ \t]*\r?\n\s*)?"));
static END: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\s*(?:(?:BEGIN|BEGIN TRANSACTION|COMMIT);\s*(?:GO\s+)?)+\z"));

fn parts(whole: &Part) -> Vec<Part> {
    let text = format!("{}\n", whole.text.trim_end());
    let steps = STEP.captures_iter(&text).filter_map(|found| {
        let at = found.get(0)?.range();
        let after = found[1].split(", ").map(str::trim).filter(|id| !id.is_empty()).map(ToOwned::to_owned);
        Some((at, after.collect::<Vec<_>>(), found[2].to_owned()))
    });
    let steps = steps.collect::<Vec<_>>();
    let mut parts = Vec::<Part>::new();
    // what comes before the first one, without the journal
    let head = steps.first().map_or("", |(first, ..)| &text[..first.start]);
    let head = FRAME.replace_all(&TABLE.replace(head, ""), "").trim().to_owned();
    for (at, (range, after, version)) in steps.iter().enumerate() {
        let end = steps.get(at + 1).map_or(text.len(), |(next, ..)| next.start);
        let body = VERSION.replace_all(&text[range.end..end], "");
        let body = body.trim();
        let (body, tail) = body.split_at(END.find(body).map_or(body.len(), |end| end.start()));
        let body = format!("{}\n", body.trim());
        // a transaction that ends in the middle
        let no_transaction = ends_within(&FRAME, &body, tail);
        let body = if no_transaction { FRAME.replace_all(&body, "").into_owned() } else { body };
        let body = if at == 0 && !head.is_empty() { format!("{head}\n\n{body}") } else { body };
        let (version, after) = (version.clone(), after.clone());
        parts.push(Part { version, after, text: body, no_transaction, ..Part::default() });
    }
    parts
}

/// Each one follows those that it names; apart from that, they stay in their order.
fn arrange(migrations: &mut [Migration]) {
    let all = migrations.iter().map(|one| one.part.version.clone()).collect::<BTreeSet<_>>();
    let mut waiting = migrations.iter().collect::<Vec<_>>();
    let mut order = Vec::<String>::new();
    while !waiting.is_empty() {
        let is_ready =
            |one: &&Migration| one.part.after.iter().all(|before| order.contains(before) || !all.contains(before));
        // a circle has no beginning
        let next = waiting.remove(waiting.iter().position(is_ready).unwrap_or(0));
        order.push(next.part.version.clone());
    }
    migrations.sort_by_key(|one| order.iter().position(|version| *version == one.part.version));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_a_migration() {
        let text = "BEGIN;\n\nCREATE TABLE alembic_version (\n    version_num VARCHAR(32) NOT NULL, \n    PRIMARY KEY (version_num)\n);\n\n\
                    -- Running upgrade  -> a1\n\nCREATE TABLE t (id integer);\n\n\
                    INSERT INTO alembic_version (version_num) VALUES ('a1') RETURNING alembic_version.version_num;\n\n\
                    -- Running upgrade a1 -> b2\n\nCOMMIT;\n\nVACUUM;\n\nBEGIN;\n\nSELECT 1;\n\n\
                    UPDATE alembic_version SET version_num='b2' WHERE alembic_version.version_num = 'a1';\n\n\
                    -- Running upgrade a1, b2 -> c3\n\nSELECT 2;\n\n\
                    DELETE FROM alembic_version WHERE alembic_version.version_num = 'a1';\n\nCOMMIT;\n\n";
        let parts = parts(&Part { text: text.into(), ..Part::default() });
        let read = parts.iter().map(|part| (&*part.version, part.after.join(" "), &*part.text, part.no_transaction));
        let expected = [
            ("a1", String::new(), "CREATE TABLE t (id integer);\n", false),
            ("b2", "a1".into(), "VACUUM;\n\nSELECT 1;\n", true),
            ("c3", "a1 b2".into(), "SELECT 2;\n", false),
        ];
        assert_eq!(read.collect::<Vec<_>>(), expected);
        assert_eq!((TRAITS.refuses)("-- Running downgrade b2 -> a1\n"), Some(DOWN));
    }
}
