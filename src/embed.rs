//! Scripts as a part of the program: the macro that embeds them, and what a build script does for it.

use std::path::Path;

use dbmigrate_files::Checkout;

use crate::script::{Repository, checkout};

/// Embeds a folder of scripts in the program: returns the [`Scripts`](crate::Scripts) of the folder as it was when the
/// program was compiled.
///
/// The folder is named relative to the crate's `Cargo.toml`. Files are read as [`Scripts::from_dir`](crate::Scripts::from_dir)
/// reads them, object files in `objects/` included; another folder for these follows as an option:
/// `embed!("migrations", objects = "views")`. Large texts are compressed.
///
/// What is wrong with the folder (a misnamed file, a gap, a number that is used twice, a file that is not text, an unknown
/// directive) is an error of the compiler, which names the file.
///
/// When a file changes, Cargo compiles the crate again. To also notice a new file, and to know the Git commit that the
/// journal records, the crate's `build.rs` calls [`embed_build`].
///
/// ```
/// let scripts = dbmigrate::embed!("migrations-example/sqlite");
/// assert_eq!(scripts.highest().map(|number| number.to_string()).as_deref(), Some("0017"));
/// ```
///
/// A folder that a deployment would refuse does not compile:
///
/// ```compile_fail
/// let scripts = dbmigrate::embed!("docs");
/// ```
#[cfg(feature = "embed")]
#[macro_export]
macro_rules! embed {
    ($folder:literal $($options:tt)*) => {
        $crate::internals::embed_files!(($crate) $folder $($options)*)
    };
}

/// For a crate's `build.rs`: compiles the crate again when a file is added to or removed from the folder, and makes the
/// commit of the Git checkout known to [`embed!`](crate::embed!).
///
/// The folder is named as in the macro. Scripts that differ from the commit are recorded as `COMMIT-dirty`. Outside a Git
/// repository, the journal records no commit.
///
/// ```no_run
/// dbmigrate::embed_build("migrations");
/// ```
pub fn embed_build(folder: impl AsRef<Path>) {
    for line in instructions(folder.as_ref()) {
        println!("cargo::{line}");
    }
}

/// Returns what Cargo is told.
fn instructions(folder: &Path) -> Vec<String> {
    let watch = |path: &Path| format!("rerun-if-changed={}", path.display());
    let mut lines = vec![watch(folder)];
    let Some(checkout) = checkout(folder) else { return lines };
    lines.push(format!("rustc-env={}={}", Checkout::variable(folder), checkout.value()));
    // Git writes a line to the log whenever HEAD names another commit
    let log = Repository::of(folder).ok().and_then(|repository| repository.git_path("logs/HEAD"));
    lines.extend(log.filter(|log| log.exists()).map(|log| watch(&log)));
    lines
}

#[cfg(all(test, feature = "embed"))]
mod tests {
    use crate::Scripts;
    use crate::script::embedded::{File, Texts, scripts};

    #[test]
    fn embedded_scripts_are_those_of_the_folder() {
        let folder = Scripts::from_dir("migrations-example/sqlite").expect("readable");
        let described = |scripts: &Scripts| {
            let files = scripts.files().map(|file| {
                (
                    file.name(),
                    file.path().to_owned(),
                    file.checksum().expect("readable"),
                    file.title().map(str::to_owned),
                )
            });
            files.collect::<Vec<_>>()
        };
        assert_eq!(described(&embed!("migrations-example/sqlite")), described(&folder));
        let objects = embed!("migrations-example/sqlite", objects = "migrations-example/sqlite/objects");
        assert_eq!(described(&objects), described(&folder));
        assert!(!objects.objects().is_empty() && objects.problems().is_empty());
    }

    #[test]
    fn compressed_texts_are_the_same() {
        let text = "SELECT 'é';\n".repeat(100);
        let bytes = miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 6).leak();
        let file = |path, length, commit| File { path, object: None, length, commit };
        let files = [file("m/Script-0001.sql", 13 * 60, "4f2a"), file("m/Script-0002.sql", text.len() - 13 * 60, "")];
        let scripts = scripts(&files, &Texts::Deflated(bytes));
        let read = |at: usize| scripts.scripts()[at].read().expect("in memory").as_str().to_owned();
        assert_eq!(read(0) + &read(1), text);
        let commits = scripts.commits(scripts.files());
        assert_eq!(commits.into_iter().collect::<Vec<_>>(), [("Script-0001.sql".to_owned(), "4f2a".to_owned())]);
    }
}
