//! Networks to start on one machine, and what in them differs from the rules' defaults and why.
//!
//! [`protocol::Parameters::devnet`] is the base of both: the same rates as everywhere, windows of
//! seconds instead of minutes, small bonds. What is set here on top of it is listed where it is set.

use protocol::{
    AccountId, Amount, AssetDefinition, AssetId, Class, Genesis, GenesisBalance, GenesisPot,
    NATIVE, Parameters, Pot, Ppm, STABLE, Time,
};

/// What an account has at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Funding {
    /// Whose.
    pub account: AccountId,
    /// Native base units: fees and bonds.
    pub native: Amount,
    /// Stable base units: prices.
    pub stable: Amount,
}

impl Funding {
    /// So many whole tokens and whole dollars.
    pub const fn whole(account: AccountId, tokens: u64, dollars: u64) -> Self {
        let native = Amount::new(tokens as u128 * WHOLE_TOKEN);
        Self { account, native, stable: Amount::new(dollars as u128 * WHOLE_DOLLAR) }
    }
}

/// Base units of one whole native token: nine decimals.
const WHOLE_TOKEN: u128 = 1_000_000_000;

/// Base units of one whole stable unit: six decimals.
const WHOLE_DOLLAR: u128 = 1_000_000;

/// What the audit pot starts with. Audits are paid from past prices, and a new network has none.
const AUDIT_POT: Amount = Amount::new(10_000 * WHOLE_DOLLAR);

/// A network that one machine keeps: to try things, to develop against.
///
/// `issuer` may mint and burn the stable asset; without one its supply is what is given out here.
pub fn devnet(issuer: Option<AccountId>, funded: &[Funding]) -> Genesis {
    genesis("devnet", local(), issuer, funded)
}

/// A network that shows everything in less than a minute: every new provider is audited, and what
/// nobody disturbs is final in seconds.
pub fn demo(funded: &[Funding]) -> Genesis {
    let parameters = Parameters {
        // The one dishonest provider must meet an auditor in the one job it corrupts, not in every
        // fifth as by default. Nothing else hangs on it: locks follow from the rate.
        audit_rate_new: Ppm(1_000_000),
        // Who runs the demonstration runs its validators: none of them is the friend of a stranger.
        detection: Ppm(1_000_000),
        // Anybody who challenges in the demonstration is a process on the same machine that has
        // re-executed the job before the window opens.
        challenge_ms: 2_000,
        after_answer_ms: 2_000,
        // The data of a job lies in a folder of this machine: who has it answers at once.
        answer_ms: 5_000,
        ..local()
    };
    genesis("demo", parameters, None, funded)
}

/// The rules' own set for one machine, within what the machine judges.
fn local() -> Parameters {
    let parameters = Parameters::devnet();
    Parameters {
        // Larger jobs than the machine steps through cannot be judged.
        steps_max: parameters.steps_max.min(machine::limits::STEPS_MAX),
        ..parameters
    }
}

fn genesis(
    name: &str,
    parameters: Parameters,
    issuer: Option<AccountId>,
    funded: &[Funding],
) -> Genesis {
    Genesis {
        chain_name: name.into(),
        start: Time(0),
        parameters,
        assets: AssetDefinition::seed(issuer),
        classes: Class::devnet(),
        balances: funded.iter().flat_map(balances).collect(),
        pots: vec![GenesisPot { pot: Pot::Audit, asset: STABLE, amount: AUDIT_POT }],
    }
}

fn balances(funding: &Funding) -> impl Iterator<Item = GenesisBalance> + use<> {
    let Funding { account, native, stable } = *funding;
    let balance =
        move |(asset, amount): (AssetId, Amount)| GenesisBalance { account, asset, amount };
    [(NATIVE, native), (STABLE, stable)]
        .into_iter()
        .filter(|(_, amount)| !amount.is_zero())
        .map(balance)
}
