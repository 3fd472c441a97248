//! What may be changed, and when a change is possible.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::bonds::worth_ceil;
use crate::genesis::AssetDefinition;
use crate::parameters::{Class, ClassId, ParameterChange};
use crate::primitives::{Amount, AssetId, NATIVE, Ppm, STABLE};
use crate::referee::Referee;
use crate::state::State;

/// Most bytes of a name and of a description.
const NAME_BYTES_MAX: usize = 32;
const TEXT_BYTES_MAX: usize = 256;

/// Most decimals of an asset.
const DECIMALS_MAX: u8 = 18;

/// Most an admitted asset may be priced at, in micro-dollars, and its largest haircut.
const PRICE_MAX: Amount = Amount::new(1_000_000_000_000_000);
const HAIRCUT_MAX: Ppm = Ppm(950_000);

/// How an asset other than native and stable counts as collateral. Its price is governed: reports are of the native
/// token alone, so the haircut has to cover what the price may do until governance can follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CollateralTerms {
    /// Micro-dollars per whole unit.
    pub price: Amount,
    /// What is taken off; a job of longer exposure takes off what it does of native, if that is more.
    pub haircut: Ppm,
    /// Most base units bonded in the whole network. Zero admits no more and leaves what is there.
    pub cap: Amount,
}

/// One change of the rules.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum Amendment {
    /// New values of parameters, together.
    Parameters {
        /// Which, and their new values.
        changes: Vec<ParameterChange>,
    },
    /// A new resource class, or new terms of one.
    Class {
        /// As it shall be.
        class: Class,
    },
    /// A new asset of the registry.
    Asset {
        /// What it is.
        definition: AssetDefinition,
    },
    /// Admits an asset as collateral, or changes its terms.
    Collateral {
        /// Which asset.
        asset: AssetId,
        /// How it counts.
        terms: CollateralTerms,
    },
}

/// Why an amendment is not possible.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, thiserror::Error)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum AmendmentFault {
    /// It leaves everything as it is.
    #[error("it changes nothing")]
    NoChange,
    /// The set of parameters it makes is refused, for these reasons.
    #[error("the parameters it makes are refused: {0}")]
    Parameters(String),
    /// The referee could not run and judge programs within them, for this reason.
    #[error("the machine does not carry out the parameters it makes: {0}")]
    Machine(String),
    /// A name or text that is empty, too long, or not plain.
    #[error("{0} must be plain text of 1 to {1} bytes")]
    BadText(String, u64),
    /// A value out of its bounds.
    #[error("{0} is {1}, it may be at most {2}")]
    TooMuch(String, Amount, Amount),
    /// A price of nothing.
    #[error("a price is at least one micro-dollar")]
    NoPrice,
    /// No room for one more.
    #[error("there are {0} {1} already")]
    Full(u64, String),
    /// An asset of this number exists; what it is never changes.
    #[error("{0} exists already")]
    AssetExists(AssetId),
    /// Such an asset does not exist.
    #[error("{0} is not registered")]
    UnknownAsset(AssetId),
    /// Native and stable are collateral on terms of their own.
    #[error("{0} is collateral by the rules themselves")]
    AlwaysCollateral(AssetId),
    /// Tokens that exist or may by epochs under way cannot be capped away.
    #[error("the supply cap is {0}, {1} are minted or may be by epochs under way")]
    CapBelowSupply(Amount, Amount),
    /// How a class is proven is set at genesis: what its operators may offer was proven that way.
    #[error("how class {0} is proven is fixed at genesis")]
    ChallengeFixed(ClassId),
}

impl State {
    /// Whether an amendment is possible as things are now. What the machine can do the referee says.
    ///
    /// # Errors
    /// [`AmendmentFault`], the first that was found; faults of parameters all together.
    pub fn check_amendment(
        &self,
        referee: &dyn Referee,
        amendment: &Amendment,
    ) -> Result<(), AmendmentFault> {
        match amendment {
            Amendment::Parameters { changes } => self.check_parameters(referee, changes),
            Amendment::Class { class } => self.check_class(class),
            Amendment::Asset { definition } => self.check_asset(definition),
            Amendment::Collateral { asset, terms } => self.check_collateral(*asset, terms),
        }
    }

    fn check_parameters(
        &self,
        referee: &dyn Referee,
        changes: &[ParameterChange],
    ) -> Result<(), AmendmentFault> {
        let changed = self.parameters.with(changes).map_err(|faults| {
            let texts: Vec<String> = faults.iter().map(ToString::to_string).collect();
            AmendmentFault::Parameters(texts.join("; "))
        })?;
        referee.check_parameters(&changed).map_err(AmendmentFault::Machine)?;
        let (cap, least) = (changed.supply_cap, self.supply_committed());
        if cap < self.parameters.supply_cap && cap < least {
            return Err(AmendmentFault::CapBelowSupply(cap, least));
        }
        differs(changed != *self.parameters)
    }

    fn check_class(&self, class: &Class) -> Result<(), AmendmentFault> {
        let Class { id, name, unit, bond_per_unit, .. } = class;
        check_text("the name", name, NAME_BYTES_MAX)?;
        check_text("the unit", unit, TEXT_BYTES_MAX)?;
        check_most("the bond per unit", *bond_per_unit, Amount::SUPPLY_MAX)?;
        let before = self.class(*id);
        if before.and_then(|before| before.challenge) != class.challenge {
            return Err(AmendmentFault::ChallengeFixed(*id));
        }
        if before.is_none() {
            check_room(self.classes.len(), self.parameters.classes_max, "classes")?;
        }
        differs(before != Some(class))
    }

    fn check_asset(&self, definition: &AssetDefinition) -> Result<(), AmendmentFault> {
        let AssetDefinition { id, symbol, decimals, issuer: _ } = definition;
        if self.asset(*id).is_some() {
            return Err(AmendmentFault::AssetExists(*id));
        }
        check_text("the symbol", symbol, NAME_BYTES_MAX)?;
        let count = |number: u8| Amount::new(number.into());
        check_most("the number of decimals", count(*decimals), count(DECIMALS_MAX))?;
        check_room(self.assets.len(), self.parameters.assets_max, "assets")
    }

    fn check_collateral(
        &self,
        asset: AssetId,
        terms: &CollateralTerms,
    ) -> Result<(), AmendmentFault> {
        if asset == NATIVE || asset == STABLE {
            return Err(AmendmentFault::AlwaysCollateral(asset));
        }
        let decimals =
            self.asset(asset).ok_or(AmendmentFault::UnknownAsset(asset))?.definition.decimals;
        if terms.price.is_zero() {
            return Err(AmendmentFault::NoPrice);
        }
        check_most("the price", terms.price, PRICE_MAX)?;
        let rate = |Ppm(rate): Ppm| Amount::new(rate.into());
        check_most("the haircut in ppm", rate(terms.haircut), rate(HAIRCUT_MAX))?;
        check_most("the cap", terms.cap, Amount::SUPPLY_MAX)?;
        // All that is or may be bonded must have a worth that sums can hold.
        let most = terms.cap.max(self.bonded(asset));
        let worth = worth_ceil(most, terms.price, decimals);
        check_most("the worth of the cap in micro-dollars", worth, Amount::SUPPLY_MAX)?;
        differs(self.collateral(asset) != Some(terms))
    }
}

fn differs(differs: bool) -> Result<(), AmendmentFault> {
    if differs { Ok(()) } else { Err(AmendmentFault::NoChange) }
}

fn check_room(there: usize, limit: u32, what: &str) -> Result<(), AmendmentFault> {
    let there = there as u64;
    if there < u64::from(limit) { Ok(()) } else { Err(AmendmentFault::Full(there, what.into())) }
}

fn check_most(what: &str, value: Amount, most: Amount) -> Result<(), AmendmentFault> {
    if value <= most { Ok(()) } else { Err(AmendmentFault::TooMuch(what.into(), value, most)) }
}

fn check_text(what: &str, text: &str, most: usize) -> Result<(), AmendmentFault> {
    let plain = text.chars().all(|character| !character.is_control());
    if plain && (1..=most).contains(&text.len()) {
        return Ok(());
    }
    Err(AmendmentFault::BadText(what.into(), most as u64))
}
