//! The rules' numbers, how they change, and the price, as the API shows them.

use api::wire::{BallotView, Page, ParameterView, PriceView, ProposalView, ReportedView};
use protocol::{
    AccountId, Amount, NATIVE, Oracle, ParameterInfo, Place, Proposal, Stage, State, explain,
};

use crate::backend::page;

/// What a whole native token counts for.
pub(crate) fn price(state: &State) -> PriceView {
    let collateral = state.collateral_price();
    let oracle = state.oracle();
    PriceView {
        price: oracle.map_or(collateral, |oracle| oracle.price),
        collateral,
        reported: oracle.map(|oracle| reported(state, oracle)),
        intake: state.intake(),
        explained: explain::price(state),
    }
}

fn reported(state: &State, oracle: &Oracle) -> ReportedView {
    let high = state.prices().map(|(_, price)| price).max();
    let committed = |(_, report): &(AccountId, &protocol::Report)| report.commitment.is_some();
    ReportedView {
        slot: oracle.slot,
        until: oracle.until,
        agreed: oracle.agreed,
        high: high.unwrap_or(oracle.price),
        entitled: state.reports(oracle.slot).count() as u64,
        committed: state.reports(oracle.slot).filter(committed).count() as u64,
    }
}

/// The parameters in force, in order of name, behind one.
pub(crate) fn parameters(state: &State, after: Option<&str>, limit: usize) -> Page<ParameterView> {
    let mut table = state.parameters().table();
    table.sort_unstable_by_key(|info| info.name);
    let behind = table.iter().filter(|info| after.is_none_or(|after| info.name > after));
    page(behind, limit, |info| info.name, parameter_view)
}

/// One parameter.
pub(crate) fn parameter(state: &State, name: &str) -> Option<ParameterView> {
    let table = state.parameters().table();
    table.iter().find(|info| info.name == name).map(parameter_view)
}

fn parameter_view(info: &ParameterInfo) -> ParameterView {
    let ParameterInfo { name, unit, minimum, maximum, default, value, reason, fixed } = *info;
    ParameterView {
        name: name.into(),
        value,
        unit: unit.into(),
        minimum,
        maximum,
        default,
        reason: reason.into(),
        fixed: fixed.map(Into::into),
    }
}

/// Open proposals behind one.
pub(crate) fn proposals(state: &State, after: Option<u64>, limit: usize) -> Page<ProposalView> {
    let behind = state.proposals().filter(|proposal| Some(proposal.id) > after);
    page(behind, limit, |proposal| proposal.id, |proposal| proposal_view(state, proposal))
}

/// One open proposal.
pub(crate) fn proposal(state: &State, number: u64) -> Option<ProposalView> {
    state.proposal(number).map(|proposal| proposal_view(state, proposal))
}

fn proposal_view(state: &State, proposal: &Proposal) -> ProposalView {
    let tally = match proposal.stage {
        Stage::Voting => state.tally(proposal.id),
        Stage::Accepted(tally) => tally,
    };
    ProposalView {
        proposal: proposal.clone(),
        deposit: state.held(Place::Deposit(proposal.id), NATIVE),
        tally,
        outcome: tally.outcome(state.parameters()),
        explained: explain::vote(state, proposal.id).unwrap_or_default(),
    }
}

/// Who votes how on a proposal, behind one validator.
pub(crate) fn ballots(
    state: &State,
    proposal: u64,
    after: Option<AccountId>,
    limit: usize,
) -> Page<BallotView> {
    let behind = state.ballots(proposal).filter(|(validator, _)| Some(*validator) > after);
    let weight = |validator| -> Amount { state.validator_weight(validator) };
    let view = |(validator, ballot)| BallotView { validator, ballot, weight: weight(validator) };
    page(behind, limit, |(validator, _)| validator, view)
}
