//! `pg_dump`, as it is told to dump a database.

use std::process::Command;

use url::Url;

/// The password is in the environment, where other users of the machine do not see it.
pub(in crate::engine) fn dump_tools(url: &Url) -> Vec<Command> {
    let mut bare = url.clone();
    let password = url.password().map(|password| percent_encoding::percent_decode_str(password).decode_utf8_lossy());
    let mut tool = Command::new("pg_dump");
    if let Some(password) = password.filter(|_| bare.set_password(None).is_ok()) {
        tool.env("PGPASSWORD", &*password);
    }
    // owners are the scratch database's: whoever builds a database from the dump owns what is in it
    tool.arg("--no-owner").arg(format!("--dbname={bare}"));
    vec![tool]
}
