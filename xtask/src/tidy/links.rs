//! Links between documents lead somewhere.

use std::path::{Component, Path};

use super::{Problem, Repository};

/// Every relative link in a Markdown file names a file or folder of the repository.
pub(super) fn links(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in repository.ending(".md") {
        for (line, target) in targets(&file.text) {
            if !leads_somewhere(repository, &file.path, target) {
                let place = format!("{}:{line}", file.path);
                problems.push(Problem::new(place, format!("nothing is at {target:?}")));
            }
        }
    }
    problems
}

/// Targets of `[text](target)`, each with its line number, outside of code blocks.
fn targets(text: &str) -> Vec<(usize, &str)> {
    let mut targets = Vec::new();
    let mut in_code = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        let parts = line.split("](").skip(1).filter(|_| !in_code);
        let found = parts.filter_map(|part| part.split_once(')'));
        targets.extend(found.map(|(target, _)| (number + 1, target)));
    }
    targets
}

fn leads_somewhere(repository: &Repository, from: &str, target: &str) -> bool {
    if ["http://", "https://", "mailto:"].iter().any(|scheme| target.starts_with(scheme)) {
        return true;
    }
    match target.split_once('#') {
        Some(("", anchor)) => has_heading(repository, from, anchor),
        Some((path, anchor)) => {
            resolve(from, path).is_some_and(|path| has_heading(repository, &path, anchor))
        }
        None => resolve(from, target).is_some_and(|path| repository.paths.contains(&path)),
    }
}

/// The path from the root, when it stays inside of the repository.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for component in Path::new(target).components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::ParentDir => drop(parts.pop()?),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

fn has_heading(repository: &Repository, path: &str, anchor: &str) -> bool {
    let headings = repository.text(path).lines().filter(|line| line.starts_with('#'));
    headings.map(|line| slug(line.trim_start_matches('#'))).any(|slug| slug == anchor)
}

/// The anchor that a heading gets where Markdown is shown.
fn slug(heading: &str) -> String {
    let kept =
        heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str) -> Vec<String> {
        let files = [("docs/a.md", text), ("docs/b.md", "# Two words, `code`\n"), ("x/y.rs", "")];
        let problems = links(&Repository::of(&files));
        problems.into_iter().map(|problem| problem.place).collect()
    }

    #[test]
    fn links_to_files_folders_headings_and_the_web_resolve() {
        for target in [
            "b.md",
            "./b.md",
            "../x/y.rs",
            "../x",
            "..",
            "https://example.org/x",
            "b.md#two-words-code",
            "#top",
        ] {
            let text = format!("# Top\nsee [it]({target}) and [b](b.md)\n");
            assert!(broken(&text).is_empty(), "{target}");
        }
    }

    #[test]
    fn broken_links_are_found_by_line() {
        for target in ["c.md", "../b.md", "../../etc", "/etc", "b.md#three", "#bottom"] {
            let text = format!("# Top\n[b](b.md) see [it]({target})\n");
            assert_eq!(broken(&text), ["docs/a.md:2"], "{target}");
        }
    }

    #[test]
    fn code_blocks_are_not_read() {
        assert!(broken("```\nlet x = a[i](nothing);\n```\n").is_empty());
    }
}
