//! One record of a CSV file at a time.

use std::borrow::Cow;

/// Most bytes of a record. A forgotten quote spoils so much of a file and no more.
pub(crate) const RECORD_BYTES_MAX: usize = 64 << 10;

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoiled {
    /// Text stands behind a closing quote, or the file ends inside quotes.
    Quotes,
    /// It is longer than 64 KiB; the rest of its line is skipped.
    Length,
}

/// How reading a record ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where the next record begins.
    pub end: usize,
    /// The number of fields (none for an empty line), or what is wrong.
    pub fields: Result<usize, Spoiled>,
}

/// A field as it stands in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field<'a> {
    raw: &'a [u8],
    quoted: bool,
    doubled_quotes: bool,
}

impl<'a> Field<'a> {
    /// The field's content.
    pub(crate) fn content(self) -> Cow<'a, [u8]> {
        if !self.doubled_quotes {
            return Cow::Borrowed(self.raw);
        }
        let mut content = Vec::with_capacity(self.raw.len());
        let mut bytes = self.raw.iter();
        while let Some(&byte) = bytes.next() {
            content.push(byte);
            if byte == b'"' {
                bytes.next();
            }
        }
        Cow::Owned(content)
    }

    /// Without the carriage return of a line end.
    fn without_return(self) -> Self {
        match self.raw.strip_suffix(b"\r") {
            Some(raw) if !self.quoted => Self { raw, ..self },
            _ => self,
        }
    }
}

/// Reads the record that begins at a place of the file and calls `visit` with the index and the content of each field.
/// What was visited of a spoiled record is to be ignored.
pub fn read_record(
    file: &[u8],
    start: usize,
    delimiter: u8,
    mut visit: impl FnMut(usize, Cow<'_, [u8]>),
) -> Record {
    scan(file, start, delimiter, |index, field| visit(index, field.content()))
}

/// As [`read_record`], with fields as they stand.
pub(crate) fn scan<'a>(
    file: &'a [u8],
    start: usize,
    delimiter: u8,
    mut visit: impl FnMut(usize, Field<'a>),
) -> Record {
    // Within the window everything is found, or the record is too long.
    let window = &file[start..file.len().min(start + RECORD_BYTES_MAX)];
    let is_tail = start + window.len() == file.len();
    let (mut at, mut count) = (0, 0);
    loop {
        let (field, end) = match scan_field(window, at, delimiter) {
            Ok(found) => found,
            Err(Fault::Text(from)) => return spoiled(file, start + from),
            Err(Fault::End) if is_tail => {
                return Record { end: file.len(), fields: Err(Spoiled::Quotes) };
            }
            Err(Fault::End) => {
                return Record { end: start + window.len(), fields: Err(Spoiled::Length) };
            }
        };
        match window.get(end) {
            Some(&byte) if byte == delimiter => visit(count, field),
            None if !is_tail => return Record { end: start + end, fields: Err(Spoiled::Length) },
            line_end => {
                let field = field.without_return();
                let is_empty = count == 0 && field.raw.is_empty() && !field.quoted;
                visit(count, field);
                let next = start + end + usize::from(line_end.is_some());
                return Record { end: next, fields: Ok(if is_empty { 0 } else { count + 1 }) };
            }
        }
        (at, count) = (end + 1, count + 1);
    }
}

enum Fault {
    /// Text behind a closing quote.
    Text(usize),
    /// The window ends inside quotes.
    End,
}

/// The field that begins at a place, and where it ends: at a delimiter, a line feed or the end of the window.
fn scan_field(window: &[u8], at: usize, delimiter: u8) -> Result<(Field<'_>, usize), Fault> {
    if window.get(at) == Some(&b'"') {
        return scan_quoted(window, at + 1, delimiter);
    }
    let length = window[at..].iter().position(|&byte| byte == delimiter || byte == b'\n');
    let end = length.map_or(window.len(), |length| at + length);
    Ok((Field { raw: &window[at..end], quoted: false, doubled_quotes: false }, end))
}

fn scan_quoted(window: &[u8], start: usize, delimiter: u8) -> Result<(Field<'_>, usize), Fault> {
    let (mut at, mut doubled_quotes) = (start, false);
    loop {
        at += window[at..].iter().position(|&byte| byte == b'"').ok_or(Fault::End)?;
        if window.get(at + 1) != Some(&b'"') {
            break;
        }
        doubled_quotes = true;
        at += 2;
    }
    let field = Field { raw: &window[start..at], quoted: true, doubled_quotes };
    match &window[at + 1..] {
        [] | [b'\n', ..] => Ok((field, at + 1)),
        [b'\r'] => Ok((field, at + 2)),
        [b'\r', b'\n', ..] => Ok((field, at + 2)),
        [byte, ..] if *byte == delimiter => Ok((field, at + 1)),
        _ => Err(Fault::Text(at + 1)),
    }
}

/// A record with text behind a closing quote: the next one begins behind the line. The line's end is looked for as far as a
/// record may reach.
fn spoiled(file: &[u8], from: usize) -> Record {
    let window = &file[from..file.len().min(from + RECORD_BYTES_MAX)];
    match window.iter().position(|&byte| byte == b'\n') {
        Some(length) => Record { end: from + length + 1, fields: Err(Spoiled::Quotes) },
        None if from + window.len() == file.len() => {
            Record { end: file.len(), fields: Err(Spoiled::Quotes) }
        }
        None => Record { end: from + window.len(), fields: Err(Spoiled::Length) },
    }
}
