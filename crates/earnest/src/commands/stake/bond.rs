//! Bonding and unbonding.

use anyhow::{Result, bail};
use protocol::{AccountId, Action, Amount, Duties};
use serde_json::json;

use crate::cli::{Asset, Common, Output};
use crate::commands::{Session, afford};
use crate::home::Home;
use crate::narrate::duration;
use crate::output;

/// What to put in or take out.
pub(super) struct Change {
    pub(super) wallet: String,
    pub(super) amount: String,
    pub(super) asset: Asset,
}

/// Adds to a bond; the first time its account becomes an operator.
pub(super) async fn bond(
    session: &Session,
    change: &Change,
    common: &Common,
    home: &Home,
) -> Result<()> {
    let Change { wallet, amount, asset } = change;
    let amount = asset.parse(amount)?;
    let account = session.account(home, wallet).await?;
    afford(&account, wallet, *asset, amount).await?;
    let operator = account.id();
    if session.client.operator(operator).await?.is_none() {
        account.send(Action::RegisterOperator { duties: Duties::default() }).await?;
    }
    session.act(home, &account, Action::Bond { operator, asset: asset.id(), amount }).await?;
    if common.output == Output::Json {
        return output::json(&json!({"operator": operator, "asset": asset.id(), "bonded": amount}));
    }
    output::line(format!("{} bonded by {wallet}", asset.show(amount)))
}

/// Lets some of a bond leave.
pub(super) async fn unbond(
    session: &Session,
    change: &Change,
    common: &Common,
    home: &Home,
) -> Result<()> {
    let Change { wallet, amount, asset } = change;
    let amount = asset.parse(amount)?;
    let account = session.account(home, wallet).await?;
    let operator = account.id();
    releasable(session, wallet, operator, *asset, amount).await?;
    session.act(home, &account, Action::Unbond { operator, asset: asset.id(), amount }).await?;
    let wait_ms = session.parameters().await?.unbonding_ms;
    if common.output == Output::Json {
        return output::json(&json!({
            "operator": operator, "asset": asset.id(), "leaving": amount, "unbonding_ms": wait_ms,
        }));
    }
    output::line(format!(
        "{} leaves the bond of {wallet}; it stays answerable for what happened before and is free in {}",
        asset.show(amount),
        duration(wait_ms)
    ))
}

/// Makes sure that so much of a bond is free, before a fee is paid for being told so.
async fn releasable(
    session: &Session,
    wallet: &str,
    operator: AccountId,
    asset: Asset,
    amount: Amount,
) -> Result<()> {
    let Some(view) = session.client.operator(operator).await? else {
        bail!("{wallet} has no bond: there is nothing to unbond");
    };
    if amount.is_zero() {
        bail!("the amount is zero: name one above zero");
    }
    let (free, bonded) = (view.free.of(asset.id()), view.operator.bonded.of(asset.id()));
    if amount > free {
        bail!(
            "{} of the bond of {wallet} are free, this needs {}: it has bonded {}, and {} are locked for jobs",
            asset.show(free),
            asset.show(amount),
            asset.show(bonded),
            asset.show(bonded.saturating_sub(free))
        );
    }
    Ok(())
}
