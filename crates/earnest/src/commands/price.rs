//! `earnest price`: what a token counts for.

use anyhow::Result;
use api::wire::PriceView;
use protocol::{Intake, Time};

use super::Session;
use crate::cli::{Asset, Common, Output, Price};
use crate::home::Home;
use crate::narrate::duration;
use crate::output;

/// Runs a price command.
pub(crate) async fn run(command: Price, common: &Common, home: &Home) -> Result<()> {
    let Price::Show = command;
    let session = Session::connect(home).await?;
    let view = session.client.price().await?;
    if common.output == Output::Json {
        return output::json(&view);
    }
    let now = session.now().await?;
    for line in lines(&view, now) {
        output::line(line)?;
    }
    Ok(())
}

fn lines(view: &PriceView, now: Time) -> Vec<String> {
    let token = format!("{} a token", Asset::Stable.show(view.price));
    let source = match &view.reported {
        None => "governed: validators do not report it, a vote on native_price changes it".into(),
        Some(reports) => format!(
            "reported: {} of {} validators have committed in slot {}; last agreed {} ago",
            reports.committed,
            reports.entitled,
            reports.slot,
            duration(now.since_ms(reports.agreed))
        ),
    };
    let mut lines = vec![
        format!("price       {token}"),
        format!("source      {source}"),
        format!("collateral  {} a token, before haircuts", Asset::Stable.show(view.collateral)),
    ];
    if let Some(reports) = &view.reported {
        lines.push(format!("high        {} in the window", Asset::Stable.show(reports.high)));
    }
    lines.push(format!("intake      {}", intake(view.intake, now)));
    lines
}

fn intake(intake: Intake, now: Time) -> String {
    match intake {
        Intake::Open => "open: jobs are assigned".into(),
        Intake::Stale(since) => format!(
            "closed: reports have not agreed for {}; jobs wait until they do",
            duration(now.since_ms(since))
        ),
        Intake::Halted(until) => format!(
            "closed for {} more: the price has fallen too far; jobs wait",
            duration(until.since_ms(now))
        ),
    }
}
