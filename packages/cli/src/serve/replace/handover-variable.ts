import type { Context } from "../../command-line/context.ts";

/** Tells a program how it takes the place of another: the descriptor of what is handed over, or that this is only a trial. */
const HANDOVER_VARIABLE = "HOLDFAST_HANDOVER";
const TRIAL = "trial";

/** What this program was started for, by another of its kind. */
export type HandoverRole =
  | { readonly kind: "none" }
  | { readonly kind: "trial" }
  | {
      readonly kind: "successor";
      readonly state: number;
      /** Why this program is back: its own successor could not go on. */
      readonly refusal?: string | undefined;
    };

/** What this program was started for. The variable is gone afterwards: what is started from here must not see it. */
export function takeHandoverRole(context: Context): { readonly role: HandoverRole; readonly context: Context } {
  const { [HANDOVER_VARIABLE]: text, ...env } = context.env;
  if (text === undefined) return { role: { kind: "none" }, context };
  delete process.env[HANDOVER_VARIABLE];
  // Its other members are read only where they are needed.
  const rest: Context = Object.create(context, { env: { value: env } });
  if (text === TRIAL) return { role: { kind: "trial" }, context: rest };
  const [, state, refusal] = /^(\d+)(?: (.*))?$/s.exec(text) ?? [];
  if (state === undefined) return { role: { kind: "none" }, context: rest };
  return { role: { kind: "successor", state: Number(state), refusal }, context: rest };
}

/** The environment of a program that is started for that. */
export function withHandover(
  env: Readonly<Record<string, string | undefined>>,
  role: Exclude<HandoverRole, { kind: "none" }>,
): Readonly<Record<string, string>> {
  const defined = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(defined), [HANDOVER_VARIABLE]: textOf(role) };
}

function textOf(role: Exclude<HandoverRole, { kind: "none" }>): string {
  if (role.kind === "trial") return TRIAL;
  return role.refusal === undefined ? String(role.state) : `${role.state} ${role.refusal}`;
}
