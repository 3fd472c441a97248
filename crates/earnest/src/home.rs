//! Where wallets and networks live, and how names become files and addresses.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use protocol::AccountId;
use wallet::{Address, LocalSigner, Passphrase, keyfile};

use crate::cli::Common;

/// Environment variable with the passphrase of key files, for scripts.
pub(crate) const PASSPHRASE_VARIABLE: &str = "EARNEST_PASSPHRASE";

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
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            bail!("{name:?} is not a wallet name: use up to 64 letters, digits, - and _");
        }
        Ok(self.root.join("wallets").join(format!("{name}.key")))
    }

    /// Names of all wallets, in order.
    pub(crate) fn wallets(&self) -> Result<Vec<String>> {
        let folder = self.root.join("wallets");
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "key") {
                names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
            }
        }
        names.sort();
        Ok(names)
    }

    /// The account behind a wallet name or an address.
    pub(crate) fn account(&self, name: &str) -> Result<AccountId> {
        if let Ok(address) = name.parse::<Address>() {
            return Ok(address.account());
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

    /// Opens a wallet, asking for its passphrase.
    pub(crate) fn unlock(&self, name: &str) -> Result<LocalSigner> {
        self.account(name)?;
        let passphrase = ask_passphrase(&format!("Passphrase of {name}: "))?;
        Ok(keyfile::open(&self.key_file(name)?, &passphrase)?)
    }
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
}
