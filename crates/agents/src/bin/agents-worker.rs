//! A process that can be nothing but a worker of the machine: for the tests of this crate, whose own
//! executables are test harnesses.

fn main() {
    machine::worker::serve_if_requested();
    eprintln!("this program is started by a machine that has something to run");
    std::process::exit(2);
}
