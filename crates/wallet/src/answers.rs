//! One question, at most one answer: what keeps an agent from contradicting itself.
//!
//! A provider is asked for the result of one attempt at one job, an auditor for its own result of the
//! same. Whoever signs two answers to one question can be convicted by them, and a process that crashes
//! between signing and remembering would do just that: run the job again, draw another salt, sign another
//! commitment. So an answer is written here, and on the disk, *before* its signature leaves:
//!
//! ```text
//! get(question) --none--> work it out --> record(question, answer) --> sign --> send
//!       \--some(answer)-------------------------------------------------^
//! ```
//!
//! # The file
//!
//! ```text
//! earnest answer store
//! version 1
//! chain 6b1f...                       the network, by its chain id
//! account end0ee37ee...398e2898       whose answers
//!                                     empty line; from here on frames, one per answer
//! +--------+---------+----------------------+-------------------------------+
//! | length | !length | borsh(Record)        | BLAKE3(previous check | body) |
//! | u32 LE | u32 LE  | question, answer     | 32 bytes                      |
//! +--------+---------+----------------------+-------------------------------+
//! ```
//!
//! Appended, synced, never rewritten. It holds salts of commitments not yet revealed, so its mode is 0600.
//!
//! # What it promises
//!
//! - After [`AnswerStore::record`] returned, no later call, in this process or after any crash, accepts
//!   another answer to that question.
//! - A write torn by a crash is dropped when the store is opened: it was never acknowledged, so nothing was
//!   signed. Any other damage is an error, because dropping a record is how one signs twice.
//! - Two processes cannot have the store open at once.
//!
//! # What it cannot
//!
//! An old copy put back knows only the answers of its time; a second copy on another machine knows
//! nothing of the first. So never restore or duplicate this file: if it is lost, let every open job of
//! the account settle before the account works again.

use std::{
    collections::BTreeMap,
    fs::{File, TryLockError},
    io::Read,
    path::{Path, PathBuf},
};

use borsh::{BorshDeserialize, BorshSerialize};
use protocol::{AccountId, ChainId, Claim, Hash, JobId};

use crate::{
    Address, FileError,
    durable::{self, write_synced},
};

/// First line of every store.
const TITLE: &str = "earnest answer store\n";

/// The only version so far.
const VERSION: u32 = 1;

/// Largest store that is opened or grown, in bytes: about 1.1 million answers.
const STORE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Bytes of a frame before its body.
const FRAME_HEAD: usize = 8;

/// Bytes of a frame after its body.
const FRAME_CHECK: usize = 32;

/// Bytes of a body: duty, job, attempt; commitment, salt; output and trace with their sizes, meter.
const BODY_BYTES: usize = 1 + 32 + 4 + 32 + 32 + 40 + 40 + 8;

/// Domain of the chained check of frames.
const CHECK_DOMAIN: &str = "earnest answer store frame v1";

/// What kind of answer is asked for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub enum Duty {
    /// A provider's result for one attempt at a job.
    Result,
    /// An auditor's own result for the same.
    Audit,
}

/// Something an agent may answer once: the result of one attempt at one job.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub struct Question {
    /// In which duty it is asked.
    pub duty: Duty,
    /// Which job.
    pub job: JobId,
    /// Which attempt at it.
    pub attempt: u32,
}

/// What was answered, and what it takes to stand by it later.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Answer {
    /// The sealed commitment: what goes out signed.
    pub commitment: Hash,
    /// What it was sealed with; secret until the reveal.
    pub salt: Hash,
    /// What was claimed.
    pub claim: Claim,
}

#[derive(BorshSerialize, BorshDeserialize)]
struct Record {
    question: Question,
    answer: Answer,
}

/// The answers one account has given on one network.
#[derive(Debug)]
pub struct AnswerStore {
    path: PathBuf,
    /// Locked for as long as it is open.
    file: File,
    known: Known,
    /// Set when the file may differ from `known`: then nothing more is promised.
    broken: bool,
}

/// What the file says.
#[derive(Debug)]
struct Known {
    answers: BTreeMap<Question, Answer>,
    /// Bytes of the file up to the end of its last whole frame.
    length: u64,
    /// Check of the last frame; the hash of the header before the first.
    check: [u8; 32],
}

impl AnswerStore {
    /// Opens the store of `account` on the network `chain`, and creates it when there is none.
    ///
    /// # Errors
    ///
    /// When the file is not such a store, belongs to another account or network, is damaged, is open in
    /// another process, or cannot be read or written.
    pub fn open(path: &Path, chain: ChainId, account: AccountId) -> Result<Self, AnswersError> {
        let header = header(chain, account);
        let mut file = match durable::open_secret(path, true, STORE_BYTES_MAX) {
            Err(FileError::Missing { .. }) => create(path, &header)?,
            opened => opened?,
        };
        lock(&file, path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|e| FileError::new("read", path, e))?;
        let known = Known::parse(&bytes, &header)?;
        if known.length < bytes.len() as u64 {
            truncate(&file, path, known.length)?;
        }
        Ok(Self { path: path.to_path_buf(), file, known, broken: false })
    }

    /// The answer already given, if any.
    pub fn get(&self, question: &Question) -> Option<&Answer> {
        self.known.answers.get(question)
    }

    /// Number of questions answered so far.
    pub fn len(&self) -> usize {
        self.known.answers.len()
    }

    /// Whether no question was answered yet.
    pub fn is_empty(&self) -> bool {
        self.known.answers.is_empty()
    }

    /// Remembers `answer` for ever. The same answer again is fine and changes nothing.
    ///
    /// Only after this returned `Ok` may the answer be signed.
    ///
    /// # Errors
    ///
    /// [`AnswersError::Conflict`] when another answer was given before; and when the disk does not take
    /// it: then it was not given, and may be recorded again once there is space.
    pub fn record(&mut self, question: Question, answer: Answer) -> Result<(), AnswersError> {
        if self.broken {
            return Err(AnswersError::Broken);
        }
        match self.known.answers.get(&question) {
            Some(given) if *given == answer => return Ok(()),
            Some(_) => return Err(AnswersError::Conflict { question }),
            None => {}
        }
        let record = Record { question, answer };
        let frame = Frame::seal(&record, &self.known.check);
        self.append(&frame)?;
        self.known.add(record, &frame);
        Ok(())
    }

    /// Writes a frame, or leaves the file as it was.
    fn append(&mut self, frame: &Frame) -> Result<(), AnswersError> {
        let size = self.known.length + frame.bytes.len() as u64;
        if size > STORE_BYTES_MAX {
            let path = self.path.clone();
            return Err(FileError::TooLarge { path, size, limit: STORE_BYTES_MAX }.into());
        }
        write_synced(&mut self.file, &self.path, &frame.bytes).map_err(|failed| {
            // Part of the frame may be there. If it cannot be taken back, the file is no longer known.
            self.broken = truncate(&self.file, &self.path, self.known.length).is_err();
            failed.into()
        })
    }
}

impl Known {
    fn parse(bytes: &[u8], header: &str) -> Result<Self, AnswersError> {
        if !bytes.starts_with(TITLE.as_bytes()) {
            return Err(AnswersError::NotAStore);
        }
        let mut rest = bytes.strip_prefix(header.as_bytes()).ok_or(AnswersError::Foreign)?;
        let mut known = Self {
            answers: BTreeMap::new(),
            length: header.len() as u64,
            check: blake3::derive_key(CHECK_DOMAIN, header.as_bytes()),
        };
        while let Some(frame) = Frame::read(rest, &known.check).map_err(|()| known.damaged())? {
            let record = Record::try_from_slice(frame.body()).map_err(|_| known.damaged())?;
            if known.answers.contains_key(&record.question) {
                return Err(known.damaged());
            }
            rest = &rest[frame.bytes.len()..];
            known.add(record, &frame);
        }
        Ok(known)
    }

    fn add(&mut self, record: Record, frame: &Frame) {
        self.answers.insert(record.question, record.answer);
        self.length += frame.bytes.len() as u64;
        self.check = frame.check();
    }

    const fn damaged(&self) -> AnswersError {
        AnswersError::Damaged { offset: self.length }
    }
}

/// One answer as it stands in the file.
struct Frame {
    bytes: Vec<u8>,
}

impl Frame {
    fn seal(record: &Record, previous: &[u8; 32]) -> Self {
        let body = borsh::to_vec(record).expect("writing to memory cannot fail");
        let length = u32::try_from(body.len()).expect("a body has BODY_BYTES bytes");
        let mut bytes = Vec::with_capacity(FRAME_HEAD + body.len() + FRAME_CHECK);
        bytes.extend_from_slice(&length.to_le_bytes());
        // Twice, so that a damaged length is not mistaken for a frame that was torn.
        bytes.extend_from_slice(&(!length).to_le_bytes());
        bytes.extend_from_slice(&body);
        bytes.extend_from_slice(&check(previous, &body));
        Self { bytes }
    }

    /// The frame at the front of `bytes`; `None` at the end and at a torn write; an error at damage.
    fn read(bytes: &[u8], previous: &[u8; 32]) -> Result<Option<Self>, ()> {
        let Some((head, rest)) = bytes.split_at_checked(FRAME_HEAD) else { return Ok(None) };
        // A file system may lengthen a file before it writes the bytes: then they read as zero.
        if bytes.iter().all(|b| *b == 0) {
            return Ok(None);
        }
        let size = body_size(head).ok_or(())?;
        let Some(stated) = rest.get(size..size + FRAME_CHECK) else { return Ok(None) };
        if stated != check(previous, &rest[..size]) {
            let unwritten = stated.iter().all(|b| *b == 0) && rest.len() == size + FRAME_CHECK;
            return if unwritten { Ok(None) } else { Err(()) };
        }
        Ok(Some(Self { bytes: bytes[..FRAME_HEAD + size + FRAME_CHECK].to_vec() }))
    }

    fn body(&self) -> &[u8] {
        &self.bytes[FRAME_HEAD..self.bytes.len() - FRAME_CHECK]
    }

    fn check(&self) -> [u8; FRAME_CHECK] {
        let mut check = [0; FRAME_CHECK];
        check.copy_from_slice(&self.bytes[self.bytes.len() - FRAME_CHECK..]);
        check
    }
}

/// Size of the body that a frame's head states, if the head is whole and the size possible.
fn body_size(head: &[u8]) -> Option<usize> {
    let number = |bytes: &[u8]| Some(u32::from_le_bytes(bytes.try_into().ok()?));
    let (length, inverse) = (number(&head[..4])?, number(&head[4..])?);
    let size = usize::try_from(length).ok()?;
    (length == !inverse && size == BODY_BYTES).then_some(size)
}

fn check(previous: &[u8; 32], body: &[u8]) -> [u8; FRAME_CHECK] {
    let mut hasher = blake3::Hasher::new_derive_key(CHECK_DOMAIN);
    hasher.update(previous).update(body);
    *hasher.finalize().as_bytes()
}

fn header(chain: ChainId, account: AccountId) -> String {
    format!("{TITLE}version {VERSION}\nchain {chain}\naccount {}\n\n", Address::new(account))
}

fn create(path: &Path, header: &str) -> Result<File, FileError> {
    match durable::create(path, header.as_bytes()) {
        // Another process was faster; the lock will tell which of the two goes on.
        Ok(()) | Err(FileError::Exists { .. }) => durable::open_secret(path, true, STORE_BYTES_MAX),
        Err(failed) => Err(failed),
    }
}

fn lock(file: &File, path: &Path) -> Result<(), AnswersError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(AnswersError::Locked { path: path.to_path_buf() }),
        Err(TryLockError::Error(e)) => Err(FileError::new("lock", path, e).into()),
    }
}

fn truncate(file: &File, path: &Path, length: u64) -> Result<(), FileError> {
    file.set_len(length)
        .and_then(|()| file.sync_all())
        .map_err(|e| FileError::new("truncate", path, e))
}

/// Why an answer cannot be remembered.
#[derive(Debug, thiserror::Error)]
pub enum AnswersError {
    /// The file itself: unreadable, full disk, wrong permissions, too large.
    #[error(transparent)]
    File(#[from] FileError),
    /// Some other file.
    #[error("not an Earnest answer store")]
    NotAStore,
    /// A store, but of another account, another network or a later version.
    #[error("this answer store belongs to another account, another network or a later version")]
    Foreign,
    /// Bytes that were acknowledged have changed.
    #[error(
        "the answer store is damaged at byte {offset}, so it is not known which questions were \
         answered; do not use this account for work until all its open jobs are settled, then start \
         a new store"
    )]
    Damaged {
        /// Where the damage begins.
        offset: u64,
    },
    /// Another process has it open, and would not know what this one answers.
    #[error("{path} is in use: another agent of this account is running")]
    Locked {
        /// The store.
        path: PathBuf,
    },
    /// Another answer was given before. Signing this one would be slashed.
    #[error(
        "question {question:?} was already answered differently; this answer must not be signed"
    )]
    Conflict {
        /// The question.
        question: Question,
    },
    /// An earlier write failed and could not be undone.
    #[error("an earlier write failed and could not be taken back; open the answer store again")]
    Broken,
}

#[cfg(test)]
mod tests;
