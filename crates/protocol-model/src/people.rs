//! People of a history and their keys. Receipts are signed outside of any transaction, so accounts are true public keys.

use std::sync::LazyLock;

use ed25519_consensus::{SigningKey, VerificationKey};
use protocol::{AccountId, Hash};

/// How many there are.
pub(crate) const PEOPLE: u8 = 13;

/// Seeds of their keys, found so that the second byte of a key is the person's number and two and two share the first, by
/// which the first implementation sorts validators.
const SEEDS: [u32; PEOPLE as usize] = [
    69_161, 285_082, 15_770, 55_860, 16_715, 11_855, 177_106, 79_953, 51_679, 108_522, 196_229,
    60_384, 148_265,
];

static KEYS: LazyLock<[SigningKey; PEOPLE as usize]> = LazyLock::new(|| SEEDS.map(key));

static ACCOUNTS: LazyLock<[AccountId; PEOPLE as usize]> =
    LazyLock::new(|| SEEDS.map(|seed| AccountId(VerificationKey::from(&key(seed)).to_bytes())));

fn key(seed: u32) -> SigningKey {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    SigningKey::from(bytes)
}

/// The account of a person.
pub(crate) fn account(person: u8) -> AccountId {
    ACCOUNTS[usize::from(person)]
}

/// The person of an account.
pub(crate) fn person(account: AccountId) -> u8 {
    account.0[1]
}

/// A person's signature of a message.
pub(crate) fn sign(account: AccountId, message: Hash) -> [u8; 64] {
    KEYS[usize::from(person(account))].sign(message.as_bytes()).to_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_name_their_people_and_share_first_bytes() {
        for number in 0..PEOPLE {
            let account = account(number);
            assert_eq!(person(account), number);
            assert_eq!(account.0[0], 16 + number / 2);
        }
    }
}
