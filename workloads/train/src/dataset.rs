//! Data sets to train on.

use std::collections::BTreeSet;

/// Rows of numbers, each with a class.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Names of the columns.
    pub features: Vec<String>,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Values, by rows.
    pub values: Vec<f32>,
    /// The class of each row, an index into `classes`.
    pub labels: Vec<u8>,
}

/// The file as published; see `data/README.md`.
const WINE_QUALITY: &str = include_str!("../data/winequality-red.csv");

/// The lowest score of a wine that counts as good: it halves the data set.
const GOOD: u8 = 6;

impl Dataset {
    /// Red wines (Cortez et al., 2009): eleven measurements, and whether tasters gave them at least 6 of 10 points.
    ///
    /// The published file repeats 240 of its 1,599 rows. A repeated row on both sides of a split would be recognised
    /// instead of understood, so each row is taken once.
    ///
    /// # Panics
    /// Never: the file is part of the program.
    #[must_use]
    pub fn wine_quality() -> Self {
        let mut lines = WINE_QUALITY.lines();
        let header = lines.next().unwrap_or_default().split(',');
        let mut features: Vec<String> =
            header.map(|name| name.trim_matches('"').to_owned()).collect();
        features.pop();
        let classes = ["not good", "good"].map(str::to_owned).to_vec();
        let mut data = Self { features, classes, values: Vec::new(), labels: Vec::new() };
        let mut seen = BTreeSet::new();
        for line in lines.filter(|line| seen.insert(*line)) {
            let (values, score) = line.rsplit_once(',').expect("every line has twelve columns");
            let number = |text: &str| text.parse::<f32>().expect("every column is a number");
            data.values.extend(values.split(',').map(number));
            let score: u8 = score.parse().expect("a score is a whole number");
            data.labels.push(u8::from(score >= GOOD));
        }
        data
    }

    /// Number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The values of a row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.features.len()..][..self.features.len()]
    }

    /// Share of the most frequent class among some rows: what a guesser who never looks achieves.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a count of rows")]
    pub fn majority_share(&self, rows: impl Iterator<Item = usize> + Clone) -> f64 {
        let count = |class: usize| {
            rows.clone().filter(|&row| usize::from(self.labels[row]) == class).count()
        };
        let most = (0..self.classes.len()).map(count).max().unwrap_or(0);
        most as f64 / rows.clone().count().max(1) as f64
    }
}
