use super::every;
use super::*;
use crate::plan::HistoryViolation;
use crate::script::FolderProblem;
use crate::sql::{FindingKind, SplitErrorKind};

/// Returns the patterns that no value matches. The patterns must be exhaustive, so a new variant that is not listed
/// here does not compile.
macro_rules! unmatched {
    ($values:expr, [$($pattern:pat),+ $(,)?]) => {{
        let values = $values;
        let _exhaustive = values.iter().map(|value| match value { $($pattern => ()),+ });
        let mut unmatched = Vec::<&str>::new();
        $(if !values.iter().any(|value| matches!(value, $pattern)) { unmatched.push(stringify!($pattern)); })+
        unmatched
    }};
}

#[test]
fn there_is_an_example_of_every_error() {
    let unmatched = unmatched!(
        every::errors(),
        [
            Error::Target(_),
            Error::Folder(_),
            Error::Git(_),
            Error::Read { .. },
            Error::Refused { .. },
            Error::NoFile { .. },
            Error::Connect { .. },
            Error::Locked { .. },
            Error::Journal { .. },
            Error::JournalFormat { .. },
            Error::Script { .. },
            Error::Database { .. },
            Error::Broken { .. },
            Error::JournalChanged { .. },
            Error::CommitUnknown { .. },
            Error::Interrupted { .. },
            Error::Guarded { .. },
            Error::Swap { .. },
            Error::Baseline { .. },
            Error::Repair { .. },
            Error::Differs { .. },
            Error::Drift { .. },
            Error::Verify { .. },
            Error::Squash { .. },
        ]
    );
    assert_eq!(unmatched, [""; 0]);
    let unmatched = unmatched!(
        every::read_errors(),
        [ReadError::Io { .. }, ReadError::Decode { .. }, ReadError::Pointer { .. }, ReadError::ChangedMeanwhile { .. },]
    );
    assert_eq!(unmatched, [""; 0]);
    let unmatched = unmatched!(
        every::git_errors(),
        [
            GitError::NoProgram,
            GitError::NoRepository { .. },
            GitError::UnknownRevision { .. },
            GitError::NoFolder { .. },
            GitError::Unrelated { .. },
            GitError::Failed { .. },
        ]
    );
    assert_eq!(unmatched, [""; 0]);
}

#[test]
fn there_is_an_example_of_every_offence() {
    let unmatched = unmatched!(
        every::violations(),
        [
            HistoryViolation::Changed { .. },
            HistoryViolation::Collided { .. },
            HistoryViolation::Below { .. },
            HistoryViolation::Removed,
            HistoryViolation::NotMerged,
        ]
    );
    assert_eq!(unmatched, [""; 0]);
}

#[test]
fn there_is_an_example_of_every_problem() {
    let unmatched = unmatched!(
        every::problems(),
        [
            Problem::Folder(_),
            Problem::ObjectUnknown { .. },
            Problem::ObjectCycle { .. },
            Problem::ObjectTwice { .. },
            Problem::ObjectNeeded { .. },
            Problem::Gap { .. },
            Problem::Empty { .. },
            Problem::Changed { .. },
            Problem::Missing { .. },
            Problem::OutOfOrder { .. },
            Problem::Unfinished { .. },
            Problem::UnfinishedMissing { .. },
            Problem::PrefixChanged { .. },
            Problem::SessionLost { .. },
            Problem::NothingToResume { .. },
            Problem::NoJournal,
            Problem::EmptyJournal,
            Problem::BehindBaseline { .. },
            Problem::GoalBelow { .. },
            Problem::GoalAbove { .. },
            Problem::GoalBelowBaseline { .. },
            Problem::Unimportable { .. },
            Problem::OldJournal { .. },
            Problem::Lasting { .. },
            Problem::Since { .. },
            Problem::Refused { .. },
        ]
    );
    assert_eq!(unmatched, [""; 0]);
}

#[test]
fn there_is_an_example_of_every_problem_of_a_folder() {
    let examples = every::problems();
    let codes = examples.iter().map(Problem::code).collect::<Vec<_>>();
    let missing = FolderProblem::CODES.into_iter().filter(|code| !codes.contains(code)).collect::<Vec<_>>();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn there_is_an_example_of_every_finding() {
    let unmatched = unmatched!(
        every::finding_kinds(),
        [
            FindingKind::OwnTransaction { .. },
            FindingKind::NoEffect { .. },
            FindingKind::TrailingSeparator,
            FindingKind::NotRepeatable { .. },
            FindingKind::NoDropFirst,
            FindingKind::Invisible { .. },
            FindingKind::NotInTransaction { .. },
            FindingKind::Unsupported { .. },
            FindingKind::OtherDatabase { .. },
            FindingKind::OpenSavepoint { .. },
            FindingKind::UnknownSavepoint { .. },
            FindingKind::TooLong { .. },
            FindingKind::Journal { .. },
            FindingKind::JournalChange { .. },
            FindingKind::CutOff { .. },
            FindingKind::MisplacedDirective,
            FindingKind::DownSection { .. },
            FindingKind::ForeignMarker { .. },
            FindingKind::ForeignVariable { .. },
            FindingKind::TenantSchema { .. },
            FindingKind::Split(_),
        ]
    );
    assert_eq!(unmatched, [""; 0]);
    let unmatched = unmatched!(
        every::split_error_kinds(),
        [
            SplitErrorKind::UnterminatedString,
            SplitErrorKind::UnterminatedIdentifier,
            SplitErrorKind::UnterminatedDollarQuote { .. },
            SplitErrorKind::UnterminatedComment,
            SplitErrorKind::UnterminatedBlock,
            SplitErrorKind::UnterminatedParenthesis,
            SplitErrorKind::UnterminatedCopy,
            SplitErrorKind::TextAfterCopy,
            SplitErrorKind::ClientCommand { .. },
            SplitErrorKind::NoDelimiter,
            SplitErrorKind::BadDelimiter,
            SplitErrorKind::BadSeparator,
            SplitErrorKind::BadCount,
            SplitErrorKind::CommentBeforeCr,
            SplitErrorKind::NulCharacter,
            SplitErrorKind::Undeclared { .. },
            SplitErrorKind::Several { .. },
        ]
    );
    assert_eq!(unmatched, [""; 0]);
}

#[test]
fn there_is_an_example_of_every_trouble_of_a_url_and_of_a_server() {
    let unmatched = unmatched!(
        every::target_errors(),
        [
            TargetError::NoScheme { .. },
            TargetError::UnknownScheme { .. },
            TargetError::NotBuilt(_),
            TargetError::Malformed { .. },
            TargetError::NoDatabase { .. },
            TargetError::SystemDatabase(_),
            TargetError::NoSchemas(_),
            TargetError::InMemory { .. },
            TargetError::UnknownParameter { .. },
            TargetError::Repeated { .. },
            TargetError::SeveralHosts(_),
            TargetError::OtherForm { .. },
            TargetError::Service { .. },
            TargetError::InvalidParameter { .. },
            TargetError::ConnectionString { .. },
        ]
    );
    assert_eq!(unmatched, [""; 0]);
    let unmatched = unmatched!(
        every::troubles().iter().map(|error| error.kind).collect::<Vec<_>>(),
        [
            ErrorKind::Plain,
            ErrorKind::ConnectionLost,
            ErrorKind::Unreachable,
            ErrorKind::Login,
            ErrorKind::NoDatabase,
            ErrorKind::LockTimeout,
            ErrorKind::NotInTransaction,
            ErrorKind::Certificate,
            ErrorKind::NoToken,
            ErrorKind::StatementTimeout,
            ErrorKind::Cancelled,
            ErrorKind::NotADatabase,
            ErrorKind::CannotOpen,
            ErrorKind::OutOfLocks,
            ErrorKind::PendingTriggers,
            ErrorKind::ReadOnly,
            ErrorKind::Full,
            ErrorKind::DoesNotExist,
            ErrorKind::CannotReplace,
            ErrorKind::Denied,
            ErrorKind::CannotCreateDatabase,
            ErrorKind::InvalidIndex,
            ErrorKind::NotRolledBack,
            ErrorKind::CommittedByScript,
        ]
    );
    assert_eq!(unmatched, [""; 0]);
}

#[test]
fn codes_are_stable_words_and_no_two_problems_share_one() {
    let is_word = |code: &str| code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    assert!(every::errors().iter().all(|error| is_word(error.code())));
    let codes = every::problems().iter().map(Problem::code).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(codes.len(), 86);
    assert!(codes.into_iter().all(is_word));
}

#[test]
fn every_problem_has_a_remedy() {
    for problem in every::problems() {
        assert!(!problem.hint().is_empty(), "{problem}");
        assert!(!problem.to_string().contains('\n') && !problem.hint().contains('\n'), "{problem}");
    }
}

#[test]
fn a_run_that_broke_the_transaction_says_what_was_committed_before() {
    for error in every::errors().iter().filter(|error| error.state().is_some_and(|state| state.unknown)) {
        let notes = error.notes().join("\n");
        assert!(notes.contains("0001-0002 are applied and stay"), "{error}: {notes}");
    }
}

#[test]
fn a_script_that_stopped_in_the_middle_says_what_to_do_next() {
    for error in every::errors().iter().filter(|error| error.state().is_some_and(|state| state.partial.is_some())) {
        let said = error.hint().unwrap_or_default();
        assert!(said.contains("upgrade"), "{error}: {said}");
    }
}
