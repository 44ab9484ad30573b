//! Where files are: as systemd says, else as the XDG base directory specification says.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

/// The directory of the configuration files: `$CONFIGURATION_DIRECTORY` (systemd), else `sitrepd` in
/// `$XDG_CONFIG_HOME` or `~/.config`. `None` where there is no home directory either.
pub fn config_dir() -> Option<PathBuf> {
    systemd("CONFIGURATION_DIRECTORY")
        .or_else(|| Some(etcetera::choose_base_strategy().ok()?.config_dir().join("sitrepd")))
}

/// The directory of the archive: `$STATE_DIRECTORY` (systemd), else `sitrepd` in `$XDG_STATE_HOME` or
/// `~/.local/state`. `None` where there is no home directory either.
pub fn state_dir() -> Option<PathBuf> {
    systemd("STATE_DIRECTORY").or_else(|| Some(etcetera::choose_base_strategy().ok()?.state_dir()?.join("sitrepd")))
}

/// Whether there is a program with this name: a path, or a name found in the directories of `PATH`.
pub(super) fn is_program(program: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    let is_one = |it: &Path| std::fs::metadata(it).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0);
    if program.components().count() > 1 {
        return is_one(program);
    }
    // Without PATH the system searches where it likes: in doubt the answer is yes.
    std::env::var_os("PATH").is_none_or(|path| std::env::split_paths(&path).any(|it| is_one(&it.join(program))))
}

/// Whether a file can be read by the users of its group, or by all.
pub(super) fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    std::fs::metadata(path).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o077 != 0)
}

/// systemd separates several directories by colons; the first is the one it names the variable for.
fn systemd(variable: &str) -> Option<PathBuf> {
    let value = std::env::var(variable).ok()?;
    value.split(':').next().filter(|it| !it.is_empty()).map(PathBuf::from)
}
