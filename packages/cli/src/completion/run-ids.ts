/** Prints the IDs of the runs that are recorded here, in any POSIX shell, without starting this program. */
export const RUN_IDS = `ls "\${XDG_STATE_HOME:-$HOME/.local/state}/holdfast/runs" 2>/dev/null | sed -n "s/[.]json$//p"`;
