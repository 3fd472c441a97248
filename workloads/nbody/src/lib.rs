//! A star cluster under its own gravity, with a conserved quantity that anybody can check.
//!
//! `n` bodies of mass `1/n` start as a Plummer sphere in virial equilibrium and attract one another for a number
//! of time steps of the symplectic leapfrog (kick, drift, kick), in double precision, by direct summation:
//!
//! ```text
//! a_i = sum over j of m (x_j - x_i) / (|x_j - x_i|^2 + s^2)^(3/2)
//! v += a dt/2;   x += v dt;   a = a(x);   v += a dt/2
//! ```
//!
//! The units are those of Hénon: gravity's constant and the cluster's mass are 1, its energy about -1/4. A
//! symplectic integrator keeps the energy near its first value for ever, and pairwise forces keep the momentum at
//! zero, so the output carries its own test: [`Summary::energy_drift`] and [`Summary::momentum`].
//!
//! # Input: [`Setup::encode`], 40 bytes, little-endian
//!
//! | bytes | field       | accepted                                                             |
//! |-------|-------------|----------------------------------------------------------------------|
//! | 4     | `ENB1`      |                                                                      |
//! | 4     | bodies      | 2 to 4,096                                                           |
//! | 4     | time steps  | 1 to 1,000,000                                                       |
//! | 4     | frames      | 1 to 4,096, at most the time steps; bodies x frames at most 1,048,576 |
//! | 8     | `dt`        | `f64`, above 0, at most 1                                            |
//! | 8     | `s`         | `f64`, softening length, 1e-6 to 1                                   |
//! | 8     | seed        | any                                                                  |
//!
//! Anything else is refused with a message.
//!
//! # Output: [`Summary::decode`]
//!
//! `ENB1`, bodies (`u32`), frames (`u32`), zero (`u32`); the total energy before the first time step
//! (`f64`); for every frame its time step (`u64`), its total energy (`f64`) and the `x`, the `y` and the `z` of all
//! bodies (`f64`); the momentum at the end (3 x `f64`). Frames are evenly spaced and the last one is the final state.
//!
//! # Steps
//!
//! A step does about 1.8 million interactions of two bodies, whether that is several time steps or a part of one, so its
//! size does not depend on the number of bodies. The result does not depend on how the work is cut: every sum has
//! a fixed order.

mod cluster;
mod gravity;
mod program;
mod summary;

pub use program::NBody;
pub use summary::{Frame, Setup, Summary};

/// The built module.
#[cfg(not(target_arch = "wasm32"))]
pub const MODULE: &[u8] = include_bytes!("../nbody.wasm");

guest::export!(NBody);
