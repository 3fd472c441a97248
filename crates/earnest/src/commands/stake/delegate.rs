//! Delegating: in, out, from one operator to another, thinking better of it, being paid.

use agents::account::Account;
use anyhow::{Result, bail};
use protocol::{AccountId, Action, Amount, DelegationView, Time, UndelegationView};
use serde_json::json;

use crate::cli::{Asset, Common, Output};
use crate::commands::{PAGE, Session, afford, every};
use crate::home::Home;
use crate::narrate::{Names, duration};
use crate::output;
use crate::quantity::percent;

/// The word for everything there is.
const ALL: &str = "all";

/// A part of what a wallet has with an operator, or is to have.
pub(super) struct Part {
    pub(super) wallet: String,
    pub(super) operator: String,
    pub(super) amount: String,
}

/// Puts tokens behind an operator.
pub(super) async fn delegate(
    session: &Session,
    part: &Part,
    common: &Common,
    home: &Home,
) -> Result<()> {
    let Part { wallet, operator: name, amount } = part;
    let (operator, amount) = (home.anyone(name)?, Asset::Native.parse(amount)?);
    let account = session.account(home, wallet).await?;
    afford(&account, wallet, Asset::Native, amount).await?;
    session.act(home, &account, Action::Delegate { operator, amount }).await?;
    if common.output == Output::Json {
        return output::json(
            &json!({"delegator": account.id(), "operator": operator, "delegated": amount}),
        );
    }
    output::line(format!("{} of {wallet} delegated to {name}", Asset::Native.show(amount)))
}

/// Begins to take tokens back.
pub(super) async fn undelegate(
    session: &Session,
    part: &Part,
    common: &Common,
    home: &Home,
) -> Result<()> {
    let Part { wallet, operator: name, .. } = part;
    let operator = home.anyone(name)?;
    let account = session.account(home, wallet).await?;
    let Leaving { shares, amount } = leaving(session, &account, operator, part, home).await?;
    session.act(home, &account, Action::Undelegate { operator, shares }).await?;
    let mut leaving = undelegations(session, account.id()).await?;
    leaving.retain(|view| view.operator == operator);
    let Some(leaving) = leaving.pop() else {
        bail!("the undelegation was accepted and is paid out already");
    };
    if common.output == Output::Json {
        return output::json(&json!({
            "delegator": account.id(), "operator": operator, "shares": shares,
            "amount": amount, "leaving": leaving,
        }));
    }
    let wait_ms = leaving.release.since_ms(session.now().await?);
    output::line(format!(
        "{} of {wallet} leaves the pool of {name}; it stays answerable for what happened before and is paid out in {}",
        Asset::Native.show(amount),
        duration(wait_ms)
    ))
}

/// Moves tokens from one operator to another.
pub(super) async fn redelegate(
    session: &Session,
    part: &Part,
    to: &str,
    common: &Common,
    home: &Home,
) -> Result<()> {
    let Part { wallet, operator: name, .. } = part;
    let (source, operator) = (home.anyone(name)?, home.anyone(to)?);
    let account = session.account(home, wallet).await?;
    let Leaving { shares, amount } = leaving(session, &account, source, part, home).await?;
    session.act(home, &account, Action::Redelegate { source, operator, shares }).await?;
    let view = session.client.delegation(account.id(), operator).await?;
    if common.output == Output::Json {
        return output::json(&json!({
            "delegator": account.id(), "source": source, "operator": operator, "shares": shares,
            "amount": amount, "delegation": view,
        }));
    }
    let until = view.and_then(|view| view.hop_until).unwrap_or_default();
    let answers_ms = until.since_ms(session.now().await?);
    output::line(format!(
        "{} of {wallet} moved from {name} to {to}; it answers to {name} for {} more and cannot leave before",
        Asset::Native.show(amount),
        duration(answers_ms)
    ))
}

/// Shares to take out of a pool, and what they are worth.
struct Leaving {
    shares: Amount,
    amount: Amount,
}

/// The shares that so many tokens are: the fewest that are worth so much.
async fn leaving(
    session: &Session,
    account: &Account,
    operator: AccountId,
    part: &Part,
    home: &Home,
) -> Result<Leaving> {
    let Part { wallet, operator: name, amount } = part;
    let Some(view) = session.client.delegation(account.id(), operator).await? else {
        bail!("{wallet} has delegated nothing to {name}: see `earnest stake delegations {wallet}`");
    };
    if amount == ALL && !view.free.is_zero() {
        return Ok(Leaving { shares: view.free, amount: view.free_worth });
    }
    let wanted = if amount == ALL { view.worth } else { Asset::Native.parse(amount)? };
    if wanted.is_zero() {
        bail!("the amount is zero: name one above zero");
    }
    if wanted > view.free_worth || view.free.is_zero() {
        let (names, now) = (session.names(home)?, session.now().await?);
        bail!(
            "{} of what {wallet} has with {name} may leave, this needs {}: it is worth {}{}",
            Asset::Native.show(view.free_worth),
            Asset::Native.show(wanted),
            Asset::Native.show(view.worth),
            kept(&view, &names, now)
        );
    }
    let pool = session.client.standing(operator).await?.and_then(|standing| standing.pool);
    let Some(pool) = pool.filter(|pool| !pool.tokens.is_zero()) else {
        bail!("{name} has no pool any more: its delegations are worth nothing");
    };
    let shares = wanted.scaled_ceil(pool.shares.units(), pool.tokens.units()).min(view.free);
    Ok(Leaving { shares, amount: wanted })
}

/// What keeps a delegation from leaving, in words.
fn kept(view: &DelegationView, names: &Names, now: Time) -> String {
    let mut words = String::new();
    if let Some(commitment) = &view.commitment {
        let left = duration(commitment.until.since_ms(now));
        words.push_str(&format!(", committed for {left} more"));
    }
    if let Some((hop, until)) = view.hop.zip(view.hop_until) {
        let (source, left) = (names.of(hop.source), duration(until.since_ms(now)));
        words.push_str(&format!(", part of it answers to {source} for {left} more"));
    }
    words
}

/// Puts back what is leaving.
pub(super) async fn cancel(
    session: &Session,
    (wallet, number, operator): (&str, u64, Option<&str>),
    common: &Common,
    home: &Home,
) -> Result<()> {
    let account = session.account(home, wallet).await?;
    let (action, amount, pool) = match operator {
        Some(name) => {
            let operator = home.anyone(name)?;
            let amount = undelegated(session, account.id(), operator, number).await?;
            let Some(amount) = amount else {
                bail!(
                    "{wallet} has nothing with number {number} leaving the pool of {name}: see `earnest stake delegations {wallet}`"
                );
            };
            let action = Action::CancelUnbonding { operator, bucket: number };
            (action, Asset::Native.show(amount), format!("the pool of {name}"))
        }
        None => {
            let view = session.client.operator(account.id()).await?;
            let exit = view.into_iter().flat_map(|view| view.exits);
            let Some(exit) = exit.into_iter().find(|exit| exit.number == number) else {
                bail!(
                    "no bond of {wallet} with number {number} is leaving: see `earnest stake show {wallet}`; an undelegation needs --operator"
                );
            };
            let amount = crate::narrate::asset(exit.exit.asset).show(exit.exit.amount);
            let action = Action::CancelExit { operator: account.id(), exit: number };
            (action, amount, format!("the bond of {wallet}"))
        }
    };
    session.act(home, &account, action).await?;
    if common.output == Output::Json {
        return output::json(&json!({"account": account.id(), "number": number, "back": amount}));
    }
    output::line(format!("{amount} is back in {pool}"))
}

/// What is left of an undelegation.
async fn undelegated(
    session: &Session,
    delegator: AccountId,
    operator: AccountId,
    bucket: u64,
) -> Result<Option<Amount>> {
    let found = undelegations(session, delegator).await?;
    let found = found.into_iter().find(|view| view.operator == operator && view.bucket == bucket);
    Ok(found.map(|view| view.amount))
}

async fn undelegations(session: &Session, account: AccountId) -> Result<Vec<UndelegationView>> {
    let client = &session.client;
    let page = |after: Option<String>| async move {
        client.undelegations(account, after.as_deref(), PAGE).await
    };
    Ok(every(page).await?)
}

/// Has everything paid out that a delegation has earned.
pub(super) async fn claim(
    session: &Session,
    (wallet, name): (&str, &str),
    common: &Common,
    home: &Home,
) -> Result<()> {
    let operator = home.anyone(name)?;
    let account = session.account(home, wallet).await?;
    let Some(view) = session.client.delegation(account.id(), operator).await? else {
        bail!("{wallet} has delegated nothing to {name}: see `earnest stake delegations {wallet}`");
    };
    if view.fees_due.is_zero() && view.bonus_due.is_zero() {
        bail!("nothing is due to {wallet} from {name} yet: fees come with its next paid job");
    }
    session.act(home, &account, Action::ClaimFees { operator }).await?;
    if common.output == Output::Json {
        return output::json(&json!({
            "delegator": account.id(), "operator": operator,
            "fees": view.fees_due, "bonus": view.bonus_due,
        }));
    }
    output::line(format!("{} paid to {wallet}", due(&view)))
}

/// What a delegation has earned and not claimed, in words.
fn due(view: &DelegationView) -> String {
    let fees = Asset::Stable.show(view.fees_due);
    if view.bonus_due.is_zero() {
        return fees;
    }
    format!("{fees} and {}", Asset::Native.show(view.bonus_due))
}

/// Shows what an account has delegated, and what of it is leaving.
pub(super) async fn show(
    session: &Session,
    name: &str,
    common: &Common,
    home: &Home,
) -> Result<()> {
    let account = home.anyone(name)?;
    let client = &session.client;
    let page = |after: Option<String>| async move {
        client.delegations(account, after.as_deref(), PAGE).await
    };
    let (delegations, leaving) = (every(page).await?, undelegations(session, account).await?);
    if common.output == Output::Json {
        return output::json(&json!({"delegations": delegations, "leaving": leaving}));
    }
    if delegations.is_empty() && leaving.is_empty() {
        return output::line(format!(
            "{name} has delegated nothing: `earnest stake delegate {name} OPERATOR AMOUNT` does"
        ));
    }
    let (names, now) = (session.names(home)?, session.now().await?);
    if !delegations.is_empty() {
        let rows = delegations.iter().map(|view| row(view, &names, now));
        let header = ["operator", "worth>", "may leave>", "due", "kept by"];
        output::line(output::table(&header, rows))?;
    }
    if !leaving.is_empty() {
        let rows = leaving.iter().map(|view| {
            vec![
                names.of(view.operator),
                Asset::Native.show(view.amount),
                view.bucket.to_string(),
                duration(view.release.since_ms(now)),
            ]
        });
        let header = ["leaving", "amount>", "number>", "paid out in"];
        output::line(output::table(&header, rows))?;
    }
    Ok(())
}

fn row(view: &DelegationView, names: &Names, now: Time) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(commitment) = &view.commitment {
        reasons.push(format!(
            "commitment for {}, counting {} more",
            duration(commitment.until.since_ms(now)),
            percent(commitment.bonus)
        ));
    }
    if let Some((hop, until)) = view.hop.zip(view.hop_until) {
        let left = duration(until.since_ms(now));
        reasons.push(format!("{} for {left}", names.of(hop.source)));
    }
    vec![
        names.of(view.operator),
        Asset::Native.show(view.worth),
        Asset::Native.show(view.free_worth),
        due(view),
        reasons.join("; "),
    ]
}
