//! The program: reads its command line, runs one command, and says in one line what went wrong.

use std::process::ExitCode;

fn main() -> ExitCode {
    replydesk::cli::main()
}
