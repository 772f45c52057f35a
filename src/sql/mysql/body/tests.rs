use crate::sql::mysql::tests::{cut_to, cuts};

/// The server splits again what the client sends under its delimiter.
#[test]
fn under_another_delimiter_the_server_cuts_at_semicolons() {
    cuts(&[
        ("delimiter //\na; b//\nc//", " | a | b | c"),
        ("delimiter $$\ndrop procedure p;$$", " | drop procedure p | "),
        ("delimiter ;;\na; b;;", " | a | b"),
        (
            "delimiter //\ncreate trigger a before insert on b for each row set @x=1; c//",
            " | create trigger a before insert on b for each row set @x=1 | c",
        ),
        ("delimiter //\ncreate procedure p() begin a; b; end// c", " | create procedure p() begin a; b; end | c"),
        ("delimiter //\ncreate procedure p() begin a; b; end; -- x\n //", " | create procedure p() begin a; b; end | "),
        (
            "delimiter //\ncreate procedure p() begin a; end; create procedure q() begin b; end; c//",
            " | create procedure p() begin a; end | create procedure q() begin b; end | c",
        ),
        ("delimiter //\nbegin; a//", " | begin | a"),
        ("delimiter //\nbegin work; a//", " | begin work | a"),
        ("delimiter //\nbegin not atomic a; end; b//", " | begin not atomic a; end | b"),
        ("delimiter //\nif a then b; end if; c//", " | if a then b; end if | c"),
        ("delimiter //\nl: loop a; leave l; end loop; b//", " | l: loop a; leave l; end loop | b"),
    ]);
}

/// Each body is followed by `;x` under another delimiter. A body is complete when its blocks are closed.
#[test]
fn the_blocks_of_a_body_are_followed() {
    let bodies = [
        "begin if a then b; elseif c then d; else e; end if; end",
        "begin case a when 1 then b; else begin end; end case; end",
        "begin select case when a then b else c end; end",
        "begin set x = case a when 1 then case b when 2 then 3 end else 4 end; end",
        "begin while a do b; end while; repeat c; until d end repeat; l: loop leave l; end loop l; end",
        "begin for i in 1..3 do a; end for; end",
        "l: begin a; end l",
        "`l`: begin a; end `l`",
        "begin declare exit handler for sqlexception begin a; end; b; end",
        "begin declare continue handler for not found set done = 1; b; end",
        "begin declare c cursor for select 1; open c; end",
        "begin declare exit handler for own_condition begin a; end; end",
        "begin select begin, end from t where end > 1 and if(a, b, c) and t.end is null; end",
        "begin drop table if exists t; insert into t values (repeat('a', 3)); replace into t values (1); end",
        "begin do sleep(1); begin end; end",
        "begin start transaction; a; commit; end",
        "begin select 1 as `end`; end",
        "if a then b; end if",
        "case a when 1 then b; end case",
        "while a do b; end while",
        "repeat a; until b end repeat",
        "loop a; end loop",
    ];
    for body in bodies {
        let text = format!("delimiter //\ncreate procedure p() {body};x//");
        cut_to(&text, &format!(" | create procedure p() {body} | x"));
    }
}

#[test]
fn what_does_not_fit_together_ends_at_the_delimiter() {
    for body in [
        "begin if a then b; end; end",
        "begin loop a; end if; b; end",
        "as a int; begin b; end",
        "is begin b; end",
        "begin <<a>> begin b; end; end",
        "begin while a loop if b then c; end if; end loop; end",
    ] {
        let text = format!("delimiter //\ncreate procedure p() {body};x//y");
        cut_to(&text, &format!(" | create procedure p() {body};x | y"));
    }
}

/// Every way to define something that has a body.
#[test]
fn bodies_are_found() {
    for head in [
        "create procedure p()",
        "create or replace procedure p(a int, in b varchar(10)) comment 'x' language sql not deterministic modifies sql data sql security definer",
        "create definer = root@localhost procedure p()",
        "create definer=`a`@`b` procedure p()",
        "create definer = current_user() procedure if not exists p()",
        "create definer = event@example.org function f() returns int",
        "create aggregate function if not exists f(a int) returns varchar(10) character set utf8mb4 deterministic",
        "create function f() returns set('a','b') charset utf8",
        "create function f() returns enum('begin') no sql",
        "create trigger t after insert on u for each row",
        "create trigger t before update on u for each row follows v",
        "create event e on schedule every 1 day do",
        "create event e on schedule at current_timestamp + interval 1 day on completion preserve enable comment 'x' do",
        "alter definer = a@b event e on schedule every 1 hour starts '2020-01-01' do",
        "/*!50003 create*/ /*!50017 definer=`a`@`b`*/ /*!50003 trigger t before insert on x for each row",
    ] {
        let close = if head.starts_with("/*") { "*/" } else { "" };
        let statement = format!("{head} begin a; b; end {close}").trim_end().to_owned();
        let text = format!("delimiter ;;\n{statement};;\ndelimiter ;\nx;");
        cut_to(&text, &format!(" | {statement} |  | x"));
        cut_to(
            &format!("{head} begin end {close}; x"),
            &format!("{} | x", format!("{head} begin end {close}").trim_end()),
        );
    }
}

#[test]
fn a_body_needs_a_delimiter() {
    let error = "!body whose first ; would end the statement";
    cuts(&[
        ("create procedure p() begin select 1; end; a", &format!("{error}@21")),
        ("create procedure p()\nl: begin select 1; end; a", &format!("{error}@24")),
        ("create trigger a before insert on b for each row if c then d; end if;", &format!("{error}@49")),
        ("create event a on schedule every 1 day do begin b; end;", &format!("{error}@42")),
        ("begin not atomic select 1; end;", &format!("{error}@0")),
        ("create package p as procedure a; end;", &format!("{error}@7")),
        ("create procedure p() begin select 1", &format!("{error}@21")),
    ]);
}

#[test]
fn a_body_of_one_statement_needs_none() {
    cuts(&[
        ("create procedure p() select begin, end from t; a", "create procedure p() select begin, end from t | a"),
        ("create procedure begin() select 1; a", "create procedure begin() select 1 | a"),
        (
            "create procedure p(begin int, end int) set @a = begin; a",
            "create procedure p(begin int, end int) set @a = begin | a",
        ),
        ("create procedure p() begin end; a", "create procedure p() begin end | a"),
        ("create procedure p() l: begin end l; a", "create procedure p() l: begin end l | a"),
        ("begin not atomic end; a", "begin not atomic end | a"),
        (
            "create function f() returns int return if(1, 2, 3); a",
            "create function f() returns int return if(1, 2, 3) | a",
        ),
        (
            "create function f() returns int return case when 1 then 2 end; a",
            "create function f() returns int return case when 1 then 2 end | a",
        ),
        ("create function f returns string soname 'x.so'; a", "create function f returns string soname 'x.so' | a"),
        (
            "create function f() returns int language javascript as 'return 1;'; a",
            "create function f() returns int language javascript as 'return 1;' | a",
        ),
        (
            "create trigger a before insert on begin for each row insert into b values (1); c",
            "create trigger a before insert on begin for each row insert into b values (1) | c",
        ),
        (
            "create event a on schedule every 1 day do insert into begin values (1); b",
            "create event a on schedule every 1 day do insert into begin values (1) | b",
        ),
        (
            "create event begin on schedule every 1 day disable; alter event begin rename to c; d",
            "create event begin on schedule every 1 day disable | alter event begin rename to c | d",
        ),
        ("create table begin (begin int, end int); a", "create table begin (begin int, end int) | a"),
        (
            "create definer=a@b sql security invoker view begin as select 1; a",
            "create definer=a@b sql security invoker view begin as select 1 | a",
        ),
        ("alter procedure p comment 'x'; a", "alter procedure p comment 'x' | a"),
        ("drop procedure if exists begin; a", "drop procedure if exists begin | a"),
        ("xa begin 'x'; a", "xa begin 'x' | a"),
    ]);
}
