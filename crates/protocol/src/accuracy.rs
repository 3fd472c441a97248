//! Accuracy: how often an operator's results were right, as the mean of a Beta distribution in whole numbers.
//!
//! `a = (passed + k) / (passed + w * failed + 2 k)`, rounded down, with `k` the prior and `w` the weight of a failure.
//! Everybody begins at one half. Both counts keep `29/30` of themselves every epoch, so what they remember has a mean life
//! of 30 epochs; and only so many right results count in one epoch, so that accuracy takes time and not many cheap jobs.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::parameters::Parameters;
use crate::primitives::{AccountId, Epoch, PPM, Ppm, mul_div_floor};
use crate::state::State;
use crate::step::Step;

/// Parts of one result that counts are kept in, so that they can fade.
const PARTS: u64 = 1_000_000;

/// Most results a count holds: past a million, one more changes nothing.
const COUNT_MAX: u64 = 1_000_000 * PARTS;

/// Right and wrong results, faded up to an epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Accuracy {
    /// The epoch the counts were faded to.
    pub epoch: Epoch,
    /// Right results, in millionths.
    pub passed: u64,
    /// Wrong ones, in millionths.
    pub failed: u64,
    /// Right results counted in this epoch.
    pub counted: u32,
}

impl Accuracy {
    /// The same counts, faded to a later epoch. Fading in two goes is the same as in one.
    #[must_use]
    pub fn faded(self, parameters: &Parameters, epoch: Epoch) -> Self {
        let epochs = epoch.0.saturating_sub(self.epoch.0);
        if epochs == 0 {
            return self;
        }
        let life = u64::from(parameters.accuracy_epochs);
        let fade = |count| fade_floor(count, life, epochs);
        Self { epoch, passed: fade(self.passed), failed: fade(self.failed), counted: 0 }
    }

    /// The mean, rounded down.
    pub fn mean_floor(&self, parameters: &Parameters) -> Ppm {
        let parts = u128::from(PARTS);
        let prior = u128::from(parameters.accuracy_prior) * parts;
        let weight = u128::from(parameters.accuracy_fail_weight);
        let passed = u128::from(self.passed) + prior;
        let all = passed + prior + u128::from(self.failed) * weight;
        let mean = mul_div_floor(passed, PPM.into(), all);
        Ppm(u32::try_from(mean).expect("a share of the whole"))
    }

    fn pass(&mut self, passes_max: u32) {
        if self.counted < passes_max {
            self.counted += 1;
            self.passed = (self.passed + PARTS).min(COUNT_MAX);
        }
    }

    fn fail(&mut self) {
        self.failed = (self.failed + PARTS).min(COUNT_MAX);
    }
}

/// `count` with `(life - 1) / life` of it kept in each of `epochs`, rounded down every time. Ends when nothing is left,
/// for the largest count and the default life after less than 800 epochs.
fn fade_floor(mut count: u64, life: u64, mut epochs: u64) -> u64 {
    while count > 0 && epochs > 0 {
        count = count / life * (life - 1) + count % life * (life - 1) / life;
        epochs -= 1;
    }
    count
}

impl State {
    /// How often an operator's results were right lately; one half for whoever has none.
    pub fn accuracy(&self, operator: AccountId) -> Ppm {
        let parameters = self.parameters();
        self.accuracy_record(operator).faded(parameters, self.clock.epoch).mean_floor(parameters)
    }

    /// The counts behind an operator's accuracy, as they were last written.
    pub fn accuracy_record(&self, operator: AccountId) -> Accuracy {
        self.accuracies.get(&operator).copied().unwrap_or_default()
    }
}

impl Step<'_> {
    /// Counts a right result, of a job or of an audit.
    pub(crate) fn count_passed(&mut self, operator: AccountId) {
        let most = self.state.parameters.accuracy_passes_max;
        self.change_accuracy(operator, |accuracy| accuracy.pass(most));
    }

    /// Counts a fault: a conviction, a missed deadline, a false or silent audit, a refuted report.
    pub(crate) fn count_failed(&mut self, operator: AccountId) {
        self.change_accuracy(operator, Accuracy::fail);
    }

    fn change_accuracy(&mut self, operator: AccountId, change: impl FnOnce(&mut Accuracy)) {
        let parameters = self.parameters();
        let record = self.state.accuracy_record(operator);
        let mut faded = record.faded(&parameters, self.state.clock.epoch);
        change(&mut faded);
        self.state.accuracies.insert(operator, faded);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counts(passed: u64, failed: u64) -> Accuracy {
        Accuracy { passed: passed * PARTS, failed: failed * PARTS, ..Accuracy::default() }
    }

    fn mean(passed: u64, failed: u64) -> u32 {
        counts(passed, failed).mean_floor(&Parameters::default()).0
    }

    #[test]
    fn known_means() {
        assert_eq!(mean(0, 0), 500_000);
        assert_eq!(mean(10, 0), 666_666);
        assert_eq!(mean(0, 1), 250_000);
        assert_eq!(mean(20, 1), 500_000, "twenty right results mend one fault");
        assert_eq!(mean(19, 1), 491_525);
        assert_eq!(mean(300, 0), 968_750, "the most that ten a day for ever come to");
        assert_eq!(mean(300, 1), 911_764);
        assert_eq!(mean(1_000_000, 0), 999_990);
    }

    #[test]
    fn a_count_loses_a_thirtieth_of_itself() {
        let faded = |epochs| counts(30, 3).faded(&Parameters::default(), Epoch(epochs));
        assert_eq!((faded(0).passed, faded(0).failed), (30_000_000, 3_000_000));
        assert_eq!((faded(1).passed, faded(1).failed), (29_000_000, 2_900_000));
        assert_eq!(faded(30).passed, 10_849_836, "about 1/e");
        assert_eq!(faded(u64::MAX).passed, 0);
        assert!(fade_floor(COUNT_MAX, 30, 700) > 0 && fade_floor(COUNT_MAX, 30, 800) == 0);
    }

    proptest! {
        #[test]
        fn fading_in_two_goes_is_fading_in_one(passed in 0..=COUNT_MAX, life in 1..1_000_u32, one in 0..500_u64, two in 0..500_u64) {
            let parameters = Parameters { accuracy_epochs: life, ..Parameters::default() };
            let start = Accuracy { passed, ..Accuracy::default() };
            let at_once = start.faded(&parameters, Epoch(one + two));
            let twice = start.faded(&parameters, Epoch(one)).faded(&parameters, Epoch(one + two));
            prop_assert_eq!(at_once.passed, twice.passed);
            prop_assert!(at_once.passed <= passed);
        }

        #[test]
        fn right_results_raise_and_faults_lower_it(passed in 0..10_000_u64, failed in 0..1_000_u64) {
            prop_assert!(mean(passed + 1, failed) >= mean(passed, failed));
            prop_assert!(mean(passed, failed + 1) <= mean(passed, failed));
            prop_assert!(failed > 0 || mean(passed, 1) < mean(passed, 0), "the first one is felt");
            prop_assert!(mean(passed, failed) <= PPM);
        }
    }

    /// Whoever mends by working is better off than under a new name, which begins only when the bond has left the old
    /// one: 14 epochs later.
    #[test]
    fn a_new_name_is_not_worth_it() {
        let parameters = Parameters::default();
        let earned = |begins: u64, faults: u64| {
            let mut accuracy = counts(0, faults);
            (0..60)
                .map(|epoch| {
                    accuracy = accuracy.faded(&parameters, Epoch(epoch));
                    if epoch < begins {
                        return 0;
                    }
                    (0..5).for_each(|_| accuracy.pass(parameters.accuracy_passes_max));
                    u64::from(accuracy.mean_floor(&parameters).0)
                })
                .sum::<u64>()
        };
        assert!(earned(0, 1) > earned(14, 0));
        assert!(earned(0, 2) > earned(14, 0));
    }
}
