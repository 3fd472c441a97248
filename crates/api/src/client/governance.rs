//! Reading the rules' numbers, how they change, the price; and asking what the rules would say.

use std::time::Duration;

use protocol::{Class, Transaction};
use reqwest::{Method, header};

use super::{Client, ClientError};
use crate::wire::{BallotView, Foresight, Page, ParameterView, PriceView, ProposalView};

impl Client {
    /// What would become of a transaction if it were executed now. It is not signed, and nothing is sent to the ledger.
    ///
    /// # Errors
    ///
    /// It is of another chain or takes work that nobody pays for here, or as for every request: see [`ClientError`].
    pub async fn foresee(&self, transaction: &Transaction) -> Result<Foresight, ClientError> {
        let bytes = borsh::to_vec(transaction).expect("writing to memory does not fail");
        let request = self
            .request(Method::POST, "v1/transactions/foresee")
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .body(bytes);
        self.json(request, Duration::ZERO).await
    }

    /// What a native token counts for, and whether jobs are assigned on it.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn price(&self) -> Result<PriceView, ClientError> {
        self.get("v1/price", &()).await
    }

    /// At most `limit` parameters in force, in order of name, behind `after`, a page's `next`.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn parameters(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<ParameterView>, ClientError> {
        self.page("v1/parameters", after, limit).await
    }

    /// One parameter, if there is such a one.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn parameter(&self, name: &str) -> Result<Option<ParameterView>, ClientError> {
        self.find("v1/parameters", name, "").await
    }

    /// At most `limit` resource classes in force behind `after`, a page's `next`.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn classes(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Class>, ClientError> {
        self.page("v1/classes", after, limit).await
    }

    /// At most `limit` open proposals behind `after`, a page's `next`.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn proposals(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<ProposalView>, ClientError> {
        self.page("v1/proposals", after, limit).await
    }

    /// One proposal, if it is open.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn proposal(&self, number: u64) -> Result<Option<ProposalView>, ClientError> {
        self.find("v1/proposals", number, "").await
    }

    /// At most `limit` ballots on a proposal behind `after`, a page's `next`.
    ///
    /// # Errors
    ///
    /// There is no such proposal, or as for every request: see [`ClientError`].
    pub async fn ballots(
        &self,
        number: u64,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<BallotView>, ClientError> {
        self.page(&format!("v1/proposals/{number}/ballots"), after, limit).await
    }
}
