//! Promises: not to leave for a while, and what to keep of others' income.

use anyhow::{Result, bail};
use protocol::{Action, Amount, Commission};
use serde_json::json;

use super::commission_words;
use crate::cli::{Asset, Common, Output};
use crate::commands::Session;
use crate::home::Home;
use crate::narrate::duration;
use crate::output;
use crate::quantity::{parse_percent, percent};

/// Milliseconds of a day.
const DAY_MS: u64 = 86_400_000;

/// Commits everything that a wallet has with an operator, or its own native bond.
pub(super) async fn commit(
    session: &Session,
    (wallet, with, days): (&str, Option<&str>, u32),
    common: &Common,
    home: &Home,
) -> Result<()> {
    let account = session.account(home, wallet).await?;
    let operator = with.map_or(Ok(account.id()), |name| home.anyone(name))?;
    let duration_ms = u64::from(days).saturating_mul(DAY_MS);
    session.act(home, &account, Action::Commit { operator, duration_ms }).await?;
    let standing = session.client.standing(operator).await?;
    let delegation = session.client.delegation(account.id(), operator).await?;
    let own = standing.and_then(|standing| standing.committed);
    let theirs = delegation.as_ref().and_then(|view| view.commitment);
    let Some(commitment) = theirs.or(own) else {
        bail!("the commitment was accepted and is over already");
    };
    if common.output == Output::Json {
        return output::json(
            &json!({"staker": account.id(), "operator": operator, "commitment": commitment}),
        );
    }
    let (what, amount) = match (&delegation, with) {
        (Some(view), Some(name)) => {
            let shares = view.shares.max(Amount::new(1)).units();
            let worth = view.worth.scaled_floor(commitment.amount.units(), shares);
            (format!("with {name}"), worth)
        }
        _ => ("of its own bond".to_owned(), commitment.amount),
    };
    output::line(format!(
        "{wallet} commits {} {what} for {}; it counts {} more in rewards and cannot leave before",
        Asset::Native.show(amount),
        duration(duration_ms),
        percent(commitment.bonus)
    ))
}

/// Sets what an operator keeps of its delegators' income.
pub(super) async fn commission(
    session: &Session,
    (wallet, rewards, fees): (&str, &str, &str),
    common: &Common,
    home: &Home,
) -> Result<()> {
    let commission = Commission { rewards: parse_percent(rewards)?, fees: parse_percent(fees)? };
    let account = session.account(home, wallet).await?;
    let before = session.client.standing(account.id()).await?;
    if before.is_none() {
        bail!("{wallet} has no bond yet: put one up with `earnest stake bond {wallet} AMOUNT`");
    }
    session.act(home, &account, Action::SetCommission { commission }).await?;
    let after = session.client.standing(account.id()).await?;
    let Some((epoch, pool)) = after.and_then(|standing| Some((standing.epoch, standing.pool?)))
    else {
        bail!("the commission was accepted, but {wallet} has no pool");
    };
    if common.output == Output::Json {
        return output::json(&json!({"operator": account.id(), "pool": pool}));
    }
    let opened = before.is_some_and(|standing| standing.pool.is_none());
    let begins = if opened { "opens its pool and keeps" } else { "keeps" };
    output::line(format!("{wallet} {begins} {}", commission_words(pool.commission)))?;
    if let Some(raise) = pool.raise {
        let epoch_ms = session.parameters().await?.epoch_ms;
        let epochs = raise.from.0.saturating_sub(epoch.0);
        output::line(format!(
            "announced: {}, rising by {} an epoch from {} on: whoever disagrees can have left by then",
            commission_words(raise.to),
            percent(raise.step),
            duration(epochs.saturating_mul(epoch_ms))
        ))?;
    }
    Ok(())
}
