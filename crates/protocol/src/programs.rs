//! Registering programs. Only what the referee prepared is ever run or judged, and it prepares from source, so nobody can
//! slip in a module that was not prepared.

use std::sync::Arc;

use crate::event::JobEvent;
use crate::jobs::Program;
use crate::primitives::{AccountId, Bytes};
use crate::rejection::Rejection;
use crate::step::Step;

pub(crate) fn register(
    step: &mut Step<'_>,
    sender: AccountId,
    source: &Bytes,
) -> Result<(), Rejection> {
    let (bytes, limit) = (source.len(), step.state.parameters.program_bytes_max);
    if bytes > limit {
        return Err(Rejection::ProgramTooLarge { bytes, limit });
    }
    let prepared = step.context.referee.prepare(source.as_slice());
    let prepared = prepared.map_err(|why| Rejection::ProgramRefused { why })?;
    let id = prepared.id;
    if step.state.program(id).is_some() {
        return Err(Rejection::ProgramExists { program: id });
    }
    let bytes = prepared.bytes.len();
    let program = Program {
        id,
        author: sender,
        prepared: prepared.bytes,
        memory_max: prepared.memory_max,
        registered: step.now(),
    };
    step.state.programs.insert(id, Arc::new(program));
    step.emit(JobEvent::ProgramRegistered { program: id, author: sender, bytes });
    Ok(())
}
