//! Which amendments are possible.

use protocol::{
    Amendment, AmendmentFault, Amount, AssetDefinition, AssetId, Class, CollateralTerms, NATIVE,
    ParameterChange, Referee, STABLE,
};

use super::Model;
use super::books::SUPPLY_MAX;
use super::parameters::changed;
use crate::exact::whole;

/// Bytes of a name and of a longer text.
const NAME: usize = 32;
const TEXT: usize = 256;

type Possible = Result<(), AmendmentFault>;

impl Model {
    /// Whether an amendment is possible as the rules now are.
    pub(super) fn possible(&self, referee: &dyn Referee, amendment: &Amendment) -> Possible {
        match amendment {
            Amendment::Parameters { changes } => self.possible_parameters(referee, changes),
            Amendment::Class { class } => self.possible_class(class),
            Amendment::Asset { definition } => self.possible_asset(definition),
            Amendment::Collateral { asset, terms } => self.possible_collateral(*asset, terms),
        }
    }

    fn possible_parameters(&self, referee: &dyn Referee, changes: &[ParameterChange]) -> Possible {
        let changed = changed(&self.parameters, changes).map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            AmendmentFault::Parameters(faults.join("; "))
        })?;
        referee.check_parameters(&changed).map_err(AmendmentFault::Machine)?;
        let (before, after) = (self.parameters.supply_cap, changed.supply_cap);
        let least = Amount::new(self.committed_supply());
        if after < before && after < least {
            return Err(AmendmentFault::CapBelowSupply(after, least));
        }
        something(changed != self.parameters)
    }

    fn possible_class(&self, class: &Class) -> Possible {
        text("the name", &class.name, NAME)?;
        text("the unit", &class.unit, TEXT)?;
        at_most("the bond per unit", class.bond_per_unit.units(), SUPPLY_MAX)?;
        let present = self.classes.get(&class.id);
        if class.challenge != present.and_then(|present| present.challenge) {
            return Err(AmendmentFault::ChallengeFixed(class.id));
        }
        if present.is_none() {
            room(self.classes.len(), self.parameters.classes_max, "classes")?;
        }
        something(present != Some(class))
    }

    fn possible_asset(&self, definition: &AssetDefinition) -> Possible {
        if self.assets.contains_key(&definition.id) {
            return Err(AmendmentFault::AssetExists(definition.id));
        }
        text("the symbol", &definition.symbol, NAME)?;
        at_most("the number of decimals", definition.decimals.into(), 18)?;
        room(self.assets.len(), self.parameters.assets_max, "assets")
    }

    fn possible_collateral(&self, asset: AssetId, terms: &CollateralTerms) -> Possible {
        if [NATIVE, STABLE].contains(&asset) {
            return Err(AmendmentFault::AlwaysCollateral(asset));
        }
        let definition = self.assets.get(&asset).ok_or(AmendmentFault::UnknownAsset(asset))?;
        let price = terms.price.units();
        if price == 0 {
            return Err(AmendmentFault::NoPrice);
        }
        at_most("the price", price, 1_000_000_000_000_000)?;
        at_most("the haircut in ppm", terms.haircut.0.into(), 950_000)?;
        at_most("the cap", terms.cap.units(), SUPPLY_MAX)?;
        let most = terms.cap.units().max(self.staked(asset));
        let unit = 10_u128.pow(definition.decimals.into());
        let worth = (whole(most) * whole(price) / whole(unit)).ceil();
        at_most("the worth of the cap in micro-dollars", worth, SUPPLY_MAX)?;
        something(self.admitted.get(&asset) != Some(terms))
    }
}

fn something(changes: bool) -> Possible {
    if changes { Ok(()) } else { Err(AmendmentFault::NoChange) }
}

fn room(there: usize, limit: u32, what: &str) -> Possible {
    let there = there as u64;
    if there >= limit.into() { Err(AmendmentFault::Full(there, what.into())) } else { Ok(()) }
}

fn at_most(what: &str, value: u128, most: u128) -> Possible {
    if value <= most {
        return Ok(());
    }
    Err(AmendmentFault::TooMuch(what.into(), Amount::new(value), Amount::new(most)))
}

fn text(what: &str, text: &str, most: usize) -> Possible {
    if text.is_empty() || text.len() > most || text.contains(char::is_control) {
        return Err(AmendmentFault::BadText(what.into(), most as u64));
    }
    Ok(())
}
