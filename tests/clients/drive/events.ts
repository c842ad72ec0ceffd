// graphql-sse, distinct connections: query, mutation, subscription, one that is refused.
import { createClient } from "graphql-sse";
import { print } from "graphql";
import {
  BalanceChangedDocument,
  CatalogDocument,
  RedeemDocument,
} from "../.page/generated/operations";
import { buy, quiet, report, shop, token } from "./shop";

const client = createClient({
  url: shop.url,
  singleConnection: false,
  retryAttempts: 0,
  headers: () => ({ authorization: `Bearer ${token()}` }),
});

async function once(query: string, variables: Record<string, unknown> = {}): Promise<unknown> {
  const results: unknown[] = [];
  for await (const result of client.iterate({ query, variables })) results.push(result);
  return results;
}

const query = await once(print(CatalogDocument), { first: 1 });
const mutation = await once(print(RedeemDocument), {
  input: { rewardId: shop.rewards.plant_a_tree, idempotencyKey: crypto.randomUUID() },
});
const bad = await once("{ nonsense }").catch((error: unknown) => String(error));

const seen: unknown[] = [];
interface Change {
  balanceChanged: { cursor: string; transaction: { kind: string } | null };
}
let after: string | undefined;
for (const last of [2, 4]) {
  // The second connection goes on where the first was left.
  const changes = client.iterate<Change>({
    query: print(BalanceChangedDocument),
    variables: { memberId: shop.memberId, after },
  });
  for await (const { data } of changes) {
    seen.push(data?.balanceChanged.transaction?.kind ?? null);
    after = data?.balanceChanged.cursor;
    if (seen.length === 1) await quiet().then(() => buy(5));
    if (seen.length === last) break;
  }
  await buy(6);
  await buy(7);
}
client.dispose();
report({ query, mutation, bad, seen });
process.exit(0);
