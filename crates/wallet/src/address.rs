//! How an account is written down: 74 characters that people copy and machines check.
//!
//! ```text
//! en d0ee37ee3ec8e408f2674f25346d143ac30a6da2a888f7c46d94ba5b1c3dd45e 398e2898
//! |  |                                                                |
//! |  public key, 32 bytes, lower-case hexadecimal                     first 4 bytes of the checksum
//! prefix
//! ```
//!
//! (without the spaces). The checksum is BLAKE3 in key-derivation mode over the public key, so a mistyped
//! address is refused with a chance of 4,294,967,295 in 4,294,967,296. Upper case is refused too: one
//! account, one spelling.

use std::{fmt, str::FromStr};

use protocol::AccountId;

/// What every address begins with.
const PREFIX: &str = "en";

/// Hexadecimal digits of the public key.
const KEY_DIGITS: usize = 64;

/// Bytes of checksum after the key.
const CHECKSUM_BYTES: usize = 4;

/// Domain of the checksum; fixed for ever, because addresses are on paper.
const CHECKSUM_DOMAIN: &str = "earnest address checksum v1";

/// An account as people write it: its ed25519 public key with a checksum.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(AccountId);

impl Address {
    /// The address of an account.
    pub const fn new(account: AccountId) -> Self {
        Self(account)
    }

    /// The account.
    pub const fn account(self) -> AccountId {
        self.0
    }

    fn checksum(self) -> [u8; CHECKSUM_BYTES] {
        let hash = blake3::derive_key(CHECKSUM_DOMAIN, self.0.as_bytes());
        let mut checksum = [0; CHECKSUM_BYTES];
        checksum.copy_from_slice(&hash[..CHECKSUM_BYTES]);
        checksum
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{PREFIX}{}{}", self.0, hex::encode(self.checksum()));
        f.pad(&text)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

impl From<AccountId> for Address {
    fn from(account: AccountId) -> Self {
        Self::new(account)
    }
}

impl From<Address> for AccountId {
    fn from(address: Address) -> Self {
        address.account()
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix(PREFIX).ok_or(AddressError::Prefix)?;
        let expected = KEY_DIGITS + 2 * CHECKSUM_BYTES;
        if digits.len() != expected {
            return Err(AddressError::Length {
                expected: PREFIX.len() + expected,
                found: text.chars().count(),
            });
        }
        if !digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(AddressError::Digit);
        }
        let mut key = [0; 32];
        hex::decode_to_slice(&digits[..KEY_DIGITS], &mut key).map_err(|_| AddressError::Digit)?;
        let address = Self(AccountId(key));
        if hex::encode(address.checksum()) != digits[KEY_DIGITS..] {
            return Err(AddressError::Checksum);
        }
        Ok(address)
    }
}

/// Why a text is not an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Another kind of text, or one whose beginning was not copied.
    #[error("not an address: addresses begin with \"{PREFIX}\"")]
    Prefix,
    /// Characters are missing or left over.
    #[error("an address has {expected} characters, this has {found}; was it copied whole?")]
    Length {
        /// Characters of every address.
        expected: usize,
        /// Characters of this text.
        found: usize,
    },
    /// Something other than the digits 0-9 and a-f.
    #[error("an address has only the characters 0-9 and a-f after \"{PREFIX}\"")]
    Digit,
    /// Every character could stand there, but not all of them together.
    #[error("the checksum does not match: at least one character of this address is wrong")]
    Checksum,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ZERO: &str = "en00000000000000000000000000000000000000000000000000000000000000008c2944c5";

    #[test]
    fn the_spelling_of_an_address_never_changes() {
        assert_eq!(Address::new(AccountId([0; 32])).to_string(), ZERO);
        assert_eq!(ZERO.parse(), Ok(Address::new(AccountId([0; 32]))));
    }

    #[test]
    fn each_kind_of_mistake_is_named() {
        let cases = [
            ("", AddressError::Prefix),
            ("0000", AddressError::Prefix),
            ("EN00", AddressError::Prefix),
            ("en00", AddressError::Length { expected: 74, found: 4 }),
            (&ZERO[..73], AddressError::Length { expected: 74, found: 73 }),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<Address>(), Err(error), "{text}");
        }
        let upper = ZERO.replacen("en0", "enA", 1);
        assert_eq!(upper.parse::<Address>(), Err(AddressError::Digit));
        let wide = ZERO.replacen("en00", "ené", 1);
        assert_eq!(wide.parse::<Address>(), Err(AddressError::Digit));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(key: [u8; 32]) {
            let address = Address::new(AccountId(key));
            prop_assert_eq!(address.to_string().parse(), Ok(address));
        }

        #[test]
        fn one_wrong_character_is_noticed(key: [u8; 32], place in 2_usize..74, change in 1_u32..16) {
            let mut text = Address::new(AccountId(key)).to_string().into_bytes();
            let digit = char::from(text[place]).to_digit(16).unwrap();
            let other = (digit + change) % 16;
            text[place] = u8::try_from(char::from_digit(other, 16).unwrap()).unwrap();
            let text = String::from_utf8(text).unwrap();
            prop_assert_eq!(text.parse::<Address>(), Err(AddressError::Checksum));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text: String) {
            let _ = text.parse::<Address>();
        }
    }
}
