//! Twenty-four words on paper, from which every key of a person can be made again.
//!
//! The words are BIP-39 (English list, 256 bits of entropy, no extra passphrase). They become a key by
//! SLIP-0010 for ed25519, at the path
//!
//! ```text
//! m / 44' / 4543054' / account' / role'        role: 0 = owner, 1 = operator
//! ```
//!
//! Both are public standards, so a phrase made here can be restored by other tools and by hardware
//! signers, and no key of a path tells anything of another. `4543054` is the coin type of Earnest, the
//! letters "ERN" as a number; ed25519 knows hardened steps only.

use std::fmt;

use bip39::{Language, Mnemonic};
use hmac::{Hmac, Mac};
use sha2::Sha512;
use zeroize::{Zeroize, Zeroizing};

use crate::secret::Seed;

/// Words of a phrase. Shorter phrases are valid BIP-39, and are refused: one strength for everybody.
pub const PHRASE_WORDS: usize = 24;

/// Bytes of entropy behind [`PHRASE_WORDS`] words.
const ENTROPY_BYTES: usize = 32;

/// First step of the path: BIP-44's purpose.
const PURPOSE: u32 = 44;

/// Second step of the path: "ERN" in ASCII, read as a big-endian number.
const COIN_TYPE: u32 = 0x45_52_4e;

/// The bit that makes a step of a path hardened.
const HARDENED: u32 = 1 << 31;

/// Key of the first HMAC of SLIP-0010, by its text.
const SLIP10_DOMAIN: &[u8] = b"ed25519 seed";

/// What a key is for. The two are apart from the first day, so that a machine on the network never holds
/// the key that can take everything out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Holds the money. Kept offline.
    Owner,
    /// Signs daily work. Lives on the machine that does it.
    Operator,
}

impl Role {
    const fn step(self) -> u32 {
        match self {
            Self::Owner => 0,
            Self::Operator => 1,
        }
    }
}

/// A 24-word phrase. Wiped when dropped, never printed by accident.
pub struct Phrase(Mnemonic);

impl Phrase {
    /// A new phrase from the operating system's randomness.
    pub fn random() -> Self {
        let entropy = Zeroizing::new(rand::random::<[u8; ENTROPY_BYTES]>());
        let words = Mnemonic::from_entropy_in(Language::English, entropy.as_slice());
        Self(words.expect("32 bytes are a length that BIP-39 knows"))
    }

    /// Reads a phrase as a person types it: any blanks between the words, any case.
    ///
    /// # Errors
    ///
    /// When it has not 24 words, a word is not on the list, or the checksum in the last word disagrees.
    pub fn parse(text: &str) -> Result<Self, PhraseError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.len() != PHRASE_WORDS {
            return Err(PhraseError::Count { found: words.len() });
        }
        let mut joined = Zeroizing::new(words.join(" "));
        joined.make_ascii_lowercase();
        match Mnemonic::parse_in_normalized(Language::English, &joined) {
            Ok(words) => Ok(Self(words)),
            Err(bip39::Error::UnknownWord(index)) => Err(PhraseError::Word { number: index + 1 }),
            Err(_) => Err(PhraseError::Checksum),
        }
    }

    /// The words, in lower case with single blanks, to be shown once and written on paper.
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.to_string())
    }

    /// The seed of the key for `role` in the numbered `account`.
    ///
    /// # Errors
    ///
    /// When `account` does not fit a path step, 31 bits.
    pub fn derive(&self, account: u32, role: Role) -> Result<Seed, PhraseError> {
        if account >= HARDENED {
            return Err(PhraseError::Account { account });
        }
        let master = Zeroizing::new(self.0.to_seed_normalized(""));
        Ok(slip10(master.as_slice(), &[PURPOSE, COIN_TYPE, account, role.step()]))
    }
}

impl fmt::Debug for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phrase(hidden)")
    }
}

/// Why a text is not a phrase, or a phrase has no such key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhraseError {
    /// Words are missing or left over.
    #[error("a phrase has {PHRASE_WORDS} words, this has {found}")]
    Count {
        /// Words of this text.
        found: usize,
    },
    /// A word that no phrase contains. It is named by its place, since errors end in logs.
    #[error("word {number} is not on the list of words; check its spelling")]
    Word {
        /// Its place, from 1.
        number: usize,
    },
    /// All words exist, but not in this order or not together.
    #[error("the words do not belong together: one is wrong, or two are swapped")]
    Checksum,
    /// No path leads to such an account.
    #[error("account {account} is too large, the last one is 2147483647")]
    Account {
        /// The number asked for.
        account: u32,
    },
}

/// SLIP-0010 for ed25519: walks `path`, all steps hardened, from a master seed to a key seed.
fn slip10(master: &[u8], path: &[u32]) -> Seed {
    let mut node = hmac_sha512(SLIP10_DOMAIN, &[master]);
    for step in path {
        let (key, chain_code) = node.split_at(32);
        let child = hmac_sha512(chain_code, &[&[0], key, &(step | HARDENED).to_be_bytes()]);
        node = child;
    }
    let mut key = [0; 32];
    key.copy_from_slice(&node[..32]);
    let seed = Seed::new(key);
    key.zeroize();
    seed
}

fn hmac_sha512(key: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; 64]> {
    let mut mac = Hmac::<Sha512>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    Zeroizing::new(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signer::{LocalSigner, Signer};

    /// The all-zero entropy of BIP-39's published vectors.
    fn zero_phrase() -> String {
        format!("{}art", "abandon ".repeat(23))
    }

    /// Vectors 1 and 2 of SLIP-0010 for ed25519: seed, path, private key, public key.
    const SLIP10: &[(&str, &[u32], &str, &str)] = &[
        (
            "000102030405060708090a0b0c0d0e0f",
            &[],
            "2b4be7f19ee27bbf30c667b642d5f4aa69fd169872f8fc3059c08ebae2eb19e7",
            "a4b2856bfec510abab89753fac1ac0e1112364e7d250545963f135f2a33188ed",
        ),
        (
            "000102030405060708090a0b0c0d0e0f",
            &[0],
            "68e0fe46dfb67e368c75379acec591dad19df3cde26e63b93a8e704f1dade7a3",
            "8c8a13df77a28f3445213a0f432fde644acaa215fc72dcdf300d5efaa85d350c",
        ),
        (
            "000102030405060708090a0b0c0d0e0f",
            &[0, 1, 2, 2, 1_000_000_000],
            "8f94d394a8e8fd6b1bc2f3f49f5c47e385281d5c17e65324b0f62483e37e8793",
            "3c24da049451555d51a7014a37337aa4e12d41e485abccfa46b47dfb2af54b7a",
        ),
        (
            "fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542",
            &[0, 2_147_483_647, 1, 2_147_483_646, 2],
            "551d333177df541ad876a60ea71f00447931c0a9da16f227c11ea080d7391b8d",
            "47150c75db263559a70d5778bf36abbab30fb061ad69f69ece61a72b0cfa4fc0",
        ),
    ];

    #[test]
    fn derivation_agrees_with_the_published_vectors() {
        for (master, path, private, public) in SLIP10 {
            let seed = slip10(&hex::decode(master).unwrap(), path);
            assert_eq!(&hex::encode(seed.expose()), private);
            let signer = LocalSigner::new(&seed);
            assert_eq!(&signer.account().to_string(), public);
        }
    }

    #[test]
    fn words_agree_with_the_published_vectors() {
        let phrase = Phrase::parse(&zero_phrase()).unwrap();
        assert_eq!(
            hex::encode(phrase.0.to_seed_normalized("")),
            "408b285c123836004f4b8842c89324c1f01382450c0d439af345ba7fc49acf70\
             5489c6fc77dbd4e3dc1dd8cc6bc9f043db8ada1e243c4a0eafb290d399480840"
        );
    }

    #[test]
    fn the_path_of_a_key_never_changes() {
        let phrase = Phrase::parse(&zero_phrase()).unwrap();
        let key = |account, role| {
            let signer = LocalSigner::new(&phrase.derive(account, role).unwrap());
            signer.address().to_string()
        };
        expect_test::expect![[r#"
            end0ee37ee3ec8e408f2674f25346d143ac30a6da2a888f7c46d94ba5b1c3dd45e398e2898
            en81781d1a9f54eb2c4684588371f276bab2f4f94b915e808b94d4ba41dd62dcdeec91d7a5
            ene9f1b2df61d9fa1eaa176ac75a0470067dfb2b82d9fe324debf81ea2adf045e05f85817c
        "#]]
        .assert_eq(&format!(
            "{}\n{}\n{}\n",
            key(0, Role::Owner),
            key(0, Role::Operator),
            key(1, Role::Owner)
        ));
    }

    #[test]
    fn a_new_phrase_restores_the_same_key() {
        let phrase = Phrase::random();
        let again = Phrase::parse(&phrase.reveal()).unwrap();
        let (a, b) = (phrase.derive(3, Role::Operator), again.derive(3, Role::Operator));
        assert_eq!(a.unwrap().expose(), b.unwrap().expose());
        assert_eq!(phrase.reveal().split(' ').count(), PHRASE_WORDS);
        assert_ne!(*phrase.reveal(), *Phrase::random().reveal());
    }

    #[test]
    fn a_phrase_is_read_however_it_is_spaced_and_cased() {
        let text = format!("  {}\n", zero_phrase().replace(' ', " \t\n ").to_uppercase());
        assert_eq!(*Phrase::parse(&text).unwrap().reveal(), zero_phrase());
    }

    #[test]
    fn each_kind_of_mistake_is_named() {
        let phrase = zero_phrase();
        let error = |text: &str| Phrase::parse(text).unwrap_err();
        assert_eq!(error(""), PhraseError::Count { found: 0 });
        assert_eq!(error(&"abandon ".repeat(12)), PhraseError::Count { found: 12 });
        assert_eq!(error(&format!("{phrase} art")), PhraseError::Count { found: 25 });
        assert_eq!(error(&phrase.replace("art", "arts")), PhraseError::Word { number: 24 });
        assert_eq!(error(&phrase.replacen("abandon", "zzz", 1)), PhraseError::Word { number: 1 });
        assert_eq!(error(&phrase.replace("art", "zoo")), PhraseError::Checksum);
        let phrase = Phrase::parse(&phrase).unwrap();
        assert!(phrase.derive(HARDENED - 1, Role::Owner).is_ok());
        assert_eq!(
            phrase.derive(HARDENED, Role::Owner).unwrap_err(),
            PhraseError::Account { account: HARDENED }
        );
    }

    #[test]
    fn a_phrase_is_not_printed() {
        assert_eq!(format!("{:?}", Phrase::random()), "Phrase(hidden)");
    }
}
