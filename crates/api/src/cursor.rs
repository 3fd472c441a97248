//! Places in the event stream.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A place in the event stream: in front of the event with this index of the block at this height.
/// Reading goes on there. Ordered as the stream is; the default is its beginning.
///
/// On the wire it is the text `HEIGHT-INDEX`. Clients keep it and hand it back; the `cursor` that
/// comes with an event lies just behind that event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor {
    /// Height of the block.
    pub height: u64,
    /// Position among the block's events.
    pub index: u64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.height, self.index)
    }
}

/// The text is not a cursor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cursor is HEIGHT-INDEX, such as 12-3, as an earlier answer gave it")]
pub struct InvalidCursor;

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let (height, index) = text.split_once('-').ok_or(InvalidCursor)?;
        let number = |digits: &str| digits.parse().map_err(|_| InvalidCursor);
        Ok(Self { height: number(height)?, index: number(index)? })
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips_and_nothing_else_parses() {
        let cursor = Cursor { height: u64::MAX, index: 7 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for bad in ["", "1", "1-", "-1", "1-2-3", "1--2", "a-b", "18446744073709551616-0"] {
            assert_eq!(bad.parse::<Cursor>(), Err(InvalidCursor), "{bad}");
        }
    }

    #[test]
    fn order_is_that_of_the_stream() {
        let at = |height, index| Cursor { height, index };
        assert!(Cursor::default() < at(1, 0) && at(1, 9) < at(2, 0));
    }
}
