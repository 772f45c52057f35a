//! Errors for people to read: what failed, where, why, and what to do.

use std::path::Path;

use annotate_snippets::renderer::{AnsiColor, Style};
use annotate_snippets::{AnnotationKind, Group, Level, Message, Renderer, Snippet};
use dbmigrate::script::Location;
use dbmigrate::{Error, Problem};

use super::hints;
use crate::settings::Usage;

/// Renders an error, with a block for each of its problems.
pub(super) fn render(command: &str, error: &anyhow::Error, colored: bool, all: bool) -> String {
    match error.downcast_ref::<Error>() {
        Some(Error::Refused { problems }) => {
            let blocks = self::problems(problems, colored, all);
            let count = (problems.len() > 1).then(|| format!("{} problems", problems.len()));
            // check applies and writes nothing in any case
            let state = match command {
                "check" => None,
                "new" => Some("nothing was written".to_owned()),
                "adopt" => Some("the files are adopted: fix this in them".to_owned()),
                "renumber" => Some("nothing was renamed".to_owned()),
                _ => Some("nothing was applied".to_owned()),
            };
            let end = count.into_iter().chain(state).collect::<Vec<_>>().join(": ");
            if end.is_empty() { blocks } else { format!("{blocks}{end}\n") }
        }
        Some(typed) => {
            // the context of the library's error says which target it is about
            let title = title(error, &typed.to_string());
            let hint = hints::of(typed);
            Block { title: &title, location: typed.location(), notes: &typed.notes(), hint: hint.as_deref() }
                .render(colored)
        }
        None => {
            let hint = hints::of_other(error);
            Block { title: &title(error, ""), location: None, notes: &[], hint: hint.as_deref() }.render(colored)
        }
    }
}

/// How many problems of one kind are shown, in one file and without a location. If there are more, only the first is.
const ALIKE: [usize; 2] = [3, 10];

/// Renders every problem as a block. Many problems of one kind in one file are summed up unless `all` is set.
pub(super) fn problems(problems: &[Problem], colored: bool, all: bool) -> String {
    let mut kinds = Vec::<((&str, Option<&Path>), Vec<&Problem>)>::new();
    for problem in problems {
        let kind = (problem.code(), problem.location().map(Location::path));
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, alike)) => alike.push(problem),
            None => kinds.push((kind, vec![problem])),
        }
    }
    let shown = |(_, alike): &(_, Vec<&Problem>)| match alike.as_slice() {
        [first, others @ ..] if alike.len() > ALIKE[usize::from(first.location().is_none())] && !all => {
            block(first, colored) + &summary(others)
        }
        few => few.iter().map(|problem| block(problem, colored)).collect(),
    };
    kinds.iter().map(shown).collect()
}

/// Sums up the problems of one kind that are not shown.
fn summary(others: &[&Problem]) -> String {
    const NAMED: usize = 12;
    let places = others.iter().filter_map(|problem| problem.location()).map(|location| location.line().to_string());
    let places = places.collect::<Vec<_>>();
    let more = if places.len() > NAMED { ", ..." } else { "" };
    let lines = places.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let place = if lines.is_empty() { String::new() } else { format!(" on lines {lines}{more}") };
    format!("  and {} more like this{place}; -v shows all\n", others.len())
}

pub(super) fn title(error: &anyhow::Error, own: &str) -> String {
    if error.downcast_ref::<Usage>().is_none() && !own.is_empty() && error.to_string() == own {
        return own.to_owned();
    }
    let mut parts = Vec::new();
    for part in error.chain().map(ToString::to_string).filter(|part| part != &Usage.to_string()) {
        // the library's errors contain the text of their cause
        if !parts.last().is_some_and(|last: &String| last.contains(&part)) {
            parts.push(part);
        }
    }
    parts.join(": ")
}

fn block(problem: &Problem, colored: bool) -> String {
    let (title, hint) = (problem.to_string(), hints::of_problem(problem));
    let (location, notes) = (problem.location(), problem.notes());
    let block = Block { title: &title, location, notes: &notes, hint: Some(&hint) }.render(colored);
    block + &problem.diff().map_or_else(String::new, |diff| difference(diff, colored))
}

/// The number of lines of a difference that are shown, and the number of characters of each line.
const LINES: usize = 40;
const WIDTH: usize = 200;

/// Renders a unified diff, without the rest of a long one and of its long lines.
fn difference(diff: &str, colored: bool) -> String {
    let count = diff.lines().count();
    let line = |line: &str| {
        let end = line.char_indices().nth(WIDTH).map_or(line.len(), |(end, _)| end);
        let cut = if end < line.len() { "..." } else { "" };
        let style = match line.as_bytes() {
            _ if !colored => Style::new(),
            [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => Style::new().bold(),
            [b'+', ..] => AnsiColor::Green.on_default(),
            [b'-', ..] => AnsiColor::Red.on_default(),
            [b'@', ..] => AnsiColor::Cyan.on_default(),
            _ => Style::new(),
        };
        format!("{style}{}{cut}{style:#}\n", &line[..end])
    };
    let rest = (count > LINES).then(|| format!("... and {} more lines\n", count - LINES));
    diff.lines().take(LINES).map(line).chain(rest).collect()
}

struct Block<'a> {
    title: &'a str,
    location: Option<&'a Location>,
    notes: &'a [String],
    hint: Option<&'a str>,
}

impl Block<'_> {
    fn render(&self, colored: bool) -> String {
        let notes = self.notes.iter().map(|note| bare(note));
        let notes = notes.chain(self.hint.map(|hint| Level::HELP.message(hint))).collect::<Vec<_>>();
        let title = Level::ERROR.primary_title(self.title);
        let path = self.location.map(|location| location.path().display().to_string());
        let group = match self.location.zip(path) {
            Some((location, path)) => title.element(snippet(location, path)).elements(notes),
            None => Group::with_title(title).elements(notes),
        };
        let groups = [group];
        let plain = Renderer::plain().render(&groups);
        let shown = if colored { Renderer::styled().render(&groups) } else { plain.clone() };
        let shown = self.location.map_or_else(|| shown.clone(), |location| placed(location, &shown));
        compact(&plain, &shown)
    }
}

/// Replaces the column in the excerpt with the column in the file: the excerpt of a long line starts later.
fn placed(location: &Location, shown: &str) -> String {
    let column = location.excerpt()[..location.mark().start].chars().count() + 1;
    let wrong = format!("{}:{}:{column}", location.path().display(), location.line());
    shown.replacen(&wrong, &location.to_string(), 1)
}

/// Removes the empty line between the excerpt and the notes. `plain` is the same text without colours.
fn compact(plain: &str, shown: &str) -> String {
    let next = plain.lines().skip(1).chain([""]);
    let gap = plain.lines().zip(next).map(|(line, next)| line.trim() == "|" && next.trim_start().starts_with("= "));
    shown.lines().zip(gap).filter(|(_, gap)| !gap).flat_map(|(line, _)| [line, "\n"]).collect()
}

fn bare(note: &str) -> Message<'_> {
    Level::NOTE.no_name().message(note)
}

fn snippet(location: &Location, path: String) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    let mark = AnnotationKind::Primary.span(location.mark());
    Snippet::source(location.excerpt()).line_start(location.line()).path(path).fold(false).annotation(mark)
}

#[cfg(test)]
pub(super) mod tests;
