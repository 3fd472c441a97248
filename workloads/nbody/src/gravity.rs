//! Forces and energies by direct summation.

use std::ops::Range;

/// Bodies handled together. Their sums are independent, so that a vector unit can hold them side by side; the order
/// of each sum stays that of the bodies.
pub(crate) const LANES: usize = 4;

/// One value for each body and direction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vectors {
    pub(crate) x: Vec<f64>,
    pub(crate) y: Vec<f64>,
    pub(crate) z: Vec<f64>,
}

impl Vectors {
    pub(crate) fn zero(count: usize) -> Self {
        Self { x: vec![0.0; count], y: vec![0.0; count], z: vec![0.0; count] }
    }

    pub(crate) fn axes(&self) -> [&[f64]; 3] {
        [&self.x, &self.y, &self.z]
    }

    pub(crate) fn axes_mut(&mut self) -> [&mut [f64]; 3] {
        [&mut self.x, &mut self.y, &mut self.z]
    }
}

/// `target[i] += factor * source[i]` over a range.
pub(crate) fn add_scaled(
    target: &mut Vectors,
    source: &Vectors,
    factor: f64,
    range: &Range<usize>,
) {
    for (target, source) in target.axes_mut().into_iter().zip(source.axes()) {
        for (target, source) in target[range.clone()].iter_mut().zip(&source[range.clone()]) {
            *target += factor * source;
        }
    }
}

/// The lanes of one direction that begin at a body. Behind the last body they repeat it: those lanes are not used.
fn lanes(values: &[f64], first: usize) -> [f64; LANES] {
    std::array::from_fn(|lane| values[(first + lane).min(values.len() - 1)])
}

/// The accelerations of the groups of bodies in a range of groups; group `g` is the bodies from `g * LANES`.
pub(crate) fn accelerate(
    acceleration: &mut Vectors,
    positions: &Vectors,
    mass: f64,
    softening_squared: f64,
    groups: Range<usize>,
) {
    let count = positions.x.len();
    for first in groups.map(|group| group * LANES) {
        let sums = attract(positions, first, softening_squared);
        let end = (first + LANES).min(count);
        for (axis, sum) in acceleration.axes_mut().into_iter().zip(sums) {
            for (target, sum) in axis[first..end].iter_mut().zip(sum) {
                *target = mass * sum;
            }
        }
    }
}

/// The sums of `d / (d^2 + s^2)^(3/2)` over all bodies, for one group. A body does not attract itself: its own
/// distance is zero.
fn attract(positions: &Vectors, first: usize, softening_squared: f64) -> [[f64; LANES]; 3] {
    let [x, y, z] = positions.axes().map(|axis| lanes(axis, first));
    let [mut sum_x, mut sum_y, mut sum_z] = [[0.0; LANES]; 3];
    for ((&other_x, &other_y), &other_z) in positions.x.iter().zip(&positions.y).zip(&positions.z) {
        for lane in 0..LANES {
            let [dx, dy, dz] = [other_x - x[lane], other_y - y[lane], other_z - z[lane]];
            let square = dx * dx + dy * dy + dz * dz + softening_squared;
            let weight = 1.0 / (square * square.sqrt());
            sum_x[lane] += weight * dx;
            sum_y[lane] += weight * dy;
            sum_z[lane] += weight * dz;
        }
    }
    [sum_x, sum_y, sum_z]
}

/// The energy of the bodies in a range of groups: kinetic, and half of the potential with all others.
pub(crate) fn energy(
    positions: &Vectors,
    velocities: &Vectors,
    mass: f64,
    softening_squared: f64,
    groups: Range<usize>,
) -> f64 {
    let count = positions.x.len();
    let mut total = 0.0;
    for first in groups.map(|group| group * LANES) {
        let potentials = potential(positions, first, softening_squared);
        for (body, potential) in (first..count).zip(potentials) {
            let [u, v, w] = velocities.axes().map(|axis| axis[body]);
            // The sum includes the body itself, at distance zero.
            let others = potential - 1.0 / softening_squared.sqrt();
            total += mass * (u * u + v * v + w * w) / 2.0 - mass * mass * others / 2.0;
        }
    }
    total
}

/// The sums of `1 / sqrt(d^2 + s^2)` over all bodies, for one group.
fn potential(positions: &Vectors, first: usize, softening_squared: f64) -> [f64; LANES] {
    let [x, y, z] = positions.axes().map(|axis| lanes(axis, first));
    let mut sum = [0.0; LANES];
    for ((&other_x, &other_y), &other_z) in positions.x.iter().zip(&positions.y).zip(&positions.z) {
        for lane in 0..LANES {
            let [dx, dy, dz] = [other_x - x[lane], other_y - y[lane], other_z - z[lane]];
            sum[lane] += 1.0 / (dx * dx + dy * dy + dz * dz + softening_squared).sqrt();
        }
    }
    sum
}
