//! The checksums of other tools, of the untouched text.

use sha2::{Digest, Sha256, Sha384};

use super::Tool;

/// Returns the checksums that the tool may have recorded for a file with these bytes, the usual one first; none if it records
/// none.
pub(crate) fn checksums(tool: Tool, bytes: &[u8]) -> Vec<String> {
    match tool {
        Tool::Flyway => vec![flyway(bytes).to_string()],
        // sqlx-core/src/migrate/migration.rs: the raw text
        Tool::Sqlx => vec![hex(&Sha384::digest(bytes))],
        // schema-connector/src/checksum.rs: also with the other line ends
        Tool::Prisma => {
            let text = String::from_utf8_lossy(bytes);
            let unix = text.replace("\r\n", "\n");
            let windows = unix.replace('\n', "\r\n");
            let mut all = vec![hex(&Sha256::digest(bytes)), hex(&Sha256::digest(unix)), hex(&Sha256::digest(windows))];
            all.dedup();
            all
        }
        Tool::Dbup | Tool::Dbmate | Tool::GolangMigrate | Tool::Goose => Vec::new(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        use std::fmt::Write;
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The CRC32 of the lines without their ends, and without a byte order mark: `ChecksumCalculator.java`.
fn flyway(bytes: &[u8]) -> i32 {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut hasher = crc32fast::Hasher::new();
    // as Java's BufferedReader reads lines
    for line in text.split_inclusive(['\r', '\n']) {
        hasher.update(line.trim_end_matches(['\r', '\n']).as_bytes());
    }
    hasher.finalize().cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_that_the_tools_record() {
        // CRC32 of "SELECT 1;", whatever the line ends and the mark
        let of = |text: &str| checksums(Tool::Flyway, text.as_bytes());
        assert_eq!(of("SELECT 1;\n"), of("\u{feff}SELECT 1;\r\n"));
        assert_eq!(of("SELECT\n1;"), of("SELECT1;"));
        assert_eq!(of(""), ["0"]);
        assert_eq!(of("123456789"), ["-873187034"], "the check value of CRC-32, 0xcbf43926, as Java's int");
        assert_eq!(checksums(Tool::Sqlx, b"abc")[0].get(..8), Some("cb00753f"), "the check value of SHA-384");
        assert_eq!(
            checksums(Tool::Prisma, b"abc"),
            ["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"]
        );
        assert_eq!(checksums(Tool::Prisma, b"a\nb").len(), 2);
        assert_eq!(checksums(Tool::Goose, b"abc"), Vec::<String>::new());
    }
}
