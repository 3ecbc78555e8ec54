import type { ToolDefinition } from "../model/model-request.ts";
import type { AgentTool, ModelCall } from "./agent-tool.ts";

/** The tools of one request to a model. */
export class ToolSet {
  readonly #tools: readonly AgentTool[];

  /** @param tools - Of two with the same name, the first counts. */
  constructor(tools: readonly AgentTool[]) {
    const seen = new Set<string>();
    this.#tools = tools.filter(({ namespace = "", name, definition }) => {
      const key = `${namespace}\0${name}\0${definition.type === "custom"}`;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
  }

  /** As the model is told of them: those without a namespace, then each namespace with its own. */
  definitions(): readonly ToolDefinition[] {
    const plain: ToolDefinition[] = [];
    const namespaces = new Map<string, { readonly description: string; readonly tools: ToolDefinition[] }>();
    for (const { namespace, namespaceDescription = "", definition, isOffered = true } of this.#tools) {
      if (!isOffered) continue;
      if (namespace === undefined) {
        plain.push(definition);
        continue;
      }
      const known = namespaces.get(namespace) ?? { description: namespaceDescription, tools: [] };
      namespaces.set(namespace, known);
      known.tools.push(definition);
    }
    return [...plain, ...[...namespaces].map(([name, members]) => ({ type: "namespace", name, ...members }))];
  }

  find({ kind, namespace, name }: Pick<ModelCall, "kind" | "namespace" | "name">): AgentTool | undefined {
    const isKind = ({ definition }: AgentTool): boolean => (definition.type === "custom") === (kind === "custom");
    const named = this.#tools.find((each) => isKind(each) && each.name === name && each.namespace === namespace);
    if (named !== undefined || namespace !== undefined) return named;
    // Models that do not know namespaces write both as one name.
    return this.#tools.find(
      (each) =>
        isKind(each) &&
        each.namespace !== undefined &&
        [`${each.namespace}__${each.name}`, `${each.namespace}${each.name}`].includes(name),
    );
  }
}
