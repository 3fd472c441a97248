//! What an operator earns by epoch.

use anyhow::{Result, bail};
use api::wire::RewardsView;
use protocol::Action;
use serde_json::json;

use crate::cli::{Asset, Common, Output};
use crate::commands::Session;
use crate::home::Home;
use crate::output;

/// Has an operator paid for the epochs that are closed.
pub(super) async fn claim(
    session: &Session,
    wallet: &str,
    common: &Common,
    home: &Home,
) -> Result<()> {
    let account = session.account(home, wallet).await?;
    let operator = account.id();
    let Some(view) = session.client.operator(operator).await? else {
        bail!(
            "{wallet} is no operator: name the one it delegated to, `earnest stake claim {wallet} OPERATOR`"
        );
    };
    let due = view.rewards.due;
    if due.is_zero() {
        bail!("nothing is due to {wallet} yet: an epoch is paid when the one after it is over");
    }
    session.act(home, &account, Action::ClaimRewards { operator }).await?;
    if common.output == Output::Json {
        return output::json(&json!({"operator": operator, "rewards": due}));
    }
    output::line(format!("{} paid to {wallet} and its delegators", Asset::Native.show(due)))
}

/// What is due, in a line; none if nothing is.
pub(super) fn due_line(rewards: &RewardsView) -> Option<String> {
    let due = Asset::Native.show(rewards.due);
    (!rewards.due.is_zero()).then(|| format!("rewards    {due} due for epochs that are closed"))
}
