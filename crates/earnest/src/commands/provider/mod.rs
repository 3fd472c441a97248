//! `earnest provider`: offer compute.

mod device;

use agents::notice::Notices;
use agents::provider::{Conduct, Policy, Provider as Agent, Standing};
use agents::stop::StopSwitch;
use anyhow::Result;
use protocol::{ClassId, Duties};

use super::{Session, ensure_duties};
use crate::cli::{Asset, Common, Provider};
use crate::follow::{self, Teller};
use crate::home::Home;

/// Runs a provider command.
pub(crate) async fn run(command: Provider, common: &Common, home: &Home) -> Result<()> {
    match command {
        Provider::Run { wallet, units, ask, failures_max } => {
            let ask = Asset::Stable.parse(&ask)?;
            let offers = vec![Standing { class: ClassId::CPU, units, ask }];
            let failures_max = u64::from(failures_max);
            work(&wallet, Policy { offers, failures_max, ..Policy::default() }, home).await
        }
        Provider::Device(command) => device::run(command, common, home).await,
    }
}

async fn work(wallet: &str, policy: Policy, home: &Home) -> Result<()> {
    let session = Session::connect(home).await?;
    let (station, account) = session.station(home, wallet, &Notices::default()).await?;
    ensure_duties(&account, wallet, Duties { provider: true, validator: false }).await?;
    let (switch, stop) = StopSwitch::new();
    let teller = Teller::new(session.names(home)?);
    let agent = Agent::open(&station, policy, Conduct::Honest).await?;
    follow::until_interrupted(agent.run(stop), switch, &teller, &station.notices).await?;
    Ok(())
}
