//! Histories on which the two once disagreed, as the workload told them.
