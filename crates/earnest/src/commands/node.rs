//! `earnest node`: what the network is doing.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;

use super::Session;
use crate::cli::{Common, Node, Output};
use crate::home::Home;
use crate::output;

/// How long `--wait` waits for the node.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// Pause between two tries.
const PAUSE: Duration = Duration::from_millis(100);

/// Runs a node command.
pub(crate) async fn run(command: Node, common: &Common, home: &Home) -> Result<()> {
    match command {
        Node::Status { wait } => {
            let session =
                if wait { connect_in_time(home).await } else { Session::connect(home).await };
            status(&session?, common).await
        }
    }
}

/// A session as soon as there is one, or why there is none after all.
async fn connect_in_time(home: &Home) -> Result<Session> {
    let give_up = Instant::now() + WAIT_MAX;
    loop {
        match Session::connect(home).await {
            Err(_) if Instant::now() < give_up => tokio::time::sleep(PAUSE).await,
            connected => return connected,
        }
    }
}

async fn status(session: &Session, common: &Common) -> Result<()> {
    let status = session.client.status().await?;
    let supply = session.client.supply().await?;
    if common.output == Output::Json {
        return output::json(
            &json!({"status": status, "supply": supply, "url": session.client.url()}),
        );
    }
    let url = session.client.url().trim_end_matches('/');
    output::line(format!("network  {} ({url})", status.network))?;
    output::line(format!("chain    {}", status.chain))?;
    output::line(format!("height   {}", status.height))?;
    output::line(format!("time     {} s of network time\n", status.time.0 / 1_000))?;
    output::line(crate::books::table(&supply))
}
