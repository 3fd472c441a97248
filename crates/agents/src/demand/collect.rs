//! Reading what was answered on the ledger.

use std::collections::{BTreeMap, BTreeSet};

use api::wire::{DemandName, JobView, TransactionView};
use api::{Client, ClientError};
use protocol::{AccountId, Action, Content, Demand, Height, PageProof, SignedTransaction};

use super::Pages;
use crate::attempt::Attempt;
use crate::content;

/// Transactions of a block asked for in one request.
const PAGE_TRANSACTIONS: usize = 100;

/// Why answers could not be read. They are read again in the next round.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The ledger cannot be read, or the node keeps the block no more.
    #[error("the answers on the ledger cannot be read")]
    Ledger(#[from] ClientError),
    /// The node says that a block carries an answer, and does not give it.
    #[error("the node gave no answer out of block {0}")]
    NoAnswer(Height),
}

/// Pages by their index.
pub(crate) type PageMap = BTreeMap<u64, PageProof>;

/// What one account was answered on the ledger about one attempt at a job. Every page belongs to its content, for
/// certain: what does not is not taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    pages: BTreeMap<Content, PageMap>,
    read: BTreeSet<Height>,
}

impl Collected {
    /// What was collected about an attempt; nothing, if it is not among these.
    #[must_use]
    pub fn about(attempt: Attempt, all: &BTreeMap<Attempt, Self>) -> &Self {
        static NOTHING: Collected = Collected { pages: BTreeMap::new(), read: BTreeSet::new() };
        all.get(&attempt).unwrap_or(&NOTHING)
    }

    /// Whether all answers to `demand` were read.
    #[must_use]
    pub fn is_up_to(&self, demand: &Demand) -> bool {
        demand.answers.iter().all(|height| self.read.contains(height))
    }

    /// The pages of a content.
    pub(crate) fn pages(&self, content: &Content) -> PageMap {
        self.pages.get(content).cloned().unwrap_or_default()
    }

    /// The first stretch of at most so many pages of a content that is not there; nothing if it is whole.
    #[must_use]
    pub fn missing(&self, content: &Content, pages_max: u32) -> Option<Pages> {
        let available = content.pages();
        let known = self.pages.get(content);
        let is_known = |index: &u64| known.is_some_and(|pages| pages.contains_key(index));
        let first = (0..available).find(|index| !is_known(index))?;
        let stretch = (first..available).take_while(|index| !is_known(index));
        let count = stretch.take(usize::try_from(pages_max).unwrap_or(usize::MAX)).count();
        u32::try_from(count).ok().map(|count| Pages { first, count })
    }

    /// A whole content, once every page of it is there.
    #[must_use]
    pub fn whole(&self, content: &Content) -> Option<bytes::Bytes> {
        let pages = self.pages.get(content)?;
        let is_whole = pages.len() as u64 == content.pages();
        let bytes = || pages.values().flat_map(|page| page.bytes.as_slice()).copied().collect();
        is_whole.then(bytes)
    }

    /// Reads what was answered to the last demand of `account` for a job and was not read before. Keeps the pages of
    /// the contents that the attempt is about. Says whether there was anything.
    ///
    /// # Errors
    /// See [`CollectError`]; what was read before the failure is kept.
    pub async fn collect(
        &mut self,
        client: &Client,
        found: &JobView,
        account: AccountId,
    ) -> Result<bool, CollectError> {
        let Some(demand) = super::own(found, account) else { return Ok(false) };
        let demander = DemandName { job: found.job.id, demander: account };
        let unread = demand.answers.iter().filter(|height| !self.read.contains(height));
        let unread: Vec<Height> = unread.copied().collect();
        for height in &unread {
            for page in answers_in(client, *height, demander).await? {
                self.take(&contents(found), page);
            }
            self.read.insert(*height);
        }
        Ok(!unread.is_empty())
    }

    /// Keeps a page with the content that it belongs to.
    pub(crate) fn take(&mut self, contents: &[Content], page: PageProof) {
        if let Some(content) = contents.iter().find(|content| content::is_page_of(content, &page)) {
            self.pages.entry(*content).or_default().insert(page.index, page);
        }
    }
}

/// The contents that an attempt at a job is about.
fn contents(found: &JobView) -> Vec<Content> {
    let claim = found.job.assignment.as_ref().and_then(|assignment| assignment.claim);
    let revealed = claim.into_iter().flat_map(|claim| [claim.trace, claim.output]);
    revealed.chain([found.job.spec.input]).collect()
}

/// Every page with which a block answers a demand.
async fn answers_in(
    client: &Client,
    height: Height,
    name: DemandName,
) -> Result<Vec<PageProof>, CollectError> {
    let mut answered = Vec::new();
    for index in answering(client, height, name).await? {
        let bytes = client.signed_bytes(height, index).await?;
        let bytes = bytes.ok_or(CollectError::NoAnswer(height))?;
        let signed = borsh::from_slice::<SignedTransaction>(&bytes);
        match signed.map(|signed| signed.transaction.action) {
            Ok(Action::AnswerDemand { pages, .. }) => answered.extend(pages),
            _ => return Err(CollectError::NoAnswer(height)),
        }
    }
    Ok(answered)
}

/// The places in a block of the transactions that answer a demand.
async fn answering(
    client: &Client,
    height: Height,
    name: DemandName,
) -> Result<Vec<u64>, CollectError> {
    let is_answer = |view: &TransactionView| {
        view.answers == Some(name) && view.outcome == api::wire::Outcome::Accepted
    };
    let mut answering = Vec::new();
    let mut after = None;
    loop {
        let page = client.transactions(height, after.as_deref(), PAGE_TRANSACTIONS).await?;
        let page = page.ok_or(CollectError::NoAnswer(height))?;
        answering.extend(page.items.iter().filter(|view| is_answer(view)).map(|view| view.index));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if answering.is_empty() { Err(CollectError::NoAnswer(height)) } else { Ok(answering) }
}

#[cfg(test)]
mod tests {
    use protocol::DataKind;

    use super::*;
    use crate::testing::{demand, me};

    fn blob(size: usize) -> Vec<u8> {
        (0..=252).cycle().take(size).collect()
    }

    fn pages_of(bytes: &[u8]) -> Vec<PageProof> {
        let asked = demand(me(), DataKind::Output, content::address(bytes)).demand;
        super::super::answer(bytes, &asked)
    }

    #[test]
    fn pages_come_in_any_order_and_make_the_whole() {
        let bytes = blob(10_000);
        let content = content::address(&bytes);
        let mut collected = Collected::default();
        let missing = |collected: &Collected, most| collected.missing(&content, most);
        assert_eq!(missing(&collected, 2), Some(Pages { first: 0, count: 2 }));
        for (page, left) in pages_of(&bytes).into_iter().rev().zip([(0, 2), (0, 1)]) {
            assert_eq!(collected.whole(&content), None);
            collected.take(&[content], page);
            let (first, count) = left;
            assert_eq!(missing(&collected, 9), Some(Pages { first, count }));
        }
        collected.take(&[content], pages_of(&bytes).swap_remove(0));
        assert_eq!(missing(&collected, 9), None);
        assert_eq!(collected.whole(&content).as_deref(), Some(&bytes[..]));
    }

    #[test]
    fn what_belongs_to_no_content_is_not_taken() {
        let (bytes, other) = (blob(10_000), blob(9_999));
        let contents = [content::address(&bytes), content::address(&other)];
        let mut collected = Collected::default();
        for page in pages_of(&blob(9_998)) {
            collected.take(&contents, page);
        }
        for mut page in pages_of(&bytes) {
            page.index += 1;
            collected.take(&contents, page);
        }
        assert_eq!(collected, Collected::default());
        for page in pages_of(&other) {
            collected.take(&contents, page);
        }
        assert_eq!(collected.whole(&contents[0]), None);
        assert_eq!(collected.whole(&contents[1]).as_deref(), Some(&other[..]));
    }
}
