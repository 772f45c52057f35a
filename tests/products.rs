//! Products are named where they belong: in the engines and in the dialects of SQL.

use std::path::{Path, PathBuf};

/// Words by which a product, its client or its protocol is known.
const PRODUCTS: [&str; 16] = [
    "azure",
    "cockroach",
    "libpq",
    "mariadb",
    "mssql",
    "mysql",
    "pg_dump",
    "postgres",
    "psql",
    "rusqlite",
    "sqlcmd",
    "sqlite",
    "sqlserver",
    "sql server",
    "t-sql",
    "tiberius",
];

/// The folders in which products may be named.
const THEIRS: [&str; 2] = ["src/engine", "src/sql"];

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Returns the lines of a file that are neither a test nor an example.
fn product_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let (mut in_tests, mut in_example) = (false, false);
    text.lines().enumerate().filter(move |(_, line)| {
        in_tests |=
            line.starts_with("mod tests {") || line.starts_with("#[cfg(test)]") || line.starts_with("#[cfg(all(test");
        let is_fence = line.trim_start().trim_start_matches('/').trim_start_matches('!').trim().starts_with("```");
        in_example ^= is_fence;
        !in_tests && !in_example
    })
}

#[test]
fn no_file_outside_the_engines_names_a_product() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_test = |path: &Path| path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs");
    let mut found = Vec::new();
    for path in ["src", "files/src", "macros/src"].into_iter().flat_map(|folder| files(&root.join(folder))) {
        let shown = path.strip_prefix(root).expect("it is in the project").to_owned();
        if THEIRS.iter().any(|folder| shown.starts_with(folder)) || is_test(&shown) || shown.ends_with("every.rs") {
            continue;
        }
        // a snapshot is a test
        let Some(text) = std::fs::read_to_string(&path).ok().filter(|_| !shown.to_string_lossy().contains(".snap"))
        else {
            continue;
        };
        for (at, line) in product_lines(&text) {
            let lower = line.to_lowercase();
            if let Some(product) = PRODUCTS.iter().find(|product| lower.contains(*product)) {
                found.push(format!("{}:{}: {product}", shown.display(), at + 1));
            }
        }
    }
    assert!(found.is_empty(), "products are named outside their folders:\n{}", found.join("\n"));
}

#[test]
fn features_of_engines_are_asked_for_in_one_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for path in files(&root.join("src")).into_iter().filter(|path| path.extension() == Some("rs".as_ref())) {
        let shown = path.strip_prefix(root).expect("it is in the project").display().to_string();
        let text = std::fs::read_to_string(&path).expect("it is text");
        // the list of engines, and the one place that turns a lint off where an engine is left out
        let may = ["src/engine/mod.rs", "src/lib.rs"].contains(&shown.as_str());
        let others = ["adopt", "embed", "sqs"].map(|feature| format!("feature = \"{feature}\""));
        let without = |line: &str| others.iter().fold(line.to_owned(), |line, other| line.replace(other, ""));
        let asks = product_lines(&text).any(|(_, line)| without(line).contains("feature = \""));
        found.extend((asks && !may).then_some(shown));
    }
    assert!(found.is_empty(), "features of engines are asked for in {found:?}");
}
