//! What a server answers when it does not do what was asked.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Declares the closed list of codes: name on the wire, HTTP status, what to do.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:literal, $remedy:literal;)*) => {
        /// Why a request was not served. The text on the wire is stable: programs may match on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Code { $($(#[$doc])* #[serde(rename = $text)] $variant,)* }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The code as it is on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// What to do about it, where the request itself does not say more.
            #[must_use]
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }
        }
    };
}

codes! {
    /// The path or the query does not parse.
    MalformedRequest = "malformed_request", 400, "GET / lists the endpoints and their parameters";
    /// The request names a host that this server does not answer for.
    ForeignHost = "foreign_host", 403, "use the address the node printed when it started";
    /// There is no such endpoint.
    NoEndpoint = "no_endpoint", 404, "GET / lists the endpoints";
    /// The endpoint exists, the thing it was asked for does not.
    NotFound = "not_found", 404, "check the id; what was submitted a moment ago appears with its block";
    /// The endpoint does not know this method.
    MethodNotAllowed = "method_not_allowed", 405, "GET / lists the endpoints and their methods";
    /// The request's body did not arrive in time.
    TooSlow = "too_slow", 408, "send the request again over a faster connection";
    /// The thing asked for was dropped from disk.
    Pruned = "pruned", 410, "start from a later cursor, or ask a node that keeps everything";
    /// The body is longer than a transaction may be.
    BodyTooLarge = "body_too_large", 413, "send one transaction, within the ledger's limit";
    /// The body is not declared as bytes.
    UnsupportedMediaType = "unsupported_media_type", 415, "send the borsh bytes as application/octet-stream";
    /// The transaction does not decode, is signed wrongly or for another chain.
    TransactionRefused = "transaction_refused", 422, "build it for this chain (GET /v1/genesis) and sign it again";
    /// The transaction is longer than the ledger takes.
    TransactionTooLong = "transaction_too_long", 422, "make it shorter: split the data, or prove a smaller step";
    /// The transaction may need more judging than a block does.
    TooMuchWork = "too_much_work", 422, "no block can carry it; choose other evidence";
    /// The sender's native balance does not reach for the fee.
    CannotPayFee = "cannot_pay_fee", 422, "get native tokens for the fee first";
    /// The last height at which the transaction could be included has passed.
    TransactionExpired = "transaction_expired", 409, "sign it again with a later expiry";
    /// The nonce was used by another transaction.
    NonceUsed = "nonce_used", 409, "read the account's next nonce and sign again";
    /// The nonce is further ahead than may wait.
    NonceTooHigh = "nonce_too_high", 409, "submit the transactions before it first";
    /// Another transaction with this nonce waits.
    NonceTaken = "nonce_taken", 409, "wait for it, or use the next nonce";
    /// The transaction waited and will not be included.
    TransactionDropped = "transaction_dropped", 409, "read the account's next nonce and sign again";
    /// The sender has too many transactions waiting.
    SenderFull = "sender_full", 429, "wait for some of them to be executed";
    /// Too many requests at once.
    Busy = "busy", 503, "try again in a second";
    /// Too many transactions wait for a block.
    LedgerFull = "ledger_full", 503, "try again in a second";
    /// The node is stopping or has halted.
    Stopped = "stopped", 503, "start the node again; what it acknowledged is kept";
    /// The answer took too long.
    TimedOut = "timed_out", 504, "try again; ask for less at once";
    /// A defect of the node.
    Internal = "internal", 500, "see the node's log and report it";
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The body of every answer that is not a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message} ({code}): {remedy}")]
pub struct Problem {
    /// Why, for programs.
    pub code: Code,
    /// Why, for people, with the numbers in it.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl Problem {
    /// A problem with the remedy of its code.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), remedy: code.remedy().to_owned() }
    }

    /// The same with a remedy that fits the case better than that of its code.
    #[must_use]
    pub fn with_remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: remedy.into(), ..self }
    }

    /// Nothing is known under this name.
    pub fn not_found(what: &str, name: impl fmt::Display) -> Self {
        Self::new(Code::NotFound, format!("there is no {what} {name}"))
    }

    /// A parameter makes no sense.
    pub fn malformed(message: impl fmt::Display) -> Self {
        Self::new(Code::MalformedRequest, message.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use expect_test::expect;

    use super::*;

    #[test]
    fn codes_are_distinct_and_their_json_is_their_text() {
        let texts: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        for code in Code::ALL {
            let json = serde_json::to_string(code).expect("a unit variant");
            assert_eq!(json, format!("{:?}", code.as_str()));
            assert!((400..=599).contains(&code.status()), "{code}");
        }
    }

    #[test]
    fn a_problem_says_what_and_what_to_do() {
        let problem = Problem::not_found("job", "00ff");
        let json = serde_json::to_string_pretty(&problem).expect("plain text");
        expect![[r#"
            {
              "code": "not_found",
              "message": "there is no job 00ff",
              "remedy": "check the id; what was submitted a moment ago appears with its block"
            }"#]]
        .assert_eq(&json);
        assert_eq!(serde_json::from_str::<Problem>(&json).expect("its own form"), problem);
    }
}
