//! `earnest stake`: collateral, of one's own and behind others.

mod bond;
mod delegate;
mod promise;
mod rewards;
mod show;

use anyhow::Result;
use protocol::Commission;

use self::bond::Change;
use self::delegate::Part;
use super::Session;
use crate::cli::{Common, Stake};
use crate::home::Home;
use crate::quantity::percent;

pub(crate) use show::uptime_line;

/// Runs a stake command.
pub(crate) async fn run(command: Stake, common: &Common, home: &Home) -> Result<()> {
    let session = &Session::connect(home).await?;
    match command {
        Stake::Bond { wallet, amount, asset } => {
            bond::bond(session, &Change { wallet, amount, asset }, common, home).await
        }
        Stake::Unbond { wallet, amount, asset } => {
            bond::unbond(session, &Change { wallet, amount, asset }, common, home).await
        }
        Stake::Show { name } => show::show(session, home, common, name.as_deref()).await,
        Stake::Delegate { wallet, operator, amount } => {
            delegate::delegate(session, &Part { wallet, operator, amount }, common, home).await
        }
        Stake::Undelegate { wallet, operator, amount } => {
            delegate::undelegate(session, &Part { wallet, operator, amount }, common, home).await
        }
        Stake::Redelegate { wallet, from, to, amount } => {
            let part = Part { wallet, operator: from, amount };
            delegate::redelegate(session, &part, &to, common, home).await
        }
        Stake::Cancel { wallet, number, operator } => {
            let operator = operator.as_deref();
            delegate::cancel(session, (&wallet, number, operator), common, home).await
        }
        Stake::Claim { wallet, operator: Some(operator) } => {
            delegate::claim(session, (&wallet, &operator), common, home).await
        }
        Stake::Claim { wallet, operator: None } => {
            rewards::claim(session, &wallet, common, home).await
        }
        Stake::Commit { wallet, operator, days } => {
            let with = operator.as_deref();
            promise::commit(session, (&wallet, with, days), common, home).await
        }
        Stake::Commission { wallet, rewards, fees } => {
            promise::commission(session, (&wallet, &rewards, &fees), common, home).await
        }
        Stake::Delegations { wallet } => delegate::show(session, &wallet, common, home).await,
    }
}

/// What an operator keeps, in words.
fn commission_words(commission: Commission) -> String {
    format!("{} of rewards, {} of fees", percent(commission.rewards), percent(commission.fees))
}
