//! What the lock file pulls in.

use toml::{Table, Value};

use super::{Problem, Repository};

/// The file that says which packages are built.
const LOCK: &str = "Cargo.lock";

/// Where every package of others comes from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Packages that need a library of the system, or bring a second way to do what we do already.
const BANNED: &[&str] = &["native-tls", "openssl-sys", "openssl"];

/// Most packages of others. Raised in the commit that needs it, so that growth is seen.
const PACKAGES_MAX: usize = 600;

/// Packages come from the registry, none is banned, and they do not grow unnoticed.
pub(super) fn lock(repository: &Repository) -> Vec<Problem> {
    let lock: Table = repository.text(LOCK).parse().unwrap_or_default();
    let packages = lock.get("package").and_then(Value::as_array).into_iter().flatten();
    let mut count = 0;
    let mut problems = Vec::new();
    for package in packages {
        let text = |key| package.get(key).and_then(Value::as_str).unwrap_or_default();
        let (name, source) = (text("name"), text("source"));
        // Our own crates have no source.
        count += usize::from(!source.is_empty());
        if !source.is_empty() && source != REGISTRY {
            problems.push(Problem::new(LOCK, format!("`{name}` comes from {source}")));
        }
        if BANNED.contains(&name) {
            problems.push(Problem::new(LOCK, format!("`{name}` is banned")));
        }
    }
    if count > PACKAGES_MAX {
        let what = format!("{count} packages of others, at most {PACKAGES_MAX} is planned for");
        problems.push(Problem::new(LOCK, what));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Vec<String> {
        let problems = lock(&Repository::of(&[(LOCK, text)]));
        problems.into_iter().map(|problem| problem.what).collect()
    }

    fn package(name: &str, source: &str) -> String {
        format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"{source}\"\n")
    }

    #[test]
    fn packages_come_from_the_registry() {
        assert_eq!(check("[[package]]\nname = \"ours\"\n"), [""; 0]);
        assert_eq!(check(&package("a", REGISTRY)), [""; 0]);
        assert_eq!(check(&package("a", "git+https://x")), ["`a` comes from git+https://x"]);
    }

    #[test]
    fn banned_packages_are_named() {
        assert_eq!(check(&package("openssl-sys", REGISTRY)), ["`openssl-sys` is banned"]);
    }

    #[test]
    fn growth_is_seen() {
        assert_eq!(check(&package("a", REGISTRY).repeat(PACKAGES_MAX)), [""; 0]);
        assert_eq!(check(&package("a", REGISTRY).repeat(PACKAGES_MAX + 1)).len(), 1);
    }
}
