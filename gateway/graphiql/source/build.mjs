// Builds graphiql.js, graphiql.css and LICENSES.txt beside this folder.
import { build } from "esbuild";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const OUT = "..";

const made = await build({
  entryPoints: { graphiql: "page.jsx" },
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"' },
  loader: { ".woff2": "empty", ".ttf": "empty" },
  legalComments: "none",
  metafile: true,
  outdir: OUT,
  logLevel: "warning",
});

// The fonts of the style sheets are data in it; the system's own do as well.
const css = await readFile(join(OUT, "graphiql.css"), "utf8");
await writeFile(join(OUT, "graphiql.css"), css.replace(/@font-face\{[^}]*\}/g, ""));

const folders = new Set();
for (const file of Object.keys(made.metafile.inputs)) {
  const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file);
  if (match) folders.add(match[1]);
}

const parts = [];
for (const folder of [...folders].sort()) {
  const about = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const names = (await readdir(folder)).filter((name) => /^licen[cs]e/i.test(name));
  const texts = await Promise.all(
    names.map((name) => readFile(join(folder, name), "utf8")),
  );
  const title = `${about.name} ${about.version} (${about.license})`;
  const text = texts.join("\n").trim() || `License: ${about.license}`;
  parts.push(`${title}\n${"-".repeat(title.length)}\n\n${text}\n`);
}
await writeFile(join(OUT, "LICENSES.txt"), parts.join("\n\n"));
