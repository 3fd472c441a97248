//! What the rules would say to a transaction, tried out on a copy of the last final state.

use api::wire::Foresight;
use api::{Code, Problem};
use protocol::{Action, Context, Rejection, State, Transaction};

/// Signature that nobody made: what is foreseen is not signed.
const UNSIGNED: [u8; 64] = [0; 64];

/// What would become of an unsigned transaction. Its nonce is taken to be the next.
pub(crate) fn foresee(
    state: &State,
    context: &Context<'_>,
    bytes: &[u8],
) -> Result<Foresight, Problem> {
    let mut transaction = borsh::from_slice::<Transaction>(bytes)
        .map_err(|error| Problem::malformed(format!("not a transaction: {error}")))?;
    if asks_machine(&transaction.action) {
        return Err(Problem::malformed(
            "what takes the machine to decide is not foreseen: nobody has paid for that work",
        ));
    }
    transaction.nonce = state.next_nonce(transaction.sender);
    let verified = transaction.with_signature(UNSIGNED).assume_verified();
    let (parameters, action) = (state.parameters(), &verified.transaction().action);
    let fee = protocol::fee(parameters, verified.bytes(), action);
    // A clone is a handful of reference counts; what happens to it is forgotten.
    let rejection = protocol::apply(&mut state.clone(), context, &verified).rejection;
    if let Some(rejection @ Rejection::WrongChain { .. }) = &rejection {
        let problem = Problem::new(Code::TransactionRefused, rejection.to_string());
        return Err(problem.with_remedy(rejection.advice()));
    }
    Ok(Foresight { fee, rejection })
}

/// Whether deciding an action takes the referee's work: preparing, running or checking something.
const fn asks_machine(action: &Action) -> bool {
    matches!(
        action,
        Action::RegisterProgram { .. } | Action::Challenge { .. } | Action::AnswerCapacity { .. }
    )
}
