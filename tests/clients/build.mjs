// Makes programs for Node of drive/*.ts, with the files of docs/frontend.md in .page/.
import { transformSync } from "@babel/core";
import { build } from "esbuild";
import { globSync, readFileSync } from "node:fs";

// Relay's `graphql` texts become the files that its compiler has made.
const relay = {
  name: "relay",
  setup({ onLoad }) {
    onLoad({ filter: /\.page\/.*elay.*\.ts$|\.page\/.*\.tsx$/ }, ({ path }) => ({
      contents: transformSync(readFileSync(path, "utf8"), {
        filename: path,
        babelrc: false,
        configFile: false,
        retainLines: true,
        parserOpts: { plugins: ["typescript", "jsx"] },
        plugins: [["relay", { eagerEsModules: true }]],
      }).code,
      loader: path.endsWith("x") ? "tsx" : "ts",
    }));
  },
};

await build({
  entryPoints: globSync("drive/*.{ts,tsx}"),
  outdir: ".page/built",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  mainFields: ["module", "main"],
  conditions: ["module"],
  target: "node24",
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"', __DEV__: "false" },
  external: ["happy-dom"],
  plugins: [relay],
  logLevel: "warning",
});
