//! Penalties outside any job.

use crate::books::Place;
use crate::event::Fault;
use crate::penalties::{Cut, Terms};
use crate::primitives::{AccountId, PPM, Ppm, Time};
use crate::step::Step;

impl Step<'_> {
    /// Takes a rate of an operator's bond, reckoned on locked slices too but taken from what is free, and of the exits
    /// that began after the fault. Nobody proved it and nobody was harmed: insurance and burning get it all.
    pub(super) fn slash_duty(&mut self, operator: AccountId, fault: Fault, rate: Ppm, since: Time) {
        let (share, whole) = (rate.0.into(), PPM.into());
        let exits = self.answerable_exits(operator, since);
        let terms = Terms::default();
        let bond = Cut::OfBond(share, whole);
        self.slash((operator, fault, None), Place::Bond(operator), bond, terms);
        for (number, ..) in exits {
            let exit = Place::Exit(operator, number);
            self.slash((operator, fault, None), exit, Cut::Part(share, whole), terms);
        }
    }
}
