//! Does one task so many times, for a counter of instructions: `count MESSAGE BY TIMES`; without arguments it lists the
//! tasks.

use std::process::ExitCode;

use dotlocal_peers::tasks;

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("count: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<(), String> {
    match args {
        [] => {
            for task in tasks::all()? {
                println!("{:?}\t{}\t{}\t{}\t{}", task.work, task.message, task.by, task.raw, task.size);
            }
            Ok(())
        }
        [message, by, times] => {
            let times = times.parse().map_err(|error| format!("{times}: {error}"))?;
            tasks::one(message, by).ok_or(format!("no task {message} by {by}"))?(times);
            Ok(())
        }
        _ => Err("count [MESSAGE BY TIMES]".into()),
    }
}
