//! A process that can be nothing but a worker: for the tests of this crate, and for hosts that keep the
//! worker's executable apart.

fn main() {
    machine::worker::serve_if_requested();
    eprintln!("this program is started by a machine that has something to run");
    std::process::exit(2);
}
