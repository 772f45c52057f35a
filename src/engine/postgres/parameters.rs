//! The parameters of a URL.

use crate::engine::parameters::Meaning::{Alias, Always, ConnectTimeout, Ignored, Kept, Noted, Refused, Words};
use crate::engine::parameters::Parameters;

/// Those of `libpq` (<https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS>) and of other programs.
pub(super) const PARAMETERS: Parameters = &[
    ("sslmode", Kept),
    ("sslrootcert", Kept),
    ("sslcert", Kept),
    ("sslkey", Kept),
    ("host", Kept),
    ("hostaddr", Kept),
    ("port", Kept),
    ("user", Kept),
    ("password", Kept),
    ("dbname", Kept),
    ("application_name", Kept),
    ("options", Kept),
    ("service", Kept),
    ("connect_timeout", ConnectTimeout),
    ("target_session_attrs", Noted),
    ("fallback_application_name", Ignored),
    // a wish of JDBC that libpq grants, too
    ("ssl", Words { name: "sslmode", words: &[("true", "require")], expected: "it is true: write sslmode instead" }),
    (
        "client_encoding",
        Always { values: &["utf8", "utf-8", "auto"], expected: "it is UTF8: scripts are sent as UTF-8" },
    ),
    (
        "gssencmode",
        Always { values: &["disable", "prefer"], expected: "it is disable or prefer: GSSAPI is not supported" },
    ),
    ("sslnegotiation", Always { values: &["postgres"], expected: "it is postgres: direct TLS is not supported" }),
    (
        "replication",
        Always { values: &["false", "off", "no", "0"], expected: "it is false: scripts need an ordinary session" },
    ),
    ("requiressl", Refused("write sslmode=require")),
    ("sslcrl", Refused("revocation lists are not supported: leave it out")),
    ("sslcrldir", Refused("revocation lists are not supported: leave it out")),
    ("sslpassword", Refused("an encrypted key cannot be used: decrypt it into a file that only you can read")),
    ("requirepeer", Refused("the server's user is not checked: leave it out")),
    ("require_auth", Refused("the method of the login is not checked: leave it out")),
    ("passfile", Refused("name the file in the environment variable PGPASSFILE")),
    ("servicefile", Refused("name the file in the environment variable PGSERVICEFILE")),
    ("channel_binding", Ignored),
    ("keepalives", Ignored),
    ("keepalives_idle", Ignored),
    ("keepalives_interval", Ignored),
    ("keepalives_count", Ignored),
    ("tcp_user_timeout", Ignored),
    ("krbsrvname", Ignored),
    ("gsslib", Ignored),
    ("gssdelegation", Ignored),
    ("load_balance_hosts", Ignored),
    ("min_protocol_version", Ignored),
    ("max_protocol_version", Ignored),
    ("ssl_min_protocol_version", Ignored),
    ("ssl_max_protocol_version", Ignored),
    ("sslcompression", Ignored),
    ("sslcertmode", Ignored),
    ("sslsni", Ignored),
    // dbmate, Prisma, JDBC: where names without a schema are looked for
    ("search_path", Alias("options[search_path]")),
    ("schema", Alias("options[search_path]")),
    ("currentSchema", Alias("options[search_path]")),
    ("ApplicationName", Alias("application_name")),
    // Prisma
    ("pgbouncer", Ignored),
    ("connection_limit", Ignored),
    ("pool_timeout", Ignored),
    ("socket_timeout", Ignored),
    ("statement_cache_size", Ignored),
    ("sslaccept", Refused("write sslmode=verify-full, or sslmode=require to accept any certificate")),
    ("sslidentity", Refused("write sslcert and sslkey")),
    // sqlx, tokio-postgres, pgx, asyncpg, SQLAlchemy, Rails, JDBC, Doctrine
    ("statement-cache-capacity", Ignored),
    ("prepared_statements", Ignored),
    ("prepared_statement_cache_size", Ignored),
    ("prepareThreshold", Ignored),
    ("default_query_exec_mode", Ignored),
    ("command_timeout", Ignored),
    ("pool", Ignored),
    ("pool_size", Ignored),
    ("pool_mode", Ignored),
    ("max_overflow", Ignored),
    ("pool_max_conns", Ignored),
    ("pool_min_conns", Ignored),
    ("pool_max_conn_lifetime", Ignored),
    ("pool_max_conn_idle_time", Ignored),
    ("pool_health_check_period", Ignored),
    ("reconnect", Ignored),
    ("encoding", Ignored),
    ("charset", Ignored),
    ("serverVersion", Ignored),
    ("stringtype", Ignored),
    ("reWriteBatchedInserts", Ignored),
    ("tcpKeepAlive", Ignored),
    ("loginTimeout", ConnectTimeout),
    ("socketTimeout", Ignored),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::parameters::{check, meaning};

    #[test]
    fn every_other_name_leads_to_a_parameter_that_exists() {
        check(PARAMETERS, "options[");
        assert_eq!(meaning(PARAMETERS, "options"), Some(("options", Kept)));
        assert_eq!(meaning(PARAMETERS, "nonsense"), None);
    }
}
