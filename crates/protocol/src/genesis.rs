//! What a chain starts from. Its hash is the chain's name.

use std::sync::Arc;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::books::{Movement, Place, Pot, Why};
use crate::event::Event;
use crate::parameters::{CapacityChallenge, Class, ClassId, ParameterFault, Parameters};
use crate::primitives::{AccountId, Amount, AssetId, ChainId, Hash, Height, NATIVE, STABLE, Time};
use crate::state::{Asset, ChainInfo, Clock, State};

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
        vec![asset(NATIVE, "EARN", 9, None), asset(STABLE, "USD", 6, stable_issuer)]
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

/// Why a genesis is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenesisFault {
    /// Parameters out of bounds or in contradiction.
    #[error("the parameters are refused: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Parameters(Vec<ParameterFault>),
    /// The native or the stable asset is missing.
    #[error("{0} is missing from the assets")]
    MissingAsset(AssetId),
    /// The same asset or class twice.
    #[error("{what} {number} is defined twice")]
    Duplicate {
        /// What.
        what: &'static str,
        /// Its number.
        number: u16,
    },
    /// A class whose devices have no time to answer, or so much that one epoch does not hold it.
    #[error(
        "class {class} allows {answer_ms} ms to answer; it must be between 1 and the epoch's {epoch_ms}"
    )]
    AnswerWindow {
        /// Which class.
        class: ClassId,
        /// Its answer window.
        answer_ms: u64,
        /// Length of an epoch.
        epoch_ms: u64,
    },
    /// An amount of an asset that is not defined.
    #[error("{0} is given out but not defined")]
    UnknownAsset(AssetId),
    /// Amounts that together pass the supply limit, or are zero.
    #[error("an amount of {amount} of {asset} is zero or passes the supply limit")]
    BadAmount {
        /// Of which asset.
        asset: AssetId,
        /// The amount.
        amount: Amount,
    },
}

impl State {
    /// The state a chain starts from, and the movements that minted it.
    ///
    /// # Errors
    /// [`GenesisFault`], naming what to change in the genesis.
    pub fn genesis(genesis: &Genesis) -> Result<(Self, Vec<Event>), GenesisFault> {
        genesis.parameters.validate().map_err(GenesisFault::Parameters)?;
        let chain = ChainInfo {
            id: genesis.chain_id(),
            name: genesis.chain_name.clone(),
            start: genesis.start,
        };
        let mut state = Self {
            chain: Arc::new(chain),
            parameters: Arc::new(genesis.parameters.clone()),
            clock: Clock { now: genesis.start, ..Clock::default() },
            ..Self::default()
        };
        state.epoch_starts.insert(Height(0), genesis.start);
        define_assets(&mut state, genesis)?;
        define_classes(&mut state, genesis)?;
        let mut events = Vec::new();
        for balance in &genesis.balances {
            let GenesisBalance { account, asset, amount } = *balance;
            events.push(state.mint_at_genesis(Place::Account(account), asset, amount)?);
        }
        for filled in &genesis.pots {
            let GenesisPot { pot, asset, amount } = *filled;
            events.push(state.mint_at_genesis(Place::Pot(pot), asset, amount)?);
        }
        Ok((state, events))
    }

    fn mint_at_genesis(
        &mut self,
        to: Place,
        asset: AssetId,
        amount: Amount,
    ) -> Result<Event, GenesisFault> {
        let minted = self.asset(asset).ok_or(GenesisFault::UnknownAsset(asset))?.minted;
        let room = Amount::SUPPLY_MAX.minus(minted);
        if amount.is_zero() || amount > room {
            return Err(GenesisFault::BadAmount { asset, amount });
        }
        let (from, why) = (Place::Unissued, Why::Genesis);
        Ok(self.move_money(Movement { from, to, asset, amount, why, job: None }))
    }
}

fn define_assets(state: &mut State, genesis: &Genesis) -> Result<(), GenesisFault> {
    for definition in &genesis.assets {
        let asset =
            Asset { definition: definition.clone(), minted: Amount::ZERO, burned: Amount::ZERO };
        if state.assets.insert(definition.id, asset).is_some() {
            return Err(GenesisFault::Duplicate { what: "asset", number: definition.id.0 });
        }
    }
    match [NATIVE, STABLE].into_iter().find(|asset| state.asset(*asset).is_none()) {
        Some(missing) => Err(GenesisFault::MissingAsset(missing)),
        None => Ok(()),
    }
}

fn define_classes(state: &mut State, genesis: &Genesis) -> Result<(), GenesisFault> {
    let epoch_ms = genesis.parameters.epoch_ms;
    for class in &genesis.classes {
        if let Some(CapacityChallenge { answer_ms, .. }) = class.challenge
            && !(1..=epoch_ms).contains(&answer_ms)
        {
            return Err(GenesisFault::AnswerWindow { class: class.id, answer_ms, epoch_ms });
        }
        if state.classes.insert(class.id, class.clone()).is_some() {
            return Err(GenesisFault::Duplicate { what: "class", number: class.id.0 });
        }
    }
    Ok(())
}
