//! One shell in a folder of its own, given commands one after the other.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::normal::normal;

/// The longest that a command may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A shell with `earnest` in its path, a home folder of its own and a free port in `$PORT`.
pub(crate) struct Shell {
    folder: TempDir,
    shell: Child,
    stdin: ChildStdin,
}

impl Shell {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("work")).unwrap();
        fs::create_dir(folder.path().join("said")).unwrap();
        let earnest = Path::new(env!("CARGO_BIN_EXE_earnest")).parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        let mut shell = Command::new("sh")
            .current_dir(folder.path().join("work"))
            .env("PATH", format!("{}:{path}", earnest.display()))
            .env("EARNEST_HOME", folder.path().join("home"))
            .env("EARNEST_PASSPHRASE", "correct horse battery staple")
            .env("PORT", free_port().to_string())
            .env("REPOSITORY", repository())
            .env_remove("RUST_LOG")
            .env_remove("CARGO_TARGET_DIR")
            // Everything that the shell starts can be ended with it.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdin = shell.stdin.take().unwrap();
        Self { folder, shell, stdin }
    }

    /// Writes a file where the commands run.
    pub(crate) fn write(&self, name: &str, content: &[u8]) {
        let path = self.folder.path().join("work").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// What the command answers, in the form of a console without anything that differs from run to run.
    pub(crate) fn answer(&mut self, command: &str) -> String {
        let Said { stdout, stderr, exit } = self.run(command);
        let mut answer = stdout;
        for line in stderr.lines() {
            writeln!(answer, "{}", format!("! {line}").trim_end()).unwrap();
        }
        if exit != "0" {
            writeln!(answer, "[exit {exit}]").unwrap();
        }
        normal(&answer, self.folder.path())
    }

    /// Runs a command to its end.
    pub(crate) fn run(&mut self, command: &str) -> Said {
        let said = |name: &str| self.folder.path().join("said").join(name);
        let (out, err, exit) = (said("out"), said("err"), said("exit"));
        let _ = fs::remove_file(&exit);
        let text = format!(
            "{{ {command}\n}} </dev/null >{0} 2>{1}; echo $? >{2}.new; mv {2}.new {2}\n",
            out.display(),
            err.display(),
            exit.display()
        );
        self.stdin.write_all(text.as_bytes()).unwrap();
        let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        let started = Instant::now();
        while !exit.exists() {
            let hangs = started.elapsed() > PATIENCE;
            assert!(!hangs, "no end of: {command}\n{}{}", read(&out), read(&err));
            std::thread::sleep(Duration::from_millis(5));
        }
        Said { stdout: read(&out), stderr: read(&err), exit: read(&exit).trim().to_owned() }
    }
}

/// What a command said.
pub(crate) struct Said {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) exit: String,
}

impl Drop for Shell {
    fn drop(&mut self) {
        let group = format!("-{}", self.shell.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.shell.wait();
    }
}

/// A port that nobody listened on a moment ago.
fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// The folder of the workspace.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().and_then(Path::parent).unwrap()
}
