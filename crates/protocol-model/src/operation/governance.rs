//! What is put to the vote, in plain numbers.

use protocol::{
    Amendment, Amount, AssetDefinition, AssetId, CapacityChallenge, ChallengeKind, Class, ClassId,
    CollateralTerms, ParameterChange, Ppm,
};

use super::account;
use crate::rules::Model;
use crate::setup::{EDGE_LIMITS, ISSUER};

/// A change of one parameter: its name and its new value.
pub type Change = (&'static str, u128);

/// What is put to the vote, in plain numbers. Texts are told by their length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in protocol::Amendment")]
pub enum Proposed {
    Numbers {
        first: Change,
        second: Option<Change>,
    },
    /// `otherwise` proven than it is; its jobs `small`.
    NewClass {
        id: u16,
        name: u16,
        unit: u16,
        bond: u128,
        otherwise: bool,
        small: bool,
    },
    NewAsset {
        id: u16,
        symbol: u16,
        decimals: u8,
    },
    Admit {
        asset: u16,
        price: u128,
        haircut: u32,
        cap: u128,
    },
}

/// A length for which a text is not plain.
pub(crate) const NOT_PLAIN: u16 = 9;

/// A text of so many bytes.
fn text(length: u16) -> String {
    if length == NOT_PLAIN { "two\nlines".into() } else { "x".repeat(length.into()) }
}

impl Proposed {
    pub(super) fn amendment(self, model: &Model) -> Amendment {
        match self {
            Self::Numbers { first, second } => {
                let change = |(name, value): Change| ParameterChange {
                    name: name.into(),
                    value: Amount::new(value),
                };
                let changes = [Some(first), second].into_iter().flatten().map(change).collect();
                Amendment::Parameters { changes }
            }
            Self::NewClass { id, name, unit, bond, otherwise, small } => {
                let (id, name, unit) = (ClassId(id), text(name), text(unit));
                let other = CapacityChallenge { kind: ChallengeKind::MatrixChain, answer_ms: 1 };
                let challenge = model.classes.get(&id).and_then(|present| present.challenge);
                let challenge = if otherwise { challenge.xor(Some(other)) } else { challenge };
                let job_limits = small.then_some(EDGE_LIMITS);
                let bond_per_unit = Amount::new(bond);
                let class = Class { id, name, unit, bond_per_unit, challenge, job_limits };
                Amendment::Class { class }
            }
            Self::NewAsset { id, symbol, decimals } => {
                let (id, symbol, issuer) = (AssetId(id), text(symbol), Some(account(ISSUER)));
                Amendment::Asset { definition: AssetDefinition { id, symbol, decimals, issuer } }
            }
            Self::Admit { asset, price, haircut, cap } => {
                let [price, cap] = [price, cap].map(Amount::new);
                let terms = CollateralTerms { price, haircut: Ppm(haircut), cap };
                Amendment::Collateral { asset: AssetId(asset), terms }
            }
        }
    }
}
