//! The module's side of the interface, version 1. A *cell* is eight bytes at a fixed address, `{address: u32, bytes:
//! u32}`, through which host and program tell each other where bytes are.
//!
//! | export                | is                                                           |
//! |-----------------------|--------------------------------------------------------------|
//! | section `earnest.abi` | the version, a little-endian `u32`                           |
//! | `memory`              | the memory, with a declared maximum                          |
//! | `step`                | `(i64) -> i32`: one step; 0 continue, 1 done                 |
//! | `earnest_input`       | address of the cell that the host fills before the first step |
//! | `earnest_output`      | address of the cell that names the output after the last one |

/// Makes a [`Program`](crate::Program) the module's program. On targets other than `wasm32` it emits nothing, so
/// that several programs can be linked into one native binary.
#[macro_export]
macro_rules! export {
    ($program:ty) => {
        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code, reason = "the exports' names are the interface")]
        const _: () = {
            #[unsafe(link_section = "earnest.abi")]
            #[used]
            static ABI: [u8; 4] = $crate::ABI_VERSION;

            #[unsafe(export_name = "earnest_input")]
            static INPUT: $crate::Cell = $crate::Cell::new();

            #[unsafe(export_name = "earnest_output")]
            static OUTPUT: $crate::Cell = $crate::Cell::new();

            static GUEST: $crate::Guest<$program> = $crate::Guest::new();

            #[unsafe(export_name = "step")]
            extern "C" fn step(_index: i64) -> i32 {
                GUEST.step(&INPUT, &OUTPUT)
            }
        };
    };
}
