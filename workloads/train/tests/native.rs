//! The training, run natively: is what it reports true?

use guest::{outcome, run_native};
use train::{Dataset, Report, Setup, Train, encode};

/// Small enough for a test, large enough to learn.
fn small(seed: u64) -> Setup {
    Setup { hidden: [32, 16], epochs: 30, ..Setup::demo(seed) }
}

fn run(setup: &Setup, data: &Dataset) -> Report {
    Report::decode(&run_native::<Train>(&encode(setup, data))).expect("the input is good")
}

#[test]
fn the_data_set_is_what_was_published() {
    let data = Dataset::wine_quality();
    assert_eq!((data.len(), data.features.len(), data.classes.len()), (1_359, 11, 2));
    assert_eq!(
        (data.features[0].as_str(), data.features[10].as_str()),
        ("fixed acidity", "alcohol")
    );
    assert_eq!(data.row(0), [7.4, 0.7, 0.0, 1.9, 0.076, 11.0, 34.0, 0.9978, 3.51, 0.56, 9.4]);
    let majority = data.majority_share(0..data.len());
    assert!((0.52..0.54).contains(&majority), "{majority}");
}

#[test]
fn held_out_rows_are_classified_far_better_than_by_guessing() {
    let data = Dataset::wine_quality();
    let seeds = 1..=4u32;
    let gains = seeds.map(|seed| {
        let report = run(&small(seed.into()), &data);
        let majority = data.majority_share(report.test_rows.iter().map(|&row| row as usize));
        report.test_accuracy() - majority
    });
    let mean = gains.sum::<f64>() / 4.0;
    assert!(mean > 0.12, "a mean gain of only {mean:.3} over the majority");
}

#[test]
fn the_reported_accuracy_is_that_of_the_reported_model() {
    let data = Dataset::wine_quality();
    let report = run(&small(7), &data);
    let right = |row: usize| report.model.classify(data.row(row)) == usize::from(data.labels[row]);
    let test: Vec<usize> = report.test_rows.iter().map(|&row| row as usize).collect();
    let test_right = test.iter().filter(|&&row| right(row)).count();
    let train_right = (0..data.len()).filter(|row| !test.contains(row) && right(*row)).count();
    assert_eq!(test_right, report.test_right as usize);
    assert_eq!(train_right, report.train_right as usize);
}

#[test]
fn standardisation_uses_the_training_rows_alone() {
    let data = Dataset::wine_quality();
    let report = run(&small(8), &data);
    let held_out = |row: &usize| report.test_rows.contains(&u32::try_from(*row).expect("few rows"));
    let values: Vec<f64> = (0..data.len())
        .filter(|row| !held_out(row))
        .map(|row| f64::from(data.row(row)[10]))
        .collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64;
    assert!((report.model.means[10] - mean).abs() < 1e-9);
    assert!((report.model.scales[10] - 1.0 / variance.sqrt()).abs() < 1e-9);
}

#[test]
fn the_loss_falls() {
    let report = run(&small(9), &Dataset::wine_quality());
    let (first, last) = (report.losses[0], report.losses[29]);
    assert!(last < 0.8 * first, "from {first} to {last}");
    assert!(report.losses.iter().all(|loss| loss.is_finite()));
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_does_not() {
    let data = Dataset::wine_quality();
    let setup = Setup { epochs: 3, ..small(10) };
    let once = run_native::<Train>(&encode(&setup, &data));
    assert_eq!(once, run_native::<Train>(&encode(&setup, &data)));
    assert_ne!(once, run_native::<Train>(&encode(&Setup { seed: 11, ..setup }, &data)));
}

#[test]
fn three_classes_and_odd_sizes_are_learnt_too() {
    // Points on a line, cut into three: nothing divides anything.
    let count = 301usize;
    let position = |row: usize| (row * 37 % count) as f32 / count as f32;
    let data = Dataset {
        features: vec!["position".into(), "nothing".into(), "constant".into()],
        classes: vec!["low".into(), "middle".into(), "high".into()],
        values: (0..count).flat_map(|row| [position(row), (row % 7) as f32, 5.0]).collect(),
        labels: (0..count)
            .map(|row| u8::from(position(row) > 0.3) + u8::from(position(row) > 0.7))
            .collect(),
    };
    let setup = Setup { hidden: [13, 9], batch: 7, epochs: 60, weight_decay: 0.01, ..small(3) };
    let report = run(&Setup { learning_rate: 5e-3, ..setup }, &data);
    assert!(report.test_accuracy() > 0.93, "{}", report.test_accuracy());
}

#[test]
fn bad_inputs_are_refused_with_a_reason() {
    let data = Dataset::wine_quality();
    let good = encode(&small(1), &data);
    let refused = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut input = good.clone();
        change(&mut input);
        outcome(&run_native::<Train>(&input)).expect_err("must be refused").message().to_owned()
    };
    let set = |at: usize, bytes: &[u8], input: &mut Vec<u8>| {
        input[at..at + bytes.len()].copy_from_slice(bytes)
    };
    assert!(refused(&|input| input.clear()).contains("ends before"));
    assert!(refused(&|input| input.truncate(1_000)).contains("ends before"));
    assert!(refused(&|input| input.push(0)).contains("goes on after"));
    assert!(refused(&|input| set(0, b"ABCD", input)).contains("mark: ETR1"));
    assert!(refused(&|input| set(4, &7u32.to_le_bytes(), input)).contains("rows"));
    assert!(refused(&|input| set(8, &0u16.to_le_bytes(), input)).contains("features"));
    assert!(refused(&|input| set(10, &65u16.to_le_bytes(), input)).contains("classes"));
    assert!(refused(&|input| set(12, &257u16.to_le_bytes(), input)).contains("units"));
    assert!(refused(&|input| set(16, &0u32.to_le_bytes(), input)).contains("batch"));
    assert!(refused(&|input| set(20, &0u32.to_le_bytes(), input)).contains("epochs"));
    assert!(refused(&|input| set(24, &901u32.to_le_bytes(), input)).contains("test share"));
    assert!(refused(&|input| set(28, &f32::NAN.to_le_bytes(), input)).contains("learning rate"));
    assert!(refused(&|input| set(32, &(-1f32).to_le_bytes(), input)).contains("decay"));
    assert!(refused(&|input| set(44, &f32::INFINITY.to_le_bytes(), input)).contains("finite"));
    let last = good.len() - 1;
    assert!(refused(&|input| set(last, &[2], input)).contains("class"));
}
