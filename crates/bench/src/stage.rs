//! What is shown while something takes long.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar on standard error, with what is being done.
pub(crate) fn bar(length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{elapsed_precise} {wide_bar} {pos}/{len} {msg}");
    let style = style.expect("the template is a constant and well-formed");
    ProgressBar::new(length).with_style(style)
}
