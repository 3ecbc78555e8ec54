import { fileURLToPath } from "node:url";
import { bundleLibrary } from "@holdfast/bundle/library.mjs";
import { validatorsOnDemand } from "./validators-on-demand.mjs";

function here(path) {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** Pages start no programs and listen on no ports: they are spared what only leads to that. */
const noMachine = {
  name: "no-machine",
  setup({ onResolve }) {
    onResolve({ filter: /\/ssh\/dial-ssh\.js$/ }, () => ({ path: here("dist/ssh/unsupported.js") }));
    onResolve({ filter: /\/relay\/dial-relay\.js$/ }, () => ({ path: here("dist/relay/unsupported.js") }));
    onResolve({ filter: /\/forward\/forward(-reverse)?\.js$/ }, () => ({ path: here("dist/forward/unsupported.js") }));
  },
};

await bundleLibrary(new URL(".", import.meta.url), {
  plugins: [validatorsOnDemand()],
  browserPlugins: [noMachine],
  inject: ["browser-globals.mjs"],
});
