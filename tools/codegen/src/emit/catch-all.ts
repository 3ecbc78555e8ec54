import type { Shape } from "../schema/shape.ts";

/** An arm, or what stands for whatever is not listed. */
export type ListedArm = Shape | "unknownWord" | "unknownVariant";

/**
 * The arms of a union, with unions in it as arms of their own. Any text beside words, and any object beside objects of one named member,
 * would hide these from a compiler: they are the peer's own way to say that more may come.
 */
export function withoutCatchAll(arms: readonly Shape[]): readonly ListedArm[] {
  const flat = arms.flatMap((arm) => (arm.kind === "union" ? arm.arms : [arm]));
  const hasWords = flat.some((arm) => arm.kind === "words");
  const hasVariants = flat.some((arm) => arm.kind === "record" && arm.rest === "refused");
  return flat.map((arm) => {
    if (hasWords && arm.kind === "text") return "unknownWord";
    return hasVariants && arm.kind === "record" && arm.members.length === 0 && arm.rest !== "refused"
      ? "unknownVariant"
      : arm;
  });
}
