import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../../packages/cli/bin/holdfast.mjs", import.meta.url));

/** How a program copies a file, or what is in a folder, to the other side and back. */
export interface CopyTool {
  readonly name: string;
  /** Undefined where it can not. */
  readonly argv: (copy: Copy) => readonly string[];
}

export interface Copy {
  readonly direction: "up" | "down";
  readonly kind: "file" | "folder";
  readonly from: string;
  readonly to: string;
}

export function holdfast(url: string): CopyTool {
  const argv = ({ direction, kind, from, to }: Copy): readonly string[] => {
    const source = kind === "folder" ? `${from}/.` : from;
    const places = direction === "up" ? [source, `remote:${to}`] : [`remote:${source}`, to];
    return [process.execPath, PROGRAM, "cp", "--url", url, ...(kind === "folder" ? ["-r"] : []), ...places];
  };
  return { name: "holdfast cp", argv };
}

export function rsync(config: string): CopyTool {
  const argv = ({ direction, kind, from, to }: Copy): readonly string[] => {
    const source = kind === "folder" ? `${from}/` : from;
    const places = direction === "up" ? [source, `box:${to}`] : [`box:${source}`, to];
    return ["rsync", "-a", "-e", `ssh -F ${config}`, ...places];
  };
  return { name: "rsync -a", argv };
}

export function scp(config: string): CopyTool {
  const argv = ({ direction, kind, from, to }: Copy): readonly string[] => {
    const places = direction === "up" ? [from, `box:${to}`] : [`box:${from}`, to];
    return ["scp", "-q", "-p", "-F", config, ...(kind === "folder" ? ["-r"] : []), ...places];
  };
  return { name: "scp", argv };
}

/** Seconds that a copy takes, the start of the program included. @throws Error - It failed. */
export async function secondsOf(tool: CopyTool, copy: Copy): Promise<number> {
  const [program = "", ...args] = tool.argv(copy);
  const begin = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${tool.name} ended with ${code}: ${complaint.trim()}`);
  return (performance.now() - begin) / 1_000;
}
