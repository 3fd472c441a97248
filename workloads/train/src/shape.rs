//! The sizes of a network and where its weights are.

use std::ops::Range;

/// Layers of weights: two hidden ones and the output.
pub(crate) const LAYERS: usize = 3;

/// Number of values entering the network and leaving each of its layers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Features, first hidden units, second hidden units, classes.
    pub widths: [usize; LAYERS + 1],
}

impl Shape {
    /// Values entering a row.
    #[must_use]
    pub const fn features(&self) -> usize {
        self.widths[0]
    }

    /// Classes told apart.
    #[must_use]
    pub const fn classes(&self) -> usize {
        self.widths[LAYERS]
    }

    /// Where a layer's weights are in the flat list: one row for each of its inputs, one column for each output.
    #[must_use]
    pub fn weights(&self, layer: usize) -> Range<usize> {
        let start = (0..layer).map(|before| self.layer_parameters(before)).sum();
        start..start + self.widths[layer] * self.widths[layer + 1]
    }

    /// Where a layer's biases are: behind its weights.
    #[must_use]
    pub fn biases(&self, layer: usize) -> Range<usize> {
        let start = self.weights(layer).end;
        start..start + self.widths[layer + 1]
    }

    /// Weights and biases of all layers.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.biases(LAYERS - 1).end
    }

    fn layer_parameters(&self, layer: usize) -> usize {
        (self.widths[layer] + 1) * self.widths[layer + 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layers_lie_one_behind_the_other() {
        let shape = Shape { widths: [3, 4, 5, 2] };
        assert_eq!((shape.weights(0), shape.biases(0)), (0..12, 12..16));
        assert_eq!((shape.weights(1), shape.biases(1)), (16..36, 36..41));
        assert_eq!((shape.weights(2), shape.biases(2)), (41..51, 51..53));
        assert_eq!((shape.parameters(), shape.features(), shape.classes()), (53, 3, 2));
    }
}
