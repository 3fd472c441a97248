//! What a chain starts from. Its hash is the chain's name.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::books::Pot;
use crate::parameters::{Class, Parameters};
use crate::primitives::{AccountId, Amount, AssetId, ChainId, Hash, NATIVE, STABLE, Time};

/// An asset of the registry, as genesis defines it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AssetDefinition {
    /// Number it is called by.
    pub id: AssetId,
    /// Short name, for people.
    pub symbol: String,
    /// Decimal places of one whole unit.
    pub decimals: u8,
    /// Who may mint and burn it, if anybody.
    pub issuer: Option<AccountId>,
}

impl AssetDefinition {
    /// The two assets every network has.
    pub fn seed(stable_issuer: Option<AccountId>) -> Vec<Self> {
        let asset = |id, symbol: &str, decimals, issuer| Self {
            id,
            symbol: symbol.into(),
            decimals,
            issuer,
        };
        vec![asset(NATIVE, "EARN", 9, None), asset(STABLE, "USDE", 6, stable_issuer)]
    }
}

/// An account's balance at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GenesisBalance {
    /// Whose.
    pub account: AccountId,
    /// Of which asset.
    pub asset: AssetId,
    /// How much.
    pub amount: Amount,
}

/// A pot's content at the start; the audit pot needs some before the first fees arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GenesisPot {
    /// Which pot.
    pub pot: Pot,
    /// Of which asset.
    pub asset: AssetId,
    /// How much.
    pub amount: Amount,
}

/// What a chain starts from.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Genesis {
    /// Name of the network, for people; part of the chain's identity.
    pub chain_name: String,
    /// Network time of the start.
    pub start: Time,
    /// The numbers of the rules.
    pub parameters: Parameters,
    /// The assets.
    pub assets: Vec<AssetDefinition>,
    /// The resource classes.
    pub classes: Vec<Class>,
    /// Balances minted at the start.
    pub balances: Vec<GenesisBalance>,
    /// Pots filled at the start.
    pub pots: Vec<GenesisPot>,
}

impl Genesis {
    /// The chain's identity: hash of everything it starts from.
    pub fn chain_id(&self) -> ChainId {
        ChainId(Hash::of("earnest genesis v1", self).0)
    }
}
