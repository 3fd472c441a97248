//! The classification, run natively, against plain computations in other arithmetic.

use guest::{outcome, run_native};
use infer::{Infer, Network, Smoothing, Verdicts, encode};
use std::sync::OnceLock;
use train::{Dataset, Report, Setup, Train};

struct Trained {
    data: Dataset,
    report: Report,
    network: Network,
    rows: Vec<Vec<i8>>,
    labels: Vec<u8>,
}

/// A network that was really trained, quantised, and the rows it has not seen.
fn trained() -> &'static Trained {
    static TRAINED: OnceLock<Trained> = OnceLock::new();
    TRAINED.get_or_init(|| {
        let data = Dataset::wine_quality();
        let setup = Setup { hidden: [48, 24], epochs: 40, test_permille: 400, ..Setup::demo(1) };
        let output = run_native::<Train>(&train::encode(&setup, &data));
        let report = Report::decode(&output).expect("the input is good");
        let test: Vec<usize> = report.test_rows.iter().map(|&row| row as usize).collect();
        let seen = (0..data.len()).filter(|row| !test.contains(row));
        let network = Network::quantise(&report.model, seen.map(|row| data.row(row)));
        let rows = test.iter().map(|&row| network.features(&report.model, data.row(row))).collect();
        let labels = test.iter().map(|&row| data.labels[row]).collect();
        Trained { data, report, network, rows, labels }
    })
}

fn run(smoothing: Smoothing) -> Verdicts {
    let trained = trained();
    let input = encode(&trained.network, smoothing, &trained.rows, &trained.labels);
    Verdicts::decode(&run_native::<Infer>(&input)).expect("the input is good")
}

const PLAIN: Smoothing = Smoothing { copies: 0, noise: 0, seed: 1 };

/// The class of a row, computed plainly in 128-bit integers.
fn classify(network: &Network, row: &[i8]) -> u8 {
    let mut values: Vec<i128> = row.iter().map(|&value| value.into()).collect();
    for layer in 0..3 {
        let rows = network.weights[layer].chunks_exact(values.len());
        let sums: Vec<i128> = rows
            .zip(&network.biases[layer])
            .map(|(row, &bias)| {
                let products =
                    row.iter().zip(&values).map(|(&weight, value)| i128::from(weight) * value);
                products.sum::<i128>() + i128::from(bias)
            })
            .collect();
        values = match network.multipliers.get(layer) {
            None => sums,
            Some(&multiplier) => {
                let half = 1i128 << (network.shifts[layer] - 1);
                let scale = |sum: i128| {
                    ((sum * i128::from(multiplier) + half) >> network.shifts[layer]).clamp(0, 127)
                };
                sums.into_iter().map(scale).collect()
            }
        };
    }
    let best =
        (0..values.len()).rev().max_by_key(|&class| values[class]).expect("there are classes");
    u8::try_from(best).expect("few classes")
}

#[test]
fn every_answer_is_that_of_plain_integer_arithmetic() {
    let trained = trained();
    let expected: Vec<u8> =
        trained.rows.iter().map(|row| classify(&trained.network, row)).collect();
    let verdicts = run(PLAIN);
    assert_eq!(verdicts.answers, expected);
    let right = expected.iter().zip(&trained.labels).filter(|(a, b)| a == b).count();
    assert_eq!((verdicts.right as usize, verdicts.voted_right as usize), (right, right));
}

#[test]
fn eight_bits_are_nearly_as_good_as_floating_point() {
    let trained = trained();
    let verdicts = run(PLAIN);
    let rows = trained.report.test_rows.iter().map(|&row| row as usize);
    let float = rows.clone().map(|row| trained.report.model.classify(trained.data.row(row)));
    let agreeing =
        float.zip(&verdicts.answers).filter(|(float, int)| *float == usize::from(**int)).count();
    assert!(
        agreeing * 100 >= verdicts.answers.len() * 97,
        "{agreeing} of {}",
        verdicts.answers.len()
    );
    let loss = trained.report.test_accuracy() - verdicts.accuracy();
    assert!(loss.abs() < 0.02, "accuracy changed by {loss}");
    assert!(verdicts.accuracy() > trained.data.majority_share(rows) + 0.12);
}

#[test]
fn every_copy_votes_and_sure_answers_survive_noise() {
    let verdicts = run(Smoothing { copies: 60, noise: 8, seed: 2 });
    assert!(verdicts.votes.iter().all(|votes| votes.iter().sum::<u32>() == 60));
    assert!((verdicts.voted_accuracy() - verdicts.accuracy()).abs() < 0.05);
    let (sure, all) = (verdicts.stable_share(950), verdicts.stable_share(500));
    assert!(sure > 0.3 && sure < 0.95 && (all - 1.0).abs() < 1e-9, "{sure} {all}");
}

#[test]
fn without_deviation_every_copy_votes_alike() {
    let verdicts = run(Smoothing { copies: 5, noise: 0, seed: 3 });
    for (answer, votes) in verdicts.answers.iter().zip(&verdicts.votes) {
        assert_eq!(votes[usize::from(*answer)], 5);
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_does_not() {
    let smoothing = Smoothing { copies: 20, noise: 30, seed: 4 };
    assert_eq!(run(smoothing), run(smoothing));
    assert_ne!(run(smoothing), run(Smoothing { seed: 5, ..smoothing }));
}

#[test]
fn bad_inputs_are_refused_with_a_reason() {
    let trained = trained();
    let good = encode(&trained.network, PLAIN, &trained.rows, &trained.labels);
    let refused = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut input = good.clone();
        change(&mut input);
        outcome(&run_native::<Infer>(&input)).expect_err("must be refused").message().to_owned()
    };
    let set = |at: usize, bytes: &[u8], input: &mut Vec<u8>| {
        input[at..at + bytes.len()].copy_from_slice(bytes)
    };
    assert!(refused(&|input| input.clear()).contains("ends before"));
    assert!(refused(&|input| input.truncate(500)).contains("ends before"));
    assert!(refused(&|input| input.push(0)).contains("goes on after"));
    assert!(refused(&|input| set(0, b"ABCD", input)).contains("mark: EIN1"));
    assert!(refused(&|input| set(4, &0u16.to_le_bytes(), input)).contains("width"));
    assert!(refused(&|input| set(10, &1u16.to_le_bytes(), input)).contains("width"));
    assert!(refused(&|input| set(12, &u32::MAX.to_le_bytes(), input)).contains("multiplier"));
    assert!(refused(&|input| set(20, &[63], input)).contains("shift"));
    assert!(refused(&|input| set(22, &128u16.to_le_bytes(), input)).contains("noise"));
    assert!(refused(&|input| set(24, &0u32.to_le_bytes(), input)).contains("samples"));
    assert!(refused(&|input| set(28, &1_000_001u32.to_le_bytes(), input)).contains("copies"));
    let last = good.len() - 1;
    assert!(refused(&|input| set(last, &[2], input)).contains("right answer"));
    let bias = 40 + 11 * 48;
    assert!(refused(&|input| set(bias, &i32::MAX.to_le_bytes(), input)).contains("bias"));
}
