//! What "Generate Scripts" of SSMS writes, as far as the checks see it: no server is asked.

use crate::folder::{Folder, Run};
use crate::{line_of, utf16};

const OBJECTS: &str = include_str!("databases/sqlserver.sql");

/// The first lines when the database itself is scripted, too.
const DATABASE: &str = "USE [master]\nGO\n\
    /****** Object:  Database [shop]    Script Date: 1/2/2025 10:11:12 AM ******/\n\
    CREATE DATABASE [shop]\n CONTAINMENT = NONE\n ON  PRIMARY \n\
    ( NAME = N'shop', FILENAME = N'C:\\Data\\shop.mdf' , SIZE = 8192KB , MAXSIZE = UNLIMITED, FILEGROWTH = 65536KB )\n\
    GO\n\
    IF (1 = FULLTEXTSERVICEPROPERTY('IsFullTextInstalled'))\nbegin\n\
    EXEC [shop].[dbo].[sp_fulltext_database] @action = 'enable'\nend\nGO\n\
    ALTER DATABASE [shop] SET ANSI_NULL_DEFAULT OFF \nGO\n";

fn check(script: &str) -> Run {
    let url = "Server=tcp:localhost,1433;Database=shop;User Id=sa;Password=none;TrustServerCertificate=True";
    Folder::new(url, utf16(&script.replace('\n', "\r\n"))).run(&["check"])
}

#[test]
fn the_objects_of_a_database_pass_the_checks() {
    check(OBJECTS).succeeds();
}

#[test]
fn another_database_is_refused_at_its_line() {
    let script = OBJECTS.replace("USE [shop]", "USE [crm]");
    check(&script).fails(&["USE crm would take the run out of its database", "./Baseline.sql:1:1"]);
}

#[test]
fn statements_about_the_database_itself_are_refused_at_their_lines() {
    let script = DATABASE.to_owned() + OBJECTS;
    let place = |start| format!("./Baseline.sql:{}:1", line_of(&script, start));
    check(&script).fails(&[
        "USE master would take the run out of its database",
        &place("USE [master]"),
        "CREATE DATABASE cannot run in a transaction",
        &place("CREATE DATABASE"),
        "rebuild and upgrade --create-database create the database",
        "ALTER DATABASE cannot run in a transaction",
        &place("ALTER DATABASE"),
        "3 problems",
    ]);
}

#[test]
fn a_script_cut_off_within_something_is_refused_where_that_starts() {
    for (mark, what) in [
        ("N'M\u{fc}ller", "unterminated string"),
        ("[Na", "unterminated quoted identifier"),
        ("/****** Object:  Table", "unterminated comment"),
    ] {
        let at = OBJECTS.find(mark).unwrap_or_else(|| panic!("there is {mark}"));
        check(&OBJECTS[..at + mark.len()]).fails(&[what, "./Baseline.sql:"]);
    }
}
