import * as z from "zod";

/** One run of a validator: takes a value with the problems so far, and gives it checked, with those that it found. */
export type Run = (payload: z.core.ParsePayload, context: z.core.ParseContextInternal) => z.core.ParsePayload;

interface OwnDef extends z.core.$ZodTypeDef {
  readonly run: Run;
}

interface Own extends z.ZodType {
  _zod: z.core.$ZodTypeInternals & { def: OwnDef };
}

// Called by this name, it needs no assertion about its type.
const init: (inst: z.ZodType, def: never) => void = z.ZodType.init;

const Own: z.core.$constructor<Own> = z.core.$constructor("HoldfastOwn", (inst, def) => {
  init(inst, def as never);
  inst._zod.parse = def.run;
});

/** A validator with a run of its own. Its refusals have a path and a text, as those of any other. */
export function ownValidator<T>(run: Run): z.ZodType<T> {
  return new Own({ type: "custom", run }) as z.ZodType as z.ZodType<T>;
}

/** What another validator says of a value. Validators of messages are synchronous. */
export function runOf(
  schema: z.core.SomeType,
  value: unknown,
  context: z.core.ParseContextInternal,
): z.core.ParsePayload {
  const result = schema._zod.run({ value, issues: [] }, context);
  if (result instanceof Promise) throw new z.core.$ZodAsyncError();
  return result;
}

/** Lets another validator decide in place of this one. */
export function passedOn<T>(choose: (payload: z.core.ParsePayload) => z.core.SomeType | undefined): z.ZodType<T> {
  return ownValidator((payload, context) => {
    const chosen = choose(payload);
    return chosen === undefined ? payload : runOf(chosen, payload.value, context);
  });
}
