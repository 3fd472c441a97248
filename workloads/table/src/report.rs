//! The output.

use crate::decimal::{mean, parse_decimal, write_decimal, write_integer};
use crate::groups::{Column, Groups};
use crate::query::Query;
use crate::records::read_record;
use guest::Refusal;

/// What does not belong to a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) rows: u64,
    pub(crate) bad_fields: u64,
    pub(crate) bad_quotes: u64,
    pub(crate) bad_length: u64,
    pub(crate) missing: Vec<u64>,
    pub(crate) invalid: Vec<u64>,
}

impl Totals {
    pub(crate) fn new(columns: usize) -> Self {
        Self { missing: vec![0; columns], invalid: vec![0; columns], ..Self::default() }
    }
}

/// The lines before the groups: totals, and the names of the columns.
pub(crate) fn head(query: &Query, totals: &Totals) -> Vec<u8> {
    let mut out = Vec::new();
    let mut total = |name: &str, count: u64| {
        out.extend(b"# ");
        out.extend(name.as_bytes());
        out.push(b' ');
        write_integer(count.into(), 1, &mut out);
        out.push(b'\n');
    };
    total("decimals", query.decimals.into());
    total("rows", totals.rows);
    total("bad fields", totals.bad_fields);
    total("bad quotes", totals.bad_quotes);
    total("bad length", totals.bad_length);
    for (count, name) in totals.missing.iter().zip(&query.values) {
        total(&["missing", name].join(" "), *count);
    }
    for (count, name) in totals.invalid.iter().zip(&query.values) {
        total(&["invalid", name].join(" "), *count);
    }
    write_field(query.group.as_bytes(), &mut out);
    out.extend(b",rows");
    for name in &query.values {
        for what in ["count", "sum", "min", "max", "mean"] {
            out.push(b',');
            write_field([name, ".", what].concat().as_bytes(), &mut out);
        }
        for quantile in &query.quantiles {
            let mut title = [name, ".q"].concat().into_bytes();
            write_integer(u128::from(*quantile), 3, &mut title);
            out.push(b',');
            write_field(&title, &mut out);
        }
    }
    out.push(b'\n');
    out
}

/// The line of one group. Of a column without a value only the count is written.
pub(crate) fn line(query: &Query, groups: &Groups, group: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let Some((group, columns)) = groups.get(group) else { return out };
    write_field(&group.key, &mut out);
    out.push(b',');
    write_integer(group.rows.into(), 1, &mut out);
    for column in columns {
        out.push(b',');
        write_integer(column.count.into(), 1, &mut out);
        write_column(query, column, &mut out);
    }
    out.push(b'\n');
    out
}

fn write_column(query: &Query, column: &Column, out: &mut Vec<u8>) {
    let (least, most) = (i128::from(column.least), i128::from(column.most));
    let quantiles = query.quantiles.iter().map(|&permille| {
        let near = column.sketch.quantile(permille, column.count);
        i128::from(near.clamp(column.least, column.most))
    });
    let numbers = [column.sum, least, most, mean(column.sum, column.count)];
    for number in numbers.into_iter().chain(quantiles) {
        out.push(b',');
        if column.count > 0 {
            write_decimal(number, query.decimals, out);
        }
    }
}

/// Writes a field, in quotes if it needs them.
fn write_field(content: &[u8], out: &mut Vec<u8>) {
    let special = |byte: &u8| matches!(byte, b',' | b'"' | b'\n' | b'\r' | b'#');
    if !content.is_empty() && !content.iter().any(special) {
        out.extend(content);
        return;
    }
    out.push(b'"');
    for &byte in content {
        out.extend(std::iter::repeat_n(byte, if byte == b'"' { 2 } else { 1 }));
    }
    out.push(b'"');
}

/// What a column's values in one group come to, in units of `10^-decimals`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aggregate {
    /// Values that are numbers.
    pub count: u64,
    /// Their exact sum.
    pub sum: i128,
    /// The least of them.
    pub min: i64,
    /// The greatest of them.
    pub max: i64,
    /// Their mean, rounded.
    pub mean: i64,
    /// The quantiles, in the order of the query.
    pub quantiles: Vec<i64>,
}

/// One group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What its rows have in common.
    pub key: Vec<u8>,
    /// Its rows.
    pub rows: u64,
    /// One for each value column.
    pub columns: Vec<Aggregate>,
}

/// A decoded output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Rows that were aggregated.
    pub rows: u64,
    /// Records with another number of fields than the header.
    pub bad_fields: u64,
    /// Records with text behind a closing quote, or without a closing quote.
    pub bad_quotes: u64,
    /// Records that are too long.
    pub bad_length: u64,
    /// Empty values, by column.
    pub missing: Vec<u64>,
    /// Values that are not numbers, by column.
    pub invalid: Vec<u64>,
    /// The groups, in order of first appearance.
    pub groups: Vec<Group>,
}

impl Summary {
    /// Reads the output of a query.
    ///
    /// # Errors
    /// The program refused its input, or this is not the query's output.
    pub fn decode(query: &Query, output: &[u8]) -> Result<Self, Refusal> {
        let output = guest::outcome(output)?;
        let columns = query.values.len();
        let (mut at, mut counts) = (0, Vec::new());
        while output[at..].starts_with(b"#") {
            let record = read_fields(output, &mut at, b' ')?;
            counts.push(record.last().and_then(|text| integer(text)).ok_or(FOREIGN)?);
        }
        read_fields(output, &mut at, b',')?;
        let mut groups = Vec::new();
        while at < output.len() {
            groups.push(decode_group(query, &read_fields(output, &mut at, b',')?).ok_or(FOREIGN)?);
        }
        match counts.as_slice() {
            [_, rows, fields, quotes, length, values @ ..] if values.len() == 2 * columns => {
                Ok(Self {
                    rows: *rows,
                    bad_fields: *fields,
                    bad_quotes: *quotes,
                    bad_length: *length,
                    missing: values[..columns].to_vec(),
                    invalid: values[columns..].to_vec(),
                    groups,
                })
            }
            _ => Err(FOREIGN),
        }
    }

    /// All records that were not aggregated.
    #[must_use]
    pub const fn bad(&self) -> u64 {
        self.bad_fields + self.bad_quotes + self.bad_length
    }
}

const FOREIGN: Refusal = Refusal::new("this is not the output of such a query");

fn read_fields(output: &[u8], at: &mut usize, delimiter: u8) -> Result<Vec<Vec<u8>>, Refusal> {
    let mut fields = Vec::new();
    let record = read_record(output, *at, delimiter, |_, field| fields.push(field.into_owned()));
    *at = record.end;
    record.fields.map(|_| fields).map_err(|_| FOREIGN)
}

fn decode_group(query: &Query, fields: &[Vec<u8>]) -> Option<Group> {
    let [key, rows, rest @ ..] = fields else { return None };
    let width = 5 + query.quantiles.len();
    let whole = rest.len() == width * query.values.len();
    let columns = rest.chunks_exact(width).map(|fields| decode_aggregate(query, fields));
    let columns = whole.then(|| columns.collect::<Option<_>>())??;
    Some(Group { key: key.clone(), rows: integer(rows)?, columns })
}

fn decode_aggregate(query: &Query, fields: &[Vec<u8>]) -> Option<Aggregate> {
    let count = integer(&fields[0])?;
    if count == 0 {
        return Some(Aggregate {
            quantiles: vec![0; query.quantiles.len()],
            ..Aggregate::default()
        });
    }
    let number = |text: &Vec<u8>| parse_decimal(text, query.decimals);
    Some(Aggregate {
        count,
        sum: parse_sum(&fields[1], query.decimals)?,
        min: number(&fields[2])?,
        max: number(&fields[3])?,
        mean: number(&fields[4])?,
        quantiles: fields[5..].iter().map(number).collect::<Option<_>>()?,
    })
}

fn integer(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// A sum, which may be too large for [`parse_decimal`].
fn parse_sum(text: &[u8], decimals: u32) -> Option<i128> {
    let text = std::str::from_utf8(text).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let padding = usize::try_from(decimals).ok()?.checked_sub(fraction.len())?;
    [whole, fraction, &"0".repeat(padding)].concat().parse().ok()
}
