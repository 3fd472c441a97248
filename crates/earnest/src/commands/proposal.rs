//! `earnest proposal`: changing the rules' own numbers.

use std::cmp::Reverse;

use anyhow::{Result, bail};
use api::wire::{BallotView, ParameterView, ProposalView};
use protocol::{
    AccountId, Action, Amendment, Amount, Ballot, Outcome, ParameterChange, Stage, Time,
};
use serde_json::json;

use super::{PAGE, Session, afford, assignments, confirm, every};
use crate::cli::{Asset, Common, Output, Proposal, Vote};
use crate::home::Home;
use crate::narrate::{Names, amendment, duration};
use crate::output;
use crate::quantity::{self, share};

/// Runs a proposal command.
pub(crate) async fn run(command: Proposal, common: &Common, home: &Home) -> Result<()> {
    let session = Session::connect(home).await?;
    match command {
        Proposal::Submit { wallet, set } => submit(&session, &wallet, &set, common, home).await,
        Proposal::Vote { wallet, number, vote: cast } => {
            vote(&session, (&wallet, number, cast), common, home).await
        }
        Proposal::List => list(&session, common, home).await,
        Proposal::Show { number } => show(&session, number, common, home).await,
    }
}

async fn submit(
    session: &Session,
    wallet: &str,
    set: &[String],
    common: &Common,
    home: &Home,
) -> Result<()> {
    let table = session.parameter_table().await?;
    let changes = changes(&table, set)?;
    let account = session.account(home, wallet).await?;
    let parameters = session.parameters().await?;
    let deposit = parameters.proposal_deposit;
    if !deposit.is_zero() {
        afford(&account, wallet, Asset::Native, deposit).await?;
    }
    confirm(
        common,
        &format!(
            "put down {} of {wallet} as deposit? It burns if validators call the proposal spam.",
            Asset::Native.show(deposit)
        ),
    )?;
    let amendment = Amendment::Parameters { changes };
    session.act(home, &account, Action::Propose { amendment: amendment.clone() }).await?;
    let Some(view) = latest(session, account.id(), &amendment).await? else {
        bail!("the proposal was accepted, but it is not open any more");
    };
    if common.output == Output::Json {
        return output::json(&view);
    }
    output::line(format!(
        "proposal {} submitted; validators vote for {}, the deposit of {} returns unless they call it spam",
        view.proposal.id,
        duration(parameters.voting_ms),
        Asset::Native.show(deposit)
    ))
}

/// The changes that are asked for, by the units of the parameters.
fn changes(table: &[ParameterView], set: &[String]) -> Result<Vec<ParameterChange>> {
    let mut changes = Vec::new();
    for (name, value) in assignments(set)? {
        let Some(view) = table.iter().find(|view| view.name == name) else {
            bail!("there is no parameter {name:?}: `earnest node parameters` lists all");
        };
        let value = quantity::parse(value, &view.unit)?;
        changes.push(ParameterChange { name: name.to_owned(), value });
    }
    Ok(changes)
}

async fn all(session: &Session) -> Result<Vec<ProposalView>> {
    let client = &session.client;
    Ok(every(|after| async move { client.proposals(after.as_deref(), PAGE).await }).await?)
}

/// The last open proposal of somebody for something.
async fn latest(
    session: &Session,
    proposer: AccountId,
    amendment: &Amendment,
) -> Result<Option<ProposalView>> {
    let mut open = all(session).await?;
    open.retain(|view| view.proposal.proposer == proposer);
    open.retain(|view| view.proposal.amendment == *amendment);
    Ok(open.pop())
}

async fn vote(
    session: &Session,
    (wallet, number, vote): (&str, u64, Vote),
    common: &Common,
    home: &Home,
) -> Result<()> {
    let (ballot, word) = match vote {
        Vote::For => (Ballot::For, "for"),
        Vote::Against => (Ballot::Against, "against"),
        Vote::Spam => (Ballot::Spam, "spam to"),
    };
    let account = session.account(home, wallet).await?;
    session.act(home, &account, Action::Vote { proposal: number, ballot }).await?;
    let standing = session.client.standing(account.id()).await?;
    let weight = standing.map_or(Amount::ZERO, |standing| standing.vote_weight);
    if common.output == Output::Json {
        return output::json(&json!({
            "validator": account.id(), "proposal": number, "ballot": ballot, "weight": weight,
        }));
    }
    let weight = Asset::Stable.show(weight);
    output::line(format!("{wallet} votes {word} proposal {number} with the weight of {weight}"))
}

async fn list(session: &Session, common: &Common, home: &Home) -> Result<()> {
    let proposals = all(session).await?;
    if common.output == Output::Json {
        return output::json(&proposals);
    }
    if proposals.is_empty() {
        return output::line(
            "no open proposal: submit one with `earnest proposal submit WALLET --set PARAMETER=VALUE`",
        );
    }
    let (names, now) = (session.names(home)?, session.now().await?);
    let table = session.parameter_table().await?;
    let rows = proposals.iter().map(|view| {
        vec![
            view.proposal.id.to_string(),
            names.of(view.proposal.proposer),
            change_words(&view.proposal.amendment, &table).join(", "),
            stage(view).to_owned(),
            share(view.tally.approve, view.tally.all),
            duration(view.proposal.deadline.since_ms(now)),
        ]
    });
    output::line(output::table(&["number>", "by", "sets", "stage", "for>", "ends in"], rows))
}

async fn show(session: &Session, number: u64, common: &Common, home: &Home) -> Result<()> {
    let Some(view) = session.client.proposal(number).await? else {
        bail!(
            "there is no open proposal {number}: see `earnest proposal list`; one that took effect is in `earnest node parameters`"
        );
    };
    let client = &session.client;
    let page =
        |after: Option<String>| async move { client.ballots(number, after.as_deref(), PAGE).await };
    let mut ballots: Vec<BallotView> = every(page).await?;
    if common.output == Output::Json {
        return output::json(&json!({"proposal": view, "ballots": ballots}));
    }
    let (names, now) = (session.names(home)?, session.now().await?);
    let (table, needed) = (session.parameter_table().await?, session.parameters().await?.approval);
    output::line(format!("proposal  {number} by {}", names.of(view.proposal.proposer)))?;
    for change in change_words(&view.proposal.amendment, &table) {
        output::line(format!("sets      {change}"))?;
    }
    let tally = &view.tally;
    output::line(format!(
        "votes     {} for, {} against, {} spam; {} of all weight must be for it",
        share(tally.approve, tally.all),
        share(tally.oppose, tally.all),
        share(tally.spam, tally.all),
        quantity::percent(needed)
    ))?;
    output::line(format!("stage     {}", outlook(&view, now)))?;
    if ballots.is_empty() {
        return Ok(());
    }
    ballots.sort_by_cached_key(|view| (Reverse(view.weight), names.of(view.validator)));
    let rows = ballots.iter().map(|view| row(view, &names));
    output::line(output::table(&["validator", "vote", "weight>"], rows))
}

fn row(view: &BallotView, names: &Names) -> Vec<String> {
    let word = match view.ballot {
        Ballot::For => "for",
        Ballot::Against => "against",
        Ballot::Spam => "spam",
    };
    vec![names.of(view.validator), word.to_owned(), Asset::Stable.show(view.weight)]
}

const fn stage(view: &ProposalView) -> &'static str {
    match view.proposal.stage {
        Stage::Voting => "vote",
        Stage::Accepted(_) => "accepted, waits",
    }
}

/// Where a proposal is, and what is next.
fn outlook(view: &ProposalView, now: Time) -> String {
    let left = duration(view.proposal.deadline.since_ms(now));
    let Stage::Voting = view.proposal.stage else {
        return format!("accepted; takes effect in {left}");
    };
    let next = match view.outcome {
        Outcome::Accepted => "accepted",
        Outcome::Rejected => "rejected, its deposit returned",
        Outcome::Spam => "rejected as spam, its deposit burned",
    };
    format!("vote, {left} left; if it ended now it would be {next}")
}

/// What an amendment changes, with what is in force.
fn change_words(change: &Amendment, table: &[ParameterView]) -> Vec<String> {
    let Amendment::Parameters { changes } = change else { return vec![amendment(change)] };
    let words = |change: &ParameterChange| {
        let view = table.iter().find(|view| view.name == change.name);
        view.map_or_else(
            || format!("{} = {}", change.name, change.value),
            |view| {
                let [now, then] =
                    [view.value, change.value].map(|value| quantity::show(value, &view.unit));
                format!("{} from {now} to {then}", view.name)
            },
        )
    };
    changes.iter().map(words).collect()
}
