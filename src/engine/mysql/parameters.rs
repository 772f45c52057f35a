//! The parameters of a URL.

use crate::engine::parameters::Meaning::{Alias, ConnectTimeout, Ignored, Kept, Refused, Words};
use crate::engine::parameters::Parameters;

/// The words of Go's driver for `tls`.
const GO: &[(&str, &str)] =
    &[("true", "verify_identity"), ("skip-verify", "required"), ("preferred", "preferred"), ("false", "disabled")];

/// Those that sqlx knows, without those by which the session would read scripts differently, and those of other programs.
pub(super) const PARAMETERS: Parameters = &[
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::parameters::{check, meaning};

    #[test]
    fn every_other_name_leads_to_a_parameter_that_exists() {
        check(PARAMETERS, "socket");
    }

    #[test]
    fn a_parameter_is_known_however_it_is_written() {
        for name in ["ssl-mode", "sslmode", "sslMode", "ssl_mode", "SSL-MODE"] {
            assert_eq!(meaning(PARAMETERS, name), Some(("ssl-mode", Kept)), "{name}");
        }
    }
}
