//! Measures how fast a text is split into statements. `scripts/bench.sh` runs it; to run it by hand:
//!
//! `cargo bench --bench split -- postgres Baseline.sql`

use std::env;
use std::error::Error;
use std::fs;
use std::time::Instant;

use dbmigrate::internals::split;

fn main() -> Result<(), Box<dyn Error>> {
    // cargo bench adds the argument --bench
    let arguments = env::args().skip(1).filter(|argument| argument != "--bench").collect::<Vec<_>>();
    let [dialect, file] = arguments.as_slice() else {
        return Err("usage: split mysql|postgres|sqlite|sqlserver FILE".into());
    };
    let dialect = match dialect.as_str() {
        "mysql" => "mysql",
        "postgres" => "postgres",
        "sqlite" => "sqlite",
        "sqlserver" => "sqlserver",
        other => return Err(format!("not a dialect: {other}").into()),
    };
    let text = fs::read_to_string(file)?;

    let began = Instant::now();
    let mut statements = 0_u64;
    for found in split(dialect, &text) {
        statements += u64::from(!found?.range.is_empty());
    }
    let seconds = began.elapsed().as_secs_f64();

    let kilobytes = f64::from(u32::try_from(text.len() / 1000)?);
    println!("{:.1} MB/s, {statements} statements", kilobytes / 1000.0 / seconds);
    Ok(())
}
