//! Classifies samples with a quantised network, and says how much each answer can be relied on.
//!
//! The network is a perceptron with two hidden layers, trained by the program `train` in floating point and quantised by
//! [`Network::quantise`]: weights and activations have 8 bits, sums 32, and a layer's sums are brought back to 8 bits by an
//! integer multiplication and a shift. There is no floating point in the program at all.
//!
//! Each sample is classified once as it is, and then many times with a little noise added to its features, each copy giving
//! one vote. The majority is the *smoothed* classifier of Cohen, Rosenfeld and Kolter (2019), and the margin of the vote
//! says how far a sample is from the nearest other answer. Noise follows from the seed, the sample and the copy alone.
//!
//! # Input: [`encode`], little-endian
//!
//! | bytes            | field                                            | accepted                         |
//! |------------------|--------------------------------------------------|----------------------------------|
//! | 4                | `EIN1`                                           |                                  |
//! | 4 x 2            | features, two hidden widths, classes             | 1 to 256 each; 2 to 64 classes   |
//! | 2 x 4            | multipliers of the two hidden layers             | 1 to 2^31 - 1                    |
//! | 2 x 1            | their shifts                                     | 1 to 62                          |
//! | 2                | deviation of the noise, in units of the features | 0 to 127                         |
//! | 4                | samples                                          | 1 to 1,048,576; x (features + 5 classes) at most 2,097,152 |
//! | 4                | noisy copies of each sample                      | 0 to 1,000,000; samples x (copies + 1) at most 2^30 |
//! | 8                | seed                                             | any                              |
//! | for each layer   | weights `i8`, one row for each output, then biases `i32` | biases up to +-2^30      |
//! | samples x features | features `i8`                                  |                                  |
//! | samples          | right answer of each sample                      | below classes                    |
//!
//! Anything else is refused with a message.
//!
//! # Output: [`Verdicts::decode`]
//!
//! `EIN1`; samples, classes, copies, right answers without noise, right answers by vote (`u32`); the answer for each sample
//! without noise (`u8`); the votes of each sample for each class (`u32`).
//!
//! # Steps
//!
//! A step classifies copies of samples for about 140 million metered units, somewhat more in fact.

mod layer;
mod program;
mod setup;
mod verdicts;

#[cfg(not(target_arch = "wasm32"))]
mod quantise;

pub use program::Infer;
#[cfg(not(target_arch = "wasm32"))]
pub use quantise::Network;
pub use setup::Smoothing;
#[cfg(not(target_arch = "wasm32"))]
pub use setup::{demo, encode};
pub use verdicts::Verdicts;

/// Layers of weights.
const LAYERS: usize = 3;

/// The built module.
#[cfg(not(target_arch = "wasm32"))]
pub const MODULE: &[u8] = include_bytes!("../infer.wasm");

guest::export!(Infer);
