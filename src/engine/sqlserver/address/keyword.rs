//! The keywords of a connection string, as `Microsoft.Data.SqlClient` knows them
//! (<https://learn.microsoft.com/dotnet/api/microsoft.data.sqlclient.sqlconnection.connectionstring>), and two more.

/// What a keyword means here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    Server,
    Database,
    User,
    Password,
    Encrypt,
    Trust,
    /// Not one of .NET's: the file with the certificate of an authority.
    Authority,
    Certified,
    Application,
    Workstation,
    Intent,
    MultiSubnet,
    PacketSize,
    ConnectTimeout,
    Language,
    Integrated,
    Authentication,
    /// Not one of .NET's: the environment variable with the access token.
    TokenVariable,
    /// It makes no difference to a single connection.
    Ignored,
}

impl Keyword {
    /// The keyword of this name, whatever its case and with or without blanks.
    pub(super) fn find(name: &str) -> Option<Self> {
        let plain = |name: &str| name.to_ascii_lowercase().replace(' ', "");
        let name = plain(name.trim());
        KEYWORDS.iter().find(|(known, _)| plain(known) == name).map(|(_, keyword)| *keyword)
    }

    /// Its first name.
    pub(super) fn name(self) -> &'static str {
        KEYWORDS.iter().find(|(_, keyword)| *keyword == self).map_or("", |(name, _)| name)
    }
}

const KEYWORDS: [(&str, Keyword); 63] = [
    ("Data Source", Keyword::Server),
    ("Server", Keyword::Server),
    ("Address", Keyword::Server),
    ("Addr", Keyword::Server),
    ("Network Address", Keyword::Server),
    ("Initial Catalog", Keyword::Database),
    ("Database", Keyword::Database),
    ("User ID", Keyword::User),
    ("UID", Keyword::User),
    ("User", Keyword::User),
    ("Password", Keyword::Password),
    ("PWD", Keyword::Password),
    ("Encrypt", Keyword::Encrypt),
    ("Trust Server Certificate", Keyword::Trust),
    ("Trust Server Certificate CA", Keyword::Authority),
    ("Host Name In Certificate", Keyword::Certified),
    ("Application Name", Keyword::Application),
    ("App", Keyword::Application),
    ("Workstation ID", Keyword::Workstation),
    ("WSID", Keyword::Workstation),
    ("Application Intent", Keyword::Intent),
    ("Multi Subnet Failover", Keyword::MultiSubnet),
    ("Packet Size", Keyword::PacketSize),
    ("Connect Timeout", Keyword::ConnectTimeout),
    ("Connection Timeout", Keyword::ConnectTimeout),
    ("Timeout", Keyword::ConnectTimeout),
    ("Current Language", Keyword::Language),
    ("Language", Keyword::Language),
    ("Integrated Security", Keyword::Integrated),
    ("Trusted Connection", Keyword::Integrated),
    ("Trusted_Connection", Keyword::Integrated),
    ("Authentication", Keyword::Authentication),
    ("Access Token Variable", Keyword::TokenVariable),
    ("Asynchronous Processing", Keyword::Ignored),
    ("Attestation Protocol", Keyword::Ignored),
    ("Column Encryption Setting", Keyword::Ignored),
    ("Command Timeout", Keyword::Ignored),
    ("Connect Retry Count", Keyword::Ignored),
    ("Connect Retry Interval", Keyword::Ignored),
    ("Connection Lifetime", Keyword::Ignored),
    ("Connection Reset", Keyword::Ignored),
    ("Context Connection", Keyword::Ignored),
    ("Enclave Attestation Url", Keyword::Ignored),
    ("Enlist", Keyword::Ignored),
    ("Failover Partner", Keyword::Ignored),
    ("Failover Partner SPN", Keyword::Ignored),
    ("IP Address Preference", Keyword::Ignored),
    ("Load Balance Timeout", Keyword::Ignored),
    ("Max Pool Size", Keyword::Ignored),
    ("Min Pool Size", Keyword::Ignored),
    ("Multiple Active Result Sets", Keyword::Ignored),
    ("Net", Keyword::Ignored),
    ("Network", Keyword::Ignored),
    ("Network Library", Keyword::Ignored),
    ("Persist Security Info", Keyword::Ignored),
    ("Pool Blocking Period", Keyword::Ignored),
    ("Pooling", Keyword::Ignored),
    ("Replication", Keyword::Ignored),
    ("Server SPN", Keyword::Ignored),
    ("Transaction Binding", Keyword::Ignored),
    ("Transparent Network IP Resolution", Keyword::Ignored),
    ("Type System Version", Keyword::Ignored),
    ("User Instance", Keyword::Ignored),
];
