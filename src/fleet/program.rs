//! The program that lists the databases of a fleet.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tokio::sync::oneshot;

/// How often it is asked whether a program has ended that prints nothing more.
const LOOK: Duration = Duration::from_millis(5);

/// A program that runs. It is killed if no one waits for it any longer.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // it may have ended
        let _ = self.0.kill();
    }
}

/// Runs a program in a folder, and returns what it prints. A program that is named by a path is in that folder.
///
/// # Errors
///
/// A text that completes `the program NAME`.
pub(super) async fn printed(folder: &Path, program: &str, arguments: &[String]) -> Result<String, String> {
    let cannot_run = |error: std::io::Error| format!("cannot be run: {error}");
    let by_path = program.contains('/').then(|| std::path::absolute(folder.join(program)));
    let mut command = match by_path {
        Some(path) => Command::new(path.map_err(cannot_run)?),
        None => Command::new(program),
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let mut running = Running(command.spawn().map_err(cannot_run)?);
    let (send, receive) = oneshot::channel();
    let mut output = running.0.stdout.take();
    // a thread that waits for what a killed program has started must not hold up the end of this one
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = output.as_mut().map_or(Ok(0), |output| output.read_to_end(&mut bytes));
        let _ = send.send(read.map(|_| bytes));
    });
    let unread = |error: std::io::Error| format!("cannot be read: {error}");
    let bytes = receive.await.map_err(|_| "cannot be read".to_owned())?.map_err(unread)?;
    let status = ended(&mut running.0).await.map_err(unread)?;
    if !status.success() {
        return Err(format!("failed: {status}"));
    }
    String::from_utf8(bytes).map_err(|_| "prints what is not UTF-8".to_owned())
}

async fn ended(child: &mut Child) -> std::io::Result<ExitStatus> {
    loop {
        match child.try_wait()? {
            Some(status) => return Ok(status),
            None => tokio::time::sleep(LOOK).await,
        }
    }
}
