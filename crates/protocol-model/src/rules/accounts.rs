//! Transfers, minting, burning.

use protocol::{AccountId, Amount, AssetId, Place, Rejection, Why};

use super::books::{Move, SUPPLY_MAX};
use super::{Model, Outcome};

/// An amount has to be something that can exist.
pub(super) fn sensible(units: u128) -> Outcome {
    if units == 0 {
        return Err(Rejection::ZeroAmount);
    }
    if units > SUPPLY_MAX {
        let (amount, limit) = (Amount::new(units), Amount::new(SUPPLY_MAX));
        return Err(Rejection::AmountTooLarge { amount, limit });
    }
    Ok(())
}

impl Model {
    /// Refuses to take more from an account than it has.
    pub(super) fn can_pay(&self, account: AccountId, asset: AssetId, needed: u128) -> Outcome {
        self.can_pay_with(account, asset, needed, 0)
    }

    /// The same for an account that is about to receive something first.
    pub(super) fn can_pay_with(
        &self,
        account: AccountId,
        asset: AssetId,
        needed: u128,
        coming: u128,
    ) -> Outcome {
        let available = self.books.held(Place::Account(account), asset) + coming;
        if available >= needed {
            return Ok(());
        }
        let (needed, available) = (Amount::new(needed), Amount::new(available));
        Err(Rejection::InsufficientBalance { asset, needed, available })
    }

    pub(super) fn transfer(
        &mut self,
        sender: AccountId,
        to: AccountId,
        asset: AssetId,
        units: u128,
    ) -> Outcome {
        sensible(units)?;
        if !self.assets.contains_key(&asset) {
            return Err(Rejection::UnknownAsset { asset });
        }
        self.can_pay(sender, asset, units)?;
        let (from, to) = (Place::Account(sender), Place::Account(to));
        self.shift(Move { from, to, asset, units, why: Why::Transfer, job: None });
        Ok(())
    }

    pub(super) fn mint(
        &mut self,
        sender: AccountId,
        to: AccountId,
        asset: AssetId,
        units: u128,
    ) -> Outcome {
        sensible(units)?;
        self.issues(sender, asset)?;
        let left = self.books.held(Place::Unissued, asset);
        if units > left {
            let (minted, limit) = (Amount::new(SUPPLY_MAX - left), Amount::new(SUPPLY_MAX));
            return Err(Rejection::SupplyLimit { asset, minted, limit });
        }
        let (from, to) = (Place::Unissued, Place::Account(to));
        self.shift(Move { from, to, asset, units, why: Why::Mint, job: None });
        Ok(())
    }

    pub(super) fn burn(&mut self, sender: AccountId, asset: AssetId, units: u128) -> Outcome {
        sensible(units)?;
        self.issues(sender, asset)?;
        self.can_pay(sender, asset, units)?;
        let (from, to) = (Place::Account(sender), Place::Burned);
        self.shift(Move { from, to, asset, units, why: Why::Burn, job: None });
        Ok(())
    }

    fn issues(&self, sender: AccountId, asset: AssetId) -> Outcome {
        match self.assets.get(&asset) {
            None => Err(Rejection::UnknownAsset { asset }),
            Some(definition) if definition.issuer == Some(sender) => Ok(()),
            Some(_) => Err(Rejection::NotIssuer { asset }),
        }
    }
}
