//! The aggregation, run natively, against a plain computation with another CSV reader.

use guest::{outcome, run_native};
use proptest::prelude::*;
use std::collections::BTreeMap;
use table::{Aggregate, Query, Spoiled, Summary, Table, parse_decimal, read_record, weather};

fn run(query: &Query, file: &[u8]) -> Summary {
    let output = run_native::<Table>(&query.encode(file));
    Summary::decode(query, &output).expect("the input is good")
}

/// By key, the rows of each group and the values of each of its columns.
type Collected = BTreeMap<Vec<u8>, (u64, Vec<Vec<i64>>)>;

/// Values of each column and rows of each group, read with the `csv` crate; and how many records have a wrong number
/// of fields.
fn collect(query: &Query, file: &[u8]) -> (Collected, u64) {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(query.delimiter).flexible(true).from_reader(file);
    let header = reader.byte_headers().expect("there is a header").clone();
    let place =
        |name: &str| header.iter().position(|field| field == name.as_bytes()).expect("a column");
    let (key, columns) =
        (place(&query.group), query.values.iter().map(|name| place(name)).collect::<Vec<_>>());
    let (mut groups, mut bad) = (BTreeMap::new(), 0);
    for record in reader.byte_records() {
        let record = record.expect("memory is readable");
        if record.len() != header.len() {
            bad += 1;
            continue;
        }
        let empty = || (0, vec![Vec::new(); columns.len()]);
        let (rows, values) = groups.entry(record[key].to_vec()).or_insert_with(empty);
        *rows += 1;
        for (values, place) in values.iter_mut().zip(&columns) {
            values.extend(parse_decimal(&record[*place], query.decimals));
        }
    }
    (groups, bad)
}

fn assert_aggregates(query: &Query, found: &Aggregate, mut values: Vec<i64>) {
    values.sort_unstable();
    assert_eq!(found.count, values.len() as u64);
    let sum: i128 = values.iter().map(|&value| i128::from(value)).sum();
    assert_eq!(found.sum, sum);
    let (Some(&least), Some(&most)) = (values.first(), values.last()) else { return };
    assert_eq!((found.min, found.max), (least, most));
    let mean = sum as f64 / values.len() as f64;
    assert!((found.mean as f64 - mean).abs() <= 0.5 + mean.abs() * 1e-12);
    for (found, permille) in found.quantiles.iter().zip(&query.quantiles) {
        let exact = values[(values.len() * usize::from(*permille)).div_ceil(1_000).max(1) - 1];
        assert!(found.abs_diff(exact) * 64 <= exact.unsigned_abs());
    }
}

fn assert_same(
    query: &Query,
    summary: &Summary,
    expected: BTreeMap<Vec<u8>, (u64, Vec<Vec<i64>>)>,
) {
    assert_eq!(summary.groups.len(), expected.len());
    for group in &summary.groups {
        let (rows, values) = expected.get(&group.key).expect("the group is there");
        assert_eq!(group.rows, *rows);
        for (found, values) in group.columns.iter().zip(values) {
            assert_aggregates(query, found, values.clone());
        }
    }
}

#[test]
fn weather_is_aggregated_as_another_reader_would() {
    let file = weather(30_000, 1);
    let query = Query::weather();
    // The other reader forgives text behind a closing quote: give it the lines without.
    let (clean, dirty): (Vec<&[u8]>, Vec<&[u8]>) = file
        .split_inclusive(|&byte| byte == b'\n')
        .partition(|line| !line.windows(2).any(|two| two == b"\"x"));
    let summary = run(&query, &file);
    let (expected, bad_fields) = collect(&query, &clean.concat());
    assert_eq!(
        (summary.bad_fields, summary.bad_quotes, summary.bad_length),
        (bad_fields, dirty.len() as u64, 0)
    );
    assert!(bad_fields > 0 && !dirty.is_empty(), "the file has bad rows of both kinds");
    assert_eq!(summary.rows + summary.bad(), 30_000);
    for column in 0..3 {
        let count: u64 = summary.groups.iter().map(|group| group.columns[column].count).sum();
        assert_eq!(count + summary.missing[column] + summary.invalid[column], summary.rows);
        assert!(summary.missing[column] > 0 && summary.invalid[column] > 0);
    }
    assert_eq!(summary.groups.len(), 320);
    assert_same(&query, &summary, expected);
}

#[test]
fn many_groups_and_tiny_steps_change_nothing() {
    // More groups than a step may visit, so that steps end early.
    let mut file = b"key;x\n".to_vec();
    for row in 0..60_000u64 {
        file.extend(
            format!("{};{}\n", guest::mix(row) % 20_000, guest::mix(row + 1) % 1_000).as_bytes(),
        );
    }
    let query = Query { delimiter: b';', ..Query::new("key", &["x"]) };
    let (expected, _) = collect(&query, &file);
    assert_same(&query, &run(&query, &file), expected);
}

#[test]
fn records_that_are_too_long_are_counted_and_passed_over() {
    let long = "y".repeat(400_000);
    let query = Query::new("k", &["v"]);
    let file = format!("k,v\na,1\nb,{long}\na,2\n\"{long},3\na,4\n\"b\"{long}\na,5\n");
    let summary = run(&query, file.as_bytes());
    assert_eq!((summary.rows, summary.bad_length, summary.bad()), (4, 3, 3));
    assert_eq!(
        (summary.groups[0].key.as_slice(), summary.groups[0].columns[0].sum),
        (b"a".as_slice(), 12_000_000)
    );
}

#[test]
fn quotes_line_ends_and_marks_of_all_kinds() {
    let query = Query { decimals: 0, quantiles: vec![], ..Query::new("k,ey", &["v"]) };
    let file = b"\xef\xbb\xbf\"k,ey\",v\r\n\"a\"\"b\",1\r\n\r\n\"two\nlines\",\"2\"\n\n#,3\n\"\",4\nlast,5";
    let summary = run(&query, file);
    let keys: Vec<_> = summary.groups.iter().map(|group| group.key.as_slice()).collect();
    assert_eq!(keys, [b"a\"b".as_slice(), b"two\nlines", b"#", b"", b"last"]);
    let sums: Vec<_> = summary.groups.iter().map(|group| group.columns[0].sum).collect();
    assert_eq!((sums, summary.bad()), (vec![1, 2, 3, 4, 5], 0));
}

#[test]
fn a_file_that_ends_inside_quotes_loses_only_that_record() {
    let summary = run(&Query::new("k", &["v"]), b"k,v\na,1\n\"a,2\n");
    assert_eq!((summary.rows, summary.bad_quotes), (1, 1));
}

#[test]
fn a_file_without_rows_has_no_groups() {
    let summary = run(&Query::new("k", &["v"]), b"k,v");
    assert_eq!((summary.rows, summary.groups.len()), (0, 0));
}

#[test]
fn bad_inputs_are_refused_with_a_reason() {
    let query = Query::new("k", &["v"]);
    let refused = |input: &[u8]| {
        outcome(&run_native::<Table>(input)).expect_err("must be refused").message().to_owned()
    };
    assert!(refused(b"k,v\n1,2\n").contains("ETB1"));
    assert!(refused(&query.encode(b"")).contains("does not begin"));
    assert!(refused(&query.encode(b"\"k,v\n")).contains("cannot be read"));
    assert!(refused(&query.encode(b"k,w\n")).contains("no such column: v"));
    assert!(refused(&query.encode(b"k,v,v\n")).contains("twice: v"));
    assert!(refused(&query.encode(&vec![b'a'; table::INPUT_BYTES_MAX])).contains("64 MiB"));
    let mut file = b"k,v\n".to_vec();
    (0..65_537).for_each(|row| file.extend(format!("{row},1\n").as_bytes()));
    assert!(refused(&query.encode(&file)).contains("65,536 groups"));
}

#[test]
fn the_generated_file_is_always_the_same() {
    assert_eq!(weather(2_000, 9), weather(2_000, 9));
    assert_ne!(weather(2_000, 9), weather(2_000, 8));
    let file = weather(100_000, 9);
    assert!((50..60).contains(&(file.len() / 100_000)), "{} bytes", file.len());
}

/// Fields of bytes that matter to a reader.
fn field() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(b"ab1.,\"\n -#".as_slice()), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_another_writer_writes_is_read_back(
        records in prop::collection::vec(prop::collection::vec(field(), 1..5), 0..8),
        crlf in any::<bool>(),
    ) {
        let end = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().flexible(true).terminator(end).from_writer(Vec::new());
        for record in &records {
            writer.write_record(record).expect("memory is writable");
        }
        let file = writer.into_inner().expect("memory is writable");
        let (mut at, mut found) = (0, Vec::new());
        while at < file.len() {
            let mut fields = Vec::new();
            let record = read_record(&file, at, b',', |_, field| fields.push(field.into_owned()));
            prop_assert_eq!(record.fields, Ok(fields.len()));
            prop_assert!(record.end > at);
            (at, _) = (record.end, found.push(fields));
        }
        prop_assert_eq!(found, records);
    }

    #[test]
    fn any_bytes_are_read_to_their_end_and_agree_with_another_reader(
        file in prop::collection::vec(prop::sample::select(b"a1,\"\n".as_slice()), 0..60),
    ) {
        let (mut at, mut found, mut is_clean) = (0, Vec::new(), true);
        while at < file.len() {
            let mut fields = Vec::new();
            let record = read_record(&file, at, b',', |_, field| fields.push(field.into_owned()));
            prop_assert!(record.end > at && record.end <= file.len());
            at = record.end;
            match record.fields {
                Ok(0) => {}
                Ok(_) => found.push(fields),
                Err(fault) => (is_clean, _) = (false, prop_assert_eq!(fault, Spoiled::Quotes)),
            }
        }
        // The other reader has its own idea of spoiled quotes; of clean files there is only one.
        if is_clean {
            let mut reader =
                csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file.as_slice());
            let expected: Vec<Vec<Vec<u8>>> = reader
                .byte_records()
                .map(|record| record.expect("readable").iter().map(<[u8]>::to_vec).collect())
                .collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn any_small_file_is_aggregated_as_another_reader_would(
        rows in prop::collection::vec(("[abc]", "(-?[0-9]{1,6}(\\.[0-9]{0,8})?| |x)"), 0..60),
    ) {
        let mut file = b"v,k\n".to_vec();
        for (key, value) in &rows {
            file.extend(format!("{value},{key}\n").as_bytes());
        }
        let query = Query::new("k", &["v"]);
        let (expected, _) = collect(&query, &file);
        assert_same(&query, &run(&query, &file), expected);
    }
}
