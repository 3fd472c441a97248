//! Takes out of a text what differs from run to run: ids, addresses, times, ports, folders, numbers of blocks.

use std::path::Path;

/// Digits of an id, and of the beginning of one that people are shown.
const ID_DIGITS: [usize; 2] = [64, 8];

/// Letters of an address, and of the beginning of one that people are shown.
const ADDRESS_LETTERS: [usize; 2] = [74, 12];

/// The text, the same for every run.
pub(crate) fn normal(text: &str, scratch: &Path) -> String {
    let scratch = scratch.display().to_string();
    text.replace(&scratch, "~").split_inclusive('\n').map(line).collect()
}

fn line(text: &str) -> String {
    let mut normal = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let inside = |c: char| c.is_ascii_alphanumeric() || c == '.';
        let length = rest.find(|c: char| !inside(c)).unwrap_or(rest.len()).max(first.len_utf8());
        let (word, behind) = rest.split_at(length);
        normal.push_str(&replaced(word, &normal, behind).unwrap_or_else(|| word.to_owned()));
        rest = behind;
    }
    if normal.trim_start().starts_with("<t>") { normal.trim_start().to_owned() } else { normal }
}

/// What stands for a word that differs from run to run.
fn replaced(word: &str, before: &str, behind: &str) -> Option<String> {
    let (word, dots) = word.split_at(word.trim_end_matches('.').len());
    let hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit() && !c.is_ascii_uppercase());
    let is_address = |text: &str| {
        ADDRESS_LETTERS.contains(&text.len()) && text.strip_prefix("en").is_some_and(hex)
    };
    let digits = |text: &str| text.parse::<f64>().is_ok();
    let id = word.split('.').next().unwrap_or_default();
    let second = [" s", " ms"].iter().any(|unit| {
        let rest = behind.strip_prefix(unit);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
    });
    let stands = if ID_DIGITS.contains(&id.len()) && hex(id) {
        format!("<id>{}", &word[id.len()..])
    } else if is_address(word) {
        "<address>".to_owned()
    } else if digits(word) && second {
        "<t>".to_owned()
    } else if digits(word) && before.ends_with("127.0.0.1:") {
        "<port>".to_owned()
    } else if digits(word) && before.ends_with(" block ") {
        "<n>".to_owned()
    } else {
        return None;
    };
    Some(format!("{stands}{dots}"))
}

#[test]
fn what_differs_is_taken_out_and_nothing_else() {
    let id = "0123456789abcdef".repeat(4);
    let text = format!(
        "   12.5 s  job {id}: /tmp/x/0a1b2c3d.output has 12 bytes,\nat 127.0.0.1:4711. 7 sheep in block 12\n"
    );
    assert_eq!(
        normal(&text, Path::new("/tmp/x")),
        "<t> s  job <id>: ~/<id>.output has 12 bytes,\nat 127.0.0.1:<port>. 7 sheep in block <n>\n"
    );
}
