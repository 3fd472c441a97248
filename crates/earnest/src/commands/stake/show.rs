//! Looking at bonds and at what they carry.

use anyhow::Result;
use api::wire::{OperatorView, StandingView, UptimeView};
use protocol::{Band, Duties, Epoch, Holdings, OperatorStatus, PoolView, Time};
use serde_json::json;

use super::{commission_words, rewards};
use crate::cli::{Asset, Common, Output};
use crate::commands::{PAGE, Session, every};
use crate::home::{Home, address};
use crate::narrate::{self, duration, holdings};
use crate::output;
use crate::quantity::percent;

/// Shows a bond and all that it carries, or every bond.
pub(super) async fn show(
    session: &Session,
    home: &Home,
    common: &Common,
    name: Option<&str>,
) -> Result<()> {
    match name {
        Some(name) => one(session, home, common, name).await,
        None => all(session, home, common).await,
    }
}

async fn all(session: &Session, home: &Home, common: &Common) -> Result<()> {
    let client = &session.client;
    let operators =
        every(|after| async move { client.operators(after.as_deref(), PAGE).await }).await?;
    if common.output == Output::Json {
        return output::json(&operators);
    }
    if operators.is_empty() {
        return output::line("no operator: become one with `earnest stake bond WALLET AMOUNT`");
    }
    table(&operators, &session.names(home)?, session.now().await?)
}

async fn one(session: &Session, home: &Home, common: &Common, name: &str) -> Result<()> {
    let account = home.anyone(name)?;
    let view = session.client.operator(account).await?;
    let standing = session.client.standing(account).await?;
    let Some((view, standing)) = view.zip(standing) else {
        return match common.output {
            Output::Json => output::json(&json!({"operator": null, "standing": null})),
            Output::Table => output::line(format!(
                "{name} is no operator: it becomes one with `earnest stake bond {name} AMOUNT`"
            )),
        };
    };
    if common.output == Output::Json {
        return output::json(&json!({"operator": view, "standing": standing}));
    }
    let now = session.now().await?;
    table(std::slice::from_ref(&view), &session.names(home)?, now)?;
    output::line(format!("\naddress    {}", address(account)))?;
    let epoch_ms = session.parameters().await?.epoch_ms;
    for line in carried(&standing, now, epoch_ms) {
        output::line(line)?;
    }
    if let Some(line) = rewards::due_line(&view.rewards) {
        output::line(line)?;
    }
    for exit in &view.exits {
        let (asset, number) = (narrate::asset(exit.exit.asset), exit.number);
        let free = duration(exit.exit.release.since_ms(now));
        output::line(format!(
            "leaving    {}, number {number}, free in {free}",
            asset.show(exit.exit.amount)
        ))?;
    }
    Ok(())
}

fn table(operators: &[OperatorView], names: &narrate::Names, now: Time) -> Result<()> {
    let header =
        ["operator", "duties", "bonded", "free", "leaving", "done>", "convicted>", "standing"];
    output::line(output::table(&header, operators.iter().map(|view| row(view, names, now))))
}

/// What a stake carries, a line to a thing.
fn carried(standing: &StandingView, now: Time, epoch_ms: u64) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(pool) = &standing.pool {
        lines.extend(pool_lines(pool, standing.epoch, epoch_ms));
    }
    if let Some(committed) = &standing.committed {
        lines.push(format!(
            "committed  {} for {} more, counting {} more in rewards",
            Asset::Native.show(committed.amount),
            duration(committed.until.since_ms(now)),
            percent(committed.bonus)
        ));
    }
    let cover = &standing.cover;
    lines.push(format!(
        "cover      {}: {} of open locks, {} to lock",
        band(cover.band),
        Asset::Stable.show(cover.owed),
        Asset::Stable.show(cover.lockable)
    ));
    if let Some(until) = cover.call_until {
        let left = duration(until.since_ms(now));
        lines.push(format!("call       add to the bond or let jobs end within {left}"));
    }
    lines.push(format!("seats      {} on the ledger in this epoch", standing.seats));
    lines.push(format!(
        "weight     {} in rewards, {} in votes",
        Asset::Native.show(standing.reward_weight),
        Asset::Stable.show(standing.vote_weight)
    ));
    lines.push(format!("accuracy   {}", percent(standing.accuracy)));
    lines.extend(standing.uptime.as_ref().map(uptime_line));
    lines
}

fn pool_lines(pool: &PoolView, epoch: Epoch, epoch_ms: u64) -> Vec<String> {
    let mut lines = vec![
        format!(
            "pool       {} delegated, room for {} more",
            Asset::Native.show(pool.tokens),
            Asset::Native.show(pool.room)
        ),
        format!("keeps      {}", commission_words(pool.commission)),
    ];
    if let Some(raise) = pool.raise {
        let wait = raise.from.0.saturating_sub(epoch.0).saturating_mul(epoch_ms);
        lines.push(format!(
            "announced  {}, by {} an epoch from {} on",
            commission_words(raise.to),
            percent(raise.step),
            duration(wait)
        ));
    }
    lines
}

/// An uptime record in a line.
pub(crate) fn uptime_line(uptime: &UptimeView) -> String {
    let share = uptime.share.map_or_else(|| "nothing drawn yet".to_owned(), percent);
    format!(
        "uptime     {} of {} draws answered: {share}; {} of maintenance earned",
        uptime.draws.answered,
        uptime.draws.drawn,
        duration(uptime.credit_ms)
    )
}

const fn band(band: Band) -> &'static str {
    match band {
        Band::Green => "green, takes new jobs",
        Band::Amber => "amber, takes no new jobs",
        Band::Red => "red, takes no new jobs and nothing leaves",
        Band::Black => "black, takes no new jobs, nothing leaves, every draw audits",
    }
}

fn row(view: &OperatorView, names: &narrate::Names, now: Time) -> Vec<String> {
    let operator = &view.operator;
    let mut leaving = Holdings::default();
    for exit in &view.exits {
        leaving.put(exit.exit.asset, exit.exit.amount);
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
