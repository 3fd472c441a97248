//! Why a client has no answer.

use reqwest::Url;

use crate::problem::{Code, Problem};

/// Why a client has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The address makes no sense.
    #[error("{0:?} is not the address of a node; it looks like http://127.0.0.1:7575")]
    InvalidAddress(String),
    /// Nobody answers there, or the connection broke.
    #[error("the node at {url} does not answer: is it running?")]
    Unreachable {
        /// The address of the node.
        url: String,
        /// What the connection says.
        source: reqwest::Error,
    },
    /// The node answered that it will not.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// The answer is not one of this API: another version, or another program.
    #[error("the answer is not one of this version of the API: is it a node, of the same version?")]
    Unexpected {
        /// What did not parse.
        source: serde_json::Error,
    },
    /// The answer is longer than any of this API.
    #[error("the answer is longer than {limit} bytes: is it a node?")]
    TooLong {
        /// Bytes that are read.
        limit: usize,
    },
    /// A stream sent something that is not an event.
    #[error("the event stream is broken: {0}")]
    BrokenStream(String),
}

impl ClientError {
    pub(super) fn unreachable(url: &Url, source: reqwest::Error) -> Self {
        Self::Unreachable { url: url.to_string(), source: source.without_url() }
    }

    /// The stable code of the node's refusal, if it is one.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Refused(problem) => Some(problem.code),
            _ => None,
        }
    }

    /// Whether the node answered that there is no such thing.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.code() == Some(Code::NotFound)
    }

    /// Whether the same request may succeed a moment later: nobody answered, or there was no room.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused(problem) => matches!(problem.code.status(), 408 | 429 | 503 | 504),
            _ => false,
        }
    }
}
