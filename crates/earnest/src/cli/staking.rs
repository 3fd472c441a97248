//! What can be typed about stakes.

use clap::Subcommand;

use super::Asset;

/// Collateral.
#[derive(Debug, Subcommand)]
pub(crate) enum Stake {
    /// Put tokens behind your duties.
    Bond {
        /// Wallet name.
        wallet: String,
        /// How much, for example 5000.
        #[arg(allow_negative_numbers = true)]
        amount: String,
        /// Which asset.
        #[arg(long, value_enum, default_value_t = Asset::Native)]
        asset: Asset,
    },
    /// Let tokens leave the bond; they stay answerable until the unbonding time is over.
    Unbond {
        /// Wallet name.
        wallet: String,
        /// How much, for example 5000.
        #[arg(allow_negative_numbers = true)]
        amount: String,
        /// Which asset.
        #[arg(long, value_enum, default_value_t = Asset::Native)]
        asset: Asset,
    },
    /// Show a bond: what is free, locked, leaving; of one operator, all that its stake carries.
    Show {
        /// Wallet name or address; every operator if absent.
        name: Option<String>,
    },
    /// Put native tokens behind an operator that has opened its pool: you earn with it and answer for it.
    Delegate {
        /// Wallet that delegates.
        wallet: String,
        /// Operator: wallet name, name of a member of the devnet, or address.
        operator: String,
        /// How many tokens, for example 500.
        #[arg(allow_negative_numbers = true)]
        amount: String,
    },
    /// Take a delegation back; it stays answerable until the unbonding time is over.
    Undelegate {
        /// Wallet that delegated.
        wallet: String,
        /// Operator: wallet name, name of a member of the devnet, or address.
        operator: String,
        /// How many tokens, or `all`.
        #[arg(allow_negative_numbers = true)]
        amount: String,
    },
    /// Move a delegation to another operator at once; it answers to the first one for as long as unbonding lasts.
    Redelegate {
        /// Wallet that delegated.
        wallet: String,
        /// The operator it is with: wallet name, name of a member of the devnet, or address.
        from: String,
        /// The operator it goes to.
        to: String,
        /// How many tokens, or `all`.
        #[arg(allow_negative_numbers = true)]
        amount: String,
    },
    /// Think better of it: put back a bond that is leaving, or an undelegation.
    Cancel {
        /// Wallet name.
        wallet: String,
        /// Number of what is leaving, as `stake show WALLET` or `stake delegations WALLET` has it.
        number: u64,
        /// The operator whose pool an undelegation left; without it, a leaving bond of the wallet's own is put back.
        #[arg(long, value_name = "OPERATOR")]
        operator: Option<String>,
    },
    /// Have everything paid out that a delegation has earned, or an operator in epochs that are closed.
    Claim {
        /// Wallet that delegated, or of an operator.
        wallet: String,
        /// Operator you delegated to: wallet name, name of a member of the devnet, or address. Your own rewards if absent.
        operator: Option<String>,
    },
    /// Promise not to leave for some days, for more weight in rewards: a delegation, or your own native bond.
    #[command(allow_missing_positional = true)]
    Commit {
        /// Wallet name.
        wallet: String,
        /// Operator you delegated to; your own bond if absent.
        operator: Option<String>,
        /// How many days from now.
        days: u32,
    },
    /// Set what you keep of your delegators' income. The first time it opens your pool.
    Commission {
        /// Wallet of an operator.
        wallet: String,
        /// Percent of native rewards, for example 5 or 7.5.
        #[arg(long, value_name = "PERCENT")]
        rewards: String,
        /// Percent of stable fees.
        #[arg(long, value_name = "PERCENT")]
        fees: String,
    },
    /// Show what an account has delegated: worth, what is due, what is leaving.
    Delegations {
        /// Wallet name or address.
        wallet: String,
    },
}

/// Access stake.
#[derive(Debug, Subcommand)]
pub(crate) enum Access {
    /// Lock native tokens: your jobs get turns in proportion, and credit against the protocol's take.
    Lock {
        /// Wallet name.
        wallet: String,
        /// How many tokens, for example 100.
        #[arg(allow_negative_numbers = true)]
        amount: String,
    },
    /// Take them out; they stay answerable until their unbonding time is over.
    Unlock {
        /// Wallet name.
        wallet: String,
        /// How many tokens, or `all`.
        #[arg(allow_negative_numbers = true)]
        amount: String,
    },
    /// Show an account's access stake, its turns and its credit.
    Show {
        /// Wallet name or address.
        name: String,
    },
}

/// Offering compute.
#[derive(Debug, Subcommand)]
pub(crate) enum Provider {
    /// Register if needed, keep an offer standing and run what is assigned, until interrupted.
    Run {
        /// Wallet name; its account must have a bond.
        wallet: String,
        /// Units of compute to offer: jobs at once.
        #[arg(long, default_value_t = 1)]
        units: u32,
        /// Price in dollars of 10^9 metered units.
        #[arg(long, default_value = "0.05")]
        ask: String,
        /// Stop after so many runs in a row that failed on this machine.
        #[arg(long, default_value_t = 3)]
        failures_max: u32,
    },
    /// Say which machines you have, where a class has to be proven.
    #[command(subcommand)]
    Device(Device),
}

/// Machines of a provider.
#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    /// Register a device: from now on it is drawn for uptime and challenged to prove its units.
    Add {
        /// Wallet of the provider.
        wallet: String,
        /// The device's public key, or the root of what it stores: 64 hexadecimal digits.
        device: String,
        /// Resource class, by name or number.
        #[arg(long, default_value = "cpu")]
        class: String,
        /// Units it claims to be.
        #[arg(long, default_value_t = 1)]
        units: u32,
    },
    /// Say that a device is gone.
    Retire {
        /// Wallet of the provider.
        wallet: String,
        /// The device, or the beginning of its name.
        device: String,
    },
    /// Show the devices of a provider, its uptime and what it proved.
    List {
        /// Wallet name, name of a member of the devnet, or address.
        name: String,
    },
}
