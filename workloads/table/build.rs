//! Declares the most memory the module may ever have, and a stack that is small enough to commit to cheaply.

/// 256 MiB, the most that a network admits at first: the largest input lies at 64 MiB and ends at 128.
const MEMORY_BYTES_MAX: u32 = 256 << 20;
const STACK_BYTES: u32 = 128 << 10;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("wasm32") {
        println!("cargo::rustc-link-arg-cdylib=--max-memory={MEMORY_BYTES_MAX}");
        println!("cargo::rustc-link-arg-cdylib=-zstack-size={STACK_BYTES}");
    }
}
