//! What is wanted of a file: the lines before it.

use guest::Refusal;
use std::ops::RangeInclusive;

const MARK: &[u8] = b"ETB1";
const VALUES_MAX: usize = 8;
const QUANTILES_MAX: usize = 8;
const DECIMALS_MAX: u32 = 12;
const QUANTILES: RangeInclusive<u16> = 1..=999;

/// Which columns to aggregate, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// What separates fields.
    pub delimiter: u8,
    /// Places kept of every number.
    pub decimals: u32,
    /// Name of the column whose values form the groups.
    pub group: String,
    /// Names of the columns to aggregate.
    pub values: Vec<String>,
    /// Quantiles wanted, in thousandths.
    pub quantiles: Vec<u16>,
}

impl Query {
    /// A query over a comma-separated file, with median and 95th percentile.
    #[must_use]
    pub fn new(group: &str, values: &[&str]) -> Self {
        Self {
            delimiter: b',',
            decimals: 6,
            group: group.to_owned(),
            values: values.iter().map(|&name| name.to_owned()).collect(),
            quantiles: vec![500, 950],
        }
    }

    /// What to ask of a file of [`weather`](crate::weather()).
    #[must_use]
    #[cfg(not(target_arch = "wasm32"))]
    pub fn weather() -> Self {
        Self::new("station", &["temperature_c", "rain_mm", "wind_m_s"])
    }

    /// The program's input for a file.
    #[must_use]
    pub fn encode(&self, file: &[u8]) -> Vec<u8> {
        let mut input = Vec::with_capacity(file.len() + 1_024);
        let mut line = |parts: [&[u8]; 2]| input.extend([parts[0], parts[1], b"\n"].concat());
        line([MARK, b""]);
        line([
            b"delimiter ",
            if self.delimiter == b'\t' { b"\\t" } else { std::slice::from_ref(&self.delimiter) },
        ]);
        line([b"decimals ", self.decimals.to_string().as_bytes()]);
        line([b"group ", self.group.as_bytes()]);
        for name in &self.values {
            line([b"value ", name.as_bytes()]);
        }
        for quantile in &self.quantiles {
            line([b"quantile ", quantile.to_string().as_bytes()]);
        }
        line([b"", b""]);
        input.extend(file);
        input
    }

    /// Reads and checks the lines before a file; also tells where the file begins.
    ///
    /// # Errors
    /// They are not as the crate's documentation says; the message names the line.
    pub fn decode(input: &[u8]) -> Result<(Self, usize), Refusal> {
        if input.len() > crate::INPUT_BYTES_MAX {
            return Err(Refusal::new("the input exceeds 64 MiB"));
        }
        let mut lines = Lines { input, at: 0 };
        if lines.next()? != MARK {
            return Err(Refusal::new("the first line is not ETB1"));
        }
        let mut draft = Draft::default();
        loop {
            match lines.next()? {
                [] => break,
                line => draft.read(line)?,
            }
        }
        Ok((draft.finish()?, lines.at))
    }
}

/// The lines of the header, which may end with LF or CRLF.
struct Lines<'a> {
    input: &'a [u8],
    at: usize,
}

impl<'a> Lines<'a> {
    /// Longer lines than this are not those of a header.
    const LINE_BYTES_MAX: usize = 1_024;

    fn next(&mut self) -> Result<&'a [u8], Refusal> {
        let rest = &self.input[self.at..];
        let end = rest.iter().take(Self::LINE_BYTES_MAX).position(|&byte| byte == b'\n');
        let end =
            end.ok_or(Refusal::new("the lines before the file do not end with an empty one"))?;
        self.at += end + 1;
        Ok(rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]))
    }
}

/// A header being read.
#[derive(Default)]
struct Draft {
    delimiter: Option<u8>,
    decimals: Option<u32>,
    group: Option<String>,
    values: Vec<String>,
    quantiles: Vec<u16>,
}

impl Draft {
    fn read(&mut self, line: &[u8]) -> Result<(), Refusal> {
        let bad = || Refusal::about("a line before the file is not understood", line);
        let (word, rest) =
            std::str::from_utf8(line).ok().and_then(|line| line.split_once(' ')).ok_or_else(bad)?;
        match word {
            "delimiter" if self.delimiter.is_none() => {
                self.delimiter = Some(delimiter(rest).ok_or_else(bad)?)
            }
            "decimals" if self.decimals.is_none() => {
                let decimals = rest.parse().ok().filter(|&number| number <= DECIMALS_MAX);
                self.decimals = Some(decimals.ok_or_else(bad)?);
            }
            "group" if self.group.is_none() => self.group = Some(rest.to_owned()),
            "value" if self.values.len() < VALUES_MAX => self.values.push(rest.to_owned()),
            "quantile" if self.quantiles.len() < QUANTILES_MAX => {
                let quantile = rest.parse().ok().filter(|number| QUANTILES.contains(number));
                self.quantiles.push(quantile.ok_or_else(bad)?);
            }
            _ => return Err(bad()),
        }
        Ok(())
    }

    fn finish(self) -> Result<Query, Refusal> {
        if self.values.is_empty() {
            return Err(Refusal::new("no line names a value column"));
        }
        Ok(Query {
            delimiter: self.delimiter.unwrap_or(b','),
            decimals: self.decimals.unwrap_or(6),
            group: self.group.ok_or(Refusal::new("no line names the group column"))?,
            values: self.values,
            quantiles: self.quantiles,
        })
    }
}

fn delimiter(text: &str) -> Option<u8> {
    match text.as_bytes() {
        b"\\t" => Some(b'\t'),
        [b'"' | b'\r' | b'\n'] => None,
        [byte] => Some(*byte),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        let mut query = Query::new("a column", &["x", "y, z"]);
        query.delimiter = b'\t';
        let input = query.encode(b"file");
        let (found, start) = Query::decode(&input).expect("it is good");
        assert_eq!((found, &input[start..]), (query, b"file".as_slice()));
    }

    #[test]
    fn a_header_made_by_hand_needs_little() {
        let (query, start) =
            Query::decode(b"ETB1\r\ngroup a\r\nvalue b\r\n\r\na,b\n").expect("it is good");
        assert_eq!(
            (query.delimiter, query.decimals, query.quantiles.len(), start),
            (b',', 6, 0, 26)
        );
    }

    #[test]
    fn every_fault_is_named() {
        let cases: [(&[u8], &str); 11] = [
            (b"", "do not end"),
            (b"ETB2\n\n", "ETB1"),
            (b"ETB1\ngroup a\nvalue b\n", "do not end"),
            (b"ETB1\ngroup a\n\n", "value column"),
            (b"ETB1\nvalue a\n\n", "group column"),
            (b"ETB1\ngroup a\ngroup b\n\n", "not understood: group b"),
            (b"ETB1\ndelimiter ;;\n\n", "delimiter"),
            (b"ETB1\ndelimiter \"\n\n", "delimiter"),
            (b"ETB1\ndecimals 13\n\n", "decimals 13"),
            (b"ETB1\nquantile 1000\n\n", "quantile 1000"),
            (b"ETB1\nmedian\n\n", "median"),
        ];
        for (input, expected) in cases {
            let refusal = Query::decode(input).expect_err("must be refused");
            assert!(refusal.message().contains(expected), "{refusal}");
        }
    }
}
