use crate::sql::SQLITE;
use crate::sql::statement::tests::check;

#[test]
fn statements_end_at_semicolons() {
    check(
        SQLITE,
        &[
            ("", ""),
            (" \t\r\n\x0C", ""),
            (";", ""),
            (";;", " | "),
            ("select 1", "select 1"),
            ("select 1;", "select 1"),
            ("select 1; select 2", "select 1 | select 2"),
            ("select 1 ;\n;select 2;\n", "select 1 |  | select 2 | "),
            ("(a;b); c", "(a | b) | c"),
            ("a); b", "a) | b"),
            ("é;ü", "é | ü"),
            ("\u{feff}select 1;\u{feff}select 2", "select 1 | select 2"),
            ("select ?1, :a, @b, $c; d", "select ?1, :a, @b, $c | d"),
            ("select 1.5, .5; a", "select 1.5, .5 | a"),
            ("select 1\0; a", "!NUL character@8"),
            ("begin; a; end; b", "begin | a | end | b"),
            ("\\a; b", "\\a | b"),
        ],
    );
}

#[test]
fn comments_are_blank() {
    check(
        SQLITE,
        &[
            ("-- ;", ""),
            ("-- '\na; b", "a | b"),
            ("-- a\rb; c", "!comment whose line ends with a CR alone@0"),
            ("-- a\r\r\nb", "b"),
            ("b -- a\r", "b"),
            ("/* ; */ a; b", "a | b"),
            ("/* /* ; */ a; b", "a | b"),
            ("/*/ ; */ a; b", "a | b"),
            ("/**/ a; b", "a | b"),
            ("/***/ a; b", "a | b"),
            ("a /* ; ' */; b", "a | b"),
            ("a -- ;\n b; c", "a -- ;\n b | c"),
            ("a - - b; c", "a - - b | c"),
            ("a / b * c; d", "a / b * c | d"),
            ("a */ b; c", "a */ b | c"),
            ("a; /* b", "a | !unterminated comment@3"),
            ("a /* b;", "!unterminated comment@2"),
            ("a /*", "!unterminated comment@2"),
            ("a --", "a"),
            ("a /* b *", "!unterminated comment@2"),
        ],
    );
}

#[test]
fn quotes_hide_semicolons() {
    check(
        SQLITE,
        &[
            ("';'; a", "';' | a"),
            ("'it''s;'; a", "'it''s;' | a"),
            ("''; a", "'' | a"),
            (r"'\'; a", r"'\' | a"),
            (r"E'\'; a", r"E'\' | a"),
            ("x'0;'; a", "x'0;' | a"),
            ("\";\"; a", "\";\" | a"),
            ("\"a\"\";\"; a", "\"a\"\";\" | a"),
            ("`;`; a", "`;` | a"),
            ("`a``;`; a", "`a``;` | a"),
            ("[;]; a", "[;] | a"),
            ("[a[;]; a", "[a[;] | a"),
            ("[']; a; [']", "['] | a | [']"),
            ("'[' ; a ']'; b", "'[' | a ']' | b"),
            ("$$;$$; a", "$$ | $$ | a"),
            ("'-- '; a", "'-- ' | a"),
            ("'/*'; a", "'/*' | a"),
            ("a 'b;", "!unterminated string@2"),
            ("a \"b;", "!unterminated quoted identifier@2"),
            ("a `b;", "!unterminated quoted identifier@2"),
            ("a [b;", "!unterminated quoted identifier@2"),
            ("'a''", "!unterminated string@0"),
        ],
    );
}

#[test]
fn triggers_end_with_their_end() {
    check(
        SQLITE,
        &[
            ("create trigger a begin b; end; c", "create trigger a begin b; end | c"),
            ("CREATE TEMP TRIGGER a BEGIN b; c; END; d", "CREATE TEMP TRIGGER a BEGIN b; c; END | d"),
            ("create temporary trigger a begin b; end; c", "create temporary trigger a begin b; end | c"),
            ("create /* x */ trigger a begin b; end; c", "create /* x */ trigger a begin b; end | c"),
            ("create trigger a begin b; -- x\n end /* y */ ; c", "create trigger a begin b; -- x\n end | c"),
            (
                "create trigger a begin select case when b then c end; end; d",
                "create trigger a begin select case when b then c end; end | d",
            ),
            ("create trigger a begin b;; end; c", "create trigger a begin b;; end | c"),
            ("create trigger a begin b; end c; end; d", "create trigger a begin b; end c; end | d"),
            ("create trigger a begin b; \"end\"; end; c", "create trigger a begin b; \"end\"; end | c"),
            ("create trigger a begin b; ended; end; c", "create trigger a begin b; ended; end | c"),
            ("create trigger a begin select ';end;'; end; c", "create trigger a begin select ';end;'; end | c"),
            ("create trigger if not exists a begin b; end; c", "create trigger if not exists a begin b; end | c"),
            ("explain create trigger a begin b; end; c", "explain create trigger a begin b; end | c"),
            (
                "explain query plan create trigger a begin b; end; c",
                "explain query plan create trigger a begin b; end | c",
            ),
            ("explain temp create trigger a; b", "explain temp create trigger a | b"),
            ("create table trigger_a (b); c", "create table trigger_a (b) | c"),
            ("create unique trigger a; b", "create unique trigger a | b"),
            ("create \"trigger\" a; b", "create \"trigger\" a | b"),
            ("drop trigger a; b", "drop trigger a | b"),
            ("; create trigger a begin b; end; c", " | create trigger a begin b; end | c"),
            ("create trigger a begin b; end", "!body without END@7"),
            ("create trigger a begin b; c", "!body without END@7"),
            ("create trigger a; b; c", "!body without END@7"),
        ],
    );
}

#[test]
fn commands_of_the_shell_are_refused() {
    check(
        SQLITE,
        &[
            (".read x", "!.read is a command of the database's shell, not SQL@0"),
            ("a;\n.tables\nb;", "a | !.tables is a command of the database's shell, not SQL@3"),
            ("-- a\n.mode csv", "!.mode is a command of the database's shell, not SQL@5"),
            ("select\n.5; a", "select\n.5 | a"),
            ("select a\n.b; c", "select a\n.b | c"),
            ("'\n.read x'; a", "'\n.read x' | a"),
            ("/*\n.read x\n*/ a", "a"),
        ],
    );
}

#[test]
fn what_is_skipped_at_once_changes_nothing() {
    check(
        SQLITE,
        &[
            (
                "insert into t values (1, a.b, x'00', [c;d] , \"e;\" ) ; b",
                "insert into t values (1, a.b, x'00', [c;d] , \"e;\" ) | b",
            ),
            ("select (1 -- ;\n , 2 /* ; */ , 3 - 4 / 5)  ; b", "select (1 -- ;\n , 2 /* ; */ , 3 - 4 / 5) | b"),
            ("a b c d e f g h i j k l m  n ; b", "a b c d e f g h i j k l m  n | b"),
            ("select (1 \u{feff} ; b", "select (1 | b"),
            ("select (1 , 2", "select (1 , 2"),
        ],
    );
}
