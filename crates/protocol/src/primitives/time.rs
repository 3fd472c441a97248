//! Network time, height, epoch, nonce.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

macro_rules! counter {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
        )]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

counter! {
    /// Network time in milliseconds: it stands still while the network does, so an outage makes nobody late.
    Time
}
counter! {
    /// A block's height. Orders facts that time cannot, such as "drawn after the commitment".
    Height
}
counter! {
    /// An epoch: network time since genesis divided by the epoch length.
    Epoch
}
counter! {
    /// How many transactions an account has sent.
    Nonce
}

impl Time {
    /// The instant `duration_ms` later. Past the end of time is the end of time.
    #[must_use]
    pub const fn plus_ms(self, duration_ms: u64) -> Self {
        Self(self.0.saturating_add(duration_ms))
    }

    /// Milliseconds since an earlier instant; zero if it is later.
    pub const fn since_ms(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl Height {
    /// The height `blocks` later.
    #[must_use]
    pub const fn plus(self, blocks: u64) -> Self {
        Self(self.0.saturating_add(blocks))
    }
}
