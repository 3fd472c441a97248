//! Joins the rules, the machine as referee and the ledger into one running node.
