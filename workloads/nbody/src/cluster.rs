//! The Plummer sphere, sampled as Aarseth, Hénon and Wielen published it (Astronomy and Astrophysics 37, 1974).

use crate::gravity::Vectors;
use guest::{Random, math};
use std::f64::consts::PI;

/// Bodies farther out than this many scale radii are drawn again: they would never come back.
const RADIUS_MAX: f64 = 20.0;

/// The Plummer radius of a cluster with mass 1 and energy -1/4.
const SCALE: f64 = 3.0 * PI / 16.0;

/// Draws positions and velocities and moves them to the frame in which the cluster rests at the origin.
pub(crate) fn plummer(bodies: usize, seed: u64) -> (Vectors, Vectors) {
    let mut random = Random::new(seed);
    let (mut positions, mut velocities) = (Vectors::default(), Vectors::default());
    for _ in 0..bodies {
        let radius = draw_radius(&mut random);
        let escape = (2.0 / (1.0 + radius * radius).sqrt()).sqrt();
        let speed = escape * draw_speed(&mut random);
        push(&mut positions, &mut random, radius * SCALE);
        push(&mut velocities, &mut random, speed / SCALE.sqrt());
    }
    centre(&mut positions);
    centre(&mut velocities);
    (positions, velocities)
}

/// The radius that encloses a uniformly drawn share of the mass: `(u^(-2/3) - 1)^(-1/2)`.
fn draw_radius(random: &mut Random) -> f64 {
    loop {
        // Above zero, so that the logarithm is finite.
        let share = 1.0 - random.unit();
        let radius = 1.0 / (math::exp(math::ln(share) * (-2.0 / 3.0)) - 1.0).sqrt();
        if radius < RADIUS_MAX {
            return radius;
        }
    }
}

/// A share of the escape speed with the density `q^2 (1 - q^2)^(7/2)`, by rejection.
fn draw_speed(random: &mut Random) -> f64 {
    loop {
        let (speed, height) = (random.unit(), 0.1 * random.unit());
        let rest = 1.0 - speed * speed;
        if height < speed * speed * rest * rest * rest * rest.sqrt() {
            return speed;
        }
    }
}

/// Appends a vector of a length in a uniformly drawn direction.
fn push(vectors: &mut Vectors, random: &mut Random, length: f64) {
    loop {
        let [x, y, z] = [random.signed(), random.signed(), random.signed()];
        let square = x * x + y * y + z * z;
        if square > 1e-6 && square <= 1.0 {
            let factor = length / square.sqrt();
            vectors.x.push(x * factor);
            vectors.y.push(y * factor);
            vectors.z.push(z * factor);
            return;
        }
    }
}

/// Subtracts the mean.
#[allow(clippy::cast_precision_loss, reason = "a few thousand bodies")]
fn centre(vectors: &mut Vectors) {
    for axis in vectors.axes_mut() {
        let mean = axis.iter().sum::<f64>() / axis.len() as f64;
        for value in axis {
            *value -= mean;
        }
    }
}
