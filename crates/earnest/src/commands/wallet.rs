//! `earnest wallet`: keys and balances.

use std::io::IsTerminal;

use anyhow::{Context, Result, bail};
use protocol::{AccountId, Action, Amount};
use serde::Serialize;
use serde_json::json;
use wallet::{Passphrase, Phrase, Role, keyfile};

use super::{Session, afford, confirm};
use crate::cli::{Asset, Common, Output, Wallet};
use crate::home::{Home, PASSPHRASE_VARIABLE, address, ask_passphrase};
use crate::{narrate, output};

/// Number of the key that a wallet holds among those of its phrase.
const ACCOUNT: u32 = 0;

/// Letters of an address in a list.
const ADDRESS_SHOWN: usize = 12;

/// Runs a wallet command.
pub(crate) async fn run(command: Wallet, common: &Common, home: &Home) -> Result<()> {
    match command {
        Wallet::New { name, restore } => create(&name, restore, common, home),
        Wallet::Show { name } => show(name.as_deref(), common, home).await,
        Wallet::Send { from, to, amount, asset } => {
            let payment =
                Payment { from, to: home.account(&to)?, asset, amount: asset.parse(&amount)? };
            send(&payment, common, home).await
        }
    }
}

/// Who pays whom how much.
struct Payment {
    from: String,
    to: AccountId,
    asset: Asset,
    amount: Amount,
}

async fn send(payment: &Payment, common: &Common, home: &Home) -> Result<()> {
    let Payment { from, to, asset, amount } = payment;
    let session = Session::connect(home).await?;
    let account = session.account(home, from).await?;
    afford(&account, from, *asset, *amount).await?;
    let (paid, payee) = (asset.show(*amount), address(*to));
    confirm(common, &format!("pay {paid} from {from} to {payee}? It cannot be taken back."))?;
    account.send(Action::Transfer { to: *to, asset: asset.id(), amount: *amount }).await?;
    if common.output == Output::Json {
        return output::json(
            &json!({"to": payee.to_string(), "asset": asset.id(), "paid": amount}),
        );
    }
    output::line(format!("{paid} paid to {payee}"))
}

#[derive(Serialize)]
struct Created {
    name: String,
    address: String,
    key_file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    phrase: Option<String>,
}

fn create(name: &str, restore: bool, common: &Common, home: &Home) -> Result<()> {
    let path = home.key_file(name)?;
    if path.exists() {
        bail!("there is a wallet {name:?} already ({}): choose another name", path.display());
    }
    let phrase = if restore { ask_phrase()? } else { Phrase::random() };
    let seed = phrase.derive(ACCOUNT, Role::Operator)?;
    let passphrase = new_passphrase(name)?;
    let folder = path.parent().context("a key file is in a folder")?;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot create the folder {}", folder.display()))?;
    let created = keyfile::create(&path, &seed, &passphrase, keyfile::WorkFactor::DEFAULT)?;
    let created = Created {
        name: name.to_owned(),
        address: created.to_string(),
        key_file: path.display().to_string(),
        phrase: (!restore).then(|| phrase.reveal().to_string()),
    };
    match common.output {
        Output::Json => output::json(&created),
        Output::Table => present(&created),
    }
}

fn present(created: &Created) -> Result<()> {
    output::line(format!("wallet    {}", created.name))?;
    output::line(format!("address   {}", created.address))?;
    output::line(format!("key file  {}", created.key_file))?;
    if let Some(phrase) = &created.phrase {
        output::line("\nThese 24 words are the key. They are shown once: write them on paper.\n")?;
        for line in phrase.split(' ').collect::<Vec<_>>().chunks(6) {
            output::line(format!("    {}", line.join(" ")))?;
        }
    }
    Ok(())
}

fn ask_phrase() -> Result<Phrase> {
    let words = if std::io::stdin().is_terminal() {
        rpassword::prompt_password("24 words: ")?
    } else {
        std::io::read_to_string(std::io::stdin())?
    };
    Ok(Phrase::parse(&words)?)
}

/// A passphrase for a new key, asked twice so that a slip of the finger locks nobody out.
fn new_passphrase(name: &str) -> Result<Passphrase> {
    let prompt = format!("New passphrase for {name}: ");
    if std::env::var_os(PASSPHRASE_VARIABLE).is_some() {
        return ask_passphrase(&prompt);
    }
    let first = rpassword::prompt_password(prompt).with_context(|| {
        format!("no terminal to ask for a passphrase: set {PASSPHRASE_VARIABLE}")
    })?;
    if first != rpassword::prompt_password("The same again: ")? {
        bail!("the two passphrases differ: nothing was created");
    }
    Ok(Passphrase::new(first)?)
}

#[derive(Serialize)]
struct Shown {
    name: String,
    address: String,
    balances: protocol::Holdings,
    bonded: protocol::Holdings,
    transactions: u64,
}

async fn show(name: Option<&str>, common: &Common, home: &Home) -> Result<()> {
    let names = match name {
        Some(name) => vec![name.to_owned()],
        None => home.wallets()?,
    };
    let mut accounts = Vec::new();
    for each in names {
        match home.account(&each) {
            Ok(account) => accounts.push((each, account)),
            // One damaged file does not hide the others.
            Err(error) if name.is_none() => output::say(format_args!("wallet {each}: {error:#}")),
            Err(error) => return Err(error),
        }
    }
    if accounts.is_empty() {
        bail!("there is no wallet yet: create one with `earnest wallet new NAME`");
    }
    let Ok(session) = Session::connect(home).await else {
        return addresses_only(&accounts, common);
    };
    let mut shown = Vec::new();
    for (name, account) in accounts {
        let view = session.client.account(account).await?;
        let operator = session.client.operator(account).await?;
        shown.push(Shown {
            name,
            address: address(account).to_string(),
            balances: view.balances,
            bonded: operator.map(|view| view.operator.bonded).unwrap_or_default(),
            transactions: view.nonce.0,
        });
    }
    if common.output == Output::Json {
        return output::json(&shown);
    }
    match shown.as_slice() {
        [one] if name.is_some() => in_full(one),
        many => output::line(output::table(
            &["wallet", "balance", "bonded", "address"],
            many.iter().map(Shown::row),
        )),
    }
}

impl Shown {
    /// One of many: whoever wants the whole address asks for one wallet.
    fn row(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            narrate::holdings(&self.balances),
            narrate::holdings(&self.bonded),
            format!("{}...", self.address.chars().take(ADDRESS_SHOWN).collect::<String>()),
        ]
    }
}

fn in_full(shown: &Shown) -> Result<()> {
    output::line(format!("wallet   {}", shown.name))?;
    output::line(format!("address  {}", shown.address))?;
    output::line(format!("balance  {}", narrate::holdings(&shown.balances)))?;
    output::line(format!("bonded   {}", narrate::holdings(&shown.bonded)))?;
    output::line(format!("sent     {} transactions", shown.transactions))
}

/// Without a network there are still addresses to show.
fn addresses_only(accounts: &[(String, AccountId)], common: &Common) -> Result<()> {
    output::say("no network is running: addresses only");
    if common.output == Output::Json {
        let list: Vec<_> = accounts
            .iter()
            .map(|(name, account)| serde_json::json!({"name": name, "address": address(*account).to_string()}))
            .collect();
        return output::json(&list);
    }
    let rows =
        accounts.iter().map(|(name, account)| vec![name.clone(), address(*account).to_string()]);
    output::line(output::table(&["wallet", "address"], rows))
}
