//! Aggregates a CSV file by groups: count, sum, minimum, maximum, mean and quantiles of any of its columns.
//!
//! All arithmetic is on decimal numbers of a fixed number of places, so sums are exact and do not depend on the order
//! of the rows. Quantiles come from a logarithmic histogram of each group's values and are within 1/64 of the true
//! value (relative), and never outside the group's minimum and maximum.
//!
//! # Input: [`Query::encode`], or by hand
//!
//! A few lines of text, an empty line, and the file itself, all together at most 64 MiB:
//!
//! ```text
//! ETB1
//! delimiter ,
//! decimals 6
//! group station
//! value temperature
//! value rain
//! quantile 500
//! quantile 950
//!
//! station,date,temperature,rain
//! "Bergen, Norway",2024-01-01,-1.5,12.25
//! ```
//!
//! | line        | means                                                                     | how often |
//! |-------------|---------------------------------------------------------------------------|-----------|
//! | `delimiter` | one byte between fields, `\t` for a tabulator (default: comma)            | 0 or 1    |
//! | `decimals`  | places kept of every number, 0 to 12; others are rounded (default: 6)     | 0 or 1    |
//! | `group`     | the column whose values form the groups                                   | 1         |
//! | `value`     | a column of numbers to aggregate                                          | 1 to 8    |
//! | `quantile`  | in thousandths, 1 to 999; the value that so many do not exceed            | 0 to 8    |
//!
//! The first record of the file names the columns. Fields may be quoted with `"` (doubled inside); lines end with LF or
//! CRLF; empty lines are skipped. A file without its header, a column that is not there or there twice, and more than
//! 65,536 groups are refused with a message.
//!
//! Nothing is lost silently. A record with another number of fields than the header, with text behind a closing quote,
//! that the file ends inside of, or longer than 64 KiB is counted by its reason. An empty value is counted as missing, one
//! that is not a number (or beyond 9.2e18 / 10^decimals) as invalid; the row still counts for its group.
//!
//! # Output: [`Summary::decode`], or any CSV reader that skips lines with `#`
//!
//! Lines with totals, then one record for each group in order of first appearance.
//!
//! # Steps
//!
//! A step reads 256 KiB of the file. That is less than its time would allow: it keeps the evidence about one
//! step a small part of the memory. If there are so many groups that a step would touch too many pages, it ends earlier.

mod decimal;
mod groups;
mod program;
mod query;
mod records;
mod report;
mod sketch;
#[cfg(not(target_arch = "wasm32"))]
mod weather;

pub use decimal::{parse_decimal, write_decimal};
pub use program::Table;
pub use query::Query;
pub use records::{Record, Spoiled, read_record};
pub use report::{Aggregate, Group, Summary};
#[cfg(not(target_arch = "wasm32"))]
pub use weather::{DEMO_ROWS, weather};

/// The built module.
#[cfg(not(target_arch = "wasm32"))]
pub const MODULE: &[u8] = include_bytes!("../table.wasm");

/// Most bytes an input may have.
pub const INPUT_BYTES_MAX: usize = 64 << 20;

guest::export!(Table);
