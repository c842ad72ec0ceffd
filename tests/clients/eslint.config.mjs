// Lints the schema. Rules that are not for us stand here, with the reason; single exceptions
// in test_schema.py.
import graphql from "@graphql-eslint/eslint-plugin";

const excepted = {
  // What has an identity implements Node, which demands an id. All others are values.
  "@graphql-eslint/strict-id-in-types": "off",
  // Lists that a type itself bounds, such as the tiers of a program, have no pages.
  "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false }],
};

export default [
  {
    files: [".page/schema.graphql"],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: ".page/schema.graphql" } },
    },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...graphql.configs["schema-recommended"].rules,
      ...graphql.configs["schema-relay"].rules,
      ...excepted,
    },
  },
];
