/** Attributes of an element; numbers are rounded to what a screen shows. */
type Attributes = Readonly<Record<string, string | number>>;

export function element(name: string, attributes: Attributes, content = ""): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => `${key}="${typeof value === "number" ? Math.round(value * 10) / 10 : escaped(value)}"`,
  );
  return `<${[name, ...written].join(" ")}${content === "" ? "/>" : `>${content}</${name}>`}`;
}

export function text(x: number, y: number, content: string, attributes: Attributes = {}): string {
  return element("text", { x, y, ...attributes }, escaped(content));
}

export function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** Colours of the targets, in their order: readable on white and on black. */
const COLOURS = ["#2f81f7", "#d29922", "#bf5af2", "#3fb950", "#f85149"];

export function colour(index: number): string {
  return COLOURS[index % COLOURS.length] ?? "#888888";
}

/** A picture that follows the reader's light or dark setting. */
export function picture(width: number, height: number, title: string, parts: readonly string[]): string {
  const style = [
    "text{font:12px system-ui,sans-serif;fill:#1f2328}",
    ".quiet{fill:#59636e}.grid{stroke:#d1d9e0;stroke-width:1}.one{stroke:#59636e;stroke-width:1.5}",
    "@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.quiet{fill:#9198a1}.grid{stroke:#3d444d}.one{stroke:#9198a1}}",
  ].join("");
  const frame = { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${width} ${height}`, width, height, role: "img" };
  const head = [element("title", {}, escaped(title)), `<style>${style}</style>`];
  return `${element("svg", frame, [...head, ...parts].join("\n"))}\n`;
}
