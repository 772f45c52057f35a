//! The texts that users read keep to plain English: words for which there is a plainer one stay out.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

/// Words, and what to write instead.
const WORDS: [(&str, &str); 8] = [
    ("behind", "after, following"),
    ("nobody|somebody|whoever", "no one; or name the actor: the server, another run, the user"),
    ("stands? (behind|before|beside|in|more than)", "is"),
    ("goes on|go on with", "resumes, continues"),
    ("mend(s|ed|ing)?", "fix, correct, resolve"),
    ("to be had", "is available; could not acquire"),
    ("for ever", "indefinitely"),
    ("lets? go of", "release"),
];

/// Places where such a word means what it says.
const ALLOWED: [&str; 6] = [
    "behind PgBouncer",
    "behind a pooler",
    "behind a proxy",
    "behind a load balancer",
    "behind-baseline",
    "that is behind,",
];

#[test]
fn the_words_are_plain() {
    let words = WORDS.map(|(word, plain)| (Regex::new(&format!(r"(?i)\b({word})\b")).expect("a pattern"), plain));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"].map(|name| root.join(name)).to_vec();
    below(&root.join("docs"), "md", &mut files);
    for folder in ["src", "files/src", "macros/src", "fuzz/src", "examples"] {
        below(&root.join(folder), "rs", &mut files);
    }
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("it can be read");
        let is_code = file.extension().is_some_and(|extension| extension == "rs");
        for (number, line) in text.lines().enumerate() {
            let prose = if is_code { prose(line) } else { line.to_owned() };
            let prose = ALLOWED.iter().fold(prose, |prose, allowed| prose.replace(allowed, ""));
            let odd = words.iter().find_map(|(word, plain)| Some((word.find(&prose)?.as_str().to_owned(), plain)));
            let place = file.strip_prefix(root).unwrap_or(&file).display().to_string();
            found.extend(odd.map(|(word, plain)| format!("{place}:{}: {word:?}; write: {plain}", number + 1)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The files below a folder with an extension.
fn below(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("it can be read") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            below(&path, extension, files);
        } else if path.extension().is_some_and(|own| own == extension) {
            files.push(path);
        }
    }
}

/// What a line of code says in its comment and its strings.
fn prose(line: &str) -> String {
    static STRINGS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""(?:[^"\\]|\\.)*""#).expect("a pattern"));
    if line.ends_with('\\') {
        // a string that continues
        return line.to_owned();
    }
    let comment = line.find("//").map_or("", |at| &line[at..]);
    let strings = STRINGS.find_iter(line).map(|found| found.as_str()).collect::<Vec<_>>().join(" ");
    format!("{strings} {comment}")
}
