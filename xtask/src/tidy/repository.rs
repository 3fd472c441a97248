//! The repository as the checks see it: the text of its files, and what cargo says of its crates.

use std::{collections::BTreeSet, path::Path, process::Command};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::{cargo, root};

/// A text file, by its path from the root of the repository, with `/` between the parts.
pub(super) struct TextFile {
    pub(super) path: String,
    pub(super) text: String,
}

/// A crate of the workspace.
#[derive(Default)]
pub(super) struct Package {
    pub(super) name: String,
    /// Folder, from the root of the repository.
    pub(super) folder: String,
    pub(super) dependencies: Vec<Dependency>,
}

/// A line of a manifest's dependency section.
#[derive(Clone)]
pub(super) struct Dependency {
    pub(super) name: String,
    /// Whether only tests, examples and benches see it.
    pub(super) dev: bool,
}

/// Everything the checks may look at.
#[derive(Default)]
pub(super) struct Repository {
    /// Every file that is text.
    pub(super) files: Vec<TextFile>,
    /// Every file and folder, text or not.
    pub(super) paths: BTreeSet<String>,
    /// Every crate of ours.
    pub(super) packages: Vec<Package>,
}

impl Repository {
    /// Reads what git knows, or would know after an `add` of everything.
    pub(super) fn load() -> anyhow::Result<Self> {
        let root = root();
        let list = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
        let listed = output(Command::new("git").args(list).current_dir(&root))?;
        let mut repository = Self::default();
        for path in listed.split('\0').filter(|path| root.join(path).is_file()) {
            repository.add_path(path);
            if let Ok(text) = std::fs::read_to_string(root.join(path)) {
                repository.files.push(TextFile { path: path.to_owned(), text });
            }
        }
        repository.packages = packages(&root)?;
        Ok(repository)
    }

    /// The text of one file, empty when it is not there.
    pub(super) fn text(&self, path: &str) -> &str {
        let file = self.files.iter().find(|file| file.path == path);
        file.map_or("", |file| &file.text)
    }

    /// Files whose name ends so.
    pub(super) fn ending<'a>(&'a self, end: &'a str) -> impl Iterator<Item = &'a TextFile> {
        self.files.iter().filter(move |file| file.path.ends_with(end))
    }

    fn add_path(&mut self, path: &str) {
        for folder in Path::new(path).ancestors() {
            self.paths.insert(folder.to_string_lossy().into_owned());
        }
    }
}

#[cfg(test)]
impl Repository {
    /// A repository of these files, for tests of the checks.
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let mut repository = Self::default();
        for (path, text) in files {
            repository.add_path(path);
            let (path, text) = ((*path).to_owned(), (*text).to_owned());
            repository.files.push(TextFile { path, text });
        }
        repository
    }

    /// Adds a crate; a dependency written `name dev` is for tests only.
    pub(super) fn with(mut self, name: &str, folder: &str, dependencies: &[&str]) -> Self {
        let dependency = |line: &&str| Dependency {
            name: line.trim_end_matches(" dev").to_owned(),
            dev: line.ends_with(" dev"),
        };
        self.packages.push(Package {
            name: name.to_owned(),
            folder: folder.to_owned(),
            dependencies: dependencies.iter().map(dependency).collect(),
        });
        self
    }
}

fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    ensure!(output.status.success(), "{command:?} failed");
    Ok(String::from_utf8(output.stdout)?)
}

/// Asks cargo for the crates of the workspace; needs no network and resolves nothing.
fn packages(root: &Path) -> anyhow::Result<Vec<Package>> {
    let arguments = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    let text = output(Command::new(cargo()).args(arguments).current_dir(root))?;
    let metadata: Value = serde_json::from_str(&text)?;
    let list = metadata["packages"].as_array().context("cargo metadata has no packages")?;
    list.iter().map(|package| read_package(package, root)).collect()
}

fn read_package(package: &Value, root: &Path) -> anyhow::Result<Package> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let manifest = text(&package["manifest_path"]).context("a package has no manifest")?;
    let folder = Path::new(&manifest).parent().context("a manifest has no folder")?;
    let dependencies = package["dependencies"].as_array().into_iter().flatten();
    Ok(Package {
        name: text(&package["name"]).context("a package has no name")?,
        folder: folder.strip_prefix(root)?.to_string_lossy().into_owned(),
        dependencies: dependencies
            .filter_map(|dependency| {
                let dev = dependency["kind"] == "dev";
                Some(Dependency { name: text(&dependency["name"])?, dev })
            })
            .collect(),
    })
}
