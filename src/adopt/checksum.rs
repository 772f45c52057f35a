//! The checksums of other tools, of the untouched text.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{Hash, Hasher};
use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use md5::Md5;
use regex::Regex;
use sha2::{Digest, Sha256, Sha384};
use siphasher::sip::SipHasher13;

use super::migration::Migration;

/// The tool records no checksums.
pub(super) fn none(migrations: &[&Migration]) -> Vec<Vec<String>> {
    vec![Vec::new(); migrations.len()]
}

/// Each migration has its own.
pub(super) fn each(migrations: &[&Migration], of: impl Fn(&Migration) -> Vec<String>) -> Vec<Vec<String>> {
    migrations.iter().map(|migration| of(migration)).collect()
}

/// SHA-384 in hexadecimal digits.
pub(super) fn sha384(bytes: &[u8]) -> String {
    hex(&Sha384::digest(bytes))
}

/// SHA-256 in hexadecimal digits, as the text is and with either line end.
pub(super) fn whatever_ends(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let unix = text.replace("\r\n", "\n");
    let windows = unix.replace('\n', "\r\n");
    distinct([hex(&Sha256::digest(bytes)), hex(&Sha256::digest(unix)), hex(&Sha256::digest(windows))])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        use std::fmt::Write;
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The CRC32 of the lines without their ends, and without a byte order mark: `ChecksumCalculator.java`.
pub(super) fn flyway(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut hasher = crc32fast::Hasher::new();
    // as Java's BufferedReader reads lines
    for line in text.split_inclusive(['\r', '\n']) {
        hasher.update(line.trim_end_matches(['\r', '\n']).as_bytes());
    }
    hasher.finalize().cast_signed().to_string()
}

/// SipHash-1-3 of name, version and text, with versions of 4 bytes and of 8 (the feature `int8-versions`):
/// `refinery_core/src/runner.rs`.
pub(super) fn refinery(migration: &Migration) -> Vec<String> {
    let name = migration.file.below.rsplit('/').next().unwrap_or_default();
    let name = name.split_once("__").map_or("", |(_, rest)| rest.trim_end_matches(".sql"));
    let Ok(version) = migration.part.version.parse::<i64>() else { return Vec::new() };
    let text = String::from_utf8_lossy(&migration.bytes);
    let sum = |version: &dyn Fn(&mut SipHasher13)| {
        let mut hasher = SipHasher13::new();
        name.hash(&mut hasher);
        version(&mut hasher);
        text.hash(&mut hasher);
        hasher.finish().to_string()
    };
    let long = sum(&|hasher| version.hash(hasher));
    let short = i32::try_from(version).ok().map(|version| sum(&|hasher| version.hash(hasher)));
    short.into_iter().chain([long]).collect()
}

/// MD5 in Base64 of the text with doubled quotes and Unix line ends: `src/grate.core/Infrastructure/HashGenerator.cs`. `RoundhousE`
/// has kept other line ends. With tokens in the text, it depends on their values.
pub(super) fn grate(text: &str) -> Vec<String> {
    static TOKEN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\{\{\w+\}\}").expect("the pattern is a constant that the tests compile"));
    if TOKEN.is_match(text) {
        return Vec::new();
    }
    let doubled = text.replace('\'', "''");
    let unix = doubled.replace("\r\n", "\n").replace('\r', "\n");
    let windows = unix.replace('\n', "\r\n");
    distinct([unix, doubled, windows].map(|text| BASE64_STANDARD.encode(Md5::digest(text))))
}

/// MD5 in upper-case hexadecimal digits of the text with Unix line ends, or of the file as it is: `MigrationScript.cs`.
pub(super) fn evolve(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n");
    distinct([hex(&Md5::digest(text)), hex(&Md5::digest(bytes))].map(|sum| sum.to_uppercase()))
}

/// MD5 of the text without blanks, by version 9 of the rule: `AbstractSQLChange.java`, `ChangeSet.java`. With placeholders in the text,
/// it depends on their values.
pub(super) fn liquibase(text: &str) -> Vec<String> {
    if text.contains("${") {
        return Vec::new();
    }
    let dense = text.bytes().filter(|byte| !b" \n\r\t".contains(byte)).collect::<Vec<_>>();
    let part = hex(&Md5::digest(dense));
    vec![format!("9:{}", hex(&Md5::digest(format!("9:{part}:"))))]
}

/// SHA-256 in Base64 of the names and bytes of all files so far: `sql/migrate/dir.go`. Of none if the folder is no longer
/// whole, because a part of it was adopted before.
pub(super) fn atlas(migrations: &[&Migration]) -> Vec<Vec<String>> {
    let Some(folder) = migrations.first().and_then(|first| first.file.path.parent()) else { return Vec::new() };
    let names = fs::read_to_string(folder.join("atlas.sum")).unwrap_or_default();
    let names = names.lines().skip(1).filter_map(|line| line.rsplit_once(" h1:")).map(|(name, _)| name);
    let (mut sums, mut sum) = (BTreeMap::new(), Sha256::new());
    for name in names {
        let Ok(bytes) = fs::read(folder.join(name)) else { return none(migrations) };
        sum.update(name);
        sum.update(bytes);
        sums.insert(name.to_owned(), BASE64_STANDARD.encode(sum.clone().finalize()));
    }
    each(migrations, |migration| sums.get(&migration.file.below).cloned().into_iter().collect())
}

fn distinct(sums: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut all = Vec::new();
    for sum in sums {
        if !all.contains(&sum) {
            all.push(sum);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::Tool;
    use super::super::files::OldPath;
    use super::super::migration::Part;
    use super::*;

    /// The migration of a tool in a file with this name and text.
    fn migration(tool: Tool, name: &str, text: &str) -> Migration {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, text).expect("written");
        let Some(super::super::OldFile::Script { version, description }) = tool.look(name) else { panic!("{name}") };
        let file = OldPath { path, below: name.into() };
        let whole = Part { version, description, ..Part::default() };
        Migration::of(tool, &file, whole).expect("a migration").remove(0)
    }

    fn sums(tool: Tool, name: &str, text: &str) -> Vec<String> {
        (tool.traits().checksums)(&[&migration(tool, name, text)]).remove(0)
    }

    /// The values are those of the tools' own tests, where they have some.
    #[test]
    fn checksums_are_those_that_the_tools_record() {
        let flyway = |text: &str| sums(Tool::Flyway, "V1__x.sql", text);
        assert_eq!(flyway("SELECT 1;\n"), flyway("\u{feff}SELECT 1;\r\n"));
        assert_eq!(flyway("SELECT\n1;"), flyway("SELECT1;"));
        assert_eq!(flyway(""), ["0"]);
        assert_eq!(flyway("123456789"), ["-873187034"], "the check value of CRC-32, 0xcbf43926, as Java's int");
        let sqlx = sums(Tool::Sqlx, "1_x.sql", "abc");
        assert_eq!(sqlx[0].get(..8), Some("cb00753f"), "the check value of SHA-384");
        let prisma = |text: &str| sums(Tool::Prisma, "1_x/migration.sql", text);
        assert_eq!(prisma("abc"), ["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"]);
        assert_eq!(prisma("a\nb").len(), 2);
        // refinery/tests/postgres.rs
        let text = "CREATE TABLE persons (\n    id int,\n    name varchar(255),\n    city varchar(255)\n);\n";
        let refinery = sums(Tool::Refinery, "V1__initial.sql", text);
        assert_eq!(refinery, ["2959965718684201605", "13938959368620441626"]);
        let text = "CREATE TABLE cars (\n    id int,\n    name varchar(255)\n);\n";
        assert_eq!(sums(Tool::Refinery, "V02__add_cars_table.sql", text)[0], "8238603820526370208");
        // unittests/Basic/HashGenerator_.cs, CryptographicServiceSpecs.cs
        for tool in [Tool::Grate, Tool::Roundhouse] {
            let sums = sums(tool, "up/x.sql", "I want to see what the freak is going on here");
            assert_eq!(sums, ["TMGPZJmBhSO5uYbf/TBqNA=="]);
        }
        assert_eq!(grate("SELECT 'x';\r\n"), ["4s/E/gphiqYnuTc8hhHwaQ==", "AuHcc0FpITvcpO73qzLbjA=="]);
        assert_eq!(grate("SELECT '{{x}}';"), Vec::<String>::new());
        // test/Evolve.Tests/AssertHelper.cs
        let evolve = sums(Tool::Evolve, "V2_3_1__x.sql", "\u{feff}SELECT 2;");
        assert_eq!(evolve[0], "6C7E36422F79696602E19079534B4076");
        // UpgradeChecksumVersionIntegrationTest.groovy
        let text = "--liquibase formatted sql\n--changeset a:1\nselect 1\n--rollback x\n";
        assert_eq!(sums(Tool::Liquibase, "x.sql", text)[0], "9:3b78b9910981c62ca27148640fad7bc2");
        assert_eq!(liquibase("create table thisShouldRun(id int)")[0], "9:62336a615e62e89c9d86128d1ca60ecf");
        assert_eq!(liquibase("SELECT ${x}"), Vec::<String>::new());
        assert_eq!(sums(Tool::Goose, "1_x.sql", "abc"), Vec::<String>::new());
    }

    #[test]
    fn a_checksum_may_be_of_all_files_so_far() {
        let dir = tempfile::tempdir().expect("a folder");
        let names = ["20240101000000_a.sql", "20240102000000_b.sql"];
        for (name, text) in names.iter().zip(["CREATE TABLE a (id int);\n", "CREATE TABLE b (id int);\n"]) {
            std::fs::write(dir.path().join(name), text).expect("written");
        }
        let sum = "h1:x\n20240101000000_a.sql h1:x\n20240102000000_b.sql h1:x\n";
        std::fs::write(dir.path().join("atlas.sum"), sum).expect("written");
        let migrations = names.map(|name| {
            let file = OldPath { path: dir.path().join(name), below: name.into() };
            Migration::of(Tool::Atlas, &file, Part { version: name.into(), ..Part::default() }).expect("one").remove(0)
        });
        let all = atlas(&migrations.iter().collect::<Vec<_>>());
        let expected = ["vnjepTRgNyxUIqLQW5AERyOdkApBX8Oww4FcIJoejAs=", "zboMCRm02vJDooHeFRtrrISan6bq+alv9oKU2thUe1I="];
        assert_eq!(all.concat(), expected, "the program's own");
        std::fs::remove_file(dir.path().join(names[0])).expect("removed");
        assert_eq!(atlas(&[&migrations[1]]), [Vec::<String>::new()], "the files before it are gone");
    }
}
