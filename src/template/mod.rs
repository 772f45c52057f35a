//! Templates: what rebuilds have built, kept so that the next ones copy it.

mod card;
mod rebuild;
mod recipe;
mod store;

use std::fmt;
use std::path::PathBuf;

pub(crate) use self::card::Card;
pub(crate) use self::recipe::{Part, Recipe};
pub(crate) use self::store::{Draft, TemplateStore};
use crate::error::{Error, ServerError};
use crate::migrator::Migrator;
use crate::script::{Checksum, Number};

/// How many templates are kept for a database, and how large they may be together. Of more, those are dropped that have
/// not been used for the longest time.
///
/// ```
/// use dbmigrate::Templates;
///
/// let templates = Templates::new().max(3).max_bytes(500_000_000);
/// assert_ne!(templates, Templates::new());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Templates {
    max: usize,
    max_bytes: u64,
    /// Where templates of files are; `None` is the user's cache folder.
    pub(crate) folder: Option<PathBuf>,
    /// Whether only what was asked for is kept, and not also what comes before the last script.
    only_whole: bool,
}

impl Default for Templates {
    fn default() -> Self {
        Self { max: 5, max_bytes: 2_000_000_000, folder: None, only_whole: false }
    }
}

impl Templates {
    /// Returns the default limits: 5 templates, 2 gigabytes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many templates are kept; with 0, none is kept and none is used.
    #[must_use]
    pub fn max(mut self, max: usize) -> Self {
        self.max = max;
        self
    }

    /// Sets how many bytes the templates may have together.
    #[must_use]
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Sets the folder for templates of databases that are files: by default it is `dbmigrate` in the user's cache folder
    /// (`$XDG_CACHE_HOME` or `~/.cache`, and the platform's own on macOS and Windows).
    #[must_use]
    pub fn in_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Keeps only the whole database, for those who do not edit its last script.
    pub(crate) fn only_whole(mut self) -> Self {
        self.only_whole = true;
        self
    }

    /// Whether a rebuild also keeps a template without the last script: the next rebuild is likely to have another one.
    const fn keeps_two(&self) -> bool {
        self.max > 2 && !self.only_whole
    }

    /// Returns the templates of a user that are too many or too large, those unused for the longest time first.
    fn surplus<'a>(&self, templates: &'a [Template], user: &str) -> Vec<&'a Template> {
        let mut own = templates.iter().filter(|template| template.card.users.contains(user)).collect::<Vec<_>>();
        own.sort_by(|one, other| other.card.used.cmp(&one.card.used));
        let mut bytes = 0;
        let fits = |(place, template): &(usize, &Template)| {
            bytes += template.card.bytes;
            *place < self.max && bytes <= self.max_bytes
        };
        let kept = own.iter().copied().enumerate().take_while(fits).count();
        own.split_off(kept)
    }
}

/// A template on a server, or in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) name: String,
    pub(crate) card: Card,
}

impl Template {
    /// Returns the template as it is when it is used now, if that changes what is written on it: it was noted for no user
    /// of this name, or not in this minute or hour. `part` is a time with these parts.
    pub(crate) fn used_by(&self, user: &str, part: &str) -> Option<Self> {
        let mut now = self.clone();
        now.card.use_for(user);
        let of = |template: &Self| template.card.used.get(..part.len()).map(ToOwned::to_owned);
        (now.card.users != self.card.users || of(&now) != of(self)).then_some(now)
    }

    /// Returns what a user learns of it.
    const fn copied(&self) -> Copied {
        Copied { at: self.card.at, objects: self.card.objects }
    }
}

/// The beginning of the names of templates.
pub(crate) const PREFIX: &str = "dbmigrate_tpl_";

/// Returns the name of the template with this key.
pub(crate) fn name_of(key: &Checksum) -> String {
    let half = key.bytes().first_chunk().copied().unwrap_or_default();
    format!("{PREFIX}{:032x}", u128::from_be_bytes(half))
}

/// Whether a template, found by its name, is of this part: the name has only a half of the key.
pub(crate) fn is_of(template: &Template, part: &Part) -> bool {
    template.card.key == part.key
}

/// Where a copied database was when it was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Copied {
    /// The highest number of the template.
    pub at: Number,
    /// Whether it had the objects, too.
    pub objects: bool,
}

/// What [`Migrator::clean_templates`] has dropped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cleaned {
    /// The names of the templates.
    pub templates: Vec<String>,
    /// How many bytes they had.
    pub bytes: u64,
}

impl fmt::Display for Copied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.at, if self.objects { " with the objects" } else { "" })
    }
}

impl Migrator {
    /// Drops the templates that no database but this one is rebuilt from, and those of tests, and what killed rebuilds of
    /// this database have left. The next rebuild runs every script again.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached, a rebuild of the database is under way, or a template cannot be dropped.
    pub async fn clean_templates(&self) -> Result<Cleaned, Error> {
        if !self.target.engine().keeps_templates {
            return Ok(Cleaned::default());
        }
        let mut replacement = self.replacement().await?;
        let cleaned = match replacement.templates() {
            Some(store) => clean(store, &self.target.user()).await,
            None => Ok(Cleaned::default()),
        };
        replacement.discard().await;
        let failed = |error| Error::Database { doing: "dropping the templates".into(), error, state: None };
        self.or_interrupted(cleaned.map_err(failed))
    }
}

async fn clean(store: &mut dyn TemplateStore, user: &str) -> Result<Cleaned, ServerError> {
    let mut cleaned = Cleaned::default();
    for mut template in store.list().await? {
        let users = std::mem::take(&mut template.card.users);
        template.card.users = store.existing(&users).await?;
        template.card.users.remove(user);
        if template.card.users.is_empty() {
            store.remove(&template.name).await?;
            cleaned.bytes += template.card.bytes;
            cleaned.templates.push(template.name);
        } else if template.card.users != users {
            store.note(&template).await?;
        }
    }
    store.sweep().await?;
    Ok(cleaned)
}
