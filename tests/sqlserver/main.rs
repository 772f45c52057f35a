//! SQL Server without a server: a recorder takes its place, and every batch that is sent is in an approved transcript.
//!
//! The transcripts under `snapshots/` are what a reviewer who knows the server reads. Each line that starts with a number is
//! a batch with the number of its connection, one connection after the other.
#![cfg(feature = "sqlserver")]

mod connecting;
#[cfg(feature = "adopt")]
mod importing;
mod lent;
mod objects;
#[path = "../contract/outcome.rs"]
#[allow(dead_code, reason = "the contract needs more of it")]
mod outcome;
mod rebuilding;
mod recorder;
mod stage;
mod stopping;
mod tenants;
mod upgrading;
