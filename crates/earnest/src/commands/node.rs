//! `earnest node`: what the network is doing.

use anyhow::Result;
use serde_json::json;

use super::Session;
use crate::cli::{Common, Node, Output};
use crate::home::Home;
use crate::output;

/// Runs a node command.
pub(crate) async fn run(command: Node, common: &Common, home: &Home) -> Result<()> {
    match command {
        Node::Status => status(common, home).await,
    }
}

async fn status(common: &Common, home: &Home) -> Result<()> {
    let session = Session::connect(home).await?;
    let status = session.client.status().await?;
    let supply = session.client.supply().await?;
    if common.output == Output::Json {
        return output::json(
            &json!({"status": status, "supply": supply, "url": session.client.url()}),
        );
    }
    output::line(format!("network  {} ({})", status.network, session.client.url()))?;
    output::line(format!("chain    {}", status.chain))?;
    output::line(format!("height   {}", status.height))?;
    output::line(format!("time     {} s of network time\n", status.time.0 / 1_000))?;
    output::line(crate::books::table(&supply))
}
