//! The parameters of a URL: those of the engine's own clients, and those that other programs put into the same URL.

use Meaning::{Alias, Always, ConnectTimeout, Ignored, Kept, Refused, SessionAttributes, Words};

/// What a parameter means here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// What its name says, to the driver.
    Kept,
    /// The same as another one.
    Alias(&'static str),
    /// Another one, whose values have other names.
    Words { name: &'static str, words: &'static [(&'static str, &'static str)], expected: &'static str },
    /// How long connecting may take, in seconds.
    ConnectTimeout,
    /// What the session must be: one that can write, for example.
    SessionAttributes,
    /// Only these values say what is done anyway.
    Always { values: &'static [&'static str], expected: &'static str },
    /// It cannot be met, and without it the connection would be another one than the user wants.
    Refused(&'static str),
    /// Another program's business: a remark says that it is ignored.
    Ignored,
}

/// The parameters of one engine, by name.
pub(super) type Parameters = &'static [(&'static str, Meaning)];

/// The meaning of a parameter. Other programs' parameters are written in several ways: `sslMode`, `ssl_mode`, `ssl-mode`.
pub(super) fn meaning(parameters: Parameters, name: &str) -> Option<(&'static str, Meaning)> {
    let exact = parameters.iter().find(|(known, _)| *known == name);
    let plain = |name: &str| name.to_ascii_lowercase().replace(['-', '_'], "");
    let name = plain(name);
    exact.or_else(|| parameters.iter().find(|(known, _)| plain(known) == name)).copied()
}

/// Those of `libpq` (<https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS>) and of other programs.
pub(super) const POSTGRES: Parameters = &[
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
    ("target_session_attrs", SessionAttributes),
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

/// The words of Go's driver for `tls`.
const GO: &[(&str, &str)] =
    &[("true", "verify_identity"), ("skip-verify", "required"), ("preferred", "preferred"), ("false", "disabled")];

/// Those that sqlx knows, without those by which the session would read scripts differently, and those of other programs.
pub(super) const MYSQL: Parameters = &[
    ("ssl-mode", Kept),
    ("ssl-ca", Kept),
    ("ssl-cert", Kept),
    ("ssl-key", Kept),
    ("socket", Kept),
    ("unix_socket", Alias("socket")),
    ("connect_timeout", ConnectTimeout),
    ("tls", Words { name: "ssl-mode", words: GO, expected: "it is true, skip-verify, preferred or false" }),
    ("useSSL", Refused("write ssl-mode=required, verify_ca or verify_identity")),
    ("requireSSL", Refused("write ssl-mode=required, verify_ca or verify_identity")),
    ("verifyServerCertificate", Refused("write ssl-mode=verify_ca or verify_identity")),
    ("ssl", Refused("write ssl-mode=required, verify_ca or verify_identity")),
    ("sslaccept", Refused("write ssl-mode=verify_identity, or ssl-mode=required to accept any certificate")),
    ("sslidentity", Refused("write ssl-cert and ssl-key")),
    ("ssl-verify-server-cert", Refused("write ssl-mode=verify_identity")),
    // the session's character set is utf8mb4, whatever a program wants for its own
    ("charset", Ignored),
    ("character_set", Ignored),
    ("characterEncoding", Ignored),
    ("encoding", Ignored),
    ("collation", Ignored),
    ("connectionCollation", Ignored),
    ("useUnicode", Ignored),
    // Go
    ("parseTime", Ignored),
    ("loc", Ignored),
    ("multiStatements", Ignored),
    ("interpolateParams", Ignored),
    ("clientFoundRows", Ignored),
    ("columnsWithAlias", Ignored),
    ("allowNativePasswords", Ignored),
    ("checkConnLiveness", Ignored),
    ("maxAllowedPacket", Ignored),
    ("rejectReadOnly", Ignored),
    ("readTimeout", Ignored),
    ("writeTimeout", Ignored),
    ("timeout", Ignored),
    // Prisma, Doctrine, Rails, SQLAlchemy, sqlx
    ("connection_limit", Ignored),
    ("pool_timeout", Ignored),
    ("socket_timeout", Ignored),
    ("statement_cache_size", Ignored),
    ("statement-cache-capacity", Ignored),
    ("serverVersion", Ignored),
    ("pool", Ignored),
    ("pool_size", Ignored),
    ("reconnect", Ignored),
    ("autocommit", Ignored),
    ("timezone", Ignored),
    ("time-zone", Ignored),
    // JDBC
    ("allowMultiQueries", Ignored),
    ("allowPublicKeyRetrieval", Ignored),
    ("autoReconnect", Ignored),
    ("cachePrepStmts", Ignored),
    ("rewriteBatchedStatements", Ignored),
    ("serverTimezone", Ignored),
    ("connectionTimeZone", Ignored),
    ("socketTimeout", Ignored),
    ("useLegacyDatetimeCode", Ignored),
    ("useServerPrepStmts", Ignored),
    ("zeroDateTimeBehavior", Ignored),
];

/// Those of `SQLite`'s own URIs (<https://sqlite.org/uri.html>) and of other programs.
pub(super) const SQLITE: Parameters = &[
    ("mode", Kept),
    ("cache", Ignored),
    ("nolock", Refused("without locks, two runs at once would break the database: leave it out")),
    ("immutable", Refused("a database that never changes cannot be upgraded: leave it out, or write mode=ro")),
    ("vfs", Refused("the file is opened as every other: leave it out")),
    ("key", Refused("an encrypted database cannot be opened")),
    ("_pragma", Ignored),
    ("_fk", Ignored),
    ("_foreign_keys", Ignored),
    ("_busy_timeout", Ignored),
    ("_timeout", Ignored),
    ("_journal", Ignored),
    ("_journal_mode", Ignored),
    ("_synchronous", Ignored),
    ("_sync", Ignored),
    ("_txlock", Ignored),
    ("_loc", Ignored),
    ("_cache_size", Ignored),
    ("_auto_vacuum", Ignored),
    ("_time_format", Ignored),
    ("connection_limit", Ignored),
    ("socket_timeout", Ignored),
    ("pool", Ignored),
    ("timeout", Ignored),
    ("busy_timeout", Ignored),
    ("foreign_keys", Ignored),
    ("journal_mode", Ignored),
    ("check_same_thread", Ignored),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_known_however_it_is_written() {
        for name in ["ssl-mode", "sslmode", "sslMode", "ssl_mode", "SSL-MODE"] {
            assert_eq!(meaning(MYSQL, name), Some(("ssl-mode", Kept)), "{name}");
        }
        assert_eq!(meaning(POSTGRES, "options"), Some(("options", Kept)));
        assert_eq!(meaning(POSTGRES, "nonsense"), None);
    }

    #[test]
    fn every_other_name_leads_to_a_parameter_that_exists() {
        for (parameters, prefix) in [(POSTGRES, "options["), (MYSQL, "socket"), (SQLITE, "")] {
            for (name, meaning) in parameters {
                let other = match meaning {
                    Alias(other) | Words { name: other, .. } => *other,
                    _ => continue,
                };
                let kept = parameters.iter().any(|(known, meaning)| *known == other && *meaning == Kept);
                assert!(kept || other.starts_with(prefix), "{name} means {other}");
            }
        }
    }
}
