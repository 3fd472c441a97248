//! Words and characters that no file of ours contains.

use super::{Problem, Repository};

/// What must not appear, and why. Split in two here, so that this file may contain them.
const FORBIDDEN: &[(&str, &str, &str)] = &[
    ("TO", "DO", "do it, or write down why not"),
    ("FIX", "ME", "fix it, or write down why not"),
    ("XX", "X", "say what is meant"),
    ("dbg", "!(", "left over from debugging"),
    ("todo", "!(", "write the code"),
    ("unimplemented", "!(", "write the code"),
    ("#[ign", "ore", "a test that does not run tells nothing; make it fast or delete it"),
    ("/ho", "me/", "a path of one machine"),
    ("/Us", "ers/", "a path of one machine"),
    ("/ro", "ot/", "a path of one machine"),
    ("/wo", "rk/", "a path of one machine"),
    ("\u{feff}", "", "a byte order mark"),
];

/// Files that are copied from elsewhere word by word.
const VERBATIM: &[&str] = &["Cargo.lock", "LICENSE-APACHE", "LICENSE-MIT"];

/// No forbidden word in any text file.
pub(super) fn words(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in ours(repository) {
        for (number, line) in file.text.lines().enumerate() {
            for (first, second, why) in FORBIDDEN {
                let word = format!("{first}{second}");
                if contains_word(line, &word) {
                    let place = format!("{}:{}", file.path, number + 1);
                    problems.push(Problem::new(place, format!("{word:?}: {why}")));
                }
            }
        }
    }
    problems
}

/// Unix line ends, no blanks at the end of lines, no tabs outside of makefiles, one line break at the end.
pub(super) fn whitespace(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in ours(repository).filter(|file| is_prose_or_code(&file.path)) {
        for (number, line) in file.text.split('\n').enumerate() {
            if line.ends_with([' ', '\t', '\r']) {
                let place = format!("{}:{}", file.path, number + 1);
                problems.push(Problem::new(place, "blanks at the end of the line"));
            }
        }
        if !file.text.is_empty() && (!file.text.ends_with('\n') || file.text.ends_with("\n\n")) {
            problems.push(Problem::new(&file.path, "ends in exactly one line break"));
        }
    }
    problems
}

fn ours(repository: &Repository) -> impl Iterator<Item = &super::repository::TextFile> {
    repository.files.iter().filter(|file| !VERBATIM.contains(&file.path.as_str()))
}

fn is_prose_or_code(path: &str) -> bool {
    [".rs", ".md", ".toml", ".sh", ".ci/run"].iter().any(|end| path.ends_with(end))
}

/// Whether `word` stands in `line` and is not the middle of a longer word or path.
fn contains_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(place, _)| {
        let before = line[..place].chars().next_back();
        let after = line[place + word.len()..].chars().next();
        let open =
            before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '.' | '_' | '*' | '~'));
        let letters = word.chars().next_back().is_some_and(char::is_alphanumeric);
        open && !(letters && after.is_some_and(|c| c.is_alphanumeric() || c == '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let problems = words(&Repository::of(&[("a.md", text)]));
        problems.into_iter().map(|problem| problem.place).collect()
    }

    #[test]
    fn forbidden_words_are_found_by_line() {
        for (first, second, _) in FORBIDDEN {
            let text = format!("fine\n({first}{second} x\n");
            assert_eq!(found(&text), ["a.md:2"], "{text}");
        }
    }

    #[test]
    fn longer_words_and_relative_paths_are_fine() {
        let text = concat!("my", "TO", "DO", "S ", "../wo", "rk/x ~/ho", "me/x docs/ro", "ot/\n");
        assert_eq!(found(text), Vec::<String>::new());
    }

    #[test]
    fn verbatim_files_may_say_anything() {
        let text = concat!("TO", "DO");
        assert!(words(&Repository::of(&[("LICENSE-MIT", text)])).is_empty());
    }

    #[test]
    fn blanks_and_line_ends_are_checked() {
        let check = |text: &str| whitespace(&Repository::of(&[("a.rs", text)])).len();
        assert_eq!(check(""), 0);
        assert_eq!(check("a\nb\n"), 0);
        assert_eq!(check("a"), 1);
        assert_eq!(check("a\n\n"), 1);
        assert_eq!(check("a \nb\t\nc\r\n"), 3);
        assert!(whitespace(&Repository::of(&[("a.csv", "a ")])).is_empty());
    }
}
