//! What holds for every text, however odd.

mod alone;

use dbmigrate::Variables;
use dbmigrate::internals::{
    self, Context, Finding, FindingKind, Inspection, Mode, Role, SplitError, SplitErrorKind, Statement, context,
    inspect, sendable, split,
};

type Split = [Result<Statement, SplitError>];

/// Panics where the splitter of a dialect, or the checks that follow, break a law.
pub fn check(dialect: &str, text: &str) {
    let statements: Vec<_> = split(dialect, text).collect();
    tile(text, &statements);
    for statement in statements.iter().flatten() {
        lies_in_its_span(dialect, text, statement);
        has_answers(dialect, text, statement);
    }
    do_not_depend_on_an_error(dialect, text, &statements);
    alone::check(dialect, text, &statements);
    are_sent(dialect, text, &statements);
    are_inspected(dialect, text, &statements);
}

/// The spans follow each other from the start of the text to its end, or to an error.
fn tile(text: &str, statements: &Split) {
    let mut end = 0;
    for (index, statement) in statements.iter().enumerate() {
        match statement {
            Ok(statement) => {
                assert_eq!(statement.span.start, end, "a span starts where the one before it ends");
                assert!(statement.span.end > end, "a span is not empty");
                end = statement.span.end;
            }
            Err(error) => {
                assert_eq!(index + 1, statements.len(), "nothing comes after an error");
                assert!(error.at >= end, "an error follows the statements");
                assert!(text.is_char_boundary(error.at), "an error lies between characters, in the text");
                return;
            }
        }
    }
    assert_eq!(end, text.len(), "the spans are the text");
}

/// Blanks and comments, the statement, what ends it, its data.
fn lies_in_its_span(dialect: &str, text: &str, parsed: &Statement) {
    let (span, statement) = (&parsed.span, &parsed.range);
    assert!(span.start <= statement.start && statement.end <= span.end, "the statement lies in its span");
    assert!(text.get(span.clone()).is_some(), "a span lies between characters");
    let inside = text.get(statement.clone()).expect("a statement lies between characters");
    assert!(parsed.times > 0 && (parsed.times == 1 || dialect == "sqlserver"), "only a batch is repeated");
    if let Some(data) = &parsed.data {
        assert!(!inside.is_empty() && dialect == "postgres", "data belongs to a COPY");
        assert!(statement.end < data.start && data.end <= span.end, "data lies in the span, after the statement");
        assert!(text[..data.start].ends_with('\n') || data.start == text.len(), "data starts a line");
        assert!(data.is_empty() || text[data.clone()].ends_with('\n'), "data consists of lines");
        assert!(text[data.end..].starts_with("\\."), "data ends at its mark");
    }
    if inside.is_empty() {
        return;
    }
    let trimmed = if dialect == "sqlserver" { inside.trim() } else { inside.trim_ascii() };
    assert_eq!(inside, trimmed, "a statement starts and ends with a token");
    let before = &text[span.start..statement.start];
    assert!(is_empty(dialect, before), "nothing to send comes before the statement: {before:?}");
}

/// Whether a text consists of statements that have nothing to send.
fn is_empty(dialect: &str, text: &str) -> bool {
    split(dialect, text).all(|statement| statement.is_ok_and(|statement| statement.range.is_empty()))
}

fn has_answers(dialect: &str, text: &str, statement: &Statement) {
    internals::ask(dialect, statement, &text[statement.range.clone()]);
    assert!(statement.words.is_empty() || !statement.range.is_empty(), "words belong to a statement");
}

/// A text that ends where the error's statement starts has the statements before it.
fn do_not_depend_on_an_error(dialect: &str, text: &str, statements: &Split) {
    let [before @ .., Err(_)] = statements else { return };
    let end = before.iter().flatten().last().map_or(0, |statement| statement.span.end);
    let again: Vec<_> = split(dialect, &text[..end]).collect();
    assert_eq!(again, before, "the statements before an error do not depend on it");
}

/// A script is sent whole; of a baseline, the frames of a dump tool are left out.
fn are_sent(dialect: &str, text: &str, statements: &Split) {
    let has_something =
        |statement: &&Result<Statement, SplitError>| statement.as_ref().map_or(true, |p| !p.range.is_empty());
    let expected: Vec<_> = statements.iter().filter(has_something).collect();
    let script: Vec<_> = sendable(dialect, text, Role::Script).collect();
    assert!(script.iter().eq(expected.iter().copied()), "of a script, every statement is sent");
    let mut left = expected.into_iter();
    for statement in sendable(dialect, text, Role::Baseline) {
        assert!(left.any(|own| *own == statement), "what is sent of a baseline are its statements, in order");
        assert!(statement.is_ok() || left.next().is_none(), "nothing comes after an error");
    }
    assert!(left.all(Result::is_ok), "an error is not left out");
}

fn are_inspected(dialect: &str, text: &str, statements: &Split) {
    let mut named = plain(dialect);
    (named.database, named.alias, named.longest) = (Some("a".to_owned()), Some("b".to_owned()), Some(16));
    let sent = statements.iter().flatten().filter(|statement| !statement.range.is_empty());
    let sent: usize = sent.map(|statement| statement.times as usize).sum();
    let errors = usize::from(statements.last().is_some_and(Result::is_err));
    for context in [plain(dialect), named] {
        for mode in [Mode::InTransaction, Mode::NoTransaction] {
            let script = inspect(&context, text, Role::Script, mode);
            assert_eq!(script.statements, sent, "every statement is inspected");
            lie_in_the_text(text, &script, errors);
            let baseline = inspect(&context, text, Role::Baseline, mode);
            assert!(baseline.statements <= sent, "no more is sent of a baseline");
            lie_in_the_text(text, &baseline, errors);
        }
    }
}

/// Without variables: one that is not declared is an error, and its statement is not sent.
fn plain(dialect: &str) -> Context {
    let mut context = context(dialect);
    context.variables = Variables::off();
    context
}

fn lie_in_the_text(text: &str, inspection: &Inspection, errors: usize) {
    let at = inspection.findings.iter().map(|finding| &finding.at);
    assert!(at.clone().is_sorted_by_key(|at| at.start), "the findings are in the order of the text");
    for at in at.chain(&inspection.commits).chain(&inspection.commit_after) {
        assert!(text.get(at.clone()).is_some(), "a finding lies between characters, in the text: {at:?}");
    }
    for (index, one) in inspection.findings.iter().enumerate() {
        let again = |other: &Finding| other.at.end == one.at.end && other.kind == one.kind;
        assert!(!inspection.findings[..index].iter().any(again), "nothing is found twice: {one:?}");
    }
    let mut split = 0;
    for finding in &inspection.findings {
        assert!(!finding.kind.to_string().is_empty() && !finding.kind.hint().is_empty());
        split += usize::from(matches!(finding.kind, FindingKind::Split(_)));
    }
    // of the shell's commands, those that follow are shown, too
    let commands = inspection
        .findings
        .iter()
        .filter(|finding| matches!(finding.kind, FindingKind::Split(SplitErrorKind::ClientCommand { .. })));
    let further = commands.count().saturating_sub(1);
    assert_eq!(split - further, errors, "an error is one finding");
}
