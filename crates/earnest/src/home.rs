//! Where wallets and networks live, and how names become files and addresses.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use protocol::AccountId;
use wallet::{Address, LocalSigner, Passphrase, keyfile};

use crate::cli::Common;

/// Environment variable with the passphrase of key files, for scripts.
pub(crate) const PASSPHRASE_VARIABLE: &str = "EARNEST_PASSPHRASE";

/// Folder of the keys that a devnet makes for itself, in the network's.
pub(crate) const KEYS_FOLDER: &str = "keys";

/// Passphrase of the keys that a devnet makes for itself. They are worth nothing elsewhere; the file form is
/// the same as of every key, so that nothing special has to read them.
pub(crate) const DEVNET_PASSPHRASE: &str = "devnet";

/// Letters of the longest wallet name: fewer than an address has.
const NAME_LETTERS_MAX: usize = 64;

/// The folder with a person's wallets and networks.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    root: PathBuf,
    network: PathBuf,
}

impl Home {
    /// The folders that the arguments name.
    pub(crate) fn resolve(common: &Common) -> Result<Self> {
        let root = match &common.home {
            Some(root) => root.clone(),
            None => std::env::home_dir()
                .context("there is no home folder: name one with --home or EARNEST_HOME")?
                .join(".earnest"),
        };
        let network = common.network.clone().unwrap_or_else(|| root.join("devnet"));
        Ok(Self { root, network })
    }

    /// The folder of the network to talk to.
    pub(crate) fn network(&self) -> &Path {
        &self.network
    }

    /// The folder for what an agent of this account must remember on this network.
    pub(crate) fn agent(&self, account: AccountId) -> PathBuf {
        self.network.join("agents").join(account.to_string())
    }

    /// The key file of a wallet.
    pub(crate) fn key_file(&self, name: &str) -> Result<PathBuf> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > NAME_LETTERS_MAX || !name.chars().all(plain) {
            bail!(
                "{name:?} is not a wallet name: use up to {NAME_LETTERS_MAX} letters, digits, - and _"
            );
        }
        Ok(self.root.join("wallets").join(format!("{name}.key")))
    }

    /// Names of all wallets, in order.
    pub(crate) fn wallets(&self) -> Result<Vec<String>> {
        key_files(&self.root.join("wallets"))
    }

    /// The wallet that is named, or the only one there is.
    pub(crate) fn wallet_or_only(&self, name: Option<&str>) -> Result<String> {
        if let Some(name) = name {
            return Ok(name.to_owned());
        }
        match self.wallets()?.as_slice() {
            [] => bail!("there is no wallet yet: create one with `earnest wallet new NAME`"),
            [only] => Ok(only.clone()),
            many => bail!("which wallet pays? Name one with --wallet: {}", many.join(", ")),
        }
    }

    /// Every account whose name is known here: the network's own, if it was made here, and the wallets.
    pub(crate) fn known(&self) -> Result<Vec<(AccountId, String)>> {
        let mut known = Vec::new();
        for folder in [self.network.join(KEYS_FOLDER), self.root.join("wallets")] {
            for name in key_files(&folder)? {
                // A damaged key file is told of when it is used, not wherever names are shown.
                if let Ok(address) = keyfile::address(&folder.join(format!("{name}.key"))) {
                    known.push((address.account(), name));
                }
            }
        }
        Ok(known)
    }

    /// The account behind a wallet name or an address.
    pub(crate) fn account(&self, name: &str) -> Result<AccountId> {
        if let Ok(address) = name.parse::<Address>() {
            return Ok(address.account());
        }
        if let Some(error) = mistyped(name) {
            bail!("{name} is not an address: {error}");
        }
        let path = self.key_file(name)?;
        if !path.exists() {
            bail!(
                "there is no wallet {name:?} in {}: create it with `earnest wallet new {name}`, or give an address",
                self.root.join("wallets").display()
            );
        }
        Ok(keyfile::address(&path)?.account())
    }

    /// The key of a member of a network made here, if that is what a name means: wallets come first.
    fn member(&self, name: &str) -> Option<PathBuf> {
        let wallet = self.key_file(name).ok()?;
        let member = self.network.join(KEYS_FOLDER).join(format!("{name}.key"));
        (!wallet.exists() && member.exists()).then_some(member)
    }

    /// The account behind a wallet name, an address, or the name of a member of a network made here.
    pub(crate) fn anyone(&self, name: &str) -> Result<AccountId> {
        match self.member(name) {
            Some(member) => Ok(keyfile::address(&member)?.account()),
            None => self.account(name),
        }
    }

    /// Opens a wallet, asking for its passphrase; or the key of a member of a devnet, whose passphrase is known.
    pub(crate) fn unlock(&self, name: &str) -> Result<LocalSigner> {
        if let Some(member) = self.member(name) {
            return Ok(keyfile::open(&member, &Passphrase::new(DEVNET_PASSPHRASE.to_owned())?)?);
        }
        self.account(name)?;
        let passphrase = ask_passphrase(&format!("Passphrase of {name}: "))?;
        Ok(keyfile::open(&self.key_file(name)?, &passphrase)?)
    }
}

/// Names of the key files in a folder, in order; none if there is no such folder.
fn key_files(folder: &Path) -> Result<Vec<String>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "key") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    Ok(names)
}

/// What is wrong with a name that is too long for a wallet and begins like an address.
fn mistyped(name: &str) -> Option<impl std::fmt::Display + use<>> {
    let error = name.parse::<Address>().err()?;
    (name.len() > NAME_LETTERS_MAX && name.starts_with("en")).then_some(error)
}

/// The address people see of an account.
pub(crate) fn address(account: AccountId) -> Address {
    Address::new(account)
}

/// The passphrase from the environment, or from the terminal.
pub(crate) fn ask_passphrase(prompt: &str) -> Result<Passphrase> {
    let text = match std::env::var(PASSPHRASE_VARIABLE) {
        Ok(text) => text,
        Err(_) => rpassword::prompt_password(prompt).with_context(|| {
            format!("no terminal to ask for a passphrase: set {PASSPHRASE_VARIABLE}")
        })?,
    };
    Ok(Passphrase::new(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Output;

    fn home(root: &Path) -> Home {
        let common =
            Common { home: Some(root.to_owned()), network: None, output: Output::Table, yes: true };
        Home::resolve(&common).expect("named")
    }

    #[test]
    fn names_stay_inside_the_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = home(folder.path());
        for name in ["", "../x", "a/b", "a b", "ä", ".hidden"] {
            assert!(home.key_file(name).is_err(), "{name:?}");
        }
        assert!(home.key_file("alice-1").expect("plain").starts_with(folder.path()));
    }

    #[test]
    fn addresses_and_missing_wallets_are_told_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = home(folder.path());
        let account = AccountId([7; 32]);
        assert_eq!(home.account(&address(account).to_string()).expect("an address"), account);
        let error = home.account("nobody").expect_err("no such wallet").to_string();
        assert!(error.contains("earnest wallet new nobody"), "{error}");
        assert!(home.wallets().expect("empty").is_empty());
    }

    #[test]
    fn members_of_a_network_made_here_are_called_by_name_and_wallets_come_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = home(folder.path());
        let passphrase = Passphrase::new("x".to_owned()).expect("not empty");
        let make = |path: &Path| {
            std::fs::create_dir_all(path.parent().expect("in a folder")).expect("made");
            let work = keyfile::WorkFactor::INSTANT;
            let made = keyfile::create(path, &wallet::Seed::random(), &passphrase, work);
            made.expect("written").account()
        };
        let member = make(&home.network().join(KEYS_FOLDER).join("alice.key"));
        assert_eq!(home.anyone("alice").expect("a member"), member);
        assert!(home.account("alice").is_err(), "a member's key is not a wallet");
        let mine = make(&home.key_file("alice").expect("plain"));
        assert_eq!(home.anyone("alice").expect("a wallet"), mine);
        assert!(home.anyone("../alice").is_err() && home.anyone("bob").is_err());
    }
}
