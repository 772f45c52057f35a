//! One example of every problem.

use std::time::{Duration, UNIX_EPOCH};

use dbmigrate::error::{Disagreement, FolderProblem, HistoryViolation, Unimportable};
use dbmigrate::internals::{FindingKind, MarkerRole, Repeat, SplitErrorKind};
use dbmigrate::script::{Checksum, Kind, Location};
use dbmigrate::{Problem, Timestamp};

use super::{custmers, not_utf8, number};

/// Returns the problems with object files.
fn of_objects() -> Vec<Problem> {
    vec![
        Problem::Folder(FolderProblem::NumberedObject { path: "migrations/objects/Script-0048.sql".into() }),
        Problem::ObjectUnknown {
            name: "views/bse.sql".into(),
            location: Location::new(
                "migrations/objects/views/totals.sql",
                "-- dbmigrate: after views/bse.sql\n",
                0..33,
            ),
        },
        Problem::ObjectCycle { files: vec!["views/a.sql".into(), "views/b.sql".into()] },
        Problem::ObjectNeeded {
            file: "views/totals.sql".into(),
            dependents: vec!["default value for column total".into()],
        },
        Problem::ObjectTwice {
            object: "view totals".into(),
            first: "views/old.sql".into(),
            second: "views/totals.sql".into(),
            location: Location::new(
                "migrations/objects/views/totals.sql",
                "CREATE OR REPLACE VIEW totals AS SELECT 1;\n",
                23..29,
            ),
        },
    ]
}

/// Returns every variant of [`Problem`].
pub(crate) fn problems() -> Vec<Problem> {
    let path = |number: u32| format!("migrations/Script-{number:04}.sql").into();
    let (applied_at, at) = (|| Timestamp::from(UNIX_EPOCH + Duration::from_millis(1_769_903_999_123)), number(50));
    let diff = Some("--- applied\n+++ on disk\n@@ -1 +1 @@\n-SELECT 1;\n+SELECT 2;\n".into());
    let mut problems = vec![
        Problem::Folder(FolderProblem::Misnamed {
            path: "migrations/script-48.sql".into(),
            right_name: Some("Script-0048.sql".into()),
        }),
        Problem::Folder(FolderProblem::Misnamed { path: "migrations/Script-.sql".into(), right_name: None }),
        Problem::Folder(FolderProblem::NotAFile { path: path(48) }),
        Problem::Folder(FolderProblem::Unreadable { path: path(48), reason: "Permission denied (os error 13)".into() }),
        Problem::Folder(FolderProblem::Pointer { path: path(48) }),
        Problem::Folder(FolderProblem::NotInCommit {
            path: "v1.2:migrations/Script-0048.sql".into(),
            reason: "a symbolic link whose target is not in this commit".into(),
        }),
        Problem::Folder(FolderProblem::Undecodable { path: path(48), source: not_utf8() }),
        Problem::Folder(FolderProblem::NumberTooLarge { path: "migrations/Script-99999999999.sql".into() }),
        Problem::Folder(FolderProblem::UnknownDirective {
            name: "no-transactions".into(),
            known: "-- dbmigrate: no-transaction and -- dbmigrate: no-variables",
            location: Location::new("migrations/Script-0048.sql", "-- dbmigrate: no-transactions\n", 0..29),
        }),
        Problem::Folder(FolderProblem::Duplicate {
            number: number(48),
            paths: vec![path(48), "migrations/2024/Script-0048.sql".into()],
        }),
        Problem::Gap { first: number(48), last: number(48) },
        Problem::Gap { first: number(48), last: number(50) },
        Problem::Empty { dir: "migrations".into(), tool: None },
        Problem::Empty { dir: "migrations".into(), tool: Some("Flyway") },
        Problem::Folder(FolderProblem::Late {
            path: "db/V3__x.sql".into(),
            tool: "Flyway",
            map: "migrations/adopted.toml".into(),
        }),
        Problem::Folder(FolderProblem::Unrecognized { path: "migrations/V3__x.sql".into(), tool: Some("Flyway") }),
        Problem::Changed {
            path: path(7),
            applied: Checksum::of("a"),
            on_disk: Checksum::of("b"),
            applied_at: applied_at(),
            diff,
            by: None,
        },
        Problem::Changed {
            path: path(8),
            applied: Checksum::of("a"),
            on_disk: Checksum::of("b"),
            applied_at: applied_at(),
            diff: None,
            by: Some("commit 4bf2b43 of 2026-01-31 by Ann: Longer names".into()),
        },
        Problem::Missing { script: "Script-0007.sql".into(), applied_at: applied_at() },
        Problem::OutOfOrder { path: path(48), at, free: number(51) },
        Problem::Unfinished { script: "Script-0007.sql".into(), next: 2, statements: 3, location: Some(custmers()) },
        Problem::UnfinishedMissing { script: "Script-0007.sql".into() },
        Problem::PrefixChanged { path: path(7), done: 2 },
        Problem::SessionLost {
            script: "Script-0007.sql".into(),
            next: 3,
            what: "@newest".into(),
            made: 2,
            used: 4,
            location: Location::new("migrations/Script-0007.sql", "UPDATE customer SET first = @newest;\n", 0..35),
        },
        Problem::NothingToResume { at: 4 },
        Problem::NoJournal,
        Problem::EmptyJournal,
        Problem::BehindBaseline {
            at: Some(at),
            first: number(51),
            last: number(60),
            baseline: number(500),
            commit: None,
        },
        Problem::BehindBaseline {
            at: None,
            first: number(1),
            last: number(1),
            baseline: number(500),
            commit: Some("4bf2b43".into()),
        },
        Problem::GoalBelow { to: number(48), at },
        Problem::GoalAbove { to: number(51), highest: at },
        Problem::GoalBelowBaseline { to: number(48), baseline: at },
    ];
    problems.extend(of_objects());
    problems
        .extend(unimportable().map(|why| Problem::Unimportable { name: "Shop.Script0007 - Orders.sql".into(), why }));
    for why in [Disagreement::Failed("14 is dirty".into()), Disagreement::Count { applied: 14, to: number(16) }] {
        problems.push(Problem::OldJournal { tool: "sqlx", table: "public._sqlx_migrations".into(), why });
    }
    let why = "it runs outside a transaction, so its changes".into();
    problems.push(Problem::Lasting { script: Some("Script-0007.sql".into()), why });
    problems.extend(violations().into_iter().map(since));
    problems.extend(finding_kinds().into_iter().map(|kind| Problem::Refused { kind, location: custmers() }));
    problems
}

fn since(why: HistoryViolation) -> Problem {
    let (path, revision) = ("migrations/Script-0050.sql".into(), "origin/main".into());
    Problem::Since { path, kind: Kind::Script, revision, why }
}

/// Returns every variant of [`FindingKind`].
pub(crate) fn finding_kinds() -> Vec<FindingKind> {
    let mut kinds = vec![
        FindingKind::OwnTransaction { statement: "COMMIT".into(), advice: "remove the statement" },
        FindingKind::TrailingSeparator,
        FindingKind::NoDropFirst,
        FindingKind::NotRepeatable {
            object: "view totals".into(),
            repeat: Repeat::Fails,
            remedy: "write CREATE OR REPLACE VIEW, or put DROP VIEW IF EXISTS totals before it".into(),
        },
        FindingKind::NotRepeatable {
            object: "view totals".into(),
            repeat: Repeat::Skips,
            remedy: "put DROP VIEW IF EXISTS totals before it".into(),
        },
        FindingKind::Invisible { character: '\u{FEFF}' },
        FindingKind::NoEffect { statement: "PRAGMA page_size".into(), later: true },
        FindingKind::NoEffect { statement: "PRAGMA encoding".into(), later: false },
        FindingKind::NotInTransaction { statement: "CREATE INDEX CONCURRENTLY".into() },
        FindingKind::Unsupported { statement: "COPY ... TO STDOUT".into(), reason: "nothing receives its rows".into() },
        FindingKind::OtherDatabase { statement: "USE".into(), database: "crm".into() },
        FindingKind::OpenSavepoint { name: "a".into() },
        FindingKind::UnknownSavepoint { name: "a".into() },
        FindingKind::TooLong { bytes: 20_000_000, limit: 16_777_216 },
        FindingKind::Journal { table: "dbmigrate_journal".into() },
        FindingKind::JournalChange { table: "dbmigrate_journal".into(), schema: None },
        FindingKind::JournalChange { table: "dbmigrate_journal".into(), schema: Some("public".into()) },
        FindingKind::CutOff { missing: "COMMIT".into() },
        FindingKind::MisplacedDirective,
        FindingKind::DownSection { tool: "goose" },
        FindingKind::ForeignMarker { tool: "dbmate", role: MarkerRole::Up },
        FindingKind::ForeignMarker { tool: "dbmate", role: MarkerRole::NoTransaction },
        FindingKind::ForeignVariable { name: "${schema}".into() },
        FindingKind::TenantSchema { schema: "acme".into() },
    ];
    kinds.extend(split_error_kinds().into_iter().map(FindingKind::Split));
    kinds
}

/// Returns every variant of [`SplitErrorKind`].
pub(crate) fn split_error_kinds() -> Vec<SplitErrorKind> {
    vec![
        SplitErrorKind::UnterminatedString,
        SplitErrorKind::UnterminatedIdentifier,
        SplitErrorKind::UnterminatedDollarQuote { tag: "$body$".into() },
        SplitErrorKind::UnterminatedComment,
        SplitErrorKind::UnterminatedBlock,
        SplitErrorKind::UnterminatedParenthesis,
        SplitErrorKind::UnterminatedCopy,
        SplitErrorKind::TextAfterCopy,
        SplitErrorKind::ClientCommand { command: "\\connect".into() },
        SplitErrorKind::NoDelimiter,
        SplitErrorKind::BadDelimiter,
        SplitErrorKind::BadSeparator,
        SplitErrorKind::BadCount,
        SplitErrorKind::CommentBeforeCr,
        SplitErrorKind::NulCharacter,
        SplitErrorKind::Undeclared { name: "schema".into() },
        SplitErrorKind::Several { name: "schema".into() },
    ]
}

/// Returns every variant of [`Unimportable`].
fn unimportable() -> [Unimportable; 9] {
    let (number, highest) = (number(7), number(9));
    let other = "Shop.0007-Orders.sql".into();
    [
        Unimportable::Unnumbered,
        Unimportable::Twice { number, other },
        Unimportable::NotOnDisk { number },
        Unimportable::Failed { why: "failed".into() },
        Unimportable::Unknown,
        Unimportable::Changed { number },
        Unimportable::Partly { applied: 9, of: 13 },
        Unimportable::Reordered { number, earlier: highest },
        Unimportable::Absent { highest },
    ]
}

/// Returns every variant of [`HistoryViolation`].
pub(crate) fn violations() -> Vec<HistoryViolation> {
    let (highest, free) = (number(50), number(51));
    vec![
        HistoryViolation::Changed {
            diff: Some("--- origin/main\n+++ here\n@@ -1 +1 @@\n-SELECT 1;\n+SELECT 2;\n".into()),
        },
        HistoryViolation::Collided { free },
        HistoryViolation::Below { highest, free },
        HistoryViolation::Removed,
        HistoryViolation::NotMerged,
    ]
}
