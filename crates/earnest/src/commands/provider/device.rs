//! `earnest provider device`: the machines behind an offer, where a class has to be proven.

use anyhow::{Result, anyhow, bail};
use api::wire::{DeviceView, StandingView};
use protocol::{AccountId, Action, DeviceId};
use serde_json::json;

use crate::cli::{Common, Device, Output};
use crate::commands::stake::uptime_line;
use crate::commands::{PAGE, Session, every};
use crate::home::Home;
use crate::narrate::short;
use crate::output;

/// Runs a device command.
pub(super) async fn run(command: Device, common: &Common, home: &Home) -> Result<()> {
    let session = Session::connect(home).await?;
    match command {
        Device::Add { wallet, device, class, units } => {
            let claim = Claim { device: parse(&device)?, class, units };
            add(&session, &wallet, &claim, common, home).await
        }
        Device::Retire { wallet, device } => retire(&session, &wallet, &device, common, home).await,
        Device::List { name } => list(&session, &name, common, home).await,
    }
}

fn parse(device: &str) -> Result<DeviceId> {
    device.parse().map_err(|_| {
        anyhow!("{device:?} names no device: a device is called by its public key, or by the root of what it stores, in 64 hexadecimal digits")
    })
}

/// What a device claims to be.
struct Claim {
    device: DeviceId,
    class: String,
    units: u32,
}

async fn add(
    session: &Session,
    wallet: &str,
    claim: &Claim,
    common: &Common,
    home: &Home,
) -> Result<()> {
    let class = session.class(&claim.class).await?;
    let account = session.account(home, wallet).await?;
    if class.challenge.is_none() {
        bail!(
            "class {} of this network is not proven, so it has no devices: the bond alone limits offers; offer with `earnest provider run {wallet}`",
            class.name
        );
    }
    let Claim { device, units, .. } = *claim;
    let action = Action::RegisterDevice { device, class: class.id, units };
    session.act(home, &account, action).await?;
    if common.output == Output::Json {
        return output::json(&json!({
            "operator": account.id(), "device": device, "class": class.id, "units": units,
        }));
    }
    output::line(format!(
        "device {} of {wallet} registered in class {} with {units} unit(s): it is drawn for uptime from now on, and has to prove its units from the next round on",
        short(&device.to_string()),
        class.name
    ))
}

async fn devices(session: &Session, operator: AccountId) -> Result<Vec<DeviceView>> {
    let client = &session.client;
    let page = |after: Option<String>| async move {
        client.devices(operator, after.as_deref(), PAGE).await
    };
    Ok(every(page).await?)
}

async fn retire(
    session: &Session,
    wallet: &str,
    prefix: &str,
    common: &Common,
    home: &Home,
) -> Result<()> {
    let account = session.account(home, wallet).await?;
    let mut found = devices(session, account.id()).await?;
    found.retain(|view| view.id.to_string().starts_with(prefix));
    let device = match found.as_slice() {
        [] => bail!("{wallet} has no device whose name begins with {prefix:?}"),
        [one] => one.id,
        many => bail!(
            "{} devices have a name that begins with {prefix:?}: write more of it",
            many.len()
        ),
    };
    session.act(home, &account, Action::RetireDevice { device }).await?;
    if common.output == Output::Json {
        return output::json(&json!({"operator": account.id(), "retired": device}));
    }
    output::line(format!("device {} of {wallet} retired", short(&device.to_string())))
}

async fn list(session: &Session, name: &str, common: &Common, home: &Home) -> Result<()> {
    let operator = home.anyone(name)?;
    let Some(standing) = session.client.standing(operator).await? else {
        bail!("{name} is no operator: it becomes one with `earnest stake bond {name} AMOUNT`");
    };
    let devices = devices(session, operator).await?;
    if common.output == Output::Json {
        return output::json(&json!({
            "devices": devices, "uptime": standing.uptime, "capacities": standing.capacities,
        }));
    }
    if devices.is_empty() {
        output::line(format!(
            "{name} has no devices: `earnest provider device add {name} DEVICE` registers one"
        ))?;
    } else {
        table(session, &devices).await?;
    }
    for line in proven(session, &standing).await? {
        output::line(line)?;
    }
    Ok(())
}

async fn table(session: &Session, devices: &[DeviceView]) -> Result<()> {
    let classes = session.classes().await?;
    let class_name = |view: &DeviceView| {
        let class = classes.iter().find(|class| class.id == view.device.class);
        class.map_or_else(|| view.device.class.to_string(), |class| class.name.clone())
    };
    let rows = devices.iter().map(|view| {
        let state = match (view.device.answered, view.device.passed) {
            (None, _) => "has not answered a round yet".to_owned(),
            (Some(epoch), true) => format!("proven in the round of epoch {epoch}"),
            (Some(epoch), false) => format!("failed in the round of epoch {epoch}"),
        };
        vec![short(&view.id.to_string()), class_name(view), view.device.units.to_string(), state]
    });
    output::line(output::table(&["device", "class", "units>", "state"], rows))
}

async fn proven(session: &Session, standing: &StandingView) -> Result<Vec<String>> {
    let mut lines: Vec<String> = standing.uptime.iter().map(uptime_line).collect();
    let classes = session.classes().await?;
    for view in &standing.capacities {
        let class = classes.iter().find(|class| class.id == view.class);
        let name = class.map_or_else(|| view.class.to_string(), |class| class.name.clone());
        lines.push(format!(
            "capacity   {name}: {} unit(s) proven, {} may be offered, {} round(s) failed in a row",
            view.capacity.proven, view.offer_limit, view.capacity.failures
        ));
    }
    Ok(lines)
}
