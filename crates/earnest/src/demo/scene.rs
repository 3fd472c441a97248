//! What somebody who has never heard of this needs to know before the curtain rises.

use crate::cli::Villain;

/// Who plays, and who breaks the rules.
pub(crate) fn introduction(kind: Villain) -> String {
    let [provider, validator] = thirds(kind);
    format!(
        "A whole network in this process. Everybody has put up collateral before they may work:\n\
         \n\
         \x20 {:<24}pays for four real programs to be run\n\
         \x20 {:<24}run programs, and commit to the state after every step\n\
         \x20 {:<24}run them again, and prove any wrong step to the ledger\n\
         \n\
         {}\n\
         \n\
         Each line is an event of the ledger: network time, job, what happened.\n",
        "rosa",
        ["alice", "bob", provider].join(", "),
        ["vera", "victor", validator].join(", "),
        deed(kind)
    )
}

/// The third provider and the third validator: the villain is one of the two, if there is one.
pub(crate) const fn thirds(kind: Villain) -> [&'static str; 2] {
    match kind {
        Villain::None => ["carol", "viola"],
        Villain::WrongStep | Villain::Silent | Villain::WithholdData => ["mallory", "viola"],
        Villain::LazyAuditor | Villain::FalseChallenger => ["carol", "mallory"],
    }
}

const fn deed(kind: Villain) -> &'static str {
    match kind {
        Villain::None => "Everybody is honest, so nobody loses anything.",
        Villain::WrongStep => {
            "mallory flips the sign of one number in one step of `training`. Somebody will notice."
        }
        Villain::Silent => "mallory takes jobs and is never heard of again.",
        Villain::WithholdData => "mallory reveals results and withholds the data behind them.",
        Villain::LazyAuditor => "mallory, drawn as auditor, answers without having worked.",
        Villain::FalseChallenger => {
            "mallory accuses honest providers, with evidence that is made up."
        }
    }
}
