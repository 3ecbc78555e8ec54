import * as z from "zod";
import { isObject } from "../is-object.ts";
import { ownValidator, runOf } from "./own-validator.ts";
import { unexpectedType } from "./refusal-text.ts";

/** An object of any names with values of one kind. No name is special, `__proto__` neither. */
export function mapOf<Value extends z.core.SomeType>(value: Value): z.ZodType<Record<string, z.output<Value>>> {
  return ownValidator((payload, context) => {
    const input = payload.value;
    if (!isObject(input)) {
      payload.issues.push(
        input === undefined
          ? { code: "invalid_type", expected: "record", input }
          : { code: "custom", message: unexpectedType(input, "a map"), input },
      );
      return payload;
    }
    const checked: Record<string, unknown> = {};
    for (const name of Object.keys(input)) {
      const result = runOf(value, input[name], context);
      payload.issues.push(...z.core.util.prefixIssues(name, result.issues));
      Object.defineProperty(checked, name, {
        value: result.value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    payload.value = checked;
    return payload;
  });
}
