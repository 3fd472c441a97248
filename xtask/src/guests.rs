//! `cargo xtask guests`: builds the programs' modules and puts them beside their sources.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, ensure};
use guest::module;

/// Programs whose modules are checked in, as `workloads/NAME/NAME.wasm`.
const PROGRAMS: &[&str] = &["infer", "nbody", "table", "train"];

/// The version line of the compiler that built them.
const COMPILER: &str = "workloads/compiler.txt";

/// What to do with the modules.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only compare with what is checked in.
    #[arg(long)]
    check: bool,
}

/// Builds every module; writes it, or compares it with the one that is there.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    ensure!(
        module::target_is_installed(),
        "the target is not installed; run: rustup target add {}",
        module::TARGET
    );
    let root = crate::root();
    let mut differing = 0;
    for program in PROGRAMS {
        let bytes = module::build(&root, program, &root.join("target/guests"))?;
        let path = path(&root, program);
        let same = fs::read(&path).is_ok_and(|there| there == bytes);
        if !same && !arguments.check {
            fs::write(&path, &bytes).with_context(|| path.display().to_string())?;
        }
        differing += u8::from(!same);
        let what = if same { "unchanged" } else { "differs" };
        println!("{program}: {} bytes, {what}", bytes.len());
    }
    if !arguments.check {
        fs::write(root.join(COMPILER), format!("{}\n", module::compiler()?)).context(COMPILER)?;
    }
    Ok(ExitCode::from(if arguments.check { differing } else { 0 }))
}

fn path(root: &Path, program: &str) -> PathBuf {
    root.join("workloads").join(program).join(format!("{program}.wasm"))
}
