//! `earnest access`: turns and credit for stake.

use anyhow::{Result, bail};
use api::wire::AccessView;
use protocol::{Action, Time};
use serde_json::json;

use super::{Session, afford};
use crate::cli::{Access, Asset, Common, Output};
use crate::home::Home;
use crate::narrate::duration;
use crate::output;
use crate::quantity::{percent, share};

/// The word for everything there is.
const ALL: &str = "all";

/// Runs an access command.
pub(crate) async fn run(command: Access, common: &Common, home: &Home) -> Result<()> {
    let session = Session::connect(home).await?;
    match command {
        Access::Lock { wallet, amount } => lock(&session, &wallet, &amount, common, home).await,
        Access::Unlock { wallet, amount } => unlock(&session, &wallet, &amount, common, home).await,
        Access::Show { name } => show(&session, &name, common, home).await,
    }
}

async fn lock(
    session: &Session,
    wallet: &str,
    amount: &str,
    common: &Common,
    home: &Home,
) -> Result<()> {
    let amount = Asset::Native.parse(amount)?;
    let account = session.account(home, wallet).await?;
    afford(&account, wallet, Asset::Native, amount).await?;
    session.act(home, &account, Action::LockAccess { amount }).await?;
    if common.output == Output::Json {
        return output::json(&json!({"account": account.id(), "locked": amount}));
    }
    output::line(format!("{} of {wallet} locked for access", Asset::Native.show(amount)))
}

async fn unlock(
    session: &Session,
    wallet: &str,
    amount: &str,
    common: &Common,
    home: &Home,
) -> Result<()> {
    let account = session.account(home, wallet).await?;
    let locked = session.client.access(account.id()).await?.stake;
    if locked.is_zero() {
        bail!("{wallet} has no access stake: there is nothing to unlock");
    }
    let amount = if amount == ALL { locked } else { Asset::Native.parse(amount)? };
    session.act(home, &account, Action::UnlockAccess { amount }).await?;
    let wait_ms = session.parameters().await?.access_unbonding_ms;
    if common.output == Output::Json {
        return output::json(
            &json!({"account": account.id(), "leaving": amount, "unbonding_ms": wait_ms}),
        );
    }
    output::line(format!(
        "{} of {wallet} leaves its access stake; it stays answerable for what happened before and is free in {}",
        Asset::Native.show(amount),
        duration(wait_ms)
    ))
}

async fn show(session: &Session, name: &str, common: &Common, home: &Home) -> Result<()> {
    let view = session.client.access(home.anyone(name)?).await?;
    if common.output == Output::Json {
        return output::json(&view);
    }
    let kept = session.parameters().await?.unstaked_share;
    let now = session.now().await?;
    for line in lines(&view, &percent(kept), now) {
        output::line(line)?;
    }
    Ok(())
}

fn lines(view: &AccessView, kept: &str, now: Time) -> Vec<String> {
    let mut lines = vec![
        format!("locked   {}", Asset::Native.show(view.stake)),
        if view.stake.is_zero() {
            format!("turns    by arrival; {kept} of the work is kept for that")
        } else {
            let share = share(view.stake, view.all);
            format!("turns    {share} of the work that stakers get, at least")
        },
        format!("credit   {} against the protocol's take", Asset::Stable.show(view.credit)),
    ];
    for exit in &view.exits {
        lines.push(format!(
            "leaving  {}, free in {}",
            Asset::Native.show(exit.amount),
            duration(exit.exit.release.since_ms(now))
        ));
    }
    lines
}
