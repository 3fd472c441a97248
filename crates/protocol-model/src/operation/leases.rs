//! Leases in plain numbers.

use protocol::{AccountId, Action, Amount, ClassId, Content, Hash, LeaseReceipt, LeaseSpec};

use super::{Call, Resolver};
use crate::people;
use crate::rules::{acceptance, answer};

/// A lease as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in protocol::LeaseSpec")]
pub struct Leased {
    pub service_bytes: u64,
    pub class: u16,
    pub units: u32,
    pub epochs: u32,
    pub price: u128,
    pub wait_ms: u64,
}

impl Leased {
    fn spec(&self) -> LeaseSpec {
        LeaseSpec {
            service: Content { root: Hash([78; 32]), size: self.service_bytes },
            class: ClassId(self.class),
            units: self.units,
            epochs: self.epochs,
            price_max: Amount::new(self.price),
            wait_ms: self.wait_ms,
        }
    }
}

impl Resolver<'_> {
    pub(super) fn lease_action(&self, call: &Call) -> Action {
        match *call {
            Call::SetLeaseAsk { class, ask } => {
                Action::SetLeaseAsk { class: ClassId(class), ask: ask.map(Amount::new) }
            }
            Call::RequestLease { leased, .. } => Action::RequestLease { spec: leased.spec() },
            Call::CancelLease { lease } => Action::CancelLease { lease: self.job(lease) },
            Call::GiveNotice { lease } => Action::GiveNotice { lease: self.job(lease) },
            Call::ReportProbe { lease, nth, answered } => {
                let (challenge, _) = self.probe(lease, nth);
                Action::ReportProbe { lease: self.job(lease), challenge, answered }
            }
            Call::ShowAnswer { lease, nth, genuine } => {
                let (challenge, observer) = self.probe(lease, nth);
                // A receipt for another probe is none.
                let signed = if genuine { challenge } else { Hash([2; 32]) };
                let message = answer(self.job(lease), signed);
                let signature = people::sign(observer, message).to_vec().into();
                let receipt = LeaseReceipt::Probe(challenge);
                Action::ShowReceipt { lease: self.job(lease), receipt, signature }
            }
            Call::ShowAcceptance { lease, ahead, genuine } => {
                let record = self.model.leases.all.get(&self.job(lease));
                let signer = record.map_or(self.sender, |record| record.requester);
                let tenure = record.and_then(|record| record.tenure.as_ref());
                let open = tenure.map_or(0, |tenure| tenure.open());
                let epoch = open.wrapping_add_signed(ahead.into());
                let signed = if genuine { epoch } else { epoch.wrapping_add(1) };
                let message = acceptance(self.job(lease), signed);
                let signature = people::sign(signer, message).to_vec().into();
                let receipt = LeaseReceipt::Epoch(epoch);
                Action::ShowReceipt { lease: self.job(lease), receipt, signature }
            }
            ref other => panic!("{other:?} is resolved elsewhere"),
        }
    }

    /// One of the open probes of a lease: its challenge and its observer.
    fn probe(&self, lease: u32, nth: u8) -> (Hash, AccountId) {
        let open = self.model.open_probes(self.job(lease));
        let probe = open.get(usize::from(nth));
        probe.map_or((Hash([1; 32]), self.sender), |probe| (probe.challenge, probe.observer))
    }
}
