//! Schedules of texts, without a server.

use std::convert::Infallible;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::import::ForeignOrigin;
use crate::plan::{Group, Resume};
use crate::script::{Hasher, Number, Script, ScriptFacts, Scripts};
use crate::sql::{Defers, Dialect, MYSQL, POSTGRES, Role, SQLITE, SQLSERVER, Statement, sendable};

/// The statements of a text.
pub(super) struct Texts(VecDeque<ReadStatement>);

impl Texts {
    pub(super) fn new(dialect: &'static dyn Dialect, text: &str) -> Self {
        let mut through = Hasher::default();
        let statement = |parsed: Statement| {
            through.update(&text[parsed.span.clone()]);
            let sql = text[parsed.range.clone()].to_owned();
            ReadStatement { parsed, sql, lead: String::new(), bytes: 0, through: through.clone() }
        };
        Self(sendable(dialect, text, Role::Script).map(|parsed| parsed.expect("splits")).map(statement).collect())
    }
}

impl Source for Texts {
    type Error = Infallible;

    fn next(&mut self) -> Result<Option<ReadStatement>, Infallible> {
        Ok(self.0.pop_front())
    }

    fn look_ahead(&mut self, _: usize) {}
}

fn capabilities(dialect: &'static dyn Dialect) -> Capabilities {
    let (batching, checkpoints) = match dialect.name() {
        "mysql" => (Batching::Run, Checkpoints::InBand),
        "postgres" | "sqlite" => (Batching::Run, Checkpoints::Aside),
        _ => (Batching::Statement, Checkpoints::Aside),
    };
    let message_limit = if dialect == SQLSERVER { 0 } else { 100_000 };
    let (longest, stores_to_the_end, reset_bytes) = (None, false, 100);
    let (settles, defers) = ((dialect == POSTGRES || dialect == SQLITE), dialect == SQLITE);
    Capabilities {
        dialect,
        batching,
        checkpoints,
        message_limit,
        longest,
        stores_to_the_end,
        settles,
        defers,
        reset_bytes,
    }
}

/// Scripts with these texts.
fn scripts(texts: &[&str]) -> Vec<Script> {
    let name = |i: usize| format!("Script-{:04}.sql", i + 1);
    let files = texts.iter().enumerate().map(|(i, text)| (name(i), text.as_bytes().to_vec()));
    Scripts::from_files(files.collect::<Vec<_>>()).scripts().to_vec()
}

/// A schedule to test.
struct Scene<'t> {
    capabilities: Capabilities,
    operation: Operation,
    in_transaction: bool,
    has_journal: bool,
    /// How many scripts each group has; a group of several is a transaction.
    groups: Vec<usize>,
    start: Start,
    /// How many statements of the first script have already run.
    done: usize,
    texts: Vec<&'t str>,
}

impl<'t> Scene<'t> {
    fn of(dialect: &'static dyn Dialect, texts: &[&'t str]) -> Self {
        let (operation, start, texts) = (Operation::Apply, Start::default(), texts.to_vec());
        let capabilities = capabilities(dialect);
        let groups = vec![1; texts.len()];
        Self { capabilities, operation, in_transaction: true, has_journal: true, groups, start, done: 0, texts }
    }

    fn outside(self) -> Self {
        Self { in_transaction: false, ..self }
    }

    fn actions(&self) -> Vec<Action> {
        let facts = Arc::new(ScriptFacts { undo: Some(Vec::new()), defers: Defers::Rows, ..ScriptFacts::default() });
        let step = |script| Step { facts: Arc::clone(&facts), ..Step::new(script, None) };
        let mut steps = scripts(&self.texts).into_iter().map(step).collect::<Vec<_>>();
        if self.done > 0 {
            let progress = Some(Progress { statements: self.done, checksum: Hasher::default().checksum() });
            let (done, done_checksum, known, unchanged) = (self.done, None, true, true);
            let repeats = Vec::new();
            steps[0].resume = Some(Resume { done, done_checksum, known, unchanged, progress, repeats });
        }
        let mut rest = steps.iter().cloned();
        let group = |count: &usize| Group { steps: rest.by_ref().take(*count).collect(), transaction: *count > 1 };
        let groups = self.groups.iter().map(group).collect::<Vec<_>>();
        let stretch = if self.in_transaction { Stretch::transaction(steps.iter()) } else { Stretch::of(&groups) };
        let dialect = self.capabilities.dialect;
        let open = |step: &Step| {
            let text = step.script().read().expect("it is in memory");
            Ok(Opened { source: Texts::new(dialect, text.as_str()), body: None })
        };
        let schedule = Schedule::new(&stretch, self.capabilities, self.operation.clone(), self.has_journal, open);
        let mut schedule = schedule.starting(self.start);
        std::iter::from_fn(|| schedule.next().unwrap_or_else(|never| match never {})).collect()
    }

    /// Returns the actions in short form; `|` ends a message.
    fn shown(&self) -> String {
        let words = self.actions().iter().map(shown).collect::<Vec<_>>().join(" ");
        words.replace(" | |", " |")
    }
}

fn shown(action: &Action) -> String {
    match action {
        Action::CreateJournal => "create".into(),
        Action::ApplyObjects => "apply objects".into(),
        Action::RecordSchema => "schema".into(),
        Action::Prepare(_) => "prepare".into(),
        Action::Begin => "begin".into(),
        Action::Open(step) => format!("#{}", step + 1),
        Action::Repeat(..) => "repeat".into(),
        Action::Run(run) => run.statement.sql.clone(),
        Action::BeginGroup => "begin group".into(),
        Action::CommitGroup => "commit group".into(),
        Action::BeginNotes => "[".into(),
        Action::CommitNotes => "]".into(),
        Action::BeginUnit => "(".into(),
        Action::CommitUnit(_) => ")".into(),
        Action::Checkpoint(None, _) => "~".into(),
        Action::Checkpoint(Some(progress), State::Paused) => format!("={}", progress.statements),
        Action::Checkpoint(Some(progress), _) => format!("+{}", progress.statements),
        Action::ResetSession(..) => "reset".into(),
        Action::Renew => "renew".into(),
        Action::Record(row) => row.state.to_string(),
        Action::Prove(proof) => format!("{proof:?}?"),
        Action::Settle => "settle".into(),
        Action::Observe => "observe".into(),
        Action::Commit => "commit".into(),
        Action::Rollback => "rollback".into(),
        Action::Send => "|".into(),
    }
}

const TWO: [&str; 2] = ["A; B", "C"];

#[test]
fn a_transaction_is_begun_recorded_proved_and_committed() {
    let shown = |dialect| Scene { has_journal: false, ..Scene::of(dialect, &TWO) }.shown();
    assert_eq!(
        shown(POSTGRES),
        "begin create #1 A B reset applied #2 C reset applied | schema Transaction? commit",
        "all of it shares a message"
    );
    assert_eq!(
        shown(SQLITE),
        "begin create #1 A B reset settle applied #2 C reset settle applied | schema Transaction? commit",
        "each script is checked"
    );
    assert_eq!(
        shown(MYSQL),
        "create | begin #1 A B reset applied #2 C reset applied | schema Transaction? commit",
        "what creates the journal would commit"
    );
    let batches = Scene { has_journal: false, ..Scene::of(SQLSERVER, &["A\nGO\nB"]) }.shown();
    assert_eq!(batches, "begin create #1 | A | B | Script? reset applied | schema Transaction? commit");
}

#[test]
fn a_rehearsal_looks_at_each_script_and_rolls_back() {
    let scene = Scene { operation: Operation::Rehearse, ..Scene::of(POSTGRES, &TWO) };
    assert_eq!(
        scene.shown(),
        "begin #1 A B reset applied | observe #2 C reset applied | observe | Transaction? rollback"
    );
}

#[test]
fn a_baseline_has_rows_only() {
    let origins = [(Number::new(2).expect("a number"), ForeignOrigin { by: "DbUp".into(), at: None })].into();
    let scene = Scene { operation: Operation::Record(origins), ..Scene::of(POSTGRES, &TWO) };
    assert_eq!(scene.shown(), "begin #1 baselined #2 imported | schema Transaction? commit");
}

#[test]
fn outside_a_transaction_each_statement_has_its_checkpoint() {
    let scene = Scene { has_journal: false, ..Scene::of(POSTGRES, &TWO).outside() };
    assert_eq!(
        scene.shown(),
        "create | #1 started reset A | Statement? +1 B | Statement? +2 reset applied Journal(1)? \
         #2 started reset C | Statement? +1 reset applied Journal(1)?"
    );
}

#[test]
fn a_resume_leaves_out_what_ran() {
    let scene = Scene { done: 1, ..Scene::of(POSTGRES, &["A; B"]).outside() };
    assert_eq!(scene.shown(), "#1 started reset B | Statement? +2 reset applied Journal(0)?");
    let scene = Scene { done: 2, ..Scene::of(MYSQL, &["DROP TABLE a; DROP TABLE b; DROP TABLE c"]).outside() };
    assert_eq!(scene.shown(), "#1 reset [ paused ~ DROP TABLE c reset [ applied Journal(0)? ] |");
}

#[test]
fn scripts_with_checkpoints_in_band_share_messages() {
    let scene = Scene::of(MYSQL, &["CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)"]).outside();
    assert_eq!(
        scene.shown(),
        "#1 reset [ started CREATE TABLE t (a int) reset [ applied \
         #2 paused ( INSERT INTO t VALUES (1) =1 ) reset [ applied Journal(2)? ] |"
    );
}

#[test]
fn a_group_is_a_transaction_among_other_scripts() {
    let texts = ["CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)", "DELETE FROM t", "DROP TABLE t"];
    let scene = Scene { groups: vec![1, 2, 1], ..Scene::of(MYSQL, &texts).outside() };
    assert_eq!(
        scene.shown(),
        "#1 reset [ started CREATE TABLE t (a int) reset [ applied #2 Journal(1)? begin group INSERT INTO t VALUES (1) \
         reset applied #3 DELETE FROM t reset applied Group(3)? commit group #4 [ started DROP TABLE t reset [ applied Journal(4)? ] |"
    );
}

/// Returns the messages of a text: `~` the next statement is running, `+2` two statements are done, `=2` the same and
/// nothing is running, `( )` a transaction, `[ ]` a transaction of the journal's own. If its end is missing, DDL
/// commits it.
fn messages(longest: Option<usize>, text: &str, done: usize, limit: usize) -> Vec<String> {
    let mut scene = Scene { done, ..Scene::of(MYSQL, &[text]).outside() };
    // the first message has room, because the script's row is already written
    let progress = Some(Progress { statements: done, checksum: Hasher::default().checksum() });
    scene.start = Start { step: 0, begun: true, progress: progress.filter(|_| done > 0) };
    (scene.capabilities.message_limit, scene.capabilities.longest) = (limit, longest);
    scene.capabilities.stores_to_the_end = longest.is_some();
    let mut count = done;
    let mut words = Vec::new();
    for action in scene.actions() {
        match &action {
            Action::Open(_) | Action::ResetSession(..) | Action::Record(_) | Action::Prove(_) => {}
            Action::Run(_) => {
                count += 1;
                words.push(count.to_string());
            }
            action => words.push(shown(action)),
        }
    }
    let messages = words.join(" ").replace("[ ]", "");
    messages.split('|').map(|message| message.trim().to_owned()).filter(|message| !message.is_empty()).collect()
}

const MIXED: &str =
    "CREATE TABLE t (a int); INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); ALTER TABLE t ADD b int";

#[test]
fn a_checkpoint_follows_each_unit_but_the_last() {
    let shown = |text, done| messages(None, text, done, 100_000);
    assert_eq!(shown(MIXED, 0), ["[ ~ 1 [ =1 ( 2 3 +3 ) 4"]);
    assert_eq!(shown(MIXED, 1), ["( 2 3 +3 ) 4"]);
    assert_eq!(shown(MIXED, 2), ["( 3 +3 ) 4"]);
    assert_eq!(shown(MIXED, 4), [""; 0]);
    assert_eq!(shown("INSERT INTO t VALUES (1)", 0), ["( 1 =1 )"], "a transaction knows of its own end");
}

#[test]
fn a_limit_cuts_messages_and_no_transaction() {
    assert_eq!(messages(None, MIXED, 0, 0), ["[ ~ 1 [ =1 ]", "( 2", "3 =3 )", "[ ~ 4"]);
    assert_eq!(messages(None, MIXED, 0, 7200), ["[ ~ 1 [ =1 ( 2", "3 +3 ) 4"]);
}

#[test]
fn what_answers_freely_is_the_last_of_its_message() {
    let text = "CREATE TABLE t (a int); CALL p(); ALTER TABLE t ADD b int; SELECT 1";
    assert_eq!(messages(None, text, 0, 100_000), ["[ ~ 1 [ =1 ]", "[ ~ ] 2 [ =2 ]", "[ ~ 3 [ =3 ( 4 =4 )"]);
}

#[test]
fn nothing_follows_what_only_some_servers_execute() {
    let text = "/*!99999 CREATE TABLE t (a int) */; ALTER TABLE t ADD b int";
    assert_eq!(messages(None, text, 0, 100_000), ["[ ~ ]", "1", "[ =1 ~ 2"]);
}

#[test]
fn a_statement_that_fills_a_message_has_its_checkpoints_before_and_after() {
    let text = format!("DROP TABLE t; INSERT INTO t VALUES ('{}'); DROP TABLE u", "x".repeat(5000));
    assert_eq!(messages(Some(6000), &text, 0, 6000), ["[ ~ 1 [ =1 ]", "(", "2", "=2 )", "[ ~ 3"]);
}

#[test]
fn under_locks_nothing_is_noted() {
    let text = "LOCK TABLES t WRITE; INSERT INTO t VALUES (1); UNLOCK TABLES; DROP TABLE t";
    assert_eq!(messages(None, text, 0, 100_000), ["[ ~ ] 1 2 3 [ +3 4"]);
    assert_eq!(messages(None, "LOCK TABLES t WRITE; INSERT INTO t VALUES (1)", 0, 100_000), ["[ ~ ] 1 2"]);
}

#[test]
fn a_routine_is_the_end_of_its_message_where_the_server_stores_that() {
    let text = "DROP TABLE t; CREATE FUNCTION f() RETURNS int RETURN 1; DROP TABLE u";
    assert_eq!(messages(None, text, 0, 100_000), ["[ ~ 1 [ +1 ] 2 [ +2 3"]);
    assert_eq!(messages(Some(100_000), text, 0, 100_000), ["[ ~ 1 [ =1 ]", "[ ~ ]", "2", "[ =2 ~ 3"]);
}

const STATEMENTS: [&str; 9] = [
    "INSERT INTO t VALUES (1)",
    "CREATE TABLE t (a int)",
    "CALL p()",
    "SELECT ROW_COUNT()",
    "LOCK TABLES t WRITE",
    "UNLOCK TABLES",
    "/*!99999 DROP TABLE t */",
    "CREATE TEMPORARY TABLE u (a int)",
    "CREATE FUNCTION f() RETURNS int RETURN 1",
];

fn any_text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(STATEMENTS.to_vec()), 0..8).prop_map(|statements| statements.join(";\n"))
}

fn any_scene() -> impl Strategy<Value = (Vec<String>, usize, bool, usize, usize)> {
    (prop::collection::vec(any_text(), 1..4), 0..4_usize, any::<bool>(), 0..3_usize, 0..4_usize)
}

proptest! {
    /// Whatever the engine: each statement runs once and in order, each script ends with one row, and what may not
    /// share a message does not.
    #[test]
    fn every_schedule_keeps_the_order((texts, dialect, in_transaction, done, limit) in any_scene()) {
        let dialect = [MYSQL, POSTGRES, SQLITE, MYSQL][dialect];
        let texts = texts.iter().map(String::as_str).collect::<Vec<_>>();
        let mut scene = Scene { in_transaction, ..Scene::of(dialect, &texts) };
        let all = texts.iter().map(|text| Texts::new(dialect, text).0).collect::<Vec<_>>();
        scene.done = done.min(all[0].len());
        scene.capabilities.message_limit = [0, 3000, 8000, 100_000][limit];
        let actions = scene.actions();
        let run = |action: &Action| if let Action::Run(run) = action { Some(run.statement.sql.clone()) } else { None };
        let ran = actions.iter().filter_map(run).collect::<Vec<_>>();
        let expected = all.iter().flatten().skip(scene.done).map(|statement| statement.sql.clone()).collect::<Vec<_>>();
        prop_assert_eq!(ran, expected);
        let ends = |action: &&Action| matches!(action, Action::Record(row) if row.state.is_done());
        prop_assert_eq!(actions.iter().filter(ends).count(), texts.len());
        let begun = actions.iter().filter(|action| matches!(action, Action::Begin)).count();
        let ended = actions.iter().filter(|action| matches!(action, Action::Commit)).count();
        prop_assert_eq!((begun, ended), if in_transaction { (1, 1) } else { (0, 0) });
        // within one script, because dbmigrate's own statements come after one with answers of its own
        for message in actions.split(|action| matches!(action, Action::Send | Action::Open(_))) {
            let statements = message.iter().filter_map(|action| match action {
                Action::Run(run) => Some(&run.statement.parsed),
                _ => None,
            });
            let statements = statements.collect::<Vec<_>>();
            let alone = statements.iter().filter(|parsed| dialect.stands_alone(parsed)).count();
            prop_assert!(alone == 0 || statements.len() == 1, "{alone} of {} in a message", statements.len());
        }
        let units = actions.iter().filter(|action| matches!(action, Action::BeginUnit)).count();
        let commits = actions.iter().filter(|action| matches!(action, Action::CommitUnit(_))).count();
        prop_assert_eq!(units, commits);
    }
}
