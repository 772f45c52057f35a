//! What a text gives, keyword by keyword, as types.

use super::keyword::Keyword;
use super::{Encrypt, Login, TOKEN, Wrong};

/// What a text gives, keyword by keyword.
pub(super) struct Given(pub(super) Vec<(Keyword, String)>);

impl Given {
    /// A keyword that is given more than once.
    pub(super) fn twice(&self) -> Option<Keyword> {
        let mut keywords = self.0.iter().map(|(keyword, _)| *keyword).filter(|keyword| *keyword != Keyword::Ignored);
        let mut seen = Vec::new();
        keywords.find(|keyword| {
            let twice = seen.contains(keyword);
            seen.push(*keyword);
            twice
        })
    }

    pub(super) fn text(&self, keyword: Keyword) -> Option<String> {
        let found = self.0.iter().find(|(given, _)| *given == keyword);
        found.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
    }

    fn word(&self, keyword: Keyword) -> Option<String> {
        self.text(keyword).map(|value| value.to_ascii_lowercase().replace([' ', '-'], ""))
    }

    pub(super) fn flag(&self, keyword: Keyword, name: &'static str) -> Result<bool, Wrong> {
        match self.word(keyword).as_deref() {
            None | Some("false" | "no" | "0") => Ok(false),
            Some("true" | "yes" | "1") => Ok(true),
            Some(_) => Err(Wrong::Invalid(name, "it is true or false")),
        }
    }

    pub(super) fn number(
        &self,
        keyword: Keyword,
        name: &'static str,
        range: std::ops::RangeInclusive<u32>,
        expected: &'static str,
    ) -> Result<Option<u32>, Wrong> {
        let Some(text) = self.text(keyword) else { return Ok(None) };
        let number = text.trim().parse().ok().filter(|number| range.contains(number));
        number.map(Some).ok_or(Wrong::Invalid(name, expected))
    }

    pub(super) fn encrypt(&self) -> Result<Encrypt, Wrong> {
        match self.word(Keyword::Encrypt).as_deref() {
            None | Some("true" | "yes" | "mandatory") => Ok(Encrypt::Mandatory),
            Some("false" | "no" | "optional") => Ok(Encrypt::Optional),
            Some("strict") => Ok(Encrypt::Strict),
            Some(_) => Err(Wrong::Invalid("Encrypt", "it is true (mandatory), false (optional) or strict")),
        }
    }

    pub(super) fn reads_only(&self) -> Result<bool, Wrong> {
        match self.word(Keyword::Intent).as_deref() {
            None | Some("readwrite") => Ok(false),
            Some("readonly") => Ok(true),
            Some(_) => Err(Wrong::Invalid("ApplicationIntent", "it is ReadWrite or ReadOnly")),
        }
    }

    pub(super) fn login(&self) -> Result<Login, Wrong> {
        let integrated = self.word(Keyword::Integrated);
        if integrated.is_some_and(|word| matches!(word.as_str(), "true" | "yes" | "sspi" | "1")) {
            let remedy =
                "Windows logins cannot be used: give User Id and Password, or an access token (AccessTokenVariable)";
            return Err(Wrong::Invalid("Integrated Security", remedy));
        }
        let variable = self.text(Keyword::TokenVariable);
        let token = match self.word(Keyword::Authentication).as_deref() {
            None | Some("notspecified" | "sqlpassword") => variable.is_some(),
            Some(word) if word.starts_with("activedirectory") => true,
            Some(_) => {
                return Err(Wrong::Invalid(
                    "Authentication",
                    "it is SqlPassword or one of the ActiveDirectory methods",
                ));
            }
        };
        let user = self.text(Keyword::User).unwrap_or_default();
        let password = self.text(Keyword::Password).unwrap_or_default();
        Ok(if token {
            Login::Token { variable: variable.unwrap_or_else(|| TOKEN.into()) }
        } else {
            Login::Password { user, password }
        })
    }
}
