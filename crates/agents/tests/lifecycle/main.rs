//! Jobs from submission to settlement: real agents, a real node, a real step program.

mod honest;
mod losses;
mod restart;
mod villains;
mod world;
