// What graphql-inspector says of the way from one schema to another: node inspect.mjs OLD NEW
import { diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";
import { readFileSync } from "node:fs";

const [before, after] = process.argv.slice(2).map((path) => buildSchema(readFileSync(path, "utf8")));
const changes = await diff(before, after);
console.log(
  JSON.stringify(
    changes.map(({ criticality, path, type }) => ({ level: criticality.level, path, type })),
  ),
);
