//! What a new database is built of: each part has the key of everything up to it.

use std::collections::HashMap;
use std::fmt::Write;

use regex::RegexBuilder;

use super::{Template, is_of, name_of};
use crate::journal::{self, Journal};
use crate::migrator::Options;
use crate::plan::{History, UpgradeOptions};
use crate::script::{Checksum, Number, ReadError, Scripts, SqlFile};

/// The scripts and the object files that a new database is built of, in order.
pub(crate) struct Recipe {
    /// What decides how they are applied and recorded.
    settings: String,
    scripts: Vec<(Number, String)>,
    objects: Option<String>,
}

/// The scripts through a number, and perhaps the objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) key: Checksum,
    pub(crate) at: Number,
    pub(crate) objects: bool,
}

impl Recipe {
    /// Returns what a rebuild applies; `None` if it would be refused because of the folder. `database` is the name that scripts
    /// can have for the database, if they can have one.
    pub(crate) fn new(
        scripts: &Scripts,
        options: &UpgradeOptions,
        database: Option<&str>,
        migrator: &Options,
    ) -> Result<Option<Self>, ReadError> {
        let history = History::new(scripts, &Journal::default(), options);
        if !history.problems.is_empty() {
            return Ok(None);
        }
        let name = database.map(|name| RegexBuilder::new(&regex::escape(name)).case_insensitive(true).build());
        let said = |file: &SqlFile| {
            let is_named = match &name {
                None => false,
                Some(Ok(name)) => is_named(file, name)?,
                // it is too long for a pattern
                Some(Err(_)) => true,
            };
            // a script that may name the database does something else to another one
            let about = database.filter(|_| is_named).unwrap_or_default();
            Ok::<_, ReadError>(format!("{}\0{}\0{about}", file.name(), file.checksum()?))
        };
        let steps = history.pending.iter().map(|step| Ok((step.script().number(), said(step.script())?)));
        let steps = steps.collect::<Result<Vec<_>, _>>()?;
        let is_held = options.to.is_some_and(|to| Some(to) < scripts.highest());
        let objects = scripts.objects().iter().filter(|_| !is_held).map(|object| said(object));
        let objects = objects.collect::<Result<Vec<_>, _>>()?;
        let objects = (!objects.is_empty()).then(|| objects.join("\n"));
        Ok(Some(Self { settings: settings(migrator), scripts: steps, objects }))
    }

    /// Returns the parts of a database that is built on this ground, each longer than the one before.
    pub(crate) fn parts(&self, ground: &str) -> Vec<Part> {
        let mut key = Checksum::of(&format!("{ground}\n{}", self.settings));
        let mut parts = Vec::new();
        let mut add = |at: Number, objects: bool, text: &str| {
            key = Checksum::of(&format!("{key}\n{text}"));
            parts.push(Part { key, at, objects });
        };
        for (number, text) in &self.scripts {
            add(*number, false, text);
        }
        if let (Some((number, _)), Some(objects)) = (self.scripts.last(), &self.objects) {
            add(*number, true, objects);
        }
        parts
    }
}

/// Returns which parts there are templates of, the longest first.
pub(crate) fn available<'a>(parts: &[Part], templates: &'a [Template]) -> Vec<(usize, &'a Template)> {
    let places = parts.iter().enumerate().map(|(place, part)| (name_of(&part.key), place)).collect::<HashMap<_, _>>();
    let place = |template: &Template| {
        let place = *places.get(&template.name)?;
        is_of(template, &parts[place]).then_some(place)
    };
    let mut found = templates.iter().filter_map(|template| Some((place(template)?, template))).collect::<Vec<_>>();
    found.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
    found
}

/// Returns the parts at which a rebuild stops to keep a template, of those after the one that was copied: with all scripts,
/// and with the objects. If it is to keep one for the next change of the last script, also before that. There is always a
/// stop, even if nothing is left to apply, or nothing is known of the parts.
pub(crate) fn stops(parts: &[Part], copied: Option<usize>, before_last: bool) -> Vec<Option<Part>> {
    let next = copied.map_or(0, |copied| copied + 1);
    let scripts = parts.iter().filter(|part| !part.objects).count();
    let stops = [scripts.checked_sub(2).filter(|_| before_last), scripts.checked_sub(1), parts.len().checked_sub(1)];
    let mut stops = stops.into_iter().flatten().filter(|stop| *stop >= next).collect::<Vec<_>>();
    stops.dedup();
    let stops = stops.into_iter().map(|stop| Some(parts[stop])).collect::<Vec<_>>();
    if stops.is_empty() { vec![parts.last().copied()] } else { stops }
}

/// Whether the name occurs in the text. A long text is read to its end once, as it is for its checksum.
fn is_named(file: &SqlFile, name: &regex::Regex) -> Result<bool, ReadError> {
    let (mut reader, mut text, mut found) = (file.reader()?, String::new(), false);
    let overlap = name.as_str().len();
    while reader.read(&mut text)? {
        found = found || name.is_match(&text);
        // the name may be cut by the end of what was read
        let rest = text.floor_char_boundary(text.len().saturating_sub(overlap));
        text.drain(..rest);
    }
    found = found || name.is_match(&text);
    reader.prove(file)?;
    Ok(found)
}

fn settings(options: &Options) -> String {
    let journal::JournalTable { schema, name } = &options.journal;
    let format = journal::FORMAT;
    let (texts, snapshot) = (options.store_text, options.schema_snapshot);
    let mut said = format!("{}\0{format}\0{schema:?}\0{name:?}\0{texts}\0{snapshot}", crate::VERSION);
    for variable in options.variables.names() {
        let value = options.variables.value(variable).unwrap_or_default();
        let _ = write!(said, "\0{variable}={value:?}");
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Variables;

    fn parts_of(files: &[(&str, &str)], options: UpgradeOptions, database: &str, migrator: &Options) -> Vec<Part> {
        let scripts = Scripts::from_files(files.iter().map(|(name, text)| (*name, text.as_bytes().to_vec())));
        let recipe = Recipe::new(&scripts, &options, Some(database), migrator).expect("readable");
        recipe.expect("a valid folder").parts("ground")
    }

    const FILES: [(&str, &str); 4] = [
        ("Baseline.sql", "CREATE TABLE a (id int);"),
        ("Script-0001.sql", "CREATE TABLE b (id int);"),
        ("Script-0002.sql", "ALTER DATABASE Shop SET work_mem = '5MB';"),
        ("objects/v.sql", "CREATE VIEW v AS SELECT 1;"),
    ];

    #[test]
    fn each_part_has_the_key_of_all_that_is_before_it() {
        let (options, plain) = (UpgradeOptions::new(), Options::default());
        let parts = parts_of(&FILES, options, "app", &plain);
        assert_eq!(
            parts.iter().map(|part| (part.at.get(), part.objects)).collect::<Vec<_>>(),
            [(0, false), (1, false), (2, false), (2, true)]
        );
        let common = |other: Vec<Part>| parts.iter().zip(other).take_while(|(one, other)| one.key == other.key).count();
        assert_eq!(common(parts_of(&FILES[..3], options, "app", &plain)), 3, "the objects are last");
        let mut files = FILES;
        files[1].1 = "CREATE TABLE b (id bigint);";
        assert_eq!(common(parts_of(&files, options, "app", &plain)), 1, "a script was changed");
        assert_eq!(common(parts_of(&FILES, options, "other", &plain)), 4, "no script names one of these");
        assert_eq!(common(parts_of(&FILES, options, "shop", &plain)), 2, "a script names it");
        let one = Number::new(1).expect("a number");
        assert_eq!(common(parts_of(&FILES, options.to(one), "app", &plain)), 2);
        assert_eq!(parts_of(&FILES, options.to(one), "app", &plain).len(), 2, "objects wait for all scripts");
        let mut variables = Variables::default();
        variables.declare("x", "1").expect("a name");
        for options in [Options { store_text: false, ..plain.clone() }, Options { variables, ..plain.clone() }] {
            assert_eq!(common(parts_of(&FILES, UpgradeOptions::new(), "app", &options)), 0);
        }
    }

    #[test]
    fn a_folder_that_is_refused_has_no_recipe() {
        let scripts = Scripts::from_files([("Script-0002.sql", b"SELECT 1;".as_slice())]);
        let recipe = Recipe::new(&scripts, &UpgradeOptions::new(), None, &Options::default());
        assert!(recipe.expect("readable").is_none());
    }

    #[test]
    fn a_rebuild_stops_where_the_next_one_can_begin() {
        let parts = parts_of(&FILES, UpgradeOptions::new(), "app", &Options::default());
        let at = |copied, before| {
            let stops = stops(&parts, copied, before).into_iter().flatten();
            stops.map(|part| (part.at.get(), part.objects)).collect::<Vec<_>>()
        };
        assert_eq!(at(None, true), [(1, false), (2, false), (2, true)]);
        assert_eq!(at(None, false), [(2, false), (2, true)]);
        assert_eq!(at(Some(0), true), [(1, false), (2, false), (2, true)]);
        assert_eq!(at(Some(1), true), [(2, false), (2, true)]);
        assert_eq!(at(Some(2), true), [(2, true)]);
        assert_eq!(at(Some(3), true), [(2, true)], "the copy is complete");
        assert_eq!(stops(&[], None, true), [None]);
    }

    #[test]
    fn a_name_is_found_wherever_a_long_text_is_cut() {
        let text = format!("{}ALTER DATABASE shop SET a = 'b';", "-- x\n".repeat(300_000));
        let long = [("Script-0001.sql", &*text)];
        let (options, plain) = (UpgradeOptions::new(), Options::default());
        let key = |database: &str| parts_of(&long, options, database, &plain)[0].key;
        assert_eq!(key("one"), key("other"));
        assert_ne!(key("one"), key("shop"));
    }
}
