//! Errors as annotations, which GitHub shows at the lines of a pull request.
//!
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-error-message>

use std::path::Path;

use dbmigrate::{Error, Problem};

use super::hints;

/// Returns a line for each problem.
pub(super) fn of(error: &anyhow::Error) -> String {
    match error.downcast_ref::<Error>() {
        Some(Error::Refused { problems }) => problems.iter().map(annotation).collect(),
        _ => String::new(),
    }
}

fn annotation(problem: &Problem) -> String {
    let mut properties = Vec::new();
    properties.extend(problem.path().map(|path| format!("file={}", property(&in_workspace(path)))));
    let location = problem.location();
    properties.extend(location.map(|at| format!("line={},col={}", at.line(), at.column())));
    properties.push("title=dbmigrate".into());
    format!("::error {}::{}\n", properties.join(","), data(&format!("{problem}\n{}", hints::of_problem(problem))))
}

/// Returns the path relative to the root of the checkout. A path in a commit starts with the commit's name.
fn in_workspace(path: &Path) -> String {
    let shown = path.to_string_lossy();
    if let Some((_, path)) = shown.split_once(':').filter(|_| !path.exists()) {
        return path.trim_start_matches("./").to_owned();
    }
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.into());
    let root = std::env::var_os("GITHUB_WORKSPACE").unwrap_or_default();
    absolute.strip_prefix(root).map_or_else(|_| shown.clone().into_owned(), |path| path.to_string_lossy().into_owned())
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
