//! Programs: what the referee has prepared, once.

use protocol::{AccountId, Event, JobEvent, ProgramId, Referee, Rejection};

use super::{Model, Outcome};

/// A registered program.
#[derive(Clone)]
pub(crate) struct Program {
    pub(crate) author: AccountId,
    pub(crate) memory_max: u64,
    pub(crate) registered: u64,
    pub(crate) prepared: Vec<u8>,
}

impl Model {
    pub(super) fn register_program(
        &mut self,
        referee: &dyn Referee,
        author: AccountId,
        source: &[u8],
    ) -> Outcome {
        let (bytes, limit) = (source.len() as u64, self.parameters.program_bytes_max);
        if bytes > limit {
            return Err(Rejection::ProgramTooLarge { bytes, limit });
        }
        let prepared = referee.prepare(source).map_err(|why| Rejection::ProgramRefused { why })?;
        let program: ProgramId = prepared.id;
        if self.programs.contains_key(&program) {
            return Err(Rejection::ProgramExists { program });
        }
        let (bytes, memory_max) = (prepared.bytes.len(), prepared.memory_max);
        let prepared = prepared.bytes.as_slice().to_vec();
        let registered = self.now;
        self.programs.insert(program, Program { author, memory_max, registered, prepared });
        self.say(Event::Job(JobEvent::ProgramRegistered { program, author, bytes }));
        Ok(())
    }
}
