//! The input and the output, on both sides of the interface.

use guest::Refusal;
use guest::wire::{Reader, within};

pub(crate) const MAGIC: [u8; 4] = *b"ENB1";

/// Bytes before the first frame: mark, counts, first energy.
const HEADER_BYTES: usize = 24;
/// Bytes behind the last frame: the momentum.
const FOOTER_BYTES: usize = 24;

/// What to simulate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setup {
    /// Number of bodies.
    pub bodies: u32,
    /// Number of time steps.
    pub time_steps: u32,
    /// Number of frames in the output.
    pub frames: u32,
    /// Length of a time step; the cluster's crossing time is about 2.8.
    pub dt: f64,
    /// Softening length.
    pub softening: f64,
    /// From which the initial positions and velocities follow.
    pub seed: u64,
}

impl Setup {
    /// A cluster of 512 bodies for about seven crossing times: a second of native work.
    #[must_use]
    pub const fn demo(seed: u64) -> Self {
        Self { bodies: 512, time_steps: 1_200, frames: 400, dt: 1.0 / 64.0, softening: 0.05, seed }
    }

    /// The program's input.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let counts = [self.bodies, self.time_steps, self.frames].map(u32::to_le_bytes);
        let rest = [self.dt.to_le_bytes(), self.softening.to_le_bytes(), self.seed.to_le_bytes()];
        [MAGIC.as_slice(), counts.as_flattened(), rest.as_flattened()].concat()
    }

    /// Reads and checks an input.
    ///
    /// # Errors
    /// It is not one; the message says what is wrong.
    pub fn decode(input: &[u8]) -> Result<Self, Refusal> {
        let mut reader = Reader::new(input);
        reader.magic(MAGIC)?;
        let bodies = within(reader.u32()?, 2..=4_096, "there must be 2 to 4,096 bodies")?;
        let time_steps =
            within(reader.u32()?, 1..=1_000_000, "there must be 1 to 1,000,000 time steps")?;
        let frames =
            within(reader.u32()?, 1..=time_steps.min(4_096), "too few or too many frames")?;
        let dt =
            within(reader.f64()?, f64::MIN_POSITIVE..=1.0, "dt must be above 0 and at most 1")?;
        let softening = within(reader.f64()?, 1e-6..=1.0, "the softening must be 1e-6 to 1")?;
        let seed = reader.u64()?;
        reader.end()?;
        within(bodies * frames, 1..=1 << 20, "bodies x frames exceed 1,048,576")?;
        Ok(Self { bodies, time_steps, frames, dt, softening, seed })
    }

    pub(crate) fn mass(&self) -> f64 {
        1.0 / f64::from(self.bodies)
    }

    pub(crate) fn softening_squared(&self) -> f64 {
        self.softening * self.softening
    }

    /// The time step after which a frame is written: evenly spaced, the last one at the end.
    pub(crate) fn frame_end(&self, frame: u32) -> u64 {
        u64::from(self.time_steps) * (u64::from(frame) + 1) / u64::from(self.frames)
    }

    pub(crate) fn output_bytes(&self) -> usize {
        HEADER_BYTES + self.frames as usize * frame_bytes(self.bodies as usize) + FOOTER_BYTES
    }
}

const fn frame_bytes(bodies: usize) -> usize {
    16 + bodies * 24
}

/// The state at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Time steps done.
    pub time_step: u64,
    /// Total energy.
    pub energy: f64,
    /// Where every body is: `x`, `y`, `z`.
    pub positions: Vec<[f64; 3]>,
}

/// A decoded output.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Total energy before the first time step.
    pub energy_start: f64,
    /// The frames, in order of time.
    pub frames: Vec<Frame>,
    /// Total momentum at the end; exactly computed it would be zero.
    pub momentum: [f64; 3],
}

impl Summary {
    /// Reads an output.
    ///
    /// # Errors
    /// The program refused its input, or this is not its output.
    pub fn decode(output: &[u8]) -> Result<Self, Refusal> {
        let mut reader = Reader::new(guest::outcome(output)?);
        reader.magic(MAGIC)?;
        let (bodies, frames) = (reader.u32()? as usize, reader.u32()?);
        within(reader.u32()?, 0..=0, "a reserved field is not zero")?;
        let energy_start = reader.f64()?;
        let frames =
            (0..frames).map(|_| decode_frame(&mut reader, bodies)).collect::<Result<_, _>>()?;
        let momentum = [reader.f64()?, reader.f64()?, reader.f64()?];
        reader.end()?;
        Ok(Self { energy_start, frames, momentum })
    }

    /// The largest relative change of the total energy in any frame. Below 1e-3 the simulation is sound.
    #[must_use]
    pub fn energy_drift(&self) -> f64 {
        let drift = |frame: &Frame| ((frame.energy - self.energy_start) / self.energy_start).abs();
        self.frames.iter().map(drift).fold(0.0, f64::max)
    }

    /// The length of the momentum.
    #[must_use]
    pub fn momentum_length(&self) -> f64 {
        self.momentum.iter().map(|part| part * part).sum::<f64>().sqrt()
    }
}

fn decode_frame(reader: &mut Reader<'_>, bodies: usize) -> Result<Frame, Refusal> {
    let (time_step, energy) = (reader.u64()?, reader.f64()?);
    let axes: [&[[u8; 8]]; 3] = [
        reader.bytes(bodies * 8)?.as_chunks().0,
        reader.bytes(bodies * 8)?.as_chunks().0,
        reader.bytes(bodies * 8)?.as_chunks().0,
    ];
    let position = |body: usize| axes.map(|axis| f64::from_le_bytes(axis[body]));
    Ok(Frame { time_step, energy, positions: (0..bodies).map(position).collect() })
}
