use crate::sql::POSTGRES;
use crate::sql::statement::tests::check;

#[test]
fn statements_end_at_semicolons() {
    check(
        POSTGRES,
        &[
            ("", ""),
            (" ", ""),
            (";", ""),
            (";;", " | "),
            ("select 1", "select 1"),
            ("select 1;", "select 1"),
            ("select 1;\n", "select 1 | "),
            ("select 1; select 2", "select 1 | select 2"),
            ("select 1 ;select 2;;", "select 1 | select 2 | "),
            ("-- a\nselect 1; -- b", "select 1 | "),
            ("select [1;2", "select [1 | 2"),
            ("select a[1:2]; b", "select a[1:2] | b"),
            ("select 1;\r\nselect 2;\r\n", "select 1 | select 2 | "),
            ("é; ü", "é | ü"),
            ("\u{feff}select 1; x", "\u{feff}select 1 | x"),
            ("select :a; select :'b'; select :\"c\"", "select :a | select :'b' | select :\"c\""),
            ("select 1 \0; select 2", "!NUL character@9"),
            ("a;\x0Bb;\x0Cc", "a | b | c"),
        ],
    );
}

#[test]
fn comments_are_blank() {
    check(
        POSTGRES,
        &[
            ("-- ;", ""),
            ("-- '\nselect 1; x", "select 1 | x"),
            ("-- a\rselect 1; x", "select 1 | x"),
            ("/* ; */ a; b", "a | b"),
            ("/* /* ; */ ; */ a; b", "a | b"),
            ("/*/ ; */ a; b", "a | b"),
            ("/**/a; b", "a | b"),
            ("/***/a; b", "a | b"),
            ("/* ' \" $$ */ a; b", "a | b"),
            ("/* -- */ a; b", "a | b"),
            ("-- /*\na; b", "a | b"),
            ("a +/* ; */ b; c", "a +/* ; */ b | c"),
            ("a *-- ;\n b; c", "a *-- ;\n b | c"),
            ("a - - b; c", "a - - b | c"),
            ("a */ b; c", "a */ b | c"),
            ("a /* b", "!unterminated comment@2"),
            ("/* /* */ a;", "!unterminated comment@0"),
            ("a /*/", "!unterminated comment@2"),
            ("a --", "a"),
            ("a; /* b */ -- c", "a | "),
            ("a -- b\n;", "a"),
        ],
    );
}

#[test]
fn strings_hide_semicolons() {
    check(
        POSTGRES,
        &[
            ("';'; a", "';' | a"),
            ("'it''s;'; a", "'it''s;' | a"),
            ("''; a", "'' | a"),
            ("''''; a", "'''' | a"),
            (r"'\'; a", r"'\' | a"),
            (r"E'\';'; a", r"E'\';' | a"),
            (r"e'\\'; a", r"e'\\' | a"),
            (r"E'a'';'; a", r"E'a'';' | a"),
            (r"E'\''''; a", r"E'\'''' | a"),
            ("E'\\é'; a", "E'\\é' | a"),
            (r"ae'\'; a", r"ae'\' | a"),
            (r"e '\'; a", r"e '\' | a"),
            ("e\n'a'; b", "e\n'a' | b"),
            (r"U&'\'; a", r"U&'\' | a"),
            ("U&'a'';'; a", "U&'a'';' | a"),
            ("u&\"a;\"\"\"; a", "u&\"a;\"\"\" | a"),
            ("u & ';'; a", "u & ';' | a"),
            ("u&a; b", "u&a | b"),
            ("B'1;0'; a", "B'1;0' | a"),
            ("X'1;''2'; a", "X'1;''2' | a"),
            (r"N'\'; a", r"N'\' | a"),
            ("E'a'\n'b\\';'; c", "E'a'\n'b\\';' | c"),
            ("E'a' -- x'\n 'b\\';'; c", "E'a' -- x'\n 'b\\';' | c"),
            (r"E'a' 'b\'; c", r"E'a' 'b\' | c"),
            ("E'a' /*\n*/ 'b\\'; c", "E'a' /*\n*/ 'b\\' | c"),
            ("E'a' -\n'b\\'; c", "E'a' -\n'b\\' | c"),
            ("'a'\n\n'b'; c", "'a'\n\n'b' | c"),
            ("'a\n;'; b", "'a\n;' | b"),
            ("a 'b;", "!unterminated string@2"),
            (r"a E'b\'", "!unterminated string@2"),
            (r"a E'\", "!unterminated string@2"),
            ("a 'b'\n'c", "!unterminated string@2"),
            ("a U&'b", "!unterminated string@2"),
            ("a B'b", "!unterminated string@2"),
        ],
    );
}

#[test]
fn names_hide_semicolons() {
    check(
        POSTGRES,
        &[
            ("\";\"; a", "\";\" | a"),
            ("\"a\"\";\"; a", "\"a\"\";\" | a"),
            ("\"'\"; a", "\"'\" | a"),
            (r#""\"; a"#, r#""\" | a"#),
            ("a \"b;", "!unterminated quoted identifier@2"),
            ("a U&\"b;", "!unterminated quoted identifier@4"),
        ],
    );
}

#[test]
fn dollar_quotes_hide_everything() {
    check(
        POSTGRES,
        &[
            ("$$;$$; a", "$$;$$ | a"),
            ("$a$;$$;$a$; b", "$a$;$$;$a$ | b"),
            ("$a$;$b$;$a$; b", "$a$;$b$;$a$ | b"),
            ("$a$ $A$ ; $a$; b", "$a$ $A$ ; $a$ | b"),
            ("$a$ $aa$ ; $a$; b", "$a$ $aa$ ; $a$ | b"),
            ("$a$ x$a$; b", "$a$ x$a$ | b"),
            ("$a$ $b$a$; c", "$a$ $b$a$ | c"),
            ("$_1é$;$_1é$; a", "$_1é$;$_1é$ | a"),
            ("$1; a", "$1 | a"),
            ("$1$; a", "$1$ | a"),
            ("a$b$; c$b$; d", "a$b$ | c$b$ | d"),
            ("$a b$; c", "$a b$ | c"),
            ("$; a", "$ | a"),
            ("1$$;$$; a", "1$$;$$ | a"),
            (r"1E'\'; 1e5; $1e'\'; 0xe'\'; a", r"1E'\' | 1e5 | $1e'\' | 0xe'\' | a"),
            ("$$ ' \" /* -- \\ $$; a", "$$ ' \" /* -- \\ $$ | a"),
            ("a $$;", "!unterminated dollar quote $$@2"),
            ("a $f$;$$", "!unterminated dollar quote $f$@2"),
            ("do $do$ begin commit; end $do$; a", "do $do$ begin commit; end $do$ | a"),
        ],
    );
}

#[test]
fn parentheses_hide_semicolons() {
    check(
        POSTGRES,
        &[
            ("create rule r as on insert to t do (a; b); c", "create rule r as on insert to t do (a; b) | c"),
            ("(a;(b;c);d); e", "(a;(b;c);d) | e"),
            ("a); b", "a) | b"),
            ("(')'; a); b", "(')'; a) | b"),
            ("a (b; (c)", "!unterminated parenthesis@2"),
        ],
    );
}

#[test]
fn standard_bodies_hide_semicolons() {
    check(
        POSTGRES,
        &[
            (
                "create function f() returns int begin atomic select 1; select 2; end; a",
                "create function f() returns int begin atomic select 1; select 2; end | a",
            ),
            (
                "CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC a; END; b",
                "CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC a; END | b",
            ),
            (
                "create function f() begin atomic select case when a then b end; end; c",
                "create function f() begin atomic select case when a then b end; end | c",
            ),
            (
                "create /* x */ function f() begin atomic a; end; b",
                "create /* x */ function f() begin atomic a; end | b",
            ),
            ("create function f(\"begin\" int) as 'a'; b", "create function f(\"begin\" int) as 'a' | b"),
            ("create function f(begin int) as 'a'; b", "create function f(begin int) as 'a' | b"),
            ("create table f (a int) begin; a; end; b", "create table f (a int) begin | a | end | b"),
            ("create or replace view v as a; begin; b", "create or replace view v as a | begin | b"),
            ("create temp function begin; a", "create temp function begin | a"),
            ("begin; a; end; b", "begin | a | end | b"),
            ("create function f() as $$ begin $$; a", "create function f() as $$ begin $$ | a"),
            (
                "create function f() language sql return case when a then b end; c",
                "create function f() language sql return case when a then b end | c",
            ),
            ("create function f() begin atomic a; b", "!body without END@20"),
        ],
    );
}

#[test]
fn a_copy_takes_its_data() {
    check(
        POSTGRES,
        &[
            ("copy t from stdin;\n1\n2\n\\.\na;", "copy t from stdin<1\n2\n> | a"),
            ("COPY a.\"b\" (c, \"d\") FROM stdin;\n';\n\\.\n\na", "COPY a.\"b\" (c, \"d\") FROM stdin<';\n> | a"),
            ("copy t from stdin;\r\n1\r\n\\.\r\na;", "copy t from stdin<1\r\n> | a"),
            ("copy t from stdin;\n\\.\n", "copy t from stdin<>"),
            ("copy t from stdin;\n\\N\n\\..\n \\.\n\\.", "copy t from stdin<\\N\n\\..\n \\.\n>"),
            ("copy t from stdin with (format csv);\n\"\n\\.\n", "copy t from stdin with (format csv)<\"\n>"),
            ("copy t from stdin; -- x\n1\n\\.\n", "copy t from stdin<1\n>"),
            ("copy t /* from */ from /* x */ stdin\n;  \n1\n\\.\n", "copy t /* from */ from /* x */ stdin<1\n>"),
            ("copy t from stdout;\n1\n\\.\n", "copy t from stdout<1\n>"),
            ("copy t to stdout; a", "copy t to stdout | a"),
            ("copy (select a from stdin) to stdout; a", "copy (select a from stdin) to stdout | a"),
            ("copy t from '/x'; a", "copy t from '/x' | a"),
            (
                "copy t from '/x' where a is distinct from stdin; a",
                "copy t from '/x' where a is distinct from stdin | a",
            ),
            ("copy \"from\" from stdin;\n\\.\n", "copy \"from\" from stdin<>"),
            ("select copy from stdin; a", "select copy from stdin | a"),
            ("a; copy t from stdin;\n1\n", "a | !COPY FROM stdin without a closing \\. line@3"),
            ("copy t from stdin", "!COPY FROM stdin without a closing \\. line@0"),
            ("copy t from stdin;", "!COPY FROM stdin without a closing \\. line@0"),
            ("copy t from stdin; a;\n1\n\\.\n", "!text after COPY FROM stdin on the same line@19"),
        ],
    );
}

#[test]
fn commands_of_psql_are_refused() {
    check(
        POSTGRES,
        &[
            ("\\set a 1\n", "!\\set is a command of the database's shell, not SQL@0"),
            ("a; \\i x.sql", "a | !\\i is a command of the database's shell, not SQL@3"),
            ("select 1 \\gexec", "!\\gexec is a command of the database's shell, not SQL@9"),
            ("select 1\\;select 2;", "!\\ is a command of the database's shell, not SQL@8"),
            ("-- a\n\\restrict x\n\na; \\unrestrict x", " | a | "),
            ("\\restrict x;a\r\nb", " | b"),
            ("\\restrict x\rb;", "!comment whose line ends with a CR alone@0"),
            ("a \\restrict x\n", "!\\restrict is a command of the database's shell, not SQL@2"),
            ("\\restricted x\n", "!\\restricted is a command of the database's shell, not SQL@0"),
            ("'\\connect x'; \"\\c\"; $$\\c$$; -- \\c\n/* \\c */", "'\\connect x' | \"\\c\" | $$\\c$$ | "),
        ],
    );
}

#[test]
fn the_setting_for_backslashes_changes_the_text_behind_it() {
    let off = "set standard_conforming_strings = off;";
    let set = &off[..off.len() - 1];
    for (text, expected) in [
        (r"'\';'; a", r"'\';' | a"),
        (r"N'\';'; a", r"N'\';' | a"),
        (r"U&'\'; a", r"U&'\' | a"),
        (r"B'\'; a", r"B'\' | a"),
        (r"'a\'", "!unterminated string@38"),
        (r"set standard_conforming_strings to 'on'; '\'; a", r"set standard_conforming_strings to 'on' | '\' | a"),
        (r"reset all; '\'; a", r"reset all | '\' | a"),
    ] {
        check(POSTGRES, &[(&format!("{off}{text}"), &format!("{set} | {expected}"))]);
    }
    check(
        POSTGRES,
        &[
            (
                r"SET SESSION standard_conforming_strings TO 'off'; '\';'; a",
                r"SET SESSION standard_conforming_strings TO 'off' | '\';' | a",
            ),
            (r"set standard_conforming_strings=false; '\';'; a", r"set standard_conforming_strings=false | '\';' | a"),
            (r"show standard_conforming_strings; '\'; a", r"show standard_conforming_strings | '\' | a"),
        ],
    );
}
