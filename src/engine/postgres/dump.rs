//! `pg_dump`, with the arguments that make it dump a database.

use std::process::Command;

use url::Url;

/// Returns the command. The password is in the environment, where other users of the machine cannot see it.
pub(super) fn dump_tools(url: &Url) -> Vec<Command> {
    let mut bare = url.clone();
    let user =
        url.password().map(|password| percent_encoding::percent_decode_str(password).decode_utf8_lossy().into_owned());
    let parameter = url.query_pairs().find(|(name, _)| name == "password").map(|(_, value)| value.into_owned());
    let others = url.query_pairs().filter(|(name, _)| name != "password").collect::<Vec<_>>();
    bare.set_query(None);
    if !others.is_empty() {
        bare.query_pairs_mut().extend_pairs(others);
    }
    let _ = bare.set_password(None);
    let mut tool = Command::new("pg_dump");
    if let Some(password) = parameter.or(user) {
        tool.env("PGPASSWORD", password);
    }
    // the owners are those of the scratch database: the user that builds a database from the dump owns its contents
    tool.arg("--no-owner").arg(format!("--dbname={bare}"));
    vec![tool]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_argument_has_the_password() {
        for url in [
            "postgres://u:s%40cret@h:5433/shop?sslmode=require",
            "postgres://u@h:5433/shop?password=s%40cret&sslmode=require",
        ] {
            let tool = dump_tools(&url.parse().expect("a URL")).remove(0);
            let arguments = tool.get_args().map(|argument| argument.to_string_lossy()).collect::<Vec<_>>();
            assert_eq!(arguments, ["--no-owner", "--dbname=postgres://u@h:5433/shop?sslmode=require"]);
            let environment = tool.get_envs().collect::<Vec<_>>();
            assert_eq!(environment, [("PGPASSWORD".as_ref(), Some("s@cret".as_ref()))]);
        }
    }
}
