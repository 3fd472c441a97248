//! Building a program into a module, reproducibly.
//!
//! [`build`] runs, with the flags of [`FLAGS`] and none from the surroundings,
//!
//! ```text
//! RUSTFLAGS="-C target-feature=+simd128" cargo rustc --profile guest --lib --crate-type cdylib \
//!     --target wasm32-unknown-unknown --package <program>
//! ```
//!
//! where the profile `guest` of the workspace inherits `release` with `lto = true`, `codegen-units = 1`,
//! `panic = "abort"` and `strip = "symbols"`. The result holds no path of the machine it was built on: packages
//! of the workspace are compiled by relative paths, and programs have no others. The same compiler therefore
//! gives the same bytes anywhere; which compiler that was is recorded in `workloads/compiler.txt`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fmt, fs, io};

/// The target that a module is built for. `rustup target add` installs it.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Compiler flags of a module: fixed-width SIMD is on, everything else is the profile's.
pub const FLAGS: &str = "-Ctarget-feature=+simd128";

/// Why a module could not be built.
#[derive(Debug)]
pub enum BuildError {
    /// Cargo or the compiler could not be started.
    Start(io::Error),
    /// Cargo said no; this is what it said.
    Cargo(String),
    /// The module is not where cargo should have left it.
    Missing(PathBuf, io::Error),
}

impl fmt::Display for BuildError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(_) => write!(formatter, "cargo cannot be started"),
            Self::Cargo(message) => write!(formatter, "cargo cannot build the module:\n{message}"),
            Self::Missing(path, _) => {
                write!(formatter, "cargo left no module at {}", path.display())
            }
        }
    }
}

impl std::error::Error for BuildError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Start(source) | Self::Missing(_, source) => Some(source),
            Self::Cargo(_) => None,
        }
    }
}

/// The version line of the compiler that cargo uses.
///
/// # Errors
/// It cannot be started.
pub fn compiler() -> Result<String, BuildError> {
    let output =
        Command::new(tool("RUSTC", "rustc")).arg("-V").output().map_err(BuildError::Start)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether the compiler can build modules: the target's standard library is installed.
#[must_use]
pub fn target_is_installed() -> bool {
    let arguments = ["--print", "target-libdir", "--target", TARGET];
    let output = Command::new(tool("RUSTC", "rustc")).args(arguments).output();
    output.is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir())
}

/// Builds the module of one package of the workspace at `root` and returns its bytes. Intermediate files go to
/// `target_dir`.
///
/// # Errors
/// Cargo cannot be started or fails; its message is in the error.
pub fn build(root: &Path, package: &str, target_dir: &Path) -> Result<Vec<u8>, BuildError> {
    let output = command(root, package, target_dir).output().map_err(BuildError::Start)?;
    if !output.status.success() {
        return Err(BuildError::Cargo(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let file = [package.replace('-', "_"), ".wasm".to_owned()].concat();
    let path = target_dir.join(TARGET).join("guest").join(file);
    fs::read(&path).map_err(|source| BuildError::Missing(path, source))
}

fn command(root: &Path, package: &str, target_dir: &Path) -> Command {
    let mut command = Command::new(tool("CARGO", "cargo"));
    command
        .current_dir(root)
        .args(["rustc", "--quiet", "--lib", "--crate-type", "cdylib"])
        .args(["--profile", "guest", "--target", TARGET, "--package", package])
        .arg("--target-dir")
        .arg(target_dir)
        // The surroundings' flags and wrappers must not change the bytes.
        .env("CARGO_ENCODED_RUSTFLAGS", FLAGS)
        .env_remove("RUSTFLAGS")
        .env_remove("RUSTC_WRAPPER")
        .env_remove("RUSTC_WORKSPACE_WRAPPER");
    command
}

/// The tool that the running cargo names, or the one on the path.
fn tool(variable: &str, name: &str) -> PathBuf {
    env::var_os(variable).map_or_else(|| PathBuf::from(name), PathBuf::from)
}
