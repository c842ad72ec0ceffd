// graphql-ws: every sort of operation on one socket, one of them bad; then a break.
import { print } from "graphql";
import { createSocket } from "../.page/socket";
import { follow } from "../.page/follow";
import { BalanceChangedDocument, CatalogDocument, RedeemDocument } from "../.page/generated/operations";
import { buy, report, shop, token } from "./shop";

const socket = createSocket(shop.url, token);
let opened = 0;
let current: WebSocket | undefined;
socket.on("opened", (one) => {
  opened += 1;
  current = one as WebSocket;
});

async function once(query: string, variables: Record<string, unknown> = {}): Promise<unknown> {
  for await (const result of socket.iterate({ query, variables })) return result;
  return null;
}

async function failed(query: string): Promise<unknown> {
  try {
    return await once(query);
  } catch (error) {
    return (error as { extensions: unknown }[]).map((one) => one.extensions);
  }
}

const changes = socket.iterate({
  query: print(BalanceChangedDocument),
  variables: { memberId: shop.memberId },
});
const present = (await changes.next()).value;
const [query, bad, unknown, mutation] = await Promise.all([
  once(print(CatalogDocument), { first: 1 }),
  failed("{ nonsense("),
  failed("{ nonsense }"),
  once(print(RedeemDocument), {
    input: {
      rewardId: shop.rewards.plant_a_tree,
      idempotencyKey: crypto.randomUUID(),
    },
  }),
]);
const changed = (await changes.next()).value;
await changes.return?.();
const socketsBefore = opened;

// The socket is cut while points are earned: all changes come, each once.
const seen: unknown[] = [];
const cursors = new Set<string>();
for await (const change of follow(socket, shop.memberId)) {
  seen.push(change.transaction?.kind ?? null, change.member.balances[0]?.available);
  cursors.add(change.cursor);
  if (cursors.size === 1) {
    current?.close(4999, "cut");
    await buy(5);
    await buy(6);
  }
  if (cursors.size === 3) break;
}
await socket.dispose();
report({ present, query, bad, unknown, mutation, changed, seen, socketsBefore, opened });
