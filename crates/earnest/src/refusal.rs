//! What the rules refuse, in tokens, dollars, names and durations instead of base units, keys and instants.

use protocol::{Amount, AssetId, Rejection, Time};

use crate::cli::Asset;
use crate::narrate::{Names, duration};
use crate::quantity::percent;

/// What is wrong, with the arithmetic in it, and what to do.
pub(crate) fn words(rejection: &Rejection, names: &Names, now: Time) -> String {
    staking(rejection, names, now)
        .or_else(|| money(rejection, names, now))
        .unwrap_or_else(|| format!("{rejection}: {}", rejection.advice()))
}

fn earn(amount: Amount) -> String {
    Asset::Native.show(amount)
}

fn dollars(amount: Amount) -> String {
    Asset::Stable.show(amount)
}

fn of(asset: AssetId, amount: Amount) -> String {
    crate::narrate::asset(asset).show(amount)
}

fn staking(rejection: &Rejection, names: &Names, now: Time) -> Option<String> {
    let left = |until: Time| duration(until.since_ms(now));
    Some(match rejection {
        Rejection::NotAnOperator { account } => {
            format!("{} is not an operator: whoever bonds becomes one", names.of(*account))
        }
        Rejection::PoolNotOpen { operator } => {
            let operator = names.of(*operator);
            format!(
                "{operator} has not opened a pool: choose another operator, or let {operator} set its commission first"
            )
        }
        Rejection::OwnPool { operator } => {
            format!("{} is your own operator: add to its bond instead", names.of(*operator))
        }
        Rejection::DelegationTooSmall { amount, minimum } => format!(
            "the delegation would be worth {}, the least is {}: delegate more",
            earn(*amount),
            earn(*minimum)
        ),
        Rejection::SelfBondTooSmall { bonded, minimum } => format!(
            "the operator has bonded {} itself, it takes delegations from {} on: wait for it to bond more, or choose another",
            earn(*bonded),
            earn(*minimum)
        ),
        Rejection::DelegationCap { amount, room } => format!(
            "the operator's own bond carries {} more, this is {}: delegate less, or to another operator as well",
            earn(*room),
            earn(*amount)
        ),
        Rejection::NoDelegation { operator } => {
            format!(
                "there is no delegation to {}: see `earnest stake delegations`",
                names.of(*operator)
            )
        }
        Rejection::DustLeft { left, minimum } => format!(
            "{} would stay behind, the least is {}: take `all`, or leave more",
            earn(*left),
            earn(*minimum)
        ),
        Rejection::HopOpen { operator, until } => format!(
            "an earlier redelegation to {} answers to where it came from for {} more: wait, or choose another operator",
            names.of(*operator),
            left(*until)
        ),
        Rejection::SamePool { operator } => {
            format!("it is with {} already: name another operator", names.of(*operator))
        }
        Rejection::NotAShare { rate } => {
            format!("a commission of {} is more than the whole: name at most 100", percent(*rate))
        }
        Rejection::CommitmentLength { duration_ms, minimum, maximum } => format!(
            "a commitment lasts from {} to {}, this is {}: choose a length within",
            duration(*minimum),
            duration(*maximum),
            duration(*duration_ms)
        ),
        Rejection::CommitmentShortened { until, wanted } => format!(
            "it is committed for {} already, {} would be shorter: a promise is kept, commit for longer",
            left(*until),
            left(*wanted)
        ),
        Rejection::NothingToCommit { operator } => format!(
            "there is nothing with {} to commit: delegate or bond native tokens first",
            names.of(*operator)
        ),
        _ => return None,
    })
}

fn money(rejection: &Rejection, names: &Names, now: Time) -> Option<String> {
    let left = |until: Time| duration(until.since_ms(now));
    Some(match rejection {
        Rejection::CannotPayFee { fee, available } => format!(
            "the fee is {}, the account has {}: get native tokens first",
            earn(*fee),
            earn(*available)
        ),
        Rejection::InsufficientBalance { asset, needed, available } => format!(
            "the account has {}, this needs {}: {} more",
            of(*asset, *available),
            of(*asset, *needed),
            of(*asset, needed.saturating_sub(*available))
        ),
        Rejection::BondCommitted { needed, free, until } => format!(
            "{} is asked, all but {} is committed for {} more: wait until then, or ask for less",
            earn(*needed),
            earn(*free),
            left(*until)
        ),
        Rejection::BondNeeded { required, left } => format!(
            "duties and offers need a bond of {}, {} would be left: give up some first, or ask for less",
            dollars(*required),
            dollars(*left)
        ),
        Rejection::CollateralThin { owed, worth } => format!(
            "open locks are {}, and {} would be left for them: wait for jobs to end, or ask for less",
            dollars(*owed),
            dollars(*worth)
        ),
        Rejection::InsufficientAccess { needed, locked } => format!(
            "the access stake is {}, this asks for {}: ask for less, or for `all`",
            earn(*locked),
            earn(*needed)
        ),
        Rejection::AccessBelowMinimum { stake, minimum } => format!(
            "the access stake would be {}, the least is {}: lock more, or unlock `all`",
            earn(*stake),
            earn(*minimum)
        ),
        Rejection::NotVoter { account } => format!(
            "{} is not an active validator: only validators vote, each with the weight of its bond",
            names.of(*account)
        ),
        Rejection::VoteOver { proposal } => {
            format!("the vote on proposal {proposal} is over: it waits for its time")
        }
        Rejection::UnknownProposal { proposal } => {
            format!("there is no open proposal {proposal}: see `earnest proposal list`")
        }
        _ => return None,
    })
}
