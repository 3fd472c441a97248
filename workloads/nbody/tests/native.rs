//! The simulation, run natively: are its physics right?

use guest::{outcome, run_native};
use nbody::{NBody, Setup, Summary};

fn small(seed: u64) -> Setup {
    Setup { bodies: 61, time_steps: 400, frames: 7, ..Setup::demo(seed) }
}

fn run(setup: &Setup) -> Summary {
    Summary::decode(&run_native::<NBody>(&setup.encode())).expect("the input is good")
}

#[test]
fn energy_and_momentum_are_conserved() {
    let summary = run(&small(1));
    assert!(summary.energy_drift() < 1e-3, "{}", summary.energy_drift());
    assert!(summary.momentum_length() < 1e-13, "{}", summary.momentum_length());
}

#[test]
fn the_cluster_begins_in_the_units_of_henon() {
    // Softening and sampling keep it from exactly -1/4.
    let setup = Setup { bodies: 1_024, time_steps: 1, frames: 1, softening: 0.01, ..small(2) };
    let energy = run(&setup).energy_start;
    assert!((-0.30..-0.20).contains(&energy), "{energy}");
}

#[test]
fn the_method_is_of_second_order() {
    // The same time span with half the step: the error falls about fourfold.
    let setup =
        Setup { bodies: 32, softening: 0.2, dt: 1.0 / 16.0, time_steps: 64, frames: 64, seed: 3 };
    let coarse = run(&setup).energy_drift();
    let fine = run(&Setup { dt: 1.0 / 32.0, time_steps: 128, frames: 128, ..setup }).energy_drift();
    let ratio = coarse / fine;
    assert!((3.0..5.5).contains(&ratio), "{coarse} / {fine} = {ratio}");
}

#[test]
fn two_bodies_obey_newton_step_by_step() {
    // Independent: the same two bodies, integrated plainly with a much smaller time step.
    let setup =
        Setup { bodies: 2, time_steps: 256, frames: 256, dt: 1.0 / 256.0, softening: 0.1, seed: 5 };
    let frames = run(&setup).frames;
    // Three frames give the acceleration by finite differences; it must be the force at the middle one.
    for window in frames.windows(3) {
        let [before, now, after] =
            [&window[0], &window[1], &window[2]].map(|frame| &frame.positions);
        for body in 0..2 {
            let distance: [f64; 3] =
                std::array::from_fn(|axis| now[1 - body][axis] - now[body][axis]);
            let square: f64 =
                distance.iter().map(|d| d * d).sum::<f64>() + setup.softening * setup.softening;
            for axis in 0..3 {
                let second = before[body][axis] - 2.0 * now[body][axis] + after[body][axis];
                let expected = 0.5 * distance[axis] / square.powf(1.5);
                let found = second / (setup.dt * setup.dt);
                assert!(
                    (found - expected).abs() < 1e-8 * (1.0 + expected.abs()),
                    "{found} {expected}"
                );
            }
        }
    }
}

#[test]
fn frames_are_evenly_spaced_and_end_at_the_end() {
    let summary = run(&small(6));
    let times: Vec<u64> = summary.frames.iter().map(|frame| frame.time_step).collect();
    assert_eq!(times, [57, 114, 171, 228, 285, 342, 400]);
    assert!(summary.frames.iter().all(|frame| frame.positions.len() == 61));
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_does_not() {
    let setup = Setup { time_steps: 20, ..small(8) };
    let once = run_native::<NBody>(&setup.encode());
    assert_eq!(once, run_native::<NBody>(&setup.encode()));
    assert_ne!(once, run_native::<NBody>(&Setup { seed: 9, ..setup }.encode()));
}

#[test]
fn bad_inputs_are_refused_with_a_reason() {
    let good = small(1);
    let refusal = |input: &[u8]| {
        outcome(&run_native::<NBody>(input)).expect_err("must be refused").message().to_owned()
    };
    assert!(refusal(&[]).contains("ends before"));
    assert!(refusal(&good.encode()[..39]).contains("ends before"));
    assert!(refusal(&[good.encode(), vec![0]].concat()).contains("goes on after"));
    assert!(refusal(&[b"ELF".as_slice(), &[0; 37]].concat()).contains("mark: ENB1"));
    let refused = |setup: Setup| refusal(&setup.encode());
    assert!(refused(Setup { bodies: 1, ..good }).contains("bodies"));
    assert!(refused(Setup { bodies: 4_097, ..good }).contains("bodies"));
    assert!(refused(Setup { time_steps: 0, ..good }).contains("time steps"));
    assert!(refused(Setup { frames: 0, ..good }).contains("frames"));
    assert!(refused(Setup { frames: good.time_steps + 1, ..good }).contains("frames"));
    assert!(refused(Setup { bodies: 4_096, frames: 400, ..good }).contains("1,048,576"));
    assert!(refused(Setup { dt: f64::NAN, ..good }).contains("dt"));
    assert!(refused(Setup { dt: -0.1, ..good }).contains("dt"));
    assert!(refused(Setup { softening: 0.0, ..good }).contains("softening"));
}
