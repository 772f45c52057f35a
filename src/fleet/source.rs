//! Where the databases of a fleet are listed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::Member;
use super::program::printed;
use crate::engine::{Access, Server, Target};
use crate::error::{Error, ServerError};
use crate::migrator::{Migrator, Options};
use crate::script::Scripts;
use crate::target::TargetError;

/// Where the databases of a fleet are listed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Source {
    /// These, in their order.
    Members(Vec<Member>),
    /// The rows of a query, in their order. A row has a column `name`, and its URL in a column `url` or by the template. Every
    /// column but `url` is a variable of the scripts, too. If there is a column `schema` and it is not NULL, the row is that
    /// schema of the database.
    Query {
        /// The database that is asked.
        target: Target,
        /// The query.
        sql: String,
        /// How the URL is made of the columns.
        template: Option<Template>,
    },
    /// The databases of a server, by name.
    Databases {
        /// The server.
        target: Target,
        /// The pattern of SQL's LIKE that their names match.
        like: String,
        /// How the URL is made of the column `name`: the target's, with that name, if there is no template.
        template: Option<Template>,
    },
    /// The schemas of a database, by name: each is treated like a database.
    Schemas {
        /// The database.
        target: Target,
        /// The pattern of SQL's LIKE that their names match.
        like: String,
        /// How the URL is made of the column `name`: the target's own, if there is no template.
        template: Option<Template>,
    },
    /// Files that each are a database, by name: the path after what precedes the first wildcard, without its extension.
    Files {
        /// Where a relative pattern begins.
        base: PathBuf,
        /// The pattern: `data/*.db`.
        pattern: String,
    },
    /// What a program prints: a line for each database, with its name, a tab and its URL.
    Command {
        /// The folder in which it runs.
        base: PathBuf,
        /// The program and its arguments.
        command: Vec<String>,
    },
}

/// A URL with `{column}` in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Template(String);

/// Why the databases of a fleet are not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The database that lists them cannot be asked.
    #[error(transparent)]
    Database(Box<Error>),
    /// This kind of database is not on a server that lists databases.
    #[error("{0} has no list of databases")]
    NotListed(&'static str),
    /// This kind of database has no schemas that tenants could have.
    #[error("a database of {0} has no schemas: list databases instead")]
    NoSchemas(&'static str),
    /// A row lacks a column.
    #[error("the query has no column {0:?}")]
    NoColumn(String),
    /// A row has no value in a column.
    #[error("the column {0:?} of a row is NULL")]
    Null(String),
    /// Nothing says what the URLs are.
    #[error("the query has no column \"url\", and there is no template for it")]
    NoUrl,
    /// A database has no usable URL.
    #[error("the database {name:?}: {error}")]
    Target {
        /// The database.
        name: String,
        /// What is wrong with its URL.
        error: TargetError,
    },
    /// The pattern cannot be understood, or the files cannot be listed.
    #[error("the files {pattern} cannot be listed: {reason}")]
    Files {
        /// The pattern.
        pattern: String,
        /// What went wrong.
        reason: String,
    },
    /// The program failed.
    #[error("the program {program} {reason}")]
    Command {
        /// The program.
        program: String,
        /// How it failed.
        reason: String,
    },
}

impl From<Error> for SourceError {
    fn from(error: Error) -> Self {
        Self::Database(Box::new(error))
    }
}

impl Source {
    /// Returns the databases. The options say how to connect to the database that lists them.
    ///
    /// # Errors
    ///
    /// If they cannot be listed, whole and without doubt.
    pub async fn members(self, options: &Options) -> Result<Vec<Member>, SourceError> {
        let mut members = self.listed(options).await?;
        Member::know_each_other(&mut members);
        Ok(members)
    }

    async fn listed(self, options: &Options) -> Result<Vec<Member>, SourceError> {
        match self {
            Self::Members(members) => Ok(members),
            Self::Query { target, sql, template } => {
                let rows = asked(&target, options, |_| Ok(sql)).await?;
                rows.into_iter().map(|row| of_row(row, template.as_ref())).collect()
            }
            Self::Databases { target, like, template } => {
                let none = SourceError::NotListed(target.engine().name());
                let rows = asked(&target, options, |server| Ok((server.databases.ok_or(none)?)(&like))).await?;
                let names = names(rows).into_iter();
                names.map(|name| of_database(name, &target, template.as_ref())).collect()
            }
            Self::Schemas { target, like, template } => {
                let none = SourceError::NoSchemas(target.engine().name());
                let rows = asked(&target, options, |server| Ok((server.schemas.ok_or(none)?)(&like))).await?;
                let names = names(rows).into_iter();
                names.map(|name| of_schema(name, &target, template.as_ref())).collect()
            }
            Self::Files { base, pattern } => aside(move || files(&base, &pattern)).await,
            Self::Command { base, command } => listed_by(&base, &command).await,
        }
    }
}

/// The cells of a row, by the names of their columns.
type Row = BTreeMap<String, Option<String>>;

/// Returns the column `name`, in the order of its bytes.
fn names(rows: Vec<Row>) -> Vec<String> {
    let mut names = rows.into_iter().filter_map(|mut row| row.remove("name").flatten()).collect::<Vec<_>>();
    names.sort_unstable();
    names
}

/// Sends a query, which `sql` makes of what the server can do.
async fn asked(
    target: &Target,
    options: &Options,
    sql: impl FnOnce(&Server) -> Result<String, SourceError>,
) -> Result<Vec<Row>, SourceError> {
    let migrator = Migrator::new(target.clone(), Scripts::default()).options(options.clone());
    let mut connection = migrator.connect(Access::Read).await?;
    let sql = match sql(connection.server()) {
        Ok(sql) => sql,
        Err(error) => {
            connection.close().await;
            return Err(error);
        }
    };
    let failed = |error: ServerError| Error::Database { doing: "listing the fleet".into(), error, state: None };
    let answer = connection.table(&sql).await.map_err(failed);
    connection.close().await;
    let (columns, rows) = answer?;
    Ok(rows.into_iter().map(|row| columns.iter().cloned().zip(row).collect()).collect())
}

fn of_row(row: Row, template: Option<&Template>) -> Result<Member, SourceError> {
    let name = match row.get("name") {
        Some(Some(name)) => name.clone(),
        Some(None) => return Err(SourceError::Null("name".into())),
        None => return Err(SourceError::NoColumn("name".into())),
    };
    let url = match (row.get("url"), template) {
        (Some(Some(url)), _) => url.clone(),
        (Some(None), _) => return Err(SourceError::Null("url".into())),
        (None, Some(template)) => template.url(&row)?,
        (None, None) => return Err(SourceError::NoUrl),
    };
    let target = match row.get("schema") {
        Some(Some(schema)) => in_schema(&name, &parsed(&name, &url)?, schema)?,
        _ => parsed(&name, &url)?,
    };
    let variables = row.into_iter().filter(|(column, _)| column != "url");
    let variables = variables.filter_map(|(column, value)| Some((column, value?)));
    let member = Member::new(&name, target);
    Ok(variables.fold(member, |member, (column, value)| member.variable(column, value)))
}

fn of_database(name: String, target: &Target, template: Option<&Template>) -> Result<Member, SourceError> {
    let target = match template {
        Some(template) => template.target(&name)?,
        None => target.with_database(&name).ok_or(SourceError::NotListed(target.engine().name()))?,
    };
    Ok(Member::new(name, target))
}

fn of_schema(name: String, target: &Target, template: Option<&Template>) -> Result<Member, SourceError> {
    let target = template.map_or_else(|| Ok(target.clone()), |template| template.target(&name))?;
    let target = in_schema(&name, &target, &name)?;
    Ok(Member::new(name, target))
}

fn in_schema(name: &str, target: &Target, schema: &str) -> Result<Target, SourceError> {
    target.with_schema(schema).map_err(|error| SourceError::Target { name: name.into(), error })
}

fn parsed(name: &str, url: &str) -> Result<Target, SourceError> {
    url.parse().map_err(|error| SourceError::Target { name: name.into(), error })
}

impl Template {
    /// Takes a URL, or a connection string, with `{column}` in it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the database for a name.
    fn target(&self, name: &str) -> Result<Target, SourceError> {
        parsed(name, &self.url(&BTreeMap::from([("name".into(), Some(name.to_owned()))]))?)
    }

    /// Puts the columns of a row in their places: percent-encoded in a URL, quoted in a connection string.
    fn url(&self, row: &Row) -> Result<String, SourceError> {
        let quotes = Target::is_connection_string(&self.0);
        let (mut url, mut rest) = (String::new(), self.0.as_str());
        while let Some((before, after)) = rest.split_once('{') {
            let Some((column, after)) = after.split_once('}') else { break };
            let value = match row.get(column) {
                Some(Some(value)) => value,
                Some(None) => return Err(SourceError::Null(column.into())),
                None => return Err(SourceError::NoColumn(column.into())),
            };
            url.push_str(before);
            if quotes {
                url.extend(["\"", &value.replace('"', "\"\""), "\""]);
            } else {
                url.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
            }
            rest = after;
        }
        Ok(url + rest)
    }
}

/// Shows nothing: it can hold a password.
impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Template").finish_non_exhaustive()
    }
}

/// Returns the files that match a pattern.
fn files(base: &Path, pattern: &str) -> Result<Vec<Member>, SourceError> {
    let failed = |reason: String| SourceError::Files { pattern: pattern.into(), reason };
    // what is special in the folder's own name is not a part of the pattern
    let folder = glob::Pattern::escape(&base.to_string_lossy());
    let is_whole = base.as_os_str().is_empty() || Path::new(pattern).is_absolute();
    let whole = if is_whole { pattern.to_owned() } else { format!("{folder}/{pattern}") };
    let prefix = base.join(&pattern[..pattern.find(['*', '?', '[']).unwrap_or(pattern.len())]);
    let prefix = prefix.to_string_lossy().into_owned();
    let mut members = Vec::new();
    for path in glob::glob(&whole).map_err(|error| failed(error.to_string()))? {
        let path = path.map_err(|error| failed(error.to_string()))?;
        if path.is_file() {
            let name = name(&path, &prefix);
            let target = Target::in_file(&path).map_err(|error| SourceError::Target { name: name.clone(), error })?;
            members.push(Member::new(name, target));
        }
    }
    members.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(members)
}

/// Returns the name of a file: what follows the prefix, without its extension.
fn name(path: &Path, prefix: &str) -> String {
    let plain = path.with_extension("");
    let plain = plain.to_string_lossy().replace('\\', "/");
    let name = plain.strip_prefix(&prefix.replace('\\', "/")).map(|name| name.trim_start_matches('/').to_owned());
    name.filter(|name| !name.is_empty()).unwrap_or(plain)
}

/// Returns what a program lists.
async fn listed_by(base: &Path, command: &[String]) -> Result<Vec<Member>, SourceError> {
    let (program, arguments) = command.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    let failed = |reason: String| SourceError::Command { program: program.into(), reason };
    let text = printed(base, program, arguments).await.map_err(failed)?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let member = |line: &str| match line.split_once('\t') {
        Some((name, url)) => Ok(Member::new(name, parsed(name, url.trim())?)),
        // the line may be a URL with a password
        None => Err(failed("prints a line without a tab between a name and a URL".into())),
    };
    lines.map(member).collect()
}

async fn aside<T: Send + 'static>(act: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(act).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[(&str, &str)]) -> Row {
        cells.iter().map(|(column, value)| ((*column).to_owned(), Some((*value).to_owned()))).collect()
    }

    #[test]
    fn a_template_escapes_what_it_is_given() {
        let template = Template::new("postgres://deploy:secret@{host}/{name}");
        let url = template.url(&row(&[("host", "db1"), ("name", "a/b?c@d")]));
        assert_eq!(url.expect("all columns are there"), "postgres://deploy:secret@db1/a%2Fb%3Fc%40d");
        assert!(matches!(template.url(&row(&[("host", "db1")])), Err(SourceError::NoColumn(name)) if name == "name"));
        let template = Template::new("Server=db1;Database={name};User Id=sa;Password=x");
        assert_eq!(
            template.url(&row(&[("name", "a;b\"c")])).expect("it is there"),
            "Server=db1;Database=\"a;b\"\"c\";User Id=sa;Password=x"
        );
    }

    #[test]
    fn files_are_named_by_what_the_wildcards_stand_for() {
        for (path, prefix, expected) in [
            ("data/acme.db", "data/", "acme"),
            ("data/acme/app.db", "data/", "acme/app"),
            ("data/tenant_acme.db", "data/tenant_", "acme"),
            ("data/only.db", "data/only.db", "data/only"),
        ] {
            assert_eq!(name(Path::new(path), prefix), expected, "{path}");
        }
    }
}
