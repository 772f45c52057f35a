#!/usr/bin/env bash
# Lints and tests the worker, and runs the commands of docs/worker.md: everything that needs the feature `sqs`, which the other
# steps leave out, since its dependencies take long to compile.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo clippy --locked --all-targets --all-features -- -D warnings
RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --all-features
scripts/test.sh --worker
