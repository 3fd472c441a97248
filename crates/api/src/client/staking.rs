//! Reading stakes.

use protocol::{AccountId, DelegationView, UndelegationView};

use super::{Client, ClientError, optional};
use crate::wire::{AccessView, DeviceView, Page, StandingView};

impl Client {
    /// An account's access stake.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn access(&self, account: AccountId) -> Result<AccessView, ClientError> {
        self.get(&format!("v1/accounts/{account}/access"), &()).await
    }

    /// At most `limit` delegations of an account behind `after`, a page's `next`.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn delegations(
        &self,
        account: AccountId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<DelegationView>, ClientError> {
        self.page(&format!("v1/accounts/{account}/delegations"), after, limit).await
    }

    /// What an account has delegated to an operator, if anything.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn delegation(
        &self,
        account: AccountId,
        operator: AccountId,
    ) -> Result<Option<DelegationView>, ClientError> {
        optional(self.get(&format!("v1/accounts/{account}/delegations/{operator}"), &()).await)
    }

    /// At most `limit` undelegations of an account that are not paid out yet, behind `after`, a page's `next`.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn undelegations(
        &self,
        account: AccountId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<UndelegationView>, ClientError> {
        self.page(&format!("v1/accounts/{account}/undelegations"), after, limit).await
    }

    /// What an operator's stake carries, if there is such a one.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn standing(&self, operator: AccountId) -> Result<Option<StandingView>, ClientError> {
        self.find("v1/operators", operator, "/standing").await
    }

    /// At most `limit` devices of an operator behind `after`, a page's `next`.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn devices(
        &self,
        operator: AccountId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<DeviceView>, ClientError> {
        self.page(&format!("v1/operators/{operator}/devices"), after, limit).await
    }
}
