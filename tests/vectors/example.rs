//! Where the examples are.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// A command that runs an example. `cargo test` builds them all, `cargo test --test NAME` does not.
pub(crate) fn example(name: &str) -> Command {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let profile = test.ancestors().nth(2).unwrap();
        let names = ["kitchen_cam", "advertise", "browse", "resolve", "lookup", "decode"];
        if names.iter().any(|name| !profile.join("examples").join(name).exists()) {
            let built = Command::new(env!("CARGO"))
                .args(["build", "--examples", "--target-dir"])
                .arg(profile.parent().unwrap())
                .args(profile.ends_with("release").then_some("--release"))
                .current_dir(env!("CARGO_MANIFEST_DIR"))
                .status();
            assert!(built.unwrap().success(), "the examples do not build");
        }
        profile.join("examples")
    });
    Command::new(folder.join(name))
}
