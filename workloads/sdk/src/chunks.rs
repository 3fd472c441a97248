//! A list that grows without moving what it holds.

/// An append-only list kept in chunks of a fixed number of items.
///
/// A `Vec` that outgrows its allocation copies everything, in one step: a list of a few megabytes would touch more
/// pages than a step may. Here growth touches one new chunk (and the small table of chunks).
pub struct Chunks<T> {
    chunks: Vec<Vec<T>>,
    chunk_items: usize,
    items: usize,
}

impl<T> Chunks<T> {
    /// An empty list that grows by so many items at a time (at least one).
    #[must_use]
    pub const fn new(chunk_items: usize) -> Self {
        assert!(chunk_items > 0, "a chunk holds at least one item");
        Self { chunks: Vec::new(), chunk_items, items: 0 }
    }

    /// Items in the list.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.items
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.items == 0
    }

    /// Appends one item and returns its index.
    pub fn push(&mut self, item: T) -> usize {
        if self.items == self.chunks.len() * self.chunk_items {
            self.chunks.push(Vec::with_capacity(self.chunk_items));
        }
        let index = self.items;
        self.chunks[index / self.chunk_items].push(item);
        self.items += 1;
        index
    }

    /// The item at an index, if there is one.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&T> {
        self.chunks.get(index / self.chunk_items)?.get(index % self.chunk_items)
    }

    /// The item at an index, to change it, if there is one.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.chunks.get_mut(index / self.chunk_items)?.get_mut(index % self.chunk_items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_are_stable_across_growth() {
        let mut list = Chunks::new(3);
        assert!(list.is_empty());
        for value in 0..10usize {
            assert_eq!(list.push(value * value), value);
        }
        let first: *const usize = list.get(0).expect("ten items");
        list.push(100);
        assert_eq!(first, std::ptr::from_ref(list.get(0).expect("eleven items")));
        assert!((0..10).all(|at| list.get(at) == Some(&(at * at))));
        assert_eq!((list.get(11), list.len()), (None, 11));
    }
}
