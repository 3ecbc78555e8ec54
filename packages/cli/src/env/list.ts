import type { EnvironmentHandle, EnvironmentStatus } from "@holdfast/orchestrator";
import { alignColumns } from "../command-line/align-columns.ts";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { EXIT_FAILURE, EXIT_OK, reasonOf } from "../command-line/failure.ts";
import { printableJson, printableLines } from "../command-line/printable.ts";
import { openEnvironments } from "./open-environments.ts";

interface Listed {
  readonly id: string;
  readonly isDefault: boolean;
  readonly isRemote: boolean;
  /** Without secrets. */
  readonly address: string;
  /** Undefined: nobody has looked. */
  readonly status: EnvironmentStatus | undefined;
}

/** `holdfast env list` */
export async function list(context: Context, args: Arguments): Promise<number> {
  const isChecked = args.has("check");
  await using environments = await openEnvironments(context, { connectsInBackground: false, recovery: false });
  const { registry, source } = environments;
  const listed = await Promise.all(
    registry.list().map(async (handle): Promise<Listed> => {
      const { id, isRemote, address } = handle;
      const status = isChecked ? await checked(handle) : undefined;
      return { id, isDefault: id === registry.defaultId, isRemote, address, status };
    }),
  );
  const text = args.has("json")
    ? printableJson({ source, default: registry.defaultId ?? null, environments: listed.map(toJson) })
    : toTable(listed, isChecked);
  context.stdout.write(printableLines(text));
  return listed.every(({ status }) => status === undefined || status.state === "ready") ? EXIT_OK : EXIT_FAILURE;
}

async function checked(handle: EnvironmentHandle): Promise<EnvironmentStatus> {
  try {
    await handle.executor();
    return handle.status;
  } catch (error) {
    return { state: "failed", error: reasonOf(error) };
  }
}

function toJson({ id, isRemote, address, status }: Listed) {
  return { id, isRemote, address, state: status?.state ?? null, error: status?.error ?? null };
}

function toTable(listed: readonly Listed[], isChecked: boolean): string {
  if (listed.length === 0) return "";
  const heading = ["ID", "DEFAULT", "ADDRESS", ...(isChecked ? ["STATE"] : [])];
  const rows = listed.map(({ id, isDefault, address, status }) => [
    id,
    isDefault ? "*" : "",
    address,
    ...(status === undefined ? [] : [status.error === undefined ? status.state : `${status.state}: ${status.error}`]),
  ]);
  return alignColumns([heading, ...rows]);
}
