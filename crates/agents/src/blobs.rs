//! Content-addressed blobs: inputs, outputs and traces, in any object store.
//!
//! The store may lose and lie; it can never deceive. Whatever is read is hashed before anybody sees it,
//! and more bytes than were asked for are never taken in, so a lying store costs an error and no memory.

use std::path::Path as FilePath;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use protocol::Content;

use crate::content;

/// The largest blob that is stored or fetched unless the caller says otherwise, in bytes.
pub const BLOB_BYTES_MAX: u64 = machine::limits::CONTENT_BYTES_MAX;

/// Why a blob could not be stored or fetched.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// More bytes than this store accepts. Nothing was read or written.
    #[error("a blob of {size} bytes is larger than the {limit} bytes accepted here")]
    TooLarge {
        /// Its length in bytes.
        size: u64,
        /// The most accepted, in bytes.
        limit: u64,
    },
    /// The store has nothing under this address.
    #[error("no blob {} of {} bytes in the store", .content.root, .content.size)]
    Missing {
        /// What was asked for.
        content: Content,
    },
    /// The store returned other bytes than were asked for, or another number of them.
    #[error("the store returned something else under {} ({} bytes)", .content.root, .content.size)]
    Corrupt {
        /// What was asked for.
        content: Content,
    },
    /// The folder cannot be used as a store.
    #[error("cannot use {folder} as a blob store")]
    Folder {
        /// The folder.
        folder: String,
        /// The system's or the store's reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The store failed.
    #[error("the blob store failed to {action}")]
    Store {
        /// What was being done, as a verb.
        action: &'static str,
        /// The store's reason.
        source: object_store::Error,
    },
}

impl BlobError {
    /// Whether the blob cannot be had from this store: it is not there, or something else is.
    #[must_use]
    pub const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Missing { .. } | Self::Corrupt { .. })
    }
}

/// A content-addressed store of blobs.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    bytes_max: u64,
}

impl Blobs {
    /// Blobs in any object store.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self { store, bytes_max: BLOB_BYTES_MAX }
    }

    /// Blobs in a local folder, which is created if it is not there.
    ///
    /// # Errors
    /// [`BlobError::Folder`] if the folder cannot be created or opened.
    pub fn folder(folder: &FilePath) -> Result<Self, BlobError> {
        let named = |source| BlobError::Folder { folder: folder.display().to_string(), source };
        std::fs::create_dir_all(folder).map_err(|e| named(e.into()))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|e| named(e.into()))?;
        // A provider's trace is evidence in its own defence: it must survive a power cut.
        Ok(Self::new(Arc::new(store.with_fsync(true))))
    }

    /// The same store, refusing blobs of more than `bytes_max` bytes.
    #[must_use]
    pub fn with_bytes_max(mut self, bytes_max: u64) -> Self {
        self.bytes_max = bytes_max;
        self
    }

    /// Stores `bytes` and returns their address. Storing again is harmless, and mends a damaged copy.
    ///
    /// The object appears wholly or not at all: that is the contract of an object store (the local one
    /// writes beside and renames).
    ///
    /// # Errors
    /// [`BlobError::TooLarge`] before anything is written, or the store's failure.
    pub async fn put(&self, bytes: Bytes) -> Result<Content, BlobError> {
        self.check_size(bytes.len() as u64)?;
        let content = content::address_blocking(bytes.clone()).await;
        let stored = self.store.put(&location(&content), PutPayload::from_bytes(bytes)).await;
        stored.map_err(|source| BlobError::Store { action: "write", source })?;
        Ok(content)
    }

    /// Fetches the blob `content`. What is returned has that address, for certain.
    ///
    /// # Errors
    /// [`BlobError::Missing`] or [`BlobError::Corrupt`] if the store has lost or lies;
    /// [`BlobError::TooLarge`] before anything is read.
    pub async fn get(&self, content: Content) -> Result<Bytes, BlobError> {
        self.check_size(content.size)?;
        let bytes = self.read(content).await?;
        if content::address_blocking(bytes.clone()).await != content {
            return Err(BlobError::Corrupt { content });
        }
        Ok(bytes)
    }

    /// Fetches the blob `content` from here, or from `other` if it cannot be had here.
    ///
    /// # Errors
    /// As for [`Blobs::get`]; if it can be had from neither, what `other` says.
    pub async fn get_or(&self, other: &Self, content: Content) -> Result<Bytes, BlobError> {
        match self.get(content).await {
            Err(error) if error.is_unavailable() => other.get(content).await,
            got => got,
        }
    }

    /// Whether the blob can be fetched at this moment, which is found out by fetching it.
    ///
    /// # Errors
    /// Anything but the blob's absence or damage.
    pub async fn has(&self, content: Content) -> Result<bool, BlobError> {
        match self.get(content).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_unavailable() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Forgets a blob. Forgetting what is not there is no error.
    ///
    /// # Errors
    /// The store's failure.
    pub async fn remove(&self, content: Content) -> Result<(), BlobError> {
        match self.store.delete(&location(&content)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(BlobError::Store { action: "remove", source }),
        }
    }

    /// Takes in at most one byte more than the address promises, and believes no length the store states.
    async fn read(&self, content: Content) -> Result<Bytes, BlobError> {
        // Nothing needs no store: its address is checked by the caller as any other.
        if content.size == 0 {
            return Ok(Bytes::new());
        }
        let found = self.store.get(&location(&content)).await;
        let found = found.map_err(|source| read_error(content, source))?;
        let mut stream = found.into_stream();
        let mut bytes = BytesMut::new();
        while let Some(chunk) = stream.try_next().await.map_err(|e| read_error(content, e))? {
            if (bytes.len() + chunk.len()) as u64 > content.size {
                return Err(BlobError::Corrupt { content });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    }

    const fn check_size(&self, size: u64) -> Result<(), BlobError> {
        if size > self.bytes_max {
            return Err(BlobError::TooLarge { size, limit: self.bytes_max });
        }
        Ok(())
    }
}

fn read_error(content: Content, source: object_store::Error) -> BlobError {
    match source {
        object_store::Error::NotFound { .. } => BlobError::Missing { content },
        source => BlobError::Store { action: "read", source },
    }
}

/// Where a blob lies: its length is part of the name, because it is part of the address.
fn location(content: &Content) -> Path {
    Path::from(format!("{}-{}", content.root, content.size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::memory::InMemory;
    use proptest::prelude::*;

    fn memory() -> (Blobs, Arc<InMemory>) {
        let store = Arc::new(InMemory::new());
        (Blobs::new(store.clone()), store)
    }

    fn sample(size: usize) -> Bytes {
        (0..=250).cycle().step_by(31).take(size).collect::<Vec<u8>>().into()
    }

    #[tokio::test]
    async fn nothing_is_always_there_but_only_under_its_own_address() {
        let (blobs, _) = memory();
        let nothing = content::address(b"");
        assert_eq!(blobs.get(nothing).await.unwrap(), Bytes::new());
        let other = Content { root: protocol::Hash([1; 32]), size: 0 };
        assert!(matches!(blobs.get(other).await, Err(BlobError::Corrupt { .. })));
    }

    #[tokio::test]
    async fn what_was_put_is_what_is_got_at_the_edges_of_pages() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::folder(&folder.path().join("new").join("folder")).unwrap();
        for size in [0, 1, 4095, 4096, 4097, 70_000] {
            let content = blobs.put(sample(size)).await.unwrap();
            assert_eq!(content.size, size as u64);
            assert_eq!(blobs.get(content).await.unwrap(), sample(size));
            assert!(blobs.has(content).await.unwrap());
        }
    }

    #[tokio::test]
    async fn a_lost_blob_is_missing_and_removing_twice_is_fine() {
        let (blobs, _) = memory();
        let content = blobs.put(sample(9)).await.unwrap();
        blobs.remove(content).await.unwrap();
        blobs.remove(content).await.unwrap();
        assert!(matches!(blobs.get(content).await, Err(BlobError::Missing { .. })));
        assert!(!blobs.has(content).await.unwrap());
    }

    #[tokio::test]
    async fn what_one_store_has_lost_another_may_have() {
        let ((one, _), (other, _)) = (memory(), memory());
        let content = other.put(sample(9)).await.unwrap();
        assert_eq!(one.get_or(&other, content).await.unwrap(), sample(9));
        other.remove(content).await.unwrap();
        assert!(one.get_or(&other, content).await.unwrap_err().is_unavailable());
        one.put(sample(9)).await.unwrap();
        assert_eq!(one.get_or(&other, content).await.unwrap(), sample(9));
    }

    #[tokio::test]
    async fn another_length_of_the_same_pages_is_another_blob() {
        let (blobs, store) = memory();
        let content = blobs.put(Bytes::from_static(b"abc\0")).await.unwrap();
        let shorter = Content { size: 3, ..content };
        assert!(matches!(blobs.get(shorter).await, Err(BlobError::Missing { .. })));
        store.put(&location(&shorter), PutPayload::from_static(b"abc")).await.unwrap();
        // Zero padding gives both the same root: the length, not the root, tells them apart.
        assert_eq!(blobs.get(shorter).await.unwrap(), Bytes::from_static(b"abc"));
    }

    #[tokio::test]
    async fn limits_hold_before_anything_is_read_or_written() {
        let (blobs, store) = memory();
        let content = blobs.put(sample(11)).await.unwrap();
        let small = Blobs::new(store).with_bytes_max(10);
        assert!(matches!(small.put(sample(11)).await, Err(BlobError::TooLarge { size: 11, .. })));
        assert!(matches!(small.get(content).await, Err(BlobError::TooLarge { limit: 10, .. })));
        small.put(sample(10)).await.unwrap();
    }

    #[tokio::test]
    async fn a_folder_that_is_a_file_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, b"x").unwrap();
        let refused = Blobs::folder(&file).unwrap_err();
        assert!(refused.to_string().contains("file"), "{refused}");
    }

    /// What a store may do to a blob it was given.
    #[derive(Debug, Clone)]
    enum Damage {
        Flip { byte: usize, bit: u8 },
        Truncate(usize),
        Extend(usize),
        Lose,
    }

    impl Damage {
        fn apply(&self, bytes: &Bytes) -> Option<Bytes> {
            let mut bytes = bytes.to_vec();
            match *self {
                Self::Flip { byte, bit } => {
                    let at = byte % bytes.len();
                    bytes[at] ^= 1 << bit;
                }
                Self::Truncate(by) => bytes.truncate(bytes.len() - 1 - by % bytes.len()),
                Self::Extend(by) => bytes.extend(std::iter::repeat_n(0, by)),
                Self::Lose => return None,
            }
            Some(bytes.into())
        }
    }

    fn damage() -> impl Strategy<Value = Damage> {
        prop_oneof![
            (any::<usize>(), 0..8u8).prop_map(|(byte, bit)| Damage::Flip { byte, bit }),
            any::<usize>().prop_map(Damage::Truncate),
            (1..20_000usize).prop_map(Damage::Extend),
            Just(Damage::Lose),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_store_that_lies_loses_or_truncates_is_found_out(size in 1..10_000usize, damage in damage()) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let (blobs, store) = memory();
                let content = blobs.put(sample(size)).await.unwrap();
                match damage.apply(&sample(size)) {
                    Some(bytes) => {
                        store.put(&location(&content), bytes.into()).await.unwrap();
                        let got = blobs.get(content).await;
                        assert!(matches!(got, Err(BlobError::Corrupt { .. })), "{got:?}");
                    }
                    None => {
                        store.delete(&location(&content)).await.unwrap();
                        assert!(matches!(blobs.get(content).await, Err(BlobError::Missing { .. })));
                    }
                }
                // Storing it again mends it.
                blobs.put(sample(size)).await.unwrap();
                assert_eq!(blobs.get(content).await.unwrap(), sample(size));
            });
        }
    }
}
