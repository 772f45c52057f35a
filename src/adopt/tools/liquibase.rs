//! Liquibase, with changelogs in SQL: a file has several change sets, and another changelog says the order of the files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use super::super::files::{below, joined, walk};
use super::super::pattern;
use super::super::{MappedScript, checksum};
use super::{Column, Evidence, Journal, Meaning, Migration, OldRow, Part, Placeholders, Role, Traits, USUAL, Verdict};

const CHANGELOG: &str = "a changelog that only says the order, which is taken over: delete it";
const PROPERTIES: &str = "a changelog that says the order, which is taken over, and sets properties: give the variables their \
                          values, and delete it";
const ON_CHANGE: &str = "it has change sets that run again (runOnChange, runAlways): object files are applied after all scripts. If a \
                         later change set needs what one creates, put its first version into a script";
const NOT_INCLUDED: &str = "no changelog includes it, so Liquibase does not run it: nothing was done with it";

pub(super) const TRAITS: Traits = Traits {
    name: "liquibase",
    title: "Liquibase",
    files: &[(r"(?i)^(.*)\.(?:sql|xml|ya?ml|json)$", Meaning::Script)],
    evidence: Evidence::Marked(""),
    package: "liquibase",
    keyed_by_file: true,
    parts,
    arrange,
    placeholders: Placeholders::Braces,
    checksums: |migrations| checksum::each(migrations, |migration| checksum::liquibase(&migration.part.text)),
    // liquibase-standard/src/main/java/liquibase/sqlgenerator/core/CreateDatabaseChangeLogTableGenerator.java
    journal: Journal {
        tables: &["databasechangelog"],
        rank: Column::Text("orderexecuted"),
        version: Column::Text("id"),
        name: Column::Text("filename"),
        checksum: Column::Text("md5sum"),
        at: Column::Text("dateexecuted"),
        by: Column::Text("author"),
        mark: Column::Text("exectype"),
        ..Journal::NONE
    },
    verdict,
    shown: |row| {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        format!("{}: {}:{}", part(&row.name), part(&row.by), part(&row.version))
    },
    is_about,
    ..USUAL
};

fn verdict(row: &OldRow) -> Verdict {
    match row.mark.as_deref() {
        Some("FAILED") => Verdict::Failed("failed"),
        Some("SKIPPED") => Verdict::Ignored,
        _ => Verdict::Applied,
    }
}

/// A change set is known by its author, its id and its file, which may be named from another folder.
fn is_about(row: &OldRow, script: &MappedScript) -> bool {
    let (Some(id), Some(author), Some(file)) = (&row.version, &row.by, &row.name) else { return false };
    let version = format!("{author}:{id}");
    let file = file.strip_prefix("classpath:").unwrap_or(file).trim_start_matches("./");
    let (own, other) = (Path::new(&script.old_name), Path::new(file));
    let is_file = own.ends_with(other) || other.ends_with(own);
    script.old_version == version && is_file || script.old_version == format!("{version}:{file}")
}

// liquibase-standard/src/main/java/liquibase/parser/core/formattedsql/FormattedSqlChangeLogParser.java
static HEADER: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^\s*--\s*liquibase\s*formatted(.*)$"));
static CHANGE_SET: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(?i)^\s*--\s*changeset\s+(?:"([^"]+)"|'([^']+)'|(\S+?)):(?:"([^"]+)"|'([^']+)'|(\S+))(.*)$"#)
});
static ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| pattern(r#"(\w+):(?:"([^"]*)"|'([^']*)'|(\S+))"#));
static WORD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\s*--\s*(comment|rollback|property|ignorelines|preconditions|precondition-[a-z0-9-]+|validchecksum|liquibase)\b:?\s*(.*)$",
    )
});
static ROLLBACK: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?is)/\*\s*liquibase\s+rollback\b.*?\*/\r?\n?"));
static PROPERTY: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)name:(\S+)\s+value:(\S+)"));

/// Splits a changelog into its change sets.
fn parts(whole: &Part) -> Vec<Part> {
    let first = whole.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if whole.text.contains("databaseChangeLog") && !HEADER.is_match(first) {
        return other_change_sets(whole);
    }
    let Some(header) = HEADER.captures(first) else {
        let left = Some("it has no --liquibase formatted sql: nothing was done with it");
        return vec![Part { left, ..whole.clone() }];
    };
    let common = attributes(&header[1]);
    let stem = whole.version.rsplit('/').next().unwrap_or_default();
    let text = ROLLBACK.replace_all(&whole.text, "");
    let (mut parts, mut notes, mut ignored) = (Vec::<Part>::new(), Vec::new(), Ignored::Not);
    for line in text.split_inclusive('\n') {
        let word = WORD.captures(line.trim_end()).map(|found| (found[1].to_lowercase(), found[2].trim().to_owned()));
        if ignored.takes(word.as_ref()) {
            continue;
        }
        if let Some(found) = CHANGE_SET.captures(line.trim_end()) {
            let group =
                |groups: [usize; 3]| groups.into_iter().find_map(|at| found.get(at)).map_or("", |one| one.as_str());
            let mut attributes = attributes(found.get(7).map_or("", |rest| rest.as_str()));
            for (name, value) in &common {
                attributes.entry(name.clone()).or_insert_with(|| value.clone());
            }
            parts.push(change_set(group([1, 2, 3]), group([4, 5, 6]), &attributes, stem));
            continue;
        }
        match (word, parts.last_mut()) {
            (Some((word, rest)), Some(part)) if word == "comment" => part.description = rest,
            (Some((word, rest)), _) if word == "property" => notes.extend(property(&rest)),
            (Some((word, rest)), Some(part)) if word.starts_with("precondition-") => {
                part.notes.push(format!("{} has a precondition, which has no counterpart: {rest}", part.version));
            }
            (None, Some(part)) => part.text.push_str(line),
            _ => {}
        }
    }
    if let Some(first) = parts.first_mut() {
        first.notes.splice(0..0, notes);
    }
    parts
}

/// Where a change set begins in XML, YAML or JSON.
static OTHER: LazyLock<Regex> = LazyLock::new(|| pattern(r#"<changeSet\b|"changeSet"\s*:|(?m)^\s*-?\s*changeSet\s*:"#));
static COMMENT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?s)<!--.*?-->"));
static NAME: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"\b(id|author)\W{0,2}\s*[:=]\s*(?:"([^"]*)"|'([^']*)'|([^\s,>}]+))"#));

/// Returns the change sets of a changelog that is not SQL: what they do has to be written.
fn other_change_sets(whole: &Part) -> Vec<Part> {
    let stem = whole.version.rsplit('/').next().unwrap_or_default();
    let text = COMMENT.replace_all(&whole.text, "");
    let starts = OTHER.find_iter(&text).map(|found| found.end()).collect::<Vec<_>>();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let sets = starts.iter().zip(ends).map(|(start, end)| {
        let mut names = BTreeMap::<String, String>::new();
        for found in NAME.captures_iter(&text[*start..end]) {
            let value = (2..=4).find_map(|at| found.get(at)).map_or("", |value| value.as_str());
            names.entry(found[1].to_owned()).or_insert_with(|| value.to_owned());
        }
        let name = |name: &str| names.get(name).cloned().unwrap_or_default();
        Part { role: Role::Code, ..change_set(&name("author"), &name("id"), &BTreeMap::new(), stem) }
    });
    let sets = sets.collect::<Vec<_>>();
    let order = if text.contains("property") { PROPERTIES } else { CHANGELOG };
    if sets.is_empty() { vec![Part { left: Some(order), ..whole.clone() }] } else { sets }
}

/// Whether lines are to be ignored: `--ignoreLines:3`, or between `--ignoreLines:start` and `--ignoreLines:end`.
enum Ignored {
    Not,
    Next(usize),
    UntilEnd,
}

impl Ignored {
    /// Whether a line is ignored, or says so itself.
    fn takes(&mut self, word: Option<&(String, String)>) -> bool {
        let said = word.filter(|(word, _)| word == "ignorelines").map(|(_, rest)| rest.to_lowercase());
        match (&*self, said.as_deref()) {
            (_, Some("start")) => *self = Self::UntilEnd,
            (_, Some("end")) => *self = Self::Not,
            (_, Some(count)) => *self = Self::Next(count.parse().unwrap_or(0)),
            (Self::UntilEnd, None) => {}
            (Self::Next(count), None) if *count > 0 => *self = Self::Next(count - 1),
            (Self::Not | Self::Next(_), None) => return false,
        }
        true
    }
}

fn property(text: &str) -> Option<String> {
    let found = PROPERTY.captures(text)?;
    Some(format!("it sets the property {0} to {1}: give the variable {0} this value", &found[1], &found[2]))
}

fn attributes(text: &str) -> BTreeMap<String, String> {
    let attributes = ATTRIBUTE.captures_iter(text).map(|found| {
        let value = (2..=4).find_map(|at| found.get(at)).map_or("", |value| value.as_str());
        (found[1].to_lowercase(), value.to_owned())
    });
    attributes.collect()
}

/// Returns a change set without its text. `stem` is the name of its file.
fn change_set(author: &str, id: &str, attributes: &BTreeMap<String, String>, stem: &str) -> Part {
    let is = |name: &str, value: &str| attributes.get(name).is_some_and(|one| one.eq_ignore_ascii_case(value));
    let version = match attributes.get("logicalfilepath") {
        Some(path) => format!("{author}:{id}:{path}"),
        None => format!("{author}:{id}"),
    };
    let is_conditional = |name: &&str| attributes.contains_key(*name);
    let conditions = ["context", "contextfilter", "labels", "dbms"].into_iter().filter(is_conditional);
    let mut notes = conditions
        .map(|name| format!("{version} runs only with {name}:{}, which has no counterpart", attributes[name]))
        .collect::<Vec<_>>();
    let delimiter = attributes.get("enddelimiter").filter(|one| !["GO", ";"].contains(&one.to_uppercase().as_str()));
    notes.extend(delimiter.map(|one| format!("{version} ends its statements with {one}: end them with a semicolon")));
    let repeats = is("runonchange", "true") || is("runalways", "true");
    notes.extend(repeats.then(|| ON_CHANGE.to_owned()));
    // a number alone says nothing
    let is_number = id.chars().all(|c| c.is_ascii_digit());
    let name = if is_number && !stem.is_empty() { format!("{stem} {id}") } else { id.to_owned() };
    Part {
        left: is("ignore", "true").then_some("it has a change set with ignore:true: nothing was done with that"),
        role: if repeats {
            let path = name.replace(|c: char| !c.is_alphanumeric() && c != '-', "_");
            Role::Object { path, is_always: is("runalways", "true") }
        } else {
            Role::Script
        },
        no_transaction: is("runintransaction", "false"),
        description: name,
        version,
        notes,
        ..Part::default()
    }
}

/// The files in the order in which the changelogs include them; without any, by their paths.
fn arrange(migrations: &mut [Migration]) {
    let roots = migrations.iter().map(|one| root(&one.file.path, &one.file.below)).collect::<BTreeSet<_>>();
    let files = roots.iter().flat_map(|root| included(root)).collect::<Vec<_>>();
    if files.is_empty() {
        return;
    }
    let place = |migration: &Migration| files.iter().position(|file| *file == migration.file.path);
    for migration in migrations.iter_mut().filter(|migration| place(migration).is_none()) {
        migration.part.left.get_or_insert(NOT_INCLUDED);
    }
    migrations.sort_by_key(place);
}

/// The old folder of a file.
fn root(path: &Path, below: &str) -> PathBuf {
    path.ancestors().nth(below.split('/').count()).unwrap_or(path).to_owned()
}

static INCLUDE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?s)\binclude(All)?\b[^>]*?\b(?:file|path)["']?\s*[:=]\s*["']?([^"'\s>,}]+)"#));

/// Returns the files that the changelogs of a folder include, in order.
fn included(root: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    if walk(root, &mut paths).is_err() {
        return Vec::new();
    }
    paths.sort();
    let is_changelog = |path: &&PathBuf| {
        path.extension()
            .is_some_and(|one| ["xml", "yaml", "yml", "json"].iter().any(|other| one.eq_ignore_ascii_case(other)))
    };
    let mut includes = BTreeMap::<&PathBuf, Vec<PathBuf>>::new();
    for changelog in paths.iter().filter(is_changelog) {
        let text = std::fs::read_to_string(changelog).unwrap_or_default();
        let named = INCLUDE
            .captures_iter(&text)
            .flat_map(|found| named(root, changelog, &paths, &found[2], found.get(1).is_some()));
        includes.insert(changelog, named.collect());
    }
    let inner = includes.values().flatten().cloned().collect::<BTreeSet<_>>();
    let mut order = Vec::new();
    for changelog in includes.keys().filter(|path| !inner.contains(**path)) {
        expand(changelog, &includes, &mut order);
    }
    order
}

/// Returns the files that an `include` or `includeAll` names: from its own folder, or else from the old one, or from one above that.
fn named(root: &Path, changelog: &Path, paths: &[PathBuf], name: &str, all: bool) -> Vec<PathBuf> {
    let name = name.strip_prefix("classpath:").unwrap_or(name).trim_start_matches('/').trim_end_matches('/');
    let near = joined(changelog.parent().unwrap_or(root), Path::new(name));
    let is_at = |path: &Path, place: &Path| if all { path.starts_with(place) } else { path == place };
    let ends = |path: &Path| {
        let part = if all { path.parent().unwrap_or(root) } else { path };
        // a name that begins above the old folder
        let below = below(part, &[root.to_owned()]).unwrap_or_default();
        part.ends_with(name) || !below.is_empty() && Path::new(name).ends_with(below)
    };
    let ways: [&dyn Fn(&Path) -> bool; 3] =
        [&|path| is_at(path, &near), &|path| is_at(path, &joined(root, Path::new(name))), &ends];
    let others = || paths.iter().filter(|path| path.as_path() != changelog);
    let found = ways.into_iter().map(|way| others().filter(|path| way(path)).cloned().collect::<Vec<_>>());
    found.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
}

fn expand(path: &PathBuf, includes: &BTreeMap<&PathBuf, Vec<PathBuf>>, order: &mut Vec<PathBuf>) {
    if order.contains(path) {
        return;
    }
    order.push(path.clone());
    for inner in includes.get(path).into_iter().flatten() {
        expand(inner, includes, order);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_set_is_a_migration() {
        let text = "--liquibase formatted sql\n--property name:seller value:Ann\n\n\
                    --changeset ann:1 runInTransaction:false\n--comment: Make room\nVACUUM;\n--rollback SELECT 1;\n\n\
                    -- changeset \"ann b\":\"the 2\" runOnChange:true context:\"a or b\"\n\
                    --preconditions onFail:MARK_RAN\n--precondition-sql-check expectedResult:0 SELECT 0\n\
                    SELECT 2; -- with a comment\n/* liquibase rollback\nDROP x;\n*/\n\
                    --changeset ann:3 ignore:true\nSELECT 3;\n--changeset ann:4 endDelimiter:/\n--ignoreLines:1\nSELECT 4;\nSELECT 5\n/\n";
        let parts = parts(&Part { text: text.into(), ..Part::default() });
        let object = |part: &Part| match &part.role {
            Role::Object { path, .. } => Some(path.clone()),
            _ => None,
        };
        let read = parts.iter().map(|part| (&*part.version, &*part.description, part.text.trim(), object(part)));
        let expected = [
            ("ann:1", "Make room", "VACUUM;", None),
            ("ann b:the 2", "the 2", "SELECT 2; -- with a comment", Some("the_2".to_owned())),
            ("ann:3", "3", "SELECT 3;", None),
            ("ann:4", "4", "SELECT 5\n/", None),
        ];
        assert_eq!(read.collect::<Vec<_>>(), expected);
        assert!(parts[0].no_transaction && !parts[1].no_transaction && parts[2].left.is_some());
        let notes = parts.iter().flat_map(|part| part.notes.clone()).collect::<Vec<_>>();
        let expected = [
            "it sets the property seller to Ann: give the variable seller this value",
            "ann b:the 2 runs only with context:a or b, which has no counterpart",
            ON_CHANGE,
            "ann b:the 2 has a precondition, which has no counterpart: expectedResult:0 SELECT 0",
            "ann:4 ends its statements with /: end them with a semicolon",
        ];
        assert_eq!(notes, expected);
    }

    #[test]
    fn change_sets_in_other_formats_have_to_be_written() {
        for text in [
            "<databaseChangeLog><changeSet id=\"1\" author=\"ann\"/><!-- <changeSet id=\"0\" author=\"x\"/> -->\n\
             <changeSet author=\"ann\" id=\"2\"><insert id=\"7\"/></changeSet></databaseChangeLog>",
            "databaseChangeLog:\n  - changeSet:\n      id: 1\n      author: ann\n  - changeSet:\n      id: 2\n      author: ann\n",
            "{\"databaseChangeLog\": [{\"changeSet\": {\"id\": \"1\", \"author\": \"ann\"}}, {\"changeSet\": {\"id\": \"2\", \"author\": \"ann\"}}]}",
        ] {
            let parts = parts(&Part { text: text.into(), ..Part::default() });
            let read = parts.iter().map(|part| (&*part.version, part.role == Role::Code)).collect::<Vec<_>>();
            assert_eq!(read, [("ann:1", true), ("ann:2", true)], "{text}");
        }
        let order = "databaseChangeLog:\n  - include:\n      file: 1.sql\n";
        let parts = parts(&Part { text: order.into(), ..Part::default() });
        assert_eq!(parts[0].left, Some(CHANGELOG));
    }

    #[test]
    fn the_changelogs_say_the_order() {
        let dir = tempfile::tempdir().expect("a folder");
        let root = dir.path().join("changelog");
        std::fs::create_dir_all(root.join("more")).expect("a folder");
        std::fs::create_dir_all(root.join("more/below")).expect("a folder");
        let files = [
            ("more/a.sql", ""),
            ("more/below/3.sql", ""),
            (
                "master.xml",
                "<include file=\"changelog/b.sql\"/>\n<include file=\"next.yaml\" relativeToChangelogFile=\"true\"/>",
            ),
            (
                "next.yaml",
                "databaseChangeLog:\n- includeAll:\n    path: more/\n    relativeToChangelogFile: true\n- include:\n    file: classpath:changelog/a.sql\n",
            ),
            ("a.sql", ""),
            ("b.sql", ""),
            ("c.sql", ""),
            ("more/2.sql", ""),
            ("more/1.sql", ""),
        ];
        for (name, text) in files {
            std::fs::write(root.join(name), text).expect("written");
        }
        let found = included(&root).into_iter().filter_map(|path| below(&path, std::slice::from_ref(&root)));
        // what is near comes before what only has the name, and a folder has everything below it
        let expected =
            ["master.xml", "b.sql", "next.yaml", "more/1.sql", "more/2.sql", "more/a.sql", "more/below/3.sql", "a.sql"];
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }
}
