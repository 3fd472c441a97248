//! `earnest provider`: offer compute.

use agents::notice::Notices;
use agents::provider::{Conduct, Policy, Provider as Agent, Standing};
use agents::stop::StopSwitch;
use anyhow::Result;
use protocol::{ClassId, Duties};

use super::{Session, ensure_duties};
use crate::cli::{Asset, Provider};
use crate::follow::{self, Teller};
use crate::home::Home;

/// Runs a provider command.
pub(crate) async fn run(command: Provider, home: &Home) -> Result<()> {
    let Provider::Run { wallet, units, ask, failures_max } = command;
    let ask = Asset::Stable.parse(&ask)?;
    let session = Session::connect(home).await?;
    let (station, account) = session.station(home, &wallet, &Notices::default()).await?;
    ensure_duties(&account, &wallet, Duties { provider: true, validator: false }).await?;
    let policy = Policy {
        offers: vec![Standing { class: ClassId::CPU, units, ask }],
        failures_max: u64::from(failures_max),
        ..Policy::default()
    };
    let (switch, stop) = StopSwitch::new();
    let teller = Teller::new(session.names(home)?);
    let agent = Agent::open(&station, policy, Conduct::Honest).await?;
    follow::until_interrupted(agent.run(stop), switch, &teller, &station.notices).await?;
    Ok(())
}
