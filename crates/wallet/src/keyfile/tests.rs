//! Each way a key file can be wrong, and that a right one opens.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use proptest::prelude::*;

use super::*;

const SEED: [u8; 32] = [42; 32];

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned()).unwrap()
}

/// A folder with one good key file in it.
struct Fixture {
    _folder: tempfile::TempDir,
    path: PathBuf,
    text: String,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        create(&path, &Seed::new(SEED), &passphrase("open"), WorkFactor::INSTANT).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        Self { _folder: folder, path, text }
    }

    /// What opening the file says when it has these bytes instead.
    fn open_with(&self, bytes: impl AsRef<[u8]>) -> Result<LocalSigner, KeyFileError> {
        fs::write(&self.path, bytes).unwrap();
        open(&self.path, &passphrase("open"))
    }

    fn error_with(&self, bytes: impl AsRef<[u8]>) -> KeyFileError {
        self.open_with(bytes).expect_err("the file is wrong")
    }
}

#[test]
fn what_is_sealed_is_opened() {
    let fixture = Fixture::new();
    let signer = open(&fixture.path, &passphrase("open")).unwrap();
    assert_eq!(signer.address(), LocalSigner::new(&Seed::new(SEED)).address());
    assert_eq!(address(&fixture.path).unwrap(), signer.address());
    assert_eq!(fs::metadata(&fixture.path).unwrap().permissions().mode() & 0o7777, 0o600);
}

#[test]
fn the_key_is_not_in_the_file() {
    let fixture = Fixture::new();
    assert!(!fixture.text.contains(&hex::encode(SEED)));
    let other = Fixture::new();
    assert_ne!(fixture.text, other.text, "each sealing has its own salt");
}

#[test]
fn a_wrong_passphrase_is_named_as_such() {
    let fixture = Fixture::new();
    for wrong in ["Open", "open ", "0pen"] {
        let refused = open(&fixture.path, &passphrase(wrong)).err().unwrap();
        assert!(matches!(refused, KeyFileError::WrongPassphrase), "{refused:?}");
    }
    assert_eq!(fs::read_to_string(&fixture.path).unwrap(), fixture.text, "nothing was changed");
}

#[test]
fn a_file_cut_anywhere_is_cut_off_and_nothing_else() {
    let fixture = Fixture::new();
    let whole = fixture.text.trim_end();
    assert!(matches!(fixture.error_with(""), KeyFileError::NotAKeyFile));
    for length in 1..whole.len() {
        let error = fixture.error_with(&whole[..length]);
        assert!(matches!(error, KeyFileError::Truncated), "cut at {length}: {error:?}");
    }
    fixture.open_with(whole).expect("the last line break does not matter");
}

#[test]
fn other_files_are_not_key_files() {
    let fixture = Fixture::new();
    let age_only = fixture.text.split_once("\n\n").unwrap().1.to_owned();
    let cases = [
        b"\0asm\x01\0\0\0".to_vec(),
        b"hello\nworld\n".to_vec(),
        b"\xff\xfe".to_vec(),
        format!(" {}", fixture.text).into_bytes(),
        age_only.into_bytes(),
    ];
    for bytes in cases {
        let error = fixture.error_with(&bytes);
        assert!(matches!(error, KeyFileError::NotAKeyFile), "{error:?}");
    }
}

#[test]
fn damage_is_named() {
    let fixture = Fixture::new();
    let change = |from: &str, to: &str| {
        assert!(fixture.text.contains(from));
        fixture.error_with(fixture.text.replacen(from, to, 1))
    };
    assert!(matches!(change("version 1", "version 2"), KeyFileError::Version { version: 2 }));
    assert!(matches!(change("version 1", "version x"), KeyFileError::Damaged { .. }));
    assert!(matches!(change("version 1\n", ""), KeyFileError::Damaged { .. }));
    assert!(matches!(change("address en", "address xx"), KeyFileError::Address(_)));
    assert!(matches!(change("\n\n", "\nnote\n"), KeyFileError::Damaged { .. }));
    assert!(matches!(change("-----BEGIN", "----BEGIN"), KeyFileError::Damaged { .. }));
    let other = LocalSigner::new(&Seed::new([1; 32])).address().to_string();
    let own = LocalSigner::new(&Seed::new(SEED)).address().to_string();
    assert!(matches!(change(&own, &other), KeyFileError::AddressMismatch { .. }));
}

#[test]
fn a_file_that_demands_too_much_work_is_refused_before_it_is_done() {
    let fixture = Fixture::new();
    let secret = SecretString::from("open");
    let header = fixture.text.split_once("-----BEGIN").unwrap().0;
    // A hostile file can state any number, without having done the work: state it by hand.
    let mut recipient = age::scrypt::Recipient::new(secret);
    recipient.set_work_factor(1);
    let sealed = age::encrypt(&recipient, &SEED).unwrap();
    let line_end = sealed.windows(3).position(|w| w == b" 1\n").unwrap();
    let mut hostile = sealed[..line_end].to_vec();
    hostile.extend_from_slice(b" 63\n");
    hostile.extend_from_slice(&sealed[line_end + 3..]);
    let error = fixture.error_with(format!("{header}{}", armour(&hostile)));
    assert!(matches!(error, KeyFileError::TooMuchWork { required: 63, limit: 20 }), "{error:?}");
}

#[test]
fn a_sealed_part_of_another_kind_is_refused() {
    let fixture = Fixture::new();
    let header = fixture.text.split_once("-----BEGIN").unwrap().0;
    let mut recipient = age::scrypt::Recipient::new(SecretString::from("open"));
    recipient.set_work_factor(1);
    let short = age::encrypt_and_armor(&recipient, &SEED[..31]).unwrap();
    let error = fixture.error_with(format!("{header}{short}"));
    assert!(matches!(error, KeyFileError::Damaged { what: "it does not hold a key" }));
    let identity = age::x25519::Identity::generate();
    let keyed = age::encrypt_and_armor(&identity.to_public(), &SEED).unwrap();
    let error = fixture.error_with(format!("{header}{keyed}"));
    assert!(matches!(error, KeyFileError::Damaged { what: "it is not sealed with a passphrase" }));
}

#[test]
fn an_existing_file_is_never_replaced() {
    let fixture = Fixture::new();
    let again = create(&fixture.path, &Seed::random(), &passphrase("x"), WorkFactor::INSTANT);
    assert!(matches!(again, Err(KeyFileError::File(FileError::Exists { .. }))));
    assert_eq!(fs::read_to_string(&fixture.path).unwrap(), fixture.text);
}

#[test]
fn loose_permissions_and_oversize_are_refused() {
    let fixture = Fixture::new();
    fs::set_permissions(&fixture.path, fs::Permissions::from_mode(0o644)).unwrap();
    let error = open(&fixture.path, &passphrase("open")).err().unwrap();
    assert!(matches!(error, KeyFileError::File(FileError::Permissions { mode: 0o644, .. })));
    fs::set_permissions(&fixture.path, fs::Permissions::from_mode(0o600)).unwrap();
    let error = fixture.error_with(vec![b'a'; 16 * 1024 + 1]);
    assert!(matches!(error, KeyFileError::File(FileError::TooLarge { .. })));
}

#[test]
fn work_factors_have_bounds() {
    assert!(WorkFactor::new(0).is_err());
    assert_eq!(WorkFactor::new(1), Ok(WorkFactor::INSTANT));
    assert_eq!(WorkFactor::new(20), Ok(WorkFactor::MAX));
    assert_eq!(
        WorkFactor::new(21).unwrap_err().to_string(),
        "work factor 21 is not between 1 and 20"
    );
    assert_eq!(WorkFactor::default(), WorkFactor::new(18).unwrap());
}

/// The ASCII armour of age, written by its own writer.
fn armour(bytes: &[u8]) -> String {
    use age::armor::{ArmoredWriter, Format};
    use std::io::Write;
    let mut writer = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor).unwrap();
    writer.write_all(bytes).unwrap();
    String::from_utf8(writer.finish().unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// One changed byte may be harmless (a line break), never a panic and never another key.
    #[test]
    fn one_changed_byte_never_yields_another_key(place: prop::sample::Index, byte: u8) {
        let fixture = Fixture::new();
        let mut bytes = fixture.text.clone().into_bytes();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        if let Ok(signer) = fixture.open_with(&bytes) {
            prop_assert_eq!(signer.address(), LocalSigner::new(&Seed::new(SEED)).address());
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "(earnest key file\n)?(version 1\n)?\\PC*\n*\\PC*") {
        let _ = Parts::parse(&text);
    }
}
