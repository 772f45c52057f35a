//! TLS means to dbmigrate what it means to the servers' own clients: tables of what those do on private servers whose
//! certificates `tls/certificates.sh` makes, compared with what both do here.

#[path = "tls/mysql.rs"]
mod mysql;
#[path = "tls/postgres.rs"]
mod postgres;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// Certificates, a folder with scripts, and folders to be at home in.
struct Stage {
    folder: TempDir,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let stage = Self { folder };
        open_to_all(stage.folder.path());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/tls/certificates.sh");
        succeeds(Command::new("bash").arg(script).arg(stage.path("certificates")));
        fs::create_dir_all(stage.path("project/migrations")).expect("a folder");
        fs::write(stage.path("project/migrations/Script-0001.sql"), "SELECT 1;\n").expect("a file");
        stage
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// One of the certificates' files.
    fn file(&self, name: &str) -> PathBuf {
        self.path("certificates").join(name)
    }

    /// What `dbmigrate status` shows, with the names of files as the tables have them.
    fn dbmigrate(&self, url: &str, environment: &[(String, String)]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dbmigrate"));
        command.args(["status", "--wait", "1h", "--url", url]).current_dir(self.path("project"));
        let output = clean(&mut command, environment).output().expect("the program runs");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let home = environment.iter().rfind(|(name, _)| name == "HOME").map_or("/none", |(_, home)| home.as_str());
        let certificates = self.file("").display().to_string();
        text.replace(&certificates, "").replace(certificates.trim_end_matches('/'), ".").replace(home, "~")
    }
}

/// A program without what this machine's environment says of servers.
fn clean<'a>(command: &'a mut Command, environment: &[(String, String)]) -> &'a mut Command {
    let environment = environment.iter().map(|(name, value)| (name, value));
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).env("LC_ALL", "C").envs(environment).stdin(Stdio::null())
}

/// The rows of a table, in groups of the same certificate.
fn rows(table: &'static str) -> impl Iterator<Item = [&'static str; 4]> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| <[&str; 4]>::try_from(line.split('\t').collect::<Vec<_>>()).expect("four columns"))
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port()
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Servers refuse to run as root.
fn command_of(user: &str, program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", user, "--"]).arg(program);
    command
}

fn succeeds(command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// A copy of a file that only the server's user may read.
fn hand_over(user: &str, from: &Path, to: &Path) {
    fs::copy(from, to).expect("it can be copied");
    succeeds(Command::new("chmod").arg("600").arg(to));
    if is_root() {
        succeeds(Command::new("chown").arg(user).arg(to));
    }
}

#[cfg(unix)]
fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o711)).expect("it is ours");
}
