//! Declares the most memory the module may ever have, and a stack that is small enough to commit to cheaply.

/// 64 MiB: the samples at their most, their votes, and the largest network.
const MEMORY_BYTES_MAX: u32 = 64 << 20;
const STACK_BYTES: u32 = 128 << 10;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("wasm32") {
        println!("cargo::rustc-link-arg-cdylib=--max-memory={MEMORY_BYTES_MAX}");
        println!("cargo::rustc-link-arg-cdylib=-zstack-size={STACK_BYTES}");
    }
}
