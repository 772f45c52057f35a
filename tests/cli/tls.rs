//! Servers that offer encryption but have no certificate: every way of checking it is an error, and none panics.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;

use crate::project::{ONE, Project};

/// A server that offers encryption to each client and hangs up when the client accepts. It sends `greeting` first.
fn offering(greeting: &'static [u8], answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let Ok(mut client) = client else { return };
            let limit = Some(std::time::Duration::from_millis(200));
            client.set_read_timeout(limit).expect("it is more than nothing");
            let _ = client
                .write_all(greeting)
                .and_then(|()| client.read(&mut [0; 512]))
                .and_then(|_| client.write_all(answer));
            // the client's first TLS message
            let _ = client.read(&mut [0; 512]);
        }
    });
    port
}

/// Creates a self-signed certificate.
fn certificate(folder: &Path) {
    let made = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2"])
        .args(["-keyout", "ca.key", "-out", "ca.pem"])
        .current_dir(folder)
        .output()
        .expect("openssl is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn is_an_error(project: &Project, url: &str) {
    let shown = project.run_with(&["upgrade", "--url", url]);
    assert!(shown.starts_with("exit 1") && shown.contains("error: cannot connect to "), "{url}: {shown}");
    let (json, _) = project.json(&format!("upgrade --format json --url {url}"));
    assert_eq!(json["error"]["code"], "connect", "{url}: {json}");
}

#[cfg(feature = "postgres")]
#[test]
fn each_sslmode_of_postgresql_fails_without_a_certificate() {
    let project = Project::scripts(&[ONE]);
    certificate(project.root());
    let port = offering(b"", b"S");
    for mode in ["require", "verify-ca", "verify-full"] {
        is_an_error(&project, &format!("postgres://u@127.0.0.1:{port}/d?sslmode={mode}"));
        is_an_error(&project, &format!("postgres://u@localhost:{port}/d?sslmode={mode}&sslrootcert=ca.pem"));
    }
    let variable = Project::scripts(&[ONE]).env("PGSSLMODE", "verify-ca");
    is_an_error(&variable, &format!("postgres://u@127.0.0.1:{port}/d"));
}

/// The greeting of a MySQL server, with the flag that it can encrypt.
#[cfg(feature = "mysql")]
const GREETING: &[u8] = b"\x49\x00\x00\x00\x0a8.4.0\x00\x01\x00\x00\x0012345678\x00\xff\xff\xff\x02\x00\xff\xdf\x15\
\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00123456789012\x00mysql_native_password\x00";

#[cfg(feature = "mysql")]
#[test]
fn each_ssl_mode_of_mysql_fails_without_a_certificate() {
    let project = Project::scripts(&[ONE]);
    certificate(project.root());
    let port = offering(GREETING, b"");
    for mode in ["required", "verify_ca", "verify_identity"] {
        is_an_error(&project, &format!("mysql://u@127.0.0.1:{port}/d?ssl-mode={mode}"));
        is_an_error(&project, &format!("mysql://u@localhost:{port}/d?ssl-mode={mode}&ssl-ca=ca.pem"));
    }
}

/// Starts a server with these answers; the receiver gets everything that the client sends to it.
#[cfg(feature = "postgres")]
fn heard_by(answers: &'static [&'static [u8]]) -> (u16, std::sync::mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            client.set_read_timeout(Some(std::time::Duration::from_secs(2))).expect("it is more than nothing");
            for answer in answers {
                let mut said = vec![0; 512];
                let length = client.read(&mut said).unwrap_or(0);
                let _ = sender.send(said[..length].to_vec());
                let _ = client.write_all(answer);
            }
            let mut said = Vec::new();
            let _ = client.read_to_end(&mut said);
            let _ = sender.send(said);
        }
    });
    (port, receiver)
}

/// An attacker in the middle who answers the TLS request with an error does not get an unencrypted connection.
#[cfg(feature = "postgres")]
#[test]
fn an_error_in_place_of_tls_does_not_avoid_it() {
    let project = Project::scripts(&[ONE]);
    certificate(project.root());
    for mode in ["require", "verify-ca", "verify-full"] {
        let (port, heard) = heard_by(&[b"E\0\0\0\x08Moof"]);
        let url = format!("postgres://u:s3cret@localhost:{port}/d?sslmode={mode}&sslrootcert=ca.pem");
        let shown = project.run_with(&["status", "--url", &url]);
        assert!(shown.contains("the server answered the request for TLS with an error"), "{mode}: {shown}");
        assert!(!shown.contains("oof"), "{shown}");
        let said = heard.try_iter().flatten().collect::<Vec<_>>();
        assert!(said.starts_with(&[0, 0, 0, 8, 4, 210, 22, 47]) && said.len() == 8, "{mode}: {said:?}");
    }
}

/// The driver does not check the protocol version, so dbmigrate refuses a greeting that only the driver would accept.
#[cfg(feature = "mysql")]
#[test]
fn a_greeting_of_another_protocol_does_not_avoid_the_certificate() {
    const OTHER: &[u8] = b"\x49\x00\x00\x00\x0b8.4.0\x00\x01\x00\x00\x0012345678\x00\xff\xff\xff\x02\x00\xff\xdf\x15\
\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00123456789012\x00mysql_native_password\x00";
    let project = Project::scripts(&[ONE]);
    certificate(project.root());
    for mode in ["preferred", "required", "verify_ca", "verify_identity"] {
        let port = offering(OTHER, b"");
        let shown = project.run_with(&[
            "status",
            "--url",
            &format!("mysql://u@localhost:{port}/d?ssl-mode={mode}&ssl-ca=ca.pem"),
        ]);
        assert!(shown.contains("the server does not offer it"), "{mode}: {shown}");
    }
}
