//! Trains a small neural network to classify the rows of a table, and says honestly how well it does.
//!
//! A perceptron with two hidden layers (rectified linear units, softmax cross-entropy) is trained by mini-batches
//! with `AdamW` (Loshchilov and Hutter, 2019; the learning rate falls linearly to zero) in single precision. The rows are
//! split into a training and a test set by the seed; standardisation uses the training set only; the test set is used
//! once, at the end. All randomness (split, initial weights, order of the rows) follows from the seed.
//!
//! The data set that ships with the crate is [`Dataset::wine_quality`]: red wines, judged good or not by tasters.
//!
//! # Input: [`encode`], little-endian
//!
//! | bytes    | field                | accepted                                                   |
//! |----------|----------------------|------------------------------------------------------------|
//! | 4        | `ETR1`               |                                                            |
//! | 4        | rows                 | 8 to 65,536; rows x features at most 262,144               |
//! | 2        | features             | 1 to 256                                                   |
//! | 2        | classes              | 2 to 64                                                    |
//! | 2 x 2    | hidden units         | 1 to 256 in each of the two layers                         |
//! | 4        | batch, rows          | 1 to 64, at most the training rows                         |
//! | 4        | epochs               | 1 to 100,000                                               |
//! | 4        | test share, 1/1000   | 1 to 900, and at least one row on either side              |
//! | 4        | learning rate, `f32` | above 0, at most 1                                         |
//! | 4        | weight decay, `f32`  | 0 to 10                                                    |
//! | 8        | seed                 | any                                                        |
//! | rows x features x 4 | values, `f32`, by rows | finite                                        |
//! | rows     | class of each row    | below classes                                              |
//!
//! Anything else is refused with a message.
//!
//! # Output: [`Report::decode`]
//!
//! The whole model (standardisation and weights), the mean loss of every epoch, accuracy on both sets, and which rows
//! were held out, so that others can check it.
//!
//! # Steps
//!
//! The network's operations (gather a batch, each layer forward, loss, each layer backward, update) are stages over
//! rows or weights; a step does about 40 million multiplications of them, be that several batches or part of one.

mod kernel;
mod network;
mod program;
mod report;
mod setup;
mod shape;
mod table;

#[cfg(not(target_arch = "wasm32"))]
mod dataset;

#[cfg(not(target_arch = "wasm32"))]
pub use dataset::Dataset;
pub use program::Train;
pub use report::{Model, Report};
pub use setup::Setup;
#[cfg(not(target_arch = "wasm32"))]
pub use setup::encode;
pub use shape::Shape;

/// The built module.
#[cfg(not(target_arch = "wasm32"))]
pub const MODULE: &[u8] = include_bytes!("../train.wasm");

guest::export!(Train);
