//! `earnest stake`: collateral.

use anyhow::Result;
use api::wire::OperatorView;
use protocol::{Action, Duties, Holdings, OperatorStatus, Time};

use super::Session;
use crate::cli::{Asset, Common, Output, Stake};
use crate::home::{Home, address};
use crate::narrate::{self, holdings};
use crate::output;

/// Operators asked for in one page.
const PAGE: usize = 100;

/// Runs a stake command.
pub(crate) async fn run(command: Stake, common: &Common, home: &Home) -> Result<()> {
    let session = Session::connect(home).await?;
    match command {
        Stake::Bond { wallet, amount, asset } => {
            bond(&session, home, &wallet, &amount, asset).await
        }
        Stake::Unbond { wallet, amount, asset } => {
            unbond(&session, home, &wallet, &amount, asset).await
        }
        Stake::Show { name } => show(&session, home, common, name.as_deref()).await,
    }
}

async fn bond(
    session: &Session,
    home: &Home,
    wallet: &str,
    amount: &str,
    asset: Asset,
) -> Result<()> {
    let amount = asset.parse(amount)?;
    let account = session.account(home, wallet).await?;
    let operator = account.id();
    if session.client.operator(operator).await?.is_none() {
        account.send(Action::RegisterOperator { duties: Duties::default() }).await?;
    }
    account.send(Action::Bond { operator, asset: asset.id(), amount }).await?;
    output::line(format!("{} bonded by {wallet}", asset.show(amount)))
}

async fn unbond(
    session: &Session,
    home: &Home,
    wallet: &str,
    amount: &str,
    asset: Asset,
) -> Result<()> {
    let amount = asset.parse(amount)?;
    let account = session.account(home, wallet).await?;
    let operator = account.id();
    account.send(Action::Unbond { operator, asset: asset.id(), amount }).await?;
    let wait_s = session.genesis.parameters.unbonding_ms / 1_000;
    output::line(format!(
        "{} leaves the bond of {wallet}; it stays answerable for what happened before and is free in {wait_s} s",
        asset.show(amount)
    ))
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
            format!("jailed for {} s", until.since_ms(now) / 1_000)
        }
        OperatorStatus::Jailed(_) => "jailed, may leave".to_owned(),
        OperatorStatus::Tombstoned => "tombstoned".to_owned(),
    }
}
