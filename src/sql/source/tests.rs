use crate::sql::{MYSQL, POSTGRES, SQLITE, SQLSERVER};
use std::convert::Infallible;

use proptest::prelude::*;

use super::*;
use crate::sql::split;

/// Supplies a text in parts of a fixed number of characters.
struct Parts {
    rest: Vec<char>,
    width: usize,
}

impl TextSource for Parts {
    type Failure = Infallible;

    fn supply(&mut self, text: &mut String) -> Result<bool, Infallible> {
        let width = self.width.min(self.rest.len());
        text.extend(self.rest.drain(..width));
        Ok(!self.rest.is_empty())
    }
}

/// The result of splitting a text: the statements with their spans and words, the data, the error.
fn in_parts(dialect: &'static dyn Dialect, text: &str, width: usize) -> Vec<String> {
    let mut window = SlidingBuffer::new(dialect, None, Parts { rest: text.chars().collect(), width });
    let mut found = Vec::new();
    while let Some(parsed) = {
        window.release();
        window.next()
    } {
        match parsed {
            Ok(parsed) => {
                let statement = window.text(&parsed.range).to_owned();
                let mut rows = parsed.data.is_some().then(String::new);
                let mut error = None;
                loop {
                    match window.rows() {
                        Ok(Some(more)) => rows.get_or_insert_default().push_str(more),
                        Ok(None) => break,
                        Err(SourceError::Split(cut)) => {
                            error = Some(cut);
                            break;
                        }
                        Err(SourceError::Read(never)) => match never {},
                    }
                }
                match error {
                    Some(error) => found.push(format!("{error}@{}", error.at)),
                    None => found.push(format!("{:?} {statement} {:?} {rows:?}", parsed.range, parsed.words)),
                }
            }
            Err(SourceError::Split(error)) => found.push(format!("{error}@{}", error.at)),
            Err(SourceError::Read(never)) => match never {},
        }
    }
    found
}

fn whole(dialect: &'static dyn Dialect, text: &str) -> Vec<String> {
    let said = |statement: Result<Statement, SplitError>| match statement {
        Ok(statement) => {
            let data = statement.data.map(|data| text[data].to_owned());
            format!("{:?} {} {:?} {data:?}", statement.range, &text[statement.range.clone()], statement.words)
        }
        Err(error) => format!("{error}@{}", error.at),
    };
    split(dialect, text).map(said).collect()
}

const DIALECTS: [&dyn Dialect; 4] = [MYSQL, POSTGRES, SQLITE, SQLSERVER];

/// Tokens that are special to one of the lexers, with much text between them, so that they occur around every edge.
fn text() -> impl Strategy<Value = String> {
    let tokens = [
        "'",
        "\"",
        "`",
        "[",
        "]",
        "$$",
        "$a$",
        "/*",
        "*/",
        "/*!50003 ",
        "-- x\n",
        "--x",
        "#",
        "\n",
        "\r\n",
        "\r",
        ";",
        ";;",
        "//",
        "DELIMITER //\n",
        "DELIMITER ;\n",
        "\nGO\n",
        "\nGO 3\n",
        "GO",
        "BEGIN ATOMIC",
        "BEGIN",
        "END",
        "END;",
        "CREATE TRIGGER t ",
        "CREATE FUNCTION f() ",
        "COPY t FROM stdin;\n",
        "1\t2\n",
        "\\.\n",
        "\n\\.\r\n",
        "\\.x\n",
        "\\",
        "SET standard_conforming_strings = off;",
        "SET sql_mode = ANSI_QUOTES;",
        "E'",
        "\\'",
        "USE x\n",
        "(",
        ")",
        "é😀",
        "SELECT 1",
        "-- dbmigrate: x\n",
        "\\restrict abc\n",
        ":r x\n",
    ];
    let token = prop_oneof![
        6 => proptest::sample::select(tokens.to_vec()).prop_map(ToOwned::to_owned),
        2 => proptest::sample::select(vec![" ", "a", "x "]).prop_map(|text| text.repeat(37)),
    ];
    proptest::collection::vec(token, 0..24).prop_map(|tokens| tokens.concat())
}

proptest! {
    #[test]
    fn a_text_that_comes_in_parts_is_cut_like_a_whole_one(text in text(), width in 1..300_usize) {
        for dialect in DIALECTS {
            prop_assert_eq!(in_parts(dialect, &text, width), whole(dialect, &text), "{:?}", dialect);
        }
    }
}

#[test]
fn what_is_held_does_not_grow_with_the_text() {
    let text = "INSERT INTO t VALUES ('aaaaaaaaaaaaaaaa');\n".repeat(50_000);
    let mut window = SlidingBuffer::new(SQLITE, None, Parts { rest: text.chars().collect(), width: 4096 });
    let mut most = 0;
    while let Some(statement) = {
        window.release();
        window.next()
    } {
        assert!(statement.is_ok());
        most = most.max(window.text.len());
    }
    assert!(most < 3 * 4096, "{most}");
}

#[test]
fn rows_are_given_out_as_they_come() {
    let text = format!("COPY t FROM stdin;\n{}\\.\nSELECT 1;", "1\t2\n".repeat(100_000));
    let mut window = SlidingBuffer::new(POSTGRES, None, Parts { rest: text.chars().collect(), width: 4096 });
    assert!(matches!(window.next(), Some(Ok(statement)) if statement.data.is_some()));
    let (mut rows, mut most) = (0, 0);
    while let Ok(Some(more)) = window.rows() {
        rows += more.matches('\n').count();
        most = most.max(more.len());
    }
    assert_eq!(rows, 100_000);
    assert!(most < 3 * 4096, "{most}");
    assert!(matches!(window.next(), Some(Ok(statement)) if window.text(&statement.range) == "SELECT 1"));
}
