//! `earnest validator`: audit results.

use agents::auditor::{Auditor, Conduct, Policy};
use agents::notice::Notices;
use agents::stop::StopSwitch;
use anyhow::Result;
use protocol::Duties;

use super::{Session, ensure_duties};
use crate::cli::{self, Validator};
use crate::follow::{self, Teller};
use crate::home::Home;

/// Runs a validator command.
pub(crate) async fn run(command: Validator, home: &Home) -> Result<()> {
    let Validator::Run { wallet, watch } = command;
    let session = Session::connect(home).await?;
    let (station, account) = session.station(home, &wallet, &Notices::default()).await?;
    ensure_duties(&account, &wallet, Duties { provider: false, validator: true }).await?;
    let policy = Policy {
        watch: match watch {
            cli::Watch::Drawn => agents::auditor::Watch::Drawn,
            cli::Watch::All => agents::auditor::Watch::All,
        },
        ..Policy::default()
    };
    let (switch, stop) = StopSwitch::new();
    let teller = Teller::new(session.names(home)?);
    let agent = Auditor::open(&station, policy, Conduct::Honest).await?;
    follow::until_interrupted(agent.run(stop), switch, &teller, &station.notices).await?;
    Ok(())
}
