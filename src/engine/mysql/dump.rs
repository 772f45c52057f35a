//! `mariadb-dump` or `mysqldump`, as they are told to dump a database.

use std::process::Command;

use percent_encoding::percent_decode_str;
use url::Url;

/// Either may be there. The password is in the environment, where other users of the machine do not see it.
pub(in crate::engine) fn dump_tools(url: &Url, database: &str) -> Vec<Command> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let parameter = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let tool = |program: &str| {
        let mut tool = Command::new(program);
        if let Some(password) = url.password() {
            tool.env("MYSQL_PWD", decoded(password));
        }
        let host = url.host_str().unwrap_or("localhost").trim_matches(['[', ']']);
        tool.arg("--no-defaults").arg(format!("--user={}", decoded(url.username())));
        match parameter("socket") {
            Some(socket) => tool.arg(format!("--socket={socket}")),
            None => tool.args([
                format!("--host={host}"),
                format!("--port={}", url.port().unwrap_or(3306)),
                "--protocol=tcp".into(),
            ]),
        };
        // an option that one of the servers' tools does not know is left out
        tool.args(["--routines", "--events", "--hex-blob", "--skip-dump-date", "--loose-no-tablespaces"]);
        tool.args(["--loose-set-gtid-purged=OFF", "--single-transaction", database]);
        tool
    };
    ["mariadb-dump", "mysqldump"].map(tool).into()
}
