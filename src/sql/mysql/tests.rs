use crate::sql::MYSQL;
use crate::sql::statement::tests::check;

pub(super) fn cuts(cases: &[(&str, &str)]) {
    check(MYSQL, cases);
}

pub(super) fn cut_to(text: &str, expected: &str) {
    cuts(&[(text, expected)]);
}

#[test]
fn statements_end_at_semicolons() {
    cuts(&[
        ("", ""),
        (" \t\r\n\x0C", ""),
        (";", ""),
        (";;", " | "),
        ("select 1", "select 1"),
        ("select 1;", "select 1"),
        ("select 1; select 2", "select 1 | select 2"),
        ("select 1 ;\n;select 2;\n", "select 1 |  | select 2 | "),
        ("select 1;\r\nselect 2;\r\n", "select 1 | select 2 | "),
        ("select 1\r;select 2", "select 1 | select 2"),
        ("(a;b); c", "(a | b) | c"),
        ("é;ü", "é | ü"),
        ("select @a, @@b, :c, ?; d", "select @a, @@b, :c, ? | d"),
        ("select 1.5, .5, 1e5, 0x1F; a", "select 1.5, .5, 1e5, 0x1F | a"),
        ("select \\N; a", "select \\N | a"),
        ("select 1\0; a", "!NUL character@8"),
        ("begin; a; end; b", "begin | a | end | b"),
    ]);
}

#[test]
fn comments_are_blank() {
    cuts(&[
        ("-- ;", ""),
        ("# ;", ""),
        ("-- '\na; b", "a | b"),
        ("# '\na; b", "a | b"),
        ("-- a\rb; c", "!comment whose line ends with a CR alone@0"),
        ("# a\rb; c", "!comment whose line ends with a CR alone@0"),
        ("# a\r\r\nb", "b"),
        ("b -- a\r", "b"),
        ("a #;\n b; c", "a #;\n b | c"),
        ("a -- ;\n b; c", "a -- ;\n b | c"),
        ("a --;\n b; c", "a -- | b | c"),
        ("a --\t;\n b; c", "a --\t;\n b | c"),
        ("a --", "a"),
        ("select 5--1; a", "select 5--1 | a"),
        ("select 5--'; a'; b", "select 5--'; a' | b"),
        ("/* ; */ a; b", "a | b"),
        ("/* /* ; */ a; b", "a | b"),
        ("/*/ ; */ a; b", "a | b"),
        ("/**/ a; b", "a | b"),
        ("select /*+ ; */ a; b", "select /*+ ; */ a | b"),
        ("a /* ; ' */; b", "a | b"),
        ("a; /* b", "a | !unterminated comment@3"),
        ("a /*! b", "!unterminated comment@2"),
    ]);
}

/// Where the client holds nothing, `--` needs no blank after it.
#[test]
fn two_dashes_before_a_statement_are_a_comment() {
    cuts(&[
        ("--a; b\nc; d", "c | d"),
        ("a; --b; c\nd; e", "a | d | e"),
        ("/* a */--b\nc", "c"),
        ("a\n--b; c", "a\n--b | c"),
        ("delimiter //\na;\n--b//\nc", " | a | --b | c"),
    ]);
}

#[test]
fn quotes_hide_semicolons() {
    cuts(&[
        ("';'; a", "';' | a"),
        ("'it''s;'; a", "'it''s;' | a"),
        ("''; a", "'' | a"),
        (r"'\';'; a", r"'\';' | a"),
        (r"'\\'; a", r"'\\' | a"),
        (r"'a''\';'; a", r"'a''\';' | a"),
        ("'\\é;'; a", "'\\é;' | a"),
        ("\";\"; a", "\";\" | a"),
        ("\"a\"\";\"; a", "\"a\"\";\" | a"),
        ("\"\\\";\"; a", "\"\\\";\" | a"),
        ("'\"'; a", "'\"' | a"),
        ("`;`; a", "`;` | a"),
        ("`a``;`; a", "`a``;` | a"),
        (r"`\`; a", r"`\` | a"),
        ("'/*'; a", "'/*' | a"),
        ("'\n;\r\n'; a", "'\n;\r\n' | a"),
        ("N';' _utf8';' x';'; a", "N';' _utf8';' x';' | a"),
        ("a; 'b;", "a | !unterminated string@3"),
        ("a; \"b;", "a | !unterminated string@3"),
        ("a; `b;", "a | !unterminated quoted identifier@3"),
        (r"a; 'b\", "a | !unterminated string@3"),
        (r"a; 'b\'", "a | !unterminated string@3"),
    ]);
}

#[test]
fn executed_comments_belong_to_the_statement() {
    cuts(&[
        ("/*!40101 set a=1 */; b", "/*!40101 set a=1 */ | b"),
        ("/*! a */ b; c", "/*! a */ b | c"),
        ("/*M!100100 a */; b", "/*M!100100 a */ | b"),
        ("a /*!50000 ';' */ b; c", "a /*!50000 ';' */ b | c"),
        ("a /*! '*/' */; c", "a /*! '*/' */ | c"),
        ("/*! a /* ; */ b */; c", "/*! a /* ; */ b */ | c"),
        ("/*!50003 a*/ /*!50017 b*/; c", "/*!50003 a*/ /*!50017 b*/ | c"),
        ("select 2*/*! 3 */ 4; a", "select 2*/*! 3 */ 4 | a"),
        ("/*! a; b */; c", "!unterminated comment@0"),
        ("delimiter //\n/*! a; b */// c", " | !unterminated comment@13"),
        ("a /*! b\n", "!unterminated comment@2"),
        ("/*M!999999\\- enable the sandbox mode */\na; b", "a | b"),
        ("/*M!999999\\- enable the sandbox mode */\ndelimiter //\na// b", " | a | b"),
    ]);
}

#[test]
fn a_delimiter_is_what_the_client_makes_of_its_line() {
    cuts(&[
        ("delimiter //\na//b", " | a | b"),
        ("a;\n  DeLiMiTeR\t$$\nb$$ c$$", "a |  | b | c"),
        ("delimiter ;;\na;;b;;", " | a | b"),
        ("delimiter |\nselect 1|2", " | select 1 | 2"),
        ("delimiter $$ -- x\na$$ b", " | a | b"),
        ("delimiter '//'\na// b", " | a | b"),
        ("delimiter `go` x\na go b go", " | a | b"),
        ("delimiter //  \r\na//\r\nb", " | a | b"),
        ("-- a\n/* b\n*/\ndelimiter //\na// b", " | a | b"),
        ("delimiter //\na//\ndelimiter ;\nb; c", " | a |  | b | c"),
        ("delimiter //", ""),
        ("delimiter go\nselect 1 as category go\nselect 2go", " | select 1 as cate | ry | select 2"),
        ("delimiter $$\nselect a$$ select 1$$", " | select a | select 1"),
        ("delimiter #\na# b#", " | a | b"),
        ("delimiter --\na-- b--", " | a | b"),
        ("delimiter //\na '//' \"//\" `//` /* // */ b// c", " | a '//' \"//\" `//` /* // */ b | c"),
        ("delimiter |\né|ü", " | é | ü"),
        ("delimiter //;\na//;b", " | a | b"),
        ("select delimiter from t; a", "select delimiter from t | a"),
        ("create table t (\ndelimiter int); a", "create table t (\ndelimiter int) | a"),
        ("delimiter_x; a", "delimiter_x | a"),
    ]);
}

#[test]
fn a_delimiter_that_the_client_would_not_take_is_refused() {
    cuts(&[
        ("delimiter\na", "!DELIMITER that the mysql client would not understand@0"),
        ("a; delimiter //\nb", "a | !DELIMITER that the mysql client would not understand@3"),
        ("/* a */ delimiter //", "!DELIMITER that the mysql client would not understand@8"),
        ("delimiter \\", "!DELIMITER that the mysql client would not understand@0"),
        ("delimiter 'a", "!DELIMITER that the mysql client would not understand@0"),
        ("delimiter 'a''b'", "!DELIMITER that the mysql client would not understand@0"),
        ("delimiter §", "!DELIMITER that the mysql client would not understand@0"),
        ("delimiter 'a b'", "!DELIMITER that the mysql client would not understand@0"),
        ("delimiter 1234567890123456", "!DELIMITER that the mysql client would not understand@0"),
        ("delimiter //\na;\ndelimiter ;\nb", " | a | !DELIMITER that the mysql client would not understand@16"),
        (
            "delimiter //\ncreate procedure p() begin a; end;\ndelimiter ;\nb",
            " | create procedure p() begin a; end | !DELIMITER that the mysql client would not understand@48",
        ),
        (
            "delimiter //\ncreate procedure p() begin a;\ndelimiter ;\nb",
            " | !DELIMITER that the mysql client would not understand@43",
        ),
    ]);
}

#[test]
fn commands_of_the_client_are_refused() {
    let command = |name: &str| format!("{name} is a command of the database's shell, not SQL");
    for name in [r"\.", r"\g", r"\G", r"\!", r"\x", "source", "exit", "QUIT", "status", "Prompt", "help", "?"] {
        cut_to(&format!("{name}\nb"), &format!("!{}@0", command(name)));
        cut_to(&format!("a;\n {name}"), &format!("a | !{}@4", command(name)));
    }
    cuts(&[
        (r"select 1 \G", &format!("!{}@9", command(r"\G"))),
        ("exit;", &format!("!{}@0", command("exit"))),
        ("a; print; b", &format!("a | !{}@3", command("print"))),
        ("delimiter //\nexit// b", &format!(" | !{}@13", command("exit//"))),
    ]);
}

#[test]
fn what_looks_like_a_command_inside_a_statement_is_none() {
    cuts(&[
        ("help 'x'; a", "help 'x' | a"),
        ("create table t (\nstatus int,\nprompt int); a", "create table t (\nstatus int,\nprompt int) | a"),
        ("select\nhelp\nfrom t; a", "select\nhelp\nfrom t | a"),
        ("status: begin not atomic end; a", "status: begin not atomic end | a"),
        ("-- exit\n/*\nquit\n*/ a; b", "a | b"),
        ("'\nexit\n'; a", "'\nexit\n' | a"),
        ("-- \\g\na; b", "a | b"),
        ("/* \\g */ a; b", "a | b"),
        ("select ? from t; a", "select ? from t | a"),
    ]);
}

#[test]
fn a_line_of_use_needs_no_delimiter() {
    cuts(&[
        ("use a\nselect 1; b", "use a | select 1 | b"),
        ("  USE `a b`  \r\nselect 1", "USE `a b` | select 1"),
        ("use a -- x\nb", "use a | b"),
        ("use a", "use a"),
        ("use a;b", "use a | b"),
        ("delimiter //\nuse a\nb//", " | use a | b"),
        ("select 1; use a\n;b", "select 1 | use a | b"),
        ("use\na; b", "use\na | b"),
        ("select\nuse a\n; b", "select\nuse a | b"),
    ]);
}

#[test]
fn modes_change_how_quotes_are_read() {
    let (ansi, plain) = (r#""\"; a"#, r"'\'; a");
    for set in [
        "set sql_mode='ANSI_QUOTES'",
        "SET SESSION sql_mode = \"ansi\"",
        "set local sql_mode = 'STRICT_ALL_TABLES,ANSI_QUOTES'",
        "set @@sql_mode := 'ORACLE'",
        "set @@session.sql_mode = ANSI",
        "set `sql_mode` = 4",
        "set @a = 'x', sql_mode = _utf8'ANSI_QUOTES'",
        "set sql_mode = concat(@@sql_mode, ',ANSI_QUOTES')",
        "set global a = 1, @@sql_mode = 'ansi'",
        "/*!40101 set @old=@@sql_mode, sql_mode='ANSI_QUOTES' */",
        "set sql_mode='ANSI_QUOTES'; set sql_mode=(select replace(@@sql_mode, 'STRICT_ALL_TABLES', ''))",
    ] {
        cut_to(&format!("{set}; {ansi}"), &format!("{} | \"\\\" | a", set.replace("; ", " | ")));
    }
    for set in ["set sql_mode='NO_BACKSLASH_ESCAPES'", "set sql_mode = 1048576"] {
        cut_to(&format!("{set}; {plain}"), &format!(r"{set} | '\' | a"));
    }
    for set in [
        "set sql_mode=''",
        "set sql_mode='TRADITIONAL'",
        "set sql_mode = @old",
        "set sql_mode = default",
        "set sql_mode = 0",
        "set sql_mode = replace(@@sql_mode, 'ANSI_QUOTES', '')",
    ] {
        let text = format!(r#"set sql_mode='ansi_quotes'; "\"; {set}; "\";"; a"#);
        cut_to(&text, &format!(r#"set sql_mode='ansi_quotes' | "\" | {set} | "\";" | a"#));
    }
    for set in [
        "set global sql_mode='ANSI'",
        "set @@global.sql_mode='ANSI'",
        "set @sql_mode='ANSI'",
        "set global a=1, sql_mode='ANSI'",
        "set statement sql_mode='ANSI' for select 1",
    ] {
        cut_to(&format!(r#"{set}; "\";"; a"#), &format!(r#"{set} | "\";" | a"#));
    }
}

#[test]
fn a_use_that_a_semicolon_ends_leaves_nothing_behind() {
    check(
        MYSQL,
        &[
            ("delimiter //\nuse a; select 1,\n2 //\nselect 3 //", " | use a | select 1,\n2 | select 3"),
            ("delimiter /\nuse ;\n", " | use | "),
        ],
    );
}
