//! Orders transactions on the engine, keeps state durable and provable.
