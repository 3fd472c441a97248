//! What concerns rewards and double signing, in plain numbers.

use protocol::{Action, Epoch, Height, SigningCase};

use super::{Call, Resolver, account};
use crate::referee;

impl Resolver<'_> {
    pub(super) fn reward_action(&self, call: &Call) -> Action {
        match *call {
            Call::Attend { epoch, session } => Action::Attend { epoch: Epoch(epoch), session },
            Call::ClaimRewards { operator } => Action::ClaimRewards { operator: account(operator) },
            Call::ProveDoubleSigning { operator, height, genuine, bytes } => {
                let (operator, height) = (account(operator), Height(height));
                let case = SigningCase { chain: self.model.chain, operator, height, evidence: &[] };
                let evidence = referee::double_signing(&case, genuine, bytes).into();
                Action::ProveDoubleSigning { operator, height, evidence }
            }
            _ => self.replica_action(call),
        }
    }
}
