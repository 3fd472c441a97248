//! Crashes, damage and contradictions.

use std::fs;

use proptest::prelude::*;
use protocol::Content;
use tempfile::TempDir;

use super::*;

const CHAIN: ChainId = ChainId([9; 32]);
const ACCOUNT: AccountId = AccountId([8; 32]);

fn question(number: u8) -> Question {
    Question { duty: Duty::Result, job: JobId([number; 32]), attempt: u32::from(number) }
}

fn answer(number: u8) -> Answer {
    let output = Content { root: Hash([number; 32]), size: u64::from(number) };
    let claim = Claim { output, trace: output, meter: u64::from(number) };
    Answer { commitment: Hash([number; 32]), salt: Hash([!number; 32]), claim }
}

/// A folder for one store.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("answers")
    }

    fn open(&self) -> Result<AnswerStore, AnswersError> {
        AnswerStore::open(&self.path(), CHAIN, ACCOUNT)
    }

    /// The bytes of a store with answers 1 to `count`.
    fn bytes_with(&self, count: u8) -> Vec<u8> {
        let mut store = self.open().unwrap();
        for number in 1..=count {
            store.record(question(number), answer(number)).unwrap();
        }
        drop(store);
        fs::read(self.path()).unwrap()
    }

    fn open_with(&self, bytes: &[u8]) -> Result<AnswerStore, AnswersError> {
        fs::write(self.path(), bytes).unwrap();
        self.open()
    }
}

/// How many answers the store has, after checking that they are exactly the first ones.
fn prefix(store: &AnswerStore) -> u8 {
    let count = u8::try_from(store.len()).unwrap();
    for number in 1..=count {
        assert_eq!(store.get(&question(number)), Some(&answer(number)));
    }
    count
}

#[test]
fn an_answer_is_there_after_opening_again() {
    let place = Place::new();
    let mut store = place.open().unwrap();
    assert!(store.is_empty());
    store.record(question(1), answer(1)).unwrap();
    drop(store);
    let store = place.open().unwrap();
    assert_eq!(prefix(&store), 1);
    assert_eq!(store.get(&question(2)), None);
}

#[test]
fn another_answer_to_the_same_question_is_refused_for_ever() {
    let place = Place::new();
    let mut store = place.open().unwrap();
    store.record(question(1), answer(1)).unwrap();
    let mut salted = answer(1);
    salted.salt = Hash([0; 32]);
    let mut metered = answer(1);
    metered.claim.meter += 1;
    for other in [answer(2), salted, metered] {
        let refused = store.record(question(1), other.clone()).unwrap_err();
        assert!(matches!(refused, AnswersError::Conflict { .. }));
        drop(store);
        store = place.open().unwrap();
        assert!(store.record(question(1), other).is_err());
    }
    assert_eq!(store.get(&question(1)), Some(&answer(1)));
}

#[test]
fn the_same_answer_again_writes_nothing() {
    let place = Place::new();
    let mut store = place.open().unwrap();
    store.record(question(1), answer(1)).unwrap();
    let before = fs::read(place.path()).unwrap();
    store.record(question(1), answer(1)).unwrap();
    assert_eq!(fs::read(place.path()).unwrap(), before);
}

#[test]
fn duties_jobs_and_attempts_are_separate_questions() {
    let place = Place::new();
    let mut store = place.open().unwrap();
    let one = question(1);
    let others = [
        Question { duty: Duty::Audit, ..one },
        Question { job: JobId([2; 32]), ..one },
        Question { attempt: 2, ..one },
    ];
    store.record(one, answer(1)).unwrap();
    for other in others {
        assert_eq!(store.get(&other), None);
        store.record(other, answer(2)).unwrap();
    }
    assert_eq!(store.len(), 4);
}

#[test]
fn a_second_process_is_kept_out() {
    let place = Place::new();
    let first = place.open().unwrap();
    assert!(matches!(place.open(), Err(AnswersError::Locked { .. })));
    drop(first);
    place.open().unwrap();
}

#[test]
fn a_store_serves_one_account_on_one_network() {
    let place = Place::new();
    drop(place.open().unwrap());
    let other_account = AnswerStore::open(&place.path(), CHAIN, AccountId([7; 32]));
    assert!(matches!(other_account, Err(AnswersError::Foreign)));
    let other_chain = AnswerStore::open(&place.path(), ChainId([7; 32]), ACCOUNT);
    assert!(matches!(other_chain, Err(AnswersError::Foreign)));
    assert!(matches!(place.open_with(b"earnest key file\n"), Err(AnswersError::NotAStore)));
    assert!(matches!(place.open_with(b""), Err(AnswersError::NotAStore)));
}

#[test]
fn others_may_not_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    drop(place.open().unwrap());
    let mode = fs::metadata(place.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(place.open(), Err(AnswersError::File(FileError::Permissions { .. }))));
}

#[test]
fn a_body_has_the_size_that_frames_expect() {
    let body = borsh::to_vec(&Record { question: question(1), answer: answer(1) }).unwrap();
    assert_eq!(body.len(), BODY_BYTES);
}

#[test]
fn a_write_cut_anywhere_loses_only_what_was_not_acknowledged() {
    let place = Place::new();
    let header = place.bytes_with(0).len();
    let mut ends = vec![header];
    for count in 1..=3 {
        fs::remove_file(place.path()).unwrap();
        ends.push(place.bytes_with(count).len());
    }
    let bytes = fs::read(place.path()).unwrap();
    for cut in header..=bytes.len() {
        let whole = ends.iter().rposition(|end| *end <= cut).unwrap();
        let mut store = place.open_with(&bytes[..cut]).unwrap();
        assert_eq!(usize::from(prefix(&store)), whole, "cut at {cut}");
        // It goes on from there, and what it writes then is whole.
        store.record(question(200), answer(200)).unwrap();
        drop(store);
        assert_eq!(place.open().unwrap().len(), whole + 1);
    }
}

#[test]
fn a_write_lengthened_but_not_filled_is_dropped() {
    let place = Place::new();
    let two = place.bytes_with(2);
    fs::remove_file(place.path()).unwrap();
    let three = place.bytes_with(3);
    for written in two.len()..three.len() - FRAME_CHECK {
        // Only the first bytes of the last frame reached the disk; the rest reads as zero. A head that
        // is only half there looks like damage, and is refused rather than guessed at.
        let mut bytes = three[..written].to_vec();
        bytes.resize(three.len(), 0);
        match place.open_with(&bytes) {
            Ok(store) => assert_eq!(prefix(&store), 2, "written {written}"),
            Err(AnswersError::Damaged { .. }) => {
                assert!((two.len()..two.len() + FRAME_HEAD).contains(&written), "{written}");
            }
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn a_repeated_frame_is_damage() {
    let place = Place::new();
    let header = place.bytes_with(0).len();
    let bytes = place.bytes_with(1);
    let twice = [&bytes[..], &bytes[header..]].concat();
    assert!(matches!(place.open_with(&twice), Err(AnswersError::Damaged { .. })));
}

#[test]
fn a_full_disk_refuses_and_takes_nothing_back() {
    let place = Place::new();
    let mut store = place.open().unwrap();
    store.record(question(1), answer(1)).unwrap();
    // The kernel's full device: each write fails with "no space left", and it cannot be truncated.
    let file = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let real = std::mem::replace(&mut store.file, file);
    let refused = store.record(question(2), answer(2)).unwrap_err();
    assert!(matches!(refused, AnswersError::File(FileError::DiskFull { .. })), "{refused:?}");
    assert_eq!(store.get(&question(2)), None);
    assert!(matches!(store.record(question(3), answer(3)), Err(AnswersError::Broken)));
    drop(real);
    drop(store);
    assert_eq!(prefix(&place.open().unwrap()), 1);
}

#[test]
fn a_store_at_its_limit_says_so() {
    let place = Place::new();
    let mut store = place.open().unwrap();
    store.known.length = STORE_BYTES_MAX;
    let refused = store.record(question(1), answer(1)).unwrap_err();
    assert!(matches!(refused, AnswersError::File(FileError::TooLarge { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_flipped_bit_is_never_taken_for_a_torn_write(place: prop::sample::Index, bit in 0_u8..8) {
        let folder = Place::new();
        let mut bytes = folder.bytes_with(3);
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        prop_assert!(folder.open_with(&bytes).is_err());
    }

    #[test]
    fn no_tail_makes_the_reader_panic(tail: Vec<u8>) {
        let header = header(CHAIN, ACCOUNT);
        let bytes = [header.as_bytes(), &tail[..]].concat();
        if let Ok(known) = Known::parse(&bytes, &header) {
            prop_assert!(known.answers.is_empty());
        }
    }
}
