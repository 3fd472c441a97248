//! Thirty-two byte identifiers and the domain-separated hash behind them.

use std::fmt;
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};

/// A text that is not sixty-four hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 64 hexadecimal digits, found {0:?}")]
pub struct ParseIdError(String);

/// JSON form of a type that reads and writes itself as text.
#[cfg(feature = "serde")]
macro_rules! serde_as_text {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
#[cfg(feature = "serde")]
pub(crate) use serde_as_text;

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize,
        )]
        pub struct $name(pub [u8; 32]);

        // In order of bytes, as two numbers: less than calling for a comparison of so few bytes.
        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                let halves = |id: &Self| {
                    let (halves, _) = id.0.as_chunks::<16>();
                    [u128::from_be_bytes(halves[0]), u128::from_be_bytes(halves[1])]
                };
                halves(self).cmp(&halves(other))
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        // As two numbers, which costs a hasher less than a slice with its length: tables are asked all the time.
        impl std::hash::Hash for $name {
            fn hash<H: std::hash::Hasher>(&self, hasher: &mut H) {
                let (halves, _) = self.0.as_chunks::<16>();
                halves.iter().for_each(|half| hasher.write_u128(u128::from_ne_bytes(*half)));
            }
        }

        impl $name {
            /// The bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", &hex::encode(&self.0[..4]))
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let mut bytes = [0; 32];
                let decoded = hex::decode_to_slice(text, &mut bytes);
                decoded.map(|()| Self(bytes)).map_err(|_| ParseIdError(text.chars().take(80).collect()))
            }
        }

        #[cfg(feature = "serde")]
        serde_as_text!($name);
    };
}

identifier! {
    /// A BLAKE3 hash.
    Hash
}
identifier! {
    /// An account: the bytes of its ed25519 public key.
    AccountId
}
identifier! {
    /// A job: hash of chain, requester and the nonce of the submitting transaction.
    JobId
}
identifier! {
    /// A program: hash of its prepared module, as the referee computed it.
    ProgramId
}
identifier! {
    /// A chain: hash of its genesis.
    ChainId
}
identifier! {
    /// A device of an operator: its public key, or the root of what it stores.
    DeviceId
}
identifier! {
    /// A transaction: hash of what was signed, so no second signature of it has another name.
    TransactionId
}

impl Hash {
    /// Hash of a value's canonical encoding under a domain. Two domains never collide.
    pub fn of<T: BorshSerialize + ?Sized>(domain: &str, value: &T) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(domain);
        borsh::to_writer(&mut hasher, value).expect("hashing never fails");
        Self(*hasher.finalize().as_bytes())
    }

    /// The first sixteen bytes as a number, for draws.
    pub(crate) fn leading_128(&self) -> u128 {
        let (head, _) =
            self.0.split_first_chunk().expect("thirty-two bytes have sixteen at their head");
        u128::from_be_bytes(*head)
    }

    /// The first four bytes as a number, for draws.
    pub(crate) fn leading_32(&self) -> u32 {
        let (head, _) =
            self.0.split_first_chunk().expect("thirty-two bytes have four at their head");
        u32::from_be_bytes(*head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips_and_rejects_anything_else() {
        let id = Hash::of("test", &7_u8);
        assert_eq!(id.to_string().parse(), Ok(id));
        for bad in ["", "00", &"g".repeat(64), &"0".repeat(63), &"0".repeat(66)] {
            assert!(bad.parse::<Hash>().is_err(), "{bad}");
        }
    }

    #[test]
    fn domains_separate() {
        assert_ne!(Hash::of("one", &7_u8), Hash::of("two", &7_u8));
    }
}
