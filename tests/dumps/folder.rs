//! A folder with a baseline, and the real program run on it.

use std::process::{Command, Stdio};

use tempfile::TempDir;

pub(crate) struct Folder {
    dir: TempDir,
    url: String,
}

/// How a run of the program ended, and all that it wrote.
pub(crate) struct Run {
    code: Option<i32>,
    pub(crate) said: String,
}

impl Folder {
    /// With this text as `Baseline.sql`, for the database of this URL.
    pub(crate) fn new(url: impl AsRef<str>, baseline: impl AsRef<[u8]>) -> Self {
        let folder = Self { dir: tempfile::tempdir().expect("a temporary folder"), url: url.as_ref().into() };
        folder.write("Baseline.sql", baseline.as_ref());
        folder
    }

    pub(crate) fn script(&self, number: usize, text: &str) {
        self.write(&format!("Script-{number:04}.sql"), text.as_bytes());
    }

    fn write(&self, name: &str, text: &[u8]) {
        std::fs::write(self.dir.path().join(name), text).expect("a file");
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dbmigrate"));
        command.args(arguments).args(["--dir", "."]).current_dir(self.dir.path()).stdin(Stdio::null()).env_clear();
        command.env("DBMIGRATE_URL", &self.url).env("HOME", self.dir.path());
        let output = command.output().expect("the program runs");
        let said = [output.stdout, output.stderr].concat();
        Run { code: output.status.code(), said: String::from_utf8(said).expect("UTF-8") }
    }

    pub(crate) fn rebuild(&self) -> Run {
        self.run(&["rebuild", "--yes"])
    }
}

impl Run {
    pub(crate) fn succeeds(self) {
        assert_eq!(self.code, Some(0), "{}", self.said);
    }

    /// It fails, and says all of this.
    pub(crate) fn fails(self, lines: &[&str]) {
        assert!(matches!(self.code, Some(1 | 4)), "{:?}: {}", self.code, self.said);
        for line in lines {
            assert!(self.said.contains(line), "{line} is not in:\n{}", self.said);
        }
    }
}
