//! The aggregation, step by step.

use crate::decimal::parse_decimal;
use crate::groups::Groups;
use crate::query::Query;
use crate::records::{Field, Spoiled, scan};
use crate::report::{self, Totals};
use guest::{Output, Program, Progress, Refusal};
use std::borrow::Cow;

/// How much of the file a step reads; the last record may go beyond.
const BLOCK_BYTES: usize = 256 << 10;

/// Pages that the groups may take of a step's limit. The rest is for the block, the index when it grows, and the output.
const GROUP_PAGES_MAX: usize = 480;

/// About how much of the groups a step reads to write them: as much as it reads of the file otherwise.
const GROUP_BYTES_WRITTEN: usize = 256 << 10;

const TOO_MANY_GROUPS: Refusal =
    Refusal::new("there are more than 65,536 groups: choose another column to group by");

/// The aggregation between two steps.
pub struct Table {
    query: Query,
    layout: Layout,
    groups: Groups,
    totals: Totals,
    phase: Phase,
}

enum Phase {
    /// Reading records, from this place on.
    Read { at: usize },
    /// Skipping the rest of a line that is too long.
    Skip { at: usize },
    /// Adding up how long the output will be, from this group on.
    Measure { group: usize, bytes: usize },
    /// Writing, from this group on.
    Write { group: usize },
}

/// Where the wanted columns are.
struct Layout {
    fields: usize,
    /// What each field is for, as far as any is wanted.
    group: usize,
    values: Vec<usize>,
}

impl Program for Table {
    fn start(input: &[u8]) -> Result<Self, Refusal> {
        let (query, file) = Query::decode(input)?;
        let file = file + if input[file..].starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let (layout, at) = Layout::read(input, file, &query)?;
        Ok(Self {
            groups: Groups::new(query.values.len()),
            totals: Totals::new(query.values.len()),
            phase: Phase::Read { at },
            query,
            layout,
        })
    }

    fn step(&mut self, input: &[u8], output: &mut Output) -> Result<Progress, Refusal> {
        match self.phase {
            Phase::Read { at } => self.phase = self.read(input, at)?,
            Phase::Skip { at } => self.phase = skip(input, at),
            Phase::Measure { group, bytes } => self.phase = self.measure(group, bytes, output),
            Phase::Write { group } => {
                let next = self.write(group, output);
                self.phase = Phase::Write { group: next };
                if next == self.groups.len() {
                    return Ok(Progress::Done);
                }
            }
        }
        Ok(Progress::Continue)
    }
}

impl Table {
    fn read(&mut self, input: &[u8], start: usize) -> Result<Phase, Refusal> {
        self.groups.begin_step();
        let mut at = start;
        while at < input.len() && at - start < BLOCK_BYTES {
            if self.groups.step_is_full(GROUP_PAGES_MAX) {
                return Ok(Phase::Read { at });
            }
            let is_too_long;
            (at, is_too_long) = self.read_row(input, at)?;
            if is_too_long {
                return Ok(Phase::Skip { at });
            }
        }
        let is_end = at == input.len();
        Ok(if is_end { Phase::Measure { group: 0, bytes: 0 } } else { Phase::Read { at } })
    }

    /// Reads one record; tells where the next one begins and whether that has to be looked for.
    fn read_row(&mut self, input: &[u8], at: usize) -> Result<(usize, bool), Refusal> {
        let mut key = None;
        let mut values: [Option<Field<'_>>; 8] = [None; 8];
        let layout = &self.layout;
        let record = scan(input, at, self.query.delimiter, |index, field| {
            if index == layout.group {
                key = Some(field);
            }
            for (value, _) in values.iter_mut().zip(&layout.values).filter(|(_, at)| **at == index)
            {
                *value = Some(field);
            }
        });
        match record.fields {
            Ok(0) => {}
            Ok(fields) if fields == layout.fields => {
                self.totals.rows += 1;
                self.add(&key.map(Field::content).unwrap_or_default(), &values)?;
            }
            Ok(_) => self.totals.bad_fields += 1,
            Err(Spoiled::Quotes) => self.totals.bad_quotes += 1,
            Err(Spoiled::Length) => self.totals.bad_length += 1,
        }
        Ok((record.end, record.fields == Err(Spoiled::Length)))
    }

    fn add(&mut self, key: &[u8], values: &[Option<Field<'_>>]) -> Result<(), Refusal> {
        let group = self.groups.enter(key).ok_or(TOO_MANY_GROUPS)?;
        let sketched = !self.query.quantiles.is_empty();
        for (column, value) in values.iter().enumerate().take(self.layout.values.len()) {
            let text = value.map_or(Cow::Borrowed(&[] as &[u8]), Field::content);
            match parse_decimal(&text, self.query.decimals) {
                Some(value) => self.groups.add(group, column, value, sketched),
                None if text.trim_ascii().is_empty() => self.totals.missing[column] += 1,
                None => self.totals.invalid[column] += 1,
            }
        }
        Ok(())
    }

    fn measure(&self, group: usize, mut bytes: usize, output: &mut Output) -> Phase {
        let end = self.groups_end(group);
        if group == 0 {
            bytes += report::head(&self.query, &self.totals).len();
        }
        for number in group..end {
            bytes += report::line(&self.query, &self.groups, number).len();
        }
        if end < self.groups.len() {
            return Phase::Measure { group: end, bytes };
        }
        output.reserve(bytes);
        Phase::Write { group: 0 }
    }

    fn write(&self, group: usize, output: &mut Output) -> usize {
        let end = self.groups_end(group);
        if group == 0 {
            output.extend(&report::head(&self.query, &self.totals));
        }
        for number in group..end {
            output.extend(&report::line(&self.query, &self.groups, number));
        }
        end
    }

    /// Where a step that begins at a group ends.
    fn groups_end(&self, group: usize) -> usize {
        self.groups.visit_end(group, GROUP_PAGES_MAX, GROUP_BYTES_WRITTEN)
    }
}

/// Looks for the end of a line that is too long.
fn skip(input: &[u8], at: usize) -> Phase {
    let block = &input[at..input.len().min(at + BLOCK_BYTES)];
    match block.iter().position(|&byte| byte == b'\n') {
        Some(length) => Phase::Read { at: at + length + 1 },
        None if at + block.len() == input.len() => Phase::Read { at: input.len() },
        None => Phase::Skip { at: at + block.len() },
    }
}

impl Layout {
    /// Finds the wanted columns in the file's first record; also tells where the second one begins.
    fn read(input: &[u8], file: usize, query: &Query) -> Result<(Self, usize), Refusal> {
        let mut names = Vec::new();
        let record = scan(input, file, query.delimiter, |_, field| names.push(field.content()));
        match record.fields {
            Ok(0) => {
                return Err(Refusal::new("the file does not begin with the names of its columns"));
            }
            Ok(_) => {}
            Err(_) => return Err(Refusal::new("the names of the columns cannot be read")),
        }
        let find = |name: &str| {
            let mut places = (0..names.len()).filter(|&at| *names[at] == *name.as_bytes());
            match (places.next(), places.next()) {
                (Some(place), None) => Ok(place),
                (None, _) => Err(Refusal::about("there is no such column", name.as_bytes())),
                (Some(_), Some(_)) => {
                    Err(Refusal::about("a column is there twice", name.as_bytes()))
                }
            }
        };
        let values = query.values.iter().map(|name| find(name)).collect::<Result<_, _>>()?;
        Ok((Self { fields: names.len(), group: find(&query.group)?, values }, record.end))
    }
}
