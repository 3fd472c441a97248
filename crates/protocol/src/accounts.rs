//! Transfers, and minting and burning by an asset's issuer.

use crate::books::{Movement, Place, Why};
use crate::primitives::{AccountId, Amount, AssetId};
use crate::rejection::Rejection;
use crate::state::Asset;
use crate::step::Step;

/// Refuses amounts that mean nothing or cannot exist.
pub(crate) fn check_amount(amount: Amount) -> Result<(), Rejection> {
    if amount.is_zero() {
        return Err(Rejection::ZeroAmount);
    }
    check_limit(amount)
}

/// Refuses amounts that cannot exist.
fn check_limit(amount: Amount) -> Result<(), Rejection> {
    let limit = Amount::SUPPLY_MAX;
    if amount > limit { Err(Rejection::AmountTooLarge { amount, limit }) } else { Ok(()) }
}

pub(crate) fn transfer(
    step: &mut Step<'_>,
    sender: AccountId,
    to: AccountId,
    asset: AssetId,
    amount: Amount,
) -> Result<(), Rejection> {
    check_amount(amount)?;
    registered(step, asset)?;
    let (from, to) = (Place::Account(sender), Place::Account(to));
    step.pay(Movement { from, to, asset, amount, why: Why::Transfer, job: None })
}

pub(crate) fn mint(
    step: &mut Step<'_>,
    sender: AccountId,
    to: AccountId,
    asset: AssetId,
    amount: Amount,
) -> Result<(), Rejection> {
    check_amount(amount)?;
    let minted = issued_by(step, sender, asset)?.minted;
    let limit = Amount::SUPPLY_MAX;
    if minted.plus(amount) > limit {
        return Err(Rejection::SupplyLimit { asset, minted, limit });
    }
    let (from, to) = (Place::Unissued, Place::Account(to));
    step.shift(Movement { from, to, asset, amount, why: Why::Mint, job: None });
    Ok(())
}

pub(crate) fn burn(
    step: &mut Step<'_>,
    sender: AccountId,
    asset: AssetId,
    amount: Amount,
) -> Result<(), Rejection> {
    check_amount(amount)?;
    issued_by(step, sender, asset)?;
    let (from, to) = (Place::Account(sender), Place::Burned);
    step.pay(Movement { from, to, asset, amount, why: Why::Burn, job: None })
}

fn registered<'a>(step: &'a Step<'_>, asset: AssetId) -> Result<&'a Asset, Rejection> {
    step.state.asset(asset).ok_or(Rejection::UnknownAsset { asset })
}

fn issued_by<'a>(
    step: &'a Step<'_>,
    sender: AccountId,
    asset: AssetId,
) -> Result<&'a Asset, Rejection> {
    let registered = registered(step, asset)?;
    if registered.definition.issuer != Some(sender) {
        return Err(Rejection::NotIssuer { asset });
    }
    Ok(registered)
}
