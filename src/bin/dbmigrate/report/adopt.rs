//! The result of `adopt`.

use dbmigrate::Warning;
use dbmigrate::adopt::{Adopted, Adoption, LeftOver, Tool};
use serde_json::{Value, json};

use super::json::{Subject, document};
use super::table::{columns, scripts as counted};
use super::{Report, Verbosity, hints};
use crate::args::Format;
use crate::settings::Settings;

impl Report {
    /// Writes what `adopt` would do.
    pub(crate) fn would_adopt(&self, adoption: &Adoption, settings: &Settings) {
        match self.format {
            Format::Json => self.text(&json(adoption, true, self.subject())),
            Format::Table => {
                self.text(&rows(adoption, self.colored_result));
                self.left(adoption, settings);
            }
        }
    }

    /// Writes what `adopt` has done.
    pub(crate) fn adopted(&self, adoption: &Adoption, settings: &Settings) {
        match self.format {
            Format::Json => self.text(&json(adoption, false, self.subject())),
            Format::Table => {
                self.text(&summary(adoption));
                self.left(adoption, settings);
            }
        }
    }

    /// Shows what the check of the new scripts warns of.
    pub(crate) fn checked_adoption(&self, warnings: &[Warning]) {
        for warning in warnings {
            self.note("warning", &hints::warning(warning));
        }
    }

    /// Shows what is left to do by hand.
    fn left(&self, adoption: &Adoption, settings: &Settings) {
        for line in left(adoption, settings, self.verbosity == Verbosity::All) {
            self.note("left to do", &line);
        }
    }
}

/// How many files a line names.
const NAMED: usize = 3;

/// Returns what is left to do by hand, a sentence each. Files with the same lot share one, unless all are wanted.
fn left(adoption: &Adoption, settings: &Settings, all: bool) -> Vec<String> {
    let mut lots = Vec::<(&str, Vec<String>)>::new();
    for LeftOver { path, what, .. } in &adoption.left {
        match lots.iter_mut().find(|(other, _)| other == what) {
            Some((_, files)) => files.push(path.display().to_string()),
            None => lots.push((what, vec![path.display().to_string()])),
        }
    }
    let line = |(what, files): (&str, Vec<String>)| {
        let named = if all { files.len() } else { files.len().min(NAMED) };
        let more = files.len() - named;
        let more = if more > 0 { format!(" and {more} more (-v names all)") } else { String::new() };
        format!("{}{more}: {what}", files[..named].join(", "))
    };
    let mut lines = lots.into_iter().map(line).collect::<Vec<_>>();
    let known = settings.config.variable_names();
    let missing = adoption.variables.iter().filter(|name| !known.contains(name.as_str())).cloned().collect::<Vec<_>>();
    if !missing.is_empty() {
        lines.push(format!("give these a value under [variables] in dbmigrate.toml: {}", missing.join(", ")));
    }
    if settings.engine.is_none() && !adoption.scripts.is_empty() {
        lines.push(
            "no statement was looked at: neither --url nor a target says which kind of database they are for; pass one \
             (git reset --hard takes back what is only staged)"
                .into(),
        );
    }
    let tool = adoption.tool;
    if adoption.again {
        return lines;
    }
    if !adoption.in_git {
        lines.push(
            "there is no Git repository: the files were renamed; those that are not needed, or whose text changes, stay"
                .into(),
        );
    }
    lines.push(format!("on each existing database: dbmigrate baseline --import {} --url URL", tool.as_str()));
    lines.push(match tool {
        // the application asks for its table
        Tool::Rails => "take bin/rails db:migrate and db:prepare out of the deployment".into(),
        _ => format!("switch {tool} off where the application or the pipeline calls it; drop its table later"),
    });
    lines
}

fn summary(adoption: &Adoption) -> String {
    if adoption.scripts.is_empty() && adoption.objects.is_empty() {
        return match &*adoption.left {
            [] => format!("nothing to adopt: {} has added no migration since\n", adoption.tool),
            _ => "nothing was adopted\n".into(),
        };
    }
    let count = counted(adoption.scripts.len());
    let first_and_last = match &*adoption.scripts {
        [] => String::new(),
        [only] => format!(": {}", only.to.display()),
        [first, .., last] => format!(": {} to {}", first.to.display(), last.to.display()),
    };
    let objects = match adoption.objects.len() {
        0 => String::new(),
        1 => ", and 1 object file".into(),
        count => format!(", and {count} object files"),
    };
    let removed = match adoption.removed.len() {
        0 => String::new(),
        1 if adoption.in_git => "; removed 1 file that is no longer needed".into(),
        count if adoption.in_git => format!("; removed {count} files that are no longer needed"),
        1 => "; left 1 file that is no longer needed".into(),
        count => format!("; left {count} files that are no longer needed"),
    };
    let staged = if adoption.in_git { "; the changes are staged" } else { "" };
    format!("adopted {count} of {}{first_and_last}{objects}{removed}{staged}\n", adoption.tool)
}

fn changes(adopted: &Adopted) -> String {
    adopted.changes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn rows(adoption: &Adoption, colored: bool) -> String {
    if adoption.scripts.is_empty() && adoption.objects.is_empty() {
        return summary(adoption);
    }
    let mut table = columns(["old", "new", "changes"], colored);
    for adopted in adoption.scripts.iter().chain(&adoption.objects) {
        let [from, to] = [&adopted.from, &adopted.to].map(|path| path.display().to_string());
        table.add_row([from, to, changes(adopted)]);
    }
    for path in &adoption.removed {
        let what = if adoption.in_git { "removed" } else { "stays" };
        table.add_row([path.display().to_string(), String::new(), what.into()]);
    }
    format!("{table}\n")
}

fn json(adoption: &Adoption, dry_run: bool, subject: &Subject) -> String {
    let moved = |adopted: &Adopted| {
        json!({
            "from": adopted.from.display().to_string(),
            "to": adopted.to.display().to_string(),
            "changes": adopted.changes.iter().map(ToString::to_string).collect::<Value>(),
        })
    };
    let left = |left: &LeftOver| json!({ "path": left.path.display().to_string(), "what": left.what });
    let rest = json!({
        "tool": adoption.tool.as_str(),
        "dry_run": dry_run,
        "scripts": adoption.scripts.iter().map(moved).collect::<Value>(),
        "objects": adoption.objects.iter().map(moved).collect::<Value>(),
        "removed": adoption.removed.iter().map(|path| path.display().to_string()).collect::<Value>(),
        "left": adoption.left.iter().map(left).collect::<Value>(),
        "variables": adoption.variables,
        "staged": adoption.in_git && !dry_run,
    });
    document("adopt", subject, rest)
}
