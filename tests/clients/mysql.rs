mod commits;

use dbmigrate::internals::split;

use crate::support::mysql::{PRODUCT, command};
use crate::support::{Database, run};
use crate::{bare, ours};

/// A database, and the client that is compared.
struct Client(Database);

impl Client {
    fn new() -> Self {
        Self(Database::new(&PRODUCT))
    }

    /// The texts that the server understands.
    fn texts(&self, all: &[&'static str], of_mariadb: &[&'static str]) -> Vec<&'static str> {
        let more = if self.0.ask("SELECT version()").contains("MariaDB") { of_mariadb } else { &[] };
        [all, more].concat()
    }

    /// Runs the client on a script, through errors. Returns what it writes to standard output and to standard error.
    fn run(&self, options: &[&str], script: &str) -> (String, String) {
        let mut client = command("mariadb", &self.0.url());
        let output = run(client.arg("--force").args(options).arg(&self.0.name), script.as_bytes());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    }
}

/// What the client shows of each thing that it sends, whether the server likes it or not.
fn sent(client: &Client, text: &str) -> Vec<String> {
    let (shown, _) = client.run(&["--verbose"], text);
    let statements = shown.split("--------------\n").skip(1).step_by(2).map(bare);
    statements.filter(|statement| !statement.is_empty()).collect()
}

/// Where each statement is sent alone: the client and dbmigrate split into the same.
const STATEMENTS: &[&str] = &[
    "",
    "-- # only a comment\n",
    ";",
    "select 1; select 2;;\n;select 3",
    "select 1 ;\n;select 2;\n",
    "select 1;\r\nselect ';\r\n';\r\nselect 2",
    "select 1\r;select 2\r\n;",
    "select ';', 'it''s;', '--', '/*', '#'; select 2",
    r"select '\';'; select '\\'; select 'a''\';'; select 3",
    r#"select "a;b", "a"";", "\";"; select '"', "'"; select 2"#,
    r"select 1 as `a;b`, 2 as `c``;d`; select 3 as `\`; select 4",
    r"select N'a;', _utf8mb4'\';', x'3b', b'1', '\é;'; select 2",
    "select 'a' 'b;' \"c;\"; select 2",
    "select '/*'; select '*/'; select '--'; select 2",
    "/*# ; #*/ select 1; /*# /* ; #*/select 2; select 4+/*# ; #*/5; select /*# ' #*/ 6",
    "-- # ;'\nselect -- # ;\n 3; select 5 -- # ;\n; select 6 -- #\n",
    "## ;'\nselect ## ;\n 3; select 5 ## ;\n; select 6 ## ",
    "select 5--1; select 5--'1;'; select 5 - -1; select 2",
    "select 1 --\t ;\n; select 2",
    "--# no blank\nselect 1; --# ;\nselect 2;\n  --# ;\nselect 3",
    "/*# x #*/--# ;\nselect 1",
    "select 1\n--2; select 3",
    "/*!50000 select 1 */; select /*! 2, */ 3; /*M!100000 select 4 */; select 5",
    "select 1 /*! , ';' */; select /*!50000 '*/' , */ 2; select 3",
    "/*!50003 select*/ /*!50003 1 */; /*!99999 select 2 */; select 3",
    "select 2*/*! 3 */4; select 5 /*!*/; select 6",
    "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\nselect '\\';';",
    "/*! select\n/*# ; #*/ 1 */; select 2",
    "select (1;2); select 3",
    "é; select 'ü;'; select é;",
    "select 1.5, .5, 1e5, 0x1F; select 1.e3; select 2",
    "select @a, @@sql_mode, @`a;b`, @'c;d'; select 2",
    r"select \N; select 2",
    "begin; select 1; commit; select 2",
    "begin work; select 1; rollback work; end; select 2",
    "xa begin 'x'; xa end 'x'; xa rollback 'x'; select 1",
    "set sql_mode='NO_BACKSLASH_ESCAPES'; select '\\'; select \"\\\"; set sql_mode=''; select '\\';'",
    "set sql_mode=1048576; select '\\'; set sql_mode=0; select '\\';'",
    "set sql_mode=concat(@@sql_mode,',NO_BACKSLASH_ESCAPES'); select '\\'; set sql_mode=replace(@@sql_mode,'NO_BACKSLASH_ESCAPES',''); select '\\';'",
    "set @a=1, sql_mode='NO_BACKSLASH_ESCAPES'; select '\\'; set local sql_mode=''; select '\\';'",
    "set @sql_mode='NO_BACKSLASH_ESCAPES'; select '\\';'; select 2",
    "create table s (\nstatus int,\nprompt int,\nhelp int,\ndelimiter int); select\nhelp\nfrom s; drop table s",
    "select\nexit\n; select\n'\nquit\n'; select 1",
    "create procedure p1() select 1; create procedure p2() begin end; create procedure p3() l: begin end l; select 1",
    "create table b (begin int, end int); create procedure p4() select begin, end from b; drop table b; select 1",
    "create procedure p5(begin int) set @a = begin; create procedure begin() select 1; drop procedure begin; select 1",
    "create function f1() returns int return if(1, 2, 3); create function f2() returns int return case when 1 then 2 end; select 1",
    "create function f3() returns varchar(9) character set utf8mb4 deterministic comment 'begin' return 'a;'; select 1",
    "create table c (a int); create trigger t1 before insert on c for each row set @a = 1; drop table c; select 1",
    "create event e1 on schedule every 1 year disable do select 1; alter event e1 comment 'a;'; drop event e1; select 1",
    "create or replace definer = current_user view v1 as select 1 as begin; drop view v1; select 1",
    "drop procedure if exists p1; drop procedure p2; drop procedure p3; select 1",
    "select 1; /*# the client drops what follows #*/",
    "help_me; select 1",
    "usetable; use_x; select 1",
    "delimiter_x; select 1",
];

/// MySQL knows no compound statements outside of bodies, and does not tell its client that `"` starts a name.
const STATEMENTS_OF_MARIADB: &[&str] = &[
    "set sql_mode='ANSI_QUOTES'; select \"\\\"; select 'a\\';'; set sql_mode=''; select \"\\\";\"",
    "set session sql_mode='ansi'; select 1 as \"a;\\\"; set @@sql_mode=default; select \"\\\";\"",
    "set sql_mode=4; select 1 as \"\\\"; set sql_mode=TRADITIONAL; select '\\';'",
    "/*!40101 set @old=@@sql_mode, sql_mode='NO_BACKSLASH_ESCAPES,ANSI_QUOTES' */; select '\\', 1 as \"\\\"; set sql_mode=@old; select '\\';'",
    "begin not atomic end; select 1",
];

/// Where a delimiter is chosen: the client sends several statements at once.
const DELIMITERS: &[&str] = &[
    "delimiter //\nselect 1//select 2//",
    "select 1;\n  DeLiMiTeR\t$$\nselect 2$$ select 3$$\ndelimiter ;\nselect 4;",
    "delimiter ;;\nselect 1; select 2;;\nselect 3;;",
    "delimiter |\nselect 1|select 2|",
    "delimiter $$ -- # x\nselect 1$$ select 2$$",
    "delimiter '//'\nselect 1//\nselect 2//",
    "delimiter `go` rest\nselect 1 as cate go\nselect 2go",
    "delimiter \"$$\"\nselect 1$$ select 2$$",
    "delimiter //  \r\nselect 1//\r\nselect 2//\r\n",
    "-- # a\n/*# b\n#*/\ndelimiter //\nselect 1// select 2//",
    "delimiter //;\nselect 1; select 2//;select 3//;",
    "delimiter #\nselect 1# select 2#",
    "delimiter --\nselect 1-- select 2--",
    "delimiter @@\nselect 'é'@@select 'ü'@@",
    "delimiter //\nselect '//', \"//\", 1 as `//` /*# // #*/// select 2//",
    "delimiter //\nselect 1;//\nselect 2; //\nselect 3 ;\n//",
    "delimiter //\nbegin; select 1; commit//",
    "delimiter $$\ncreate procedure p() begin select 1; select ';'; end$$\ndelimiter ;\ncall p();\ndrop procedure p;",
    "delimiter $$\ndrop procedure if exists p;\ncreate procedure p() begin select 1; end;\n$$\ncall p();$$ drop procedure p;$$",
    "delimiter //\ncreate procedure p() begin select 1; end; create procedure q() begin call p(); end; call q()// drop procedure p; drop procedure q//",
    "delimiter //\ncreate procedure p(a int)\nl: begin\n  declare exit handler for sqlexception begin select 'caught'; end;\n  if a > 1 then select 'if'; elseif a = 1 then select 'one'; else select 'else'; end if;\n  case a when 1 then select 'case'; else begin end; end case;\n  while a > 0 do set a = a - 1; end while;\n  repeat set a = a + 1; until a > 2 end repeat;\n  k: loop leave k; end loop k;\n  select case when a then 'x' else 'y' end;\nend l; call p(1)//\ndelimiter ;\ndrop procedure p;",
    "delimiter //\ncreate table t (a int, begin int, end int)//\ncreate trigger g before insert on t for each row begin set new.begin = if(new.a, 1, 2); set new.end = repeat('1', 2); end; insert into t (a) values (1); select begin, end from t//\ndrop table t//",
    "create table t (a int);\ndelimiter ;;\n/*!50003 create*/ /*!50017 definer=current_user*/ /*!50003 trigger g before insert on t for each row begin\n  set new.a = 1; -- # x\nend */;;\ndelimiter ;\ninsert into t values (5); select * from t; drop table t;",
    "delimiter //\ncreate event e on schedule every 1 year disable do begin select 1; end; drop event e//",
    "use mysql\nselect 1; select 2;",
    "  USE `mysql` -- # x\nselect 1;",
];

const DELIMITERS_OF_MARIADB: &[&str] = &[
    "delimiter //\nbegin not atomic declare a int default 1; select a; end; select 2//",
    "delimiter //\nif 1 then select 1; end if; while 0 do select 3; end while; for i in 1..2 do select i; end for//",
];

#[test]
fn the_client_splits_into_the_same_statements() {
    let client = Client::new();
    for text in client.texts(STATEMENTS, STATEMENTS_OF_MARIADB) {
        assert_eq!(ours("mysql", text), sent(&client, text), "{text}");
    }
}

/// With another delimiter, the client sends what the server splits: put together, ours are the same.
#[test]
fn the_client_and_the_server_split_into_the_same_statements() {
    let client = Client::new();
    for text in client.texts(DELIMITERS, DELIMITERS_OF_MARIADB) {
        // the client sends no statement for a line of USE
        let mut statements = ours("mysql", text).into_iter().filter(|sent| !sent.to_lowercase().starts_with("use"));
        for sent in sent(&client, text) {
            let (whole, mut joined) = (sent.replace(';', ""), String::new());
            while joined.len() < whole.len() {
                joined +=
                    &statements.next().unwrap_or_else(|| panic!("{text}: nothing is left of {sent}")).replace(';', "");
            }
            assert_eq!(joined, whole, "{text}");
        }
        assert_eq!(statements.next(), None, "{text}");
    }
}

/// Each statement by itself answers what all of them answered.
#[test]
fn the_server_takes_each_statement_by_itself() {
    const NEVER: &str = "~~never~~";
    let client = Client::new();
    for text in client.texts(DELIMITERS, DELIMITERS_OF_MARIADB) {
        let statements = split("mysql", text).map(|found| text[found.expect("splits").range].to_owned());
        let statements: Vec<_> = statements.filter(|statement| !statement.is_empty()).collect();
        let ours = statements.join(&format!("\n{NEVER}\n"));
        let (together, said) = client.run(&["--batch", "--skip-column-names"], text);
        assert_eq!(said, "", "{text}");
        let alone = client.run(&["--batch", "--skip-column-names", "--delimiter", NEVER], &ours);
        assert_eq!(alone, (together, String::new()), "{text}");
    }
}

/// What client or server refuse is refused here, too.
#[test]
fn the_server_refuses_what_cannot_be_split() {
    let client = Client::new();
    for text in [
        "create procedure p() begin select 1; end;",
        "create procedure p()\nl: begin select 1; end l;",
        "create trigger g before insert on t for each row if new.a then set new.a = 1; end if;",
        "begin not atomic select 1; end;",
        "/*! select 1; select 2 */;",
        "select 1; /*! select 2",
        "select 'a;",
        "select `a;",
        "select \"a;",
        "delimiter",
        "delimiter \\\nselect 1;",
        "delimiter '//\nselect 1//",
        "delimiter §\nselect 1§",
        "select 1; delimiter //\nselect 2//",
        "/* x */ delimiter //\nselect 2//",
        "delimiter //\nselect 1;\ndelimiter ;\nselect 2;",
        "delimiter //\ncreate procedure p() begin select 1; end;\ndelimiter ;\nselect 2;",
        "select 1 \\x;",
        "source nope",
        "\\. nope",
        "status int;",
    ] {
        let (_, said) = client.run(&[], text);
        assert!(said.contains("ERROR"), "{text}: the client or the server takes it");
        assert!(split("mysql", text).any(|found| found.is_err()), "{text}: it can be cut");
        client.run(&[], "drop procedure if exists p;");
    }
}
