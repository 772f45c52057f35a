//! A table as its `CREATE TABLE` defines it: <https://www.sqlite.org/lang_createtable.html>.

use super::text::{Term, TermKind, bare, line};
use crate::schema::Object;

/// The keywords that begin a constraint of a column.
const OF_COLUMN: [&str; 10] =
    ["CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED"];

/// The keywords that begin a constraint of a table.
const OF_TABLE: [&str; 5] = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];

/// Returns a table with its columns and constraints. `terms` follow the table's name.
pub(super) fn objects(table: &str, terms: &[Term]) -> Vec<Object> {
    if !terms.first().is_some_and(|term| term.is("(")) {
        return vec![Object::new("table", table, line(terms))];
    }
    let end = closing(terms, 0);
    let mut parts = Parts { table, objects: Vec::new(), columns: 0 };
    for part in split(&terms[1..end]) {
        parts.add(part);
    }
    let mut options = split(&terms[(end + 1).min(terms.len())..]).map(option_text).collect::<Vec<_>>();
    options.sort_unstable();
    let definition = format!("CREATE TABLE {}", options.join(", "));
    parts.objects.push(Object::new("table", table, definition.trim_end()));
    parts.objects
}

/// Returns `WITHOUT ROWID` or `STRICT`: neither is a keyword elsewhere.
fn option_text(option: &[Term]) -> String {
    option.iter().map(|term| term.text.to_ascii_uppercase()).collect::<Vec<_>>().join(" ")
}

struct Parts<'a> {
    table: &'a str,
    objects: Vec<Object>,
    columns: u32,
}

impl Parts<'_> {
    fn add(&mut self, part: &[Term]) {
        match part.first() {
            Some(first) if first.kind == TermKind::Keyword && OF_TABLE.contains(&first.text.as_str()) => {
                self.constraint(part, None);
            }
            Some(name) => self.column(&bare(&name.text), &part[1..]),
            None => {}
        }
    }

    fn column(&mut self, name: &str, terms: &[Term]) {
        let (kind, clauses) = clauses(terms);
        let mut own = Vec::new();
        let mut label = Vec::new();
        for clause in clauses {
            match clause[0].text.as_str() {
                "CONSTRAINT" => label = clause.to_vec(),
                "PRIMARY" | "UNIQUE" | "CHECK" | "REFERENCES" => {
                    self.constraint(&[&std::mem::take(&mut label), clause].concat(), Some(name));
                }
                // the default of every column
                "NULL" => label.clear(),
                _ => {
                    label.clear();
                    own.push(line(clause));
                }
            }
        }
        own.sort_by_key(|clause| ["COLLATE", "NOT", "DEFAULT"].iter().position(|first| clause.starts_with(first)));
        let kind = kind.iter().map(|term| Term { text: term.text.to_ascii_uppercase(), ..term.clone() });
        own.insert(0, line(&kind.collect::<Vec<_>>()));
        own.retain(|clause| !clause.is_empty());
        self.columns += 1;
        let column = Object::new("column", format!("{}.{name}", self.table), own.join(" "));
        self.objects.push(column.part_of(self.table).at(self.columns));
    }

    /// Adds a constraint of the table or of one of its columns.
    fn constraint(&mut self, terms: &[Term], column: Option<&str>) {
        let named = terms.first().is_some_and(|term| term.is("CONSTRAINT"));
        let name = terms.get(1).filter(|_| named).map(|name| bare(&name.text));
        let terms = &terms[if named { 2 } else { 0 }.min(terms.len())..];
        let kind = match terms.first().map_or("", |term| term.text.as_str()) {
            "PRIMARY" => "primary key",
            "UNIQUE" => "unique",
            "CHECK" => "check",
            _ => "foreign key",
        };
        let definition = match column {
            Some(column) => of_table(kind, column, terms),
            None => line(terms),
        };
        let name = name.map(|name| format!("{}.{name}", self.table));
        let is_unnamed = name.is_none();
        let name = name.unwrap_or_else(|| format!("{}.{definition}", self.table));
        let object = Object::new(kind, name, definition).part_of(self.table);
        self.objects.push(if is_unnamed { object.with_invented_name() } else { object });
    }
}

/// Returns a column's constraint as the table's constraint that means the same.
fn of_table(kind: &str, column: &str, terms: &[Term]) -> String {
    let column = super::text::name(column);
    match kind {
        "check" => line(terms),
        "foreign key" => format!("FOREIGN KEY ({column}) {}", line(terms)),
        // this one does not make the column another name of the row's number, unlike a constraint of the table
        "primary key" if terms.get(2).is_some_and(|term| term.is("DESC")) => format!("{column} {}", line(terms)),
        _ => {
            let words = if kind == "unique" { 1 } else { 2 };
            let (head, mut rest) = terms.split_at(words.min(terms.len()));
            if rest.first().is_some_and(|term| term.is("ASC")) {
                rest = &rest[1..];
            }
            let (conflict, counts): (Vec<_>, Vec<_>) = rest.iter().cloned().partition(|term| !term.is("AUTOINCREMENT"));
            let counts = if counts.is_empty() { "" } else { " AUTOINCREMENT" };
            format!("{} ({column}{counts}) {}", line(head), line(&conflict)).trim_end().to_owned()
        }
    }
}

/// Splits a column's definition after its name into its type and its clauses.
fn clauses(terms: &[Term]) -> (&[Term], Vec<&[Term]>) {
    let mut starts = Vec::new();
    let mut at = 0;
    while let Some(term) = terms.get(at) {
        let previous = at.checked_sub(1).and_then(|before| terms.get(before));
        let continues = match term.text.as_str() {
            // ON DELETE SET NULL, ON DELETE SET DEFAULT, DEFAULT NULL, NOT NULL
            "NULL" => previous.is_some_and(|term| ["SET", "DEFAULT", "NOT"].iter().any(|word| term.is(word))),
            "DEFAULT" => previous.is_some_and(|term| term.is("SET")),
            // NOT DEFERRABLE
            "NOT" => terms.get(at + 1).is_some_and(|term| term.is("DEFERRABLE")),
            // GENERATED ALWAYS AS, or AS alone
            "AS" => previous.is_some_and(|term| term.is("ALWAYS")),
            word => !OF_COLUMN.contains(&word),
        };
        if term.kind == TermKind::Keyword && !continues {
            starts.push(at);
        }
        at = if term.is("(") { closing(terms, at) + 1 } else { at + 1 };
    }
    let first = starts.first().copied().unwrap_or(terms.len());
    let ends = starts.iter().skip(1).copied().chain([terms.len()]);
    let clauses = starts.iter().zip(ends).map(|(&start, end)| &terms[start..end]).collect();
    (&terms[..first], clauses)
}

/// Returns the place of the parenthesis that closes the one at `open`.
pub(super) fn closing(terms: &[Term], open: usize) -> usize {
    let mut depth = 0;
    for (at, term) in terms.iter().enumerate().skip(open) {
        depth += i32::from(term.is("(")) - i32::from(term.is(")"));
        if depth == 0 {
            return at;
        }
    }
    terms.len()
}

/// Splits at the commas outside parentheses.
fn split(terms: &[Term]) -> impl Iterator<Item = &[Term]> {
    let mut depth = 0;
    let is_comma = move |term: &Term| {
        depth += i32::from(term.is("(")) - i32::from(term.is(")"));
        depth == 0 && term.is(",")
    };
    terms.split(is_comma)
}
