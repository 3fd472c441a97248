//! The simulation as a list of operations.

use crate::gravity::{self, LANES, Vectors};
use crate::{Setup, cluster};
use guest::{Output, Program, Progress, Refusal, Schedule, Stage};
use std::ops::Range;

/// What a step may cost, in interactions: about 5 ms of native work, and 135 million metered units.
const STEP_INTERACTIONS: u64 = 1_800_000;

/// The simulation between two steps.
pub struct NBody {
    schedule: Schedule<Operation>,
    state: State,
}

/// What is done to a range of bodies, or of groups of them where it says so.
#[derive(Clone, Copy)]
enum Operation {
    /// Draw the whole cluster.
    Place,
    /// Half a kick, then a drift.
    KickDrift,
    /// New accelerations, by groups.
    Accelerate,
    /// The other half of the kick.
    Kick,
    /// Add up the total energy, by groups.
    Energy,
    /// Write the header, with the first energy.
    Begin,
    /// Write a frame.
    Frame,
    /// Fill in the final momentum.
    Finish,
}

struct State {
    setup: Setup,
    positions: Vectors,
    velocities: Vectors,
    accelerations: Vectors,
    time_steps_done: u64,
    energy: f64,
}

impl Program for NBody {
    fn start(input: &[u8]) -> Result<Self, Refusal> {
        let setup = Setup::decode(input)?;
        Ok(Self { schedule: plan(&setup), state: State::new(setup) })
    }

    fn step(&mut self, _input: &[u8], output: &mut Output) -> Result<Progress, Refusal> {
        let Self { schedule, state } = self;
        Ok(schedule.step(|operation, range| state.run(operation, range, output)))
    }
}

/// All operations of a run, in order.
fn plan(setup: &Setup) -> Schedule<Operation> {
    let bodies = setup.bodies as usize;
    let groups = bodies.div_ceil(LANES);
    let stage = |operation, items, cost| Stage { operation, items, cost };
    // Pairs cost one each, for all lanes of a group; what is linear in the bodies hardly counts.
    let pairs = |operation| stage(operation, groups, (bodies * LANES) as u64);
    let once = |operation| stage(operation, 1, (bodies * 16) as u64);
    let time_step = vec![
        stage(Operation::KickDrift, bodies, 1),
        pairs(Operation::Accelerate),
        stage(Operation::Kick, bodies, 1),
    ];
    let mut schedule = Schedule::new(STEP_INTERACTIONS)
        .then(once(Operation::Place))
        .then(pairs(Operation::Accelerate))
        .then(pairs(Operation::Energy))
        .then(once(Operation::Begin));
    for frame in 0..setup.frames {
        let time_steps =
            setup.frame_end(frame) - frame.checked_sub(1).map_or(0, |last| setup.frame_end(last));
        schedule = schedule
            .repeat(time_steps, time_step.clone())
            .then(pairs(Operation::Energy))
            .then(once(Operation::Frame));
    }
    schedule.then(once(Operation::Finish))
}

impl State {
    fn new(setup: Setup) -> Self {
        let bodies = setup.bodies as usize;
        Self {
            setup,
            positions: Vectors::default(),
            velocities: Vectors::default(),
            accelerations: Vectors::zero(bodies),
            time_steps_done: 0,
            energy: 0.0,
        }
    }

    fn run(&mut self, operation: Operation, range: Range<usize>, output: &mut Output) {
        let half = self.setup.dt / 2.0;
        match operation {
            Operation::Place => {
                (self.positions, self.velocities) =
                    cluster::plummer(self.setup.bodies as usize, self.setup.seed);
            }
            Operation::KickDrift => {
                gravity::add_scaled(&mut self.velocities, &self.accelerations, half, &range);
                gravity::add_scaled(&mut self.positions, &self.velocities, self.setup.dt, &range);
            }
            Operation::Accelerate => self.accelerate(range),
            Operation::Kick => {
                gravity::add_scaled(&mut self.velocities, &self.accelerations, half, &range);
                self.time_steps_done += u64::from(range.end == self.setup.bodies as usize);
            }
            Operation::Energy => self.add_energy(range),
            Operation::Begin => self.begin(output),
            Operation::Frame => self.write_frame(output),
            Operation::Finish => self.write_momentum(output),
        }
    }

    fn accelerate(&mut self, groups: Range<usize>) {
        let (mass, square) = (self.setup.mass(), self.setup.softening_squared());
        gravity::accelerate(&mut self.accelerations, &self.positions, mass, square, groups);
    }

    fn add_energy(&mut self, groups: Range<usize>) {
        let (mass, square) = (self.setup.mass(), self.setup.softening_squared());
        self.energy += gravity::energy(&self.positions, &self.velocities, mass, square, groups);
    }

    fn begin(&mut self, output: &mut Output) {
        output.reserve(self.setup.output_bytes());
        output.extend(&crate::summary::MAGIC);
        for count in [self.setup.bodies, self.setup.frames, 0] {
            output.extend(&count.to_le_bytes());
        }
        output.extend(&std::mem::take(&mut self.energy).to_le_bytes());
    }

    fn write_frame(&mut self, output: &mut Output) {
        output.extend(&self.time_steps_done.to_le_bytes());
        output.extend(&std::mem::take(&mut self.energy).to_le_bytes());
        for value in self.positions.axes().into_iter().flatten() {
            output.extend(&value.to_le_bytes());
        }
    }

    fn write_momentum(&mut self, output: &mut Output) {
        for axis in self.velocities.axes() {
            let momentum = self.setup.mass() * axis.iter().sum::<f64>();
            output.extend(&momentum.to_le_bytes());
        }
    }
}
