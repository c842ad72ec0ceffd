// Apollo Client with persisted documents, as a client that may run nothing else.
import { gql } from "@apollo/client";
import { createApollo } from "../.page/apollo";
import { createPersistedLink } from "../.page/persisted";
import { CatalogDocument } from "../.page/generated/operations";
import { report, shop } from "./shop";

const sent: string[][] = [];
const plain = globalThis.fetch;
globalThis.fetch = (where, options) => {
  sent.push(Object.keys(JSON.parse(String(options?.body)) as object).sort());
  return plain(where, options);
};

const codes: string[] = [];
const options = {
  url: shop.url,
  token: () => shop.kiosk,
  onFailure: ({ code }: { code: string }) => void codes.push(code),
};
const client = createApollo({ ...options, persisted: createPersistedLink() });
const { data } = await client.query({ query: CatalogDocument, variables: { first: 1 } });
const names = data?.catalog.edges.map(({ node }) => node.name);
await createApollo(options)
  .query({ query: gql`{ program { code } }` })
  .catch(() => undefined);
report({ names, sent, codes });
process.exit(0);
