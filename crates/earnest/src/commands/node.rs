//! `earnest node`: what the network is doing.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use api::wire::ParameterView;
use serde_json::json;

use super::Session;
use crate::cli::{Common, Node, Output};
use crate::home::Home;
use crate::output;
use crate::quantity;

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
        Node::Parameters { name } => {
            let session = Session::connect(home).await?;
            match name {
                Some(name) => parameter(&session, &name, common).await,
                None => parameters(&session, common).await,
            }
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

async fn parameters(session: &Session, common: &Common) -> Result<()> {
    let table = session.parameter_table().await?;
    if common.output == Output::Json {
        return output::json(&table);
    }
    let rows = table.iter().map(|view| {
        let standard = view.value == view.default;
        let default =
            if standard { String::new() } else { quantity::show(view.default, &view.unit) };
        vec![view.name.clone(), quantity::show(view.value, &view.unit), default]
    });
    output::line(output::table(&["parameter", "in force", "default, where it differs"], rows))
}

async fn parameter(session: &Session, name: &str, common: &Common) -> Result<()> {
    let Some(view) = session.client.parameter(name).await? else {
        let table = session.parameter_table().await?;
        let near: Vec<&str> = table
            .iter()
            .map(|view| view.name.as_str())
            .filter(|known| known.contains(name))
            .collect();
        let near = match near.as_slice() {
            [] => "`earnest node parameters` lists all".to_owned(),
            near => format!("there is {}", near.join(", ")),
        };
        bail!("there is no parameter {name:?}: {near}");
    };
    if common.output == Output::Json {
        return output::json(&view);
    }
    for line in lines(&view) {
        output::line(line)?;
    }
    Ok(())
}

fn lines(view: &ParameterView) -> Vec<String> {
    let show = |value| quantity::show(value, &view.unit);
    let change = match &view.fixed {
        None => format!("earnest proposal submit WALLET --set {}=VALUE", view.name),
        Some(why) => format!("only at genesis: {why}"),
    };
    vec![
        format!("parameter  {}", view.name),
        format!("in force   {}", show(view.value)),
        format!("default    {}", show(view.default)),
        format!("bounds     {} to {}", show(view.minimum), show(view.maximum)),
        format!("unit       {}; in it the value is {}", view.unit, view.value),
        format!("reason     {}", view.reason),
        format!("change     {change}"),
    ]
}
