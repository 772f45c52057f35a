//! `mariadb-dump` and `mysqldump`, with the arguments that make them dump a database.

use std::process::Command;

use percent_encoding::percent_decode_str;
use url::Url;

/// Returns both commands: either may be installed. The password is in the environment, where other users of the machine
/// cannot see it.
pub(super) fn dump_tools(url: &Url, database: &str) -> Vec<Command> {
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
        tool.args(encryption(program, &parameter));
        // a tool ignores a `--loose-` option that it does not know
        tool.args(["--routines", "--events", "--hex-blob", "--skip-dump-date", "--loose-no-tablespaces"]);
        tool.args(["--loose-set-gtid-purged=OFF", "--single-transaction", database]);
        tool
    };
    ["mariadb-dump", "mysqldump"].map(tool).into()
}

/// Returns the URL's encryption as options of a program: MySQL's and MariaDB's programs have different ones.
fn encryption(program: &str, parameter: &impl Fn(&str) -> Option<String>) -> Vec<String> {
    let files = ["ssl-ca", "ssl-cert", "ssl-key"];
    let mut options =
        files.iter().filter_map(|name| Some(format!("--{name}={}", parameter(name)?))).collect::<Vec<_>>();
    let Some(mode) = parameter("ssl-mode").map(|mode| mode.to_ascii_lowercase()) else { return options };
    if program == "mysqldump" {
        options.push(format!("--ssl-mode={}", mode.to_ascii_uppercase()));
        return options;
    }
    match mode.as_str() {
        "disabled" => options.push("--skip-ssl".into()),
        "verify_identity" => options.extend(["--ssl".into(), "--ssl-verify-server-cert".into()]),
        "required" | "verify_ca" => options.push("--ssl".into()),
        _ => {}
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encryption_is_that_of_the_url() {
        for (query, mariadb, mysql) in [
            ("", "", ""),
            ("?ssl-mode=disabled", "--skip-ssl", "--ssl-mode=DISABLED"),
            ("?ssl-mode=required&ssl-ca=a", "--ssl-ca=a --ssl", "--ssl-ca=a --ssl-mode=REQUIRED"),
            ("?ssl-mode=verify_identity", "--ssl --ssl-verify-server-cert", "--ssl-mode=VERIFY_IDENTITY"),
        ] {
            let url = format!("mysql://u:s3cret@h/shop{query}").parse().expect("a URL");
            let shown = |tool: &Command| {
                let arguments = tool.get_args().map(|argument| argument.to_string_lossy().into_owned());
                arguments.filter(|argument| argument.contains("ssl")).collect::<Vec<_>>().join(" ")
            };
            let tools = dump_tools(&url, "shop");
            assert_eq!(tools.iter().map(shown).collect::<Vec<_>>(), [mariadb, mysql], "{query}");
        }
    }
}
