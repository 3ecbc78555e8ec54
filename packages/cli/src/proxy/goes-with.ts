/**
 * Whether a client of one release and an executor of another understand each other: of the same major release, and of the same minor
 * one as long as the major is 0.
 */
export function goesWith(one: string, other: string): boolean {
  return line(one) === line(other) && line(one) !== undefined;
}

function line(version: string): string | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)\.\d+/.exec(version) ?? [];
  return major === "0" ? `0.${minor}` : major;
}
