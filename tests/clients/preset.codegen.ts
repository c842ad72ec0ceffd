// The client preset of graphql-codegen, with a manifest of its own.
import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: ".page/schema.graphql",
  documents: ".page/operations/*.graphql",
  generates: {
    ".page/preset/": {
      preset: "client",
      presetConfig: { persistedDocuments: true, fragmentMasking: false },
      config: {
        strictScalars: true,
        useTypeImports: true,
        scalars: {
          Points: "number",
          SafeInt: "number",
          DateTime: "string",
          IdempotencyKey: "string",
          LanguageTag: "string",
          JSON: "unknown",
          Payload: "unknown",
        },
      },
    },
  },
};
export default config;
