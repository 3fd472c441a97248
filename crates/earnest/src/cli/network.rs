//! What can be typed about the network and its rules.

use clap::{Subcommand, ValueEnum};

/// Proposals.
#[derive(Debug, Subcommand)]
pub(crate) enum Proposal {
    /// Put new values of parameters to the vote, against a deposit; asks before it does.
    Submit {
        /// Wallet that puts down the deposit.
        wallet: String,
        /// A parameter and its new value, in its unit; a rate may be in percent, a time in s, m, h or d. May be repeated.
        #[arg(long, value_name = "PARAMETER=VALUE", required = true)]
        set: Vec<String>,
    },
    /// Vote as a validator; the latest ballot before the end counts.
    Vote {
        /// Wallet of an active validator.
        wallet: String,
        /// Number of the proposal.
        number: u64,
        /// How.
        #[arg(value_enum)]
        vote: Vote,
    },
    /// List the proposals that are voted on or wait for their time.
    List,
    /// Show a proposal: what it changes, how the vote stands, until when.
    Show {
        /// Number of the proposal.
        number: u64,
    },
}

/// A ballot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Vote {
    /// For it.
    For,
    /// Against it.
    Against,
    /// Against it, and its deposit should burn.
    Spam,
}

/// The price of a token.
#[derive(Debug, Subcommand)]
pub(crate) enum Price {
    /// Show where the price comes from, what it is, and whether jobs are assigned on it.
    Show,
}

/// The node of a network.
#[derive(Debug, Subcommand)]
pub(crate) enum Node {
    /// Show where the network is and that its books balance.
    Status {
        /// Wait until the node answers, at most for a minute.
        #[arg(long)]
        wait: bool,
    },
    /// Show the rules' parameters in force; of one, also what it is for.
    Parameters {
        /// Name of a parameter; all of them if absent.
        name: Option<String>,
    },
}
