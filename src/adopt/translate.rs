//! What is changed in the text of an old script.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::frame::without_frame;
use super::tools::Placeholders;
use super::{Tool, pattern};
use crate::engine::Engine;
use crate::sql::{LineMarkers, Marker, MarkerRole, Variables, meant};

/// What is changed in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// It is a part of a file with several migrations.
    Part {
        /// The place of the part, from 1.
        number: usize,
        /// How many parts the file has.
        of: usize,
    },
    /// The part that undoes it is left out.
    Down,
    /// The tool's markers are left out.
    Markers,
    /// It gets the directive `no-transaction`.
    NoTransaction,
    /// It gets the directive `no-variables`, because it has a text that would be a variable here.
    NoVariables,
    /// It gets the directive `always`, because it runs in each run.
    Always,
    /// These placeholders become variables.
    Placeholders(Vec<String>),
    /// It is in a programming language, and has to be written as SQL.
    ToBeWritten,
    /// The `BEGIN` and the `COMMIT` around it are left out: a run has its own transaction.
    Frame,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Part { number, of } => write!(f, "part {number} of {of}"),
            Self::Down => f.write_str("no down part"),
            Self::Markers => f.write_str("no markers"),
            Self::NoTransaction => f.write_str("no-transaction"),
            Self::NoVariables => f.write_str("no-variables"),
            Self::Always => f.write_str("always"),
            Self::Placeholders(names) => write!(f, "$({})", names.join("), $(")),
            Self::ToBeWritten => f.write_str("to be written"),
            Self::Frame => f.write_str("no BEGIN and COMMIT"),
        }
    }
}

/// The variable that stands for what has to be written by hand. It has no value, so that nothing runs before.
pub(super) const TO_BE_WRITTEN: &str = "to_be_written";

/// A text that is translated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Translated {
    pub(crate) text: String,
    pub(crate) changes: Vec<Change>,
    /// What could not be translated: what it is, and what to do.
    pub(crate) notes: Vec<String>,
    /// The variables that placeholders have become, each with the placeholder.
    pub(crate) names: BTreeMap<String, String>,
    /// Whether what would be a variable here is escaped.
    is_escaped: bool,
}

impl Translated {
    /// Says what has become of the placeholders in the text that is left.
    fn settle(&mut self, body: &str) {
        self.names.retain(|name, _| body.contains(&format!("$({name})")));
        let is_own = |found: regex::Match<'_>| found.as_str() == format!("$({TO_BE_WRITTEN})");
        match () {
            () if !self.names.is_empty() => {
                self.changes.push(Change::Placeholders(self.names.keys().cloned().collect()));
            }
            () if !self.is_escaped && LITERAL.find_iter(body).any(|found| !is_own(found)) => {
                self.changes.push(Change::NoVariables);
            }
            () => {}
        }
    }
}

/// Translates the texts of a tool.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Translator {
    pub(crate) tool: Tool,
    /// The engine that the texts are for, if it is known.
    pub(crate) engine: Option<&'static Engine>,
}

impl Translator {
    /// Translates the text of a script. The description becomes its title.
    pub(crate) fn script(self, text: &str, description: &str, no_transaction: bool) -> Translated {
        let mut done = Translated::default();
        let mut no_transaction = no_transaction;
        let text = self.placeholders(text, &mut done);
        let mut body = without_sections(self.tool, &text, &mut done.changes, &mut no_transaction);
        if let Some(inner) = without_frame(self.engine, &body) {
            body = inner;
            done.changes.push(Change::Frame);
            // its own transaction is the run's now, unless the engine finds a reason against that
            no_transaction = false;
        }
        done.settle(&body);
        let body = body.trim_start_matches(['\r', '\n', ' ', '\t']);
        let mut head = vec![format!("-- {description}")];
        if no_transaction {
            head.push("-- dbmigrate: no-transaction".into());
            done.changes.push(Change::NoTransaction);
        }
        if done.changes.contains(&Change::NoVariables) {
            head.push("-- dbmigrate: no-variables".into());
        }
        let end = if body.contains("\r\n") { "\r\n" } else { "\n" };
        done.text = format!("{}{end}{}", head.join(end), without_title(body, description));
        done
    }

    /// Translates the text of a file that is applied again whenever it changes, or always.
    pub(crate) fn object(self, text: &str, is_always: bool) -> Translated {
        let mut done = Translated::default();
        let text = self.placeholders(text, &mut done);
        let body = without_sections(self.tool, &text, &mut done.changes, &mut false);
        done.settle(&body);
        done.changes.extend(is_always.then_some(Change::Always));
        let directive = |change, name| {
            if done.changes.contains(&change) { format!("-- dbmigrate: {name}\n") } else { String::new() }
        };
        let (always, literal) = (directive(Change::Always, "always"), directive(Change::NoVariables, "no-variables"));
        done.text = format!("{always}{literal}{body}");
        done
    }

    /// Turns the tool's placeholders into variables.
    fn placeholders(self, text: &str, done: &mut Translated) -> String {
        let placeholders = self.tool.traits().placeholders;
        let has_some = match placeholders {
            Placeholders::None => return text.to_owned(),
            Placeholders::Braces => BRACES.is_match(text),
            Placeholders::DoubleBraces => DOUBLE.is_match(text),
            Placeholders::Between(on, _) => text.lines().any(|line| line.trim().eq_ignore_ascii_case(on)),
            Placeholders::Dollars => text.contains('$'),
        };
        let escaped = literal(text);
        done.is_escaped = has_some && escaped != text;
        let text = if done.is_escaped { &*escaped } else { text };
        let mut variable = |old: &str| {
            let old = old.trim();
            let name = old.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
            // a variable begins with a letter
            let name = if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name };
            if let Some(other) = done.names.insert(name.clone(), old.to_owned()).filter(|other| other != old) {
                done.notes.push(format!("{other} and {old} are both $({name}) now: rename one if they differ"));
            }
            format!("$({name})")
        };
        match placeholders {
            Placeholders::None => text.to_owned(),
            Placeholders::Braces => BRACES.replace_all(text, |found: &Captures<'_>| variable(&found[1])).into_owned(),
            Placeholders::DoubleBraces if is_program(text) => {
                done.notes.push(TEMPLATE.to_owned());
                text.to_owned()
            }
            Placeholders::DoubleBraces => {
                DOUBLE.replace_all(text, |found: &Captures<'_>| variable(&found[1])).into_owned()
            }
            Placeholders::Dollars => self.without_dollars(text, &mut variable),
            Placeholders::Between(on, off) => {
                let (mut is_on, mut replaced, mut notes) = (false, String::with_capacity(text.len()), BTreeSet::new());
                for line in text.split_inclusive('\n') {
                    let is = |other: &str| line.trim().eq_ignore_ascii_case(other);
                    is_on = is(on) || is_on && !is(off);
                    let environment = ENVIRONMENT.replace_all(line, |found: &Captures<'_>| {
                        let Some(name) = found.get(1).or_else(|| found.get(3)) else { return found[0].to_owned() };
                        let default = found.get(2).map(|default| default.as_str());
                        let note =
                            |value| format!("give the variable {} the value {value}, its default", name.as_str());
                        notes.extend(default.map(note));
                        variable(name.as_str())
                    });
                    replaced.push_str(if is_on { &environment } else { line });
                }
                done.notes.extend(notes);
                replaced
            }
        }
    }

    /// Replaces `$x$`, unless the engine knows it as a quote.
    fn without_dollars(self, text: &str, variable: &mut dyn FnMut(&str) -> String) -> String {
        let Some(engine) = self.engine else { return text.to_owned() };
        let (mut replaced, mut end) = (String::with_capacity(text.len()), 0);
        for (at, name) in Variables::default().foreign(engine.dialect, text) {
            let Some(name) = name.strip_prefix('$').and_then(|name| name.strip_suffix('$')) else { continue };
            replaced.push_str(&text[end..at.start]);
            replaced.push_str(&variable(name));
            end = at.end;
        }
        replaced.push_str(&text[end..]);
        replaced
    }
}

/// Leaves out what undoes the script, and the tool's markers.
fn without_sections(tool: Tool, text: &str, changes: &mut Vec<Change>, no_transaction: &mut bool) -> String {
    let mut markers = LineMarkers::default();
    markers.take(text);
    let markers = markers.finish();
    let own = |marker: &Marker| marker.tool.eq_ignore_ascii_case(tool.title());
    let markers = meant(&markers).filter(|(_, marker)| own(marker)).collect::<Vec<_>>();
    let mut left_out = Vec::<Range<usize>>::new();
    let mut down_from = None;
    for (at, marker) in markers {
        match marker.role {
            MarkerRole::Down => {
                down_from.get_or_insert(line_of(text, at).start);
                changes.extend((!changes.contains(&Change::Down)).then_some(Change::Down));
            }
            MarkerRole::Up => {
                left_out.extend(down_from.take().map(|start| start..at.start));
            }
            MarkerRole::NoTransaction => *no_transaction = true,
            MarkerRole::Other => {}
        }
        if marker.role != MarkerRole::Down {
            left_out.push(line_of(text, at));
            changes.extend((!changes.contains(&Change::Markers)).then_some(Change::Markers));
        }
    }
    left_out.extend(down_from.map(|start| start..text.len()));
    let (mut kept, mut end) = (String::with_capacity(text.len()), 0);
    left_out.sort_by_key(|range| range.start);
    for range in left_out {
        if range.start > end {
            kept.push_str(&text[end..range.start]);
        }
        end = end.max(range.end);
    }
    kept.push_str(&text[end..]);
    kept
}

/// Returns the whole line, with its end.
fn line_of(text: &str, at: &Range<usize>) -> Range<usize> {
    let start = text[..at.start].rfind(['\r', '\n']).map_or(0, |end| end + 1);
    let rest = &text[at.end..];
    let end = rest
        .find(['\r', '\n'])
        .map_or(text.len(), |end| at.end + end + 1 + usize::from(rest[end..].starts_with("\r\n")));
    start..end
}

static BRACES: LazyLock<Regex> = LazyLock::new(|| pattern(r"\$\{([^}\r\n]*)\}"));
/// A text that would be a variable here.
static LITERAL: LazyLock<Regex> = LazyLock::new(|| pattern(r"\$\([A-Za-z_][A-Za-z0-9_]*\)"));

/// Escapes what would be a variable here, and meant itself to the tool.
fn literal(text: &str) -> String {
    let escaped = |found: &Captures<'_>| {
        let whole = found.get(0).map_or(0..0, |whole| whole.range());
        let is_own = found[0] == format!("$({TO_BE_WRITTEN})");
        if is_own || text[..whole.start].ends_with('$') { found[0].to_owned() } else { format!("${}", &found[0]) }
    };
    LITERAL.replace_all(text, escaped).into_owned()
}

static ENVIRONMENT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}\r\n]*))?\}|\$([A-Za-z_][A-Za-z0-9_]*)"));
static DOUBLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\{\{\s*\.?([A-Za-z_][A-Za-z0-9_]*)\s*\}\}"));
/// Whether a template does more than to insert values.
fn is_program(text: &str) -> bool {
    let without = DOUBLE.replace_all(text, |found: &Captures<'_>| {
        if ["end", "else", "break", "continue"].contains(&&found[1]) { found[0].to_owned() } else { String::new() }
    });
    without.contains("{{")
}

const TEMPLATE: &str = "it is a template: write what its {{ ... }} produce";

/// Leaves out a first comment that says what the title says.
fn without_title<'a>(body: &'a str, description: &str) -> &'a str {
    let Some(comment) = body.strip_prefix("--") else { return body };
    let (line, rest) = comment.split_once('\n').unwrap_or((comment, ""));
    if line.trim().eq_ignore_ascii_case(description) { rest } else { body }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(tool: Tool, text: &str) -> (String, String) {
        let Translated { text, changes, .. } = Translator { tool, engine: None }.script(text, "add users", false);
        (text, changes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn down_parts_and_markers_are_left_out() {
        for (tool, text, expected, changes) in [
            (
                Tool::Dbmate,
                "-- migrate:up\nCREATE TABLE a (id int);\n\n-- migrate:down\nDROP TABLE a;\n",
                "-- add users\nCREATE TABLE a (id int);\n\n",
                "no markers, no down part",
            ),
            (
                Tool::Dbmate,
                "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON a (id);\r\n-- migrate:down\r\nDROP INDEX i;",
                "-- add users\r\n-- dbmigrate: no-transaction\r\nCREATE INDEX CONCURRENTLY i ON a (id);\r\n",
                "no markers, no down part, no-transaction",
            ),
            (
                Tool::Goose,
                "-- +goose NO TRANSACTION\n-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n-- +goose StatementEnd\n\n  -- +goose Down\nSELECT 2;\n",
                "-- add users\n-- dbmigrate: no-transaction\nSELECT 1;\n\n",
                "no markers, no down part, no-transaction",
            ),
            (
                Tool::Sqlx,
                "-- no-transaction\nVACUUM;\n",
                "-- add users\n-- dbmigrate: no-transaction\nVACUUM;\n",
                "no markers, no-transaction",
            ),
            (Tool::Flyway, "-- Add users\nSELECT 1;\n", "-- add users\nSELECT 1;\n", ""),
            // the markers of another tool are refused later
            (Tool::Sqlx, "-- migrate:down\nDROP TABLE a;\n", "-- add users\n-- migrate:down\nDROP TABLE a;\n", ""),
        ] {
            assert_eq!(shown(tool, text), (expected.into(), changes.into()), "{text}");
        }
    }

    #[test]
    fn placeholders_become_variables() {
        for (tool, text, expected, changes) in [
            (
                Tool::Flyway,
                "GRANT SELECT ON a TO ${app-user}, ${b};",
                "GRANT SELECT ON a TO $(app_user), $(b);",
                "$(app_user), $(b)",
            ),
            (Tool::Flyway, "SELECT '${1st}';", "SELECT '$(_1st)';", "$(_1st)"),
            (Tool::Goose, "-- +goose Up\nSELECT '${a}';\n", "SELECT '${a}';\n", "no markers"),
            (
                Tool::Goose,
                "-- +goose ENVSUB ON\n-- +goose Up\nSELECT '${a}';\n",
                "SELECT '$(a)';\n",
                "no markers, $(a)",
            ),
            (
                Tool::Goose,
                "-- +goose Up\n-- +goose ENVSUB ON\nSELECT ${a:-1}, $b, $$;\n-- +goose ENVSUB OFF\nSELECT '${c}';\n\
                 -- +goose Down\n-- +goose ENVSUB ON\nSELECT $d;\n",
                "SELECT $(a), $(b), $$;\nSELECT '${c}';\n",
                "no markers, no down part, $(a), $(b)",
            ),
            (Tool::Sqlx, "SELECT '$(x)';", "-- dbmigrate: no-variables\nSELECT '$(x)';", "no-variables"),
            (Tool::Flyway, "SELECT '$(x)';", "-- dbmigrate: no-variables\nSELECT '$(x)';", "no-variables"),
            (Tool::Flyway, "SELECT '$(x)', '${y}';", "SELECT '$$(x)', '$(y)';", "$(y)"),
            (Tool::Dbup, "SELECT '$x$';", "SELECT '$x$';", ""),
            (Tool::Grate, "SELECT '{{Env}}';", "SELECT '$(Env)';", "$(Env)"),
            (Tool::Tern, "SELECT '{{ .env }}';", "SELECT '$(env)';", "$(env)"),
            (Tool::Evolve, "SELECT '${a}';", "SELECT '$(a)';", "$(a)"),
        ] {
            let (text, said) = shown(tool, text);
            assert_eq!((text.strip_prefix("-- add users\n"), &*said), (Some(expected), changes));
        }
    }

    #[test]
    fn dollars_are_variables_where_the_engine_has_no_quotes_of_them() {
        let of = |engine, text| Translator { tool: Tool::Dbup, engine }.script(text, "x", false).text;
        for engine in Engine::all() {
            assert_eq!(
                of(Some(*engine), "SELECT '$x$'; -- $y$\n"),
                "-- x\nSELECT '$(x)'; -- $y$\n",
                "{}",
                engine.name()
            );
        }
        assert_eq!(of(None, "SELECT '$x$';"), "-- x\nSELECT '$x$';");
    }

    #[test]
    fn what_a_template_computes_is_left() {
        for text in ["{{ template \"a.sql\" . }}", "{{ if .x }}SELECT 1;{{ end }}", "{{ .x | quote }} {{.y}}"] {
            let done = Translator { tool: Tool::Tern, engine: None }.script(text, "x", false);
            assert_eq!((done.notes, &*done.text), (vec![TEMPLATE.to_owned()], &*format!("-- x\n{text}")));
        }
    }
}
