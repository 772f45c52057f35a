//! What a user must agree to before a command drops a database or writes a journal.

use dbmigrate::{Error, Target};

/// What the target is used for, as far as its owner has said so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Environment {
    /// The owner has not said.
    #[default]
    Unknown,
    /// A developer's own database: a local one may be dropped at any time.
    Development,
    /// A protected database: it must not be dropped unless the user names it.
    Protected,
}

/// What the user who asks for a rebuild has consented to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Consent {
    /// Nothing.
    #[default]
    None,
    /// Dropping a local database.
    Yes,
    /// Dropping the database of this name, wherever it is.
    Drop(String),
}

/// The consent that a rebuild of a target needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Guard {
    /// None: a file, or a local database that its owner has marked for development.
    Open,
    /// [`Consent::Yes`]: another local database.
    Confirm,
    /// [`Consent::Drop`] with its name: it is protected, or not on this machine.
    Name,
}

impl Guard {
    /// Returns the guard of a target.
    pub(crate) fn of(target: &Target, environment: Environment) -> Self {
        match environment {
            Environment::Protected => Self::Name,
            _ if !target.is_local() => Self::Name,
            Environment::Development => Self::Open,
            Environment::Unknown if target.file().is_some() => Self::Open,
            Environment::Unknown => Self::Confirm,
        }
    }

    /// Returns the guard for writing the journal of a target without running anything (`baseline`, `repair`):
    /// [`Guard::Open`] or [`Guard::Confirm`].
    pub(crate) fn of_journal(target: &Target, environment: Environment) -> Self {
        let is_near = target.is_local() && environment != Environment::Protected;
        if is_near { Self::Open } else { Self::Confirm }
    }

    pub(crate) fn pass(self, target: &Target, environment: Environment, consent: &Consent) -> Result<(), Error> {
        let database = target.database();
        let why = match (self, environment) {
            (Self::Name, Environment::Protected) => "protected by the configuration",
            (Self::Name, _) => "not on this machine",
            _ => "not marked for development",
        };
        let why = format!("rebuild drops the database {database}, which is {why}");
        let (why, remedy) = match (self, consent) {
            (_, Consent::Drop(name)) if *name == database => return Ok(()),
            (_, Consent::Drop(name)) => {
                let why = format!("--allow-drop {name} does not name this database, {database}");
                (why, format!("if it may be dropped, pass --allow-drop {database}"))
            }
            (Self::Open, _) | (Self::Confirm, Consent::Yes) => return Ok(()),
            (Self::Confirm, Consent::None) => {
                (why, "if it may be dropped, pass --yes, or mark the target with development = true".into())
            }
            (Self::Name, _) => (why, format!("if it may be dropped, pass --allow-drop {database}")),
        };
        Err(Error::Guarded { why, remedy })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Environment::{Development, Protected, Unknown};

    /// Returns the error without consent that is enough, with its advice.
    fn refused(url: &str, environment: Environment, consent: &Consent) -> Option<String> {
        let target: Target = url.parse().expect("a URL");
        let error = Guard::of(&target, environment).pass(&target, environment, consent).err()?;
        Some(format!("{error}; {}", error.hint().unwrap_or_default()))
    }

    #[test]
    fn where_a_database_is_and_what_it_is_for_decide_what_is_asked() {
        for (url, guards, journal) in [
            ("sqlite:shop.db", [Guard::Open, Guard::Open, Guard::Name], [Guard::Open, Guard::Open, Guard::Confirm]),
            (
                "postgres://localhost/shop",
                [Guard::Confirm, Guard::Open, Guard::Name],
                [Guard::Open, Guard::Open, Guard::Confirm],
            ),
            ("postgres://db.example.org/shop", [Guard::Name; 3], [Guard::Confirm; 3]),
        ] {
            // the engine may be left out of the build
            let Ok(target) = url.parse::<Target>() else { continue };
            assert_eq!(
                [Unknown, Development, Protected].map(|environment| Guard::of(&target, environment)),
                guards,
                "{url}"
            );
            let of_journal =
                [Unknown, Development, Protected].map(|environment| Guard::of_journal(&target, environment));
            assert_eq!(of_journal, journal, "{url}");
        }
    }

    #[test]
    fn a_protected_database_must_be_named() {
        let named = "rebuild drops the database shop.db, which is protected by the configuration; if it may be dropped, pass \
                     --allow-drop shop.db";
        for consent in [Consent::None, Consent::Yes] {
            assert_eq!(refused("sqlite:shop.db", Protected, &consent).as_deref(), Some(named));
        }
        assert_eq!(refused("sqlite:shop.db", Protected, &Consent::Drop("shop.db".into())), None);
        assert_eq!(refused("sqlite:shop.db", Unknown, &Consent::None), None);
    }

    #[test]
    fn another_name_is_no_consent_whatever_the_database_is() {
        let another = "--allow-drop another does not name this database, shop.db; if it may be dropped, pass --allow-drop shop.db";
        for environment in [Protected, Development] {
            let consent = Consent::Drop("another".into());
            assert_eq!(refused("sqlite:shop.db", environment, &consent).as_deref(), Some(another));
        }
    }
}
