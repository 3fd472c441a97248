//! The training as a list of operations.

use crate::network::Network;
use crate::report;
use crate::setup::Plan;
use crate::shape::LAYERS;
use crate::table::Table;
use guest::{Output, Program, Progress, Random, Refusal, Schedule, Stage};
use std::ops::Range;

/// What a step may cost, in multiplications: about 160 million metered units.
const STEP_COST: usize = 40_000_000;

/// What reading a value of the table costs. It weighs the pages touched, not the work: the whole of a large table and a
/// network do not fit one step.
const VALUE_COST: usize = 150;

/// What classifying a row costs beside its multiplications.
const ROW_COST: usize = 1_000;

/// The training between two steps.
pub struct Train {
    schedule: Schedule<Operation>,
    state: State,
}

/// What is done to a range of rows or weights.
#[derive(Clone, Copy)]
enum Operation {
    /// Split the rows.
    Split,
    /// Draw the first weights.
    Draw,
    SumValues,
    FinishMeans,
    SumSquares,
    FinishScales,
    Standardise,
    /// Put the next training rows into the batch.
    Gather,
    Forward(usize),
    Loss,
    TurnValues(usize),
    WeightGradient(usize),
    BiasGradient(usize),
    TurnWeights(usize),
    Backward(usize),
    Update,
    /// Classify places of the table and count what is right.
    Evaluate,
    Write,
}

struct State {
    plan: Plan,
    table: Table,
    network: Network,
    random: Random,
    updates: u64,
    epoch_loss: f64,
    losses: Vec<f32>,
    /// Right answers in the training and in the test set.
    right: [u32; 2],
}

impl Program for Train {
    fn start(input: &[u8]) -> Result<Self, Refusal> {
        let plan = Plan::decode(input)?;
        Ok(Self { schedule: schedule(&plan), state: State::new(plan) })
    }

    fn step(&mut self, input: &[u8], output: &mut Output) -> Result<Progress, Refusal> {
        let Self { schedule, state } = self;
        let mut result = Ok(());
        let progress = schedule.step(|operation, range| {
            if result.is_ok() {
                result = state.run(operation, range, input, output);
            }
        });
        result.map(|()| progress)
    }
}

/// All operations of a run, in order.
fn schedule(plan: &Plan) -> Schedule<Operation> {
    let stage =
        |operation, items: usize, cost: usize| Stage { operation, items, cost: cost as u64 };
    let (rows, features) = (plan.rows, plan.shape.features());
    let parameters = plan.shape.parameters();
    Schedule::new(STEP_COST as u64)
        // Each touches all the memory it makes, and so takes a step of its own.
        .then(stage(Operation::Split, 1, STEP_COST))
        .then(stage(Operation::Draw, 1, STEP_COST))
        .then(stage(Operation::SumValues, rows, features * VALUE_COST))
        .then(stage(Operation::FinishMeans, 1, features))
        .then(stage(Operation::SumSquares, plan.train_rows(), features * VALUE_COST))
        .then(stage(Operation::FinishScales, 1, features))
        .then(stage(Operation::Standardise, rows, features * VALUE_COST))
        .repeat(plan.updates(), batch(plan))
        .then(stage(Operation::Evaluate, rows, parameters + ROW_COST))
        .then(stage(Operation::Write, 1, parameters))
}

/// The operations of one mini-batch.
fn batch(plan: &Plan) -> Vec<Stage<Operation>> {
    let (rows, widths) = (plan.batch(), plan.shape.widths);
    let stage =
        |operation, items: usize, cost: usize| Stage { operation, items, cost: cost as u64 };
    let mut stages = vec![stage(Operation::Gather, rows, widths[0])];
    for layer in 0..LAYERS {
        stages.push(stage(Operation::Forward(layer), rows, widths[layer] * widths[layer + 1]));
    }
    stages.push(stage(Operation::Loss, rows, plan.shape.classes() * 60 + ROW_COST));
    for layer in (0..LAYERS).rev() {
        let [inputs, outputs] = [widths[layer], widths[layer + 1]];
        stages.push(stage(Operation::TurnValues(layer), inputs, rows * 2));
        stages.push(stage(Operation::WeightGradient(layer), inputs, rows * outputs));
        stages.push(stage(Operation::BiasGradient(layer), 1, rows * outputs));
        if layer > 0 {
            stages.push(stage(Operation::TurnWeights(layer), outputs, inputs * 2));
            stages.push(stage(Operation::Backward(layer), rows, inputs * outputs));
        }
    }
    stages.push(stage(Operation::Update, plan.shape.parameters(), 12));
    stages
}

impl State {
    fn new(plan: Plan) -> Self {
        Self {
            plan,
            table: Table::default(),
            network: Network::default(),
            random: Random::new(plan.setup.seed),
            updates: 0,
            epoch_loss: 0.0,
            losses: Vec::with_capacity(plan.setup.epochs as usize),
            right: [0; 2],
        }
    }

    fn run(
        &mut self,
        operation: Operation,
        range: Range<usize>,
        input: &[u8],
        output: &mut Output,
    ) -> Result<(), Refusal> {
        match operation {
            Operation::Split => self.table = Table::new(&self.plan, &mut self.random),
            Operation::Draw => self.network = Network::new(&self.plan, &mut self.random),
            Operation::SumValues => self.table.sum(&self.plan, input, range)?,
            Operation::FinishMeans => self.table.finish_means(&self.plan),
            Operation::SumSquares => self.table.sum_squares(&self.plan, input, range),
            Operation::FinishScales => self.table.finish_scales(&self.plan),
            Operation::Standardise => self.table.standardise(&self.plan, input, range),
            Operation::Gather => self.gather(range),
            Operation::Forward(layer) => self.network.forward(layer, range),
            Operation::Loss => self.add_loss(range),
            Operation::TurnValues(layer) => self.network.turn_values(layer, range),
            Operation::WeightGradient(layer) => self.network.weight_gradient(layer, range),
            Operation::BiasGradient(layer) => self.network.bias_gradient(layer),
            Operation::TurnWeights(layer) => self.network.turn_weights(layer, range),
            Operation::Backward(layer) => self.network.backward(layer, range),
            Operation::Update => self.update(range),
            Operation::Evaluate => self.evaluate(range),
            Operation::Write => self.write(output),
        }
        Ok(())
    }

    /// Index of the current batch within its epoch.
    fn batch(&self) -> usize {
        let batches = self.plan.batches() as u64;
        usize::try_from(self.updates % batches).unwrap_or(0)
    }

    fn gather(&mut self, rows: Range<usize>) {
        let batch = self.batch();
        if batch == 0 && rows.start == 0 {
            self.table.shuffle(&mut self.random);
        }
        for row in rows {
            let place = self.table.place(batch * self.plan.batch() + row);
            self.network.load(row, self.table.values(place));
        }
    }

    fn add_loss(&mut self, rows: Range<usize>) {
        let first = self.batch() * self.plan.batch();
        for row in rows {
            let label = self.table.label(self.table.place(first + row));
            self.epoch_loss += self.network.loss(row, label);
        }
    }

    fn update(&mut self, range: Range<usize>) {
        if range.start == 0 {
            self.network.begin_update();
        }
        let last = range.end == self.plan.shape.parameters();
        self.network.update(self.rate(), self.plan.setup.weight_decay, range);
        if last {
            self.updates += 1;
            self.end_epoch();
        }
    }

    /// The learning rate of this update.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "single precision is meant"
    )]
    fn rate(&self) -> f32 {
        let left = self.plan.updates() - self.updates;
        self.plan.setup.learning_rate * (left as f64 / self.plan.updates() as f64) as f32
    }

    /// Notes the mean loss if the last update was an epoch's last.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "single precision is meant"
    )]
    fn end_epoch(&mut self) {
        if self.batch() == 0 {
            let rows = self.plan.batches() * self.plan.batch();
            self.losses.push((std::mem::take(&mut self.epoch_loss) / rows as f64) as f32);
        }
    }

    fn evaluate(&mut self, places: Range<usize>) {
        let end = places.end;
        for first in places.step_by(self.plan.batch()) {
            let count = self.plan.batch().min(end - first);
            for row in 0..count {
                self.network.load(row, self.table.values(first + row));
            }
            for layer in 0..LAYERS {
                self.network.forward(layer, 0..count);
            }
            for row in 0..count {
                let set = usize::from(first + row >= self.plan.train_rows());
                let right = self.network.decide(row) == self.table.label(first + row);
                self.right[set] += u32::from(right);
            }
        }
    }

    fn write(&self, output: &mut Output) {
        report::write(
            &self.plan,
            &self.table,
            &self.network.parameters,
            &self.losses,
            self.right,
            output,
        );
    }
}
