/** How a shell wants to be told a script. */
type ShellKind = "posix" | "powershell" | "cmd";

/**
 * The command by which a shell runs a script.
 *
 * @param shell - Native path or bare name of the program.
 * @param login - Whether it reads what it reads at a login.
 */
export function shellArgv(shell: string, script: string, login: boolean): readonly string[] {
  switch (kindOf(shell)) {
    case "powershell":
      return [shell, ...(login ? [] : ["-NoProfile"]), "-Command", script];
    case "cmd":
      return [shell, "/c", script];
    case "posix":
      return [shell, login ? "-lc" : "-c", script];
  }
}

function kindOf(shell: string): ShellKind {
  const name = /[^/\\]*$/
    .exec(shell)?.[0]
    ?.toLowerCase()
    .replace(/\.exe$/, "");
  if (name === "powershell" || name === "pwsh") return "powershell";
  return name === "cmd" ? "cmd" : "posix";
}
