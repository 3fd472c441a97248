//! Replicated jobs: for programs that repeat exactly but cannot be stepped, so that no judge can re-execute one. Several
//! unrelated providers run the same, seal their outputs, open them, and the outputs are compared.
//!
//! ```text
//!  Open --n drawn--> Replicating --all committed--> ReplicasRevealing --quorum--> Appealable --> Ended, Completed, paid
//!   |                   |                                 |                          |  ^
//!   | wait over         | fewer than the quorum           | no quorum                |  | upheld
//!   | or cancelled      v                                 v                  AppealJob  |
//!   v               Escalating: 2n + 1 in all <-----------+                          v  |
//!  Ended: refund        |                                                          Voting --overturned--> paid or refund
//!                       +-- drawn: Replicating again; not drawn, or no quorum again: Ended, NoQuorum, refund
//! ```
//!
//! What the comparison says is an opinion, not a proof. So nobody is punished or paid for it before the time to appeal is
//! over, two thirds of all validators may set it aside, and it never counts as a conviction. What heights say, a missed
//! commitment or a missing reveal, is final at once.

mod appeal;
mod commit;
mod draw;
mod offer;
mod policy;
mod record;
mod settle;
mod verdict;

pub(crate) use appeal::{appeal, appeal_lapsed, vote};
pub(crate) use commit::{commit_missed, commit_replica, reveal_missed, reveal_replica};
pub(crate) use draw::{can_draw, draw_round};
pub(crate) use offer::run_replicas;
pub use policy::{appeal_bond, quorum, replica_price_max, replicas_in_all, seal_output};
pub(crate) use policy::{check_kind, needed};
pub use record::{Answer, Appeal, JobKind, Replica, ReplicaFate, Replication, Vote};
pub(crate) use verdict::{escalation_lapsed, verdict_stands};
