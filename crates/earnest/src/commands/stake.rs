//! `earnest stake`: collateral.

use anyhow::{Result, bail};
use api::wire::OperatorView;
use protocol::{AccountId, Action, Amount, Duties, Holdings, OperatorStatus, Time};
use serde_json::json;

use super::{Session, afford};
use crate::cli::{Asset, Common, Output, Stake};
use crate::home::{Home, address};
use crate::narrate::{self, duration, holdings};
use crate::output;

/// Operators asked for in one page.
const PAGE: usize = 100;

/// Runs a stake command.
pub(crate) async fn run(command: Stake, common: &Common, home: &Home) -> Result<()> {
    let session = Session::connect(home).await?;
    match command {
        Stake::Bond { wallet, amount, asset } => {
            bond(&session, &Change { wallet, amount, asset }, common, home).await
        }
        Stake::Unbond { wallet, amount, asset } => {
            unbond(&session, &Change { wallet, amount, asset }, common, home).await
        }
        Stake::Show { name } => show(&session, home, common, name.as_deref()).await,
    }
}

/// What to put in or take out.
struct Change {
    wallet: String,
    amount: String,
    asset: Asset,
}

async fn bond(session: &Session, change: &Change, common: &Common, home: &Home) -> Result<()> {
    let Change { wallet, amount, asset } = change;
    let amount = asset.parse(amount)?;
    let account = session.account(home, wallet).await?;
    afford(&account, wallet, *asset, amount).await?;
    let operator = account.id();
    if session.client.operator(operator).await?.is_none() {
        account.send(Action::RegisterOperator { duties: Duties::default() }).await?;
    }
    account.send(Action::Bond { operator, asset: asset.id(), amount }).await?;
    if common.output == Output::Json {
        return output::json(&json!({"operator": operator, "asset": asset.id(), "bonded": amount}));
    }
    output::line(format!("{} bonded by {wallet}", asset.show(amount)))
}

async fn unbond(session: &Session, change: &Change, common: &Common, home: &Home) -> Result<()> {
    let Change { wallet, amount, asset } = change;
    let amount = asset.parse(amount)?;
    let account = session.account(home, wallet).await?;
    let operator = account.id();
    releasable(session, wallet, operator, *asset, amount).await?;
    account.send(Action::Unbond { operator, asset: asset.id(), amount }).await?;
    let wait_ms = session.genesis.parameters.unbonding_ms;
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

async fn show(session: &Session, home: &Home, common: &Common, name: Option<&str>) -> Result<()> {
    let operators = match name {
        Some(name) => session.client.operator(home.account(name)?).await?.into_iter().collect(),
        None => all(session).await?,
    };
    if common.output == Output::Json {
        return output::json(&operators);
    }
    if operators.is_empty() {
        return output::line("no operator: become one with `earnest stake bond WALLET AMOUNT`");
    }
    let now = session.client.status().await?.time;
    let names = session.names(home)?;
    let rows = operators.iter().map(|view| row(view, &names, now));
    let header =
        ["operator", "duties", "bonded", "free", "leaving", "done>", "convicted>", "standing"];
    output::line(output::table(&header, rows))?;
    match operators.as_slice() {
        [one] if name.is_some() => {
            output::line(format!("\naddress {}", address(one.operator.account)))
        }
        _ => Ok(()),
    }
}

async fn all(session: &Session) -> Result<Vec<OperatorView>> {
    let mut operators = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = session.client.operators(after.as_deref(), PAGE).await?;
        operators.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(operators);
        }
    }
}

fn row(view: &OperatorView, names: &narrate::Names, now: Time) -> Vec<String> {
    let operator = &view.operator;
    let mut leaving = Holdings::default();
    for exit in &view.exits {
        leaving.put(exit.exit.asset, exit.amount);
    }
    vec![
        names.of(operator.account),
        duties(operator.duties),
        holdings(&operator.bonded),
        holdings(&view.free),
        holdings(&leaving),
        operator.reliability.jobs_completed.to_string(),
        operator.reliability.convictions.to_string(),
        standing(operator.status, now),
    ]
}

fn duties(duties: Duties) -> String {
    match (duties.provider, duties.validator) {
        (true, true) => "provider, validator",
        (true, false) => "provider",
        (false, true) => "validator",
        (false, false) => "none yet",
    }
    .to_owned()
}

fn standing(status: OperatorStatus, now: Time) -> String {
    match status {
        OperatorStatus::Active => "active".to_owned(),
        OperatorStatus::Jailed(until) if until > now => {
            format!("jailed for {}", duration(until.since_ms(now)))
        }
        OperatorStatus::Jailed(_) => "jailed, may leave".to_owned(),
        OperatorStatus::Tombstoned => "tombstoned".to_owned(),
    }
}
