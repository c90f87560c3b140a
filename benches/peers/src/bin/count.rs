//! Does one task so many times, for a counter of instructions: `count MESSAGE BY TIMES`; without arguments it lists the
//! tasks. `count WAY` does all that is done with packets of strangers in that way, each between two marks, and lists them;
//! `count ways` lists the ways.

use std::process::ExitCode;

use dotlocal_peers::foreign;
use dotlocal_peers::tasks::{self, Work};

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
            for task in tasks::all()?.iter().filter(|task| task.work != Work::Foreign) {
                println!("{:?}\t{}\t{}\t{}\t{}", task.work, task.message, task.by, task.raw, task.size);
            }
            Ok(())
        }
        [ways] if ways == "ways" => {
            foreign::ways().iter().for_each(|way| println!("{}", way.name));
            Ok(())
        }
        [way] => {
            let known = foreign::ways().into_iter().find(|known| known.name == way);
            foreign::count(known.ok_or(format!("no way {way}"))?);
            Ok(())
        }
        [message, by, times] => {
            let times = times.parse().map_err(|error| format!("{times}: {error}"))?;
            tasks::one(message, by).ok_or(format!("no task {message} by {by}"))?(times);
            Ok(())
        }
        _ => Err("count [ways | WAY | MESSAGE BY TIMES]".into()),
    }
}
